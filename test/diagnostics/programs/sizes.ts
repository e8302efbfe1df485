// Local arrays whose sizes follow from more than parameters.
import type { f64, i32, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

export function perRow(A: f64[][], lengths: i32[]): void {
  for (let i = 0; i < A.length; i++) {
    const row = zeros("f64", lengths[i]); // TG1090 11-40 the size of this local array is not known before the kernel runs: it depends on a loop or on array elements
    // help: give it the largest size it may need, computed from parameters and array lengths
    for (let j = 0; j < row.length; j++) row[j] = A[i][j];
    for (let j = 0; j < row.length; j++) A[i][j] = row[row.length - 1 - j];
  }
}
export function triangle(A: f64[][]): f64 {
  let sum = 0;
  for (let i = 0; i < A.length; i++) {
    const part = zeros("f64", i + 1); // TG1090 11-36 the size of this local array is not known before the kernel runs: it depends on a loop or on array elements
    // help: give it the largest size it may need, computed from parameters and array lengths
    for (let j = 0; j < part.length; j++) part[j] = A[i][j];
    for (let j = 0; j < part.length; j++) sum += part[part.length - 1 - j];
  }
  return sum;
}
export function doubling(x: f64[]): f64 {
  let n = 1;
  let sum = 0;
  while (n < x.length) {
    const level = zeros("f64", n); // TG1090 11-33 the size of this local array is not known before the kernel runs: it depends on a loop or on array elements
    // help: give it the largest size it may need, computed from parameters and array lengths
    for (let i = 0; i < n; i++) level[i] = x[i];
    for (let i = 0; i < n; i++) sum += level[n - 1 - i];
    n *= 2;
  }
  return sum;
}
export function counted(x: f64[]): f64 {
  let n = 0;
  for (let i = 0; i < x.length; i++) if (x[i] > 0) n++;
  const kept = zeros("f64", n); // TG1090 9-30 the size of this local array is not known before the kernel runs: it depends on a loop or on array elements
  // help: give it the largest size it may need, computed from parameters and array lengths
  let k = 0;
  for (let i = 0; i < x.length; i++) if (x[i] > 0) kept[k++] = x[i];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += kept[n - 1 - i];
  return sum;
}
export function listed(counts: i32[], k: index): f64 {
  let sum = 0;
  for (let r = 0; r < k; r++) {
    const group = zeros("f64", counts[r], 2); // TG1090 11-44 the size of this local array is not known before the kernel runs: it depends on a loop or on array elements
    // help: give it the largest size it may need, computed from parameters and array lengths
    for (let i = 0; i < counts[r]; i++) group[i][0] = i;
    for (let i = 0; i < counts[r]; i++) sum += group[counts[r] - 1 - i][0];
  }
  return sum;
}
export function border(x: f64[]): f64 {
  const before = 1;
  const pad = zeros("f64", before - 3); // TG1091 9-38 a size of this local array is negative
  // help: sizes count from 0; subtract the other way round, or write `Math.abs(…)`
  pad[0] = x[0];
  return pad[0];
}
function stencil(x: f64[], radius: i32): f64 {
  const taps = zeros("f64", 2 * radius + 1); // TG1091 9-43 a size of this local array is negative
  // help: sizes count from 0; subtract the other way round, or write `Math.abs(…)`
  for (let i = 0; i < taps.length; i++) taps[i] = x[i];
  return taps[0];
}
export function widened(x: f64[]): f64 {
  return stencil(x, -3);
}
export function never(x: f64[], n: i32): f64 {
  return n < 5 ? 0 : stencil(x, n);
}
