/** PolyBench/C 4.2.1, medley/floyd-warshall. */
import type { f32, f64, i32 } from "tsgpu";

/** path := lengths of the shortest paths between all pairs. Shape: path[n][n]. */
export function floydWarshall<T extends i32 | f64 | f32>(path: T[][]): void {
  const n = path.length;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        path[i][j] = path[i][j] < path[i][k] + path[k][j] ? path[i][j] : ((path[i][k] + path[k][j]) as T);
      }
    }
  }
}
