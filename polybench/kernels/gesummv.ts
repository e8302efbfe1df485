/** PolyBench/C 4.2.1, linear-algebra/blas/gesummv. */
import type { real } from "tsgpu";

/** y := alpha A x + beta B x, through tmp := A x. Shapes: A[n][n], B[n][n], tmp[n], x[n], y[n]. */
export function gesummv(
  alpha: real,
  beta: real,
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
  tmp: real[],
  x: readonly real[],
  y: real[],
): void {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    tmp[i] = 0.0;
    y[i] = 0.0;
    for (let j = 0; j < n; j++) {
      tmp[i] = A[i][j] * x[j] + tmp[i];
      y[i] = B[i][j] * x[j] + y[i];
    }
    y[i] = alpha * tmp[i] + beta * y[i];
  }
}
