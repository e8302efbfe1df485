/** What gradients are taken by and in which type, and how a wrong one is told from a right one. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Along, allDirections, dot, hasFloats, worstOf, wrtOf } from "../../polybench/gradient.ts";
import { directionsFor, inputsFor, scalarDirection, weightsFor } from "../../polybench/inputs.ts";
import { findKernel, gradientType, type Kernel } from "../../polybench/suite.ts";

const kernel = (name: string): Kernel => findKernel(name)!;

test("gradients are taken in f64 where the kernel has floats to compute with", () => {
  const types = ["gemm", "deriche", "floyd-warshall", "nussinov"].map((name) => gradientType(kernel(name), undefined));
  assert.equal(types, ["f64", "f64", "f64", "i32"]);
  assert.is(gradientType(kernel("gemm"), "f32"), "f32");
  assert.is(gradientType(kernel("floyd-warshall"), "f32"), "f32");
  assert.is(gradientType(kernel("nussinov"), "f32"), "i32");
  assert.is(gradientType(kernel("nussinov"), "f64"), "f64");
});

test("with respect to: arrays, or scalars as well; never integers beside floats", () => {
  const of = (name: string, dtype: "f64" | "i32", wrt: "arrays" | "all"): readonly string[] =>
    wrtOf(kernel(name), inputsFor(kernel(name), "MINI", "seeded", dtype), wrt);
  assert.equal(of("gemm", "f64", "arrays"), ["C", "A", "B"]);
  assert.equal(of("gemm", "f64", "all"), ["alpha", "beta", "C", "A", "B"]);
  assert.equal(of("jacobi-1d", "f64", "all"), ["A", "B"]);
  assert.equal(of("nussinov", "f64", "all"), ["table"]);
  assert.equal(of("nussinov", "i32", "all"), ["seq", "table"]);
  assert.is(hasFloats(inputsFor(kernel("nussinov"), "MINI", "seeded", "i32")), false);
});

test("directions and weights have the shapes of the inputs, of either kind", () => {
  const gramschmidt = kernel("gramschmidt");
  for (const kind of ["polybench", "seeded"] as const) {
    const inputs = inputsFor(gramschmidt, "MINI", kind);
    for (const [name, { shape }] of Object.entries(inputs)) {
      assert.equal(directionsFor(gramschmidt, "MINI", kind)[name]!.shape, shape);
    }
    for (const name of gramschmidt.outputs) {
      assert.equal(weightsFor(gramschmidt, "MINI", kind)[name]!.shape, inputs[name]!.shape);
    }
  }
  const { alpha } = allDirections(kernel("gemm"), "MINI", "seeded");
  assert.equal([...alpha!], [scalarDirection(kernel("gemm"), "alpha")]);
});

test("a difference is measured by what its terms add up to", () => {
  assert.equal(dot([1, -2], [3, 4]), { value: -5, scale: 11 });
  const found: Record<string, Along> = { A: { value: 1, scale: 100 }, s: { value: 1e-18, scale: 1e-18 } };
  const worst = (derivatives: Record<string, number>, scalars: readonly string[] = []) =>
    worstOf(found, { derivatives, size: 10 }, new Set(scalars));
  assert.equal(worst({ A: 1, s: 1e-18 }), { error: 0, name: "" });
  assert.equal(worst({ A: 2, s: 1e-18 }), { error: 0.01, name: "A" });
  // An array's terms show what cancels; a scalar has but one.
  assert.equal(worst({ A: 1, s: 0 }), { error: 1, name: "s" });
  assert.ok(worst({ A: 1, s: 0 }, ["s"]).error < 1e-18);
  assert.is(worst({ A: 1, s: 1 }, ["s"]).error, 0.1);
  assert.equal(worst({ A: Number.NaN, s: 1e-18 }), { error: Infinity, name: "A" });
  assert.is(worst({ s: 1e-18 }).error, Infinity);
  assert.equal(
    worstOf({ A: { value: Number.NaN, scale: 1 } }, { derivatives: { A: Number.NaN }, size: 1 }, new Set()),
    {
      error: 0,
      name: "",
    },
  );
  assert.is(worstOf({ A: { value: 1, scale: 0 } }, { derivatives: { A: 0 }, size: 1 }, new Set()).error, Infinity);
});

test.run();
