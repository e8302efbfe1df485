/** PolyBench/C 4.2.1, medley/nussinov. */
import type { f64, i32 } from "tsgpu";

/** table[i][j] := most base pairs in seq[i..j], by dynamic programming. Shapes: seq[n], table[n][n]. */
export function nussinov<T extends i32 | f64>(seq: readonly i32[], table: T[][]): void {
  const n = seq.length;
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) {
      if (j - 1 >= 0) table[i][j] = maxScore(table[i][j], table[i][j - 1]);
      if (i + 1 < n) table[i][j] = maxScore(table[i][j], table[i + 1][j]);
      if (j - 1 >= 0 && i + 1 < n) {
        // Neighbours do not bond.
        if (i < j - 1) table[i][j] = maxScore(table[i][j], (table[i + 1][j - 1] + match(seq[i], seq[j])) as T);
        else table[i][j] = maxScore(table[i][j], table[i + 1][j - 1]);
      }
      for (let k = i + 1; k < j; k++) table[i][j] = maxScore(table[i][j], (table[i][k] + table[k + 1][j]) as T);
    }
  }
}

function maxScore<T extends i32 | f64>(a: T, b: T): T {
  return a >= b ? a : b;
}

function match(b1: i32, b2: i32): i32 {
  return b1 + b2 === 3 ? 1 : 0;
}
