/** Kernels whose gradients `grad.ts` tries. */
import type { f64, i32, index, real } from "tsgpu";

export interface Point {
  x: f64;
  y: f64;
}

export function gemm(alpha: real, C: real[][], A: readonly (readonly real[])[]): void {
  for (let i = 0; i < C.length; i++) for (let j = 0; j < C[0].length; j++) C[i][j] += alpha * A[i][j];
}

export function center(points: readonly Point[], shift: readonly [f64, f64]): Point {
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i++) {
    x += points[i].x;
    y += points[i].y;
  }
  return { x: x / points.length + shift[0], y: y / points.length + shift[1] };
}

/** Gathers, and counts how often. */
export function pick(x: readonly f64[], at: readonly i32[], n: index, out: f64[], counts: i32[]): i32 {
  for (let i = 0; i < n; i++) {
    out[i] = x[at[i]];
    counts[at[i]] += 1;
  }
  return n;
}

/** The mean squared error of a straight line; leaves the residuals in `r`. */
export function loss(w: readonly f64[], b: f64, x: readonly (readonly f64[])[], y: readonly f64[], r: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    r[i] = b - y[i];
    for (let j = 0; j < w.length; j++) r[i] += w[j] * x[i][j];
    sum += r[i] * r[i];
  }
  return sum / x.length;
}
