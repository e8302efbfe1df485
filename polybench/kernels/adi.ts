/** PolyBench/C 4.2.1, stencils/adi. */
import type { index, real } from "tsgpu";

/** tsteps of the heat equation on u by alternating directions. Shapes: u[n][n], v[n][n], p[n][n], q[n][n]. */
export function adi(tsteps: index, u: real[][], v: real[][], p: real[][], q: real[][]): void {
  const n = u.length;
  const DX: real = 1.0 / n;
  const DY: real = 1.0 / n;
  const DT: real = 1.0 / tsteps;
  const B1: real = 2.0;
  const B2: real = 1.0;
  const mul1: real = (B1 * DT) / (DX * DX);
  const mul2: real = (B2 * DT) / (DY * DY);
  const a: real = -mul1 / 2.0;
  const b: real = 1.0 + mul1;
  const c: real = a;
  const d: real = -mul2 / 2.0;
  const e: real = 1.0 + mul2;
  const f: real = d;

  for (let t = 1; t <= tsteps; t++) {
    // Columns.
    for (let i = 1; i < n - 1; i++) {
      v[0][i] = 1.0;
      p[i][0] = 0.0;
      q[i][0] = v[0][i];
      for (let j = 1; j < n - 1; j++) {
        p[i][j] = -c / (a * p[i][j - 1] + b);
        q[i][j] =
          (-d * u[j][i - 1] + (1.0 + 2.0 * d) * u[j][i] - f * u[j][i + 1] - a * q[i][j - 1]) / (a * p[i][j - 1] + b);
      }
      v[n - 1][i] = 1.0;
      for (let j = n - 2; j >= 1; j--) v[j][i] = p[i][j] * v[j + 1][i] + q[i][j];
    }
    // Rows.
    for (let i = 1; i < n - 1; i++) {
      u[i][0] = 1.0;
      p[i][0] = 0.0;
      q[i][0] = u[i][0];
      for (let j = 1; j < n - 1; j++) {
        p[i][j] = -f / (d * p[i][j - 1] + e);
        q[i][j] =
          (-a * v[i - 1][j] + (1.0 + 2.0 * a) * v[i][j] - c * v[i + 1][j] - d * q[i][j - 1]) / (d * p[i][j - 1] + e);
      }
      u[i][n - 1] = 1.0;
      for (let j = n - 2; j >= 1; j--) u[i][j] = p[i][j] * u[i][j + 1] + q[i][j];
    }
  }
}
