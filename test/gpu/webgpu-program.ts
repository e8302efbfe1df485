/** Kernels of IR text on target webgpu, for tests: printed as WGSL, run, and compared with what the interpreter does. */
import type { Artifact } from "../../compiler/artifact.ts";
import { printWgsl } from "../../compiler/backend/wgsl.ts";
import type { InterpArg } from "../../compiler/interp.ts";
import { interpreter } from "../../compiler/interp.ts";
import type { ArrayValue, Func, Module } from "../../compiler/ir/ir.ts";
import type { DeviceArray, KernelProgram } from "../../runtime/device.ts";
import { webgpu } from "../../runtime/devices/webgpu.ts";
import { elementDifferences } from "../backend/differential.ts";

export const artifactOf = (program: Module): Artifact => ({
  target: "webgpu",
  file: "test.ts",
  entries: [],
  program,
  code: printWgsl(program),
});

export const load = async (m: Module): Promise<KernelProgram> => (await webgpu.load(artifactOf(m))) as KernelProgram;

/** Runs a kernel; arrays are written in place. */
export async function run(p: KernelProgram, kernel: Func, args: readonly InterpArg[]): Promise<void> {
  const placed = args.map((a, k) => {
    if (typeof a !== "object") return a;
    return p.wrap((kernel.params[k] as ArrayValue).type.elem, a.shape, a.data);
  });
  await p.launch(kernel, placed);
  await p.finish?.();
  for (const [k, a] of args.entries()) {
    if (typeof a !== "object") continue;
    await p.download(placed[k] as DeviceArray, a.data);
    p.free(placed[k] as DeviceArray);
  }
}

/** Units in the last place of an f32 by which `x` is off; 0 where both are subnormal or zero, as a GPU may flush these. */
export function ulps(x: number, y: number): number {
  if (Object.is(x, y)) return 0;
  if (Math.abs(x) < 2 ** -126 && Math.abs(y) < 2 ** -126) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(y), 2 ** -126))) - 23);
  const off = Math.abs(x - y) / unit;
  return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
}

/** What a kernel leaves otherwise than the interpreter does, by more than so many units in the last place of floats. */
export async function differences(
  p: KernelProgram,
  m: Module,
  { name, args }: { readonly name: string; readonly args: () => readonly InterpArg[] },
  allowed: number,
): Promise<readonly string[]> {
  const kernel = m.funcs.find((f) => f.name === name) as Func;
  const [mine, theirs] = [args(), args()];
  interpreter(m)(name, theirs);
  await run(p, kernel, mine);
  return elementDifferences(name, mine, theirs, (x, y, from, k) => {
    const isFloat = (kernel.params[k] as ArrayValue).type.elem === "f32";
    if (isFloat ? ulps(x, y) <= allowed : x === y) return true;
    return from.some((b) => typeof b === "number" && b !== 0 && Math.abs(b) < 2 ** -126);
  });
}
