// not plain
import type { f32, f64 } from "tsgpu";
export function k6(A0: f32[], x: f64): f64 {
  let v = x;
  A0[0] *= 1.5 - (v = 1.5);
  A0[A0.length - 1] += 1.5 - (v = 0.5);
  const w = 2 * (v = 0.25);
  let i = 0;
  const y = 3 + (i = 2);
  return v + w * (v = 1.5) + y + -(i = 1) + (i = 1) * 0 + Math.max((i = 3), 2);
}
