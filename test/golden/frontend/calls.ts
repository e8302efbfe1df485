// Functions are called by instance: one for each set of type arguments, and of integer arguments that fit or do not.
import type { bool, f32, f64, i32, index } from "tsgpu";

function mean(x: readonly f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum / x.length;
}
function fill(x: f64[], v: f64): void {
  for (let i = 0; i < x.length; i++) x[i] = v;
}
function scale<T extends f64 | f32 | i32>(x: T[], by: T): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] * by) as T;
}
function larger<T extends f64 | i32>(a: T, b: T): T {
  return a > b ? a : b;
}
function triangle(n: i32): index {
  return ((n * (n + 1)) / 2) | 0;
}
function twice(v: f64): f64 {
  return 2 * v;
}

export function views(A: f64[][], B: f64[][][], x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] = mean(A[i]);
  const row = A[0];
  fill(row, twice(twice(x[0])));
  fill(B[0][0], mean(row));
}

export function generics(x: f64[], k: i32[]): f64 {
  scale(x, 0.5);
  scale(k, 3);
  scale<f64>(x, k[0]);
  return larger(x[0], 1) + larger(k[0], 2) + larger<f64>(k[0], 2);
}

export function entry<T extends f64 | i32>(x: T[], y: T): T {
  scale(x, y);
  return larger(x[0], y);
}

export function integers(n: index, x: f64): f64 {
  return triangle(n) + triangle(3) + triangle(Math.floor(x));
}
