/** PolyBench/C 4.2.1, stencils/fdtd-2d. */
import type { real } from "tsgpu";

/** tmax steps of Maxwell's equations in the plane. Shapes: ex[nx][ny], ey[nx][ny], hz[nx][ny], _fict_[tmax]. */
export function fdtd2d(ex: real[][], ey: real[][], hz: real[][], _fict_: readonly real[]): void {
  const tmax = _fict_.length;
  const nx = hz.length;
  const ny = hz[0].length;
  for (let t = 0; t < tmax; t++) {
    for (let j = 0; j < ny; j++) ey[0][j] = _fict_[t];
    for (let i = 1; i < nx; i++) {
      for (let j = 0; j < ny; j++) ey[i][j] = ey[i][j] - 0.5 * (hz[i][j] - hz[i - 1][j]);
    }
    for (let i = 0; i < nx; i++) {
      for (let j = 1; j < ny; j++) ex[i][j] = ex[i][j] - 0.5 * (hz[i][j] - hz[i][j - 1]);
    }
    for (let i = 0; i < nx - 1; i++) {
      for (let j = 0; j < ny - 1; j++) {
        hz[i][j] = hz[i][j] - 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
      }
    }
  }
}
