import type { f64, i32 } from "tsgpu";

/** The old value is read before the right side is computed, which may write the element. */
export function old(A: f64[], K: i32[]): void {
  A[0] += A[0] = 3;
  K[0] -= K[0]++;
  K[0] *= K[0] = 5;
}
