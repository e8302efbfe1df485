/** PolyBench/C 4.2.1, linear-algebra/blas/gemm. */
import type { real } from "tsgpu";

/** C := alpha A B + beta C. Shapes: C[ni][nj], A[ni][nk], B[nk][nj]. */
export function gemm(
  alpha: real,
  beta: real,
  C: real[][],
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
): void {
  const ni = C.length;
  const nj = C[0].length;
  const nk = B.length;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) C[i][j] *= beta;
    for (let k = 0; k < nk; k++) {
      for (let j = 0; j < nj; j++) C[i][j] += alpha * A[i][k] * B[k][j];
    }
  }
}
