/**
 * Logistic regression on two Gaussian clouds, by stochastic gradient descent. The best weights there can be are known: the
 * difference of the clouds' means. `npx tsx examples/logistic/main.ts --help`
 */
import { array, load, valueAndGrad, zeros } from "tsgpu";
import { momentum } from "../training/optimisers.ts";
import { randomNumbers } from "../training/random.ts";
import { readOptions, train } from "../training/train.ts";
import type { Module } from "./logistic.types.ts";

const title = "Logistic regression";
const o = readOptions(`${title} on two Gaussian clouds.`, { steps: 300 });
const { loss, classify } = await load<Module>(new URL("./logistic.ts", import.meta.url), o.load);

// Cloud 1 lies at `apart`, cloud 0 at 0; both have variance 1 along each axis.
const apart = [1, -0.5, 0.25, 1.5, 0, -1];
const samples = 10_000,
  features = apart.length;
const random = randomNumbers(o.seed);
const x = zeros(o.load.real, [samples, features]);
const y = zeros(o.load.real, [samples]);
for (let i = 0; i < samples; i++) {
  y.data[i] = random.below(2);
  for (let j = 0; j < features; j++) x.data[i * features + j] = random.normal() + y.data[i] * apart[j];
}

const model = { w: zeros(o.load.real, [features]), b: 0 };
const step = valueAndGrad(loss, { wrt: ["w", "b"] });
const optimise = momentum({ rate: 0.05 });
const size = 200;
await train(title, o, async (k) => {
  // A batch is a view: no sample is copied.
  const from = (k * size) % samples;
  const rows = array(x.data.subarray(from * features, (from + size) * features), [size, features]);
  const { value, grads } = await step(model.w, model.b, rows, y.data.subarray(from, from + size), 1e-4);
  optimise(model, grads);
  return value;
});

if (!o.json) {
  const found = new Uint8Array(samples);
  await classify(model.w, model.b, x, found);
  const right = found.filter((inClass1, i) => inClass1 === y.data[i]).length;
  const list = (xs: Iterable<number>): string => Array.from(xs, (v) => v.toFixed(2).padStart(6)).join("");
  console.log(`weights ${list(model.w.data)}, bias ${model.b.toFixed(2)}`);
  console.log(`best    ${list(apart)}, bias ${(-apart.reduce((s, v) => s + v * v, 0) / 2).toFixed(2)}`);
  console.log(`${((100 * right) / samples).toFixed(1)} % of the samples are classified right`);
}
