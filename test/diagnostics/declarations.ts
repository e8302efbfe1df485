// What stands at the top of a file, and how functions are declared.
import type { f64, i32 } from "tsgpu";
import * as helpers from "tsgpu/kernel";

enum Kind { A, B } // TG1052 6-9 an enum in a kernel file
class Point { // TG1003 7-11 a class in a kernel file
  x = 1;
}
namespace Inside { export const one = 1; } // TG1053 11-16 a namespace in a kernel file
let counter = 0;
export let changing = 1;
const table = [1, 2, 3];
const made = helpers.zeros("f64", 3); // TG1017 14-20 `helpers` is a module
const other = table;
const text = "abc"; // TG1024 14-18
const square = (x: f64): f64 => x * x;
const one = 1, two = one + one;
const loop: f64[] = []; // TG1111 21-22 an empty array literal
counter = 1; // TG1018 1-12 a statement outside of a function
if (two > one) counter = 2; // TG1018 1-27 a statement outside of a function

export const arrow = (x: f64): f64 => 2 * x; // TG1016 14-18 `arrow` is a function written as an expression
export const expression = function (x: f64): f64 { return x; }; // TG1016 14-23
export default function unnamed(x: f64): f64 { return x; } // TG1055 25-31 `unnamed` is exported as `default`
function hidden(x: f64): f64 { return x; } // TG1055 10-15 `hidden` is exported as `shown`
export { hidden as shown };
export declare function bodiless(x: f64): f64; // TG1011 25-32 without a body
export function overloaded(x: f64): f64; // TG1054 17-26 `overloaded` has several signatures
export function overloaded(x: f64, y?: f64): f64 {
  return y ?? x;
}

export function optional(x: f64, y?: f64): f64 { return x; } // TG1010 34-40 `y` may be left out
export function defaulted(x: f64 = 1): f64 { return x; } // TG1010 27-36
export function rest(...x: f64[]): f64 { return x[0]; } // TG1010 22-32
export function pattern({ a }: { a: f64 }): f64 { return a; } // TG1013 25-41
export function tuplePattern([a]: [f64]): f64 { return a; } // TG1013 30-39
export function receiver(this: f64, x: f64): f64 { return x; } // TG1056 26-34 a kernel is called on nothing

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
  const k = Kind.A; // TG1052 13-16 `Kind` is an enum
  const p = new Point(); // TG1070 13-23 `new Point()` makes an object
  const m = made[0];
  const o = other[0]; // TG1045 13-17 no array literal
  const t = text;
  const l = loop.length;
  table[0] = 2; // TG1047 3-14 `table` is a constant of the module
  const q = square(x); // TG1016 13-18 `square` is a function written as an expression
  const i = Inside.one; // TG1053 13-18 `Inside` is a namespace
  return x + two + p.x;
}
