import type { f64, i32, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

/**
 * y := A x for a sparse matrix in compressed rows (CSR): row i has the entries rowPtr[i] to rowPtr[i + 1] − 1, each with
 * its column and its value.
 *
 * Shapes: rowPtr[n + 1], colIdx[entries], values[entries], x[m], y[n].
 */
export function spmv(
  rowPtr: readonly i32[],
  colIdx: readonly i32[],
  values: readonly f64[],
  x: readonly f64[],
  y: f64[],
): void {
  for (let i = 0; i < y.length; i++) {
    let sum = 0;
    for (let k = rowPtr[i]; k < rowPtr[i + 1]; k++) sum += values[k] * x[colIdx[k]];
    y[i] = sum;
  }
}

function dot(a: readonly f64[], b: readonly f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Solves A x = b for a symmetric positive definite A by conjugate gradients (Hestenes and Stiefel, 1952), from the x
 * given, until the residual's norm is at most `tolerance` or after `most` steps. Returns how many steps it took.
 *
 * Shapes: as in `spmv`, A square; b[n], x[n].
 */
export function solve(
  rowPtr: readonly i32[],
  colIdx: readonly i32[],
  values: readonly f64[],
  b: readonly f64[],
  x: f64[],
  tolerance: f64,
  most: index,
): i32 {
  const n = x.length;
  const r = zeros("f64", n),
    p = zeros("f64", n),
    Ap = zeros("f64", n);
  spmv(rowPtr, colIdx, values, x, Ap);
  for (let i = 0; i < n; i++) {
    r[i] = b[i] - Ap[i];
    p[i] = r[i];
  }
  let rr = dot(r, r);
  let steps = 0;
  while (steps < most && Math.sqrt(rr) > tolerance) {
    spmv(rowPtr, colIdx, values, p, Ap);
    const alpha = rr / dot(p, Ap);
    for (let i = 0; i < n; i++) {
      x[i] += alpha * p[i];
      r[i] -= alpha * Ap[i];
    }
    const next = dot(r, r);
    const beta = next / rr;
    for (let i = 0; i < n; i++) p[i] = r[i] + beta * p[i];
    rr = next;
    steps++;
  }
  return steps;
}
