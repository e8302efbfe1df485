/**
 * Arithmetic on dual numbers: a value, rounded as strict mode does, and in f64 its derivative along one direction
 * (forward-mode differentiation as in Wengert, "A simple automatic derivative evaluation program", CACM 7 (1964)).
 *
 * The derivatives are written out here, apart from those that differentiation uses (ad/rules.ts): they check each other.
 *
 * - A derivative of zero adds nothing, whatever the partial derivative is: the square root of a constant 0 is constant.
 * - `min` and `max` have the derivative of the operand that they return, of the first where they are equal (as 0 and −0 are).
 * - `abs` and `hypot` have derivative 0 at 0, which is between their slopes.
 */
import { roundToHalf } from "./ir/half.ts";
import { libraryMath } from "./ir/library.ts";
import { type BinaryOp, isMath, type MathOp, type UnaryOp } from "./ir/ops.ts";

export class Dual {
  readonly v: number;
  readonly d: number;
  constructor(v: number, d: number) {
    this.v = v;
    this.d = d;
  }
}

const times = (d: number, partial: number): number => (d === 0 ? 0 : d * partial);

const isNaNBeside = (a: Dual, b: Dual): boolean => Number.isNaN(a.v) && !Number.isNaN(b.v);

const arithmetic = {
  of: (x: number) => new Dual(x, 0),
  /** Rounds to f32. */
  f32: (a: Dual) => new Dual(Math.fround(a.v), a.d),
  /** Rounds to f16. */
  f16: (a: Dual) => new Dual(roundToHalf(a.v), a.d),
  /** Rounds what it stores, and gives what it was given. */
  storeHalf(row: Dual[], at: number, x: Dual) {
    row[at] = arithmetic.f16(x);
    return x;
  },
  neg: (a: Dual) => new Dual(-a.v, -a.d),
  add: (a: Dual, b: Dual) => new Dual(a.v + b.v, a.d + b.d),
  sub: (a: Dual, b: Dual) => new Dual(a.v - b.v, a.d - b.d),
  mul: (a: Dual, b: Dual) => new Dual(a.v * b.v, times(a.d, b.v) + times(b.d, a.v)),
  div(a: Dual, b: Dual) {
    const r = a.v / b.v;
    return new Dual(r, times(a.d, 1 / b.v) - times(b.d, r / b.v));
  },
  rem: (a: Dual, b: Dual) => new Dual(a.v % b.v, a.d - times(b.d, Math.trunc(a.v / b.v))),
  min: (a: Dual, b: Dual) => new Dual(Math.min(a.v, b.v), b.v < a.v || isNaNBeside(b, a) ? b.d : a.d),
  max: (a: Dual, b: Dual) => new Dual(Math.max(a.v, b.v), b.v > a.v || isNaNBeside(b, a) ? b.d : a.d),
};

/** A number, array of numbers, or array of arrays, as the printed code has it. */
type Value = Dual | number | boolean | ArrayLike<Value>;
const isList = (x: Value): x is ArrayLike<Value> => typeof x === "object" && !(x instanceof Dual);
/** The value, its floats made anew by `f`. */
const mapDuals = (x: Value, f: (x: Dual) => Dual): Value =>
  x instanceof Dual ? f(x) : Array.isArray(x) ? x.map((e: Value) => mapDuals(e, f)) : x;
const numberIn = (x: Value): number => (x instanceof Dual ? x.v : Number(x));

/** Σ tangent · adjoint over all floats. */
function alongAdjoint(x: Value, adjoint: Value): number {
  if (!isList(x)) return x instanceof Dual ? times(x.d, numberIn(adjoint)) : 0;
  return Array.from(x).reduce(
    (sum: number, e, i) => sum + alongAdjoint(e, (adjoint as ArrayLike<Value>)[i] as Value),
    0,
  );
}

/**
 * A function that says itself what its derivative is: by an adjoint, which takes the arguments, the result, the result's
 * adjoint, and an array to add to for each array of floats; it returns the adjoints of scalars.
 */
function custom(
  value: (...args: Value[]) => Value,
  adjoint: (...args: Value[]) => Value | undefined,
  args: readonly Value[],
  arrays: readonly boolean[],
): Dual {
  const still = args.map((a) => mapDuals(a, (x) => new Dual(x.v, 0)));
  const r = numberIn(value(...still));
  const adjoints = args.filter((_, k) => arrays[k]).map((a) => mapDuals(a, () => new Dual(0, 0)));
  const products = adjoint(...still, new Dual(r, 0), new Dual(1, 0), ...adjoints) ?? [];
  const scalars = args.filter((a) => a instanceof Dual);
  const ofScalars = alongAdjoint(scalars, isList(products) ? products : [products]);
  return new Dual(
    r,
    ofScalars +
      alongAdjoint(
        args.filter((_, k) => arrays[k]),
        adjoints,
      ),
  );
}

type MathUnary = Extract<MathOp, UnaryOp> | "sqrt" | "abs";
type MathBinary = Extract<MathOp, BinaryOp>;

/** ∂r/∂x of r = f(x). */
const unaryPartials: Readonly<Record<MathUnary, (x: number) => number>> = {
  abs: Math.sign,
  sqrt: (x) => 0.5 / Math.sqrt(x),
  cbrt: (x) => 1 / (3 * Math.cbrt(x) ** 2),
  exp: Math.exp,
  expm1: Math.exp,
  log: (x) => (x < 0 ? Number.NaN : 1 / x),
  log2: (x) => (x < 0 ? Number.NaN : Math.LOG2E / x),
  log10: (x) => (x < 0 ? Number.NaN : Math.LOG10E / x),
  log1p: (x) => (x < -1 ? Number.NaN : 1 / (1 + x)),
  sin: Math.cos,
  cos: (x) => -Math.sin(x),
  tan: (x) => 1 / Math.cos(x) ** 2,
  asin: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
  acos: (x) => -1 / Math.sqrt((1 - x) * (1 + x)),
  atan: (x) => 1 / (1 + x * x),
  sinh: Math.cosh,
  cosh: Math.sinh,
  tanh: (x) => 1 / Math.cosh(x) ** 2,
  asinh: (x) => 1 / Math.hypot(1, x),
  acosh: (x) => 1 / Math.sqrt((x - 1) * (x + 1)),
  atanh: (x) => (Math.abs(x) > 1 ? Number.NaN : 1 / ((1 - x) * (1 + x))),
};

/** The derivative of r = f(a, b), where r is given. */
const binaryDerivatives: Readonly<Record<MathBinary, (a: Dual, b: Dual, r: number) => number>> = {
  pow(a, b, r) {
    const byBase = b.v === 0 ? 0 : b.v * a.v ** (b.v - 1);
    const byExponent = a.v === 0 ? 0 : r * Math.log(a.v);
    return times(a.d, byBase) + times(b.d, byExponent);
  },
  atan2(a, b) {
    const h = Math.hypot(a.v, b.v);
    return times(a.d, b.v / h / h) - times(b.d, a.v / h / h);
  },
  hypot(a, b) {
    const h = Math.hypot(a.v, b.v);
    return h === 0 ? 0 : times(a.d, a.v / h) + times(b.d, b.v / h);
  },
};

/** What the JavaScript of frontend/js-dual.ts calls: operations by name, those of the math library in f32 by C's names. */
export function dualOperations(): Readonly<Record<string, (...args: never[]) => Dual>> {
  const operations: Record<string, (...args: never[]) => Dual> = { ...arithmetic, custom };
  for (const [op, partial] of Object.entries(unaryPartials)) {
    for (const [name, value] of valuesOf(op as MathUnary)) {
      operations[name] = (a: Dual) => new Dual(value(a.v), times(a.d, partial(a.v)));
    }
  }
  for (const [op, derivative] of Object.entries(binaryDerivatives)) {
    for (const [name, value] of valuesOf(op as MathBinary)) {
      operations[name] = (a: Dual, b: Dual) => {
        const r = value(a.v, b.v);
        return new Dual(r, derivative(a, b, r));
      };
    }
  }
  return operations;
}

type NumberFunction = (...x: number[]) => number;

/** What computes the values of an operation, by the operation's names. */
function valuesOf(op: MathUnary | MathBinary): readonly (readonly [string, NumberFunction])[] {
  if (!isMath(op)) return [[op, Math[op]]];
  return [op, `${op}f`].map((name) => [name, libraryMath()[name] as NumberFunction]);
}
