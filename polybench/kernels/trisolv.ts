/** PolyBench/C 4.2.1, linear-algebra/solvers/trisolv. */
import type { real } from "tsgpu";

/** x := solution of L x = b, L lower triangular. Shapes: L[n][n], x[n], b[n]. */
export function trisolv(L: readonly (readonly real[])[], x: real[], b: readonly real[]): void {
  const n = L.length;
  for (let i = 0; i < n; i++) {
    x[i] = b[i];
    for (let j = 0; j < i; j++) x[i] -= L[i][j] * x[j];
    x[i] = x[i] / L[i][i];
  }
}
