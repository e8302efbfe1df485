// f32 rounds after each operation, literals take the type of what they meet, and what is joined is the larger type.
// not plain
import type { f32, f64, i32 } from "tsgpu";

export function single(a: f32, b: f32): f32 {
  const c = a * b + 0.1;
  return c / 3 - a ** 2 + -b;
}

export function mixed(a: f32, b: f64, n: i32): f64 {
  const c = a + b;
  const d = a * n;
  const e = (b as f32) + a;
  const f = Math.fround(b) * 2;
  return c + d + e + f + (a > 0.1 ? a : 1);
}

export function compared(a: f32, b: f64): f64 {
  let out = 0;
  if (a < b) out += 1;
  if (a === 0.1) out += 2;
  if (a === 0.5) out += 4;
  return out;
}

export function elements(x: f32[], y: f64[]): void {
  x[0] += 0.1;
  x[0] *= y[0];
  y[0] += x[0];
  x[0] = y[0] * x[0];
  let s = x[0];
  s = s + 1;
  s = y[0];
  x[0] = s;
}
