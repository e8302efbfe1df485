/**
 * Every kernel, run as plain JavaScript on PolyBench's inputs, gives what the C program gave, and dumps the same text.
 * `POLYBENCH_DATASETS=MEDIUM` checks others than MINI and SMALL.
 */
import { createHash } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check, checkReference } from "../../polybench/compare.ts";
import { dump } from "../../polybench/dump.ts";
import { type Dataset, referenceFor } from "../../polybench/sizes.ts";
import { kernels } from "../../polybench/suite.ts";
import { runPlain } from "./plain.ts";

const chosen = (process.env.POLYBENCH_DATASETS ?? "MINI,SMALL").split(",") as Dataset[];

for (const dataset of chosen) {
  for (const kernel of kernels) {
    test(`${kernel.name} at ${dataset}`, async () => {
      const dtype = kernel.dtypes[0];
      const arrays = await runPlain(kernel, dataset);
      const result = check({ kernel, dataset, kind: "polybench", dtype, mode: "strict" }, arrays);
      assert.ok(result?.ok, `${result?.problem}: ${result?.maxError}`);

      const reference = referenceFor(kernel.name, dataset);
      assert.ok(reference);
      // Without contraction even gramschmidt's rounding noise is the C program's.
      const direct = checkReference(kernel, arrays, reference, dtype === "f32" ? 1e-4 : dtype === "i32" ? 0 : 1e-10);
      assert.ok(direct.ok, `${direct.problem}: ${direct.maxError}`);
      assert.is(createHash("sha256").update(dump(kernel, arrays)).digest("hex"), reference.dump_sha256);
    });
  }
}

for (const kernel of kernels.filter((kernel) => kernel.dtypes[1] === "f64")) {
  test(`${kernel.name} in f64 agrees with the C program at MINI`, async () => {
    const arrays = await runPlain(kernel, "MINI", "polybench", "f64");
    const result = check({ kernel, dataset: "MINI", kind: "polybench", dtype: "f64", mode: "strict" }, arrays);
    assert.ok(result?.ok, `${result?.problem}: ${result?.maxError}`);
  });
}

for (const kernel of kernels.filter((kernel) => kernel.dtypes[1] === "f32")) {
  test(`${kernel.name} in f32 agrees with the C program at MINI`, async () => {
    const arrays = await runPlain(kernel, "MINI", "polybench", "f32");
    const result = check({ kernel, dataset: "MINI", kind: "polybench", dtype: "f32", mode: "strict" }, arrays);
    assert.ok(result?.ok, `${result?.problem}: ${result?.maxError}`);
  });
}

test.run();
