import type { f64 } from "tsgpu";

/** Loops up to a float that may be NaN or infinite, and that something else may end. */
export function upTo(A: f64[], x: f64): f64 {
  let trips = 0;
  for (let i = 0; i < Math.min(Math.sqrt(-1 - x * x), A.length); i++) {
    trips++;
    if (A[i] > 2) break;
  }
  for (let i = 0; i < 1 / (x - x); i += 2) {
    if (i >= A.length) break;
    trips += 10;
  }
  for (let i = 0; i <= A[0] / 0; i += 3) {
    if (i > 5) break;
    trips += 100;
  }
  return trips;
}
