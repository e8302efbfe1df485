/**
 * asin, acos, atan and atan2.
 *
 * asin: a minimax polynomial in x² up to 1/2; beyond, asin x = π/2 - 2 asin √((1 - x)/2), with the root as a leading part, whose
 * square is exact, and the rest (after fdlibm's e_asin.c). acos likewise. Polynomial error 2^-59.4, relative.
 *
 * atan: atan a = atan c + atan((a - c) / (1 + a c)) with c of 0, 1/2, 1, 3/2 or ∞, the nearest, so that the quotient is at most 7/16 (the
 * scheme of fdlibm's s_atan.c); atan2 takes both arguments into the same quotient and keeps the remainder of the division, so
 * that y / x is never rounded by itself. Polynomial error 2^-57.7.
 *
 * f32: one polynomial each, in f64, errors 2^-35.9 (asin) and 2^-33.9 (atan on [0, 1]).
 */
import type { f32, f64 } from "tsgpu";
import { fromWords, highWord } from "tsgpu/kernel";
import { productTail } from "./parts.ts";

const PI = 3.141592653589793;
const PI_LOW = 1.2246467991473532e-16;
const HALF_PI = 1.5707963267948966;
const HALF_PI_LOW = 6.123233995736766e-17;

/** p for asin(√z) = √z (1 + p), and the same as top + rest, where z is x² where that is small, else (1 - |x|) / 2. */
function asinParts(small: boolean, x: f64): [f64, f64, f64] {
  const z = small ? x * x : 0.5 * (1 - Math.abs(x));
  const p = asinTail(z);
  const root = Math.sqrt(z);
  const top = fromWords(highWord(root), 0);
  return [p, top, lowOfRoot(z, root, top) + root * p];
}

/** The angle in [-π/2, π/2] whose sine is x; NaN for |x| > 1, asin(-0) is -0. Error below 0.7 ulp. */
export function asin(x: f64): f64 {
  const small = Math.abs(x) <= 0.5;
  const [p, top, rest] = asinParts(small, x);
  // π/2 - 2 top - 2 rest
  const d = HALF_PI - 2 * top;
  const y = d + (HALF_PI - d - 2 * top + (HALF_PI_LOW - 2 * rest));
  return small ? x + x * p : x < 0 ? -y : y;
}

/** The angle in [0, π] whose cosine is x; NaN for |x| > 1. Error below 0.7 ulp. */
export function acos(x: f64): f64 {
  const small = Math.abs(x) <= 0.5;
  const [p, top, rest] = asinParts(small, x);
  // base - first - last, where base is π/2 or π, and 0 for x > 1/2, where all signs are turned.
  const negative = x < 0;
  const base = small ? HALF_PI : negative ? PI : 0;
  const baseLow = small ? HALF_PI_LOW : negative ? PI_LOW : 0;
  const first = small ? x : negative ? 2 * top : -2 * top;
  const last = small ? x * p : negative ? 2 * rest : -2 * rest;
  const d = base - first;
  // What d lost: the larger of base and first is base, or base is 0.
  return d + (base - d - first + (baseLow - last));
}

/** √z - top, where top is the leading part of root. */
function lowOfRoot(z: f64, root: f64, top: f64): f64 {
  return z === 0 ? 0 : (z - top * top) / (root + top);
}

/** asin(√z) / √z - 1 for z ≤ 1/4. */
function asinTail(z: f64): f64 {
  const w = z * z;
  return (
    z *
    (0.1666666666666676 +
      z * 0.07499999999970867 +
      w *
        (0.04464285717455968 +
          z * 0.03038194270992188 +
          w *
            (0.02237221493435921 +
              z * 0.017351612880524028 +
              w *
                (0.013980810982852475 +
                  z * 0.011398985055165702 +
                  w *
                    (0.010779868013498199 +
                      z * 0.0037078105497729574 +
                      w * (0.021704027405480615 + z * -0.020993948766416404 + w * 0.03262504904418644))))))
  );
}

/** The angle in [-π/2, π/2] whose tangent is x; atan(-0) is -0. Error below 0.9 ulp. */
export function atan(x: f64): f64 {
  const a = Math.abs(x);
  const far = !(a < 2.4375);
  const c = a < 0.4375 ? 0 : a < 0.6875 ? 0.5 : a < 1.1875 ? 1 : 1.5;
  const t = (far ? -1 : a - c) / (far ? a : 1 + c * a);
  const base = far ? HALF_PI : angle(c);
  const baseLow = far ? HALF_PI_LOW : angleLow(c);
  const y = base + (t + (baseLow + t * atanTail(t * t)));
  return x < 0 ? -y : x === 0 ? x : y;
}

/**
 * The angle in [-π, π] of the point (x, y), y first; its sign is that of y. Zeros are told apart by their signs and of two
 * infinities the angle is a multiple of π/4, as in ECMA-262. Error below 0.9 ulp.
 */
export function atan2(y: f64, x: f64): f64 {
  // Both scaled alike, so that products neither overflow nor vanish; infinities, and two zeros, become 0 and 1.
  const ay = Math.abs(y);
  const ax = Math.abs(x);
  const m = ay > ax ? ay : ax;
  const infinite = m === Infinity;
  const by = m > 2 ** 1000 ? 2 ** -100 : m < 2 ** -800 ? 2 ** 200 : 1;
  const v = infinite && ay === ay ? (ay === Infinity ? 1 : 0) : ay * by;
  const u = infinite && ax === ax ? (ax === Infinity ? 1 : 0) : m === 0 ? 1 : ax * by;

  const far = !(v < 2.4375 * u);
  const c = v < 0.4375 * u ? 0 : v < 0.6875 * u ? 0.5 : v < 1.1875 * u ? 1 : 1.5;
  const whole = c >= 1 ? v - u : v;
  const half = c === 0.5 || c === 1.5 ? 0.5 * u : 0;
  const numerator = far ? -u : whole - half;
  const denominator = far ? v : u + c * v;
  const t = numerator / denominator;

  // What the division left. Where parts of the product would be subnormal, t is the whole result (or nothing of it).
  const product = t * denominator;
  const remainder = (numerator - product - productTail(t, denominator, product)) / denominator;
  const tLow = Math.abs(numerator) < 2 ** -960 ? 0 : remainder;

  const left = highWord(x) < 0;
  const angleOf = far ? HALF_PI : angle(c);
  const angleOfLow = far ? HALF_PI_LOW : angleLow(c);
  const base = left ? PI - angleOf : angleOf;
  const baseLow = left ? PI - base - angleOf + (PI_LOW - angleOfLow) : angleOfLow;
  const rest = t + (tLow + t * atanTail(t * t));
  const r = left ? base + (baseLow - rest) : base + (baseLow + rest);
  return highWord(y) < 0 ? -r : r;
}

/** atan c, c of 0, 1/2, 1, 3/2, rounded. */
function angle(c: f64): f64 {
  const below = c < 0.25 ? 0 : 0.4636476090008061;
  return c < 0.75 ? below : c < 1.25 ? 0.7853981633974483 : 0.982793723247329;
}

/** atan c - angle(c). */
function angleLow(c: f64): f64 {
  const below = c < 0.25 ? 0 : 2.2698777452961687e-17;
  return c < 0.75 ? below : c < 1.25 ? 3.061616997868383e-17 : 1.3903311031230998e-17;
}

/** atan(t) / t - 1, z = t², |t| ≤ 7/16. */
function atanTail(z: f64): f64 {
  const w = z * z;
  return (
    z *
    (-0.3333333333333292 +
      z * 0.19999999999873758 +
      w *
        (-0.14285714272267366 +
          z * 0.11111110395272752 +
          w *
            (-0.09090886880122795 +
              z * 0.07691872305363348 +
              w *
                (-0.06661034729872066 +
                  z * 0.05833327679897267 +
                  w * (-0.04975928894973279 + z * 0.036510594905369856 + w * -0.016265809926599924)))))
  );
}

/** The angle whose sine is x, correctly rounded but for rare ties; NaN for |x| > 1. */
export function asinf(x: f32): f32 {
  const y = asinWide(x);
  return Math.fround(y);
}

/** The angle in [0, π] whose cosine is x, correctly rounded but for rare ties; NaN for |x| > 1. */
export function acosf(x: f32): f32 {
  const wide: f64 = x;
  const a = Math.abs(wide);
  const small = a <= 0.5;
  const z = small ? wide * wide : 0.5 * (1 - a);
  const root = small ? wide : 2 * Math.sqrt(z);
  const s = root * asinOverRoot(z);
  return Math.fround(small ? HALF_PI - s : wide < 0 ? PI - s : s);
}

function asinWide(x: f64): f64 {
  const a = Math.abs(x);
  const small = a <= 0.5;
  const z = small ? x * x : 0.5 * (1 - a);
  const root = small ? x : 2 * Math.sqrt(z);
  const s = root * asinOverRoot(z);
  return small ? s : x < 0 ? s - HALF_PI : HALF_PI - s;
}

/** asin(√z) / √z for z ≤ 1/4. */
function asinOverRoot(z: f64): f64 {
  const w = z * z;
  return (
    0.9999999999848859 +
    z * 0.16666667421842307 +
    w *
      (0.07499938194785614 +
        z * 0.044662035967924306 +
        w * (0.0300922074092819 + z * 0.02471154455330496 + w * (0.007223840200374481 + z * 0.03495152444701084)))
  );
}

/** The angle whose tangent is x, correctly rounded but for rare ties. */
export function atanf(x: f32): f32 {
  const wide: f64 = x;
  const far = !(Math.abs(wide) <= 1);
  const t = far ? 1 / wide : wide;
  const s = t * atanOverT(t * t);
  return Math.fround(far ? (wide < 0 ? -HALF_PI : HALF_PI) - s : s);
}

/** The angle of the point (x, y), y first, with `atan2`'s special cases; correctly rounded but for rare ties. */
export function atan2f(y: f32, x: f32): f32 {
  const wideY: f64 = y;
  const wideX: f64 = x;
  const v = Math.abs(wideY);
  const u = Math.abs(wideX);
  const steep = v > u;
  const numerator = steep ? u : v;
  const denominator = steep ? v : u;
  // 0 / 0 counts as 0, and ∞ / ∞ as 1.
  const equal = v === u && (v === 0 || v === Infinity);
  const t = equal ? (v === 0 ? 0 : 1) : numerator / denominator;
  const s = t * atanOverT(t * t);
  const acute = steep ? HALF_PI - s : s;
  const r = highWord(wideX) < 0 ? PI - acute : acute;
  return Math.fround(highWord(wideY) < 0 ? -r : r);
}

/** atan(t) / t, z = t², |t| ≤ 1. */
function atanOverT(z: f64): f64 {
  const w = z * z;
  return (
    0.9999999999906398 +
    z * -0.3333333300520853 +
    w *
      (0.19999980833792763 +
        z * -0.14285271377024333 +
        w *
          (0.11105741195983204 +
            z * -0.09051617550572669 +
            w *
              (0.0750395306046379 +
                z * -0.060426138158152405 +
                w *
                  (0.04396694125355702 +
                    z * -0.026338305417725662 +
                    w * (0.011646415407986528 + z * -0.003278228174239141 + w * 0.00043294692839045595)))))
  );
}
