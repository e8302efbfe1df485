import type { real } from "tsgpu";
import { zeros } from "tsgpu/kernel";

function sigmoid(x: real): real {
  return 1 / (1 + Math.exp(-x));
}

/**
 * A long short-term memory layer (Hochreiter and Schmidhuber, 1997; with forget gates) over time, for a batch of sequences.
 * At each step t, from the state h[t], c[t]:
 *
 *   gates = x[t] W + h[t] U + bias, cut into i, f, g, o
 *   c[t + 1] = σ(f) c[t] + σ(i) tanh(g)
 *   h[t + 1] = σ(o) tanh(c[t + 1])
 *
 * Shapes: x[steps][batch][inputs], W[inputs][4 · units], U[units][4 · units], bias[4 · units],
 * h and c [steps + 1][batch][units]; h[0] and c[0] are the state before the first step.
 */
export function lstm(
  x: readonly real[][][],
  W: readonly real[][],
  U: readonly real[][],
  bias: readonly real[],
  h: real[][][],
  c: real[][][],
): void {
  const steps = x.length,
    batch = x[0].length,
    inputs = x[0][0].length;
  const units = U.length;
  const gates = zeros("real", 4 * units);
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < 4 * units; j++) gates[j] = bias[j];
      for (let k = 0; k < inputs; k++) {
        for (let j = 0; j < 4 * units; j++) gates[j] += x[t][b][k] * W[k][j];
      }
      for (let k = 0; k < units; k++) {
        for (let j = 0; j < 4 * units; j++) gates[j] += h[t][b][k] * U[k][j];
      }
      for (let u = 0; u < units; u++) {
        const input = sigmoid(gates[u]);
        const forget = sigmoid(gates[units + u]);
        const candidate = Math.tanh(gates[2 * units + u]);
        const output = sigmoid(gates[3 * units + u]);
        const cell = forget * c[t][b][u] + input * candidate;
        c[t + 1][b][u] = cell;
        h[t + 1][b][u] = output * Math.tanh(cell);
      }
    }
  }
}
