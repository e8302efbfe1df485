// not plain, hollow
/** Seed 5057: kernel4 on c, A0.0.t.0 is -0, not 0 (sizes 3 × 0 × 2) */
import type { f32, f64, i32, index, u32 } from "tsgpu";

interface P {
  x: f64;
  y: f32;
}

type Pair = [f64, u32];

interface Nested {
  p: P;
  k: u32;
  t: Pair;
}

export function kernel4(A0: Nested[], A1: f32[], A2: i32[], A3: number[], x0: index): void {
  const n = A3.length;
  const p91: Nested = { p: { x: 0, y: 0 }, k: 0, t: [0, 0] };
  for (let i92 = 0; i92 < n; i92++) {
    A0[0] = { p: { x: 1, y: 1.5 }, k: 1, t: [p91.p.x - x0, 1] };
  }
}
