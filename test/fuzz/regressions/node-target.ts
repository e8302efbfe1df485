// not plain
import type { f32, f64, i32, u32 } from "tsgpu";

interface S {
  c: i32;
  d: u32;
}

/** A value nobody wants, of an f32 element. */
export function increment(A: f32[][]): void {
  A[0][0]++;
  --A[0][0];
}
/** Places that do something are found once. */
export function places(A: f32[], K: i32[]): i32 {
  let i = 0;
  A[i++ % A.length] += 0.5;
  K[i++ % K.length] /= 2;
  return i++ + i;
}
/** Fields of elements wrap, however they are written. */
export function fields(A: S[], x: f64): void {
  A[0] = { c: 4294967295, d: -2 };
  [A[0].c, A[0].d] = [A[0].c * 65537 * 65537, A[0].c - 1];
  A[A.length - 1].d -= Math.floor(x) | 7;
}
/** An integer has no −0. */
export function zero(A: i32[]): i32 {
  return A[0] * 0 * -3;
}
export function zeros(A: i32[]): S {
  return { c: -(A[0] * 0), d: 1 };
}
export function rounded(A: f64[]): void {
  A[0] = Math.fround(-(1 ^ 1));
}
/** The f32 part of a local tuple rounds. */
export function part(A: f32[]): f32 {
  const p: [f64, f32] = [1.5, 1];
  p[1] += A[0];
  p[1] -= A[A.length - 1] * 0.1;
  return p[1] * 3 + p[1]++;
}
/** Names that the printed code might want for itself. */
export function size(A: f32[][]): i32 {
  return A[0].length;
}
export function ownNames(A: f32[], dual: f64): f64 {
  const v = A.length - 1;
  const old = A[v]++;
  return old + dual;
}
