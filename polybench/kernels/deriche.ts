/** PolyBench/C 4.2.1, medley/deriche. */
import type { f32, f64 } from "tsgpu";

/** imgOut := imgIn smoothed by a recursive filter, along rows, then columns. Shapes: every array [w][h]. */
export function deriche<T extends f32 | f64>(
  alpha: T,
  imgIn: readonly (readonly T[])[],
  imgOut: T[][],
  y1: T[][],
  y2: T[][],
): void {
  const w = imgIn.length;
  const h = imgIn[0].length;
  const k = (((1.0 - Math.exp(-alpha)) * (1.0 - Math.exp(-alpha))) /
    (1.0 + 2.0 * alpha * Math.exp(-alpha) - Math.exp(2.0 * alpha))) as T;
  const a1 = k;
  const a5 = k;
  const a2 = (k * Math.exp(-alpha) * (alpha - 1.0)) as T;
  const a6 = a2;
  const a3 = (k * Math.exp(-alpha) * (alpha + 1.0)) as T;
  const a7 = a3;
  const a4 = (-k * Math.exp(-2.0 * alpha)) as T;
  const a8 = a4;
  const b1 = Math.pow(2.0, -alpha) as T;
  const b2 = -Math.exp(-2.0 * alpha) as T;
  const c1 = 1.0 as T;
  const c2 = 1.0 as T;

  for (let i = 0; i < w; i++) {
    let ym1 = 0.0 as T;
    let ym2 = 0.0 as T;
    let xm1 = 0.0 as T;
    for (let j = 0; j < h; j++) {
      y1[i][j] = (a1 * imgIn[i][j] + a2 * xm1 + b1 * ym1 + b2 * ym2) as T;
      xm1 = imgIn[i][j];
      ym2 = ym1;
      ym1 = y1[i][j];
    }
  }
  for (let i = 0; i < w; i++) {
    let yp1 = 0.0 as T;
    let yp2 = 0.0 as T;
    let xp1 = 0.0 as T;
    let xp2 = 0.0 as T;
    for (let j = h - 1; j >= 0; j--) {
      y2[i][j] = (a3 * xp1 + a4 * xp2 + b1 * yp1 + b2 * yp2) as T;
      xp2 = xp1;
      xp1 = imgIn[i][j];
      yp2 = yp1;
      yp1 = y2[i][j];
    }
  }
  for (let i = 0; i < w; i++) {
    for (let j = 0; j < h; j++) imgOut[i][j] = (c1 * (y1[i][j] + y2[i][j])) as T;
  }

  for (let j = 0; j < h; j++) {
    let tm1 = 0.0 as T;
    let ym1 = 0.0 as T;
    let ym2 = 0.0 as T;
    for (let i = 0; i < w; i++) {
      y1[i][j] = (a5 * imgOut[i][j] + a6 * tm1 + b1 * ym1 + b2 * ym2) as T;
      tm1 = imgOut[i][j];
      ym2 = ym1;
      ym1 = y1[i][j];
    }
  }
  for (let j = 0; j < h; j++) {
    let tp1 = 0.0 as T;
    let tp2 = 0.0 as T;
    let yp1 = 0.0 as T;
    let yp2 = 0.0 as T;
    for (let i = w - 1; i >= 0; i--) {
      y2[i][j] = (a7 * tp1 + a8 * tp2 + b1 * yp1 + b2 * yp2) as T;
      tp2 = tp1;
      tp1 = imgOut[i][j];
      yp2 = yp1;
      yp1 = y2[i][j];
    }
  }
  for (let i = 0; i < w; i++) {
    for (let j = 0; j < h; j++) imgOut[i][j] = (c2 * (y1[i][j] + y2[i][j])) as T;
  }
}
