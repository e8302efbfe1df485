/** PolyBench/C 4.2.1, linear-algebra/blas/syr2k. */
import type { real } from "tsgpu";

/** Lower triangle of C := alpha (A Bᵀ + B Aᵀ) + beta C. Shapes: C[n][n], A[n][m], B[n][m]. */
export function syr2k(
  alpha: real,
  beta: real,
  C: real[][],
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
): void {
  const n = A.length;
  const m = A[0].length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) C[i][j] *= beta;
    for (let k = 0; k < m; k++) {
      for (let j = 0; j <= i; j++) C[i][j] += A[j][k] * alpha * B[i][k] + B[j][k] * alpha * A[i][k];
    }
  }
}
