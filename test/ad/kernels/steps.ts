import type { f64, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

/** Nonlinear steps in place, with a scalar and a local array that go through all of them; work before and after the loop. */
export function steps(x: f64[], n: index, a: f64): f64 {
  const m = x.length;
  const y = zeros("f64", m);
  let drift = Math.exp(a);
  for (let i = 0; i < m; i++) x[i] = x[i] * x[i] * drift;
  for (let t = 0; t < n; t++) {
    for (let i = 1; i < m - 1; i++) y[i] = Math.sin(x[i - 1]) * x[i + 1] + drift * a;
    for (let i = 1; i < m - 1; i++) x[i] = x[i] * 0.5 + y[i] * Math.cos(drift);
    drift = drift * Math.tanh(x[2]) + 0.1;
  }
  let s = drift * drift;
  for (let i = 0; i < m; i++) {
    s += x[i] * x[i] * y[i];
    x[i] = s;
  }
  return s * s;
}

/** A product of neighbours, whose second derivatives are not zero, with a test on the data. */
export function bumps(x: f64[]): f64 {
  let s = 0.0;
  for (let i = 1; i < x.length; i++) {
    x[i] = x[i] * Math.sin(x[i - 1]);
    s += x[i] > 0 ? x[i] * x[i] : Math.exp(x[i]);
  }
  return s;
}

/** Newton's iteration, as often as it takes. */
export function roots(x: f64[]): f64 {
  let s = 1.0;
  for (let i = 0; i < x.length; i++) {
    let z = x[i];
    while (Math.abs(z * z - x[i]) > 1e-13 * x[i]) z = 0.5 * (z + x[i] / z);
    s *= z;
  }
  return s;
}

/** Squares in place: as many values to keep as there are elements. */
export function overwrite(x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i] * x[i];
}
