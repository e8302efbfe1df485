/**
 * What makes a result of gramschmidt right where its numbers are not determined.
 *
 * PolyBench's matrix is rank deficient. From the first column that depends on those before it, what is left after
 * projection is rounding noise; scaled to length one, its direction is another one on every target, and so is
 * everything projected against it. Still Q R = A must hold everywhere, every column of Q must have length one, and the
 * columns before the first noise must be orthogonal. Together these leave a wrong kernel no room.
 */
import type { FlatArray, FlatData } from "./array.ts";

export interface FactorErrors {
  /** max |Q R − A| over max |A|. */
  readonly residual: number;
  /** max |Qᵀ Q − I| over the well-determined columns, and over the diagonal for the others. */
  readonly orthogonality: number;
  /** How many leading columns are well determined. */
  readonly columns: number;
}

/** The part of its length that a column keeps when projected, if it is not noise. Real ones keep 1e-2, f32 noise 1e-6. */
const noise = 1e-3;

/** How far Q and R are from a QR factorisation of A, in f64. An error is NaN where the factors are. */
export function factorErrors(A: FlatArray, R: FlatArray, Q: FlatArray): FactorErrors {
  const [m = 0, n = 0] = A.shape;
  const columns = determined(A.data, R.data, m, n);
  return {
    residual: residual(A.data, R.data, Q.data, m, n),
    orthogonality: orthogonality(Q.data, m, n, columns),
    columns,
  };
}

function residual(a: FlatData, r: FlatData, q: FlatData, m: number, n: number): number {
  let largest = 0;
  let error = 0;
  const row = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    row.fill(0);
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) row[j]! += q[i * n + k]! * r[k * n + j]!;
    }
    for (let j = 0; j < n; j++) {
      largest = Math.max(largest, Math.abs(a[i * n + j]!));
      error = Math.max(error, Math.abs(row[j]! - a[i * n + j]!));
    }
  }
  return error / largest;
}

function orthogonality(q: FlatData, m: number, n: number, columns: number): number {
  let error = 0;
  for (let j = 0; j < n; j++) {
    for (let k = j < columns ? 0 : j; k <= j; k++) {
      let dot = 0;
      for (let i = 0; i < m; i++) dot += q[i * n + j]! * q[i * n + k]!;
      error = Math.max(error, Math.abs(dot - (j === k ? 1 : 0)));
    }
  }
  return error;
}

/** How many leading columns of A are not noise after projection. */
function determined(a: FlatData, r: FlatData, m: number, n: number): number {
  for (let k = 0; k < n; k++) {
    let squares = 0;
    for (let i = 0; i < m; i++) squares += a[i * n + k]! ** 2;
    if (!(r[k * n + k]! > noise * Math.sqrt(squares))) return k;
  }
  return n;
}
