/** PolyBench/C 4.2.1, linear-algebra/solvers/ludcmp. */
import type { real } from "tsgpu";

/** x := solution of A x = b by LU, A := L and U in one, y := solution of L y = b. Shapes: A[n][n], b[n], x[n], y[n]. */
export function ludcmp(A: real[][], b: readonly real[], x: real[], y: real[]): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let w: real = A[i][j];
      for (let k = 0; k < j; k++) w -= A[i][k] * A[k][j];
      A[i][j] = w / A[j][j];
    }
    for (let j = i; j < n; j++) {
      let w: real = A[i][j];
      for (let k = 0; k < i; k++) w -= A[i][k] * A[k][j];
      A[i][j] = w;
    }
  }
  for (let i = 0; i < n; i++) {
    let w: real = b[i];
    for (let j = 0; j < i; j++) w -= A[i][j] * y[j];
    y[i] = w;
  }
  for (let i = n - 1; i >= 0; i--) {
    let w: real = y[i];
    for (let j = i + 1; j < n; j++) w -= A[i][j] * x[j];
    x[i] = w / A[i][i];
  }
}
