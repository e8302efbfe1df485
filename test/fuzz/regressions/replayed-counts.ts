// not plain, gradients 71039
/** Integers that are counted up, and decide a subscript, are counted again by the reverse sweep: no sum of adjoints. */
import type { i32, real } from "tsgpu";

export function kernel1(A0: real[][], A1: i32[]): void {
  const n = A0.length;
  for (let i = 1; i < n; i++) {
    A1[(i - 1 + i) >> 1] += 1;
    A0[((A1[i] % n) + n) % n][0] = A0[i][0] * A0[i][0];
  }
}
