/** PolyBench/C 4.2.1, linear-algebra/kernels/bicg. */
import type { real } from "tsgpu";

/** s := Aᵀ r, q := A p. Shapes: A[n][m], s[m], q[n], p[m], r[n]. */
export function bicg(
  A: readonly (readonly real[])[],
  s: real[],
  q: real[],
  p: readonly real[],
  r: readonly real[],
): void {
  const n = A.length;
  const m = A[0].length;
  for (let i = 0; i < m; i++) s[i] = 0.0;
  for (let i = 0; i < n; i++) {
    q[i] = 0.0;
    for (let j = 0; j < m; j++) {
      s[j] = s[j] + r[i] * A[i][j];
      q[i] = q[i] + A[i][j] * p[j];
    }
  }
}
