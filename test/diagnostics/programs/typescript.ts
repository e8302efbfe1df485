// Mistakes that TypeScript finds: its own message, once.
import type { bool, f64, i32 } from "tsgpu";
import { ones } from "tsgpu/kernel"; // TS2305 10-13 Module '"tsgpu/kernel"' has no exported member 'ones'
import { gemm } from "./gem.ts"; // TS2307 22-31 Cannot find module './gem.ts' or its corresponding type declarations

interface Body { x: f64 }
function scale(x: f64[], s: f64): void { x[0] *= s; }

export function misspelt(values: f64[]): f64 { return value[0]; } // TS2552 55-59 Cannot find name 'value'. Did you mean 'values'?
export function undeclared(n: i32): void { for (i = 0; i < n; i++) {} } // TS2304 49 Cannot find name 'i' | TS2304 56 Cannot find name 'i' | TS2304 63 Cannot find name 'i'
export function flagAsNumber(b: bool): f64 { const x: f64 = b; return x; } // TS2322 52 Type 'boolean' is not assignable to type 'number'
export function returnsFlag(b: bool): f64 { return b; } // TS2322 45-50 Type 'boolean' is not assignable to type 'number'
export function readOnly(x: readonly f64[]): void { x[0] = 1; } // TS2542 53-56 Index signature in type 'readonly number[]' only permits reading
export function constant(x: f64): f64 { const y = x; y += 1; return y; } // TS2588 54 Cannot assign to 'y' because it is a constant
export function fewer(x: f64[]): void { scale(x); } // TS2554 41-45 Expected 2 arguments, but got 1
export function more(x: f64[]): void { scale(x, 1, 2); } // TS2554 52 Expected 2 arguments, but got 3
export function swapped(x: f64[]): void { scale(2, x); } // TS2345 49 Argument of type 'number' is not assignable to parameter of type 'number[]'
export function noField(b: Body): f64 { return b.y; } // TS2339 50 Property 'y' does not exist on type 'Body'
export function forgotten(x: f64): f64 { if (x > 0) return x; } // TS2366 36-38 Function lacks ending return statement and return type does not include 'undefined'
export function early(x: f64): f64 { const y = z + x; const z = 1; return y; } // TS2448 48 Block-scoped variable 'z' used before its declaration | TS2454 48 Variable 'z' is used before being assigned
export function unset(x: f64): f64 { let y: f64; return x + y; } // TS2454 61 Variable 'y' is used before being assigned
export function untyped(x): f64 { return x; } // TS7006 25 Parameter 'x' implicitly has an 'any' type
export function unknownType(x: float): f64 { return x; } // TS2304 32-36 Cannot find name 'float'
export function badMath(x: f64): f64 { return Math.sine(x); } // TS2551 52-55 Property 'sine' does not exist on type 'Math'. Did you mean 'sin'?
export function addFlag(x: f64, b: bool): f64 { return x + b; } // TS2365 56-60 Operator '+' cannot be applied to types 'number' and 'boolean'
export function twice(x: f64): f64 { let y = x; let y = 2; return y; } // TS2451 42 Cannot redeclare block-scoped variable 'y' | TS2451 53 Cannot redeclare block-scoped variable 'y'
export function usesOnes(n: i32): f64 { return ones("f64", n)[0]; }
export function usesImport(x: f64[][]): void { gemm(x); }
export function structField(): Body { return { x: 1, y: 2 }; } // TS2353 54 Object literal may only specify known properties, and 'y' does not exist in type 'Body'
export function missingField(): Body { return {}; } // TS2741 40-45 Property 'x' is missing in type '{}' but required in type 'Body'
