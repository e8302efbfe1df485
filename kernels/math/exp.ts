/**
 * exp and expm1.
 *
 * x = k ln 2 + r with |r| <= ln(2) / 2, ln 2 in two parts (Cody & Waite 1980), so that r = high - low with `high` exact. Then e ** r is
 * cosh r + sinh r, each a minimax polynomial in r ** 2 (Remez exchange; together wrong by less than 2 ** -63), and the leading
 * terms 1 + high are summed last, with what rounding took from them. The same two polynomials give sinh, cosh and tanh (hyperbolic.ts)
 * and the last step of pow.
 */
import type { f32, f64, i32 } from "tsgpu";
import { lowWord } from "tsgpu/kernel";
import { powerOfTwo, ROUND, scale } from "./parts.ts";

export const LOG2_E = 1.4426950408889634;
export const LN2 = 0.6931471805599453;
/** The leading 32 bits of ln 2: its products with exponents are exact. */
export const LN2_HIGH = 0.6931471803691238;
/** ln 2 - LN2_HIGH. */
export const LN2_LOW = 1.9082149292705877e-10;

/** The k, high and low of x = k ln 2 + (high - low), where high is exact and |high - low| <= ln(2) / 2. */
export function reduced(x: f64): [i32, f64, f64] {
  const t = x * LOG2_E + ROUND;
  const n = t - ROUND;
  return [lowWord(t), x - n * LN2_HIGH, n * LN2_LOW];
}

/** The k and r of x = k ln 2 + r with |r| <= ln(2) / 2, for single precision. */
export function reducedSingle(x: f64): [i32, f64] {
  const t = x * LOG2_E + ROUND;
  return [lowWord(t), x - (t - ROUND) * LN2];
}

/** (cosh r - 1 - v / 2) / v for v = r ** 2, |r| <= ln(2) / 2; error in cosh r below 2 ** -69. */
export function coshPart(v: f64): f64 {
  const w = v * v;
  return (
    v * 0.04166666666666667 +
    w * (0.0013888888888880938 + v * 2.4801587334357092e-5 + w * (2.755726399768866e-7 + v * 2.0918167926037308e-9))
  );
}

/** (sinh r - r) / (r * v) for v = r ** 2, |r| <= ln(2) / 2; error in sinh r below 2 ** -63. */
export function sinhPart(v: f64): f64 {
  const w = v * v;
  return (
    0.16666666666666674 +
    v * 0.008333333333322507 +
    w * (0.0001984126988530881 + v * 2.755724424015974e-6 + w * 2.5109194868778853e-8)
  );
}

/** coshPart for single precision; error in cosh r below 2 ** -45. */
export function coshPartSingle(v: f64): f64 {
  return 0.4999999999963964 + v * 0.041666666974414186 + v * v * (0.0013888809415991785 + v * 2.488155539912488e-5);
}

/** sinhPart for single precision; error in sinh r below 2 ** -39. */
export function sinhPartSingle(v: f64): f64 {
  return 0.16666666756597898 + v * 0.008333287839102258 + v * v * 0.0001990580312072785;
}

/** e ** r - 1 for |r| <= ln(2) / 2, with a relative error below 2 ** -37. */
export function expm1Single(r: f64): f64 {
  const v = r * r;
  return r + v * (coshPartSingle(v) + r * sinhPartSingle(v));
}

/** e ** x, within 0.65 ulp, 0.8 ulp where the result is subnormal. Infinity above 709.78, 0 below -745.13. */
export function exp(x: f64): f64 {
  const [k, high, low] = reduced(x);
  const r = high - low;
  const v = r * r;
  const sum = 1 + high;
  const rest = 1 - sum + high;
  const y = scale(sum + (rest + (0.5 * v + (v * (coshPart(v) + r * sinhPart(v)) - low))), k);
  return x > 709.782712893384 ? Infinity : x < -745.1332191019412 ? 0 : y;
}

/** e ** x - 1, accurate near 0 too, within 0.9 ulp. Infinity above 709.78, -1 below -38; expm1(-0) is -0. */
export function expm1(x: f64): f64 {
  const [k, high, low] = reduced(x);
  const r = high - low;
  const v = r * r;
  // 2 ** k (e ** r - 2 ** -k), where 1 - 2 ** -k is 0 or at least 1/2 in size, more than |high|.
  const q = k > 60 ? 0 : powerOfTwo((0 - k) | 0);
  const one = 1 - q;
  const sum = one + high;
  const rest = 1 - one - q + (one - sum + high);
  const lost = r * (high - r - low);
  const y =
    (sum + (rest + (0.5 * v + (v * (coshPart(v) + r * sinhPart(v)) + lost - low)))) * 2 * powerOfTwo((k - 1) | 0);
  return x > 709.782712893384 ? Infinity : x < -38 ? -1 : x === 0 ? x : y;
}

/** e ** x in single precision, computed in f64: wrong by at most 0.501 ulp, correctly rounded nearly always. */
export function expf(x: f32): f32 {
  const y: f64 = x;
  const [k, r] = reducedSingle(y);
  const e = (1 + expm1Single(r)) * powerOfTwo(k);
  return Math.fround(y > 104 ? Infinity : y < -104 ? 0 : e);
}

/** e ** x - 1 in single precision: wrong by at most 0.501 ulp; expm1f(-0) is -0. */
export function expm1f(x: f32): f32 {
  const y: f64 = x;
  const [k, r] = reducedSingle(y);
  const p = powerOfTwo(k);
  const e = p * expm1Single(r) + (p - 1);
  return Math.fround(y > 104 ? Infinity : y < -104 ? -1 : y === 0 ? y : e);
}
