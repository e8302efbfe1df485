// `Math` functions are operators, its constants literals.
import type { f64, i32 } from "tsgpu";

export function unary(x: f64): f64 {
  const a = Math.sqrt(Math.abs(x)) + Math.exp(-x * x) + Math.log1p(Math.abs(x));
  const b = Math.sin(x) + Math.cos(x) + Math.tanh(x) + Math.cbrt(x) + Math.atan(x);
  const c = Math.floor(x) + Math.ceil(x) + Math.round(x) + Math.trunc(x) + Math.sign(x);
  return a + b + c;
}

export function binary(x: f64, y: f64, n: i32): f64 {
  const a = Math.min(x, y) + Math.max(x, y, 0, n) + x ** 2 + x ** n;
  const b = Math.atan2(y, x) + Math.hypot(x, y) + (x % 3);
  return a + b + Math.max(n);
}

export function constants(): f64 {
  return Math.PI + Math.E + Math.LN2 + Math.SQRT2 + 1 / Infinity;
}

export function invalid(x: f64): f64 {
  return x === x ? NaN : Infinity;
}
