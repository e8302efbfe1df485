import type { f64, i32, index } from "tsgpu";

/** A variable that a loop's test bounds is an integer, though it doubles. */
export function widths(x: f64[]): f64 {
  const n = x.length;
  let sum = 0;
  for (let half = 1; half < n; half *= 2) {
    for (let start = 0; start < n; start += 2 * half) sum += half * x[start];
  }
  return sum;
}

/** What moves in the body as well is not bounded by the test. */
export function grows(n: index): f64 {
  let steps = 0;
  for (let k = 1; k < n; k = k * 3) {
    k = k * k + 1;
    steps++;
  }
  return steps;
}

/** Two that move towards each other have no range that settles: they are computed in floats. */
export function middle(x: readonly f64[], y: f64): i32 {
  let lo = 0,
    hi = x.length - 1;
  while (lo <= hi) {
    const mid = Math.floor((lo + hi) / 2);
    if (x[mid] < y) lo = mid + 1;
    else hi = mid - 1;
  }
  return lo;
}
