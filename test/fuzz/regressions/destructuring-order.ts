import type { f64, i32 } from "tsgpu";

/** The values are computed first; then each target is found and written before the next is found. */
export function order(A: f64[], K: i32[]): void {
  let i = 0;
  [i, A[i]] = [A.length - 1, 5.5];
  K[0] = 0;
  [K[0], K[K[0]]] = [K.length - 1, 9];
}
