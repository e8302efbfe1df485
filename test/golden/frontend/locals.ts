// Arrays of a function's own, module constants, and rows under another name.
import type { f64, i32, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

const weights = [0.25, 0.5, 0.25];
const table: readonly (readonly i32[])[] = [
  [1, 2],
  [3, 4],
];
const half = 0.5;
const count = 2 + 1;
const limits = { lo: -1, hi: 1 };

export function smooth(x: f64[]): void {
  const n = x.length;
  const old = zeros("f64", n);
  for (let i = 0; i < n; i++) old[i] = x[i];
  for (let i = 1; i < n - 1; i++) {
    let s = 0;
    for (let k = 0; k < count; k++) s += weights[k] * old[i + k - 1];
    x[i] = Math.max(limits.lo, Math.min(limits.hi, s));
  }
}

export function literals(x: f64, n: i32): f64 {
  const a = [1, x, n];
  const b: i32[] = [3, n];
  const c = [
    [1, 2, 3],
    [x, 5, 6],
  ];
  const flags = [true, x > 0];
  const row = c[1];
  row[0] = row.length + c.length;
  return a[1] + b[0] + c[1][0] + (flags[1] ? half : table[1][0]);
}

export function fresh(x: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const t = zeros("f64", 2, 2);
    t[1][1] += x[i];
    sum += t[0][0] + t[1][1];
  }
  return sum;
}
