/**
 * sinh, cosh and tanh; asinh, acosh and atanh.
 *
 * |x| = k ln 2 + r as in exp. With q = 2 ** (-2 k), 2 sinh |x| / 2 ** k = (1 - q) cosh r + (1 + q) sinh r, and for cosh the signs change: one
 * pair of polynomials, no division, no cancellation, and at k = 0 sinh r itself. The terms 1 ± q and r (1 ± q) are summed
 * with what rounding takes from them.
 *
 * The inverses are log1p of sums carried in two parts: asinh |x| = log1p(|x| + x ** 2 / (1 + sqrt(1 + x ** 2))), acosh x =
 * log1p(t + sqrt(t (2 + t))) with t = x - 1, atanh |x| = log1p(2 |x| / (1 - |x|)) / 2 (the forms of fdlibm).
 */
import type { f32, f64, i32 } from "tsgpu";
import { coshPart, coshPartSingle, expm1Single, reduced, reducedSingle, sinhPart, sinhPartSingle } from "./exp.ts";
import { log1pSingle, log1pSum } from "./log.ts";
import { leading, powerOfTwo, scale } from "./parts.ts";

/** Beyond 2 ** 28, asinh and acosh are log(2 x): the rest is nothing beside it. */
const BIG = 268435456;

/** `size` with the sign of x; x itself where it is zero or NaN. */
function signedAs(x: f64, size: f64): f64 {
  return x > 0 ? size : x < 0 ? -size : x;
}

/** 2 ** (-2 k) for k >= 0, and 0 where that is nothing beside the last bit of 1. */
function minusTwice(k: i32): f64 {
  return k > 30 ? 0 : powerOfTwo((0 - 2 * k) | 0);
}

/** The smaller terms of 2 sinh |x| / 2 ** k, what the larger ones lost in their sum among them: `sum` is 1 - q + high + q high. */
function sinhRest(q: f64, high: f64, low: f64): f64 {
  const r = high - low;
  const v = r * r;
  const one = 1 - q;
  const first = one + high;
  const sum = first + q * high;
  const lost = 1 - one - q + (one - first + high) + (first - sum + q * high);
  return one * (v * (0.5 + coshPart(v))) + (1 + q) * (r * v * sinhPart(v) - low) + lost;
}

/** The smaller terms of 2 cosh x / 2 ** k; the larger ones are 1 + q + high. */
function coshRest(q: f64, high: f64, low: f64): f64 {
  const r = high - low;
  const v = r * r;
  const one = 1 + q;
  const lost = 1 - one + q + (one - (one + high) + high);
  return one * (v * (0.5 + coshPart(v))) + ((1 - q) * (r * v * sinhPart(v) - low) - q * high) + lost;
}

/** The hyperbolic sine, within 0.9 ulp; ±Infinity beyond ±710.47. sinh(-0) is -0. */
export function sinh(x: f64): f64 {
  const a = Math.abs(x);
  const [k, high, low] = reduced(a);
  const q = minusTwice(k);
  const y = scale(1 - q + high + q * high + sinhRest(q, high, low), (k - 1) | 0);
  return signedAs(x, a > 710.4758600739439 ? Infinity : y);
}

/** The hyperbolic cosine, within 0.9 ulp; Infinity beyond ±710.47. */
export function cosh(x: f64): f64 {
  const a = Math.abs(x);
  const [k, high, low] = reduced(a);
  const q = minusTwice(k);
  const y = scale(1 + q + high + coshRest(q, high, low), (k - 1) | 0);
  return a > 710.4758600739439 ? Infinity : y;
}

/** The hyperbolic tangent, within 0.9 ulp; ±1 beyond ±22. tanh(-0) is -0. */
export function tanh(x: f64): f64 {
  const a = Math.abs(x);
  const [k, high, low] = reduced(a);
  const q = minusTwice(k);
  // sinh / cosh, both in two parts: a quotient of leading bits, then one step of the remainder.
  const sinhSum = 1 - q + high + q * high;
  const sinhTail = sinhRest(q, high, low);
  const coshSum = 1 + q + high;
  const coshTail = coshRest(q, high, low);
  const divisor = coshSum + coshTail;
  const inverse = 1 / divisor;
  const divisorHigh = leading(divisor);
  const divisorLow = coshSum - divisorHigh + coshTail;
  const quotient = leading((sinhSum + sinhTail) * inverse);
  const remainder = sinhSum - quotient * divisorHigh + (sinhTail - quotient * divisorLow);
  return signedAs(x, a > 22 ? 1 : quotient + remainder * inverse);
}

/** The inverse hyperbolic sine, within 0.9 ulp. asinh(-0) is -0, asinh(±Infinity) is ±Infinity. */
export function asinh(x: f64): f64 {
  const a = Math.abs(x);
  const large = a > BIG;
  const b = large ? 1 : a;
  const square = b * b;
  const inverse = 1 / (1 + Math.sqrt(1 + square));
  const term = square * inverse;
  // term ** 2 + 2 term = b ** 2: one step of Newton from the remainder, by a near enough 1 / (2 + 2 term).
  const high = leading(b);
  const low = b - high;
  const termHigh = leading(term);
  const termLow = term - termHigh;
  const small = 2 * (high * low - termHigh * termLow) + (low * low - termLow * termLow);
  const step = (high * high - 2 * term - termHigh * termHigh + small) * inverse * (0.5 + inverse);
  const t = b + term;
  const rest = (b > term ? b - t + term : term - t + b) + step;
  const y = log1pSum(large ? a - 1 : t, large ? 0 : rest, large ? 1 : 0);
  return signedAs(x, a < Infinity ? y : a);
}

/** The inverse hyperbolic cosine, within 0.9 ulp. acosh(1) is 0, acosh(x) NaN below 1. */
export function acosh(x: f64): f64 {
  const large = x > BIG;
  const b = large ? 2 : x;
  const t = b - 1;
  const lost = b - (t + 1);
  // t (2 + t) in two parts, and its root.
  const tHigh = leading(t);
  const tLow = t - tHigh;
  const square = t * t;
  const squareLow = tHigh * tHigh - square + 2 * tHigh * tLow + tLow * tLow;
  const product = 2 * t + square;
  const productLow = (t > 2 ? square - product + 2 * t : 2 * t - product + square) + squareLow;
  const root = Math.sqrt(product);
  const rootHigh = leading(root);
  const rootLow = root - rootHigh;
  const rest = product - rootHigh * rootHigh - 2 * rootHigh * rootLow - rootLow * rootLow + productLow;
  const rootRest = root > 0 ? rest / (2 * root) : 0;
  const sum = root + t;
  const y = log1pSum(large ? x - 1 : sum, large ? 0 : root - sum + t + (rootRest + lost), large ? 1 : 0);
  return x < Infinity ? (x >= 1 ? y : NaN) : x;
}

/** The inverse hyperbolic tangent, within 0.9 ulp. atanh(±1) is ±Infinity, beyond them NaN; atanh(-0) is -0. */
export function atanh(x: f64): f64 {
  const a = Math.abs(x);
  const divisor = 1 - a;
  const lost = 1 - divisor - a;
  const inverse = 1 / divisor;
  const twice = 2 * a;
  // 2 a / (1 - a) in two parts, as in tanh.
  const divisorHigh = leading(divisor);
  const divisorLow = divisor - divisorHigh + lost;
  const quotient = leading(twice * inverse);
  const rest = (twice - quotient * divisorHigh - quotient * divisorLow) * inverse;
  const t = quotient + rest;
  const y = 0.5 * log1pSum(t, quotient - t + rest, 0);
  return signedAs(x, a < 1 ? y : a === 1 ? Infinity : NaN);
}

/** sinh in single precision, computed in f64: wrong by at most 0.501 ulp; sinhf(-0) is -0. */
export function sinhf(x: f32): f32 {
  const a: f64 = Math.abs(x);
  const [k, r] = reducedSingle(a);
  const v = r * r;
  const grown = powerOfTwo((k - 1) | 0);
  const shrunk = powerOfTwo((-1 - k) | 0);
  const y = (grown - shrunk) * (1 + v * coshPartSingle(v)) + (grown + shrunk) * (r + r * v * sinhPartSingle(v));
  return Math.fround(signedAs(x, a > 104 ? Infinity : y));
}

/** cosh in single precision, computed in f64: wrong by at most 0.501 ulp. */
export function coshf(x: f32): f32 {
  const a: f64 = Math.abs(x);
  const [k, r] = reducedSingle(a);
  const v = r * r;
  const grown = powerOfTwo((k - 1) | 0);
  const shrunk = powerOfTwo((-1 - k) | 0);
  const y = (grown + shrunk) * (1 + v * coshPartSingle(v)) + (grown - shrunk) * (r + r * v * sinhPartSingle(v));
  return Math.fround(a > 104 ? Infinity : y);
}

/** tanh in single precision, computed in f64: wrong by at most 0.501 ulp; tanhf(-0) is -0. */
export function tanhf(x: f32): f32 {
  const a: f64 = Math.abs(x);
  const [k, r] = reducedSingle(2 * a);
  const p = powerOfTwo(k);
  const e = p * expm1Single(r) + (p - 1);
  return Math.fround(signedAs(x, a > 22 ? 1 : e / (e + 2)));
}

/** asinh in single precision, computed in f64: wrong by at most 0.501 ulp; asinhf(-0) is -0. */
export function asinhf(x: f32): f32 {
  const a: f64 = Math.abs(x);
  const square = a * a;
  const y = log1pSingle(a + square / (1 + Math.sqrt(1 + square)));
  return Math.fround(signedAs(x, a < Infinity ? y : a));
}

/** acosh in single precision, computed in f64: wrong by at most 0.501 ulp; NaN below 1. */
export function acoshf(x: f32): f32 {
  const y: f64 = x;
  const t = y - 1;
  const l = log1pSingle(t + Math.sqrt(t * (y + 1)));
  return Math.fround(y < Infinity ? (y >= 1 ? l : NaN) : y);
}

/** atanh in single precision, computed in f64: wrong by at most 0.501 ulp; ±Infinity at ±1, NaN beyond. */
export function atanhf(x: f32): f32 {
  const a: f64 = Math.abs(x);
  const y = 0.5 * log1pSingle((2 * a) / (1 - a));
  return Math.fround(signedAs(x, a < 1 ? y : a === 1 ? Infinity : NaN));
}
