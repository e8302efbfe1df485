// not plain
import type { f64, i32 } from "tsgpu";

interface Q {
  c: i32;
  w: f64;
}

function scaled(q: Q, factor: i32): i32 {
  return q.c * 65537 + factor;
}
/** Integers in a struct beyond what its declaration says, and a whole float that is no number. */
export function pass(A: i32[], x: f64): f64 {
  const big = scaled({ c: A[0] * 65537 * 65537 * 65537, w: 0 }, 1);
  return big + scaled({ c: Math.floor(x / 0), w: 0 }, 1);
}
