/** PolyBench/C 4.2.1, datamining/correlation. */
import type { real } from "tsgpu";

/** corr := correlations of the columns of data; float_n is n. Shapes: data[n][m], corr[m][m], mean[m], stddev[m]. */
export function correlation(float_n: real, data: real[][], corr: real[][], mean: real[], stddev: real[]): void {
  const n = data.length;
  const m = data[0].length;
  const eps: real = 0.1;
  for (let j = 0; j < m; j++) {
    mean[j] = 0.0;
    for (let i = 0; i < n; i++) mean[j] += data[i][j];
    mean[j] /= float_n;
  }
  for (let j = 0; j < m; j++) {
    stddev[j] = 0.0;
    for (let i = 0; i < n; i++) stddev[j] += (data[i][j] - mean[j]) * (data[i][j] - mean[j]);
    stddev[j] /= float_n;
    stddev[j] = Math.sqrt(stddev[j]);
    // A column that hardly varies would be divided by nearly zero below.
    stddev[j] = stddev[j] <= eps ? 1.0 : stddev[j];
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      data[i][j] -= mean[j];
      data[i][j] /= Math.sqrt(float_n) * stddev[j];
    }
  }
  for (let i = 0; i < m - 1; i++) {
    corr[i][i] = 1.0;
    for (let j = i + 1; j < m; j++) {
      corr[i][j] = 0.0;
      for (let k = 0; k < n; k++) corr[i][j] += data[k][i] * data[k][j];
      corr[j][i] = corr[i][j];
    }
  }
  corr[m - 1][m - 1] = 1.0;
}
