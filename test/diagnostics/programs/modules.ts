// What stands at the top of kernel files.
import type { f64, i32 } from "tsgpu";
import * as kernel from "tsgpu/kernel";

// --- an enum for the cases
enum Mode { Sum, Mean } // TG1052 6-9 an enum in a kernel file
// help: write module constants, as in `const red = 0, green = 1;`
// --- a class for the state
class Solver { steps = 0; } // TG1003 7-12 a class in a kernel file
// help: use an interface for the fields, and functions of the file for the methods
// --- a namespace for the helpers
namespace helpers { export const half = 0.5; } // TG1053 11-17 a namespace in a kernel file
// help: put its functions and constants at the top of a file, and import them from there
// --- a setup that runs on import
console.log("loaded"); // TG1018 1-22 a statement outside of a function
// help: kernel files hold functions, types and constants; run other code elsewhere
// --- a table that is filled in a loop
const table = [0, 0, 0];
for (let i = 0; i < 3; i++) table[i] = i; // TG1018 1-41 a statement outside of a function
// help: kernel files hold functions, types and constants; run other code elsewhere
// --- a block
{ // TG1018 1- a statement outside of a function
// help: kernel files hold functions, types and constants; run other code elsewhere
  const hidden = 1;
}
// --- constants that lead to each other
const one: f64 = other + 1; // TS2448 18-22 Block-scoped variable 'other' used before its declaration | TS2454 18-22 Variable 'other' is used before being assigned
const other: f64 = one - 1; // TG1059 20-22 the constant `one` is defined by itself
// help: give one of the constants a value of its own
// --- another module system
import fs = require("fs"); // TG1058 1-26 `import … =` in a kernel file
// help: write `import { f } from …` and `export function f(…)`
// --- and its exports
export = table; // TG1058 1-15 `export =` in a kernel file
// help: write `import { f } from …` and `export function f(…)`
// --- a counter of calls
let calls = 0;

const made = kernel.zeros("f64", 3); // TG1017 14-19 `kernel` is a module
// help: import the names that you need, as in `import { f } from …`
const alias = table;
const title = "weights"; // TG1024 15-23 kernels have no strings
// help: kernels compute on numbers and booleans; number the cases, as in `const add = 0;`

function jit(f: unknown, c: unknown): void {}
export function usesMode(x: f64): f64 { return x * Mode.Mean; } // TG1052 52-55 `Mode` is an enum
// help: write module constants, as in `const red = 0, green = 1;`
export function usesHelpers(x: f64): f64 { return x * helpers.half; } // TG1053 55-61 `helpers` is a namespace
// help: put its functions and constants at the top of a file, and import them from there
export function usesSolver(x: f64): f64 { return x + new Solver().steps; } // TG1070 54-65 `new Solver()` makes an object
// help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
export function usesModule(n: i32): f64 { return kernel.zeros("f64", n)[0]; } // TG1017 50-55 `kernel` is a module
// help: import the names that you need, as in `import { f } from …`
export function usesMade(x: f64): f64 { return made[0] + x; }
export function usesAlias(x: f64): f64 { return alias[0] + x; } // TG1045 49-53 the constant `alias` of the module is an array, but no array literal
// help: list its elements, or make it inside the kernel
export function usesTitle(x: f64): f64 { return title.length + x; }
export function usesCycle(x: f64): f64 { return one + x; }
export function usesCalls(x: f64): f64 {
  calls++; // TG1008 3-7 `calls` is a variable of the module
  // help: make it a `const`, or pass it as a parameter
  return x;
}
@jit // TG1057 1-4 `@jit` in a kernel file
// help: leave it out: every exported function of the file is a kernel
export function decorated(x: f64): f64 { return x; }
