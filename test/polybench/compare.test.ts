/** Comparison, digests, the property check of gramschmidt, and the two decimals of the dump. */
import { createHash } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Arrays, copyArrays, type FlatArray } from "../../polybench/array.ts";
import { check, checkReference, maxError, type Run, sha256, summarize } from "../../polybench/compare.ts";
import { twoDecimals } from "../../polybench/dump.ts";
import { factorErrors } from "../../polybench/gramschmidt.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import { referenceFor } from "../../polybench/sizes.ts";
import { findKernel } from "../../polybench/suite.ts";
import { toleranceFor } from "../../polybench/tolerance.ts";
import { runPlain } from "./plain.ts";

const gemm = findKernel("gemm")!;
const gramschmidt = findKernel("gramschmidt")!;
const f64 = (...values: number[]): FlatArray => ({ data: Float64Array.from(values), shape: [values.length] });
const C = (...values: number[]): Arrays => ({ C: f64(...values) });

test("maxError is the largest difference over the largest magnitude", () => {
  assert.is(maxError(gemm, C(1, 2, -8), C(1, 4, -8)), 0.25);
  assert.is(maxError(gemm, C(0, 0), C(0, 0)), 0);
  assert.is(maxError(gemm, C(1, 0), C(0, 0)), Infinity);
  assert.is(maxError(gemm, C(1), C(1, 2)), Infinity);
});

test("maxError takes NaN for NaN and nothing else", () => {
  assert.is(maxError(gemm, C(NaN, Infinity, 1), C(NaN, Infinity, 1)), 0);
  assert.is(maxError(gemm, C(NaN, 1), C(1, 1)), Infinity);
  assert.is(maxError(gemm, C(1, 1), C(NaN, 1)), Infinity);
  assert.is(maxError(gemm, C(-Infinity), C(Infinity)), Infinity);
});

test("sha256 is over the bits, with one NaN", () => {
  const data = new Float64Array([1, -0]);
  assert.is(
    sha256(gemm, { C: { data, shape: [2] } }),
    createHash("sha256").update(new Uint8Array(data.buffer)).digest("hex"),
  );
  assert.is.not(sha256(gemm, C(0)), sha256(gemm, C(-0)));
  const odd = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer);
  assert.is(sha256(gemm, { C: { data: odd, shape: [1] } }), sha256(gemm, C(NaN)));
  const shared = new Float64Array(new SharedArrayBuffer(8)).fill(3);
  assert.is(sha256(gemm, { C: { data: shared, shape: [1] } }), sha256(gemm, C(3)));
});

test("a summary keeps to its domain", () => {
  const A: FlatArray = { data: Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), shape: [3, 3] };
  assert.equal(summarize(A, "lower triangle j<=i").first8, [1, 4, 5, 7, 8, 9]);
  assert.equal(summarize(A, "upper triangle j>=i").last4, [3, 5, 6, 9]);
  assert.is(summarize(A, "full array").sum, 45);
  assert.is(summarize(f64(1, NaN, -2), "full array").nonfinite, 1);
  assert.is(summarize(f64(1, NaN, -2), "full array").abs_sum, 3);
});

test("one wrong element fails against the C program", async () => {
  const reference = referenceFor("gemm", "MINI")!;
  const arrays = await runPlain(gemm, "MINI");
  assert.ok(checkReference(gemm, arrays, reference, 1e-10).ok);
  const wrong = copyArrays(arrays);
  wrong.C!.data[250]! += 1e-3;
  const result = checkReference(gemm, wrong, reference, 1e-10);
  assert.not(result.ok);
  assert.match(result.problem!, "sum");
});

test("check uses the full result where there is no C program", async () => {
  const run: Run = { kernel: gemm, dataset: "MINI", kind: "seeded", dtype: "f64", mode: "strict" };
  const arrays = await runPlain(gemm, "MINI", "seeded");
  assert.is(check(run, arrays), undefined);
  assert.is(check(run, arrays, arrays)?.against, "full result");
  assert.ok(check(run, arrays, arrays)?.ok);
  assert.not(check(run, inputsFor(gemm, "MINI", "seeded"), arrays)?.ok);
});

test("integers are compared exactly", async () => {
  const floyd = findKernel("floyd-warshall")!;
  const arrays = await runPlain(floyd, "MINI");
  const run: Run = { kernel: floyd, dataset: "MINI", kind: "polybench", dtype: "i32", mode: "fast" };
  assert.ok(check(run, arrays)?.ok);
  arrays.path!.data[7]! += 1;
  assert.not(check(run, arrays)?.ok);
});

test("a tolerance follows from type, mode, inputs and conditioning", () => {
  const durbin = findKernel("durbin")!;
  const run = { kernel: durbin, kind: "polybench", dtype: "f64", mode: "contract" } as const;
  assert.is(toleranceFor(run).value, 1e-6);
  assert.match(toleranceFor(run).why, "nearly singular");
  assert.is(toleranceFor({ ...run, mode: "strict" }).value, 1e-10);
  assert.is(toleranceFor({ ...run, kind: "seeded" }).value, 1e-10);
  assert.is(toleranceFor({ ...run, kernel: gemm, mode: "fast" }).value, 1e-10);
  assert.is(toleranceFor({ ...run, kernel: gemm, dtype: "f32" }).value, 1e-4);
  assert.is(toleranceFor({ ...run, kernel: findKernel("nussinov")!, dtype: "i32", mode: "fast" }).value, 0);
});

for (const dtype of ["f64", "f32"] as const) {
  test(`gramschmidt in ${dtype}: 13 columns are determined at MINI`, async () => {
    const A = inputsFor(gramschmidt, "MINI", "polybench", dtype).A!;
    const { R, Q } = await runPlain(gramschmidt, "MINI", "polybench", dtype);
    const errors = factorErrors(A, R!, Q!);
    const bound = dtype === "f64" ? 1e-14 : 1e-6;
    assert.is(errors.columns, 13);
    assert.ok(errors.residual < bound && errors.orthogonality < bound);
  });
}

test("gramschmidt: a wrong factor is found, noise is not", async () => {
  const A = inputsFor(gramschmidt, "MINI").A!;
  const { R, Q } = await runPlain(gramschmidt, "MINI");
  const changed = (array: FlatArray, at: number, by: number): FlatArray => {
    const data = array.data.slice();
    data[at]! += by;
    return { data, shape: array.shape };
  };
  assert.ok(factorErrors(A, changed(R!, 5, 1e-3), Q!).residual > 1e-7);
  assert.ok(factorErrors(A, changed(R!, 30, 1), Q!).residual > 1e-5);
  assert.ok(factorErrors(A, R!, changed(Q!, 12, 1e-3)).orthogonality > 1e-5);
  assert.ok(Number.isNaN(factorErrors(A, R!, changed(Q!, 29, NaN)).residual));
  // The last column is noise: with its sign turned, in Q and R, it is as right as before.
  const turned = (array: FlatArray, rows: number): FlatArray => {
    const result = { data: array.data.slice(), shape: array.shape };
    for (let i = 0; i < rows; i++) result.data[i * 30 + 29]! *= -1;
    return result;
  };
  const noise = changed(R!, 29 * 30 + 29, -2 * R!.data[29 * 30 + 29]!);
  assert.ok(factorErrors(A, noise, turned(Q!, 20)).residual < 1e-14);
});

test("twoDecimals is C's %0.2lf", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.125, "0.12"],
    [0.375, "0.38"],
    [0.625, "0.62"],
    [0.875, "0.88"],
    [-2.125, "-2.12"],
    [7.625, "7.62"],
    [1.005, "1.00"],
    [0.135, "0.14"],
    [-0, "-0.00"],
    [-0.001, "-0.00"],
    [999.999, "1000.00"],
    [1e22, "10000000000000000000000.00"],
    [2 ** 53, "9007199254740992.00"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [x, text] of cases) assert.is(twoDecimals(x), text);
});

test.run();
