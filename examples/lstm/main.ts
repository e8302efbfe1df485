/**
 * A cell that remembers: weights set by hand so that it takes up its input when a gate signal says so, and keeps it.
 * `npx tsx examples/lstm/main.ts`
 */
import { load, zeros } from "tsgpu";

const { lstm } = await load<typeof import("./lstm.ts")>(new URL("./lstm.ts", import.meta.url));

const steps = 12;
const x = zeros("f64", [steps, 1, 2]);
const signal = Array.from({ length: steps }, (_, t) => Math.sin(t));
const write = [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0];
for (let t = 0; t < steps; t++) x.data.set([signal[t]!, write[t]!], 2 * t);

// Columns: input gate, forget gate, candidate, output gate. One unit.
const W = [
  [0, 0, 1, 0],
  [20, -20, 0, 0],
];
const U = [[0, 0, 0, 0]];
const bias = [-10, 10, 0, 10];
const h = zeros("f64", [steps + 1, 1, 1]);
const c = zeros("f64", [steps + 1, 1, 1]);
await lstm(x, W, U, bias, h, c);

console.log(" t   input  write  memory");
for (let t = 0; t < steps; t++) {
  const number = (v: number): string => v.toFixed(3).padStart(6);
  console.log(
    `${String(t).padStart(2)}  ${number(signal[t]!)}  ${write[t] ? "  *  " : "     "}  ${number(c.data[t + 1]!)}`,
  );
}
