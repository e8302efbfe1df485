// Found when the kernel is compiled: local arrays are made before it runs.
import type { f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";

export function unsized(A: f64[], counts: i32[]): f64 {
  const n = A.length;
  const whole = zeros("f64", 2 * n);
  const first = zeros("f64", counts[0]);
  for (let i = 0; i < n; i++) {
    const part = zeros("f64", counts[i]); // TG1090 11-40 the size of this local array
    for (let k = 0; k < part.length; k++) part[k] = k * A[i];
    for (let k = 0; k < part.length; k++) A[i] += part[part.length - 1 - k] + first[0];
  }
  return whole[0];
}
