/** PolyBench/C 4.2.1, linear-algebra/blas/symm. */
import type { real } from "tsgpu";

/** C := alpha A B + beta C, A symmetric and only its lower triangle read. Shapes: C[m][n], A[m][m], B[m][n]. */
export function symm(
  alpha: real,
  beta: real,
  C: real[][],
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
): void {
  const m = C.length;
  const n = C[0].length;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let temp2: real = 0.0;
      for (let k = 0; k < i; k++) {
        C[k][j] += alpha * B[i][j] * A[i][k];
        temp2 += B[k][j] * A[i][k];
      }
      C[i][j] = beta * C[i][j] + alpha * B[i][j] * A[i][i] + alpha * temp2;
    }
  }
}
