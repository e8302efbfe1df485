/**
 * log, log1p, log2, log10 and the inverse hyperbolic functions in f32 alone, in the form of log.ts; polynomials after fdlibm's e_logf.c
 * (R within 2 ** -34.24).
 */
import type { f32, i32 } from "tsgpu";
import { fromWord, wordOf } from "tsgpu/kernel";
import { LN2_HIGH, LN2_LOW, leading, powerOfTwo, signedAs } from "./single-parts.ts";

const LEAST_NORMAL = 2 ** -126;
const TWO_24 = 16777216;

/** The k for which x * 2 ** -k is in [sqrt(1/2), sqrt(2)), for positive x >= 2 ** -126. */
function exponentOf(x: f32): i32 {
  return (wordOf(x) - 0x3f3504f3) >> 23;
}

/** x * 2 ** -k, for k = exponentOf(x). */
function fractionOf(x: f32, k: i32): f32 {
  return fromWord((wordOf(x) - (k << 23)) | 0);
}

/** The n and f of x = 2 ** n * (1 + f), for positive finite x. */
function reduced(x: f32): [f32, f32] {
  const small = x < LEAST_NORMAL;
  const normal = small ? x * TWO_24 : x;
  const k = exponentOf(normal);
  const n: f32 = (k - (small ? 24 : 0)) | 0;
  return [n, fractionOf(normal, k) - 1];
}

/** log(1 + f) - f + f ** 2 / 2, for 1 + f in [sqrt(1/2), sqrt(2)]. */
function logTail(f: f32): f32 {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const r = w * (0.400009722 + w * 0.242790788) + z * (0.666666627 + w * 0.284987867);
  return s * (0.5 * f * f + r);
}

/** log(1 + f) in two parts, of which the first has few bits, for 1 + f in [sqrt(1/2), sqrt(2)]. */
function logParts(f: f32): [f32, f32] {
  const square = 0.5 * f * f;
  const high = leading(f - square);
  return [high, f - high - square + logTail(f)];
}

/** The logarithm y of a positive finite x, with the values beyond. */
function patched(x: f32, y: f32): f32 {
  return x < Infinity ? (x > 0 ? y : x === 0 ? Math.fround(-Infinity) : NaN) : x;
}

/** The natural logarithm, within 1 ulp. logs(0) is -Infinity (of either zero), of negative numbers NaN. */
export function logs(x: f32): f32 {
  const [n, f] = reduced(x);
  return patched(x, n * LN2_HIGH - (0.5 * f * f - (logTail(f) + n * LN2_LOW) - f));
}

/** The logarithm to base 2, within 1 ulp. log2s(0) is -Infinity, of negative numbers NaN. */
export function log2s(x: f32): f32 {
  const [n, f] = reduced(x);
  const [high, low] = logParts(f);
  // 1 / ln 2 in two parts, of which the first times `high` is exact.
  const product = high * 1.44287109;
  const rest = (low + high) * -0.000176052854 + low * 1.44287109;
  const sum = n + product;
  return patched(x, sum + (n - sum + product + rest));
}

/** The logarithm to base 10, within 1 ulp. log10s(0) is -Infinity, of negative numbers NaN. */
export function log10s(x: f32): f32 {
  const [n, f] = reduced(x);
  const [high, low] = logParts(f);
  // 1 / ln 10 and log10(2), each in two parts.
  const product = high * 0.434326172;
  const rest = n * 7.90341517e-7 + ((low + high) * -3.16899714e-5 + low * 0.434326172);
  const whole = n * 0.301029205;
  const sum = whole + product;
  return patched(x, sum + (whole - sum + product + rest));
}

/** log(1 + x) for x > -1 and finite. */
function log1pOf(x: f32): f32 {
  const u = 1 + x;
  const k = exponentOf(u);
  const n: f32 = k;
  const near = k === 0;
  const f = near ? x : fractionOf(u, k) - 1;
  // What 1 + x has rounded away, over u; nothing beside u where x is large.
  const lost = x < 1 ? x - (u - 1) : 1 - (u - x);
  const correction = near || k > 24 ? 0 : (lost * powerOfTwo(-k | 0)) / (1 + f);
  return n * LN2_HIGH - (0.5 * f * f - (logTail(f) + (n * LN2_LOW + correction)) - f);
}

/** log(1 + x), accurate near 0 too, within 1 ulp. log1ps(-1) is -Infinity, below it NaN; log1ps(-0) is -0. */
export function log1ps(x: f32): f32 {
  return x < Infinity ? (x > -1 ? (x === 0 ? x : log1pOf(x)) : x === -1 ? Math.fround(-Infinity) : NaN) : x;
}

/** Beyond 2 ** 13, asinh and acosh are log(2 x): the rest is nothing beside it. */
const BIG = 8192;
const LN2 = 0.693147182;

/** The inverse hyperbolic sine, within 2 ulp. asinhs(-0) is -0, asinhs(±Infinity) is ±Infinity. */
export function asinhs(x: f32): f32 {
  const a = Math.abs(x);
  const b = a > BIG ? 1 : a;
  const square = b * b;
  const y = log1pOf(b + square / (1 + Math.sqrt(1 + square)));
  return signedAs(x, a > BIG ? logs(a) + LN2 : y);
}

/** The inverse hyperbolic cosine, within 2 ulp. acoshs(1) is 0, acoshs(x) NaN below 1. */
export function acoshs(x: f32): f32 {
  const t = (x > BIG ? 2 : x) - 1;
  const y = log1pOf(t + Math.sqrt(t * (2 + t)));
  return x >= 1 ? (x > BIG ? logs(x) + LN2 : y) : NaN;
}

/** The inverse hyperbolic tangent, within 3 ulp. atanhs(±1) is ±Infinity, beyond them NaN; atanhs(-0) is -0. */
export function atanhs(x: f32): f32 {
  const a = Math.abs(x);
  const z = a * a;
  const p = 0.3333373 + z * (0.199782164 + z * (0.146691432 + z * (0.0824370301 + z * 0.181740078)));
  const far = 0.5 * log1pOf((2 * a) / (1 - a));
  return signedAs(x, a < 0.5 ? a + a * z * p : a < 1 ? far : a === 1 ? Math.fround(Infinity) : NaN);
}
