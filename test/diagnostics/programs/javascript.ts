// JavaScript that has no place in a kernel.
import type { bool, f64, i32, index } from "tsgpu";

export function label(x: f64): f64 {
  const text = `x = ${x}`; // TG1060 16-25 kernels make no text
  // help: return the numbers, and make the text where the kernel is called
  return x;
}
export function named(x: f64, mode: i32): f64 {
  const names = "sum"; // TG1024 17-21 kernels have no strings
  // help: kernels compute on numbers and booleans; number the cases, as in `const add = 0;`
  return x;
}
export function plain(x: f64): f64 {
  const text = `fixed`; // TG1024 16-22 kernels have no strings
  // help: kernels compute on numbers and booleans; number the cases, as in `const add = 0;`
  return x;
}
export function tagged(x: f64): f64 {
  const shader = String.raw`x`; // TG1060 18-30 kernels make no text
  // help: return the numbers, and make the text where the kernel is called
  return x;
}
export function missing(x: f64): f64 {
  const best = null; // TG1025 16-19 kernels have no `null`
  // help: every value of a kernel is there; use a flag or a sentinel number
  return x;
}
export function undefinedValue(x: f64[], k: index): f64 {
  return x[k] === undefined ? 0 : x[k]; // TG1025 19-27 kernels have no `undefined`
  // help: every value of a kernel is there; use a flag or a sentinel number
}
export function orZero(x: f64[], k: index): f64 {
  return x[k] ?? 0; // TG1077 15-16 `??` in a kernel
  // help: leave it out: every value of a kernel is there
}
export function chain(x: f64[][], k: index): f64 {
  return x[k]?.[0]; // TG1061 10-18 optional chaining
  // help: leave out the `?`: arrays, structs and functions are always there
}
export function chainLength(x: f64[]): index {
  return x?.length; // TG1061 10-18 optional chaining
  // help: leave out the `?`: arrays, structs and functions are always there
}
export function setDefault(x: f64): f64 {
  x ||= 1; // TG1065 5-7 the assignment `||=` in a kernel
  // help: write the branch, as in `if (x === 0) x = 1;`
  return x;
}
export function setMissing(x: f64): f64 {
  x ??= 1; // TG1065 5-7 the assignment `??=` in a kernel
  // help: write the branch, as in `if (x === 0) x = 1;`
  return x;
}
export function andSet(x: f64): f64 {
  x &&= 1; // TG1065 5-7 the assignment `&&=` in a kernel
  // help: write the branch, as in `if (x === 0) x = 1;`
  return x;
}
export function has(x: f64[], k: index): bool {
  return k in x; // TG1066 12-13 `in` asks what a value is
  // help: compare numbers; what a value is, is known when the kernel is compiled
}
export function isArray(x: f64[]): bool {
  return x instanceof Array; // TG1066 12-21 `instanceof` asks what a value is
  // help: compare numbers; what a value is, is known when the kernel is compiled
}
export function kind(x: f64): bool {
  return typeof x === "number"; // TG1069 10-17 `typeof x` asks for a type while the kernel runs
  // help: leave it out: the type of every value is known when the kernel is compiled
}
export function forget(x: f64[]): void {
  delete x[0]; // TG1068 3-13 `delete x[0]` takes away a part of a value
  // help: write a value in its place; arrays and structs keep all their parts
}
export function discard(x: f64): f64 {
  void x; // TG1028 3-8 the operator `void` is not part of the kernel language
  // help: write the expression as a statement
  return x;
}
export function pattern(x: f64): f64 {
  const digits = /[0-9]+/; // TG1071 18-25 kernels have no regular expressions
  // help: match text where the kernel is called, and pass numbers in
  return x;
}
export function exact(x: f64): f64 {
  const big = 123n; // TG1072 15-18 `123n` is a bigint
  // help: write the number without `n`; integers are exact up to 2^53
  return x;
}
export function mapOf(x: f64[]): f64 {
  const seen = new Map(); // TG1070 16-24 `new Map()` makes an object
  // help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
  return x[0];
}
export function when(x: f64): f64 {
  const now = new Date(); // TG1070 15-24 `new Date()` makes an object
  // help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
  return x;
}
export function self(x: f64): f64 {
  return this.x; // TG1056 10-13 kernels have no `this`
  // help: pass what the kernel works on as a parameter
}
export function cast(x: f64): f64 {
  return <f64>x; // TG1075 10-15 `<f64>x` is a type assertion in angle brackets
  // help: write it as `x as T`
}
export function local(x: f64): f64 {
  class Acc { sum = 0; } // TG1003 3-24 a class inside a kernel
  // help: use an interface for the fields, and functions of the file for the methods
  return x;
}
export function anonymous(x: f64): f64 {
  const Acc = class { sum = 0; }; // TG1003 15-32 a class inside a kernel
  // help: use an interface for the fields, and functions of the file for the methods
  return x;
}
export function meta(x: f64): f64 {
  const url = import.meta; // TG1020 15-25 `import.meta` is not part of the kernel language
  // help: see the language reference for what kernels can compute
  return x;
}
export function waits(x: f64): f64 {
  const y = await x; // TG1009 13-19 `await x` waits inside a kernel
  // help: a kernel runs from start to end; await its call instead
  return y;
}
export function spreadMax(x: f64[]): f64 {
  return Math.max(...x); // TG1027 19-22 an array is spread into arguments
  // help: write the elements or fields one by one
}
export function squared(x: f64[]): f64 {
  return x.map((v) => v * v).reduce((a, b) => a + b, 0); // TG1021 10-28 `x.map`: arrays have no `map` in the kernel language
  // help: write the loop, `for (let i = 0; i < A.length; i++) B[i] = …;`
}
export function shortCircuit(x: f64[], verbose: bool): f64 {
  verbose && console.log(x); // TG1076 14-27 `console.log` prints from a kernel
  // help: return the value or write it into an array, and print it where the kernel is called
  return x[0];
}
export function conditionalCall(x: f64[], on: bool): f64 {
  on ? x.push(1) : x.pop(); // TG1041 8-16 `x.push` changes the length of an array
  // help: arrays keep the size they were made with: write to an element, and count in a variable
  return x[0];
}
export function enumOf(x: f64): f64 {
  enum Kind { A, B } // TG1052 3-20 an enum inside a kernel
  // help: write module constants, as in `const red = 0, green = 1;`
  return x;
}
export function later(x: f64): f64 {
  setTimeout(() => x, 10); // TS2304 3-12 Cannot find name 'setTimeout'
  return x;
}
export function global(x: f64): f64 {
  return globalThis.Math.abs(x); // TG1020 10-19 kernels have no `globalThis`
  // help: write `Math`, `NaN` and `Infinity` by their own names
}
