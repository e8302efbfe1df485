// What stands at the top of a file, and how functions are declared.
import type { f64, i32 } from "tsgpu";
import * as helpers from "tsgpu/kernel";

enum Kind { A, B } //!
class Point { //! a class, enum or namespace
  x = 1;
}
namespace Inside { export const one = 1; } //!
let counter = 0;
export let changing = 1;
const table = [1, 2, 3];
const made = helpers.zeros("f64", 3); //! `helpers` is a module
const other = table;
const text = "abc"; //!
const square = (x: f64): f64 => x * x;
const one = 1, two = one + one;
const loop: f64[] = [];  //! an empty array literal
counter = 1; //! a statement outside of a function
if (two > one) counter = 2; //!

export const arrow = (x: f64): f64 => 2 * x; //! `arrow` is a function written as an expression
export const expression = function (x: f64): f64 { return x; }; //!
export default function unnamed(x: f64): f64 { return x; } //! `unnamed` is exported as `default`
function hidden(x: f64): f64 { return x; } //! `hidden` is exported as `shown`
export { hidden as shown };
export declare function bodiless(x: f64): f64; //! without a body
export function overloaded(x: f64): f64; //! `overloaded` has several signatures
export function overloaded(x: f64, y?: f64): f64 {
  return y ?? x;
}

export function optional(x: f64, y?: f64): f64 { return x; } //! `y` may be left out
export function defaulted(x: f64 = 1): f64 { return x; } //!
export function rest(...x: f64[]): f64 { return x[0]; } //!
export function pattern({ a }: { a: f64 }): f64 { return a; } //!
export function tuplePattern([a]: [f64]): f64 { return a; } //!
export function receiver(this: f64, x: f64): f64 { return x; } //!

export function recursive(x: f64): f64 {
  return x > 0 ? recursive(x - 1) : 0; //! `recursive` calls itself
}
export function even(n: i32): i32 {
  return n === 0 ? 1 : odd(n - 1);
}
function odd(n: i32): i32 {
  return n === 0 ? 0 : even(n - 1); //! `even` calls itself
}

export function uses(x: f64): f64 {
  counter += 1; //! `counter` is a variable of the module
  const c = changing; //!
  const k = Kind.A; //! `Kind` is a class or an enum
  const p = new Point(); //!
  const m = made[0];
  const o = other[0]; //! no array literal
  const t = text;
  const l = loop.length;
  table[0] = 2; //! `table` is a constant of the module
  const q = square(x); //! `square` is a function written as an expression
  const i = Inside.one; //! `Inside` is a module
  return x + two + p.x;
}
