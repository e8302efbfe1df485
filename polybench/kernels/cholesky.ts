/** PolyBench/C 4.2.1, linear-algebra/solvers/cholesky. */
import type { real } from "tsgpu";

/** Lower triangle of A := L, where A = L Lᵀ; A is symmetric positive definite. Shape: A[n][n]. */
export function cholesky(A: real[][]): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < j; k++) A[i][j] -= A[i][k] * A[j][k];
      A[i][j] /= A[j][j];
    }
    for (let k = 0; k < i; k++) A[i][i] -= A[i][k] * A[i][k];
    A[i][i] = Math.sqrt(A[i][i]);
  }
}
