/**
 * pow, cbrt and hypot in f32 alone.
 *
 * pow: the scheme of pow.ts with parts of 12 bits, after fdlibm's e_powf.c (I. L. Taylor, 1993): log2 |x| in two parts with an error of
 * 2 ** -35, as an exponent of up to 150 leaves 28 bits of it to the fraction.
 */
import type { f32, i32 } from "tsgpu";
import { fromWord, wordOf } from "tsgpu/kernel";
import { expTail } from "./single-exp.ts";
import { leading, nearest, powerOfTwo, scale } from "./single-parts.ts";

/** x ** y from power = |x| ** y, as in pow.ts. */
function settled(x: f32, y: f32, power: f32): f32 {
  const a = Math.abs(x);
  const size = y === 2 ? a * a : y === 1 ? a : y === 0.5 ? Math.sqrt(a) : power;
  const whole = Math.floor(y) === y;
  const half = 0.5 * y;
  const odd = whole ? Math.floor(half) !== half : false;
  const value = odd ? (wordOf(x) < 0 ? -size : size) : size;
  const real = x < 0 ? (whole ? value : x === -Infinity ? value : NaN) : value;
  return y === 0 ? 1 : real;
}

/** x ** y, within 1 ulp; special values as in pow. */
export function pows(x: f32, y: f32): f32 {
  const a = Math.abs(x);
  const small = a < 2 ** -126;
  const normal = small ? a * 16777216 : a;
  const word = wordOf(normal);
  const k = (word - 0x3f5db3d8) >> 23;
  const n: f32 = (k - (small ? 24 : 0)) | 0;
  const m = fromWord((word - (k << 23)) | 0);
  const near = m < 1.2247449159622192;
  const c = near ? Math.fround(1) : 1.5;

  // s = (m - c) / (m + c) in two parts.
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
  const tail = z * z * (0.6 + z * (0.428571433 + z * (0.333333343 + z * (0.272728115 + z * 0.230660751))));
  const square = sHigh * sHigh;
  const rest = tail + sLow * (sHigh + s);
  const tHigh = leading(3 + square + rest);
  const tLow = rest - (tHigh - 3 - square);

  // Times s and 2 / (3 ln 2).
  const high = sHigh * tHigh;
  const low = sLow * tHigh + tLow * s;
  const pHigh = leading(high + low);
  const pLow = low - (pHigh - high);
  const product = pHigh * 0.961914062;
  const productLow = pHigh * -0.000117368574 + pLow * 0.961796701;

  // log2 |x| in two parts, the first of 12 bits; log2(1.5) in two parts.
  const base = near ? Math.fround(0) : 0.584960938;
  const lowest = productLow + (near ? Math.fround(0) : 1.56322085e-6);
  const finite = leading(product + lowest + base + n);
  const logHigh = a < Infinity ? (a === 0 ? -Infinity : finite) : a;
  const logLow = lowest - (finite - n - base - product);

  // e = y log2 |x| in two parts.
  const yHigh = leading(y);
  const eHigh = yHigh * logHigh;
  const eLow = (y - yHigh) * logHigh + y * logLow;
  const whole = nearest(eHigh);
  const fraction = eHigh - whole;

  // 2 ** (fraction + eLow): times ln 2 in two parts, then as in exp.
  const fHigh = leading(fraction);
  const rHigh = fHigh * 0.693145752;
  const rLow = fHigh * 1.42860677e-6 + (fraction - fHigh + eLow) * 0.693147182;
  const r = rHigh + rLow;
  const exponent: i32 = whole | 0;
  const power = scale(1 + (rHigh + (rLow + expTail(r))), exponent);
  const size = y * logHigh;
  return settled(x, y, size > 129 ? Infinity : size < -152 ? 0 : power);
}

/** The cube root, within 1 ulp; of zeros, infinities and NaN it is the argument. */
export function cbrts(x: f32): f32 {
  const a = Math.abs(x);
  const subnormal = a < 2 ** -126;
  const b = subnormal ? a * 16777216 : a;
  const e: i32 = (wordOf(b) >> 23) - 127;
  // floor(e / 3), as e is in [-126, 128].
  const k: i32 = (Math.imul(e + 129, 43691) >> 17) - 43;
  const m = fromWord((wordOf(b) - Math.imul(k, 3 << 23)) | 0);
  const c = m < 2 ? m : m < 4 ? 0.5 * m : 0.25 * m;
  const p =
    1.78104862 + c * (-1.56599817 + c * (1.24374513 + c * (-0.597846487 + c * (0.156063123 + c * -0.017017966))));
  const y = p * (m < 2 ? Math.fround(1) : m < 4 ? Math.fround(0.793700526) : 0.629960525);
  const t = m * y * y;
  // One step of Newton, with t ** 3 in parts that are exact, and y for 1 / t.
  const h = leading(t);
  const square = h * h;
  const l = t - h;
  const excess = square * h - m + (square * l + l * (2 * h * h)) + 3 * h * l * l;
  const root = t - excess * (0.333333333 * y * y);
  const scaled = root * powerOfTwo((k - (subnormal ? 8 : 0)) | 0);
  return x === 0 || !(a < Infinity) ? x : x < 0 ? -scaled : scaled;
}

/** √(x² + y²), within 1.5 ulp. Infinity if either is infinite, even next to NaN. */
export function hypots(x: f32, y: f32): f32 {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const most = ax > ay ? ax : ay;
  const by = most > 2 ** 60 ? Math.fround(2 ** -64) : most < 2 ** -60 ? Math.fround(2 ** 120) : 1;
  const back = most > 2 ** 60 ? Math.fround(2 ** 64) : most < 2 ** -60 ? Math.fround(2 ** -120) : 1;
  const a = ax * by;
  const b = ay * by;
  return ax === Infinity || ay === Infinity ? Infinity : Math.sqrt(a * a + b * b) * back;
}
