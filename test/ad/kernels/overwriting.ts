/** Arrays that are read and overwritten in one kernel. */
import type { f64, i32, index } from "tsgpu";

/** Reads an element, then overwrites it with what needs its old value in the derivative. */
export function readThenOverwrite(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    y[i] += x[i] * x[i];
    x[i] = Math.sin(x[i]) * y[i];
  }
}

/** All of an array is read, then all of it overwritten, then read again. */
export function overwriteBetweenReads(x: f64[], y: f64[]): f64 {
  let before = 0;
  for (let i = 0; i < x.length; i++) before += x[i] * x[i] * x[i];
  for (let i = 0; i < x.length; i++) x[i] = y[i] * y[i];
  let after = 0;
  for (let i = 0; i < x.length; i++) after += x[i] * before;
  return after;
}

export function multiplyInPlace(x: f64[], y: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < x.length; i++) x[i] *= y[i];
  }
}

export function divideInPlace(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    x[i] /= y[i];
    y[i] /= x[i];
  }
}

/** The other updates in place: `-=`, `**=`, `%=`, `++`. */
export function updateInPlace(x: f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    x[i] -= y[i] * x[i];
    x[i] **= 2;
    x[i]++;
    y[i] %= x[i];
  }
}

/** A square of an element by itself: both operands are the target. */
export function squareRepeatedly(x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < x.length; i++) x[i] = x[i] * x[i] + 0.1;
  }
}

/** In and out at once: a prefix product, each element of which needs the one before it. */
export function prefixProduct(x: f64[]): void {
  for (let i = 1; i < x.length; i++) x[i] = x[i] * x[i - 1];
}

/** Gauss-Seidel: old and new neighbours. */
export function smoothInPlace(x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 1; i < x.length - 1; i++) x[i] = Math.exp(-x[i]) + x[i - 1] * x[i + 1];
  }
}

/** Moves a window within one array: what is read was partly overwritten. */
export function shiftWithin(x: f64[], by: index): void {
  for (let i = 0; i + by < x.length; i++) x[i] = x[i] * x[i + by];
  for (let i = x.length - 1; i >= by; i--) x[i] = x[i - by] + x[i] * 0.5;
}

/** Copies a part of one array to another place of a second, and back. */
export function copyWithOffsets(x: f64[], y: f64[], from: index, to: index, count: index): void {
  for (let i = 0; i < count; i++) y[to + i] = x[from + i];
  for (let i = 0; i < count; i++) x[i] = y[to + count - 1 - i] * x[i];
}

/** Swaps the ends inwards: each pair is read, then both are written. */
export function reverseInPlace(x: f64[]): void {
  for (let i = 0, j = x.length - 1; i < j; i++, j--) {
    [x[i], x[j]] = [x[j] * x[i], x[i]];
  }
}

/** Written only: what stood in `y` before counts for nothing. */
export function overwriteOnly(x: f64[], y: f64[]): void {
  for (let i = 0; i < y.length; i++) {
    y[i] = x[i] * x[i];
    y[i] = y[i] * y[i];
  }
}

/** Two arrays take turns, as time steps do. */
export function pingPong(a: f64[], b: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 1; i < a.length - 1; i++) b[i] = a[i - 1] * a[i] + 0.5 * a[i + 1];
    for (let i = 1; i < a.length - 1; i++) a[i] = b[i] * b[i] - a[i];
  }
}

/** What is added depends on what it is added to, straight away and through the element beside it. */
export function addsOfItself(x: f64[], n: index): void {
  for (let t = 0; t < n; t++) {
    for (let i = 0; i < x.length; i++) x[i] += 0.3 * x[i] * x[i];
    for (let i = 1; i < x.length; i++) x[i] += 0.2 * Math.sin(x[i - 1]) * x[i];
    for (let i = 1; i < x.length; i++) x[i - 1] -= 0.1 * x[i] * x[i];
  }
}

/** How often it overwrites, an i32 says. */
export function sinesOfSines(x: f64[], n: i32): void {
  for (let t = 0; t < n; t++) {
    for (let i = 0; i < x.length; i++) x[i] = Math.sin(x[i]);
  }
}
