/** PolyBench/C 4.2.1, linear-algebra/blas/gemver. */
import type { real } from "tsgpu";

/** A := A + u1 v1ᵀ + u2 v2ᵀ, x := x + beta Aᵀ y + z, w := w + alpha A x. Shapes: A[n][n], all others [n]. */
export function gemver(
  alpha: real,
  beta: real,
  A: real[][],
  u1: readonly real[],
  v1: readonly real[],
  u2: readonly real[],
  v2: readonly real[],
  w: real[],
  x: real[],
  y: readonly real[],
  z: readonly real[],
): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) A[i][j] = A[i][j] + u1[i] * v1[j] + u2[i] * v2[j];
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) x[i] = x[i] + beta * A[j][i] * y[j];
  }
  for (let i = 0; i < n; i++) x[i] = x[i] + z[i];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) w[i] = w[i] + alpha * A[i][j] * x[j];
  }
}
