/** Arrays indexed by arrays. */
import type { f64, i32 } from "tsgpu";

export function gather(x: f64[], at: i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) y[i] = x[at[i]] * x[at[i]] + y[i];
}

/** Where indices repeat, the last write counts. */
export function scatter(x: f64[], at: i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) y[at[i]] = x[i] * x[i];
}

/** Where indices repeat, all of them count. */
export function scatterAdd(x: f64[], at: i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) y[at[i]] += x[i] * x[i];
}

/** Each product needs what stood there before it. */
export function scatterMultiply(x: f64[], at: i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) y[at[i]] *= x[i];
}

/** Reads and writes of one array by indices that nobody knows. */
export function permuteInPlace(x: f64[], from: i32[], to: i32[]): void {
  for (let i = 0; i < from.length; i++) x[to[i]] = x[from[i]] * x[to[i]] + 0.5;
}

/** The indices themselves are overwritten after they were used. */
export function overwrittenIndices(x: f64[], at: i32[], y: f64[]): void {
  for (let i = 0; i < at.length; i++) {
    const k = at[i];
    y[i] += x[k] * y[i];
    at[i] = (k + 1) % x.length;
    y[i] *= x[at[i]];
  }
}

/** An index that is computed from floats. */
export function table(x: f64[], knots: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    const u = Math.min(Math.abs(x[i]), 0.999) * (knots.length - 1);
    const k = Math.floor(u);
    s += knots[k] + (u - k) * (knots[k + 1] - knots[k]) * (u - k);
  }
  return s;
}
