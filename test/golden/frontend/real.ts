// options {"real":"f32"}
// not plain
import type { f64, real } from "tsgpu";
import { zeros } from "tsgpu/kernel";

export function blur(x: real[], factor: real, exact: f64): real {
  const t = zeros("real", x.length);
  for (let i = 0; i < x.length; i++) t[i] = x[i] * factor + 0.1;
  let sum: real = 0;
  for (let i = 0; i < x.length; i++) sum += t[i] * exact;
  return Math.sqrt(sum);
}
