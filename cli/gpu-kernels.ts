/** What each kernel of a launch program takes of a GPU: for `tsgpu explain --target ptx`, and the table in docs/gpu-kernels.md. */
import { deviceKernel, type Extent } from "../compiler/analysis/device-kernel.ts";
import { type Artifact, kernelSymbol } from "../compiler/artifact.ts";
import { type GpuArch, occupancy } from "../compiler/artifact-arch.ts";
import { assemble, type KernelUse, whyNoPtxas } from "../compiler/backend/ptxas.ts";
import { bug } from "../compiler/diagnostic.ts";
import type { Func } from "../compiler/ir/ir.ts";
import { walk } from "../compiler/ir/walk.ts";

export interface GpuKernel {
  readonly kernel: string;
  /** In the source; 0 for what has no line there. */
  readonly line: number;
  readonly workgroup: Extent;
  /** Axes of the grid that are not of one workgroup alone. */
  readonly gridAxes: number;
  /** Statements that update what other threads may be updating. */
  readonly atomics: number;
  /** What ptxas makes of it; null where there is none. */
  readonly use: Omit<KernelUse, "kernel"> | null;
  /** The part of a multiprocessor's threads that can be resident; null without ptxas. */
  readonly occupancy: number | null;
}

export interface GpuKernels {
  readonly arch: GpuArch;
  readonly kernels: readonly GpuKernel[];
  /** Why there are no registers to tell; null where there are. */
  readonly missing: string | null;
}

/** Of an artifact whose code is PTX. @throws Error where ptxas does not accept it. */
export async function gpuKernels({ program, code }: Artifact, arch: GpuArch): Promise<GpuKernels> {
  const missing = await whyNoPtxas();
  const uses = missing === null && typeof code === "string" ? await assemble(code, arch) : [];
  const kernels = program.funcs
    .filter((f) => f.kind === "kernel")
    .map((f) => describe(f, uses.find(({ kernel }) => kernel === kernelSymbol(f.name)) ?? null, arch));
  return { arch, kernels, missing };
}

function describe(f: Func, found: KernelUse | null, arch: GpuArch): GpuKernel {
  const { workgroup, grid } = deviceKernel(f) ?? bug(`@${f.name} is no kernel of a GPU`);
  const statements = [...walk(f.body)];
  const threads = workgroup.reduce((a, b) => a * b, 1);
  const one = (o: (typeof grid)[number]["hi"]): boolean => o.kind === "const" && Number(o.value) <= 1;
  const { kernel: _, ...use } = found ?? { kernel: "" };
  return {
    kernel: f.name,
    line: (grid[0]?.loc ?? f.loc).span.line,
    workgroup,
    gridAxes: grid.filter((loop) => !one(loop.hi)).length,
    atomics: statements.filter((s) => s.kind === "accum" && s.atomic === true).length,
    use: found === null ? null : (use as Omit<KernelUse, "kernel">),
    occupancy: found === null ? null : occupancy(arch, { ...found, threads }),
  };
}

/** A row of a table: what `gpuColumns` names. */
export function gpuCells({ kernel, line, workgroup, gridAxes, atomics, use, ...k }: GpuKernel): readonly string[] {
  const number = (n: number | undefined): string => (n === undefined ? "?" : String(n));
  const threads = gridAxes === 0 && workgroup.every((n) => n === 1) ? "one thread" : shapeOf(workgroup);
  const spills = use === null ? undefined : use.spillStores + use.spillLoads;
  const resident = k.occupancy === null ? "?" : `${Math.round(100 * k.occupancy)} %`;
  return [kernel, String(line), threads, ...[use?.registers, spills, use?.sharedBytes, atomics].map(number), resident];
}
export const gpuColumns = [
  "kernel",
  "line",
  "workgroup",
  "registers",
  "spilled",
  "shared",
  "atomics",
  "occupancy",
] as const;

function shapeOf(workgroup: Extent): string {
  const last = workgroup.findLastIndex((n) => n > 1);
  return workgroup.slice(0, Math.max(last, 0) + 1).join(" × ");
}
