/**
 * Arguments to measure a function at: edges, and an endless seeded stream of uniform bit patterns, uniform values, and
 * values close to the hard places of the function; and points close to a given one.
 */
import { randomOf } from "../passes/random-ir.ts";
import type { FunctionInfo } from "./functions.ts";
import type { FloatType } from "./mpfr.ts";

const formats = {
  f64: { bits: 53, minExponent: -1022, maxExponent: 1023, max: Number.MAX_VALUE },
  f32: { bits: 24, minExponent: -126, maxExponent: 127, max: 2 ** 128 - 2 ** 104 },
} as const;

const rounded = (x: number, type: FloatType): number => (type === "f64" ? x : Math.fround(x));

const view = new DataView(new ArrayBuffer(8));

/** The float `n` steps away from zero (towards it for n < 0), past zero and infinity too. */
function step(x: number, n: number, type: FloatType): number {
  if (type === "f32") {
    view.setFloat32(0, x);
    view.setInt32(0, view.getInt32(0) + n);
    return view.getFloat32(0);
  }
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(n));
  return view.getFloat64(0);
}

const withSigns = (xs: readonly number[]): readonly number[] => xs.flatMap((x) => [x, -x]);

/** Special values, ends of ranges, and the hard places, each with its neighbours; of two arguments, all pairs. Of one, y is 1. */
export function edges(info: FunctionInfo, type: FloatType): readonly (readonly [x: number, y: number])[] {
  const { bits, minExponent, max } = formats[type];
  const normal = 2 ** minExponent;
  const least = 2 ** (minExponent - bits + 1);
  const ends = [
    0,
    Infinity,
    least,
    2 * least,
    normal - least,
    normal,
    max,
    0.5,
    1,
    1 + 2 ** (1 - bits),
    1 - 2 ** -bits,
  ];
  const values = [Number.NaN, ...withSigns([...ends, 1.5, 2]), ...info.hard(type).map((x) => rounded(x, type))];
  if (info.arity === 2) return values.flatMap((x) => values.map((y) => [x, y] as const));
  return values.flatMap((x) =>
    Number.isFinite(x) ? [-2, -1, 0, 1, 2].map((n) => [step(x, n, type), 1] as const) : [[x, 1] as const],
  );
}

/** Random floats of one type. */
class Draw {
  readonly type: FloatType;
  private readonly next: (n: number) => number;

  constructor(type: FloatType, seed: number) {
    this.type = type;
    this.next = randomOf(seed);
  }

  integer(lo: number, hi: number): number {
    return lo + this.next(hi - lo + 1);
  }
  one<T>(of: readonly T[]): T {
    return of[this.next(of.length)] as T;
  }
  /** In [0, 1), with all bits of the type. */
  unit(): number {
    return (this.next(2 ** 21) * 2 ** 32 + this.next(2 ** 32)) * 2 ** -53;
  }
  within([lo, hi]: readonly [number, number]): number {
    return rounded(lo + (hi - lo) * this.unit(), this.type);
  }
  /** Any bit pattern, NaN and infinities now and then. */
  bits(): number {
    view.setUint32(0, this.next(2 ** 32));
    view.setUint32(4, this.next(2 ** 32));
    return this.type === "f64" ? view.getFloat64(0) : view.getFloat32(0);
  }
  sign(): number {
    return this.next(2) === 0 ? 1 : -1;
  }
  /** ±2 ** k or a number above it in its binade. */
  ofExponent(lo: number, hi: number): number {
    const scale = 2 ** this.integer(lo, hi);
    return rounded(this.sign() * (this.next(4) === 0 ? 1 : 1 + this.unit()) * scale, this.type);
  }
  /** Off from `x` by up to 2 ** -k of it, or a few steps. */
  near(x: number): number {
    const { bits, minExponent, maxExponent } = formats[this.type];
    if (x === 0) return this.ofExponent(minExponent - bits + 1, 0);
    if (!Number.isFinite(x)) return this.ofExponent(maxExponent - 40, maxExponent);
    if (this.next(4) === 0) return step(rounded(x, this.type), this.integer(-4, 4), this.type);
    return rounded(x * (1 + this.sign() * this.unit() * 2 ** -this.integer(0, bits)), this.type);
  }
}

/** Pi times 2 ** bits, by Machin's formula. */
function scaledPi(bits: number): bigint {
  const guard = BigInt(bits + 20);
  const arctan = (inverse: bigint): bigint => {
    let power = (1n << guard) / inverse;
    let sum = power;
    for (let k = 3n, sign = -1n; power > 0n; k += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += (sign * power) / k;
    }
    return sum;
  };
  return (4n * (4n * arctan(5n) - arctan(239n))) >> 20n;
}

/**
 * Floats from 1 on that are the closest of their binade to a multiple of pi/2, or nearly: denominators of the convergents
 * of 2 ** e / (pi/2) that fit the type (W. Kahan, "Minimizing q*m - n", 1983).
 */
export function nearQuarterTurns(type: FloatType): readonly number[] {
  const { bits, maxExponent } = formats[type];
  const precision = maxExponent + 4 * bits;
  const pi = scaledPi(precision);
  const limit = 1n << BigInt(bits);
  const found: number[] = [];
  for (let e = 1 - bits; e <= maxExponent - bits + 1; e++) {
    const whole = pi << BigInt(Math.max(-e, 0));
    let [a, b] = [whole, (1n << BigInt(precision + 1 + Math.max(e, 0))) % whole];
    let [before, q] = [0n, 1n];
    while (b !== 0n) {
      const next = (a / b) * q + before;
      if (next >= limit) break;
      [a, b] = [b, a % b];
      [before, q] = [q, next];
    }
    for (const denominator of before === 0n ? [q] : [before, q]) {
      found.push(Number(denominator * ((limit - 1n) / denominator)) * 2 ** e);
    }
  }
  return found;
}

/** Where the next point comes from; both write its arguments into `to`. */
export interface Points {
  readonly next: (to: Float64Array) => void;
  /** Close to `at`: what a function does worst, it does in regions. */
  readonly near: (at: readonly number[], to: Float64Array) => void;
}

export function pointsOf(info: FunctionInfo, type: FloatType, seed: number): Points {
  const draw = new Draw(type, seed);
  const near: Points["near"] = (at, to) => {
    // One argument alone half of the time, where there are two.
    const only = draw.integer(0, 3);
    for (const [k, x] of at.entries()) to[k] = at.length === 2 && only === k ? x : draw.near(x);
  };
  if (info.arity === 1) {
    const one = oneArgument(info, draw);
    return {
      near,
      next(to) {
        to[0] = one();
      },
    };
  }
  const two = twoArguments(info, draw);
  return { near, next: (to) => to.set(two()) };
}

type Pair = readonly [x: number, y: number];

function oneArgument(info: FunctionInfo, draw: Draw): () => number {
  const { minExponent, maxExponent } = formats[draw.type];
  const intervals = info.intervals(draw.type);
  const hard = info.hard(draw.type);
  const turns = info.periodic === true ? nearQuarterTurns(draw.type) : undefined;
  return () => {
    const kind = draw.integer(0, 15);
    if (kind < 4) return draw.bits();
    if (kind < 10) return draw.within(draw.one(intervals));
    if (kind === 10)
      return step(draw.sign() * 2 ** draw.integer(minExponent, maxExponent), draw.integer(-1, 1), draw.type);
    if (turns !== undefined && kind < 13) return draw.sign() * step(draw.one(turns), draw.integer(-1, 1), draw.type);
    if (turns !== undefined && kind === 13) return draw.near((draw.integer(-2000, 2000) * Math.PI) / 2);
    return draw.near(draw.one(hard));
  };
}

function twoArguments(info: FunctionInfo, draw: Draw): () => Pair {
  const { type } = draw;
  const { bits, minExponent, maxExponent } = formats[type];
  const intervals = info.intervals(type);
  const least = minExponent - bits + 1;
  const own = info.name === "pow" ? powPair : planePair;
  return () => {
    const kind = draw.integer(0, 7);
    if (kind === 0) return [draw.bits(), draw.bits()];
    if (kind < 3) return [draw.within(draw.one(intervals)), draw.within(draw.one(intervals))];
    return own();
  };

  /** Powers of every size: the exponent of the result is drawn, and y follows from x. */
  function powPair(): Pair {
    const kind = draw.integer(0, 4);
    if (kind === 0) return [draw.within([-100, 100]), draw.integer(-100, 100) / draw.one([1, 1, 2])];
    if (kind === 1) return [draw.integer(-30, 30), draw.integer(-60, 60) / draw.one([1, 1, 2, 4])];
    const x = kind === 2 ? Math.abs(draw.bits()) : draw.near(1);
    const result =
      draw.integer(0, 2) === 0
        ? draw.one([maxExponent + 1, minExponent, least, least - 1]) + draw.sign() * 2 ** -draw.integer(0, 40)
        : (maxExponent - least + 6) * draw.unit() + least - 3;
    const log2 = Math.abs(x - 1) < 0.5 ? Math.log1p(x - 1) / Math.LN2 : Math.log2(x);
    return [x, rounded(result / log2, type)];
  }

  /** Points of the plane in all quadrants: of close and of very different coordinates, tiny and huge. */
  function planePair(): Pair {
    const kind = draw.integer(0, 4);
    if (kind === 0)
      return [draw.ofExponent(maxExponent - 2, maxExponent), draw.ofExponent(maxExponent - 60, maxExponent)];
    if (kind === 1) return [draw.ofExponent(least, minExponent + 3), draw.ofExponent(least, minExponent + 60)];
    const x = draw.ofExponent(least, maxExponent);
    if (kind === 2) return [x, draw.sign() * draw.near(x)];
    if (kind === 3) return [x, rounded(x * draw.ofExponent(-60, 60), type)];
    // A quotient near the smallest floats.
    return [rounded(x * draw.ofExponent(least - 2, minExponent + 2), type), x];
  }
}
