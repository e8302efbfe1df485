import type { real } from "tsgpu";
import { zeros } from "tsgpu/kernel";
import { lstm } from "./lstm.ts";

/**
 * The mean squared error of an LSTM that gives one number for each sequence: out · h + shift of its last state h.
 *
 * Shapes: as in `lstm`; out[units], x[steps][batch][inputs], y[batch].
 */
export function loss(
  W: readonly real[][],
  U: readonly real[][],
  bias: readonly real[],
  out: readonly real[],
  shift: real,
  x: readonly real[][][],
  y: readonly real[],
): real {
  const steps = x.length,
    batch = y.length,
    units = out.length;
  const h = zeros("real", steps + 1, batch, units),
    c = zeros("real", steps + 1, batch, units);
  lstm(x, W, U, bias, h, c);
  let sum = 0;
  for (let b = 0; b < batch; b++) {
    let error = shift - y[b];
    for (let u = 0; u < units; u++) error += out[u] * h[steps][b][u];
    sum += error * error;
  }
  return sum / batch;
}
