/**
 * An LSTM learns the adding problem (Hochreiter and Schmidhuber, 1997): of a sequence of numbers, two are marked, and their sum is
 * wanted at the end. Who always answers 1 has an error of 1/6. `npx tsx examples/lstm/train.ts --help`
 */
import { load, valueAndGrad, zeros } from "tsgpu";
import { adam } from "../training/optimisers.ts";
import { layer, randomNumbers } from "../training/random.ts";
import { readOptions, train } from "../training/train.ts";
import type { Module } from "./adding.types.ts";

const title = "LSTM, adding problem";
const o = readOptions(`${title}: the sum of the two marked numbers of a sequence.`, { steps: 1000 });
const { loss } = await load<Module>(new URL("./adding.ts", import.meta.url), o.load);

const { real } = o.load;
const random = randomNumbers(o.seed);
const length = 30,
  batch = 32,
  units = 16;

/** New sequences each time: numbers in column 0, marks in column 1. */
const x = zeros(real, [length, batch, 2]);
const y = zeros(real, [batch]);
function draw(): void {
  for (let b = 0; b < batch; b++) {
    const first = random.below(length / 2),
      second = length / 2 + random.below(length / 2);
    for (let t = 0; t < length; t++) {
      x.data.set([random.uniform(), t === first || t === second ? 1 : 0], 2 * (t * batch + b));
    }
    y.data[b] = x.data[2 * (first * batch + b)] + x.data[2 * (second * batch + b)];
  }
}

const p = {
  W: layer(random, real, [2, 4 * units]),
  U: layer(random, real, [units, 4 * units]),
  bias: zeros(real, [4 * units]),
  out: zeros(real, [units]),
  shift: 0,
};
// Cells begin by keeping what they have.
p.bias.data.fill(1, units, 2 * units);
for (let u = 0; u < units; u++) p.out.data[u] = random.normal() / Math.sqrt(units);

const step = valueAndGrad(loss, { wrt: ["W", "U", "bias", "out", "shift"] });
const optimise = adam({ rate: 0.01 });
await train(title, o, async () => {
  draw();
  const { value, grads } = await step(p.W, p.U, p.bias, p.out, p.shift, x, y);
  optimise(p, grads);
  return value;
});

if (!o.json) {
  draw();
  const error = await loss(p.W, p.U, p.bias, p.out, p.shift, x, y);
  console.log(
    `new sequences: off by ${Math.sqrt(error).toFixed(3)} (root mean square); answering 1 would be ${Math.sqrt(1 / 6).toFixed(3)}`,
  );
}
