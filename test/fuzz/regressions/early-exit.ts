import type { i32 } from "tsgpu";

/** A checked access in a loop that LLVM makes vector code of: where the loop is left, a lane is asked for by a variable. */
export function halves(A: i32[]): void {
  const n = A.length;
  const last = n - 1;
  for (let j = 0; j < last; j++) {
    if (1.5 < A[(j + last) >> 1] && 1 !== 2.25 + n) A[0] = 1;
  }
}
