/** PolyBench/C 4.2.1, stencils/jacobi-1d. */
import type { index, real } from "tsgpu";

/** tsteps of a three-point mean, from A to B and back. Shapes: A[n], B[n]. */
export function jacobi1d(tsteps: index, A: real[], B: real[]): void {
  const n = A.length;
  for (let t = 0; t < tsteps; t++) {
    for (let i = 1; i < n - 1; i++) B[i] = 0.33333 * (A[i - 1] + A[i] + A[i + 1]);
    for (let i = 1; i < n - 1; i++) A[i] = 0.33333 * (B[i - 1] + B[i] + B[i + 1]);
  }
}
