import type { f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";

const $table = [1, 2, 3];

/** Variables that hide what the JavaScript of target `node` needs under the same names. */
export function hide(Math: f64, tsgpu: f64[], $of: i32): f64 {
  const Float64Array = 2;
  let NaN = 3;
  const w = [1, 2];
  const z = zeros("f64", 2);
  z[0] = 0 / 0;
  NaN += 1;
  z[1] = $table[1];
  tsgpu[0] = Math + Float64Array + NaN;
  const { x, Infinity } = { x: 1, Infinity: 2 };
  return w[0] + z[1] + Infinity + x + ($of & 1023);
}
/** Names like those that the printed code makes up. */
export function $hide(_$Math: f64, $at: f64[]): f64 {
  let $size = 0;
  $at[$size++] += _$Math;
  return Math.abs(-1) * $at[0] + $size;
}
