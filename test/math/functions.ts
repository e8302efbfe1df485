/** The functions of `kernels/math` that are measured: what MPFR calls them, and where each is interesting. */
import type { FloatType } from "./mpfr.ts";

export interface FunctionInfo {
  /** C's name for f64, which is also MPFR's; f32's ends in `f`. */
  readonly name: string;
  readonly arity: 1 | 2;
  /** Arguments are drawn uniformly from these; of two arguments, both. */
  readonly intervals: (type: FloatType) => readonly (readonly [lo: number, hi: number])[];
  /** Zeros, poles, ends of domains, thresholds of overflow and underflow: arguments are drawn from close by. */
  readonly hard: (type: FloatType) => readonly number[];
  /** Arguments close to multiples of pi/2 are hard. */
  readonly periodic?: true;
  /** Where JavaScript has another value than C and MPFR. */
  readonly javascript?: (x: number, y: number) => number | undefined;
}

/** Arguments where exp(x) overflows, ends to be normal, and rounds to zero. */
const expLimits = {
  f64: [709.782712893384, -708.3964185322641, -745.1332191019412],
  f32: [88.72283905206835, -87.3365447505531, -103.97207708399179],
} as const;
/** As f64's, where `x` scales as the type's exponents do. */
const scaled = (type: FloatType, ...xs: readonly number[]): readonly number[] =>
  type === "f64" ? xs : xs.map((x) => (x * 128) / 1024);
const always =
  <T>(value: T): (() => T) =>
  () =>
    value;

const exponential = (name: string): FunctionInfo => ({
  name,
  arity: 1,
  intervals: (type) => [[-1, 1], [-20, 20], type === "f64" ? [-746, 710] : [-104, 89]],
  hard: (type) => [0, ...expLimits[type]],
});
const hyperbolic = (name: string): FunctionInfo => ({
  name,
  arity: 1,
  intervals: (type) => [[-1, 1], [-25, 25], type === "f64" ? [-711, 711] : [-90, 90]],
  // sinh and cosh overflow at the logarithm of twice the largest float.
  hard: (type) => [
    0,
    22,
    ...(type === "f64" ? [709.782712893384, 710.4758600739439] : [88.72283905206835, 89.41598629223294]),
  ],
});
const logarithm = (name: string): FunctionInfo => ({
  name,
  arity: 1,
  intervals: always([
    [0.5, 2],
    [0, 10],
    [0, 1e6],
  ]),
  hard: always([0, 1, Math.SQRT1_2, Math.SQRT2, 2, 10, 1000, 1e22]),
});
const trigonometric = (name: string): FunctionInfo => ({
  name,
  arity: 1,
  intervals: always([
    [-0.8, 0.8],
    [-7, 7],
    [-1000, 1000],
    [-1e6, 1e6],
    [-1e10, 1e10],
  ]),
  hard: always([0, Math.PI / 4, (3 * Math.PI) / 4]),
  periodic: true,
});
const ofUnitInterval = (name: string): FunctionInfo => ({
  name,
  arity: 1,
  intervals: always([
    [-1, 1],
    [-0.01, 0.01],
  ]),
  hard: always([0, 0.5, -0.5, Math.SQRT1_2, 1, -1]),
});

export const functions: readonly FunctionInfo[] = [
  exponential("exp"),
  exponential("expm1"),
  logarithm("log"),
  logarithm("log2"),
  logarithm("log10"),
  {
    name: "log1p",
    arity: 1,
    intervals: always([
      [-1, 1],
      [-0.01, 0.01],
      [-1, 1e6],
    ]),
    hard: always([0, -1, -0.5, 1, Math.SQRT2 - 1, Math.SQRT1_2 - 1]),
  },
  {
    name: "pow",
    arity: 2,
    intervals: always([
      [-10, 10],
      [0, 2],
      [-300, 300],
    ]),
    // The largest odd integer, the largest half, and integers past 32 bits.
    hard: (type) => [
      3,
      -3,
      0.75,
      2 ** 31,
      ...(type === "f64" ? [2 ** 53 - 1, 2 ** 52 - 0.5, 2 ** 32 + 1] : [2 ** 24 - 1, 2 ** 23 - 0.5]),
    ],
    javascript: (x, y) => (Number.isNaN(y) || (Math.abs(x) === 1 && !Number.isFinite(y)) ? Number.NaN : undefined),
  },
  trigonometric("sin"),
  trigonometric("cos"),
  trigonometric("tan"),
  ofUnitInterval("asin"),
  ofUnitInterval("acos"),
  {
    name: "atan",
    arity: 1,
    intervals: always([
      [-1, 1],
      [-10, 10],
      [-1000, 1000],
    ]),
    hard: always([0, 7 / 16, 11 / 16, 1, Math.SQRT2 - 1, Math.SQRT2 + 1, 19 / 16, 39 / 16]),
  },
  {
    name: "atan2",
    arity: 2,
    intervals: always([
      [-1, 1],
      [-10, 10],
      [0, 1e6],
    ]),
    hard: always([3, -3, 0.75]),
  },
  hyperbolic("sinh"),
  hyperbolic("cosh"),
  hyperbolic("tanh"),
  {
    name: "asinh",
    arity: 1,
    intervals: always([
      [-1, 1],
      [-10, 10],
      [-1e6, 1e6],
    ]),
    hard: always([0, 1, 2, 2 ** 28]),
  },
  {
    name: "acosh",
    arity: 1,
    intervals: always([
      [1, 2],
      [1, 10],
      [1, 1e6],
    ]),
    hard: always([1, 2, 2 ** 28]),
  },
  ofUnitInterval("atanh"),
  {
    name: "cbrt",
    arity: 1,
    intervals: always([
      [-1, 1],
      [-10, 10],
      [-1e6, 1e6],
    ]),
    hard: always([0, 1, 8, 27, 1e9]),
  },
  {
    name: "hypot",
    arity: 2,
    intervals: always([
      [-1, 1],
      [-10, 10],
      [0, 1e6],
    ]),
    // Squares overflow and underflow from here on.
    hard: (type) => scaled(type, 512, -512, -537).map((e) => 2 ** e),
  },
  {
    name: "sqrt",
    arity: 1,
    intervals: always([
      [0, 1],
      [0, 10],
      [0, 1e6],
    ]),
    hard: always([0, 1, 4]),
  },
];

/** The function and type that a name of `kernels/math` means: `expf` is f32's `exp`. */
export function findFunction(name: string): { readonly info: FunctionInfo; readonly type: FloatType } | undefined {
  for (const type of ["f64", "f32"] as const) {
    const info = functions.find((f) => name === (type === "f64" ? f.name : `${f.name}f`));
    if (info !== undefined) return { info, type };
  }
  return undefined;
}
