import type { f64, i32 } from "tsgpu";

interface P {
  x: f64;
  y: i32;
}
interface Nested {
  p: P;
  pair: [f64, i32];
}

/** Fields of fields of elements, written. */
export function write(A: Nested[]): void {
  A[0].p.x = 1.5;
  A[0].p.y += 2;
  A[0].pair[1] = 7;
  A[0].pair[0] *= A[0].p.x;
}
/** A tuple in an array, subscripted on target node. */
export function tuple(A: [f64, i32][]): f64 {
  A[0][1] = 3;
  A[0][0] += 1;
  return A[0][0] + A[0][1];
}
