// What JavaScript would not evaluate stands in a branch; what costs nothing is simply computed.
import type { bool, f64, i32 } from "tsgpu";

export function free(a: f64, b: f64, c: bool): bool {
  return (a < b && c) || !(a === b);
}

export function guarded(x: readonly f64[], i: i32): f64 {
  if (i >= 0 && i < x.length && x[i] > 0) return x[i];
  if (i < 0 || i >= x.length || x[i] === 0) return -1;
  return x[i] < -1 ? -x[i] : 2;
}

export function chosen(a: f64, n: i32, c: bool): f64 {
  const least = a < n ? a : n;
  const sign = c ? 1 : -1;
  const nested = a > 0 ? (n > 0 ? 1.5 : 2) : 0;
  return least * sign + nested;
}

export function numbers(a: f64, n: i32): f64 {
  let out = 0;
  if (a) out += 1;
  if (n) out += 2;
  if (!a) out += 4;
  while (out < 8 && n != 3) out += 1;
  return out;
}
