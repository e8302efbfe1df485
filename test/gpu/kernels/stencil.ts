// Neighbours: a workgroup loads its part and the halo around it into shared memory.
import type { f64 } from "tsgpu";
import { grid, shared, threads } from "tsgpu/kernel";

const width = 6;

/** out := x smoothed with its two neighbours, weighted by the squares of all three; the ends stay as they are. */
export function smooth(x: readonly f64[], out: f64[], w: f64): void {
  const n = x.length;
  for (const b of grid(Math.ceil(n / width))) {
    const part = shared("f64", width + 2);
    for (const t of threads(width + 2)) {
      const i = b * width + t - 1;
      part[t] = i >= 0 && i < n ? x[i] : 0;
    }
    for (const t of threads(width)) {
      const i = b * width + t;
      if (i > 0 && i < n - 1) out[i] = part[t + 1] + w * (part[t] * part[t + 1] - part[t + 1] * part[t + 2]);
      else if (i < n) out[i] = part[t + 1];
    }
  }
}

/** Two dimensions, and two steps in place: the second phase overwrites what the first has read. */
export function twice(A: readonly f64[][], B: f64[][]): void {
  const n = A.length;
  const m = A[0].length;
  for (const [by, bx] of grid(Math.ceil(n / 3), Math.ceil(m / 4))) {
    const part = shared("f64", 7, 8);
    const next = shared("f64", 7, 8);
    for (const [ty, tx] of threads(7, 8)) {
      const i = by * 3 + ty - 2;
      const j = bx * 4 + tx - 2;
      part[ty][tx] = i >= 0 && i < n && j >= 0 && j < m ? A[i][j] : 0;
    }
    for (let step = 0; step < 2; step++) {
      for (const [ty, tx] of threads(5, 6)) {
        const [p, q] = [ty + 1, tx + 1];
        next[p][q] = part[p][q] * (part[p - 1][q] + part[p + 1][q] + part[p][q - 1] + part[p][q + 1]);
      }
      for (const [ty, tx] of threads(5, 6)) part[ty + 1][tx + 1] = next[ty + 1][tx + 1];
    }
    for (const [ty, tx] of threads(3, 4)) {
      const [i, j] = [by * 3 + ty, bx * 4 + tx];
      if (i < n && j < m) B[i][j] = part[ty + 2][tx + 2];
    }
  }
}
