/** PolyBench/C 4.2.1, stencils/seidel-2d. */
import type { index, real } from "tsgpu";

/** tsteps of a nine-point mean in place. Shape: A[n][n]. */
export function seidel2d(tsteps: index, A: real[][]): void {
  const n = A.length;
  for (let t = 0; t <= tsteps - 1; t++) {
    for (let i = 1; i <= n - 2; i++) {
      for (let j = 1; j <= n - 2; j++) {
        A[i][j] =
          (A[i - 1][j - 1] +
            A[i - 1][j] +
            A[i - 1][j + 1] +
            A[i][j - 1] +
            A[i][j] +
            A[i][j + 1] +
            A[i + 1][j - 1] +
            A[i + 1][j] +
            A[i + 1][j + 1]) /
          9.0;
      }
    }
  }
}
