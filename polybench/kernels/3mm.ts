/** PolyBench/C 4.2.1, linear-algebra/kernels/3mm. */
import type { real } from "tsgpu";

/** E := A B, F := C D, G := E F: A[ni][nk], B[nk][nj], C[nj][nm], D[nm][nl], E[ni][nj], F[nj][nl], G[ni][nl]. */
export function k3mm(
  E: real[][],
  A: readonly (readonly real[])[],
  B: readonly (readonly real[])[],
  F: real[][],
  C: readonly (readonly real[])[],
  D: readonly (readonly real[])[],
  G: real[][],
): void {
  const ni = E.length;
  const nj = E[0].length;
  const nk = B.length;
  const nl = G[0].length;
  const nm = D.length;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      E[i][j] = 0.0;
      for (let k = 0; k < nk; k++) E[i][j] += A[i][k] * B[k][j];
    }
  }
  for (let i = 0; i < nj; i++) {
    for (let j = 0; j < nl; j++) {
      F[i][j] = 0.0;
      for (let k = 0; k < nm; k++) F[i][j] += C[i][k] * D[k][j];
    }
  }
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nl; j++) {
      G[i][j] = 0.0;
      for (let k = 0; k < nj; k++) G[i][j] += E[i][k] * F[k][j];
    }
  }
}
