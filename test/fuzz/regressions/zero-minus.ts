// not plain, hollow
import type { f32, f64, i32, index } from "tsgpu";

/** 0 - 0 is +0, however the second zero came about: gcc makes a negation of it when it was an integer. */
export function differences(A: f64[], F: f32[], K: i32[], x: index): void {
  const zero: f64 = 0;
  for (let i = 0; i < A.length; i++) {
    A[i] = zero - x;
    F[i % Math.max(F.length, 1)] = zero - K[i % Math.max(K.length, 1)];
  }
}
