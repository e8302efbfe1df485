// not plain, gradients 34
/** The same, in an array of a loop's own. */
import type { f64, i32, real } from "tsgpu";
import { zeros } from "tsgpu/kernel";

function soft(soft_x: f64): f64 {
  return soft_x / Math.sqrt(1 + soft_x * soft_x);
}

export function kernel3(A0: real[][], A1: f64[], x0: f64): void {
  const n = A0.length;
  for (let i32 = 0; i32 < n; i32++) {
    const t30 = zeros("f64", 4);
    t30[0] = x0;
    t30[1] += t30[(1 >>> 0) % 4];
    for (let i31 = 1; i31 < 4; i31++) {
      t30[i31] = soft(t30[i31] + t30[i31 - 1] * 1.5);
    }
    A1[0] += 0.5 * t30[4 - 1];
  }
}
