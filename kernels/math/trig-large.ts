/**
 * sin, cos and tan of huge arguments, exactly reduced (M. Payne and R. Hanek, Radian reduction for trigonometric functions, 1983).
 *
 * |x| = m 2^s with an integer m of 53 bits. Of x · 2/π only what stays modulo 4 is wanted, so the bits of 2/π above the place of 2^(2-s)
 * are left out, and the next 216 are multiplied by m as digits of base 2^24: columns of at most three products, each below
 * 2^48, so all sums are exact in f64. The closest a float comes to a multiple of π/2 is 2^-61 (6381956970095103 · 2^797); the digits
 * leave 2^-120 of a quarter turn.
 */
import type { f64, i32 } from "tsgpu";
import { highWord, lowWord } from "tsgpu/kernel";
import { powerOfTwo, productTail, ROUND } from "./parts.ts";
import { sinQuadrant, tanQuadrant } from "./trig-quadrant.ts";

/**
 * sin (`which` 0), cos (1) or tan (2) of x, |x| ≥ 2^20; NaN of infinities. Kept out of line: it is rare, and long.
 *
 * @noinline
 */
export function trigLarge(x: f64, which: i32): f64 {
  const high = highWord(x);
  const low = lowWord(x);
  const m0: f64 = low & 0xffffff;
  const m1: f64 = ((low >>> 24) | (high << 8)) & 0xffffff;
  const m2: f64 = ((high & 0xfffff) | 0x100000) >> 16;

  // x · 2/π = Σ m_i d_k 2^(s + 24 (i - k - 1)): columns from s - 24 (first + 1) in [-22, 1] down.
  const s: i32 = ((highWord(x) >> 20) & 0x7ff) - 1075;
  const first: i32 = lowWord((s - 13.5) * (1 / 24) + ROUND); // floor((s - 2) / 24)
  const unit = powerOfTwo((s - 24 * (first + 1)) | 0);

  const d0 = digit(first);
  const d1 = digit(first + 1);
  const d2 = digit(first + 2);
  const d3 = digit(first + 3);
  const d4 = digit(first + 4);
  const d5 = digit(first + 5);
  const d6 = digit(first + 6);
  const d7 = digit(first + 7);
  const d8 = digit(first + 8);

  // Sums of columns, then carries from the last to the first.
  const c6 = d6 * m0 + d7 * m1 + d8 * m2;
  const c5 = d5 * m0 + d6 * m1 + d7 * m2 + carry(c6);
  const c4 = d4 * m0 + d5 * m1 + d6 * m2 + carry(c5);
  const c3 = d3 * m0 + d4 * m1 + d5 * m2 + carry(c4);
  const c2 = d2 * m0 + d3 * m1 + d4 * m2 + carry(c3);
  const c1 = d1 * m0 + d2 * m1 + d3 * m2 + carry(c2);
  const c0 = d0 * m0 + d1 * m1 + d2 * m2 + carry(c1);

  // Quarter turns modulo 4, as n and a rest of two floats in [-1/2, 1/2].
  const step = 2 ** -24;
  const turns = c0 * unit;
  const f0 = turns - 4 * Math.floor(turns * 0.25);
  const v1 = (c1 - carry(c1) * 16777216) * (unit * step);
  const v2 = (c2 - carry(c2) * 16777216) * (unit * step * step);
  const v3 = (c3 - carry(c3) * 16777216) * (unit * step * step * step);
  const v4 = (c4 - carry(c4) * 16777216) * (unit * step * step * step * step);
  const v5 = (c5 - carry(c5) * 16777216) * (unit * step * step * step * step * step);
  const rounded = f0 + v1 + ROUND;
  const f1 = f0 - (rounded - ROUND) + v1;
  const f2 = f1 + v2;
  const e2 = sumError(f1, v2, f2);
  const f3 = f2 + v3;
  const e3 = sumError(f2, v3, f3);
  const f4 = f3 + v4;
  const e4 = sumError(f3, v4, f4);
  const f = f4 + (e2 + e3 + e4 + v5);
  const fTail = f4 - f + (e2 + e3 + e4 + v5);

  // Times π/2, again as two floats.
  const product = f * 1.5707963267948966;
  const rest = productTail(f, 1.5707963267948966, product) + (fTail * 1.5707963267948966 + f * 6.123233995736766e-17);
  const r = product + rest;
  const tail = product - r + rest;

  const negative = x < 0;
  const n: i32 = negative ? -lowWord(rounded) : lowWord(rounded);
  const rSigned = negative ? -r : r;
  const tailSigned = negative ? -tail : tail;
  const y = which === 2 ? tanQuadrant(rSigned, tailSigned, n) : sinQuadrant(rSigned, tailSigned, (n + which) | 0);
  return x - x === 0 ? y : NaN;
}

/** How many times 2^24 goes into a column. */
function carry(column: f64): f64 {
  return Math.floor(column * 5.960464477539063e-8);
}

/** a + b - sum, exactly (Knuth), where sum is the float a + b. */
function sumError(a: f64, b: f64, sum: f64): f64 {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** Digit k of 2/π in base 2^24: 2/π = Σ digit(k) 2^(-24 (k + 1)), k in [-2, 48]. Chosen, not looked up: a kernel has no data. */
function digit(k: i32): f64 {
  return k < 23
    ? k < 10
      ? k < 4
        ? k < 1
          ? k < -1
            ? 0
            : k < 0
              ? 0
              : 10680707
          : k < 2
            ? 7228996
            : k < 3
              ? 1387004
              : 2578385
        : k < 7
          ? k < 5
            ? 16069853
            : k < 6
              ? 12639074
              : 9804092
          : k < 8
            ? 4427841
            : k < 9
              ? 16666979
              : 11263675
      : k < 16
        ? k < 13
          ? k < 11
            ? 12935607
            : k < 12
              ? 2387514
              : 4345298
          : k < 14
            ? 14681673
            : k < 15
              ? 3074569
              : 13734428
        : k < 19
          ? k < 17
            ? 16653803
            : k < 18
              ? 1880361
              : 10960616
          : k < 21
            ? k < 20
              ? 8533493
              : 3062596
            : k < 22
              ? 8710556
              : 7349940
    : k < 36
      ? k < 29
        ? k < 26
          ? k < 24
            ? 6258241
            : k < 25
              ? 3772886
              : 3769171
          : k < 27
            ? 3798172
            : k < 28
              ? 8675211
              : 12450088
        : k < 32
          ? k < 30
            ? 3874808
            : k < 31
              ? 9961438
              : 366607
          : k < 34
            ? k < 33
              ? 15675153
              : 9132554
            : k < 35
              ? 7151469
              : 3571407
      : k < 42
        ? k < 39
          ? k < 37
            ? 2607881
            : k < 38
              ? 12013382
              : 4155038
          : k < 40
            ? 6285869
            : k < 41
              ? 7677882
              : 13102053
        : k < 45
          ? k < 43
            ? 15825725
            : k < 44
              ? 473591
              : 9065106
          : k < 47
            ? k < 46
              ? 15363067
              : 6271263
            : k < 48
              ? 9264392
              : 5636912;
}
