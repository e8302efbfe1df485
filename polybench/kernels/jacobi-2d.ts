/** PolyBench/C 4.2.1, stencils/jacobi-2d. */
import type { index, real } from "tsgpu";

/** tsteps of a five-point mean, from A to B and back. Shapes: A[n][n], B[n][n]. */
export function jacobi2d(tsteps: index, A: real[][], B: real[][]): void {
  const n = A.length;
  for (let t = 0; t < tsteps; t++) {
    for (let i = 1; i < n - 1; i++) {
      for (let j = 1; j < n - 1; j++) {
        B[i][j] = 0.2 * (A[i][j] + A[i][j - 1] + A[i][1 + j] + A[1 + i][j] + A[i - 1][j]);
      }
    }
    for (let i = 1; i < n - 1; i++) {
      for (let j = 1; j < n - 1; j++) {
        A[i][j] = 0.2 * (B[i][j] + B[i][j - 1] + B[i][1 + j] + B[1 + i][j] + B[i - 1][j]);
      }
    }
  }
}
