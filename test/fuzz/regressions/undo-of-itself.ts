// not plain, gradients 34
/** An update whose operand it destroys cannot be undone. */
import type { f64 } from "tsgpu";

function soft(soft_x: f64): f64 {
  return soft_x / Math.sqrt(1 + soft_x * soft_x);
}

export function kernel3(A1: f64[][], A2: f64[]): void {
  const h41: f64 = A1[0][0] * A2[0];
  A1[0][0] -= soft(h41 * h41 + 1.5);
  let w43 = 1.5;
  let c44 = 0;
  while (Math.abs(w43) > 0.1 && c44 < 6) {
    c44++;
    A2[0] += 0.3 * A2[0];
  }
}
