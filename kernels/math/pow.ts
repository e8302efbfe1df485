/**
 * pow.
 *
 * |x| ** y is 2 ** (y log2 |x|), with the logarithm carried in two parts, relatively wrong by less than 2 ** -66, so that an exponent of up to
 * 1074 still leaves the result more than ten bits beyond its last one. |x| = 2 ** k * m with m in [sqrt(3)/2, sqrt(3)), and m near
 * c = 1 or c = 3/2: log2(m) = log2(c) + 2 atanh(s) / ln 2 with s = (m - c) / (m + c), at most 0.1011 in size. The scheme is
 * that of fdlibm's e_pow.c, with parts of 26 bits (Dekker 1971), whose products are exact, and one division.
 */
import type { f32, f64 } from "tsgpu";
import { fromWords, highWord, lowWord } from "tsgpu/kernel";
import { coshPart, expm1Single, LN2, LOG2_E, sinhPart } from "./exp.ts";
import { exponentOf, fractionOf, logSingle } from "./log.ts";
import { leading, powerOfTwo, ROUND, scale } from "./parts.ts";

/**
 * x ** y from power = |x| ** y: the sign of odd powers, NaN for fractional powers of negative numbers, 1 for y = 0. Squares
 * and square roots are one instruction, correctly rounded: with such a constant y the rest of the work goes unused.
 */
function settled(x: f64, y: f64, power: f64): f64 {
  const a = Math.abs(x);
  const size = y === 2 ? a * a : y === 0.5 ? Math.sqrt(a) : power;
  const whole = Math.floor(y) === y;
  const half = 0.5 * y;
  const odd = whole ? Math.floor(half) !== half : false;
  const value = odd ? (highWord(x) < 0 ? -size : size) : size;
  const real = x < 0 ? (whole ? value : x === -Infinity ? value : NaN) : value;
  return y === 0 ? 1 : real;
}

/**
 * x ** y, within 0.6 ulp, 0.8 ulp where the result is subnormal; what is a float comes out exact: `pow(10, 22) === 1e22`.
 *
 * As in JavaScript, pow(x, 0) is 1 even for NaN, and pow(1, NaN) and pow(±1, ±Infinity) are NaN. Negative x: NaN unless y is whole
 * (or x infinite), and an odd y keeps the sign, of zero and infinity too.
 */
export function pow(x: f64, y: f64): f64 {
  const a = Math.abs(x);
  const small = a < 2.2250738585072014e-308;
  const normal = small ? a * 18014398509481984 : a;
  const word = highWord(normal);
  const k = (word - 0x3febb67a) >> 20;
  const n: f64 = small ? k - 54 : k;
  const m = fromWords((word - (k << 20)) | 0, lowWord(normal));
  const near = m < 1.224744871391589;
  const c = near ? 1 : 1.5;

  // s in two parts, by one division.
  const f = m - c;
  const sum = m + c;
  const inverse = 1 / sum;
  const sumHigh = leading(sum);
  const sumLow = m - (sumHigh - c);
  const s = f * inverse;
  const sHigh = leading(s);
  const sLow = (f - sHigh * sumHigh - sHigh * sumLow) * inverse;

  // 3 atanh(s) / s = 3 + s ** 2 + ... in two parts.
  const z = s * s;
  const w = z * z;
  const even = 0.5999999999999988 + w * (0.3333333310641293 + w * 0.2306755443373214);
  const odd = 0.42857142857482333 + w * (0.2727279272984399 + w * 0.2065458264929543);
  const square = sHigh * sHigh;
  const rest = sLow * (sHigh + s) + w * (even + z * odd);
  const tHigh = leading(3 + (square + rest));
  const tLow = rest - (tHigh - 3 - square);

  // Times s and 2 / (3 ln 2).
  const high = sHigh * tHigh;
  const low = sLow * tHigh + tLow * s;
  const pHigh = leading(high + low);
  const pLow = low - (pHigh - high);
  const product = pHigh * 0.9617966860532761;
  const productLow = pHigh * 7.872699542894897e-9 + pLow * 0.9617966939259756;

  // log2 |x| in two parts, the first of 26 bits; log2(1.5) in two parts.
  const base = n + (near ? 0 : 0.5849624872207642);
  const total = base + product;
  const totalLow = base - total + product + (productLow + (near ? 0 : 1.350039202129749e-8));
  const finite = leading(total + totalLow);
  const logHigh = a < Infinity ? (a === 0 ? -Infinity : finite) : a;
  const logLow = totalLow - (finite - total);

  // e = y log2 |x| in two parts, whole and fraction.
  const yHigh = leading(y);
  const eHigh = yHigh * logHigh;
  const eLow = (y - yHigh) * logHigh + y * logLow;
  const t = eHigh + ROUND;
  const fraction = eHigh - (t - ROUND);

  // 2 ** (fraction + eLow): times ln 2 in two parts, then as in exp.
  const fHigh = leading(fraction);
  const rHigh = fHigh * 0.6931471675634384;
  const rLow = fHigh * 1.2996506893889889e-8 + (fraction - fHigh + eLow) * LN2;
  const r = rHigh + rLow;
  const v = r * r;
  const lost = rLow - (r - rHigh);
  const tail = 0.5 * v + (v * (coshPart(v) + r * sinhPart(v)) + (rLow + r * lost));
  const lead = 1 + rHigh;
  const power = scale(lead + (1 - lead + rHigh + tail), lowWord(t));
  const size = y * logHigh;
  return settled(x, y, size > 1025 ? Infinity : size < -1080 ? 0 : power);
}

/** x ** y in single precision, computed in f64: wrong by at most 0.501 ulp; special values as in pow. */
export function powf(x: f32, y: f32): f32 {
  const a: f64 = Math.abs(x);
  const k = exponentOf(a);
  const n: f64 = k;
  const finite = n + logSingle(fractionOf(a, k) - 1) * LOG2_E;
  const log = a < Infinity ? (a === 0 ? -Infinity : finite) : a;
  const e = y * log;
  const t = e + ROUND;
  const power = powerOfTwo(lowWord(t)) * (1 + expm1Single((e - (t - ROUND)) * LN2));
  return Math.fround(settled(x, y, e > 140 ? Infinity : e < -160 ? 0 : power));
}
