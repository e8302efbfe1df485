/** PolyBench/C 4.2.1, linear-algebra/kernels/2mm. */
import type { real } from "tsgpu";

/** D := tmp C + beta D, where tmp := alpha A B. Shapes: tmp[ni][nj], A[ni][nk], B[nk][nj], C[nj][nl], D[ni][nl]. */
export function k2mm(
  alpha: real,
  beta: real,
  tmp: real[][],
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
  C: readonly (readonly real[])[],
  D: real[][],
): void {
  const ni = tmp.length;
  const nj = tmp[0].length;
  const nk = B.length;
  const nl = D[0].length;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      tmp[i][j] = 0.0;
      for (let k = 0; k < nk; k++) tmp[i][j] += alpha * A[i][k] * B[k][j];
    }
  }
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nl; j++) {
      D[i][j] *= beta;
      for (let k = 0; k < nj; k++) D[i][j] += tmp[i][k] * C[k][j];
    }
  }
}
