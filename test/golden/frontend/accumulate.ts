// `op=` on an element is an `accum` where it happens in the element's own type; in a larger one it loads and stores.
import type { bool, f64, i32 } from "tsgpu";

function next(x: f64[]): f64 {
  x[0] += 1;
  return x[0];
}

export function accums(A: f64[][], x: f64[], i: i32): void {
  A[0][0] += x[0];
  A[0][0] -= x[0] * 2;
  A[0][0] *= -1;
  A[0][0] /= 3;
  A[0][0] **= 2;
  x[0]++;
  x[0] -= i;
}

// Its value is used, or the right side may write the element: the old value is read first.
export function loaded(x: f64[], y: f64[]): f64 {
  const a = (x[0] += 2);
  const b = x[0]++ + --x[0];
  x[0] += next(x);
  y[0] = y[0] + x[0];
  return a + b;
}

export function words(k: i32[], x: f64): void {
  k[0] += 2;
  k[0] -= k[0];
  k[0] += x;
  k[0] *= 3;
  k[0] |= 4;
}
