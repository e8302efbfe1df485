/** Values that loops carry, and the shapes of loops. */
import type { f64, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

/** The accumulator counts twice after its loop. */
export function accumulatorAfterLoop(x: f64[], y: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  for (let i = 0; i < y.length; i++) y[i] *= sum;
  return sum * sum;
}

/** A product that a loop carries, whose every partial result the derivative needs. */
export function carriedProduct(x: f64[]): f64 {
  let p = 1;
  for (let i = 0; i < x.length; i++) p = p * x[i] + 0.5;
  return p;
}

/** Two carried values that depend on each other. */
export function carriedPair(x: f64[]): f64 {
  let a = 1;
  let b = 0.5;
  for (let i = 0; i < x.length; i++) {
    const c = a * x[i];
    a = Math.sin(b) + c;
    b = c * b;
  }
  return a * b;
}

/** `scale` is from before the loop, used in it, changed after it and used again. */
export function beforeInsideAfter(x: f64[], y: f64[], a: f64): f64 {
  let scale = a * a;
  for (let i = 0; i < x.length; i++) y[i] = scale * x[i] * y[i];
  scale = scale * a + 1;
  let sum = scale;
  for (let i = 0; i < x.length; i++) sum += scale * y[i];
  return sum;
}

/** Inner loops run as far as the outer index, and as far as a parameter, says. */
export function nestedDynamic(x: f64[][], n: index): f64 {
  let total = 0;
  for (let i = 0; i < n; i++) {
    let row = 1;
    for (let j = 0; j <= i; j++) {
      let cell = x[i][j];
      for (let k = j; k < n; k++) cell = cell * 0.5 + x[k][j] * x[i][j];
      row = row * cell + x[i][j];
    }
    total += row * row;
  }
  return total;
}

/** Solves a lower triangular system in place, then an upper one downwards. */
export function triangular(L: f64[][], x: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) x[i] -= L[i][j] * x[j];
    x[i] /= L[i][i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) x[i] -= L[j][i] * x[j];
    x[i] /= L[i][i];
  }
}

/** Bounds that leave a loop without trips, or with one. */
export function emptyLoops(x: f64[], from: index, to: index): f64 {
  let p = 1;
  for (let i = from; i < to; i++) p *= x[i];
  for (let i = to; i < from; i++) p += x[i] * p;
  return p * p;
}

/** Steps of other sizes, up and down, over what was just written. */
export function stridedLoops(x: f64[]): void {
  for (let i = 0; i < x.length; i += 2) x[i] = x[i] * x[i];
  for (let i = x.length - 1; i >= 1; i -= 3) x[i] = x[i - 1] * x[i];
}

/** A local array lives in one trip of the loop, and is zero at its start. */
export function localInLoop(x: f64[][], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const t = zeros("f64", x[0].length + 1);
    for (let j = 0; j < x[0].length; j++) t[j + 1] = t[j] * x[i][j] + x[i][j];
    for (let j = 0; j < x[0].length; j++) t[j] = t[j + 1] * t[j + 1];
    for (let j = 0; j <= x[0].length; j++) y[i] += t[j] * t[j];
  }
}

/** A local array outlives the loops that fill it. */
export function localAcrossLoops(x: f64[], steps: index): f64 {
  const t = zeros("f64", x.length);
  for (let i = 0; i < x.length; i++) t[i] = x[i];
  for (let s = 0; s < steps; s++) {
    for (let i = 1; i < x.length; i++) t[i] = t[i] * t[i - 1] + x[i];
  }
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += t[i];
  return sum;
}

/** A local array made from a literal, whose elements are inputs. */
export function localLiteral(x: f64[], a: f64): void {
  const w = [a * a, 1 - a, 0.25];
  for (let i = 0; i < x.length; i++) {
    w[1] = w[1] * x[i];
    x[i] = w[0] * x[i] + w[1] + w[2];
  }
}

/** Halves until small: at least once. */
export function doWhile(x: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    let v = x[i] * x[i] + 1;
    do {
      v = 0.5 * v + 0.1 * x[i];
      sum += v * v;
    } while (v > 0.4);
  }
  return sum;
}

/** A loop around nothing that counts, and a value that leaves it unchanged. */
export function idleLoop(x: f64[], n: index): f64 {
  let a = x[0];
  let count = 0;
  for (let i = 0; i < n; i++) {
    count += 2;
    if (count > 100) a = 0;
  }
  return a * a * count;
}

/** Each trip begins anew: what counts in the end is from the last trip, or from before the loop where there is none. */
export function resetEachTrip(x: f64[], a: f64, steps: index): f64 {
  let last = a * a;
  for (let t = 0; t < steps; t++) {
    last = 0;
    for (let i = 0; i < x.length; i++) {
      x[i] = x[i] * x[i] * a;
      last += x[i] * x[i];
    }
  }
  return last * a;
}

/** The value of the trip before last. */
export function delayed(x: f64[]): f64 {
  let before = 1;
  let now = 0.5;
  for (let i = 0; i < x.length; i++) {
    const next = x[i] * before;
    before = now;
    now = next;
  }
  return before * before + now;
}

/** Loops that run only where their trips are not negative: elsewhere there is nothing to keep, not less than nothing. */
export function guardedTrips(x: f64[]): void {
  const n = x.length;
  if (n > 3) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n - 3; j++) x[j] = x[j] * x[j];
  }
}
