// TypeScript's own errors come through, and nothing else is said of the file.
import type { bool, f64 } from "tsgpu";
import { missing } from "tsgpu/kernel"; //!
import { helper } from "./nowhere.ts"; //! Cannot find module

export function types(x: f64, A: readonly f64[], b: bool): f64 {
  const n: f64 = b; //! Type 'boolean' is not assignable to type 'number'
  A[0] = 1; //!
  const c = x + b; //!
  const fixed = 1;
  fixed = 2; //!
  return unknownName; //! Cannot find name 'unknownName'
}

export function untyped(x): f64 { //!
  let y: f64;
  return y + x.z; //!
}

export function noReturn(x: f64): f64 { //!
  if (x > 0) return 1;
}
export function someReturn(x: f64) { //! Not all code paths return a value
  if (x > 0) return 1;
}
