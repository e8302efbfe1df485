/** PolyBench/C 4.2.1, stencils/heat-3d. */
import type { index, real } from "tsgpu";

/** tsteps of the heat equation in a cube, from A to B and back. Shapes: A[n][n][n], B[n][n][n]. */
export function heat3d(tsteps: index, A: real[][][], B: real[][][]): void {
  const n = A.length;
  for (let t = 1; t <= tsteps; t++) {
    for (let i = 1; i < n - 1; i++) {
      for (let j = 1; j < n - 1; j++) {
        for (let k = 1; k < n - 1; k++) {
          B[i][j][k] =
            0.125 * (A[i + 1][j][k] - 2.0 * A[i][j][k] + A[i - 1][j][k]) +
            0.125 * (A[i][j + 1][k] - 2.0 * A[i][j][k] + A[i][j - 1][k]) +
            0.125 * (A[i][j][k + 1] - 2.0 * A[i][j][k] + A[i][j][k - 1]) +
            A[i][j][k];
        }
      }
    }
    for (let i = 1; i < n - 1; i++) {
      for (let j = 1; j < n - 1; j++) {
        for (let k = 1; k < n - 1; k++) {
          A[i][j][k] =
            0.125 * (B[i + 1][j][k] - 2.0 * B[i][j][k] + B[i - 1][j][k]) +
            0.125 * (B[i][j + 1][k] - 2.0 * B[i][j][k] + B[i][j - 1][k]) +
            0.125 * (B[i][j][k + 1] - 2.0 * B[i][j][k] + B[i][j][k - 1]) +
            B[i][j][k];
        }
      }
    }
  }
}
