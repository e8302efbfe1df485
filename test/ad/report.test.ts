/**
 * What differentiation says of its decisions: the tape of PolyBench's gradients, as formulas that hold for what the launch programs
 * allocate; where needed values come from and why, as golden text; and docs/autodiff.md's table (`UPDATE=1` writes both anew).
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Report } from "../../ad/report.ts";
import { formatBytes } from "../../cli/numbers.ts";
import { sizesByName } from "../../cli/run/sizes.ts";
import { type Artifact, elemBytes, funcNamed } from "../../compiler/artifact.ts";
import { type ByteFormula, bytesAt, formatFormula, sumOf } from "../../compiler/artifact-bytes.ts";
import { CompileError } from "../../compiler/diagnostic.ts";
import { compile, type DerivativeRequest, explainDerivative } from "../../compiler/index.ts";
import type { ScalarType } from "../../compiler/ir/ir.ts";
import { wrtOf } from "../../polybench/gradient.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import type { Dataset } from "../../polybench/sizes.ts";
import { gradientType, instantiate, type Kernel, kernels, sizesFor } from "../../polybench/suite.ts";
import { type Flat, product } from "../../runtime/array.ts";
import type { Unit } from "../../runtime/call.ts";
import type { DeviceArray, KernelProgram } from "../../runtime/device.ts";
import { peakBytes } from "../../runtime/dry-run.ts";
import { type Case, cases } from "./cases.ts";
import { checkGradient, derivedUnit } from "./check-gradient.ts";
import { flatten } from "./directions.ts";

// PolyBench.

const GiB = 2 ** 30;
const datasets: readonly Dataset[] = ["MINI", "SMALL", "LARGE"];
const differentiable = kernels.filter((k) => k.name !== "nussinov");

type AnySizes = Readonly<Record<string, number>>;
type Range = readonly [least: number, most: number];
const half = (n: number): number => (n * (n - 1)) / 2;
/** The least and the most values (of 8 bytes) that the tape of a kernel may have; the others have none. */
const tapes: Readonly<Record<string, (s: Record<"M" | "N" | "NQ" | "NR" | "NP", number>) => Range>> = {
  trmm: ({ M, N }) => [M * N, M * N],
  doitgen: ({ NQ, NR, NP }) => [NQ * NR * NP, NQ * NR * NP],
  correlation: ({ M, N }) => [M * N, M * N + 4 * M],
  durbin: ({ N }) => [half(N), (N * N) / 2 + 4 * N],
  gramschmidt: ({ M, N }) => [M * half(N), (M * N * N) / 2],
  // Branches taken, a bit each, in words of 32 that no two rows share.
  "floyd-warshall": ({ N }) => [N ** 3 / 64, N ** 3 / 64 + N ** 2 / 2],
};

function requestOf(kernel: Kernel, wrt: "arrays" | "all"): DerivativeRequest {
  const inputs = inputsFor(kernel, "MINI", "seeded", gradientType(kernel, undefined));
  return { kind: "vjp", kernel: kernel.exportName, wrt: wrtOf(kernel, inputs, wrt), of: kernel.outputs };
}
const artifactOf = (kernel: Kernel, derivative: DerivativeRequest): Promise<Artifact> => {
  const options = instantiate(kernel, gradientType(kernel, undefined));
  return compile({ file: kernel.file.pathname }, { target: "interp", derivative, ...options });
};

/** Shapes and scalars, for the parameters of the derivative in order. */
function argumentsOf(kernel: Kernel, artifact: Artifact, dataset: Dataset): readonly (readonly number[] | number)[] {
  const sizes = sizesFor(kernel, dataset);
  const own = kernel.args.map((arg) =>
    arg.kind === "scalar" ? arg.value(sizes) : arg.dims.map((d) => (sizes as AnySizes)[d] as number),
  );
  const extra = artifact.entries[0]?.derivative?.extra ?? [];
  return [...own, ...extra.map(({ leaf }) => own[kernel.args.findIndex((a) => a.name === leaf)] as readonly number[])];
}

/** The formula's bytes, and those that the launch program allocates. */
function bytesOf(kernel: Kernel, artifact: Artifact, dataset: Dataset) {
  const entry = artifact.entries[0];
  const host = funcNamed(artifact.program, entry?.name ?? "");
  if (entry?.derivative?.tape === undefined || entry.derivative.scratch === undefined || host === undefined) {
    throw new Error(`${kernel.name} has no account of its tape`);
  }
  const args = argumentsOf(kernel, artifact, dataset);
  const sizes = sizesByName(host, args);
  const tape = bytesAt(entry.derivative.tape, sizes);
  const scratch = bytesAt(entry.derivative.scratch, sizes);
  return { tape: tape as number, scratch: scratch as number, peak: peakBytes(artifact.program, host, args) };
}

/** Bytes. Results of kernels and values that are kept once have elements of their own, or none, as passes find best. */
const fewElements = 64;
/** Schedules take rows to sum in. */
const fewRows = (kernel: Kernel, dataset: Dataset): number =>
  4 * 8 * Math.max(...Object.values(sizesFor(kernel, dataset)));

function requireAccount(peak: number, account: number, room: number, what: string): void {
  assert.ok(
    account - fewElements <= peak && peak <= account + room,
    `${what}: ${peak} bytes are allocated, not ${account}`,
  );
}

const rows: string[] = [];
for (const kernel of differentiable) {
  test(`${kernel.name}: the tape is as large as worked out by hand, and as what is allocated`, async () => {
    const artifact = await artifactOf(kernel, requestOf(kernel, "arrays"));
    for (const dataset of datasets) {
      const { tape, scratch, peak } = bytesOf(kernel, artifact, dataset);
      const [least, most] = tapes[kernel.name]?.(sizesFor(kernel, dataset) as never) ?? [0, 0];
      assert.ok(8 * least <= tape && tape <= 8 * most, `${dataset}: ${tape} bytes, not ${8 * least} to ${8 * most}`);
      // Beyond its budget a tape is checkpointed, and keeps within.
      if (tape <= GiB) requireAccount(peak, tape + scratch, fewRows(kernel, dataset), dataset);
      else assert.ok(peak <= GiB + scratch + fewRows(kernel, dataset), `${dataset}: ${peak} bytes`);
    }
    rows.push(rowOf(kernel, artifact));
  });
}

for (const kernel of differentiable.filter((k) => k.args.some((a) => a.kind === "scalar" && a.type === "real"))) {
  test(`${kernel.name}: the account holds with respect to scalars as well`, async () => {
    const artifact = await artifactOf(kernel, requestOf(kernel, "all"));
    for (const dataset of datasets) {
      const { tape, scratch, peak } = bytesOf(kernel, artifact, dataset);
      requireAccount(peak, tape + scratch, fewRows(kernel, dataset), dataset);
    }
  });
}

// What runs allocate, where sizes are small and some are counted first.

/** A unit that counts what launch programs allocate. Arguments that are copied to the device are none of theirs. */
function watched(unit: Unit): { readonly unit: Unit; readonly peak: () => number } {
  const on = unit.program as KernelProgram;
  const live = new Map<DeviceArray, number>();
  let peak = 0;
  const program: KernelProgram = Object.assign(Object.create(on), {
    alloc(elem: ScalarType, shape: readonly number[]) {
      const array = on.alloc(elem, shape);
      live.set(array, elemBytes[elem] * product(shape));
      return array;
    },
    // By then the arguments are there.
    launch(...args: Parameters<KernelProgram["launch"]>) {
      const bytes = [...live.values()].reduce((a, b) => a + b, 0);
      peak = Math.max(peak, bytes);
      return on.launch(...args);
    },
    upload(to: DeviceArray, data: Flat) {
      live.delete(to);
      on.upload(to, data);
    },
    free(array: DeviceArray) {
      live.delete(array);
      on.free(array);
    },
  });
  return { unit: { ...unit, program }, peak: () => peak };
}

const shapeOf = (arg: unknown): readonly number[] | number => {
  if (typeof arg === "number") return arg;
  const array = arg as ArrayLike<unknown>;
  const inner = array.length === 0 || typeof array[0] === "number" ? [] : shapeOf(array[0]);
  return [array.length, ...(inner as readonly number[])];
};

const plain = cases.filter(({ file }) => /(overwriting|loops|jumps|branches)\.ts$/.test(file.pathname));
const sizeOf = (c: Case): number => flatten(c.args()).length;
const largest = new Map(plain.toSorted((a, b) => sizeOf(a) - sizeOf(b)).map((c) => [c.kernel, c]));
let counted = 0;
for (const c of largest.values()) {
  test(`${c.name}: the account is that of what a run allocates`, async () => {
    const { unit, peak } = watched(await derivedUnit(c, "vjp"));
    await checkGradient(c, unit);
    const { tape, scratch } = unit.artifact.entries[0]?.derivative ?? {};
    const host = funcNamed(unit.artifact.program, `${c.kernel}_vjp`);
    if (tape === undefined || scratch === undefined || host === undefined) throw new Error("there is no account");
    const sizes = sizesByName(host, c.args().map(shapeOf));
    const bytes = bytesAt(tape, sizes);
    if (bytes === null) {
      counted++;
      assert.match(formatFormula(tape), /count\(.* at line \d+\)/);
      const unknown = tape.terms.filter((t) => t.sizes.some((s) => s.startsWith("count(")));
      assert.ok(
        peak() >=
          (bytesAt(
            sumOf(
              tape.terms.filter((t) => !unknown.includes(t)),
              tape.derived,
            ),
            sizes,
          ) as number),
      );
    } else {
      const account = bytes + (bytesAt(scratch, sizes) as number);
      requireAccount(peak(), account, fewElements, formatFormula(tape));
    }
  });
}
test("some of these tapes are counted before the launch", () => assert.ok(counted >= 5));

test("formulas of what follows from sizes", () => {
  const n = { factor: 1, sizes: ["n"] };
  const half = { name: "⌊n / 2⌋", op: "floordiv", a: [n], b: [{ factor: 2, sizes: [] }] } as const;
  const rest = {
    name: "max(⌊n / 2⌋ − 3, 0)",
    op: "max",
    a: [
      { factor: 1, sizes: [half.name] },
      { factor: -3, sizes: [] },
    ],
    b: [],
  } as const;
  const formula = sumOf([{ factor: 8, sizes: [rest.name, "m"] }], [half, rest, { ...half, name: "unused" }]);
  assert.is(formatFormula(formula), "8·m·max(⌊n / 2⌋ − 3, 0)");
  assert.equal(formula.derived, [half, rest]);
  const at = (sizes: Readonly<Record<string, number>>) => bytesAt(formula, new Map(Object.entries(sizes)));
  assert.equal([at({ n: 11, m: 5 }), at({ n: 4, m: 5 }), at({ n: 11 }), at({ m: 5 })], [80, 0, null, null]);
  // The artifact goes through the compile cache as JSON.
  assert.equal(JSON.parse(JSON.stringify(formula)), formula);
});

// The table of the documentation.

const page = new URL("../../docs/autodiff.md", import.meta.url);
const table = /(<!-- tape table -->\n)[\s\S]*?(<!-- end -->)/;

function rowOf(kernel: Kernel, artifact: Artifact): string {
  const { tape } = artifact.entries[0]?.derivative ?? {};
  const { tape: bytes, peak } = bytesOf(kernel, artifact, "LARGE");
  const formula = formatFormula(tape as ByteFormula);
  if (formula === "0") return `| ${kernel.name} | none | | |`;
  return `| ${kernel.name} | ${formula} | ${formatBytes(bytes)} | ${formatBytes(peak)} |`;
}

test("docs/autodiff.md has the table of PolyBench's tapes", () => {
  const text = readFileSync(page, "utf8");
  const head = "| kernel | tape in bytes | at LARGE | allocated |\n|---|---|---|---|\n";
  const fresh = text.replace(table, (_, begin, end) => `${begin}\n${head}${rows.join("\n")}\n\n${end}`);
  if (process.env.UPDATE === "1") writeFileSync(page, fresh);
  else assert.is(text, fresh);
});

// Refusals.

test("what cannot be launched is refused before it is differentiated, at its place", () => {
  const text = `import type { f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";
export function f(x: f64[], n: i32[]): f64 {
  const t = zeros("f64", n[0]);
  for (let i = 0; i < t.length; i++) t[i] = x[i] * x[i];
  let s = 0;
  for (let i = 0; i < t.length; i++) s += t[i] * t[i];
  return s;
}
`;
  // Inside the repository, where `tsgpu` resolves to the sources.
  const file = new URL("unsized.ts", import.meta.url).pathname;
  assert.throws(
    () => explainDerivative({ file, text }, { kernel: "f" }),
    (e: unknown) => e instanceof CompileError && e.diagnostics[0]?.code === "TG1090" && e.diagnostics[0].at.line === 4,
  );
});

// Explanations.

const folder = new URL("./golden-report/", import.meta.url);

/** `# explain FILE:KERNEL wrt A,B of C undo`, and what comes of it. */
function explained(header: string): string {
  const match = /^# explain (\S+):(\w+)((?: \w+ [\w,]+)*)( undo)?$/.exec(header);
  if (match === null) throw new Error(`no header: ${header}`);
  const [, path, kernel, names, undo] = match as unknown as [string, string, string, string, string | undefined];
  const lists = Object.fromEntries([...names.matchAll(/ (wrt|of) (\S+)/g)].map(([, k, list]) => [k, list?.split(",")]));
  const file = new URL(`../../${path}`, import.meta.url).pathname;
  const report = explainDerivative({ file }, { kernel, ...lists, ...(undo === undefined ? {} : { undo: true }) });
  return `${header}\n\n${textOf(report)}`;
}

function textOf({ wrt, of, tape, scratch, values, collisions }: Report): string {
  const line = (name: string, at: { readonly line: number }, what: string, why: string): string =>
    `${name}, line ${at.line}: ${what}\n    ${why}`;
  return [
    `of ${of.join(", ")} with respect to ${wrt.join(", ")}`,
    `tape ${formatFormula(tape)}`,
    `scratch ${formatFormula(scratch)}`,
    "",
    ...values.map((v) => line(v.name, v.at, v.case, v.why)),
    "",
    ...collisions.map((c) => line(c.array, c.at, c.map, c.why)),
    "",
  ].join("\n");
}

for (const name of readdirSync(folder)) {
  test(`${basename(name, ".txt")}: what is decided, and why`, () => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const now = explained(text.split("\n")[0] as string);
    if (process.env.UPDATE === "1") writeFileSync(new URL(name, folder), now);
    else assert.is(text, now);
  });
}

test.run();
