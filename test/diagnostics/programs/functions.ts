// How kernels are declared and called.
import type { bool, f64, i32, index } from "tsgpu";
import { stopGradient, zeros } from "tsgpu/kernel";

const square = (x: f64): f64 => x * x;
const weights = [0.25, 0.5, 0.25];
const rows = [[1, 2], [3, 4]];
let calls = 0;
function scale(x: f64[], s: f64): void {
  for (let i = 0; i < x.length; i++) x[i] *= s;
}
function scaleRows(A: f64[][], s: f64): void {
  for (let i = 0; i < A.length; i++) scale(A[i], s);
}
function weigh(x: f64[], scale?: f64): f64 { return x[0]; } // TG1010 26-36 the parameter `scale` may be left out or repeated
// help: write one parameter for each argument
function at(n: i32): i32 { return n; }
function flag(b: bool): f64 { return b ? 1 : 0; }

export const relu = (x: f64): f64 => Math.max(x, 0); // TG1016 14-17 `relu` is a function written as an expression
// help: write a function declaration, `function name(…) { … }`, at the top of the file
export const sigmoid = function (x: f64): f64 { return 1 / (1 + Math.exp(-x)); }; // TG1016 14-20 `sigmoid` is a function written as an expression
// help: write a function declaration, `function name(…) { … }`, at the top of the file
export default function entry(x: f64): f64 { return x; } // TG1055 25-29 `entry` is exported as `default`
// help: export it under its own name, as in `export function name(…) { … }`
function inner(x: f64): f64 { return x; } // TG1055 10-14 `inner` is exported as `outer`
// help: export it under its own name, as in `export function name(…) { … }`
export { inner as outer };
export declare function external(x: f64): f64; // TG1011 25-32 a function without a body or a name
// help: write `export function name(…) { … }`
export function dual(x: f64): f64; // TG1054 17-20 `dual` has several signatures
// help: write one signature; a type parameter may stand for several types
export function dual(x: f64, y: f64): f64;
export function dual(x: f64, y = 0): f64 { return x + y; }
export async function fetched(x: f64): Promise<f64> { return x; } // TG1009 23-29 `fetched` is asynchronous or a generator
// help: a kernel runs from start to end; await its call instead
export function* several(x: f64) { yield x; } // TG1009 18-24 `several` is asynchronous or a generator
// help: a kernel runs from start to end; await its call instead
export function scaled(x: f64, s = 2): f64 { return s * x; } // TG1010 32-36 the parameter `s` may be left out or repeated
// help: write one parameter for each argument
export function optional(x: f64, s?: f64): f64 { return x; } // TG1010 34-40 the parameter `s` may be left out or repeated
// help: write one parameter for each argument
export function sum(...x: f64[]): f64 { return x[0]; } // TG1010 21-31 the parameter `x` may be left out or repeated
// help: write one parameter for each argument
export function length({ x, y }: { x: f64; y: f64 }): f64 { return Math.hypot(x, y); } // TG1013 24-51 a parameter of a kernel must have a name
// help: name the parameter and destructure it in the body
export function firstOf([a, b]: [f64, f64]): f64 { return a + b; } // TG1013 25-42 a parameter of a kernel must have a name
// help: name the parameter and destructure it in the body
export function method(this: f64[], k: index): f64 { return 1; } // TG1056 24-34 a kernel is called on nothing
// help: pass what the kernel works on as a parameter

export function factorial(n: i32): f64 {
  return n <= 1 ? 1 : n * factorial(n - 1); // TG1012 27-42 `factorial` calls itself
  // help: write the recursion as a loop; a stack can be an array with a counter
}
export function isEven(n: i32): bool { return n === 0 ? true : isOdd(n - 1); }
function isOdd(n: i32): bool { return n === 0 ? false : isEven(n - 1); } // TG1012 57-69 `isEven` calls itself
// help: write the recursion as a loop; a stack can be an array with a counter

export function useArrow(x: f64): f64 { return square(x); } // TG1016 48-53 `square` is a function written as an expression
// help: write a function declaration, `function name(…) { … }`, at the top of the file
export function count(x: f64): f64 {
  calls += 1; // TG1008 3-7 `calls` is a variable of the module
  // help: make it a `const`, or pass it as a parameter
  return x;
}
export function readsCount(x: f64): f64 { return x + calls; } // TG1008 54-58 `calls` is a variable of the module
// help: make it a `const`, or pass it as a parameter
export function normalise(): f64 {
  weights[0] = 1; // TG1047 3-16 `weights` is a constant of the module
  // help: copy it into a local variable or array first
  return weights[0];
}
export function scaleConstant(s: f64): f64 {
  scale(weights, s); // TG1047 9-15 `weights` is a constant of the module, and `scale` writes to it
  // help: copy it into a local variable or array first
  return weights[0];
}
export function scaleConstantRow(s: f64): f64 {
  scale(rows[0], s); // TG1047 9-15 `rows[0]` is a constant of the module, and `scale` writes to it
  // help: copy it into a local variable or array first
  return rows[0][0];
}
export function scaleConstantRows(s: f64): f64 {
  scaleRows(rows, s); // TG1047 13-16 `rows` is a constant of the module, and `scaleRows` writes to it
  // help: copy it into a local variable or array first
  return rows[0][0];
}
export function renamed(): f64 {
  const own = weights;
  own[0] = 1; // TG1047 3-12 `own` is the constant `weights` of the module
  // help: copy it into a local variable or array first
  return own[0];
}
export function passes(x: f64[]): f64 { return weigh(x); }
export function floatIndex(x: f64): i32 { return at(x); } // TG1032 53 `x` is f64, the parameter `n` an integer
// help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
export function numberFlag(x: f64): f64 { return flag(x > 0 ? 1 : 0); } // TS2345 55-67 Argument of type 'number' is not assignable to parameter of type 'boolean'. Type 'number' is not assignable to type 'boolean'
export function result(x: f64[]): f64 {
  const y = scale(x, 2); // TG1105 9-23 `y` is given the result of a function that has none
  // help: call it as a statement, or let it return a value
  return x[0];
}
export function inSum(x: f64[]): f64 { return 1 + (scale(x, 2) as unknown as f64); } // TG1030 67-73 the type `unknown` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function table(x: f64): f64 {
  const f = Math.sin; // TG1023 13-20 the function `Math.sin` is used as a value
  // help: call the function by its name
  return f(x);
}
export function chooses(x: f64, up: bool): f64 {
  const round = up ? Math.ceil : Math.floor; // TG1023 22-30 the function `Math.ceil` is used as a value
  // help: call the function by its name
  return round(x);
}
export function byName(x: f64): f64 {
  const f = flag; // TG1023 13-16 the function `flag` is used as a value
  // help: call the function by its name
  return x;
}
export function helperValue(x: f64): f64 {
  const make = zeros; // TG1023 16-20 the function `zeros` is used as a value
  // help: call the function by its name
  return x;
}
export function immediate(x: f64): f64 { return ((v: f64) => v * v)(x); } // TG1002 49-70 a function inside a kernel
// help: move the function to the top of the file; kernels close over nothing but constants
export function timed(x: f64): f64 { return x + performance.now(); } // TG1022 49-65 `performance.now` is not a function that kernels can call
// help: measure where the kernel is called
export function printed(x: f64): f64 {
  console.log(x); // TG1076 3-16 `console.log` prints from a kernel
  // help: return the value or write it into an array, and print it where the kernel is called
  return x;
}
export function logged(x: f64): f64 {
  console.log("x is", x); // TG1076 3-24 `console.log` prints from a kernel
  // help: return the value or write it into an array, and print it where the kernel is called
  return x;
}
export function asserted(x: f64): f64 {
  console.assert(x > 0); // TG1076 3-23 `console.assert` prints from a kernel
  // help: return the value or write it into an array, and print it where the kernel is called
  return x;
}
export function parsed(x: f64): f64 { return x + parseInt("3"); } // TG1022 50-62 `parseInt` is not a function that kernels can call
// help: write `Math.trunc(x)`
export function evaluated(x: f64): f64 { return eval("x + 1"); } // TG1022 49-61 `eval` is not a function that kernels can call
// help: write the code itself
export function usesArguments(x: f64): f64 { return arguments[0]; } // TG1020 53-61 kernels have no `arguments`
// help: name the parameters
export function maybeCall(x: f64): f64 { return flag?.(x > 0); } // TG1061 49-61 optional chaining
// help: leave out the `?`: arrays, structs and functions are always there
export function mathAsValue(x: f64): f64 {
  const M = Math; // TG1020 13-16 `Math` is not part of the kernel language
  // help: write its functions in full, as in `Math.abs(x)`
  return M.abs(x);
}
export function spreads(x: f64[]): f64 {
  const pair: [f64] = [1];
  return stopGradient(x[0]) + square(...pair); // TG1027 38-44 an array is spread into arguments
  // help: write the elements or fields one by one
}
