// What kernels say of their derivatives: `stop` on each float, and calls with an adjoint.
// not plain
import type { bool, f32, f64, i32, index } from "tsgpu";
import { customGradient, stopGradient } from "tsgpu/kernel";

interface Particle {
  readonly at: f64;
  readonly mass: f32;
  readonly kind: i32;
}
function particle(at: f64, mass: f32, kind: i32): Particle {
  return { at, mass, kind };
}

function log1pexp<T extends f64 | f32>(x: T): T {
  return Math.log1p(Math.exp(x)) as T;
}
function log1pexpAdjoint<T extends f64 | f32>(x: T, r: T, d: T): T {
  return (d * (1 - Math.exp(-r))) as T;
}
export const softplus = customGradient(log1pexp, log1pexpAdjoint);

function clamped(x: f64, low: f64, on: bool, high: f64): f64 {
  return on ? Math.min(Math.max(x, low), high) : x;
}
function clampedAdjoint(x: f64, low: f64, on: bool, high: f64, r: f64, d: f64): [f64, f64, f64] {
  return r === x ? [d, 0, 0] : [d, d, d];
}
const clamp = customGradient(clamped, clampedAdjoint);

function weighed(x: readonly f64[], W: readonly f64[][], k: readonly i32[], s: f32, n: index): f64 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += s * x[i] * W[0][i] * k[0];
  return sum;
}
function weighedAdjoint(
  x: readonly f64[],
  W: readonly f64[][],
  k: readonly i32[],
  s: f32,
  n: index,
  r: f64,
  d: f64,
  dx: f64[],
  dW: f64[][],
): f32 {
  const row = dW[0];
  for (let i = 0; i < n; i++) {
    dx[i] += d * s * W[0][i] * k[0];
    row[i] -= -(d * s * x[i] * k[0]);
  }
  return (s === 0 ? 0 : (d * r) / s) as f32;
}
const weigh = customGradient(weighed, weighedAdjoint);

export function stops(x: f64, y: f32, n: i32, b: bool): f64 {
  const p = stopGradient(particle(x, y, n));
  const [c, d] = stopGradient([x * x, n + 1]);
  return p.at * p.mass + c + d + stopGradient(x) + stopGradient(n) + (stopGradient(b) ? stopGradient(2) : 0);
}

export function scalars(x: f64[], y: f32[]): void {
  for (let i = 0; i < x.length; i++) x[i] = clamp(softplus(x[i]), i, i > 1, 3);
  for (let i = 0; i < y.length; i++) y[i] = softplus(y[i]);
}

export function rows(x: f64[][], W: f64[][][], k: i32[], s: f32): f64 {
  return weigh(x[0], W[0], k, s, Math.min(x[0].length, W[0][0].length)) + weighed(x[0], W[0], k, s, 1);
}
