/** A perceptron with two hidden layers learns three spirals apart, by Adam. `npx tsx examples/mlp/main.ts --help` */
import { load, valueAndGrad, zeros } from "tsgpu";
import { adam } from "../training/optimisers.ts";
import { layer, randomNumbers } from "../training/random.ts";
import { readOptions, train } from "../training/train.ts";
import type { Module } from "./mlp.types.ts";

const title = "Multilayer perceptron";
const o = readOptions(`${title} on three spirals.`, { steps: 600 });
const { loss, classify } = await load<Module>(new URL("./mlp.ts", import.meta.url), o.load);

const { real } = o.load;
const random = randomNumbers(o.seed);
const classes = 3,
  perClass = 200;
const x = zeros(real, [classes * perClass, 2]);
const labels = new Int32Array(classes * perClass);
for (let i = 0; i < labels.length; i++) {
  const label = i % classes;
  const radius = Math.floor(i / classes) / perClass;
  const angle = 2 * Math.PI * (label / classes + radius) + 0.15 * random.normal();
  x.data.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i);
  labels[i] = label;
}

const units = 32;
const p = {
  W1: layer(random, real, [2, units]),
  b1: zeros(real, [units]),
  W2: layer(random, real, [units, units]),
  b2: zeros(real, [units]),
  W3: layer(random, real, [units, classes]),
  b3: zeros(real, [classes]),
};
const step = valueAndGrad(loss, { wrt: ["W1", "b1", "W2", "b2", "W3", "b3"] });
const optimise = adam({ rate: 0.01 });
await train(title, o, async () => {
  const { value, grads } = await step(p.W1, p.b1, p.W2, p.b2, p.W3, p.b3, x, labels);
  optimise(p, grads);
  return value;
});

if (!o.json) {
  const found = new Int32Array(labels.length);
  await classify(p.W1, p.b1, p.W2, p.b2, p.W3, p.b3, x, found);
  const right = found.filter((label, i) => label === labels[i]).length;
  // What the network says of each place around.
  const [columns, rows] = [64, 28];
  const plane = zeros(real, [rows * columns, 2]);
  for (let i = 0; i < rows * columns; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    plane.data.set([(2.2 * (column + 0.5)) / columns - 1.1, 1.1 - (2.2 * (row + 0.5)) / rows], 2 * i);
  }
  const map = new Int32Array(rows * columns);
  await classify(p.W1, p.b1, p.W2, p.b2, p.W3, p.b3, plane, map);
  for (let row = 0; row < rows; row++) {
    console.log(Array.from(map.subarray(row * columns, (row + 1) * columns), (label) => ".o#"[label]).join(""));
  }
  console.log(`${((100 * right) / labels.length).toFixed(1)} % of the samples are classified right`);
}
