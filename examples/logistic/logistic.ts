import type { bool, real } from "tsgpu";

/** How much speaks for class 1: log(p / (1 − p)) of its probability p. */
function score(w: readonly real[], b: real, x: readonly real[]): real {
  let sum = b;
  for (let j = 0; j < w.length; j++) sum += w[j] * x[j];
  return sum;
}

/** log(1 + exp(z)), where exp(z) may overflow. Either branch has the right derivative at 0 as well; max and abs would not. */
function softplus(z: real): real {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}

/**
 * Logistic regression's loss: the mean of −log(probability of the class that a sample has), and decay/2 · |w|².
 *
 * Shapes: w[features], x[samples][features], y[samples], which is 1 in class 1 and 0 in class 0.
 */
export function loss(w: readonly real[], b: real, x: readonly real[][], y: readonly real[], decay: real): real {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const z = score(w, b, x[i]);
    sum += softplus(z) - y[i] * z;
  }
  let square = 0;
  for (let j = 0; j < w.length; j++) square += w[j] * w[j];
  return sum / x.length + 0.5 * decay * square;
}

/** The classes that the model would give; shapes as in `loss`. */
export function classify(w: readonly real[], b: real, x: readonly real[][], inClass1: bool[]): void {
  for (let i = 0; i < x.length; i++) inClass1[i] = score(w, b, x[i]) > 0;
}
