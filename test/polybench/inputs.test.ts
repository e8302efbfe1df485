/** PolyBench's own inputs, where they are more than a formula: other types, shortcuts, and independence of calls. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nested, zeroArray } from "../../polybench/array.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import { facts } from "../../polybench/sizes.ts";
import { findKernel, kernels } from "../../polybench/suite.ts";

/** cholesky's `init_array`, loop for loop, with every operation rounded by `round`. */
function gramMatrix(n: number, round: (x: number) => number): Float64Array {
  const A = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (j > i ? 0 : j === i ? 1 : round(round((-j % n) / n) + 1))),
  );
  const B = new Float64Array(n * n);
  for (let t = 0; t < n; t++) {
    for (let r = 0; r < n; r++) {
      for (let s = 0; s < n; s++) B[r * n + s] = round(B[r * n + s]! + round(A[r]![t]! * A[s]![t]!));
    }
  }
  return B;
}

for (const [dtype, round] of [["f64", (x: number) => x] as const, ["f32", Math.fround] as const]) {
  test(`the matrix of cholesky, lu and ludcmp in ${dtype} is the C program's to the last bit`, () => {
    for (const name of ["cholesky", "lu", "ludcmp"]) {
      for (const dataset of ["MINI", "SMALL"] as const) {
        const A = inputsFor(findKernel(name)!, dataset, "polybench", dtype).A!;
        assert.equal(Array.from(A.data), Array.from(gramMatrix(A.shape[0]!, round)));
      }
    }
  });
}

test("every array parameter of every kernel has an input of its type and shape", () => {
  for (const kernel of kernels) {
    for (const dtype of kernel.dtypes) {
      const arrays = inputsFor(kernel, "MINI", "polybench", dtype);
      assert.equal(Object.keys(arrays).sort(), Object.keys(facts[kernel.name].arrays).sort());
      const array = arrays[kernel.outputs[0]!]!;
      assert.is(array.data.constructor, zeroArray(dtype, [0]).data.constructor);
    }
  }
});

test("f32 inputs are the f64 ones to within a rounding or two", () => {
  for (const kernel of kernels.filter((kernel) => kernel.dtypes.includes("f32"))) {
    const single = inputsFor(kernel, "MINI", "polybench", "f32");
    const double = inputsFor(kernel, "MINI", "polybench", "f64");
    for (const [name, { data }] of Object.entries(double)) {
      data.forEach((x, i) => {
        assert.ok(Math.abs(single[name]!.data[i]! - x) <= 2e-6 * Math.abs(x), `${kernel.name} ${name}[${i}]`);
      });
    }
  }
});

test("calls share nothing", () => {
  const gemm = findKernel("gemm")!;
  const first = inputsFor(gemm, "MINI");
  first.C!.data.fill(7);
  assert.is.not(inputsFor(gemm, "MINI").C!.data[0], 7);
});

test("nested rows are views", () => {
  const cube = zeroArray("i32", [2, 3, 4]);
  const rows = nested(cube) as Int32Array[][];
  rows[1]![2]![3] = 9.7;
  assert.is(cube.data[23], 9);
  assert.is(rows.length, 2);
  assert.is(rows[0]!.length, 3);
  assert.equal(nested(zeroArray("f64", [0, 3])), []);
});

test.run();
