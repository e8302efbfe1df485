/**
 * `tsgpu/kernel`: the kernel language's types, and its few helpers that are values, with plain JavaScript bodies.
 *
 * The compiler knows these functions by name and never reads their bodies; they are what a kernel file means when Node runs it as it stands.
 */
import type { f32, f64, i32, index, ScalarName } from "./kernel-types.ts";

export type { bool, f16, f32, f64, i32, index, real, ScalarName, u32 } from "./kernel-types.ts";

type NumberName = Exclude<ScalarName, "bool">;

/** Where the engine has no Float16Array, rows of halves round to f32 alone. */
const Half: Float32ArrayConstructor =
  (globalThis as { readonly Float16Array?: Float32ArrayConstructor }).Float16Array ?? Float32Array;

/** Innermost rows: typed arrays, so that stores round and wrap as compiled code does. */
const rows: Record<ScalarName, (length: number) => ArrayLike<number> | boolean[]> = {
  f64: (length) => new Float64Array(length),
  f32: (length) => new Float32Array(length),
  f16: (length) => new Half(length),
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

/**
 * An array of zeros that a workgroup has to itself and its threads share: in the body of a `grid` loop, beside the loops over
 * `threads`. Its sizes are constants. Otherwise as `zeros`.
 *
 * ```ts
 * for (const b of grid(n)) {
 *   const tile = shared("f32", 16, 17);
 *   for (const [i, j] of threads(16, 16)) tile[i]![j] = b;
 * }
 * ```
 */
export const shared: typeof zeros = zeros;

/**
 * The indices from 0 up to a size, as a loop whose iterations are independent: they may run in any order, or at once. That is the
 * program's own word for it. No iteration touches an element that another one writes, but for updates by `op=` alone, which are
 * reductions: `hist[k] += w`, and `sum += x[i]` of a variable of outside. Two or three sizes give tuples, the last index fastest.
 *
 * ```ts
 * const sums = zeros("f64", n);
 * for (const i of parallel(n)) sums[i] = 2 * i;
 * for (const [i, j] of parallel(n, m)) sums[i] += i * j;
 * ```
 */
export function parallel(n: number): Iterable<index>;
export function parallel(n: number, m: number): Iterable<readonly [index, index]>;
export function parallel(n: number, m: number, k: number): Iterable<readonly [index, index, index]>;
export function parallel(...sizes: number[]): Iterable<index | readonly index[]> {
  return indices("parallel", sizes);
}

/**
 * The workgroups of a GPU kernel: a loop like `parallel`, whose body holds `shared` arrays and loops over `threads`. Of two or
 * three sizes the last one is the x axis: `for (const [by, bx] of grid(rows, columns))`.
 *
 * ```ts
 * const y = zeros("f64", n);
 * for (const b of grid(Math.ceil(n / 64))) {
 *   const tile = shared("f64", 64);
 *   for (const t of threads(64)) tile[t] = b + t;
 *   for (const t of threads(64)) if (b * 64 + t < n) y[b * 64 + t] = tile[63 - t]!;
 * }
 * ```
 */
export function grid(n: number): Iterable<index>;
export function grid(n: number, m: number): Iterable<readonly [index, index]>;
export function grid(n: number, m: number, k: number): Iterable<readonly [index, index, index]>;
export function grid(...sizes: number[]): Iterable<index | readonly index[]> {
  return indices("grid", sizes);
}

/**
 * The threads of a workgroup, inside a `grid` loop. Where the loop ends, all of them wait for each other: what one wrote there,
 * the others see in the next loop. Of two or three sizes the last one is the x axis, along which neighbours run together.
 *
 * ```ts
 * const y = zeros("f64", n, 128);
 * for (const b of grid(n))
 *   for (const [ty, tx] of threads(4, 32)) y[b]![ty * 32 + tx] = 1;
 * ```
 */
export function threads(n: number): Iterable<index>;
export function threads(n: number, m: number): Iterable<readonly [index, index]>;
export function threads(n: number, m: number, k: number): Iterable<readonly [index, index, index]>;
export function threads(...sizes: number[]): Iterable<index | readonly index[]> {
  return indices("threads", sizes);
}

/** In program order; a size below 0 gives none. */
function* indices(name: string, sizes: readonly number[]): Generator<index | readonly index[]> {
  if (sizes.length < 1 || sizes.length > 3) throw new RangeError(`${name}: 1 to 3 sizes, not ${sizes.length}`);
  for (const size of sizes) if (!Number.isInteger(size)) throw new RangeError(`${name}: ${size} is not a size`);
  const [n = 0, m = 1, k = 1] = sizes;
  for (let i = 0; i < n; i++) {
    if (sizes.length === 1) yield i;
    else for (let j = 0; j < m; j++) for (let l = 0; l < k; l++) yield sizes.length === 2 ? [i, j] : [i, j, l];
  }
}

/**
 * The value itself, which the derivative treats as a constant. Of a struct or tuple, that is every float in it.
 *
 * ```ts
 * const centred = x - stopGradient(x); // 0, with the derivative 1
 * ```
 */
export function stopGradient<T>(x: T): T {
  return x;
}

/** What a function takes. */
type ArgumentsOf<F> = F extends (...args: infer P) => unknown ? P : never;
type Writable<A> = A extends readonly (infer E)[] ? Writable<E>[] : A;
/** An adjoint for each array of floats; which arrays hold floats, TypeScript does not see. */
type AdjointArrays<P> = P extends readonly [infer A, ...infer Rest]
  ? A extends readonly unknown[]
    ? [Writable<A>, ...AdjointArrays<Rest>] | AdjointArrays<Rest>
    : AdjointArrays<Rest>
  : [];
/** A product for each float scalar: at most one for each number. */
type Products<P, N extends number[] = []> = P extends readonly [infer A, ...infer Rest]
  ? Products<Rest, A extends number ? [number, ...N] : N>
  : UpTo<N>;
// biome-ignore lint/suspicious/noConfusingVoidType: these are results of functions
type UpTo<N> = N extends [number, ...infer Rest] ? (Rest extends [] ? number | void : N | UpTo<Rest>) : void;
type AdjointParameters<P extends readonly unknown[]> =
  AdjointArrays<P> extends infer D
    ? D extends readonly unknown[]
      ? readonly [...args: P, result: number, adjoint: number, ...adjoints: D]
      : never
    : never;
type Adjoint<P extends readonly unknown[]> =
  AdjointParameters<P> extends infer T ? (T extends readonly unknown[] ? (...args: T) => Products<P> : never) : never;
/** TypeScript lets a function take fewer parameters than it is given. */
type Complete<F, A> = ArgumentsOf<A>["length"] extends AdjointParameters<ArgumentsOf<F>>["length"]
  ? unknown
  : "an adjoint takes what the function takes, its result, the adjoint of that, and the adjoint arrays";

/**
 * The function `f`, with a derivative of your own: differentiation calls `adjoint` in place of what it would make of `f`.
 *
 * `f` takes scalars and arrays of scalars, which it only reads, and returns an `f64` or `f32`. The adjoint takes what `f` does,
 * then its result `r` and the adjoint `d` of that. For each float scalar it returns d · ∂f/∂scalar: a number for one, a tuple
 * in the order of the parameters for several. For each array of floats it takes one more, of the array's shape, to which it
 * adds d · ∂f/∂element. Stands at the top of a kernel file; both are declared functions.
 *
 * ```ts
 * function log1pexp(x: f64): f64 {
 *   return Math.log1p(Math.exp(x));
 * }
 * function log1pexpAdjoint(x: f64, r: f64, d: f64): f64 {
 *   return d / (1 + Math.exp(-x));
 * }
 * const softplus = customGradient(log1pexp, log1pexpAdjoint);
 * ```
 */
export function customGradient<F extends (...args: never[]) => number, A extends Adjoint<ArgumentsOf<F>>>(
  f: F,
  adjoint: A & Complete<F, A>,
): F {
  if (typeof f !== "function" || typeof adjoint !== "function")
    throw new TypeError("customGradient: takes two functions");
  return f;
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

const single = new Float32Array(1);
const singleWord = new Int32Array(single.buffer);

/**
 * The 32 bits of a float of single precision: sign, eight bits of exponent (biased by 127), 23 of the fraction.
 *
 * ```ts
 * const exponent = ((wordOf(x) >> 23) & 0xff) - 127;
 * ```
 */
export function wordOf(x: f32): i32 {
  single[0] = x;
  return singleWord[0]!;
}

/**
 * The float of single precision of these 32 bits; what `wordOf` gives.
 *
 * ```ts
 * const power = fromWord((n + 127) << 23); // 2 ** n, for n in [-126, 127]
 * ```
 */
export function fromWord(word: i32): f32 {
  singleWord[0] = word;
  return single[0]!;
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
