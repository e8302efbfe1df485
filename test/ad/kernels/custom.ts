// Derivatives that are wrong on purpose: a true one is no pass.
import type { f32, f64, i32 } from "tsgpu";
import { customGradient, stopGradient, zeros } from "tsgpu/kernel";

function squared<T extends f64 | f32>(x: T): T {
  return (x * x) as T;
}
function squaredAdjoint<T extends f64 | f32>(_x: T, r: T, d: T): T {
  return (100 * d + r) as T;
}
export const square = customGradient(squared, squaredAdjoint);

function dotted(x: readonly f64[], n: i32, w: readonly f64[][], s: f64, t: f64): f64 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += s * x[i] * w[0][i];
  return sum - t;
}
function dottedAdjoint(
  x: readonly f64[],
  n: i32,
  _w: readonly f64[][],
  _s: f64,
  _t: f64,
  _r: f64,
  d: f64,
  dx: f64[],
  dw: f64[][],
): [f64, f64] {
  for (let i = 0; i < n; i++) {
    dx[i] += 10 * d;
    dw[0][i] -= d * x[i];
  }
  return [2 * d, 3 * d];
}
const dot = customGradient(dotted, dottedAdjoint);

export function twice(x: f64): f64 {
  return square(x) + square(x);
}
export function plain(x: f64): f64 {
  return squared(x);
}
export function narrow(x: f32): f32 {
  return square(x);
}
export function rows(X: f64[][], w: f64[][][], s: f64): f64 {
  let sum = 0;
  for (let i = 0; i < X.length; i++) sum += dot(X[i], X[i].length, w[i], s, s);
  return sum;
}
export function straight(x: f64): f64 {
  return x + stopGradient(Math.round(x) - x) + stopGradient(x * x) * x;
}

/** Overwrites the row that the adjoint reads. */
export function overwrites(X: f64[][], w: f64[][][], s: f64): f64 {
  let sum = 0;
  for (let i = 0; i < X.length; i++) {
    sum += dot(X[i], X[i].length, w[i], s, s);
    for (let j = 0; j < X[i].length; j++) X[i][j] = 0;
  }
  return sum;
}

/** A row of a local array, and the result used under a condition and in a loop. */
export function local(x: f64[], w: f64[][]): f64 {
  const twice = zeros("f64", x.length);
  let last = 0;
  for (let k = 0; k < 3; k++) {
    for (let i = 0; i < x.length; i++) twice[i] = 2 * x[i];
    const r = dot(twice, x.length, w, 1, 1);
    if (r > last) last += 0.5 * r;
  }
  return last;
}

/** The adjoint's array is too short by one. */
export function outside(x: f64[], w: f64[][], n: i32): f64 {
  return dot(x, n, w, 1, 1);
}
