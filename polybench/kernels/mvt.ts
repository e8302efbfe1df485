/** PolyBench/C 4.2.1, linear-algebra/kernels/mvt. */
import type { real } from "tsgpu";

/** x1 := x1 + A y_1, x2 := x2 + Aᵀ y_2. Shapes: x1[n], x2[n], y_1[n], y_2[n], A[n][n]. */
export function mvt(
  x1: real[],
  x2: real[],
  y_1: readonly real[],
  y_2: readonly real[],
  A: readonly (readonly real[])[],
): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) x1[i] = x1[i] + A[i][j] * y_1[j];
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) x2[i] = x2[i] + A[j][i] * y_2[j];
  }
}
