/**
 * What the functions for targets without f64 share: the parts of floats of single precision, as `parts.ts` has them of f64.
 *
 * Such a target (WebGPU) may fuse operations, reorder sums, divide with an error of 2.5 ulp and flush subnormal numbers. So these
 * functions take bits where they need exact parts, lean on no sum to tell what it has rounded away but for the last bit of the
 * result, and keep quotients out of leading terms where they can. The errors named are those with IEEE arithmetic; quotients that
 * are 2.5 ulp off add as much where a function divides last.
 */
import type { f32, i32 } from "tsgpu";
import { fromWord, wordOf } from "tsgpu/kernel";

export const LOG2_E = 1.44269502;
/** The leading 16 bits of ln 2: its products with exponents are exact. */
export const LN2_HIGH = 0.693145752;
/** ln 2 - LN2_HIGH. */
export const LN2_LOW = 1.42860677e-6;

/** x cut to its leading 12 bits: the product of two such floats is exact. */
export function leading(x: f32): f32 {
  return fromWord(wordOf(x) & -0x1000);
}

/** 2 ** k for k in [-126, 127]. */
export function powerOfTwo(k: i32): f32 {
  return fromWord((k + 127) << 23);
}

/** x * 2 ** k for k in [-252, 254], rounded at most once where |x| is in [1/2, 2]: by two factors of half the exponent. */
export function scale(x: f32, k: i32): f32 {
  const half = k >> 1;
  return x * powerOfTwo(half) * powerOfTwo((k - half) | 0);
}

/** The nearest whole number, for |x| < 2 ** 22. */
export function nearest(x: f32): f32 {
  return Math.floor(x + 0.5);
}

/** `size` with the sign of x; x itself where it is zero or NaN. */
export function signedAs(x: f32, size: f32): f32 {
  return x > 0 ? size : x < 0 ? -size : x;
}
