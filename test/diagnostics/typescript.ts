// TypeScript's own errors come through, each fault once.
import type { bool, f64 } from "tsgpu";
import { missing } from "tsgpu/kernel"; // TS2305 10-16
import { helper } from "./nowhere.ts"; // TS2307 24-37 Cannot find module

export function types(x: f64, A: readonly f64[], b: bool): f64 {
  const n: f64 = b; // TS2322 9 Type 'boolean' is not assignable to type 'number'
  A[0] = 1; // TS2542 3-6
  const c = x + b; // TS2365 13-17
  const fixed = 1;
  fixed = 2; // TS2588 3-7
  return unknownName; // TS2304 10-20 Cannot find name 'unknownName'
}

export function untyped(x): f64 { // TS7006 25
  let y: f64;
  return y + x.z; // TS2454 10
}

export function noReturn(x: f64): f64 { // TS2366 35-37
  if (x > 0) return 1;
}
export function someReturn(x: f64) { // TS7030 17-26 Not all code paths return a value
  if (x > 0) return 1;
}
