/** asin, acos, atan and atan2 in f32 alone; polynomials after Cephes (S. L. Moshier, 1989). */
import type { f32 } from "tsgpu";
import { wordOf } from "tsgpu/kernel";

const PI = 3.14159274;
const HALF_PI = 1.57079637;
const QUARTER_PI = 0.785398185;

/** asin a for a in [0, 1/2], and where z = a². */
function asinNear(a: f32, z: f32): f32 {
  const p = 0.166667521 + z * (0.0749530027 + z * (0.04547003 + z * (0.0241813111 + z * 0.042163199)));
  return a + a * z * p;
}

/** The angle in [-π/2, π/2] whose sine is x; NaN for |x| > 1, asins(-0) is -0. Within 2.5 ulp. */
export function asins(x: f32): f32 {
  const a = Math.abs(x);
  const half = 0.5 * (1 - a);
  const far = HALF_PI - 2 * asinNear(Math.sqrt(half), half);
  const y = a <= 0.5 ? asinNear(a, a * a) : a <= 1 ? far : NaN;
  return x < 0 ? -y : x === 0 ? x : y;
}

/** The angle in [0, π] whose cosine is x; NaN for |x| > 1. Within 1.5 ulp. */
export function acoss(x: f32): f32 {
  const a = Math.abs(x);
  const half = 0.5 * (1 - a);
  const far = 2 * asinNear(Math.sqrt(half), half);
  const near = asinNear(a, a * a);
  const y = a <= 0.5 ? HALF_PI - (x < 0 ? -near : near) : x < 0 ? PI - far : far;
  return a <= 1 ? y : NaN;
}

/** atan a for a in [0, 1]. */
function atanUnit(a: f32): f32 {
  const far = a > 0.4142135679721832;
  const t = far ? (a - 1) / (a + 1) : a;
  const z = t * t;
  const p = -0.333329499 + z * (0.199777111 + z * (-0.138776854 + z * 0.0805374458));
  return (far ? Math.fround(QUARTER_PI) : 0) + (t + t * z * p);
}

/** The angle in [-π/2, π/2] whose tangent is x; atans(-0) is -0. Within 2.5 ulp. */
export function atans(x: f32): f32 {
  const a = Math.abs(x);
  const y = a > 1 ? HALF_PI - atanUnit(1 / a) : atanUnit(a);
  return x < 0 ? -y : x === 0 ? x : y;
}

/**
 * The angle in [-π, π] of the point (x, y), y first; its sign is that of y. Zeros are told apart by their signs and of two
 * infinities the angle is a multiple of π/4, as in ECMA-262. Within 3 ulp.
 */
export function atan2s(y: f32, x: f32): f32 {
  const ay = Math.abs(y);
  const ax = Math.abs(x);
  const steep = ay > ax;
  const most = steep ? ay : ax;
  const least = steep ? ax : ay;
  const both = least === Infinity;
  const ratio = both ? 1 : most === 0 ? 0 : least / most;
  const angle = atanUnit(ratio);
  const up = steep ? HALF_PI - angle : angle;
  const left = wordOf(x) < 0 ? PI - up : up;
  const size = ay === ay && ax === ax ? left : NaN;
  return wordOf(y) < 0 ? -size : size;
}
