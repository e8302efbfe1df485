// Loops over `parallel`, `grid` and `threads`; variables and elements that they reduce into.
import type { f64, i32, index } from "tsgpu";
import { grid, parallel, shared, threads, zeros } from "tsgpu/kernel";

export function sums(n: index, x: readonly f64[], k: readonly i32[]): f64 {
  let sum = 1;
  let least = 0.5;
  let count = 0;
  let largest = 0;
  for (const i of parallel(Math.min(n, x.length, k.length))) {
    if (x[i] > 2) continue;
    sum += 2 * x[i];
    sum -= x[i];
    least = Math.min(least, x[i]);
    count++;
    largest = Math.max(k[i], largest);
  }
  return sum + least + count + largest;
}

export function transpose(A: readonly f64[][], B: f64[][]): void {
  for (const [i, j] of parallel(Math.min(A.length, B[0].length), Math.min(A[0].length, B.length))) B[j][i] = A[i][j];
}

const tile = 4;
export function reversed(x: f64[], total: f64[]): void {
  const n = x.length;
  for (const [by, bx] of grid(2, Math.ceil(n / (2 * tile)))) {
    const part = shared("f64", tile + 1);
    let sum = 0;
    const base = (by * Math.ceil(n / (2 * tile)) + bx) * tile;
    for (const t of threads(tile)) {
      const own = zeros("f64", 2);
      if (base + t < n) own[t & 1] = x[base + t];
      part[t] = own[0] - own[1];
      sum += part[t];
    }
    for (const [z, y, t] of threads(1, 1, tile)) if (base + t < n) x[base + t] = part[tile - 1 - t] + z + y;
    for (const t of threads(1)) for (let i = 0; i < total.length; i++) total[i] += sum + t;
  }
}

export function highest(k: readonly i32[], bins: i32[], top: f64[]): void {
  for (const i of parallel(k.length)) {
    for (let b = 0; b < bins.length; b++) bins[b] = Math.max(bins[b], k[i]);
    for (let b = 0; b < top.length; b++) top[b] = Math.min(k[i] / 2, top[b]);
  }
}
