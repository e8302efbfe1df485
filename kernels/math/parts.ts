/**
 * The parts of floats from which the library's functions are built: leading bits, whole powers of two, and rounding to an integer.
 *
 * Sums and products of two parts that are exact need no fused multiply-add and no table: a float cut to its leading 26 bits
 * multiplies another such float without rounding (Dekker 1971).
 */
import type { f64, i32 } from "tsgpu";
import { fromWords, highWord, lowWord } from "tsgpu/kernel";

/** Added to |x| < 2 ** 51, it leaves x rounded to an integer (ties to even) in the low word: 1.5 * 2 ** 52. */
export const ROUND = 6755399441055744;

/** x cut to its leading 26 bits: the product of two such floats is exact, and so is x minus its leading bits. */
export function leading(x: f64): f64 {
  return fromWords(highWord(x), lowWord(x) & -0x8000000);
}

/** a * b - product, where product is a * b as it was rounded (Dekker): exact but for 2 ** -106 of it, unless parts of it are subnormal. */
export function productTail(a: f64, b: f64, product: f64): f64 {
  const aHigh = leading(a);
  const aLow = a - aHigh;
  const bHigh = leading(b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** 2 ** k for k in [-1022, 1023]. */
export function powerOfTwo(k: i32): f64 {
  return fromWords((k + 1023) << 20, 0);
}

/** x * 2 ** k for k in [-2044, 2048], rounded at most once where |x| is in [1/2, 2]: by two factors of half the exponent. */
export function scale(x: f64, k: i32): f64 {
  const biased = (k + 2046) | 0;
  const half = biased >> 1;
  return x * fromWords(half << 20, 0) * fromWords((biased - half) << 20, 0);
}
