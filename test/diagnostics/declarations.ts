// What stands at the top of a file, and how functions are declared.
import type { f64, i32 } from "tsgpu";
import * as helpers from "tsgpu/kernel";

enum Kind { A, B } // TG1003 6-9
class Point { // TG1003 7-11 a class, enum or namespace
  x = 1;
}
namespace Inside { export const one = 1; } // TG1003 11-16
let counter = 0;
export let changing = 1;
const table = [1, 2, 3];
const made = helpers.zeros("f64", 3); // TG1017 14-20 `helpers` is a module
const other = table;
const text = "abc"; // TG1024 14-18
const square = (x: f64): f64 => x * x;
const one = 1, two = one + one;
const loop: f64[] = []; // TG1045 21-22 an empty array literal
counter = 1; // TG1001 1-12 a statement outside of a function
if (two > one) counter = 2; // TG1001 1-27

export const arrow = (x: f64): f64 => 2 * x; // TG1016 14-18 `arrow` is a function written as an expression
export const expression = function (x: f64): f64 { return x; }; // TG1016 14-23
export default function unnamed(x: f64): f64 { return x; } // TG1011 25-31 `unnamed` is exported as `default`
function hidden(x: f64): f64 { return x; } // TG1011 10-15 `hidden` is exported as `shown`
export { hidden as shown };
export declare function bodiless(x: f64): f64; // TG1011 25-32 without a body
export function overloaded(x: f64): f64; // TG1011 17-26 `overloaded` has several signatures
export function overloaded(x: f64, y?: f64): f64 {
  return y ?? x;
}

export function optional(x: f64, y?: f64): f64 { return x; } // TG1010 34-40 `y` may be left out
export function defaulted(x: f64 = 1): f64 { return x; } // TG1010 27-36
export function rest(...x: f64[]): f64 { return x[0]; } // TG1010 22-32
export function pattern({ a }: { a: f64 }): f64 { return a; } // TG1013 25-41
export function tuplePattern([a]: [f64]): f64 { return a; } // TG1013 30-39
export function receiver(this: f64, x: f64): f64 { return x; } // TG1013 26-34

export function recursive(x: f64): f64 {
  return x > 0 ? recursive(x - 1) : 0; // TG1012 18-33 `recursive` calls itself
}
export function even(n: i32): i32 {
  return n === 0 ? 1 : odd(n - 1);
}
function odd(n: i32): i32 {
  return n === 0 ? 0 : even(n - 1); // TG1012 24-34 `even` calls itself
}

export function uses(x: f64): f64 {
  counter += 1; // TG1008 3-9 `counter` is a variable of the module
  const c = changing; // TG1008 13-20
  const k = Kind.A; // TG1003 13-16 `Kind` is a class or an enum
  const p = new Point(); // TG1020 13-23
  const m = made[0];
  const o = other[0]; // TG1045 13-17 no array literal
  const t = text;
  const l = loop.length;
  table[0] = 2; // TG1047 3-14 `table` is a constant of the module
  const q = square(x); // TG1016 13-18 `square` is a function written as an expression
  const i = Inside.one; // TG1017 13-18 `Inside` is a module
  return x + two + p.x;
}
