/**
 * The cube root.
 *
 * |x| = m 8^k with m in [1, 8). A polynomial (error 2^-17.4) and one step of the third order give y = m^(-1/3) to 2^-50 without a division,
 * and t = m y² is nearly the root. Its leading 17 bits h have an exact cube, so what they lack, (m - h³) / (r² + r h + h²) for the root r,
 * is had to 2^-42 of itself, which is 2^-59 of the root: with u = 1 - h/t, below 2^-16, the divisor is 3 t² (1 - u + u²/3), and 1/t is y.
 */
import type { f32, f64, i32 } from "tsgpu";
import { fromWords, highWord, lowWord } from "tsgpu/kernel";
import { powerOfTwo, ROUND } from "./parts.ts";

/** The cube root; of zeros, infinities and NaN it is the argument. Error below 0.51 ulp. */
export function cbrt(x: f64): f64 {
  const a = Math.abs(x);
  const subnormal = a < 2 ** -1022;
  const b = subnormal ? a * 2 ** 54 : a;
  const k = thirdOfExponent(b);
  const m = cubeMantissa(b, k);
  const y = inverseCubeRoot(m);

  const t = m * y * y;
  const h = t + 3 * 2 ** 35 - 3 * 2 ** 35; // whole multiples of 2^-16
  const u = (t - h) * y;
  const r = h + (m - h * h * h) * (y * y * 0.3333333333333333) * (1 + u + 0.6666666666666666 * u * u);

  const scaled = r * powerOfTwo((k - (subnormal ? 18 : 0)) | 0);
  const root = x < 0 ? -scaled : scaled;
  return x === 0 || !(a < Infinity) ? x : root;
}

/** The cube root, correctly rounded but for rare ties; of zeros, infinities and NaN it is the argument. */
export function cbrtf(x: f32): f32 {
  const wide: f64 = x;
  const a = Math.abs(wide);
  const k = thirdOfExponent(a);
  const m = cubeMantissa(a, k);
  const y = inverseCubeRoot(m);
  const scaled = m * y * y * powerOfTwo(k);
  const root = wide < 0 ? -scaled : scaled;
  return Math.fround(wide === 0 || !(a < Infinity) ? wide : root);
}

/** floor(e / 3), 2^e the leading bit of a normal a. */
function thirdOfExponent(a: f64): i32 {
  const e: i32 = (highWord(a) >> 20) - 1024;
  return lowWord(e * 0.3333333333333333 + ROUND);
}

/** a / 8^k. */
function cubeMantissa(a: f64, k: i32): f64 {
  return fromWords((highWord(a) - ((3 * k) << 20)) | 0, lowWord(a));
}

/** m^(-1/3) for m in [1, 8), wrong by less than 2^-50 of itself. */
function inverseCubeRoot(m: f64): f64 {
  const c = m < 2 ? m : m < 4 ? 0.5 * m : 0.25 * m;
  const w = c * c;
  const p =
    1.7810486184437357 +
    c * -1.5659981726592582 +
    w * (1.2437451293586943 + c * -0.597846486584046 + w * (0.1560631228263115 + c * -0.017017965730680852));
  const y = p * (m < 2 ? 1 : m < 4 ? 0.7937005259840998 : 0.6299605249474366);
  const e = 1 - m * y * y * y;
  return y + y * e * (0.3333333333333333 + 0.2222222222222222 * e);
}
