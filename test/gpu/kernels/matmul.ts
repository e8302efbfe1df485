// Products of matrices by tiles in shared memory; sizes are no multiples of the tile.
import type { f32, f64 } from "tsgpu";
import { grid, shared, threads, zeros } from "tsgpu/kernel";

const tile = 4;

/** C := alpha A B. Shapes: C[n][m], A[n][l], B[l][m]. */
export function tiled(alpha: f64, C: f64[][], A: f64[][], B: f64[][]): void {
  const n = C.length;
  const m = C[0].length;
  const l = B.length;
  for (const [by, bx] of grid(Math.ceil(n / tile), Math.ceil(m / tile))) {
    const a = shared("f64", tile, tile);
    const b = shared("f64", tile, tile + 1);
    const sum = shared("f64", tile, tile);
    for (let k0 = 0; k0 < l; k0 += tile) {
      for (const [ty, tx] of threads(tile, tile)) {
        const i = by * tile + ty;
        const j = bx * tile + tx;
        a[ty][tx] = i < n && k0 + tx < l ? A[i][k0 + tx] : 0;
        b[ty][tx] = k0 + ty < l && j < m ? B[k0 + ty][j] : 0;
      }
      for (const [ty, tx] of threads(tile, tile)) {
        let s = 0;
        for (let k = 0; k < tile; k++) s += a[ty][k] * b[k][tx];
        sum[ty][tx] += alpha * s;
      }
    }
    for (const [ty, tx] of threads(tile, tile)) {
      const i = by * tile + ty;
      const j = bx * tile + tx;
      if (i < n && j < m) C[i][j] = sum[ty][tx];
    }
  }
}

/** The same in f32, each thread with two rows of the result in an array of its own. */
export function columns(C: f32[][], A: f32[][], B: f32[][]): void {
  const n = C.length;
  const m = C[0].length;
  const l = B.length;
  for (const [by, bx] of grid(Math.ceil(n / 2), Math.ceil(m / 8))) {
    const row = shared("f32", 2, 8);
    const sum = shared("f32", 2, 8);
    for (let k0 = 0; k0 < l; k0 += 8) {
      for (const t of threads(8)) {
        for (let r = 0; r < 2; r++) row[r][t] = by * 2 + r < n && k0 + t < l ? A[by * 2 + r][k0 + t] : 0;
      }
      for (const t of threads(8)) {
        const own = zeros("f32", 2);
        const j = bx * 8 + t;
        if (j >= m) continue;
        for (let k = 0; k < 8; k++) {
          if (k0 + k < l) for (let r = 0; r < 2; r++) own[r] += row[r][k] * B[k0 + k][j];
        }
        for (let r = 0; r < 2; r++) sum[r][t] += own[r];
      }
    }
    for (const t of threads(8)) {
      for (let r = 0; r < 2; r++) if (by * 2 + r < n && bx * 8 + t < m) C[by * 2 + r][bx * 8 + t] = sum[r][t];
    }
  }
}
