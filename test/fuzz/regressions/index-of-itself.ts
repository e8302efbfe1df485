// not plain, gradients 50026
/** Where an element is put follows from the element: the copy it leaves is no way to have it again. */
import type { f64 } from "tsgpu";

export function kernel1(A0: f64[]): void {
  const n = A0.length;
  A0[Math.max(0, Math.min(n - 1, A0[n - 1] | 0))] = A0[n - 1];
}
