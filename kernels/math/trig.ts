/**
 * sin, cos and tan.
 *
 * f64: for |x| ≤ 2^20 the number n of quarter turns is x · 2/π rounded (by adding and subtracting 1.5 · 2^52), and x - n π/2 comes
 * from π/2 in four parts (Cody and Waite, 1980): three of 33 bits, whose products with n are exact, and a rest, so that the
 * remainder, kept as two floats, has all its bits even next to a multiple of π/2. Larger arguments are reduced in `trig-large.ts`, what
 * follows is in `trig-quadrant.ts`.
 *
 * f32: x · 2/π in f64, with 2/π in three parts of 28, 28 and 53 bits, whose upper bits are left out where they would only add
 * whole turns: five windows into 2/π cover all exponents, chosen without a branch (Payne and Hanek again). Polynomials in
 * quarter turns, errors 2^-37.
 */
import type { f32, f64, i32 } from "tsgpu";
import { lowWord } from "tsgpu/kernel";
import { ROUND } from "./parts.ts";
import { trigLarge } from "./trig-large.ts";
import { sinQuadrant, tanQuadrant } from "./trig-quadrant.ts";

/** The sine. sin(-0) is -0, of infinities it is NaN. Error below 0.8 ulp. */
export function sin(x: f64): f64 {
  return trig(x, 0);
}

/** The cosine. NaN of infinities. Error below 0.8 ulp. */
export function cos(x: f64): f64 {
  return trig(x, 1);
}

/** The tangent. tan(-0) is -0, of infinities it is NaN. Error below 0.9 ulp. */
export function tan(x: f64): f64 {
  return trig(x, 2);
}

/** sin (`which` 0), cos (1) or tan (2). Differences are taken so that -0 stays -0. */
function trig(x: f64, which: i32): f64 {
  const turns = x * 0.6366197723675814 + ROUND;
  const n = turns - ROUND;
  const a = x - n * 1.5707963267341256; // exact
  const second = n * 6.077100506303966e-11;
  const b = a - second;
  const third = n * 2.0222662487111665e-21;
  const c = b - third;
  const rest = n * 8.4784276603689e-32 - (a - b - second + (b - c - third));
  const r = c - rest;
  const tail = c - r - rest;
  const quadrant: i32 = lowWord(turns);
  const y = which === 2 ? tanQuadrant(r, tail, quadrant) : sinQuadrant(r, tail, (quadrant + which) | 0);
  return Math.abs(x) > 2 ** 20 ? trigLarge(x, which) : y;
}

/** The sine, correctly rounded but for rare ties. sinf(-0) is -0, of infinities it is NaN. */
export function sinf(x: f32): f32 {
  return Math.fround(trigSingle(x, 0));
}

/** The cosine, correctly rounded but for rare ties. NaN of infinities. */
export function cosf(x: f32): f32 {
  return Math.fround(trigSingle(x, 1));
}

/** The tangent, correctly rounded but for rare ties. tanf(-0) is -0, of infinities it is NaN. */
export function tanf(x: f32): f32 {
  return Math.fround(trigSingle(x, 2));
}

/** sin (`which` 0), cos (1) or tan (2) of an f32. */
function trigSingle(x: f64, which: i32): f64 {
  // The nearest whole number of quarter turns, from two products, and f, how far off it is.
  const p1 = x * first(x);
  const turns1 = p1 + ROUND;
  const f1 = p1 - (turns1 - ROUND);
  const p2 = x * second(x);
  const turns2 = f1 + p2 + ROUND;
  const f = f1 - (turns2 - ROUND) + p2 + x * third(x);
  const n: i32 = (lowWord(turns1) + lowWord(turns2) + (which & 1)) | 0;

  const z = f * f;
  const s = f * sinOverTurns(z);
  const c = cosTurns(z);
  const even = (n & 1) === 0;
  const y = even ? s : c;
  return which === 2 ? y / (even ? c : -s) : (n & 2) === 0 ? y : -y;
}

/** sin(f π/2) / f, z = f². */
function sinOverTurns(z: f64): f64 {
  const w = z * z;
  return (
    1.5707963267876737 +
    z * -0.6459640960907208 +
    w * (0.07969258156763787 + z * -0.004681258602326065 + w * 0.00015819049928718742)
  );
}

/** cos(f π/2), z = f². */
function cosTurns(z: f64): f64 {
  const w = z * z;
  return (
    1 +
    z *
      (-1.2337005501234437 +
        z * 0.2536695072060883 +
        w * (-0.02086346832688321 + z * 0.0009191625329483405 + w * -2.4851510812802453e-5))
  );
}

/** The bits of 2/π from 2^-1, 2^-22, 2^-43, 2^-64, 2^-85 on, by the size of x: those before add whole turns only. First 28 of them, … */
function first(x: f64): f64 {
  const a = Math.abs(x);
  const low = a < 2 ** 46 ? 0.6366197690367699 : 2.0449648729936598e-7;
  const high = a < 2 ** 88 ? 1.450456423669538e-14 : a < 2 ** 109 ? 1.0760572788072771e-19 : 2.5268260189002822e-26;
  return a < 2 ** 67 ? low : high;
}

/** … the next 28, … */
function second(x: f64): f64 {
  const a = Math.abs(x);
  const low = a < 2 ** 46 ? 3.3308114738561656e-9 : 2.937095479631555e-16;
  const high = a < 2 ** 88 ? 3.254380346806332e-23 : a < 2 ** 109 ? 2.2665977917662736e-28 : 1.6682867657019525e-34;
  return a < 2 ** 67 ? low : high;
}

/** … and the next 53. */
function third(x: f64): f64 {
  const a = Math.abs(x);
  const low = a < 2 ** 46 ? 2.276010073078396e-18 : 6.074026489649846e-24;
  const high = a < 2 ** 88 ? 2.6232834129321014e-30 : a < 2 ** 109 ? 1.319072090304303e-36 : 1.1588713353428143e-43;
  return a < 2 ** 67 ? low : high;
}
