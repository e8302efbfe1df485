/** Gradients on the command line: `compile --grad`, `gradcheck`, `explain --grad`, and the parts of `polybench --grad`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Report } from "../../ad/report.ts";
import { exitCodes } from "../../cli/errors.ts";
import { jsonOf, textOf } from "../../cli/explain.ts";
import { checkGradient, precisions } from "../../cli/gradcheck/check.ts";
import { derivativeAtZero } from "../../cli/gradcheck/differences.ts";
import { paint } from "../../cli/output.ts";
import type { GradientRow, Plan, Row } from "../../cli/polybench/plan.ts";
import { summary, tableRows } from "../../cli/polybench/report.ts";
import { sizesByName } from "../../cli/run/sizes.ts";
import { bytesAt, formatFormula, sumOf } from "../../compiler/artifact-bytes.ts";
import { noSpan } from "../../compiler/diagnostic.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { adjointReferenceFor } from "../../polybench/sizes.ts";
import { findKernel } from "../../polybench/suite.ts";
import { axpy, makePlace } from "./tsgpu.ts";

const points = `import type { f32, f64, i32, index } from "tsgpu";
interface Point { x: f64; n: i32; q: f32 }
/** In-place updates of a field, scalars in structs and tuples, a field of the result. */
export function move(p: Point, by: readonly [f64, f64], points: Point[], times: index): { count: i32; sum: f64 } {
  let sum = 0.0;
  let count: i32 = 0;
  for (let t = 0; t < times; t++) {
    for (let i = 0; i < points.length; i++) {
      points[i].x = points[i].x * p.x + by[0] * by[1] + Math.sin(points[i].q);
      sum += points[i].n * points[i].x;
      count++;
    }
  }
  return { count, sum };
}
export function count(seq: readonly i32[], out: i32[]): void {
  for (let i = 0; i < seq.length; i++) out[i] = seq[i] + 1;
}
`;
const square = `import type { f64 } from "tsgpu";
export function square(u: f64[], rate: f64): void {
  const n = u.length;
  for (let i = 0; i < n; i++) u[i] = rate * u[i] * u[i];
}
`;
const norm = `import type { f64 } from "tsgpu";
export function norm(v: f64[], out: f64[]): void {
  for (let k = 0; k < 10; k++) {
    out[k] = v[k] * v[k];
    v[k] = 1;
  }
}
`;
const place = makePlace({ "axpy.ts": axpy, "points.ts": points, "square.ts": square, "norm.ts": norm });
test.after(place.remove);
const at = (name: string): string => join(place.folder, name);

test("compile prints derivatives in every format", async () => {
  const [grad, jvp, hvp, c, wasm] = await Promise.all([
    place.tsgpu(["compile", "axpy.ts", "--grad"]),
    place.tsgpu(["compile", "points.ts:move", "--jvp", "--wrt", "points,by", "--of", "return", "--target", "llvm"]),
    place.tsgpu(["compile", "axpy.ts", "--hvp", "--print-after", "ad"]),
    place.tsgpu(["compile", "axpy.ts:axpy", "--grad", "--wrt", "x", "--target", "c", "--json"]),
    place.tsgpu(["compile", "axpy.ts", "--grad", "--tape-budget", "1M", "--target", "wasm", "-o", "axpy.wasm"]),
  ]);
  const entry = parse(grad.stdout).funcs.find((f) => f.kind === "host")!;
  assert.equal(
    [entry.name, entry.params.map((p) => p.hint)],
    ["axpy_vjp", ["alpha", "x", "y", "d_x", "d_y", "d_result"]],
  );
  assert.match(jvp.stdout, "@move_jvp");
  assert.match(hvp.stdout, /^# after ad\nstage loop\n/);
  const { derivative, text } = JSON.parse(c.stdout);
  assert.is(derivative, "vjp");
  assert.match(text, /KERNEL int32_t axpy_vjp/);
  assert.not.match(text, "d_alpha");
  assert.is(wasm.code, exitCodes.ok, wasm.stderr);
  assert.ok(WebAssembly.validate(readFileSync(at("axpy.wasm"))));
});

test("what cannot be meant is a usage error; what has no derivative is refused with its place", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["compile", "axpy.ts", "--wrt", "x"], 2, /--wrt is for derivatives: add --grad/],
    [["compile", "axpy.ts", "--tape-budget", "1M"], 2, /--tape-budget is for derivatives/],
    [["compile", "axpy.ts", "--grad", "--target", "js"], 2, /without derivatives: take ir, llvm, wasm, wat, c/],
    [["compile", "axpy.ts", "--grad", "--tape-budget", "much"], 2, /much is no size: write 512M/],
    [["compile", "points.ts", "--grad"], 2, /several kernels: name one, as in points\.ts:move, points\.ts:count/],
    [["compile", "axpy.ts", "--grad", "--wrt", "q"], 1, /axpy\.ts:4:17: error TG2001: .*it has alpha, x, y/],
    [["gradcheck", "points.ts:count", "--shape", "seq=3"], 1, /points\.ts:16:17: error TG2003/],
    [["gradcheck", "axpy.ts"], 2, /some sizes are not known: add --size n=…/],
    [["explain", "axpy.ts"], 2, /say what to explain: --grad/],
    [["explain", "axpy.ts", "--grad", "--of", "x,z"], 1, /TG2001: `axpy` has no `z` here/],
    [["polybench", "gemm", "--wrt", "all"], 2, /--wrt is for gradients: add --grad/],
    [["polybench", "gemm", "--grad", "--target", "node"], 2, /have no gradients: add a target/],
  ];
  const results = await Promise.all(cases.map(([args]) => place.tsgpu(args, { TSGPU_LIBLLVM: "none" })));
  results.forEach(({ code, stdout, stderr }, k) => {
    const [args, expected, message] = cases[k]!;
    assert.match(stderr, message, args.join(" "));
    assert.is(code, expected, `${args.join(" ")}: ${stderr}`);
    assert.is(stdout, "");
  });
});

test("a tape beyond its budget is shown at the store and at the read; as JSON with both places", async () => {
  const [text, json, enough, late] = await Promise.all([
    place.tsgpu(["explain", "norm.ts", "--grad", "--tape-budget", "79"]),
    place.tsgpu(["explain", "norm.ts", "--grad", "--tape-budget", "79", "--json"]),
    place.tsgpu(["explain", "norm.ts", "--grad", "--tape-budget", "80"]),
    place.tsgpu(["gradcheck", "square.ts", "--size", "n=9", "--tape-budget", "71", "--target", "interp"]),
  ]);
  assert.is(text.code, exitCodes.failed);
  assert.is(
    text.stderr.split("\n  help: ")[0],
    `norm.ts:5:5: error TG2005: the gradient of \`norm\` keeps 80 bytes, more than its tapeBudget of 79: all for \`v[k]\`, which is destroyed here
   5 |     v[k] = 1;
     |     ^^^^^^^^
  norm.ts:4:14: \`v[k]\`, read here, is needed for the derivative of \`v[k] * v[k]\`
   4 |     out[k] = v[k] * v[k];
     |              ^^^^`,
  );
  const [{ code, line, related, docs }] = JSON.parse(json.stdout).diagnostics;
  assert.equal([code, line, docs], ["TG2005", 5, "docs/diagnostics.md#tg2005"]);
  assert.equal(related, [
    {
      ...{ file: "norm.ts", line: 4, column: 14, length: 4 },
      message: "`v[k]`, read here, is needed for the derivative of `v[k] * v[k]`",
    },
  ]);
  assert.is(enough.code, exitCodes.ok, enough.stderr);
  assert.is(late.code, exitCodes.failed);
  assert.match(
    late.stderr,
    /TG3024: .*would keep \d+ bytes, more than its tapeBudget of 71, with u\.length = 9: .*square\.ts:4/,
  );
});

test("gradcheck: leaves of structs, tuples and results, on an embedded target", async () => {
  const args = ["points.ts:move", "--shape", "points=4", "--arg", "times=3", "--arg", "p.n=1", "--target", "wasm"];
  const [text, json] = await Promise.all([
    place.tsgpu(["gradcheck", ...args]),
    place.tsgpu(["gradcheck", ...args, "--wrt", "points", "--seed", "7", "--json"]),
  ]);
  assert.is(text.code, exitCodes.ok, text.stdout + text.stderr);
  assert.match(text.stdout, "of the weighted sum Σ w·y of points[].x, points[].q, return.sum\n");
  for (const leaf of ["p.x", "by[0]", "by[1]", "points[].x", "points[].q"]) assert.match(text.stdout, `\n${leaf} `);
  assert.match(text.stdout, "\n6 of 6 derivatives right\n");
  const { kernel, seed, wrt, of, ok, rows } = JSON.parse(json.stdout);
  assert.equal([kernel, seed, ok], ["move", 7, true]);
  assert.equal(wrt, ["points[].x", "points[].q"]);
  assert.equal(of, ["points[].x", "points[].q", "return.sum"]);
  for (const row of rows) {
    assert.ok(row.reverse !== 0 && row.difference <= row.allowed);
    assert.is(row.finite.agrees, true);
  }
});

const along = (value: number) => ({ value, scale: Math.abs(value) });

test("gradcheck: what is wrong fails, and says by what", async () => {
  // L = t², of a direction along which its derivative is 3.
  const probe = (reverse: number, forward: number, moved: (t: number) => number) =>
    checkGradient(
      {
        wrt: ["x"],
        loss: async () => along(1),
        reverse: async () => new Map([["x", along(reverse)]]),
        forward: () => forward,
        moved: async (_, t) => moved(t),
      },
      precisions.f64,
    );
  const smooth = (t: number): number => t * t + 3 * t;
  const [right] = await probe(3, 3 + 1e-12, smooth);
  assert.equal([right!.ok, right!.finite.agrees], [true, true]);
  const [wrong] = await probe(3 + 1e-7, 3, smooth);
  assert.is(wrong!.ok, false);
  assert.match(wrong!.problem!, "dual numbers");
  const [compiled] = await probe(3, 3, (t) => 3.001 * t);
  assert.equal([compiled!.ok, compiled!.finite.agrees], [false, false]);
  assert.match(compiled!.problem!, "by differences");
  // At a kink the branch taken decides, and differences have no say.
  const [kink] = await probe(3, 3, (t) => (t > 0 ? 3 * t : Math.sqrt(-t)));
  assert.equal([kink!.ok, kink!.finite.agrees], [true, null]);
  const [none] = await probe(Number.NaN, Number.NaN, smooth);
  assert.match(none!.problem!, "there is no derivative");
  assert.match((await probe(Number.NaN, 3, smooth))[0]!.problem!, "the gradient is no number");
});

test("differences are extrapolated, and know how good they are", async () => {
  const of = (f: (t: number) => number) => derivativeAtZero(async (t) => f(t), 2 ** -4, 2 ** -52);
  for (const [f, exact] of [
    [Math.exp, 1],
    [(t: number) => Math.sin(10 * t + 1), 10 * Math.cos(1)],
    [(t: number) => 1 / (1 + t), -1],
  ] as const) {
    const { value, error } = await of(f);
    assert.ok(Math.abs(value - exact) <= Math.max(10 * error, 1e-12), `${value} is not ${exact} ± ${error}`);
    assert.ok(error < 1e-8);
  }
  assert.ok((await of((t) => (t < 0 ? 0 : Math.sqrt(t)))).error > 0.1);
  assert.is((await of(() => Number.NaN)).error, Number.POSITIVE_INFINITY);
});

test("bytes are formulas over sizes", () => {
  const triangle = sumOf([
    { factor: 4, sizes: ["n", "n"] },
    { factor: -4, sizes: ["n"] },
    { factor: 8, sizes: ["m", "n"] },
    { factor: 8, sizes: ["n", "m"] },
    { factor: 0, sizes: [] },
  ]);
  assert.is(formatFormula(triangle), "4·n² − 4·n + 16·m·n");
  assert.is(formatFormula({ terms: [] }), "0");
  assert.is(formatFormula({ terms: [{ factor: 1, sizes: ["n"] }] }), "n");
  assert.is(bytesAt(triangle, new Map(Object.entries({ n: 10, m: 2 }))), 680);
  assert.is(bytesAt(triangle, new Map([["n", 10]])), null);
  const host = parse("stage kernel\n\nexport host @f(%A: f64[%n, 3], %k: index, %B: f64[%B_0])\n{\n}\n").funcs[0]!;
  assert.equal(
    [...sizesByName(host, [[5, 3], 7, undefined])],
    [
      ["n", 5],
      ["k", 7],
    ],
  );
});

const report: Report = {
  kernel: "f",
  wrt: ["A"],
  of: ["return"],
  tape: { terms: [{ factor: 4, sizes: ["n", "n"] }] },
  scratch: { terms: [] },
  copies: { terms: [{ factor: 8, sizes: ["n"] }] },
  checkpoints: { at: { ...noSpan, line: 5 }, budget: 2 ** 30 },
  values: [{ name: "A[i]", at: { ...noSpan, line: 7 }, case: "recorded", why: "the store in line 9 destroys it" }],
  collisions: [{ array: "x", at: { ...noSpan, line: 7 }, map: "(i, j) → [j]", why: "i is not in it" }],
};

test("explain: formulas, and bytes where sizes are given", () => {
  const text = textOf(report, null, paint.stdout);
  assert.match(text, /^the gradient of f, of return with respect to A\n\ntape +4·n² bytes +kept/);
  assert.match(text, /\nscratch +none/);
  assert.match(text, "\nbeyond 1 GiB of tape, the loop of line 5 runs again from snapshots instead\n\n");
  assert.match(text, /\nA\[i\] +7 +recorded +the store in line 9 destroys it\n/);
  assert.match(text, /\nx +7 +\(i, j\) → \[j\] +i is not in it$/);
  assert.match(textOf(report, new Map([["n", 1000]]), paint.stdout), "3.81 MiB = 4·n² bytes");
  const none = textOf({ ...report, checkpoints: null, values: [], collisions: [] }, null, paint.stdout);
  assert.not.match(none, "beyond");
  assert.match(none, /it needs no values of the kernel\n\nno adjoint updates collide$/);
  assert.equal(jsonOf(report, new Map([["n", 10]])), {
    kernel: "f",
    wrt: ["A"],
    of: ["return"],
    sizes: { n: 10 },
    tapeBytes: 400,
    scratchBytes: 0,
    copyBytes: 80,
    formula: "4·n²",
    scratchFormula: "0",
    copyFormula: "8·n",
    checkpoints: { line: 5, budget: 2 ** 30 },
    values: [{ name: "A[i]", line: 7, case: "recorded", why: "the store in line 9 destroys it" }],
    collisions: [{ array: "x", line: 7, map: "(i, j) → [j]", why: "i is not in it" }],
  });
  assert.is((jsonOf(report, null) as { tapeBytes: unknown }).tapeBytes, null);
});

test("explain: what differentiation decides on a kernel that overwrites what it needs", async () => {
  const [json, text] = await Promise.all([
    place.tsgpu(["explain", "square.ts", "--grad", "--size", "n=10", "--json"]),
    place.tsgpu(["explain", "square.ts:square", "--grad", "--wrt", "u"]),
  ]);
  assert.is(json.code, exitCodes.ok, json.stderr);
  const { kernel, wrt, of, sizes, tapeBytes, scratchBytes, copyBytes, formula, values, collisions } = JSON.parse(
    json.stdout,
  );
  assert.equal([kernel, wrt, of], ["square", ["u", "rate"], ["u"]]);
  assert.equal(sizes, { n: 10 });
  assert.equal([tapeBytes, scratchBytes, copyBytes, formula], [80, 0, 80, "8·n"]);
  const needed = values.find(({ name }: { readonly name: string }) => name === "u[i]");
  assert.equal([needed.line, needed.case], [4, "recorded"]);
  assert.ok(needed.why.length > 0);
  assert.equal(collisions, []);
  assert.is(text.code, exitCodes.ok, text.stderr);
  assert.match(text.stdout, /^the gradient of square, of u with respect to u\n\ntape +8·n bytes +kept/);
  assert.match(text.stdout, /\nu\[i\] +4 +recorded +\S/);
});

test("polybench --grad: rows of kernels and gradients, the same bits in strict mode, and what has none", async () => {
  const args = ["polybench", "gemm", "nussinov", "--dataset", "MINI", "--target", "node,interp,wasm"];
  const { code, stdout, stderr } = await place.tsgpu([
    ...args,
    ...["--grad", "--wrt", "all", "--check", "--mode", "strict", "--repeat", "1", "--json"],
  ]);
  assert.is(code, exitCodes.ok, stderr);
  assert.match(stderr, /^kernel +dataset +type +target +part +time +GFLOP\/s +× node +× primal +tape +error$/m);
  assert.match(stderr, "nussinov has no gradient: TG2002: `seq` of `nussinov` holds no floats\n10 rows: 10 passed");
  const rows: readonly Row[] = JSON.parse(stdout).rows;
  assert.equal(
    rows.map((r) => `${r.kernel} ${r.target} ${r.part}`),
    ["gemm", "nussinov"].flatMap((kernel) => [
      ...["node", "interp", "wasm"].map((target) => `${kernel} ${target} primal`),
      ...["interp", "wasm"].map((target) => `${kernel} ${target} gradient`),
    ]),
  );
  const gradients = rows.filter((r): r is GradientRow => r.part === "gradient");
  const [interp, wasm, refused] = gradients;
  assert.equal(wasm!.wrt, ["alpha", "beta", "C", "A", "B"]);
  assert.equal(interp!.directional, wasm!.directional);
  assert.is(interp!.sha256, wasm!.sha256);
  assert.is(wasm!.inputs, "seeded");
  // The derivative by beta needs C as it was.
  assert.equal([wasm!.tapeBytes, wasm!.scratchBytes, wasm!.copyBytes], [8 * 20 * 25, 0, 8 * 20 * 25]);
  assert.ok(wasm!.ratio! > 0 && wasm!.seconds! > 0);
  for (const [name, value] of Object.entries(adjointReferenceFor("gemm", "MINI")!.jvp_by_array)) {
    assert.ok(Math.abs(wasm!.directional![name]! - value) <= 1e-12 * Math.abs(value), name);
  }
  assert.equal(
    [refused!.ok, refused!.refused, refused!.problem, refused!.directional, refused!.dtype],
    [true, "TG2002", undefined, null, "i32"],
  );
});

test("polybench --grad: a wrong gradient fails its kernel", () => {
  const common = { kernel: "trmm", dataset: "MINI", target: "wasm", inputs: "seeded", mode: "contract" } as const;
  const primal: Row = {
    ...{ ...common, part: "primal", dtype: "f64", ok: true, maxError: 0, seconds: 1e-4, gflops: 1, sha256: "0" },
    parallelFraction: null,
  };
  const gradient: Row = {
    ...{ ...common, part: "gradient", dtype: "f64", maxError: 0.5, seconds: null, gflops: null, sha256: "0" },
    parallelFraction: null,
    ...{ ok: false, problem: "the derivative by B is wrong: by 5.0e-1, where 1e-9 is allowed", wrt: ["A", "B"] },
    ...{ ratio: null, tapeBytes: 4096, scratchBytes: 0, copyBytes: 8, directional: { A: 1, B: 2 } },
  };
  const plan: Plan = {
    ...{ kernels: [findKernel("trmm")!], datasets: ["MINI"], inputs: ["seeded"], lanes: [{ target: "wasm" }] },
    ...{
      mode: "contract",
      real: undefined,
      deterministic: false,
      grad: "arrays",
      tapeBudget: undefined,
      check: true,
      repeat: undefined,
    },
    ...{ cache: false, settings: {}, dump: undefined },
  };
  const text = tableRows([primal, gradient], plan, paint.stdout);
  assert.match(text, /^trmm .*primal +100 µs .*ok\ntrmm .*gradient +4 KiB +5\.0e-1 +FAILED\n/);
  assert.match(text, "\n  the gradient of trmm on wasm: the derivative by B is wrong: by 5.0e-1");
  assert.match(summary([primal, gradient], plan, paint.stdout), "0 of 1 kernels pass");
});

test.run();
