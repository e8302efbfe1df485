// contract, fast
import type { f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";

/** Integers that are computed in doubles are JavaScript's in every mode: a reciprocal would give 0 for 49 / 49. */
export function quotients(A: f64[], K: i32[]): void {
  const D = zeros("i32", 1);
  D[0] = 49;
  const by = D[0];
  for (let i = 0; i < K.length; i++) {
    K[i] = Math.floor((i * 49) / by);
    A[K[i]] += 1;
  }
}
/** A fused product and sum would give other low bits. */
export function hash(K: i32[]): void {
  for (let i = 0; i < K.length; i++) K[i] = ((K[i] >>> 0) * 1103515245 + 12345) | 0;
}
export function mixed(A: f64[], K: i32[], x: f64): f64 {
  let sum = 0;
  for (let i = 0; i < K.length; i++) {
    K[i] += (K[i] >>> 0) * 1664525 * 69069;
    sum += A[i] * x;
  }
  return sum;
}
