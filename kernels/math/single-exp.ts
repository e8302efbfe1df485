/**
 * exp, expm1, sinh, cosh and tanh in f32 alone: x = k ln 2 + r as in exp.ts, with e ** r - 1 by its series to r ** 7, which leaves out less than
 * 2 ** -27 of it. The polynomials of sinh and tanh near 0 are those of Cephes (S. L. Moshier, 1989).
 */
import type { f32, i32 } from "tsgpu";
import { LN2_HIGH, LN2_LOW, LOG2_E, nearest, powerOfTwo, scale, signedAs } from "./single-parts.ts";

/** e ** r - 1 - r for |r| <= ln(2) / 2. */
export function expTail(r: f32): f32 {
  const p = 0.0416666667 + r * (0.00833333333 + r * (0.00138888889 + r * 0.000198412698));
  return r * r * (0.5 + r * (0.166666667 + r * p));
}

/** The k and r of x = k ln 2 + r with |r| <= ln(2) / 2. */
function reduced(x: f32): [i32, f32] {
  const n = nearest(x * LOG2_E);
  const k: i32 = n | 0;
  return [k, x - n * LN2_HIGH - n * LN2_LOW];
}

/** e ** x * 2 ** more, where that is a float and more is small. */
function expTimes(x: f32, more: i32): f32 {
  const [k, r] = reduced(x);
  return scale(1 + (r + expTail(r)), (k + more) | 0);
}

/** e ** x, within 1 ulp. Infinity above 88.73, 0 below -104. */
export function exps(x: f32): f32 {
  return x > 88.72283935546875 ? Infinity : x < -104 ? 0 : expTimes(x, 0);
}

/** e ** x - 1, accurate near 0 too, within 1.5 ulp; expm1s(-0) is -0. */
export function expm1s(x: f32): f32 {
  const [k, r] = reduced(x);
  const q = r + expTail(r);
  const p = powerOfTwo(k < -30 ? -30 : k > 30 ? 30 : k);
  const small = k === 0 ? q : p * q + (p - 1);
  const y = k > 24 ? scale(1 + q, k) : small;
  return x > 88.72283935546875 ? Infinity : x < -18 ? -1 : x === 0 ? x : y;
}

/** The hyperbolic sine, within 2 ulp; ±Infinity beyond ±89.4. sinhs(-0) is -0. */
export function sinhs(x: f32): f32 {
  const a = Math.abs(x);
  const z = a * a;
  const near = a + a * z * (0.16666716 + z * (0.00833028376 + z * 0.000203721913));
  const e = expTimes(a, -1);
  const y = a < 1 ? near : a > 89.41598510742188 ? Infinity : e - 0.25 / e;
  return signedAs(x, y);
}

/** The hyperbolic cosine, within 2 ulp; Infinity beyond ±89.4. */
export function coshs(x: f32): f32 {
  const a = Math.abs(x);
  const e = expTimes(a, -1);
  return a > 89.41598510742188 ? Infinity : e + 0.25 / e;
}

/** The hyperbolic tangent, within 2 ulp; ±1 beyond ±9.1. tanhs(-0) is -0. */
export function tanhs(x: f32): f32 {
  const a = Math.abs(x);
  const z = a * a;
  const p = -0.333332819 + z * (0.133314422 + z * (-0.0537397156 + z * (0.0206390888 + z * -0.00570498873)));
  const y = a < 0.625 ? a + a * z * p : a > 9.100000381469727 ? 1 : 1 - 1 / (expTimes(2 * a, -1) + 0.5);
  return signedAs(x, y);
}
