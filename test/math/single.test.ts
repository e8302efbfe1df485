/**
 * The functions for targets without f64 against those of f64, on the interpreter: within the error that each states, and the same
 * special values. That they hold no f64 is checked when the library is built.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpreter } from "../../compiler/interp.ts";
import type { MathOp } from "../../compiler/ir/ops.ts";
import { mathOps } from "../../compiler/ir/ops.ts";
import { randomNumbers } from "../ad/directions.ts";

/** Units in the last place that each may be off. */
const allowed: Readonly<Record<MathOp, number>> = {
  exp: 1,
  expm1: 1.5,
  log: 1,
  log2: 1,
  log10: 1,
  log1p: 1,
  sin: 2.5,
  cos: 2.5,
  tan: 3.5,
  asin: 2.5,
  acos: 1.5,
  atan: 2.5,
  sinh: 2,
  cosh: 2,
  tanh: 2,
  asinh: 2,
  acosh: 2,
  atanh: 3,
  cbrt: 1,
  pow: 1,
  atan2: 3,
  hypot: 1.5,
};
const special = [
  ...[0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, Infinity, -Infinity, NaN, 1e-40, -1e-40, 3e38, -3e38, 2 ** -126],
  ...[88.7, 88.73, 104, -87.4, -103.97, 89.4, 1e10, 4096, 4097, 33, 1e-20],
].map(Math.fround);
const points = 1500;

const random = randomNumbers(11);
const bits = new DataView(new ArrayBuffer(4));
/** Any float, or one where functions are used, or close to 0 or 1. */
function anyFloat(): number {
  const kind = Math.floor(random() * 6);
  const size = 2 ** -Math.floor(random() * 24);
  bits.setUint32(0, Math.floor(random() * 2 ** 32));
  const choices = [
    bits.getFloat32(0),
    4 * random() - 2,
    200 * random() - 100,
    2e4 * random() - 1e4,
    random() * size,
    1 + (random() - 0.5) * size,
  ];
  return Math.fround(choices[kind] as number);
}

const run = interpreter({ stage: "loop", funcs: [] });
const unit = (y: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(y), 2 ** -126))) - 23);

/** Takes two arguments? */
const isBinary = (op: MathOp): boolean => op === "pow" || op === "atan2" || op === "hypot";

for (const op of mathOps) {
  test(op, () => {
    const all = isBinary(op)
      ? [
          ...special.flatMap((x) => special.map((y) => [x, y])),
          ...Array.from({ length: points }, () => [anyFloat(), anyFloat()]),
          ...Array.from({ length: points }, () => [Math.fround(4 * random()), Math.fround(60 * random() - 30)]),
        ]
      : [...special.map((x) => [x]), ...Array.from({ length: points }, () => [anyFloat()])];
    const faults = all.flatMap((args) => {
      const got = run(`math.${op}s`, args)[0] as number;
      const wanted = run(`math.${op}`, args)[0] as number;
      const rounded = Math.fround(wanted);
      if (Object.is(got, rounded)) return [];
      const off = Math.abs(got - wanted) / unit(rounded);
      const close = Number.isFinite(got) && got !== 0 && off <= allowed[op];
      return close ? [] : [`${op}(${args.join(", ")}) is ${got}, not ${rounded}: off by ${off}`];
    });
    assert.equal(faults, []);
  });
}

test.run();
