// Numbers: integers and fractions, subscripts, bools, comparisons.
import type { bool, f32, f64, i32, index, u32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";

export function middle(x: f64[]): f64 {
  return x[x.length / 2]; // TG1033 12-23 the subscript `x.length / 2` is f64
  // help: write `Math.floor(…)` around it
}
export function nearest(x: f64[], t: f64): f64 {
  return x[t * x.length]; // TG1033 12-23 the subscript `t * x.length` is f64
  // help: write `Math.floor(…)` around it
}
export function sample(image: f64[][], u: f64, v: f64): f64 {
  return image[Math.floor(u)][v]; // TG1033 31 the subscript `v` is f64
  // help: write `Math.floor(…)` around it
}
export function bin(x: f64, width: f64): i32 {
  const k: i32 = x / width; // TG1032 9-26 `k` is declared an integer and given a fraction, f64
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
  return k;
}
export function bins(x: f64[], counts: i32[]): void {
  for (let i = 0; i < x.length; i++) counts[x[i] * 10] += 1; // TG1033 45-53 the subscript `x[i] * 10` is f64
  // help: write `Math.floor(…)` around it
}
export function quarter(n: index): index {
  return n / 4; // TG1032 3-15 an integer is declared as the result and f64 is returned
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
}
export function rounded(x: f64): i32 {
  return x as i32; // TG1032 10-17 `x` is f64, not an integer
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
}
export function halve(n: i32): i32 {
  let m: i32 = 0;
  m = n / 2; // TG1032 3-11 `m` is declared an integer and given a fraction, f64
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
  return m;
}
export function step(n: index): f64 {
  const h: index = 0.5; // TG1032 9-22 `h` is declared an integer and given a fraction, 0.5
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
  return h * n;
}
export function buffer(n: index): f64 {
  const y = zeros("f64", n / 2); // TG1033 26-30 the size `n / 2` is f64
  // help: write `Math.floor(…)` around it
  return y[0];
}
export function buffer2(x: f64): f64 {
  const y = zeros("f64", Math.sqrt(x)); // TG1033 26-37 the size `Math.sqrt(x)` is f64
  // help: write `Math.floor(…)` around it
  return y[0];
}
export function weights(): i32 {
  const w: i32[] = [1, 0.5, 1]; // TG1032 24-26 `0.5` in an array of integers
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
  return w[0];
}
export function countTrue(x: f64[]): f64 {
  let n = 0;
  for (let i = 0; i < x.length; i++) n += x[i] > 0; // TS2365 38-50 Operator '+=' cannot be applied to types 'number' and 'boolean'
  return n;
}
export function maskTimes(mask: bool[], x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] *= mask[i]; // TS2363 46-52 The right-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type
}
export function sign(x: f64): f64 {
  return (x > 0) - (x < 0); // TS2362 10-16 The left-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type | TS2363 20-26 The right-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type
}
export function plusFlag(b: bool): f64 {
  return +b; // TG1103 11 `b` is bool, not a number
  // help: write `b ? 1 : 0`
}
export function between(x: f64): bool {
  return 0 < x < 1; // TS2365 10-18 Operator '<' cannot be applied to types 'boolean' and 'number'
}
export function orDefault(x: f64): f64 {
  return x || 1; // TG1029 10 `x` is f64, not a bool
  // help: compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`
}
export function bothSet(a: i32, b: i32): bool {
  return a && b; // TS2322 3-8 Type 'number' is not assignable to type 'boolean' | TG1029 10 `a` is an integer, not a bool
  // help: compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`
}
export function mixed(a: i32, b: bool): bool {
  return b || a; // TS2322 3-8 Type 'number | TG1029 15 `a` is an integer, not a bool
  // help: compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`
}
export function sameArrays(a: f64[], b: f64[]): bool {
  return a === b; // TG1102 10-16 compares f64[] with f64[]
  // help: compare numbers with numbers and bools with bools; arrays in a loop
}
export function isFlag(a: f64, b: bool): bool {
  return b === (a > 0 ? 1 : 0); // TS2367 10-30 This comparison appears to be unintentional because the types 'boolean' and 'number' have no overlap
}
export function average(a: f64[], b: f64[]): f64 {
  return (a + b) / 2; // TS2365 11-15 Operator '+' cannot be applied to types 'number[]' and 'number[]'
}
export function negate(a: f64[]): f64 {
  return -a; // TG1039 11 `a` is an array, f64[], not a number
  // help: subscript it down to an element
}
export function scaled(A: f64[][], s: f64): f64 {
  return s * A[0]; // TS2363 14-17 The right-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type
}
export function norm(a: f64[]): f64 {
  return Math.sqrt(a); // TS2345 20 Argument of type 'number[]' is not assignable to parameter of type 'number'
}
export function big(n: index): index {
  return n + 10n; // TG1072 14-16 `10n` is a bigint
  // help: write the number without `n`; integers are exact up to 2^53
}
export function either(flag: bool): f64 {
  const x = flag ? 1 : false; // TG1031 13-28 chooses between 1 and bool
  // help: give both sides the same kind of value
  return 0;
}
export function untyped(x: f64): f64 {
  let best; // TG1088 7-10 `best` has neither a value nor a type
  // help: give it a type, as in `let best: f64;`
  best = x;
  return best;
}
export function later(x: f64, flag: bool): f64 {
  let y = flag ? 1 : 0;
  y = flag; // TS2322 3 Type 'boolean' is not assignable to type 'number'
  return y + x;
}
export function isNone(x: f64): bool {
  return isNaN(x); // TG1022 10-17 `isNaN` is not a function that kernels can call
  // help: compare it with itself, as in `x !== x`
}
export function finite(x: f64): f64 {
  return Number.isFinite(x) ? x : 0; // TG1022 10-27 `Number.isFinite` is not a function that kernels can call
  // help: write `Math.abs(x) < Infinity`
}
export function whole(x: f64): bool {
  return Number.isInteger(x); // TG1022 10-28 `Number.isInteger` is not a function that kernels can call
  // help: write `Math.floor(x) === x`
}
export function smallest(x: f64[]): f64 {
  let best = Number.MAX_VALUE; // TG1020 14-29 kernels have no `Number.MAX_VALUE`
  // help: write `Infinity`, or the number, 1.7976931348623157e308
  for (let i = 0; i < x.length; i++) best = Math.min(best, x[i]);
  return best;
}
export function tolerance(x: f64): bool {
  return Math.abs(x) < Number.EPSILON; // TG1020 24-37 kernels have no `Number.EPSILON`
  // help: write `2 ** -52`
}
export function toNumber(b: bool): f64 {
  return Number(b); // TG1022 10-18 `Number` is not a function that kernels can call
  // help: leave it out, or write `b ? 1 : 0` for a bool
}
export function jitter(x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] += Math.random(); // TG1026 46-58 kernels have no `Math.random`
  // help: pass random numbers in as an array
}
export function distance(x: f64, y: f64, z: f64): f64 {
  return Math.hypot(x, y, z, x, y); // TG1062 10-34 `Math.hypot` of more than four numbers
  // help: nest calls of up to four, or write `Math.sqrt(x * x + …)`
}
export function none(): f64 {
  return Math.min(); // TG1062 10-19 `Math.min` of nothing
  // help: give it two numbers
}
export function element(x: f64): f64 {
  return x[0]; // TS7053 10-13 Element implicitly has an 'any' type because expression of type '0' can't be used to index type 'Number'. Property '0' does not exist on type 'Number'
}
export function deep(A: f64[][]): f64 {
  return A[0][0][0]; // TS7053 10-19 Element implicitly has an 'any' type because expression of type '0' can't be used to index type 'Number'. Property '0' does not exist on type 'Number'
}
export function widest(a: u32[], b: f32[]): f64 {
  const pick = a[0] > 0 ? a[0] : b; // TG1031 16-34 chooses between an integer and f32[]
  // help: give both sides the same kind of value
  return pick; // TS2322 3-8 Type 'number
}
