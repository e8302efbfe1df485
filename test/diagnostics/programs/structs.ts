// Structs and tuples: values in kernels, objects in JavaScript.
import type { bool, f64, i32, index } from "tsgpu";

interface Body { x: f64; v: f64 }
interface Cell { body: Body; mass: f64 }
const origin: Body = { x: 0, v: 0 };
function moved(b: Body, dt: f64): Body { return { x: b.x + dt * b.v, v: b.v }; }
function same(b: Body): Body { return b; }
function shift(bodies: Body[], b: Body): void { bodies[0].x += b.x; }

export function step(bodies: Body[], dt: f64): void {
  for (let i = 0; i < bodies.length; i++) {
    const b = bodies[i];
    b.x += dt * b.v; // TG1042 5-19 `b` is a second name of `bodies[i]`
    // help: write through the first name, as in `bodies[i].x = …`
  }
}
export function reads(bodies: Body[]): f64 {
  const b = bodies[0]; // TG1042 9-21 `b` is a second name of `bodies[0]`, which is written in this function
  // help: copy the fields that you need, as in `const x = bodies[0].x`
  bodies[0].x = 1;
  return b.x;
}
export function copies(bodies: Body[]): void {
  bodies[0] = bodies[1]; // TG1113 3-23 stores `bodies[1]` a second time
  // help: write its parts, as in `{ x: bodies[1].x, … }`
}
export function kick(b: Body): void {
  b.v += 1; // TG1112 3-10 the struct `b` is a parameter; a write to it would change the caller's
  // help: return a struct with the new values
}
export function reset(): void {
  origin.x = 0; // TG1047 3-14 `origin` is a constant of the module
  // help: copy it into a local variable or array first
}
export function swap(bodies: Body[]): void {
  const t = bodies[0]; // TG1042 9-21 `t` is a second name of `bodies[0]`, which is written in this function
  // help: copy the fields that you need, as in `const x = bodies[0].x`
  bodies[0] = bodies[1]; // TG1113 3-23 stores `bodies[1]` a second time
  // help: write its parts, as in `{ x: bodies[1].x, … }`
  bodies[1] = t;
}
export function chooses(bodies: Body[], first: bool): void {
  const b = first ? bodies[0] : bodies[1];
  b.x = 0; // TG1042 3-9 `b` is a second name of `first ? bodies[0] : bodies[1]`
  // help: write through the first name, as in `points[i].x = …`
}
export function through(bodies: Body[]): void {
  const b = same(bodies[0]);
  b.x = 1; // TG1042 3-9 `b` is a second name of `same(bodies[0])`
  // help: write through the first name, as in `points[i].x = …`
}
export function temporary(b: Body): void {
  moved(b, 1).x = 0; // TG1114 3-19 a write to a value that has no name
  // help: give it a name first, with `const`
}
export function along(bodies: Body[]): void {
  shift(bodies, bodies[1]); // TG1115 17-25 `bodies[1]` is passed along with `bodies`, which `shift` writes
  // help: pass the fields that are needed
}
export function nested(cells: Cell[]): void {
  cells[0] = { body: cells[1].body, mass: 1 }; // TG1113 3-45 stores `{ body: cells[1].body, mass: 1 }` a second time
  // help: make a new one of its fields
}
export function nestedName(cells: Cell[]): void {
  const { body } = cells[0];
  body.x = 1; // TG1042 3-12 `body` is a second name of `cells[0]`
  // help: write through the first name, as in `points[i].x = …`
}
export function stored(b: Body, bodies: Body[]): void {
  bodies[0] = b; // TG1113 3-15 stores `b` a second time
  // help: write its parts, as in `{ x: b.x, … }`
}
export function spread(b: Body): Body {
  return { ...b, x: 0 }; // TG1027 12-15 an object is spread into another
  // help: write the elements or fields one by one
}
export function keyed(b: Body): f64 {
  return b["x"]; // TG1074 10-15 `b["x"]` names a field of a struct by an expression
  // help: name the field, as in `{ x: 1 }` and `p.x`
}
export function looped(b: Body): f64 {
  let sum = 0;
  for (const key in b) sum += 1; // TG1004 3-32 a loop over keys
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
  return sum;
}
export function computed(b: Body): Body {
  return { ["x"]: b.x, v: 0 }; // TG1074 12-16 the field `["x"]` is named by a string or an expression
  // help: name the field, as in `{ x: 1 }` and `p.x`
}
export function quoted(b: Body): Body {
  return { "x": b.x, v: 0 }; // TG1074 12-14 the field `"x"` is named by a string or an expression
  // help: name the field, as in `{ x: 1 }` and `p.x`
}
export function getter(x: f64): f64 {
  const b = { get x() { return 1; } }; // TG1073 15-35 `get x() { return 1; }` is no plain field
  // help: write fields as `name: value`, and functions at the top of the file
  return b.x + x;
}
export function method(x: f64): f64 {
  const b = { x, twice() { return 2; } }; // TG1073 18-38 `twice() { return 2; }` is no plain field
  // help: write fields as `name: value`, and functions at the top of the file
  return b.twice();
}
export function callback(x: f64): f64 {
  const ops = { add: (a: f64, b: f64) => a + b }; // TG1002 22-46 a function inside a kernel
  // help: move the function to the top of the file; kernels close over nothing but constants
  return ops.add(x, 1);
}
export function holds(A: f64[], n: index): f64 {
  const view = { A, n }; // TG1083 9-23 `view` would be a struct or tuple that holds an array
  // help: give the array a name of its own
  return view.A[0];
}
export function pairOf(A: f64[], B: f64[]): f64 {
  const pair: [f64[], f64[]] = [A, B]; // TG1083 16-20 a tuple cannot hold an array
  // help: pass the array as a parameter of its own
  return pair[0][0];
}
export function removed(b: { x?: f64 }): f64 { // TG1082 30-36 `x?: f64` may be left out
// help: declare all parts, and pass a flag for those that may be missing
  delete b.x;
  return 1;
}
export function chained(bodies: Body[]): f64 {
  return bodies[0]?.x ?? 0; // TG1077 23-24 `??` in a kernel
  // help: leave it out: every value of a kernel is there
}
export function fresh(x: f64): f64 {
  const b = new Object(); // TG1070 13-24 `new Object()` makes an object
  // help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
  return x;
}
export function withBody(b: Body): f64 {
  with (b) return x; // TG1051 3-20 `with` in a kernel
  // help: name the fields, as in `p.x`
}
export function variable(t: [f64, f64, f64], k: index): f64 {
  return t[k]!; // TG1043 10-13 `t[k]` subscripts a tuple by `k`
  // help: use an array for what is subscripted by a variable
}
export function rest(t: [f64, f64, f64]): f64 {
  const [a, ...others] = t; // TG1063 13-21 a rest or default in a pattern
  // help: name the parts one by one, as in `const a = t[0];`
  return a;
}
export function defaults(b: Body): f64 {
  const { x = 1 } = b; // TG1063 11-15 a rest or default in a pattern
  // help: name the parts one by one, as in `const a = t[0];`
  return x;
}
export function hole(t: [f64, f64, f64]): f64 {
  let a = 0;
  let c = 0;
  [a, , c] = t; // TG1063 3-10 a pattern that leaves out a part
  // help: name the parts one by one, as in `const a = t[0];`
  return a + c;
}
export function assigned(b: Body): f64 {
  let x = 0;
  ({ x } = b); // TG1064 4-8 an assignment to an object pattern
  // help: assign field by field
  return x;
}
export function arrayPattern(x: f64[]): f64 {
  const [first, second] = x; // TG1107 10-14 f64[] has no such part
  // help: take apart a tuple or a struct by the parts that it has; subscript arrays
  return first + second;
}
export function mixed(b: Body, flag: bool): f64 {
  const c = flag ? b : 0; // TG1031 13-24 chooses between { x: f64; v: f64 } and 0
  // help: give both sides the same kind of value
  return 1;
}
export function twice(b: Body): f64 {
  return 2 * b; // TS2363 14 The right-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type
}
export function decided(b: Body): f64 {
  if (b) return 1; // TG1104 7 `b` is { x: f64; v: f64 }, not a condition
  // help: compare, as in `A.length > 0`
  return 0;
}
export function equal(a: Body, b: Body): bool {
  return a === b; // TG1102 10-16 compares { x: f64; v: f64 } with { x: f64; v: f64 }
  // help: compare numbers with numbers and bools with bools; arrays in a loop
}
export function fieldOfNumber(x: f64): f64 {
  const digits = x.toFixed; // TG1049 18-26 `x` is f64: it has no fields
  // help: only arrays, rows, structs and tuples have any
  return x;
}
export function fixed(x: f64): f64 {
  const text = x.toFixed(2); // TG1022 16-27 `x.toFixed` is not a function that kernels can call
  // help: call functions of this file, imported kernel functions, or `Math`
  return x;
}
