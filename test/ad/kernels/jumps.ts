/** Loops that are left early, and loops whose trips depend on data. */
import type { f64, i32 } from "tsgpu";

export function continueInLoop(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i] < 0) continue;
    y[i] = y[i] * Math.sqrt(x[i] + 1);
    if (y[i] > 1) continue;
    x[i] *= y[i];
  }
}

/** Stops where the product has become large; what comes after stays as it is. */
export function breakFromLoop(x: f64[]): f64 {
  let p = 1;
  for (let i = 0; i < x.length; i++) {
    p *= 1 + x[i] * x[i];
    if (p > 3) break;
    x[i] = p * x[i];
  }
  return p;
}

export function returnFromLoop(x: f64[], limit: f64): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i] * x[i];
    x[i] *= sum;
    if (sum > limit) return sum * x[i];
  }
  return sum * limit;
}

/** Leaves two loops at once. */
export function breakFromBoth(x: f64[][]): f64 {
  let s = 0.5;
  outer: for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < x[0].length; j++) {
      if (x[i][j] > 0.9) continue outer;
      s = s * x[i][j] + x[i][j];
      if (s < -0.8) break outer;
    }
    s *= 1.25;
  }
  return s * s;
}

/** Newton's method for a square root: as many trips as each element needs. */
export function newtonRoot(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const a = x[i] * x[i] + 1;
    let r = a;
    while (r * r - a > 1e-3) r = 0.5 * (r + a / r);
    y[i] = r * x[i];
  }
}

/** An array is overwritten in each of the unknown number of trips. */
export function whileInPlace(x: f64[], limit: f64): f64 {
  let norm = 0;
  for (let i = 0; i < x.length; i++) norm += x[i] * x[i];
  let trips = 0;
  while (norm > limit) {
    norm = 0;
    for (let i = 0; i < x.length; i++) {
      x[i] = 0.7 * x[i] + 0.05 * x[i] * x[i];
      norm += x[i] * x[i];
    }
    trips++;
  }
  return norm + trips;
}

/** A loop bound that an array holds: rows of different lengths, as in a sparse matrix. */
export function boundFromArray(start: i32[], x: f64[], y: f64[]): void {
  for (let i = 0; i < y.length; i++) {
    let p = 1;
    for (let k = start[i]; k < start[i + 1]; k++) {
      p *= x[k];
      x[k] = p;
    }
    y[i] += p * p;
  }
}

/** A nested loop with a bound that the trip before has computed. */
export function boundFromTrip(x: f64[], depth: i32[]): f64 {
  let s = 1;
  let n = 1;
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < n; k++) s = s * x[i] + 0.3;
    n = (n + depth[i]) % 4;
  }
  return s;
}
