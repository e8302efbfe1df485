/** Structs and tuples: local, as results, and in arrays. */
import type { f64, i32 } from "tsgpu";

interface Point {
  x: f64;
  y: f64;
}
interface Body {
  at: Point;
  mass: f64;
  id: i32;
}

/** Components are assigned one by one, each from the other. */
export function componentsOneByOne(a: f64[]): f64 {
  const p = { x: 1, y: 0.5 };
  for (let i = 0; i < a.length; i++) {
    p.x = p.x * a[i] + p.y;
    p.y = p.x * p.y;
  }
  return p.x * p.y;
}

/** Both components at once, from both old ones. */
export function componentsAtOnce(a: f64[]): f64 {
  let p: Point = { x: 1, y: 0.5 };
  for (let i = 0; i < a.length; i++) p = { x: p.x * p.y - a[i], y: p.x * a[i] };
  return p.x + p.y * p.y;
}

function rotated(p: Point, angle: f64): Point {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return { x: c * p.x - s * p.y, y: s * p.x + c * p.y };
}

/** Structs in an array, one component overwritten before the other is used. */
export function arrayOfStructs(p: Point[], angle: f64): void {
  for (let i = 0; i < p.length; i++) {
    const q = rotated(p[i], angle);
    p[i].x = q.x * p[i].y;
    p[i].y = q.y * p[i].x;
  }
}

/** Structs within structs, with integers among the floats. */
export function nestedStructs(b: Body[], force: f64[]): f64 {
  let energy = 0;
  for (let i = 0; i < b.length; i++) {
    b[i].at.x += force[b[i].id] / b[i].mass;
    b[i].at.y *= b[i].at.x;
    energy += b[i].mass * b[i].at.y * b[i].at.y;
    b[i].id = 0;
  }
  return energy;
}

/** A struct as parameter. */
export function structParameter(p: Point, x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i] * p.x + p.y * p.y;
}

function sumAndProduct(a: f64, b: f64): [f64, f64] {
  return [a + b, a * b];
}

/** Tuples, taken apart and swapped. */
export function tuples(x: f64[]): f64 {
  let [s, p] = sumAndProduct(0.5, 0.25);
  for (let i = 0; i < x.length; i++) {
    const [t, q] = sumAndProduct(s * x[i], p);
    [s, p] = [q + 1, t];
  }
  return s * p;
}

/** Several results, of which one is no float. */
export function severalResults(x: f64[], a: f64): { sum: f64; count: i32; product: f64 } {
  let sum = a;
  let product = a;
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i] * a;
    product *= x[i];
    if (x[i] > 0) count++;
  }
  return { sum, count, product: product * sum };
}

/** A tuple as result, and an array that is written. */
export function tupleResult(x: f64[]): [f64, f64] {
  let largest = -2;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] > largest) largest = x[i];
    x[i] *= largest;
    sum += x[i];
  }
  return [largest, sum];
}
