// not plain
import type { f32, f64 } from "tsgpu";

/** `Math.hypot` of one to four numbers: two at a time, of one its size. */
export function lengths(x: f64[], y: f64[], s: f32[]): void {
  for (let i = 0; i < y.length; i++) {
    const a = x[i];
    y[i] = Math.hypot(a) + Math.hypot(a, y[i], 3) * Math.hypot(y[i], a, 2, i);
    if (i < s.length) s[i] = Math.hypot(s[i], s[i], s[i]);
  }
}
