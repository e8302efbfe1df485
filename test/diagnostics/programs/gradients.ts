// What kernels say of their derivatives.
import type { bool, f32, f64, i32 } from "tsgpu";
import { customGradient, stopGradient, zeros } from "tsgpu/kernel";

interface Point { x: f64; y: f64 }
function one(x: f64): f64 { return x; }
function oneAdjoint(x: f64, r: f64, d: f64): f64 { return d; }
const square = customGradient(one, oneAdjoint); // TG1055 7-12 `square` is exported as `sqr`
// help: export it under its own name, as in `export function name(…) { … }`
let changing = customGradient(one, oneAdjoint); // TG1121 5-12 `changing` is a variable
// help: write `const f = customGradient(value, adjoint);` at the top of the file, `value` and `adjoint` declared as functions
const few = customGradient(one, one); // TS2345 33-35 Argument of type
const renamed = square;
const narrow = customGradient(one, narrowAdjoint); // TG1123 36-48 `narrowAdjoint` takes (x: f64, r: f64, d: f32), the adjoint of `one` takes (x: f64, r: f64, d: f64)
// help: take what the function takes, its result, the adjoint of the result, and an adjoint array for each float array; return a product for each float scalar
function narrowAdjoint(x: f64, r: f64, d: f32): f64 { return d; }
const several = customGradient(powered, severalAdjoint); // TG1123 41-54 `severalAdjoint` returns [f64, f64], the adjoint of `powered` returns f64
// help: take what the function takes, its result, the adjoint of the result, and an adjoint array for each float array; return a product for each float scalar
function powered(x: f64, n: i32): f64 { return x ** n; }
function severalAdjoint(x: f64, n: i32, r: f64, d: f64): [f64, f64] { return [d, d]; }
const nothing = customGradient(powered, nothingAdjoint); // TG1123 41-54 `nothingAdjoint` returns nothing, the adjoint of `powered` returns f64
// help: take what the function takes, its result, the adjoint of the result, and an adjoint array for each float array; return a product for each float scalar
function nothingAdjoint(x: f64, n: i32, r: f64, d: f64): void {}
const ints = customGradient(whole, wholeAdjoint);
function whole(n: i32, k: readonly i32[]): f64 { return n; } // TG1122 10-14 `whole` takes no floats
// help: let it take scalars and arrays of scalars, floats among them, and return one f64 or f32
function wholeAdjoint(n: i32, k: readonly i32[], r: f64, d: f64): void {}
const counted = customGradient(count, countAdjoint);
function count(x: f64): i32 { return x > 0 ? 1 : 0; } // TG1122 10-14 `count` returns an integer, not a float
// help: let it take scalars and arrays of scalars, floats among them, and return one f64 or f32
function countAdjoint(x: f64, r: i32, d: i32): f64 { return d; }
const structured = customGradient(first, firstAdjoint);
function first(p: readonly Point[], s: f64): f64 { return s * p[0].x; } // TG1122 16-34 the parameter `p` of `first` is { x: f64; y: f64 }[]
// help: let it take scalars and arrays of scalars, floats among them, and return one f64 or f32
function firstAdjoint(p: readonly Point[], s: f64, r: f64, d: f64): f64 { return d; }
const shorter = customGradient(rowSum, rowSumAdjoint); // TS2345 40-52 Argument of type
function rowSum(A: readonly f64[][], on: bool): f64 { return on ? A[0][0] : 0; }
function rowSumAdjoint(A: readonly f64[][], on: bool, r: f64, d: f64, dA: f64[]): void {}
export const inline = customGradient((x: f64): f64 => x, oneAdjoint); // TG1121 38-55 `(x: f64): f64 => x` is not the name of a kernel function
// help: write `const f = customGradient(value, adjoint);` at the top of the file, `value` and `adjoint` declared as functions
export { square as sqr };

export function stops(x: f64[], p: Point): f64 {
  const y = stopGradient(x); // TG1120 26 `x` is an array, f64[]
  // help: stop what is read from it, as in `stopGradient(A[i])`
  const q = stopGradient(p);
  const local: Point = { x: 1, y: 2 };
  const other = stopGradient(local);
  other.x = stopGradient(zeros("f64", 3)[0]); // TG1042 3-44 `other` is a second name of `stopGradient(local)`
  // help: write through the first name, as in `points[i].x = …`
  const wrong = stopGradient(x[0], 1); // TS2554 36 Expected 1 arguments, but got 2
  return y[0] + q.x + other.x + wrong;
}
export function uses(x: f64, n: i32): f64 {
  const f = square; // TG1023 13-18 the function `square` is used as a value
  // help: call the function by its name
  const g = customGradient(one, oneAdjoint); // TG1121 13-43 `customGradient` inside a kernel
  // help: write `const f = customGradient(value, adjoint);` at the top of the file, `value` and `adjoint` declared as functions
  return square(x) + square(x, x) + square(n); // TS2554 32 Expected 1 arguments, but got 2
}
export function usesChanging(x: f64): f64 { return changing(x); }
export function usesFew(x: f64): f64 { return few(x); }
export function usesRenamed(x: f64): f64 { return renamed(x); } // TG1022 51-60 `renamed` is not a function that kernels can call
// help: call functions of this file, imported kernel functions, or `Math`
export function usesNarrow(x: f64): f64 { return narrow(x); }
export function usesSeveral(x: f64): f64 { return several(x, 2); }
export function usesNothing(x: f64): f64 { return nothing(x, 2); }
export function usesInts(k: i32[]): f64 { return ints(2, k); }
export function usesCounted(x: f64): f64 { return counted(x); }
export function usesStructured(p: Point[]): f64 { return structured(p, 1); }
export function usesShorter(A: f64[][]): f64 { return shorter(A, true); }
