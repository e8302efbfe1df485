/** PolyBench/C 4.2.1, linear-algebra/solvers/gramschmidt. */
import type { real } from "tsgpu";

/** A = Q R by modified Gram-Schmidt; A is overwritten. Shapes: A[m][n], R[n][n], Q[m][n]. */
export function gramschmidt(A: real[][], R: real[][], Q: real[][]): void {
  const m = A.length;
  const n = A[0].length;
  for (let k = 0; k < n; k++) {
    let nrm: real = 0.0;
    for (let i = 0; i < m; i++) nrm += A[i][k] * A[i][k];
    R[k][k] = Math.sqrt(nrm);
    for (let i = 0; i < m; i++) Q[i][k] = A[i][k] / R[k][k];
    for (let j = k + 1; j < n; j++) {
      R[k][j] = 0.0;
      for (let i = 0; i < m; i++) R[k][j] += Q[i][k] * A[i][j];
      for (let i = 0; i < m; i++) A[i][j] = A[i][j] - Q[i][k] * R[k][j];
    }
  }
}
