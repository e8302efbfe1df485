/** What TypeScript itself makes of `customGradient`: right ones keep their type, wrong ones are errors. */
import type { f32, f64, i32 } from "tsgpu";
import { customGradient } from "tsgpu/kernel";

function half(x: f64): f64 {
  return x / 2;
}
function halfAdjoint(_x: f64, _r: f64, d: f64): f64 {
  return d / 2;
}
export const scalar: (x: f64) => f64 = customGradient(half, halfAdjoint);

function product<T extends f64 | f32>(x: T, y: T): T {
  return (x * y) as T;
}
function productAdjoint<T extends f64 | f32>(x: T, y: T, _r: T, d: T): [T, T] {
  return [(d * y) as T, (d * x) as T];
}
export const generic: <T extends f64 | f32>(x: T, y: T) => T = customGradient(product, productAdjoint);

function dot(x: readonly f64[], k: readonly i32[], w: readonly f64[][], s: f64, n: i32): f64 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += s * x[k[i]] * w[0][i];
  return sum;
}
type Dot = [x: readonly f64[], k: readonly i32[], w: readonly f64[][], s: f64, n: i32];
// Which arrays and scalars are integers, TypeScript does not see.
function dotAdjoint(...[x, k, w, s, n, r, d, dx, dw]: [...Dot, r: f64, d: f64, dx: f64[], dw: f64[][]]): f64 {
  for (let i = 0; i < n; i++) {
    dx[k[i]] += d * s * w[0][i];
    dw[0][i] += d * s * x[k[i]];
  }
  return (d * r) / s;
}
export const arrays: (...args: Dot) => f64 = customGradient(dot, dotAdjoint);

function norm(x: readonly f64[][]): f64 {
  return x[0][0];
}
function normAdjoint(_x: readonly f64[][], _r: f64, d: f64, dx: f64[][]): void {
  dx[0][0] += d;
}
export const array: (x: readonly f64[][]) => f64 = customGradient(norm, normAdjoint);

export const wrong = [
  // @ts-expect-error one parameter is missing
  customGradient(half, (_x: f64, r: f64): f64 => r),
  // @ts-expect-error a product is a number
  customGradient(half, (_x: f64, _r: f64, _d: f64): string => ""),
  // @ts-expect-error there is one scalar
  customGradient(half, (_x: f64, _r: f64, d: f64): [f64, f64] => [d, d]),
  // @ts-expect-error there is no array
  customGradient(half, (_x: f64, _r: f64, d: f64, _dx: f64[]): f64 => d),
  // @ts-expect-error an adjoint array has the shape of its array
  customGradient(norm, (_x: readonly f64[][], _r: f64, _d: f64, _dx: f64[]): void => {}),
  // @ts-expect-error the array itself is only read
  customGradient(norm, (x: f64[][], _r: f64, d: f64, _dx: f64[][]): void => void (x[0][0] = d)),
  // @ts-expect-error the function gives a number
  customGradient((x: f64): string => `${x}`, halfAdjoint),
  // @ts-expect-error the adjoint is missing
  customGradient(half),
];
