/** Places where a derivative does not exist, is infinite, or must not be touched. */
import type { f64, i32, index } from "tsgpu";

/** The branch not taken would be NaN, or divide by zero. */
export function guardedBranch(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i] > 0) y[i] = Math.sqrt(x[i]) * Math.log(x[i]);
    else y[i] = y[i] * x[i];
    y[i] += x[i] === 0 ? 1 : 0.1 / x[i];
  }
}

/** The root of zero is computed, and not used. */
export function unusedRoot(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const root = Math.sqrt(Math.abs(x[i]));
    const quotient = 1 / x[i];
    y[i] *= x[i] !== 0 ? root + 0.1 * quotient : 2;
  }
}

/** Roots and powers of what is constant, and zero. */
export function constantPoles(c: f64[], x: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    s += Math.sqrt(c[i]) * x[i] + Math.cbrt(c[i]) * x[i] + c[i] ** 0.5 * x[i] + Math.hypot(c[i], 0) * x[i];
  }
  return s;
}

/** Powers at zero, with exponents that are 0, 1 and 2, and by the exponent itself. */
export function powersAtZero(x: f64[], e: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    s += x[i] ** 2 + x[i] ** 3 * 0.5 + x[i] ** 1 + x[i] ** 0 + x[i] ** e[i];
  }
  return s;
}

/** Ties: the first operand has the derivative; of a branch, what was taken. */
export function ties(x: f64[], y: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    s += 2 * Math.min(x[i], y[i]) + 3 * Math.max(x[i], y[i]) + 5 * Math.min(y[i], x[i], 2);
    s += x[i] > y[i] ? x[i] * x[i] : y[i] * x[i];
    s += Math.abs(x[i] - y[i]);
  }
  return s;
}

/** Where the sum is 0, the first operand decides: the constant in one, the sum in the other. */
export function rectified(x: f64[], w: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += Math.max(0, x[i] * w[i]) + 2 * Math.max(x[i] * w[i], 0);
  return s;
}

/** Running minimum and maximum, carried and in place. */
export function runningExtremes(x: f64[]): f64 {
  let low = 10;
  let high = -10;
  for (let i = 0; i < x.length; i++) {
    low = Math.min(low, x[i] * x[i]);
    high = Math.max(high, x[i]);
    x[i] = Math.max(x[i], low) * high;
  }
  return low * high;
}

/** Clamps and absolute values by hand, and by `Math`. */
export function clamps(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i] < -0.5 ? -0.5 : x[i] > 0.5 ? 0.5 : x[i];
    y[i] = y[i] * v + Math.min(Math.max(x[i], -0.25), 0.75) * Math.abs(x[i]);
  }
}

/** Integer casts and roundings have derivative zero; what they are taken from has its own. */
export function casts(x: f64[], k: i32[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    const whole = Math.floor(4 * x[i]);
    const cut = (8 * x[i]) | 0;
    s += x[i] * whole + (x[i] - Math.round(x[i])) * cut + Math.sign(x[i]) * x[i] + Math.trunc(3 * x[i]) + k[i] * x[i];
    k[i] = cut;
  }
  return s;
}

/** Only through roundings: the gradient is zero, and nothing else. */
export function onlyRoundings(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.floor(x[i] * 10) + ((x[i] * 7) | 0);
}

/** A result that does not depend on `x`, though it is read. */
export function independent(x: f64[], y: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < y.length; i++) {
    if (x[i] > 0) s += y[i] * y[i];
    else s -= y[i];
  }
  return s;
}

/** What depends on `x` is overwritten, so that nothing does in the end. */
export function overwrittenAway(x: f64[], y: f64[]): void {
  for (let i = 0; i < y.length; i++) {
    y[i] = x[i] * x[i];
    y[i] = i;
  }
}

/** Products with what is infinite where the branch, or the loop, that uses them is not taken. */
export function droppedProducts(x: readonly f64[], y: readonly f64[], c: readonly f64[], n: index): f64 {
  let s = 0.0;
  for (let i = 0; i < x.length; i++) {
    const far = x[i] * y[i];
    if (c[i] > 0) s += far * far;
    s += c[i] > 0 ? x[i] * y[i] * 2 : x[i];
    for (let k = 0; k < n; k++) s += far * x[i];
  }
  return s;
}
