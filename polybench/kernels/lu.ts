/** PolyBench/C 4.2.1, linear-algebra/solvers/lu. */
import type { real } from "tsgpu";

/** A := L and U in one, where A = L U and L has a unit diagonal. Shape: A[n][n]. */
export function lu(A: real[][]): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < j; k++) A[i][j] -= A[i][k] * A[k][j];
      A[i][j] /= A[j][j];
    }
    for (let j = i; j < n; j++) {
      for (let k = 0; k < i; k++) A[i][j] -= A[i][k] * A[k][j];
    }
  }
}
