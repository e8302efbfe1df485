// Variables are values: each assignment is a new one, branches and loops yield or carry what they assign.
import type { bool, f64, i32 } from "tsgpu";

export function assigned(x: f64[], c: f64): f64 {
  let a = c;
  a = a + 1;
  a *= 2;
  const b = (a = a - c) + a;
  let unset: f64;
  (unset = b), (a = unset);
  let i = 0;
  x[i++] = a;
  x[--i] = b + i--;
  return a - ++i;
}

export function branched(c: f64, positive: bool): f64 {
  let a = 0;
  let b = c;
  if (positive) {
    a = c;
    b = 1;
  } else if (c < 0) {
    a = -c;
  }
  if (c > 2) b += a;
  return a + b;
}

export function shadowed(c: f64): f64 {
  const v = c;
  let sum = 0;
  {
    const v = 2 * c;
    sum += v;
  }
  for (let i = 0; i < 2; i++) {
    const v = sum;
    sum += v;
  }
  return sum + v;
}
