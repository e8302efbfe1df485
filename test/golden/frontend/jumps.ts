// No jumps in the IR: what follows one runs while a flag says so; loops that are left early are `while`s.
import type { f64, index } from "tsgpu";

export function skip(x: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] < 0) continue;
    sum += x[i];
  }
  return sum;
}

export function find(x: readonly f64[], v: f64): index {
  let at = -1;
  for (let i = 0; i < x.length; i++) {
    if (x[i] > v) {
      at = i;
      break;
    }
  }
  return at;
}

export function first(x: readonly f64[], v: f64): index {
  for (let i = 0; i < x.length; i++) if (x[i] > v) return i;
  return -1;
}

export function early(x: f64[], v: f64): void {
  if (v < 0) return;
  x[0] = v;
  if (v > 2) {
    x[0] = 2;
    return;
  }
  x[0] += 1;
}

export function labels(A: f64[][]): f64 {
  let sum = 0;
  rows: for (let i = 0; i < A.length; i++) {
    for (let j = 0; j < A[0].length; j++) {
      if (A[i][j] < -2) continue rows;
      if (A[i][j] > 3) break rows;
      sum += A[i][j];
    }
    sum += 100;
  }
  return sum;
}

export function until(x: f64[]): f64 {
  let i = 0;
  for (;;) {
    if (i >= x.length) break;
    if (x[i++] < 0) continue;
    x[i - 1] += 1;
  }
  do {
    i--;
    if (x[i] > 1) continue;
    x[i] = 0;
  } while (i > 0);
  return x[0];
}
