/**
 * sin, cos and tan in f32 alone.
 *
 * Up to 4096 the number n of quarter turns is x · 2/π rounded, and x - n π/2 comes from π/2 in four parts (Cody and Waite, 1980): three of
 * 12 bits, whose products with n are exact, and a rest. Larger arguments are reduced in integers (Payne and Hanek, 1983): the bits of
 * 2/π that matter are multiplied by the 24 bits of x, modulo four quarter turns. Polynomials after Cephes (S. L. Moshier, 1989).
 */
import type { f32, i32 } from "tsgpu";
import { fromWord, wordOf } from "tsgpu/kernel";
import { nearest, powerOfTwo } from "./single-parts.ts";

/** The sine, within 2.5 ulp. sins(-0) is -0, of infinities it is NaN. */
export function sins(x: f32): f32 {
  return trig(x, 0);
}

/** The cosine, within 2.5 ulp. NaN of infinities. */
export function coss(x: f32): f32 {
  return trig(x, 1);
}

/** The tangent, within 3.5 ulp. tans(-0) is -0, of infinities it is NaN. */
export function tans(x: f32): f32 {
  return trig(x, 2);
}

/** sin (`which` 0), cos (1) or tan (2). */
function trig(x: f32, which: i32): f32 {
  const n = nearest(x * 0.636619772);
  const r = x - n * 1.5708008 - n * -4.4535846e-6 - n * -8.706138e-10 - n * 6.223372e-14;
  const quarter: i32 = n | 0;
  const y = Math.abs(x) > 4096 ? trigLargeSingle(x, which) : quadrant(r, quarter, which);
  return x === 0 && which !== 1 ? x : y;
}

/** The same of n quarter turns and r, |r| at most a little over π/4. */
function quadrant(r: f32, n: i32, which: i32): f32 {
  const z = r * r;
  const t =
    0.333331568 + z * (0.133387994 + z * (0.0534112807 + z * (0.0244301355 + z * (0.00311992232 + z * 0.0093854018))));
  const tangent = r + r * z * t;
  const s = r + r * z * (-0.166666546 + z * (0.00833216087 + z * -0.000195152959));
  const c = 1 - 0.5 * z + z * z * (0.0416666456 + z * (-0.00138873163 + z * 2.44331571e-5));
  const turn = (n + which) | 0;
  const size = (turn & 1) === 0 ? s : c;
  const sine = (turn & 2) === 0 ? size : -size;
  return which === 2 ? ((n & 1) === 0 ? tangent : -1 / tangent) : sine;
}

/**
 * sin (`which` 0), cos (1) or tan (2) of x, |x| ≥ 2^11; NaN of infinities. Kept out of line: it is rare, and long.
 *
 * @noinline
 */
export function trigLargeSingle(x: f32, which: i32): f32 {
  const word = wordOf(x);
  const m: i32 = (word & 0x7fffff) | 0x800000;
  // x = m 2^s, and bit i of 2/π (from 1 on) counts 2^(s - i) m: whole turns before bit s - 1. The table begins at bit -31.
  const s: i32 = ((word >> 23) & 0xff) - 150;
  const at: i32 = (s + 30) | 0;
  const first = at >> 5;
  const shift = at & 31;
  const w0 = bitsFrom(first, shift);
  const w1 = bitsFrom((first + 1) | 0, shift);
  const w2 = bitsFrom((first + 2) | 0, shift);

  // The lower 96 bits of m (w0 2^64 + w1 2^32 + w2): two bits of quarter turns, then the fraction.
  const low = Math.imul(m, w2);
  const middleLow = Math.imul(m, w1);
  const middle = (middleLow + highOf(m, w2)) | 0;
  const carry = middle >>> 0 < middleLow >>> 0 ? 1 : 0;
  const top = (Math.imul(m, w0) + highOf(m, w1) + carry) | 0;

  const high = (top << 2) | (middle >>> 30);
  const next = (middle << 2) | (low >>> 30);
  const beyond = high < 0;
  const n: i32 = ((top >>> 30) + (beyond ? 1 : 0)) | 0;
  const f0 = beyond ? ~high : high;
  const f1 = beyond ? ~next : next;
  const zeros = Math.clz32(f0) & 31;
  const fraction = (f0 << zeros) | (zeros === 0 ? 0 : f1 >>> (32 - zeros));
  const size: f32 = fraction >>> 8;
  const rest: f32 = fraction & 0xff;
  const turns = (size + rest * 0.00390625) * powerOfTwo((-24 - zeros) | 0);
  const r = turns * 1.57079637;
  const negative = word < 0;
  const signed = beyond !== negative ? -r : r;
  const quarter: i32 = negative ? (0 - n) | 0 : n;
  return Math.abs(x) < Infinity ? quadrant(signed, quarter, which) : NaN;
}

/** 32 bits of 2/π, from bit `shift` of word k on. */
function bitsFrom(k: i32, shift: i32): i32 {
  const a = digits(k);
  const b = digits((k + 1) | 0);
  return shift === 0 ? a : (a << shift) | (b >>> (32 - shift));
}

/** Words of 2/π; the first is that of bits -31 to 0. */
function digits(k: i32): i32 {
  const low = k < 1 ? 0 : k < 2 ? 0xa2f9836e | 0 : k < 3 ? 0x4e441529 : 0xfc2757d1 | 0;
  const high = k < 5 ? 0xf534ddc0 | 0 : k < 6 ? 0xdb629599 | 0 : k < 7 ? 0x3c439041 : 0xfe5163ab | 0;
  return k < 4 ? low : high;
}

/** The upper 32 bits of the product of m, below 2^24, and a word without a sign. */
function highOf(m: i32, w: i32): i32 {
  const m0 = m & 0xffff;
  const m1 = m >> 16;
  const w0 = w & 0xffff;
  const w1 = w >>> 16;
  const first = Math.imul(m0, w1);
  const second = Math.imul(m1, w0);
  const middle = (Math.imul(m0, w0) >>> 16) + (first & 0xffff) + (second & 0xffff);
  return (Math.imul(m1, w1) + (first >>> 16) + (second >>> 16) + (middle >>> 16)) | 0;
}
