/** Random numbers that are the same for the same seed. */
import { zeros } from "tsgpu";
import type { Weights } from "./optimisers.ts";

export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** With mean 0 and variance 1. */
  normal(): number;
  /** An integer from 0 to n − 1. */
  below(n: number): number;
}

/** xorshift32 (Marsaglia, 2003); normal numbers by Box and Muller (1958). */
export function randomNumbers(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    below: (n) => Math.floor(n * uniform()),
  };
}

/** First weights of a layer with `shape[0]` inputs, so that its sums have the variance of the inputs. */
export function layer(random: Random, dtype: "f64" | "f32", shape: readonly [number, number]): Weights {
  const W = zeros(dtype, shape);
  for (let i = 0; i < W.data.length; i++) W.data[i] = random.normal() / Math.sqrt(shape[0]);
  return W;
}
