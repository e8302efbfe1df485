/** The seeded inputs, directions and weights are those that `adjoint-reference.json` was made with. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Arrays, copyArrays } from "../../polybench/array.ts";
import { directionsFor, inputsFor, scalarDirection, stream, weightsFor } from "../../polybench/inputs.ts";
import { adjointReferenceFor } from "../../polybench/sizes.ts";
import { findKernel, type Kernel, kernels } from "../../polybench/suite.ts";
import { runPlainOn } from "./plain.ts";

/** The sum of weight times result over the live-out arrays. */
async function loss(kernel: Kernel, inputs: Arrays): Promise<number> {
  const results = await runPlainOn(kernel, "MINI", "seeded", inputs);
  const weights = weightsFor(kernel, "MINI");
  let sum = 0;
  for (const name of kernel.outputs) {
    const weight = weights[name]!.data;
    results[name]!.data.forEach((y, i) => {
      sum += weight[i]! * y;
    });
  }
  return sum;
}

function moved(inputs: Arrays, directions: Arrays, by: number): Arrays {
  const copy = copyArrays(inputs);
  for (const [name, { data }] of Object.entries(copy)) {
    for (let i = 0; i < data.length; i++) data[i]! += by * directions[name]!.data[i]!;
  }
  return copy;
}

let references = 0;
for (const kernel of kernels) {
  const reference = adjointReferenceFor(kernel.name, "MINI");
  if (!reference) continue;
  references++;

  test(`${kernel.name}: the loss`, async () => {
    const actual = await loss(kernel, inputsFor(kernel, "MINI", "seeded"));
    const error = Math.abs(actual - reference.loss) / Math.abs(reference.loss);
    assert.ok(error <= 1e-12, `${actual} is not ${reference.loss}`);
  });

  test(`${kernel.name}: its derivative along the directions, by central differences`, async () => {
    const inputs = inputsFor(kernel, "MINI", "seeded");
    const directions = directionsFor(kernel, "MINI");
    const step = 1e-6;
    const up = await loss(kernel, moved(inputs, directions, step));
    const down = await loss(kernel, moved(inputs, directions, -step));
    const error = Math.abs((up - down) / (2 * step) - reference.jvp_all) / Math.abs(reference.jvp_all);
    assert.ok(error <= 1e-6, `relative error ${error}`);
  });
}

test("there are 14 references", () => {
  assert.is(references, 14);
});

test("a stream is xorshift32 from the FNV-1a hash of its name", () => {
  // FNV-1a of "a/b/x" by hand, then one xorshift step.
  let state = 0x811c9dc5n;
  for (const byte of "a/b/x") state = ((state ^ BigInt(byte.charCodeAt(0))) * 0x01000193n) & 0xffffffffn;
  state = (state ^ (state << 13n)) & 0xffffffffn;
  state ^= state >> 17n;
  state = (state ^ (state << 5n)) & 0xffffffffn;
  assert.is(stream("a", "b", "x")(), Number(state) / 2 ** 32);
});

test("scalars take the first number of their own stream", () => {
  const gemm = findKernel("gemm")!;
  assert.is(scalarDirection(gemm, "alpha"), stream("gemm", "alpha", "v")() - 0.5);
});

test("gramschmidt's matrix is tall, with its row count added on the diagonal", () => {
  const A = inputsFor(findKernel("gramschmidt")!, "MINI", "seeded").A!;
  assert.equal(A.shape, [30, 20]);
  const next = stream("gramschmidt", "A", "x");
  assert.is(A.data[0], next() + 30);
  assert.is(A.data[1], next());
});

test("integer arrays are truncated", () => {
  const { seq, table } = inputsFor(findKernel("nussinov")!, "MINI", "seeded");
  assert.instance(seq!.data, Int32Array);
  assert.instance(table!.data, Int32Array);
  const u = stream("nussinov", "seq", "x")();
  assert.is(seq!.data[0], Math.trunc(1 * (0.75 + 0.5 * u) + 0.1 * u));
});

test.run();
