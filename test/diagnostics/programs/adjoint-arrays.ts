// What the functions of a custom gradient do to their arrays.
import type { f64 } from "tsgpu";
import { customGradient } from "tsgpu/kernel";

const arrays = customGradient(dot, dotAdjoint);
function dot(x: f64[], w: f64[]): f64 {
  const row = x;
  row[0] = 1; // TG1124 3-12 `x` is written in a function that a custom gradient is made of
  // help: copy it into a local array first
  add(w);
  return x[0] * w[0];
}
function add(w: f64[]): void {
  w[1] += 1; // TG1124 3-11 `w` is written in a function that a custom gradient is made of
  // help: copy it into a local array first
}
function dotAdjoint(x: f64[], w: f64[], r: f64, d: f64, dx: f64[], dw: f64[]): void {
  x[0] += d; // TG1124 3-11 `x` is written in a function that a custom gradient is made of
  // help: copy it into a local array first
  dx[0] += d * w[0];
  dx[1] -= 2 * d;
  dw[0] += dx[0]; // TG1125 12-16 the adjoint array `dx` is read
  // help: add to its elements, as in `dx[i] += d * w[i]`
  dw[1] *= d; // TG1125 3-12 the adjoint array `dw` is overwritten
  // help: add to its elements, as in `dx[i] += d * w[i]`
  scale(dw, d);
  raise(dx, d);
}
function scale(y: f64[], s: f64): void {
  y[0] = s; // TG1125 3-10 the adjoint array `dw` is overwritten
  // help: add to its elements, as in `dx[i] += d * w[i]`
}
function raise(y: f64[], s: f64): void {
  y[0] += s;
}
export function uses(x: f64[], w: f64[]): f64 {
  scale(x, 2);
  return arrays(x, w);
}
