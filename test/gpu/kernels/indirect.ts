// Gather and scatter, with indices that repeat.
import type { f64, i32 } from "tsgpu";
import { grid, parallel, threads } from "tsgpu/kernel";

export function gather(x: readonly f64[], at: readonly i32[], y: f64[]): void {
  const n = at.length;
  for (const b of grid(Math.ceil(n / 4)))
    for (const t of threads(4)) {
      const i = b * 4 + t;
      if (i < n) y[i] = x[at[i]] * x[at[i]];
    }
}

export function scatter(x: readonly f64[], at: readonly i32[], y: f64[], scale: f64): void {
  for (const i of parallel(at.length)) y[at[i]] += scale * Math.exp(x[i]);
}

/** What is scattered into has been read before. */
export function update(x: readonly f64[], at: readonly i32[], y: f64[], z: f64[]): void {
  for (const i of parallel(y.length)) z[i] = y[i] * y[i];
  for (const i of parallel(at.length)) y[at[i]] += x[i] * x[i];
  for (const i of parallel(y.length)) z[i] += y[i] * y[i];
}
