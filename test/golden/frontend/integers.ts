// Integers are `index` where ranges prove them below 2^53, and f64 where they may leave it; stores and bit operators wrap.
// not plain
import type { f64, i32, index, u32 } from "tsgpu";

export function exact(A: f64[][], i: i32, n: index): index {
  const flat = (A.length - 1) * A[0].length + A[0].length;
  const far = i * 1000 + n;
  return flat - far;
}

export function inexact(i: i32, u: u32): f64 {
  const square = i * i;
  const cube = i * i * u;
  return square - cube;
}

export function joined(x: readonly f64[], n: i32): f64 {
  let a = 0;
  a = n;
  let b = 1;
  b = x[0];
  let c = n;
  c = c / 2;
  let f = 1;
  for (let k = 0; k < 5; k++) f = f * n;
  return a + b + c + f;
}

export function bits(n: i32, u: u32, x: f64): i32 {
  const a = (n & 7) + (n | 1) + (n ^ u);
  const b = (n << 3) + (n >> 1) + (u >>> 1);
  const c = ~n + Math.imul(n, n) + Math.clz32(u);
  return (a + b + c + x) | 0;
}

export function stored(k: i32[], u: u32[], n: i32, x: f64): void {
  k[0] = n * 3;
  k[0] += u[0];
  u[0] = n - 1;
  u[0] <<= 2;
  k[0] = Math.floor(x);
  k[0]--;
}

export function divided(n: index, i: i32): f64 {
  const a = Math.floor(n / 2) + Math.trunc(n / 3) + Math.floor(i / 4);
  const b = Math.trunc(i / 4) + (n % 3) + (i % 5);
  const c = n % i;
  return a + b + c + n / i;
}

export function ranges(n: i32, x: f64): index {
  const a = Math.min(n, 10) + Math.max(n, 0) + Math.abs(n) + Math.sign(n);
  const b = Math.round(x) + Math.floor(2);
  const c: index = n > 0 ? n : -n;
  return a + c + (n as index) + Math.floor(b);
}
