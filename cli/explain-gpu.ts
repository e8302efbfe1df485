/** The part of `tsgpu explain` on GPUs: the kernels that a function becomes, and what each takes. */
import Table from "cli-table3";
import { defaultArch, type GpuArch } from "../compiler/artifact-arch.ts";
import type { CompileOptions, DerivativeRequest, ExplainedLoop, ExplainedLoops } from "../compiler/index.ts";
import { orDiagnostics } from "./diagnostics.ts";
import { type GpuKernels, gpuCells, gpuColumns, gpuKernels } from "./gpu-kernels.ts";
import { counted } from "./numbers.ts";
import { requirePtx } from "./options.ts";
import { type JsonTo, plainTable } from "./output.ts";

/** What one part of the command says, to people and to programs. */
export interface Explained {
  readonly text: string;
  readonly json: object;
}

/** @throws Failure where there is no libLLVM to make PTX. */
export async function explainGpu(
  source: { readonly file: string },
  what: DerivativeRequest | string,
  compileOptions: CompileOptions,
  { gpuArch: arch = defaultArch, json }: { readonly gpuArch?: GpuArch; readonly json?: JsonTo },
): Promise<Explained> {
  await requirePtx(arch);
  const { compile, explainLoops } = await import("../compiler/index.ts");
  const options = {
    ...compileOptions,
    target: "cuda",
    gpuArch: arch,
    ...(typeof what === "string" ? { kernels: [what] } : { derivative: what }),
  } as const;
  const artifact = await orDiagnostics(json, () => compile(source, options));
  const loops = explainLoops(source, options);
  const gpu = { ...(await gpuKernels(artifact, arch)), ...loops };
  return { text: `${textOf(gpu)}\n\n${loopsText(loops)}`, json: { gpu } };
}

function loopsText({ sequential, shared, untiled }: ExplainedLoops): string {
  const list = (head: string, loops: readonly ExplainedLoop[]): readonly string[] =>
    loops.length === 0
      ? []
      : [head, ...new Set(loops.map(({ line, index, what }) => `  line ${line}, \`${index}\`: ${what}`))];
  const together = list("Loops that threads share:", shared);
  const ordered = list("Loops that run in order:", sequential);
  const apart = list("Nests whose threads share no tiles of operands:", untiled);
  const rest = ordered.length > 0 ? ordered : ["Every loop is run by many threads, or by each of them for itself."];
  return [together, rest, apart].flatMap((part) => (part.length > 0 ? [part.join("\n")] : [])).join("\n\n");
}

function textOf({ arch, kernels, missing }: GpuKernels): string {
  const table = new Table({ ...plainTable, head: [...gpuColumns], colAligns: alignment });
  table.push(...kernels.map((k) => [...gpuCells(k)]));
  const head = `${counted(kernels.length, "kernel")} on ${arch}:`;
  return [head, "", table.toString().replace(/ +$/gm, ""), ...(missing === null ? [] : ["", missing])].join("\n");
}

const alignment = gpuColumns.map((name) => (name === "kernel" || name === "workgroup" ? "left" : "right"));
