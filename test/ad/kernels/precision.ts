/** Values in f32, and between f32 and f64. */
import type { f32, f64, index } from "tsgpu";

export function singleChain(x: f32[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 1; i < x.length; i++) x[i] = x[i] * 0.75 + Math.sin(x[i - 1]) * x[i];
  }
}

export function singleFunctions(x: f32[], y: f32[]): f32 {
  let s: f32 = 0;
  for (let i = 0; i < x.length; i++) {
    y[i] = Math.exp(x[i]) / (1 + x[i] * x[i]) + Math.sqrt(Math.abs(y[i]) + 1);
    s += y[i] * Math.tanh(x[i]);
  }
  return s;
}

/** Sums in f64 what f32 arrays hold, and stores back. */
export function mixed(x: f32[], w: f64[]): f64 {
  let s = 0;
  for (let i = 0; i < x.length; i++) {
    const v = (x[i] as f64) * w[i];
    s += v * v;
    x[i] = v * 0.5;
    w[i] = Math.fround(w[i]) * v;
  }
  return s;
}
