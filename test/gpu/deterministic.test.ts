/**
 * Option `deterministic`: the same bits in any order of threads. The simulator's seeds are such orders; without the option sums of
 * floats differ among them, which is what makes these tests ones.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CompileError } from "../../compiler/diagnostic.ts";
import { compile, type DerivativeRequest, emit, explainLoops } from "../../compiler/index.ts";
import type { Module } from "../../compiler/ir/ir.ts";
import { walk } from "../../compiler/ir/walk.ts";
import type { Trace } from "../../compiler/pass.ts";
import { load } from "../../runtime/load.ts";
import { randomNumbers } from "../ad/directions.ts";
import { cases } from "./cases.ts";

// Inside the repository, where `tsgpu` resolves to the sources.
const temporary = fileURLToPath(new URL("../tmp/", import.meta.url));
mkdirSync(temporary, { recursive: true });
const folder = mkdtempSync(join(temporary, "deterministic-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "sums.ts");
writeFileSync(
  file,
  `import type { f64, i32 } from "tsgpu";
import { grid, parallel, threads } from "tsgpu/kernel";

export function scatter(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) y[at[i]] += x[i];
}
export function asserted(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  for (const i of parallel(at.length)) y[at[i]] += x[i];
}
export function total(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  let sum = 0;
  for (const i of parallel(x.length)) sum += x[i] * x[i];
  y[0] = sum;
}
/** Whoever reads what others read as well adds to its adjoint. */
export function gather(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  for (const i of parallel(at.length)) y[i % y.length] = x[at[i]] * x[at[i]];
}
export function counted(x: readonly f64[], at: readonly i32[], y: f64[], n: i32[]): void {
  for (let i = 0; i < at.length; i++) n[at[i]]++;
  for (const i of parallel(at.length)) y[at[i]] = Math.max(y[at[i]], x[i]);
}
export function named(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  for (const b of grid(Math.ceil(at.length / 8)))
    for (const t of threads(8)) {
      const i = b * 8 + t;
      if (i < at.length) y[at[i]] += x[i];
    }
}
`,
);

/** Numbers whose sums depend on the order, and places that repeat. */
const size = 70;
function inputs(): { readonly x: Float64Array; readonly at: Int32Array; readonly y: Float64Array } {
  const random = randomNumbers(3);
  return {
    x: Float64Array.from({ length: size }, () => 10 ** (12 * random()) * (random() - 0.5)),
    at: Int32Array.from({ length: size }, () => Math.floor(4 * random())),
    y: Float64Array.from({ length: size }, random),
  };
}

type Kernel = "scatter" | "asserted" | "total" | "gather" | "counted" | "named";
type Functions = Readonly<Record<Kernel, (...args: unknown[]) => Promise<unknown>>>;

/** What a kernel leaves in its arrays, for several orders of threads. */
async function outcomes(kernel: Kernel, deterministic: boolean): Promise<readonly string[]> {
  const all: string[] = [];
  for (const seed of [0, 1, 2, 3]) {
    const functions = await load<Functions>(file, { target: "simulator", seed, deterministic, kernels: [kernel] });
    const { x, at, y } = inputs();
    const n = new Int32Array(size);
    await functions[kernel](x, at, y, ...(kernel === "counted" ? [n] : []));
    all.push(`${y} ${n}`);
  }
  return all;
}

for (const kernel of ["scatter", "asserted"] as const) {
  test(`${kernel}: bits depend on the order of threads, but not when deterministic`, async () => {
    assert.ok(new Set(await outcomes(kernel, false)).size > 1);
    assert.is(new Set(await outcomes(kernel, true)).size, 1);
  });
}

test("sums of whole loops are the same either way: their order is a tree's", async () => {
  const found = [...(await outcomes("total", false)), ...(await outcomes("total", true))];
  assert.is(new Set(found).size, 1);
});

test("integers, and the larger of two values, come out the same by atomic updates", async () => {
  const found = await outcomes("counted", true);
  assert.is(new Set(found).size, 1);
  assert.equal(found, await outcomes("counted", false));
  assert.equal(await atomics({ kernels: ["counted"] }), ["add i32", "max f64"]);
});

/** The atomic updates of a compilation, by operator and element. */
async function atomics(options: object, deterministic = true, of = file): Promise<readonly string[]> {
  let program: Module | null = null;
  const trace = ({ after }: Trace): void => void (program = after);
  // Nobody runs it: there need be no machine code.
  await emit({ file: of }, "ir", { target: "simulator", deterministic, trace, ...options });
  const found = ((program as Module | null)?.funcs ?? []).flatMap((f) =>
    [...walk(f.body)].flatMap((s) =>
      // Failed checks of subscripts leave a note in an array of u32.
      s.kind === "accum" && s.atomic && s.array.type.elem !== "u32" ? [`${s.op} ${s.array.type.elem}`] : [],
    ),
  );
  return [...new Set(found)].sort();
}

test("gradients: what the program leaves open runs in order, what it says of threads is refused", async () => {
  const derivative: DerivativeRequest = { kind: "vjp", kernel: "gather", wrt: ["x"] };
  assert.equal(await atomics({ derivative }, false), ["add f64"]);
  assert.equal(await atomics({ derivative }), []);
});

test("explain says why a loop runs in order", () => {
  const options = { target: "cuda", kernels: ["asserted"] } as const;
  const [loop, ...others] = explainLoops({ file }, { ...options, deterministic: true }).sequential;
  assert.equal(
    [loop?.line, loop?.what, others],
    [8, "updates of one element would come in an order that nobody knows", []],
  );
  assert.equal(explainLoops({ file }, options).sequential, []);
});

test("threads that a program names are refused, with the place and a way out", async () => {
  const error = await compile({ file }, { target: "cuda", deterministic: true, kernels: ["named"] }).then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, CompileError);
  const [first, ...others] = (error as CompileError).diagnostics;
  assert.equal([first?.code, first?.at.line, others], ["TG4002", 27, []]);
  assert.is(first?.message, "threads add to one element of `y`, in an order that nobody knows");
  assert.match(first?.help ?? "", /without `deterministic`/);
  // One thread after the other is an order.
  await compile({ file }, { target: "interp", deterministic: true, kernels: ["named"] });
});

test("the kernels of the test set, and their derivatives, add no floats atomically or are refused", async () => {
  const kernels = new Map(cases.map((c) => [`${c.file.pathname} ${c.kernel}`, c]));
  let refused = 0;
  for (const {
    file: { pathname },
    kernel,
  } of kernels.values()) {
    for (const kind of [null, "vjp"] as const) {
      const options = kind === null ? { kernels: [kernel] } : { derivative: { kind, kernel } };
      try {
        const floats = (await atomics(options, true, pathname)).filter((a) => /^(add|mul) f/.test(a));
        assert.equal(floats, [], `${kernel} ${kind}`);
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        refused++;
        const open = (await atomics(options, false, pathname)).filter((a) => /^(add|mul) f/.test(a));
        assert.ok(open.length > 0, `${kernel} ${kind} is refused for nothing`);
        for (const d of error.diagnostics) assert.equal([d.code, d.at.file], ["TG4002", pathname], d.message);
      }
    }
  }
  assert.ok(refused > 0 && refused < kernels.size, `${refused} of ${2 * kernels.size} are refused`);
});

test.run();
