/** PolyBench/C 4.2.1, linear-algebra/kernels/atax. */
import type { real } from "tsgpu";

/** y := Aᵀ (A x), through tmp := A x. Shapes: A[m][n], x[n], y[n], tmp[m]. */
export function atax(A: readonly (readonly real[])[], x: readonly real[], y: real[], tmp: real[]): void {
  const m = A.length;
  const n = A[0].length;
  for (let i = 0; i < n; i++) y[i] = 0.0;
  for (let i = 0; i < m; i++) {
    tmp[i] = 0.0;
    for (let j = 0; j < n; j++) tmp[i] = tmp[i] + A[i][j] * x[j];
    for (let j = 0; j < n; j++) y[j] = y[j] + A[i][j] * tmp[i];
  }
}
