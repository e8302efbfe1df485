/**
 * `tsgpu/kernel`: the kernel language's types, and its few helpers that are values, with plain JavaScript bodies.
 *
 * The compiler knows these functions by name and never reads their bodies; they are what a kernel file means when Node runs it as it stands.
 */
import type { f64, i32, ScalarName } from "./kernel-types.ts";

export type { bool, f32, f64, i32, index, real, ScalarName, u32 } from "./kernel-types.ts";

type NumberName = Exclude<ScalarName, "bool">;

/** Innermost rows: typed arrays, so that stores round and wrap as compiled code does. */
const rows: Record<ScalarName, (length: number) => ArrayLike<number> | boolean[]> = {
  f64: (length) => new Float64Array(length),
  f32: (length) => new Float32Array(length),
  i32: (length) => new Int32Array(length),
  u32: (length) => new Uint32Array(length),
  index: (length) => new Float64Array(length),
  real: (length) => new Float64Array(length),
  bool: (length) => new Array<boolean>(length).fill(false),
};

/**
 * A new local array of zeros (of `false` for `"bool"`), one size per axis, up to six.
 *
 * ```ts
 * const row = zeros("f64", n);
 * const tile = zeros("f32", n, m);
 * ```
 */
export function zeros(type: "bool", n: number): boolean[];
export function zeros(type: "bool", n: number, m: number): boolean[][];
export function zeros(type: "bool", a: number, b: number, c: number): boolean[][][];
export function zeros(type: "bool", a: number, b: number, c: number, d: number): boolean[][][][];
export function zeros(type: "bool", a: number, b: number, c: number, d: number, e: number): boolean[][][][][];
export function zeros(
  type: "bool",
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): boolean[][][][][][];
export function zeros(type: NumberName, n: number): number[];
export function zeros(type: NumberName, n: number, m: number): number[][];
export function zeros(type: NumberName, a: number, b: number, c: number): number[][][];
export function zeros(type: NumberName, a: number, b: number, c: number, d: number): number[][][][];
export function zeros(type: NumberName, a: number, b: number, c: number, d: number, e: number): number[][][][][];
export function zeros(
  type: NumberName,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): number[][][][][][];
export function zeros(type: ScalarName, ...sizes: number[]): unknown {
  const row = rows[type];
  if (row === undefined) throw new TypeError(`zeros: unknown element type "${type}"`);
  if (sizes.length < 1 || sizes.length > 6) throw new RangeError(`zeros: 1 to 6 sizes, not ${sizes.length}`);
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`zeros: ${size} is not a size`);
  }
  const build = (axis: number): unknown => {
    const length = sizes[axis]!;
    return axis === sizes.length - 1 ? row(length) : Array.from({ length }, () => build(axis + 1));
  };
  return build(0);
}

/** The value itself, which the derivative treats as a constant. */
export function stopGradient<T>(x: T): T {
  return x;
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
const [lowAt, highAt] = new Uint8Array(new Int32Array([1]).buffer)[0] === 1 ? ([0, 1] as const) : ([1, 0] as const);

/**
 * The upper 32 bits of a float: sign, eleven bits of exponent (biased by 1023), the first twenty of the fraction.
 *
 * ```ts
 * const exponent = ((highWord(x) >> 20) & 0x7ff) - 1023;
 * ```
 */
export function highWord(x: f64): i32 {
  double[0] = x;
  return words[highAt]!;
}

/** The lower 32 bits of a float: the last of its fraction. */
export function lowWord(x: f64): i32 {
  double[0] = x;
  return words[lowAt]!;
}

/**
 * The float of these 64 bits; what `highWord` and `lowWord` take apart.
 *
 * ```ts
 * const power = fromWords((n + 1023) << 20, 0); // 2 ** n, for n in [-1022, 1023]
 * ```
 */
export function fromWords(high: i32, low: i32): f64 {
  words[highAt] = high;
  words[lowAt] = low;
  return double[0]!;
}
