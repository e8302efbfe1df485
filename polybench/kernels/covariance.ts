/** PolyBench/C 4.2.1, datamining/covariance. */
import type { real } from "tsgpu";

/** cov := covariance matrix of the columns of data; float_n is n. Shapes: data[n][m], cov[m][m], mean[m]. */
export function covariance(float_n: real, data: real[][], cov: real[][], mean: real[]): void {
  const n = data.length;
  const m = data[0].length;
  for (let j = 0; j < m; j++) {
    mean[j] = 0.0;
    for (let i = 0; i < n; i++) mean[j] += data[i][j];
    mean[j] /= float_n;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) data[i][j] -= mean[j];
  }
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      cov[i][j] = 0.0;
      for (let k = 0; k < n; k++) cov[i][j] += data[k][i] * data[k][j];
      cov[i][j] /= float_n - 1.0;
      cov[j][i] = cov[i][j];
    }
  }
}
