/** PolyBench/C 4.2.1, linear-algebra/blas/trmm. */
import type { real } from "tsgpu";

/** B := alpha Aᵀ B, A unit lower triangular. Shapes: A[m][m], B[m][n]. */
export function trmm(alpha: real, A: readonly (readonly real[])[], B: real[][]): void {
  const m = B.length;
  const n = B[0].length;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = i + 1; k < m; k++) B[i][j] += A[k][i] * B[k][j];
      B[i][j] = alpha * B[i][j];
    }
  }
}
