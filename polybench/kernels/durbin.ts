/** PolyBench/C 4.2.1, linear-algebra/solvers/durbin. */
import type { real } from "tsgpu";
import { zeros } from "tsgpu/kernel";

/** y := solution of T y = −r, T the symmetric Toeplitz matrix of 1, r[0], r[1], …. Shapes: r[n], y[n]. */
export function durbin(r: readonly real[], y: real[]): void {
  const n = r.length;
  const z = zeros("real", n);
  y[0] = -r[0];
  let beta: real = 1.0;
  let alpha: real = -r[0];
  for (let k = 1; k < n; k++) {
    beta = (1.0 - alpha * alpha) * beta;
    let sum: real = 0.0;
    for (let i = 0; i < k; i++) sum += r[k - i - 1] * y[i];
    alpha = -(r[k] + sum) / beta;
    for (let i = 0; i < k; i++) z[i] = y[i] + alpha * y[k - i - 1];
    for (let i = 0; i < k; i++) y[i] = z[i];
    y[k] = alpha;
  }
}
