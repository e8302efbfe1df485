import type { f64, i32 } from "tsgpu";

const STEP = 2;

/** The larger of two constants is an integer. */
export function most(A: f64[]): i32 {
  A[Math.min(0, STEP)] = Math.max(3, -2) * Math.floor(STEP / 3);
  return Math.max(0, STEP);
}
