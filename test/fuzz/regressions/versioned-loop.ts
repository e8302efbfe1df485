import type { f64, i32, index } from "tsgpu";

/** Two versions of a loop that share no statement, in the kernel that checks every access: both stay. */
export function twice(A: f64[], K: i32[], n: index, x: i32): void {
  for (let i = 0; i < n; ++i) A[0] -= 1.5;
  for (let i = 0; i < n; ++i) K[0] += 2;
  A[Math.min(x & 7, n - 1)] = 2.5;
}
