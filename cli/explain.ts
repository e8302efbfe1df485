/** `tsgpu explain`: what differentiation decided on a kernel, what its gradient takes, and what either takes of a GPU. */
import Table from "cli-table3";
import { type Command, Option } from "commander";
import { funcNamed } from "../compiler/artifact.ts";
import type { GpuArch } from "../compiler/artifact-arch.ts";
import { type ByteFormula, bytesAt, formatFormula } from "../compiler/artifact-bytes.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import type { CompileOptions, DerivativeRequest, Report } from "../compiler/index.ts";
import type { ScalarType } from "../compiler/ir/ir.ts";
import { addDerivative, type DerivativeOptions, given, oneKernel, requestOf } from "./derivative.ts";
import { orDiagnostics } from "./diagnostics.ts";
import { UsageError } from "./errors.ts";
import { type Explained, explainGpu } from "./explain-gpu.ts";
import { formatBytes } from "./numbers.ts";
import {
  addCommon,
  type Common,
  type Deterministic,
  deterministic,
  existingFile,
  gpuArch,
  kernelPath,
  typeArguments,
} from "./options.ts";
import { type Colors, jsonOnStdout, paint, plainTable, writeJson } from "./output.ts";
import { addSizes, givenOf, type SizeOptions } from "./run/given.ts";

interface Options extends Common, Deterministic, DerivativeOptions, SizeOptions {
  readonly grad?: true;
  readonly target?: "ptx";
  readonly gpuArch?: GpuArch;
  readonly types?: Readonly<Record<string, ScalarType>>;
}

export function define(command: Command): void {
  const what = command
    .argument("<file[:kernel]>", "a kernel file, and which of its functions is meant (default: the only one)")
    .option("--grad", "its gradient: where values come from that it needs, the memory for them, updates that collide")
    .addOption(
      new Option("--target <format>", "its kernels on a GPU, or those of the gradient: what each takes").choices([
        "ptx",
      ]),
    )
    .addOption(gpuArch())
    .addOption(deterministic())
    .option("--types <list>", "type arguments of a generic kernel: T=f32,U=i32", typeArguments);
  addCommon(addSizes(addDerivative(what))).action(action);
}

async function action(path: string, options: Options): Promise<void> {
  if (!options.grad && options.target === undefined) {
    throw new UsageError("say what to explain: --grad, --target ptx, or both");
  }
  const [stray] = given(options);
  if (!options.grad && stray !== undefined) throw new UsageError(`${stray} is for derivatives: add --grad`);
  if (options.target === undefined && options.gpuArch !== undefined) {
    throw new UsageError("--gpu-arch is for --target ptx");
  }
  const named = kernelPath(path);
  const source = { file: existingFile(named.file) };
  const kernel = oneKernel(named);
  const request = requestOf("vjp", kernel, options);
  const compileOptions: CompileOptions = {
    target: "interp",
    mode: options.mode ?? "contract",
    real: options.real ?? "f64",
    ...(options.deterministic === undefined ? {} : { deterministic: true }),
    ...(options.types === undefined ? {} : { types: { [kernel]: options.types } }),
  };
  const parts = [
    ...(options.grad ? [await explainGradient(source, request, compileOptions, options)] : []),
    ...(options.target === undefined
      ? []
      : [await explainGpu(source, options.grad ? request : kernel, compileOptions, options)]),
  ];
  if (!jsonOnStdout(options.json)) process.stdout.write(`${parts.map(({ text }) => text).join("\n\n")}\n`);
  writeJson(options.json, Object.assign({}, ...parts.map(({ json }) => json)));
}

async function explainGradient(
  source: { readonly file: string },
  request: DerivativeRequest,
  compileOptions: CompileOptions,
  options: Options,
): Promise<Explained> {
  const { explainDerivative } = await import("../compiler/index.ts");
  const report = await orDiagnostics(options.json, async () => explainDerivative(source, request, compileOptions));
  const sizes = await sizesOf(source, request, compileOptions, options);
  return { text: textOf(report, sizes, paint.stdout), json: jsonOf(report, sizes) };
}

type NamedSizes = ReadonlyMap<string, number>;

/** The sizes by the names that the formulas have for them, where some are given; the others follow. */
async function sizesOf(
  source: { readonly file: string },
  derivative: DerivativeRequest,
  compileOptions: CompileOptions,
  options: SizeOptions,
): Promise<NamedSizes | null> {
  if (options.size === undefined && options.shape === undefined && options.arg === undefined) return null;
  const { compile } = await import("../compiler/index.ts");
  const { sizesByName, solveSizes } = await import("./run/sizes.ts");
  const { integerScalars } = await import("./run/call.ts");
  const { entries, program } = await compile(source, { ...compileOptions, kernels: [derivative.kernel] });
  const entry = entries[0] ?? bug(`${source.file} has no entry`);
  const host = funcNamed(program, entry.name) ?? bug(`no launch program @${entry.name}`);
  const leaves = entry.params.flatMap((p) => leavesOf(p.name, p.type));
  const given = givenOf(options, 0);
  const { shapes, integers } = solveSizes(host, leaves, {
    ...given,
    scalars: integerScalars(leaves, given.scalars),
  });
  return sizesByName(
    host,
    leaves.map(({ name }) => shapes.get(name) ?? integers.get(name)),
  );
}

/** What `--json` gets. Bytes are numbers where the sizes are given; `formula` is that of the tape. */
export function jsonOf(r: Report, sizes: NamedSizes | null): object {
  const bytes = (f: ByteFormula): number | null => bytesAt(f, sizes ?? new Map());
  return {
    kernel: r.kernel,
    wrt: r.wrt,
    of: r.of,
    sizes: sizes === null ? null : Object.fromEntries(sizes),
    tapeBytes: bytes(r.tape),
    scratchBytes: bytes(r.scratch),
    copyBytes: bytes(r.copies),
    formula: formatFormula(r.tape),
    scratchFormula: formatFormula(r.scratch),
    copyFormula: formatFormula(r.copies),
    checkpoints: r.checkpoints && { line: r.checkpoints.at.line, budget: r.checkpoints.budget },
    values: r.values.map((v) => ({ name: v.name, line: v.at.line, case: v.case, why: v.why })),
    collisions: r.collisions.map((c) => ({ array: c.array, line: c.at.line, map: c.map, why: c.why })),
  };
}

export function textOf(r: Report, sizes: NamedSizes | null, colors: Colors): string {
  const memory = new Table(plainTable);
  const rows: readonly (readonly [string, ByteFormula, string])[] = [
    ["tape", r.tape, "kept for the reverse sweep"],
    ["scratch", r.scratch, "to work in"],
    ["copies", r.copies, "of the arrays that the kernel writes, where the caller keeps them"],
  ];
  for (const [name, formula, what] of rows) memory.push([name, bytesText(formula, sizes), what]);
  return [
    `the gradient of ${colors.bold(r.kernel)}, of ${r.of.join(", ")} with respect to ${r.wrt.join(", ")}`,
    "",
    tableText(memory),
    ...checkpointsOf(r),
    "",
    ...section(
      "values that it needs",
      "it needs no values of the kernel",
      ["value", "line", "from", "why"],
      valuesOf(r),
    ),
    "",
    ...section(
      "adjoint updates that may collide",
      "no adjoint updates collide",
      ["array", "line", "index map", "why"],
      r.collisions.map((c) => [c.array, String(c.at.line), c.map, c.why]),
    ),
  ].join("\n");
}

function checkpointsOf({ checkpoints }: Report): readonly string[] {
  if (checkpoints === null) return [];
  const { at, budget } = checkpoints;
  return ["", `beyond ${formatBytes(budget)} of tape, the loop of line ${at.line} runs again from snapshots instead`];
}

const valuesOf = (r: Report): readonly string[][] => r.values.map((v) => [v.name, String(v.at.line), v.case, v.why]);

function bytesText(formula: ByteFormula, sizes: NamedSizes | null): string {
  const text = formatFormula(formula);
  if (text === "0") return "none";
  const bytes = sizes === null ? null : bytesAt(formula, sizes);
  return bytes === null ? `${text} bytes` : `${formatBytes(bytes)} = ${text} bytes`;
}

function section(title: string, none: string, head: readonly string[], rows: readonly string[][]): readonly string[] {
  if (rows.length === 0) return [none];
  // The last column has the sentences: they are broken to what a terminal has left.
  const widths = head
    .slice(0, -1)
    .map((title, k) => 2 + Math.max(...[title, ...rows.map((row) => row[k]!)].map(width)));
  const left = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - widths.reduce((a, b) => a + b, 0);
  const wrapped = Number.isFinite(left) ? { colWidths: [...widths, Math.max(left, 40)], wordWrap: true } : {};
  const table = new Table({ head: [...head], ...plainTable, ...wrapped });
  table.push(...rows);
  return [`${title}:`, "", tableText(table)];
}

const width = (text: string): number => text.length;
const tableText = (table: InstanceType<typeof Table>): string => table.toString().replace(/ +$/gm, "");
