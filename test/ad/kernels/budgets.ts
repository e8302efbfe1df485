import type { f64, i32, index } from "tsgpu";

/** A tape whose size no argument changes: one value a trip. */
export function power(x: f64[]): f64 {
  for (let t = 0; t < 100; t++) {
    x[0] = x[0] * x[0];
  }
  return x[0];
}

/** Two tapes, of which one has a size that arguments decide. */
export function both(x: f64[], y: f64[]): void {
  for (let t = 0; t < 6; t++) y[0] = y[0] * y[0];
  for (let i = 0; i < x.length; i++) x[i] = x[i] * x[i];
}

/** Sums in place, of what is read before: they may be undone. */
export function sums(x: f64[], y: readonly f64[], out: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    out[i] = x[i] * x[i];
    x[i] += y[i];
  }
}

/** A loop whose iterations can run again from snapshots. */
export function relax(x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 1; i < x.length; i++) {
      x[i] = x[i] * x[i - 1];
    }
  }
}

/** Data decide how many trips there are. */
export function halve(x: f64[]): f64 {
  let s = 1.0;
  for (let i = 0; i < x.length; i++) {
    let z = x[i];
    while (z * z > 1) z = 0.5 * Math.sin(z) + 0.25 * z;
    s *= z;
  }
  return s;
}

export function count(x: f64[], hits: i32[], n: i32): i32 {
  let found: i32 = 0;
  for (let i = 0; i < n; i++) {
    if (x[i] > 0) found++;
    hits[i] = found;
  }
  return found;
}
