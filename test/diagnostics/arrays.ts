// What cannot be done with arrays, structs and tuples.
import type { bool, f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";

interface Point { x: f64; y: f64 }
const origin: Point = { x: 0, y: 0 };
const table = [[1, 2], [3, 4]];

export function bindings(A: f64[], B: f64[], c: bool): f64 {
  A = B; // TG1040 3-7 the array variable `A` is bound again
  let C = A; // TG1040 7 the array variable `C` can be bound again
  const D = c ? A : B; // TG1048 13-21 an array is chosen by a condition
  const [E, F] = [A, B];
  const both = [A, B]; // TG1045 17 the row `A`
  return C[0] + D[0] + E[0] + F[0] + both[0][0];
}

export function rows(A: f64[][], B: f64[]): f64 {
  A[0] = B; // TG1044 3-10 the row `A[0]` is assigned as a whole
  [A[0], A[1]] = [A[1], A[0]]; // TG1044 3-29
  const row = A[1];
  row[0] = A.length + A[0].length;
  A.length = 3; // TG1041 3-10 `A.length` is assigned
  const n = row.length + A[0][0];
  [row[0], row[1]] = [row[1], row[0]];
  return n;
}

export function literals(n: i32): f64 {
  const a: f64[] = []; // TG1111 20-21 an empty array literal
  const b = [[1, 2], [3]]; // TG1110 22-24 the rows of an array literal differ in length
  const c = [{ x: 1 }]; // TG1045 13-22 an array literal holds numbers or bools
  const d = zeros("f8", n); // TG1046 19-22 elements of type "f8"
  const kind = zeros("f32", n)[0] > 0 ? "f64" : "f32"; // TG1024 41-45
  const whole: i32[] = [1, n / 2]; // TG1032 28-32 `n / 2` in an array of integers
  const e = [[1, 2], [3, 4]];
  return e[1][0] + a.length;
}

export function names(points: Point[], p: Point, n: i32): f64 {
  const first = points[0]; // TG1042 9-25 `first` is a second name of `points[0]`, which is written
  first.x = 1;
  points[0].x = 2;
  points[1] = points[0]; // TG1113 3-23 stores `points[0]` a second time
  points[1] = { x: points[0].x, y: 1 };
  p.x = 3; // TG1112 3-9 the struct `p` is a parameter; a write to it would change the caller's
  let own = { x: 1, y: 2 };
  own.x = 2;
  own = { x: 3, y: 4 };
  own = p; // TG1113 3-9 stores `p` a second time
  origin.x = 1; // TG1047 3-14 `origin` is a constant of the module
  table[0][0] = 2; // TG1047 3-17
  zeros("f64", 3)[0] = 1; // TG1114 3-24 a write to a value that has no name
  return own.x + first.y;
}

interface Body { at: Point; mass: f64 }
function same(p: Point): Point { return p; }
function poke(points: Point[], p: Point): f64 { points[0].x = 4; return p.x; }
function sum(p: Point, q: Point): Point { return { x: p.x + q.x, y: p.y + q.y }; }

export function shared(points: Point[], bodies: Body[], c: bool): f64 {
  const either = c ? points[0] : points[1]; // TG1042 9-42 `either` is a second name of
  const called = same(points[0]); // TG1042 9-32 `called` is a second name of
  const { at } = bodies[0]; // TG1042 11-12 `at` is a second name of `bodies[0]`
  const own = sum(points[0], points[1]);
  own.x = 3;
  points[0].x = own.x + poke(points, points[1]); // TG1115 38-46 `points[1]` is passed along with `points`, which `poke` writes
  bodies[0] = { at: bodies[1].at, mass: 1 }; // TG1113 3-43 stores `{ at: bodies[1].at, mass: 1 }` a second time
  bodies[0] = { at: { x: 1, y: bodies[1].at.y }, mass: poke(points, own) };
  [points[0], points[1]] = [points[1], points[0]];
  [points[0], points[1]] = [points[1], points[1]]; // TG1113 3-49 stores `[points[1], points[1]]` a second time
  return either.x + called.x + at.x;
}

export function parts(t: [f64, f64], p: Point, n: i32): f64 {
  const a = t[n]!; // TG1043 13-16 subscripts a tuple by `n`
  let b = 0;
  let c = 0;
  [b, c] = t;
  [b, , c] = [1, 2, 3]; // TG1063 3-10 a pattern that leaves out a part
  [b, c = 1] = t; // TG1063 7-11 a rest or default in a pattern
  ({ x: b, y: c } = p); // TG1064 4-17 an assignment to an object pattern
  const { x, y } = p;
  const [d, e] = t;
  return t[0] + t[1] + t.length + x + y + d + e;
}

export function fields(x: f64, p: Point, A: f64[], B: f64[]): f64 {
  const negative = -A; // TG1039 21 `A` is an array, f64[], not a number
  const less = A < B; // TG1039 16
  const method = x.toFixed; // TG1049 18-26 `x` is f64: it has no fields
  return p.x;
}
