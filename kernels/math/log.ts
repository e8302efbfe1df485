/**
 * log, log1p, log2 and log10.
 *
 * x = 2 ** k * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)). With s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - (f ** 2 / 2 - s * (f ** 2 / 2 + R)),
 * where R is a minimax polynomial in s ** 2 (Remez exchange; wrong by less than 2 ** -58): f itself is exact, and the rest is small
 * against it (the form of fdlibm's e_log.c). log2 and log10 carry f - f ** 2 / 2 in two parts through the multiplication by the
 * base's factor. log1p passes on what 1 + x rounds away.
 */
import type { f32, f64, i32 } from "tsgpu";
import { fromWords, highWord, lowWord } from "tsgpu/kernel";
import { LN2, LN2_HIGH, LN2_LOW, LOG2_E } from "./exp.ts";
import { leading, powerOfTwo } from "./parts.ts";

/** The smallest float of full precision, and the factor that takes subnormal ones above it. */
const LEAST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18014398509481984;

/** The k for which x * 2 ** -k is in [sqrt(1/2), sqrt(2)), for positive x >= 2 ** -1022. */
export function exponentOf(x: f64): i32 {
  return (highWord(x) - 0x3fe6a09e) >> 20;
}

/** x * 2 ** -k, for k = exponentOf(x). */
export function fractionOf(x: f64, k: i32): f64 {
  return fromWords((highWord(x) - (k << 20)) | 0, lowWord(x));
}

/** The n and f of x = 2 ** n * (1 + f), for positive finite x. */
function reduced(x: f64): [f64, f64] {
  const small = x < LEAST_NORMAL;
  const normal = small ? x * TWO_54 : x;
  const k = exponentOf(normal);
  const n: f64 = small ? k - 54 : k;
  return [n, fractionOf(normal, k) - 1];
}

/** log(1 + f) - f + f ** 2 / 2, for 1 + f in [sqrt(1/2), sqrt(2)]. */
export function logTail(f: f64): f64 {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.39999999999541863 + w * (0.22222200690077817 + w * 0.15316357389862978));
  const odd = z * (0.666666666666671 + w * (0.28571428718750486 + w * (0.18183465650962924 + w * 0.1477457406539698)));
  return s * (0.5 * f * f + (even + odd));
}

/** log(1 + f) in two parts, of which the first has few bits, for 1 + f in [sqrt(1/2), sqrt(2)]. */
function logParts(f: f64): [f64, f64] {
  const square = 0.5 * f * f;
  const high = leading(f - square);
  return [high, f - high - square + logTail(f)];
}

/** 2 atanh(f / (2 + f)), which is log(1 + f), for 1 + f in [sqrt(1/2), sqrt(2)], with a relative error below 2 ** -44. */
export function logSingle(f: f64): f64 {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const p = 0.6666666667385042 + z * 0.39999996137066374;
  return s * (2 + z * (p + w * (0.2857206335733392 + z * 0.22177863082507931 + w * 0.19562500984221484)));
}

/** The logarithm y of a positive finite x, with the values beyond: -Infinity at 0, NaN below, x for Infinity and NaN. */
function patched(x: f64, y: f64): f64 {
  return x < Infinity ? (x > 0 ? y : x === 0 ? -Infinity : NaN) : x;
}

/** The natural logarithm, within 0.9 ulp. log(0) is -Infinity (of either zero), of negative numbers NaN. */
export function log(x: f64): f64 {
  const [n, f] = reduced(x);
  return patched(x, n * LN2_HIGH - (0.5 * f * f - (logTail(f) + n * LN2_LOW) - f));
}

/** The logarithm to base 2, within 0.9 ulp, exact for powers of two. log2(0) is -Infinity, of negative numbers NaN. */
export function log2(x: f64): f64 {
  const [n, f] = reduced(x);
  const [high, low] = logParts(f);
  // 1 / ln 2 in two parts, of which the first times `high` is exact.
  const product = high * 1.4426950216293335;
  const rest = (low + high) * 1.9259629911266175e-8 + low * 1.4426950216293335;
  const sum = n + product;
  return patched(x, sum + (n - sum + product + rest));
}

/** The logarithm to base 10, within 0.8 ulp, exact for powers of ten. log10(0) is -Infinity, of negative numbers NaN. */
export function log10(x: f64): f64 {
  const [n, f] = reduced(x);
  const [high, low] = logParts(f);
  // 1 / ln 10 and log10(2), each in two parts.
  const product = high * 0.4342944771051407;
  const rest = n * 3.694239077158931e-13 + ((low + high) * 4.798111141615973e-9 + low * 0.4342944771051407);
  const whole = n * 0.30102999566361177;
  const sum = whole + product;
  return patched(x, sum + (whole - sum + product + rest));
}

/**
 * log((1 + t + rest) * 2 ** more) for t > -1 and a rest below the last bit of t; +0 for t = -0, nothing sensible at -1 and below and at Infinity.
 * Within 0.9 ulp of the sum's logarithm.
 */
export function log1pSum(t: f64, rest: f64, more: f64): f64 {
  const u = 1 + t;
  const k = exponentOf(u);
  const exponent: f64 = k;
  const n = exponent + more;
  const near = k === 0;
  const f = near ? t : fractionOf(u, k) - 1;
  // What is not in f, over 1 + f; a quadratic is near enough to 1 / (1 + f).
  const lost = (t < 1 ? t - (u - 1) : 1 - (u - t)) + rest;
  const scaled = near ? rest : t > 1e30 ? 0 : lost * powerOfTwo((0 - k) | 0);
  const correction = scaled * (1 + f * (0.86 * f - 1));
  return n * LN2_HIGH - (0.5 * f * f - (logTail(f) + (n * LN2_LOW + correction)) - f);
}

/** log(1 + x), accurate near 0 too, within 0.9 ulp. log1p(-1) is -Infinity, below it NaN; log1p(-0) is -0. */
export function log1p(x: f64): f64 {
  const y = log1pSum(x, 0, 0);
  return x < Infinity ? (x > -1 ? (x === 0 ? x : y) : x === -1 ? -Infinity : NaN) : x;
}

/** log(1 + t) for t > -1 below 2 ** 1000, with a relative error below 2 ** -44. */
export function log1pSingle(t: f64): f64 {
  const u = 1 + t;
  const k = exponentOf(u);
  const n: f64 = k;
  const f = k === 0 ? t : fractionOf(u, k) - 1;
  return n * LN2 + logSingle(f);
}

/** The natural logarithm in single precision, computed in f64: wrong by at most 0.501 ulp, correctly rounded nearly always. */
export function logf(x: f32): f32 {
  const y: f64 = x;
  const k = exponentOf(y);
  const n: f64 = k;
  return Math.fround(patched(y, n * LN2 + logSingle(fractionOf(y, k) - 1)));
}

/** The logarithm to base 2 in single precision, wrong by at most 0.501 ulp, exact for powers of two. */
export function log2f(x: f32): f32 {
  const y: f64 = x;
  const k = exponentOf(y);
  const n: f64 = k;
  return Math.fround(patched(y, n + logSingle(fractionOf(y, k) - 1) * LOG2_E));
}

/** The logarithm to base 10 in single precision, wrong by at most 0.501 ulp, exact for powers of ten. */
export function log10f(x: f32): f32 {
  const y: f64 = x;
  const k = exponentOf(y);
  const n: f64 = k;
  return Math.fround(patched(y, n * 0.3010299956639812 + logSingle(fractionOf(y, k) - 1) * 0.4342944819032518));
}

/** log(1 + x) in single precision, wrong by at most 0.501 ulp; log1pf(-0) is -0. */
export function log1pf(x: f32): f32 {
  const y: f64 = x;
  const l = log1pSingle(y);
  return Math.fround(y < Infinity ? (y > -1 ? (y === 0 ? y : l) : y === -1 ? -Infinity : NaN) : y);
}
