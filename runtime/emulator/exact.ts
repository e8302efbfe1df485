/**
 * Floating-point arithmetic by whole numbers: slow, obvious, and right for every format, rounding mode, subnormal and
 * overflow. What the machine can do itself does not come here.
 *
 * Values of all formats are JavaScript numbers, since f64 holds every f16 and f32.
 */

/** To nearest with ties to even, towards zero, down, up. */
export type Rounding = "rn" | "rz" | "rm" | "rp";

export interface Format {
  /** Bits of the significand, with the leading one. */
  readonly precision: number;
  /** Exponent of the last bit of a subnormal. */
  readonly least: number;
  /** Exponent of the leading bit of the largest finite number. */
  readonly most: number;
}
export const f16: Format = { precision: 11, least: -24, most: 15 };
export const f32: Format = { precision: 24, least: -149, most: 127 };
export const f64: Format = { precision: 53, least: -1074, most: 1023 };

/** `(-1)^negative * significand * 2^exponent`; `sticky` says that the true value is a little larger in magnitude. */
interface Exact {
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
  readonly sticky?: boolean;
}

const view = new DataView(new ArrayBuffer(8));
export const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);
const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);
const zero = (negative: boolean): number => (negative ? -0 : 0);

/** A finite number, exactly. */
function decode(x: number): Exact {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const negative = bits >> 63n === 1n;
  if (biased === 0) return { negative, significand: fraction, exponent: -1074 };
  return { negative, significand: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** `significand * 2^exponent`, which f64 holds. */
function encode(significand: bigint, exponent: number): number {
  // Two steps: the power alone may be below what f64 holds.
  const half = exponent >> 1;
  return Number(significand) * 2 ** half * 2 ** (exponent - half);
}

function roundTo(format: Format, mode: Rounding, x: Exact): number {
  const { negative } = x;
  const sign = negative ? -1 : 1;
  const top = bitLength(x.significand) + x.exponent;
  const unit = Math.max(format.least, top - format.precision);
  const drop = unit - x.exponent;
  let kept = drop > 0 ? x.significand >> BigInt(drop) : x.significand << BigInt(-drop);
  const rest = drop > 0 ? x.significand - (kept << BigInt(drop)) : 0n;
  const half = drop > 0 ? 1n << BigInt(drop - 1) : 1n;
  const sticky = x.sticky === true;
  const inexact = rest !== 0n || sticky;
  const nearest = rest > half || (rest === half && (sticky || (kept & 1n) === 1n));
  const away = { rn: nearest, rz: false, rm: negative && inexact, rp: !negative && inexact }[mode];
  if (away) kept += 1n;
  if (bitLength(kept) + unit - 1 <= format.most) return sign * encode(kept, unit);
  const towardsZero = mode === "rz" || mode === (negative ? "rp" : "rm");
  if (!towardsZero) return sign * Number.POSITIVE_INFINITY;
  return sign * encode((1n << BigInt(format.precision)) - 1n, format.most - format.precision + 1);
}

/** A number in another format. */
export function round(format: Format, mode: Rounding, x: number): number {
  return Number.isFinite(x) && x !== 0 ? roundTo(format, mode, decode(x)) : x;
}

/** A whole number as a float. */
export function fromInteger(format: Format, mode: Rounding, n: bigint): number {
  if (n === 0n) return 0;
  return roundTo(format, mode, { negative: n < 0n, significand: n < 0n ? -n : n, exponent: 0 });
}

/** `a * b + c`, rounded once. */
export function fma(format: Format, mode: Rounding, a: number, b: number, c: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a * b + c;
  if (!Number.isFinite(c)) return c;
  const [x, y, z] = [decode(a), decode(b), decode(c)];
  const exponent = Math.min(x.exponent + y.exponent, z.exponent);
  const negative = x.negative !== y.negative;
  const product = (x.significand * y.significand) << BigInt(x.exponent + y.exponent - exponent);
  const addend = z.significand << BigInt(z.exponent - exponent);
  const sum = (negative ? -product : product) + (z.negative ? -addend : addend);
  // A sum of zero has the sign of both, or that of the rounding mode where they differ.
  if (sum === 0n) return zero(negative === z.negative ? negative : mode === "rm");
  return roundTo(format, mode, { negative: sum < 0n, significand: sum < 0n ? -sum : sum, exponent });
}

export function divide(format: Format, mode: Rounding, a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b) || a === 0 || b === 0) return a / b;
  const [x, y] = [decode(a), decode(b)];
  // Enough bits that the quotient has more than the format, even of a short dividend by a long divisor.
  const shift = 2 * format.precision + 64;
  const numerator = x.significand << BigInt(shift);
  const significand = numerator / y.significand;
  return roundTo(format, mode, {
    negative: x.negative !== y.negative,
    significand,
    exponent: x.exponent - y.exponent - shift,
    sticky: significand * y.significand !== numerator,
  });
}

export function squareRoot(format: Format, mode: Rounding, a: number): number {
  if (!Number.isFinite(a) || a <= 0) return Math.sqrt(a);
  const x = decode(a);
  // An even exponent, and enough bits that the root has more than the format.
  const shift = 128 + (x.exponent & 1);
  const radicand = x.significand << BigInt(shift);
  const significand = integerRoot(radicand);
  return roundTo(format, mode, {
    negative: false,
    significand,
    exponent: (x.exponent - shift) / 2,
    sticky: significand * significand !== radicand,
  });
}

/** The largest n whose square is at most `x`, by Newton's method from above. */
function integerRoot(x: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(x) / 2));
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Half precision from its bits. */
export function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25));
}

/** The bits of a number in half precision; every NaN is the canonical one. */
export function toHalf(mode: Rounding, x: number): number {
  if (Number.isNaN(x)) return 0x7fff;
  const rounded = round(f16, mode, x);
  const sign = isNegative(rounded) ? 0x8000 : 0;
  const magnitude = Math.abs(rounded);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const { significand, exponent } = decode(magnitude);
  return sign | ((exponent + 52 + 15) << 10) | Number((significand >> 42n) & 1023n);
}
