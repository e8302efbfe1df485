/** The programs under examples/, each with inputs of several small sizes, which tests run, and one for benchmarks. */

export interface Program {
  readonly name: string;
  readonly file: URL;
  /** Calls functions that IEEE 754 does not round exactly. */
  readonly transcendental: boolean;
  readonly calls: readonly Call[];
  /** A call that takes tens of milliseconds. */
  readonly large: Call;
}

/** One call: `args` makes the arguments anew, arrays as rows of typed arrays. */
export interface Call {
  readonly kernel: string;
  readonly what: string;
  args(): readonly unknown[];
}

const file = (path: string): URL => new URL(`../examples/${path}`, import.meta.url);
const fill = (n: number, f: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => f(i));
/** Integers from 0 to below `n`, the same for the same seed (a linear congruential generator, Numerical Recipes). */
function randomOf(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
/** Numbers from −1 to 1. */
const noise = (seed: number): (() => number) => {
  const random = randomOf(seed);
  return () => random(2 ** 20) / 2 ** 19 - 1;
};
const rows = (n: number, m: number, f: () => number): Float64Array[] => Array.from({ length: n }, () => fill(m, f));
const cube = (a: number, b: number, c: number, f: () => number): Float64Array[][] =>
  Array.from({ length: a }, () => rows(b, c, f));

/** `factors` are exact whatever the platform's sines are: they are the same numbers everywhere. */
function fft(n: number): Call {
  return {
    kernel: "fft",
    what: `n = ${n}`,
    args() {
      const f = noise(n);
      const half = Math.floor(n / 2);
      const angle = (k: number): number => (2 * Math.PI * k) / n;
      return [fill(n, f), fill(n, f), fill(half, (k) => Math.cos(angle(k))), fill(half, (k) => Math.sin(angle(k)))];
    },
  };
}

const bodies = (n: number): object[] => {
  const f = noise(n + 1);
  return Array.from({ length: n }, () => ({ x: f(), y: f(), z: f(), vx: f(), vy: f(), vz: f(), mass: 1 + f() / 2 }));
};

/** A symmetric matrix with a heavy diagonal: a band, and one far entry in each row. */
function sparse(n: number): readonly [Int32Array, Int32Array, Float64Array] {
  const start = [0];
  const columns: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < n; i++) {
    const near = [n - 1 - i, i - 1, i, i + 1].filter((j) => j >= 0 && j < n);
    for (const j of [...new Set(near)].sort((a, b) => a - b)) {
      columns.push(j);
      values.push(i === j ? 8 : -1 / (1 + Math.abs(i - j)));
    }
    start.push(columns.length);
  }
  return [Int32Array.from(start), Int32Array.from(columns), Float64Array.from(values)];
}

const letters = (n: number, seed: number): Int32Array => {
  const random = randomOf(seed);
  return Int32Array.from({ length: n }, () => random(4));
};
const scores = [3, -1, -2] as const;
const table = (n: number, m: number): Int32Array[] => Array.from({ length: n + 1 }, () => new Int32Array(m + 1));

const scoring = (n: number, m: number): Call => ({
  kernel: "score",
  what: `${n} against ${m}`,
  args: () => [letters(n, 1), letters(m, 2), table(n, m), ...scores],
});

/** The tracing back of an alignment whose scores are all 0 but along one diagonal. */
function traced(n: number): readonly unknown[] {
  const a = letters(n, 7);
  const H = table(n, n);
  for (let i = 1; i <= n; i++) (H[i] as Int32Array)[i] = 3 * i;
  const room = (): Int32Array => new Int32Array(2 * n);
  return [a, a.slice(), H, { score: 3 * n, i: n, j: n }, ...scores, room(), room()];
}

const mandelbrot = (height: number, width: number): Call => ({
  kernel: "mandelbrot",
  what: `${height} × ${width}`,
  args: () => [Array.from({ length: height }, () => new Int32Array(width)), -2, 0.5, -1.1, 1.1, 100],
});

const lstm = (steps: number, batch: number, inputs: number, units: number): Call => ({
  kernel: "lstm",
  what: `${steps} steps, batch ${batch}, ${inputs} inputs, ${units} units`,
  args() {
    const f = noise(steps + units);
    const state = (): Float64Array[][] => cube(steps + 1, batch, units, () => 0);
    const weights = [rows(inputs, 4 * units, f), rows(units, 4 * units, f), fill(4 * units, f)];
    return [cube(steps, batch, inputs, f), ...weights, state(), state()];
  },
});

/** Training inputs: the losses of logistic regression, a perceptron and an LSTM, and what the first two say of samples. */
function logistic(kernel: "loss" | "classify", samples: number, features: number): Call {
  return {
    kernel,
    what: `${samples} samples, ${features} features`,
    args() {
      const f = noise(samples + features);
      const model = [fill(features, f), f(), rows(samples, features, f)];
      const bits = randomOf(samples);
      if (kernel === "classify") return [...model, new Uint8Array(samples)];
      return [...model, fill(samples, () => bits(2)), 0.01];
    },
  };
}

function perceptron(kernel: "loss" | "classify", samples: number, ...[inputs, h1, h2, classes]: Sizes): Call {
  return {
    kernel,
    what: `${samples} samples, ${inputs} to ${classes} over ${h1} and ${h2}`,
    args() {
      const f = noise(samples + h1);
      const layer = (n: number, m: number): unknown[] => [rows(n, m, f), fill(m, f)];
      const layers = [...layer(inputs, h1), ...layer(h1, h2), ...layer(h2, classes)];
      const label = randomOf(samples);
      return [...layers, rows(samples, inputs, f), Int32Array.from({ length: samples }, () => label(classes))];
    },
  };
}
type Sizes = readonly [inputs: number, h1: number, h2: number, classes: number];

const adding = (steps: number, batch: number, units: number): Call => ({
  kernel: "loss",
  what: `${steps} steps, batch ${batch}, ${units} units`,
  args() {
    const f = noise(steps + units);
    const weights = [rows(2, 4 * units, f), rows(units, 4 * units, f), fill(4 * units, f), fill(units, f), f()];
    return [...weights, cube(steps, batch, 2, f), fill(batch, f)];
  },
});

export const programs: readonly Program[] = [
  {
    name: "fft",
    file: file("fft/fft.ts"),
    transcendental: false,
    calls: [
      ...[1, 2, 8, 256].map(fft),
      {
        kernel: "magnitudes",
        what: "n = 20",
        args: () => [fill(20, noise(1)), fill(20, noise(2)), new Float64Array(20)],
      },
    ],
    large: fft(2 ** 19),
  },
  {
    name: "fft's factors",
    file: file("fft/fft.ts"),
    transcendental: true,
    calls: [1, 16].map((n) => ({
      kernel: "twiddles",
      what: `n = ${2 * n}`,
      args: () => [new Float64Array(n), new Float64Array(n)],
    })),
    large: {
      kernel: "twiddles",
      what: "n = 2000000",
      args: () => [new Float64Array(1_000_000), new Float64Array(1_000_000)],
    },
  },
  {
    name: "nbody",
    file: file("nbody/nbody.ts"),
    transcendental: false,
    calls: [0, 1, 2, 9].flatMap((n) => [
      { kernel: "advance", what: `${n} bodies`, args: () => [bodies(n), 0.01, 12] },
      { kernel: "energy", what: `${n} bodies`, args: () => [bodies(n)] },
    ]),
    large: { kernel: "advance", what: "1000 bodies", args: () => [bodies(1000), 1e-6, 10] },
  },
  {
    name: "spmv",
    file: file("spmv/spmv.ts"),
    transcendental: false,
    calls: [0, 1, 5, 60].flatMap((n) => [
      { kernel: "spmv", what: `n = ${n}`, args: () => [...sparse(n), fill(n, noise(n)), new Float64Array(n)] },
      {
        kernel: "solve",
        what: `n = ${n}`,
        args: () => [...sparse(n), fill(n, noise(n)), new Float64Array(n), 1e-9, 40],
      },
    ]),
    large: {
      kernel: "spmv",
      what: "n = 1000000",
      args: () => [...sparse(1_000_000), fill(1_000_000, noise(3)), new Float64Array(1_000_000)],
    },
  },
  {
    name: "smith-waterman",
    file: file("smith-waterman/align.ts"),
    transcendental: false,
    calls: [
      ...[
        [0, 0],
        [0, 3],
        [1, 1],
        [30, 41],
      ].map(([n = 0, m = 0]) => scoring(n, m)),
      ...[0, 1, 20].map((n) => ({ kernel: "trace", what: `${n} letters`, args: () => traced(n) })),
    ],
    large: scoring(1500, 2000),
  },
  {
    name: "mandelbrot",
    file: file("mandelbrot/mandelbrot.ts"),
    transcendental: false,
    calls: [
      [1, 1],
      [7, 5],
      [24, 32],
    ].map(([h = 0, w = 0]) => mandelbrot(h, w)),
    large: mandelbrot(400, 600),
  },
  {
    name: "lstm",
    file: file("lstm/lstm.ts"),
    transcendental: true,
    calls: [lstm(1, 1, 1, 1), lstm(3, 2, 4, 5), lstm(8, 3, 2, 16)],
    large: lstm(64, 16, 64, 64),
  },
  {
    name: "logistic",
    file: file("logistic/logistic.ts"),
    transcendental: true,
    calls: [logistic("loss", 1, 1), logistic("loss", 40, 5), logistic("classify", 40, 5)],
    large: logistic("loss", 500_000, 16),
  },
  {
    name: "mlp",
    file: file("mlp/mlp.ts"),
    transcendental: true,
    calls: [
      perceptron("loss", 1, 1, 1, 1, 1),
      perceptron("loss", 10, 3, 8, 5, 4),
      perceptron("classify", 10, 3, 8, 5, 4),
    ],
    large: perceptron("loss", 2000, 64, 128, 128, 10),
  },
  {
    name: "lstm's adding problem",
    file: file("lstm/adding.ts"),
    transcendental: true,
    calls: [adding(1, 1, 1), adding(5, 3, 4)],
    large: adding(100, 64, 32),
  },
];
