/** What a GPU can do at most, measured: each kernel needs one thing only. */
import type { f64, index, real } from "tsgpu";
import { parallel } from "tsgpu/kernel";

/** Memory: two reads and a write for each element, after McCalpin's STREAM. */
export function triad(a: real[], b: readonly real[], c: readonly real[], s: real): void {
  for (const i of parallel(a.length)) a[i] = b[i] + s * c[i];
}

/** Arithmetic: eight chains of multiply-adds in each thread, which do not wait for each other. */
export function chains(x: real[], a: real, b: real, steps: index): void {
  for (const i of parallel(x.length)) {
    let p = x[i];
    let q = p + 1;
    let r = p + 2;
    let s = p + 3;
    let t = p + 4;
    let u = p + 5;
    let v = p + 6;
    let w = p + 7;
    for (let k = 0; k < steps; k++) {
      p = p * a + b;
      q = q * a + b;
      r = r * a + b;
      s = s * a + b;
      t = t * a + b;
      u = u * a + b;
      v = v * a + b;
      w = w * a + b;
    }
    x[i] = p + q + r + s + t + u + v + w;
  }
}

/** A launch that does next to nothing. */
export function nothing(x: f64[]): void {
  for (const i of parallel(x.length)) x[i] = 1;
}
