import type { bool, f64 } from "tsgpu";

/** C has no `!==`. */
export function keep(A: bool[], x: f64): void {
  A[0] = A[0] && A[0];
  A[0] = !!A[0];
  A[0] = A[A.length - 1] || x > 0;
}
