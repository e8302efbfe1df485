/** Functions that kernels call, with rows, with the same array twice, and twice. */
import type { f32, f64, index } from "tsgpu";
import { customGradient, stopGradient } from "tsgpu/kernel";

function dot(a: readonly f64[], b: readonly f64[]): f64 {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += a[i] * b[i];
  return s;
}

function normalise(row: f64[]): f64 {
  const length = Math.sqrt(dot(row, row) + 1);
  for (let i = 0; i < row.length; i++) row[i] /= length;
  return length;
}

/** `to -= a from`, where both may be rows of one array. */
function subtract(to: f64[], from: readonly f64[], a: f64): void {
  for (let i = 0; i < to.length; i++) to[i] -= a * from[i] * to[i];
}

export function rowsPassed(x: f64[][], y: f64[]): void {
  for (let i = 0; i < x.length; i++) y[i] = normalise(x[i]) * dot(x[i], y);
}

/** Each row loses its part along all rows before it. */
export function twoRowsOfOneArray(x: f64[][]): void {
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const p = dot(x[i], x[j]);
      subtract(x[i], x[j], p);
    }
    normalise(x[i]);
  }
}

/** The same row as both arguments. */
export function oneRowTwice(x: f64[][]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += dot(x[i], x[i]) * dot(x[0], x[i]);
  return s;
}

function step(x: f64[], a: f64): f64 {
  let s = a;
  for (let i = 0; i < x.length; i++) {
    x[i] = x[i] * x[i] + a;
    s += x[i];
  }
  return s;
}

/** One function, called twice on the same array, the second time with the first result. */
export function calledTwice(x: f64[], a: f64): f64 {
  const s = step(x, a);
  return step(x, 0.1 * s) * s;
}

/** Called in a loop, from within an expression, and with its own result. */
export function calledInLoop(x: f64[], y: f64[], n: index): f64 {
  let s = 0.2;
  for (let t = 0; t < n; t++) s = step(x, 0.1 * s) * 0.25 + step(y, 0.1 * s);
  return s;
}

function early(x: f64): f64 {
  if (x < 0) return x * x;
  if (x > 1) return 2 * x - 1;
  return x * x * x;
}

/** A function that returns early. */
export function returnsEarly(x: f64[]): f64 {
  let s = 1;
  for (let i = 0; i < x.length; i++) s = s * 0.5 + early(x[i]) * early(s);
  return s;
}

function axpy<T extends f64 | f32>(a: T, x: readonly T[], y: T[]): void {
  for (let i = 0; i < x.length; i++) y[i] = (y[i] + a * x[i] * y[i]) as T;
}

/** A generic function, once for each of its types. */
export function genericTwice(x: f64[], y: f64[], u: f32[], v: f32[], a: f64): void {
  axpy(a, x, y);
  axpy(0.5 as f32, u, v);
}

function rounded(x: f64): f64 {
  return Math.round(4 * x);
}
function roundedAdjoint(_x: f64, _r: f64, d: f64): f64 {
  return 4 * d;
}
const quantise = customGradient(rounded, roundedAdjoint);

/** A rounding that lets the gradient through. */
export function straightThrough(x: f64[], n: index): void {
  for (let i = 0; i < x.length; i++) x[i] = quantise(x[i]) * n * x[i] + quantise(2);
}

function logSum(x: readonly f64[], scale: f64): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += Math.exp(scale * x[i]);
  return Math.log(s);
}
function logSumAdjoint(x: readonly f64[], scale: f64, r: f64, d: f64, dx: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    const p = d * Math.exp(scale * x[i] - r);
    dx[i] += p * scale;
    s += p * x[i];
  }
  return s;
}
const stableLogSum = customGradient(logSum, logSumAdjoint);

/** A custom gradient of rows that are overwritten afterwards, and of what its own results become. */
export function customOfRows(x: f64[][], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const r = stableLogSum(x[i], y[i] * y[i]);
    for (let j = 0; j < x[0].length; j++) x[i][j] *= r;
    y[i] = stableLogSum(x[i], r);
  }
}

/** A value that counts as a constant, among the same values that do not. */
export function stopped(x: f64[]): f64 {
  let s = 1;
  for (let i = 0; i < x.length; i++) {
    const scale = stopGradient(x[i] * s);
    x[i] = scale * x[i] + stopGradient(x[i]);
    s = s * x[i] + stopGradient(s);
  }
  return s;
}
