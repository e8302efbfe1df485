/** What turns gradients into steps: plain TypeScript on the numbers of the parameters. */
import type { NdArray } from "tsgpu";

/** A trained array, of `real` elements. */
export type Weights = NdArray<"f64" | "f32">;
/** What is trained, by the names that the kernel gives it. Arrays are changed in place, numbers replaced. */
export type Parameters = Record<string, Weights | number>;

/** Takes one step down the gradients, which have the names of the parameters. */
export type Optimiser = (parameters: Parameters, gradients: Readonly<Parameters>) => void;

/** Gradient descent with momentum (Polyak, 1964): v := momentum · v − rate · g; p := p + v. */
export function momentum({ rate = 0.1, momentum = 0.9 } = {}): Optimiser {
  const velocity = memory();
  return (parameters, gradients) => {
    update(parameters, gradients, (name, p, g) => {
      const v = velocity(name, p.length);
      for (let i = 0; i < p.length; i++) {
        v[i] = momentum * v[i]! - rate * g[i]!;
        p[i]! += v[i]!;
      }
    });
  };
}

/** Adam (Kingma and Ba, 2015, algorithm 1): steps of about `rate`, whatever the gradient's size. */
export function adam({ rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Optimiser {
  const mean = memory(),
    square = memory();
  // β1ᵗ and β2ᵗ: how much of the means is still their start at zero.
  let start1 = 1,
    start2 = 1;
  return (parameters, gradients) => {
    start1 *= beta1;
    start2 *= beta2;
    update(parameters, gradients, (name, p, g) => {
      const m = mean(name, p.length),
        s = square(name, p.length);
      for (let i = 0; i < p.length; i++) {
        m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
        s[i] = beta2 * s[i]! + (1 - beta2) * g[i]! * g[i]!;
        p[i]! -= (rate * (m[i]! / (1 - start1))) / (Math.sqrt(s[i]! / (1 - start2)) + epsilon);
      }
    });
  };
}

type Numbers = Weights["data"] | number[];
type Rule = (name: string, p: Numbers, g: Numbers) => void;

function update(parameters: Parameters, gradients: Readonly<Parameters>, rule: Rule): void {
  for (const [name, p] of Object.entries(parameters)) {
    const g = gradients[name];
    if (typeof p === "number") {
      const one = [p];
      rule(name, one, [g as number]);
      parameters[name] = one[0]!;
    } else {
      rule(name, p.data, (g as Weights).data);
    }
  }
}

/** Zeros for each parameter, kept from step to step. */
function memory(): (name: string, length: number) => Float64Array {
  const kept = new Map<string, Float64Array>();
  return (name, length) => {
    const found = kept.get(name) ?? new Float64Array(length);
    kept.set(name, found);
    return found;
  };
}
