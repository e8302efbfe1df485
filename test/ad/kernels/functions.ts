/** Every operation of `Math` that has a derivative, and a mesh of arithmetic. */
import type { f64 } from "tsgpu";

export function elementary(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    y[i] += Math.exp(v) + Math.expm1(v) * Math.log(v + 3) + Math.log2(v + 3) - Math.log10(v + 3) + Math.log1p(v * v);
    y[i] += Math.sqrt(v + 2) * Math.cbrt(v + 2) + (v + 2) ** (y[i] * 0.1) + Math.hypot(v, y[i], 1) + v ** 3;
    y[i] += (v % 0.4) * (3 % (v + 2));
  }
}

export function trigonometric(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const v = 0.9 * x[i];
    y[i] += Math.sin(v) * Math.cos(v) + Math.tan(v) + Math.asin(v) * Math.acos(v) + Math.atan(v) + Math.atan2(v, y[i]);
    y[i] += Math.sinh(v) * Math.cosh(v) + Math.tanh(v) + Math.asinh(v) + Math.acosh(v + 2.5) + Math.atanh(v);
  }
}

/** A value that is used many times over, negated, and cancelled. */
export function reuse(a: f64, b: f64): f64 {
  const c = a * b;
  const d = -c + a / b - (b - a);
  const e = c * c * d + (d - d) * a;
  return e / (1 + d * d) + c - +e;
}
