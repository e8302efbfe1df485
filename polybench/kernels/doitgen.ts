/** PolyBench/C 4.2.1, linear-algebra/kernels/doitgen. */
import type { real } from "tsgpu";

/** A[r][q] := A[r][q] C4, each row through sum. Shapes: A[nr][nq][np], C4[np][np], sum[np]. */
export function doitgen(A: real[][][], C4: readonly (readonly real[])[], sum: real[]): void {
  const nr = A.length;
  const nq = A[0].length;
  const np = A[0][0].length;
  for (let r = 0; r < nr; r++) {
    for (let q = 0; q < nq; q++) {
      for (let p = 0; p < np; p++) {
        sum[p] = 0.0;
        for (let s = 0; s < np; s++) sum[p] += A[r][q][s] * C4[s][p];
      }
      for (let p = 0; p < np; p++) A[r][q][p] = sum[p];
    }
  }
}
