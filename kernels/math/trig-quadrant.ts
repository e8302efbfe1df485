/**
 * sin, cos and tan of an angle that is already reduced: n quarter turns and a rest r + tail, |r| at most a little over π/4.
 *
 * sin and cos of the rest are minimax polynomials in r² (errors 2^-57.8 and 2^-63.7, relative) around terms that are kept exact,
 * after fdlibm's `__kernel_sin` and `__kernel_cos` (K. C. Ng, 1993). tan is their quotient, with what each sum lost carried
 * along. Both polynomials are always evaluated and one is selected: there is nothing to branch on.
 */
import type { f64, i32 } from "tsgpu";
import { productTail } from "./parts.ts";

/** The coefficient of r³ in sin r. */
const SIXTH = -0.1666666666666663;

/** sin of n quarter turns and r + tail. cos is sin a quarter turn later. Relative error below 2^-53.2 before the last rounding. */
export function sinQuadrant(r: f64, tail: f64, n: i32): f64 {
  const z = r * r;
  const v = z * r;
  const p = sinTail(z);
  const s = r - (z * (0.5 * tail - v * p) - tail - v * SIXTH);

  const half = 0.5 * z;
  const w = 1 - half;
  const c = w + (1 - w - half + (z * (z * cosTail(z)) - r * tail));

  const y = (n & 1) === 0 ? s : c;
  return (n & 2) === 0 ? y : -y;
}

/**
 * tan of n quarter turns and r + tail: sin / cos in even quadrants, -cos / sin in odd ones. The two enter the division as sums of two
 * floats, and one step of Newton's on the quotient, with the remainder computed exactly (Dekker), makes up for the division.
 */
export function tanQuadrant(r: f64, tail: f64, n: i32): f64 {
  const z = r * r;
  const p = sinTail(z);
  const half = 0.5 * z;
  const sRest = r * (z * (SIXTH + z * p)) + (tail - half * tail);
  const s = r + sRest;
  const sLow = r - s + sRest;

  const w = 1 - half;
  // The square's own rounding would be a quarter of an ulp of the cosine.
  const cRest = 1 - w - half + (z * (z * cosTail(z)) - r * tail - 0.5 * productTail(r, r, z));
  const c = w + cRest;
  const cLow = w - c + cRest;

  const even = (n & 1) === 0;
  const a = even ? s : -c;
  const aLow = even ? sLow : -cLow;
  const b = even ? c : s;
  const bLow = even ? cLow : sLow;

  const inverse = 1 / b;
  const q = a * inverse;
  const product = q * b;
  const y = q + (a - product - productTail(q, b, product) + (aLow - q * bLow)) * inverse;
  // So small that tan r = r, and that the parts of r would be subnormal.
  return even && Math.abs(r) < 2 ** -27 ? r : y;
}

/** ((sin r / r - 1) / z + 1/6) / z, z = r²; 1/6 is SIXTH. */
function sinTail(z: f64): f64 {
  const w = z * z;
  return (
    0.008333333333321844 +
    z * -0.00019841269829362607 +
    w * (2.755731354021907e-6 + z * -2.5050734797217158e-8 + w * 1.5895472747144528e-10)
  );
}

/** (cos r - 1 + z/2) / z², z = r². */
function cosTail(z: f64): f64 {
  const w = z * z;
  return (
    0.041666666666666595 +
    z * -0.001388888888887334 +
    w * (2.4801587288999843e-5 + z * -2.755731421621864e-7 + w * (2.0875705266226006e-9 + z * -1.1358741475861332e-11))
  );
}
