import type { i32, real } from "tsgpu";
import { stopGradient, zeros } from "tsgpu/kernel";

/** out := bias + x W */
function affine(x: readonly real[], W: readonly real[][], bias: readonly real[], out: real[]): void {
  for (let j = 0; j < out.length; j++) out[j] = bias[j];
  for (let k = 0; k < x.length; k++) {
    for (let j = 0; j < out.length; j++) out[j] += x[k] * W[k][j];
  }
}

function tanh(a: real[]): void {
  for (let j = 0; j < a.length; j++) a[j] = Math.tanh(a[j]);
}

/** scores := tanh(tanh(x W1 + b1) W2 + b2) W3 + b3, with both hidden layers kept. */
function network(
  W1: readonly real[][],
  b1: readonly real[],
  W2: readonly real[][],
  b2: readonly real[],
  W3: readonly real[][],
  b3: readonly real[],
  x: readonly real[],
  first: real[],
  second: real[],
  scores: real[],
): void {
  affine(x, W1, b1, first);
  tanh(first);
  affine(first, W2, b2, second);
  tanh(second);
  affine(second, W3, b3, scores);
}

/** −log of the probability that softmax gives to `label`. */
function crossEntropy(scores: readonly real[], label: i32): real {
  let top = scores[0];
  for (let j = 1; j < scores.length; j++) top = Math.max(top, scores[j]);
  // Keeps exp in range, and cancels out: as a constant it gives the same derivative for less.
  const shift = stopGradient(top);
  let sum = 0;
  for (let j = 0; j < scores.length; j++) sum += Math.exp(scores[j] - shift);
  return Math.log(sum) + shift - scores[label];
}

/**
 * The mean cross-entropy of a perceptron with two hidden layers of tanh.
 *
 * The layers of all samples stand in arrays, so that the gradient finds them there: of arrays for one sample, which the next one
 * overwrites, it would have to keep what is overwritten.
 *
 * Shapes: W1[inputs][h1], b1[h1], W2[h1][h2], b2[h2], W3[h2][classes], b3[classes]; x[samples][inputs], labels[samples], from
 * 0 to classes − 1.
 */
export function loss(
  W1: readonly real[][],
  b1: readonly real[],
  W2: readonly real[][],
  b2: readonly real[],
  W3: readonly real[][],
  b3: readonly real[],
  x: readonly real[][],
  labels: readonly i32[],
): real {
  const samples = x.length;
  const first = zeros("real", samples, b1.length),
    second = zeros("real", samples, b2.length),
    scores = zeros("real", samples, b3.length);
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    network(W1, b1, W2, b2, W3, b3, x[i], first[i], second[i], scores[i]);
    sum += crossEntropy(scores[i], labels[i]);
  }
  return sum / samples;
}

/** The label that is most probable to the network, for each sample; shapes as in `loss`. */
export function classify(
  W1: readonly real[][],
  b1: readonly real[],
  W2: readonly real[][],
  b2: readonly real[],
  W3: readonly real[][],
  b3: readonly real[],
  x: readonly real[][],
  labels: i32[],
): void {
  const first = zeros("real", b1.length),
    second = zeros("real", b2.length),
    scores = zeros("real", b3.length);
  for (let i = 0; i < x.length; i++) {
    network(W1, b1, W2, b2, W3, b3, x[i], first, second, scores);
    let best = 0;
    for (let j = 1; j < scores.length; j++) if (scores[j] > scores[best]) best = j;
    labels[i] = best;
  }
}
