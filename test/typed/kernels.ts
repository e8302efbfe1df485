/** Kernels whose types `load.ts` tries. */
import type { bool, f32, f64, i32, index, real } from "tsgpu";

export const answer = 42;

export interface Point {
  x: f64;
  y: f64;
}

export function gemm(alpha: real, C: real[][], A: readonly (readonly real[])[]): void {
  for (let i = 0; i < C.length; i++) for (let j = 0; j < C[0].length; j++) C[i][j] += alpha * A[i][j];
}

export function axpy<T extends f64 | f32>(a: T, x: readonly T[], y: T[]): void {
  for (let i = 0; i < x.length; i++) y[i] = (y[i] + a * x[i]) as T;
}

export function count(n: index, flags: readonly bool[], k: readonly i32[]): i32 {
  let sum = 0;
  for (let i = 0; i < n; i++) if (flags[i]) sum += k[i];
  return sum;
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

export function smooth(field: { values: f64[][]; width: f64 }, pairs: [f64, bool][]): [f64, bool] {
  field.values[0][0] *= field.width;
  return pairs[0];
}
