/**
 * The ambient declarations that kernel files are checked against, in place of TypeScript's own library (whose 30,000
 * lines take longer to read than a kernel takes to compile), and the two modules that a kernel may import types from.
 *
 * Array methods and globals that kernels cannot use are declared all the same, so that the subset check, not the type
 * checker, says why and what to write instead.
 */
export const libFile = "/tsgpu/lib.d.ts";
export const libText = `
interface Object { }
interface Function { readonly name: string; call(self: any, ...x: any[]): any; }
interface CallableFunction extends Function { }
interface NewableFunction extends Function { }
interface IArguments { }
interface RegExp { }
interface String { readonly length: number; [Symbol.iterator](): IterableIterator<string>; }
interface Number { toFixed(digits?: number): string; toString(): string; }
interface Boolean { }
interface Symbol { }
interface Promise<T> { then(f: (x: T) => void): void; }
interface PromiseLike<T> { then(f: (x: T) => void): void; }
interface TemplateStringsArray { }
interface ImportMeta { }
interface Disposable { }
interface AsyncDisposable { }
interface SymbolConstructor { readonly iterator: unique symbol; }
declare var Symbol: SymbolConstructor;
interface IteratorResult<T, TReturn = any> { done?: boolean; value: T; }
interface Iterator<T, TReturn = any, TNext = any> { next(): IteratorResult<T, TReturn>; }
interface Iterable<T, TReturn = any, TNext = any> { [Symbol.iterator](): Iterator<T, TReturn, TNext>; }
interface IterableIterator<T, TReturn = any, TNext = any> extends Iterator<T, TReturn, TNext> {
  [Symbol.iterator](): IterableIterator<T, TReturn, TNext>;
}
interface ReadonlyArray<T> {
  readonly length: number;
  readonly [n: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
  map<U>(f: (x: T, i: number) => U): U[]; forEach(f: (x: T, i: number) => void): void;
  filter(f: (x: T, i: number) => boolean): T[]; reduce<U>(f: (a: U, x: T, i: number) => U, init: U): U;
  some(f: (x: T) => boolean): boolean; every(f: (x: T) => boolean): boolean; find(f: (x: T) => boolean): T | undefined;
  slice(from?: number, to?: number): T[]; concat(...more: any[]): T[]; indexOf(x: T): number;
  includes(x: T): boolean; join(by?: string): string; at(i: number): T | undefined; entries(): any; keys(): any;
}
interface Array<T> {
  length: number;
  [n: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
  map<U>(f: (x: T, i: number) => U): U[]; forEach(f: (x: T, i: number) => void): void;
  filter(f: (x: T, i: number) => boolean): T[]; reduce<U>(f: (a: U, x: T, i: number) => U, init: U): U;
  some(f: (x: T) => boolean): boolean; every(f: (x: T) => boolean): boolean; find(f: (x: T) => boolean): T | undefined;
  slice(from?: number, to?: number): T[]; concat(...more: any[]): T[]; indexOf(x: T): number;
  includes(x: T): boolean; join(by?: string): string; at(i: number): T | undefined; entries(): any; keys(): any;
  push(...x: T[]): number; pop(): T | undefined; shift(): T | undefined; unshift(...x: T[]): number;
  fill(x: T): T[]; sort(f?: (a: T, b: T) => number): T[]; reverse(): T[]; splice(from: number, n?: number): T[];
}
interface ArrayConstructor { new <T>(n?: number): T[]; of<T>(...x: T[]): T[]; from(x: any, f?: any): any[]; }
declare var Array: ArrayConstructor;
interface TypedArray extends Array<number> { set(from: any, at?: number): void; subarray(from?: number, to?: number): any; }
interface TypedArrayConstructor { new (n: any): TypedArray; of(...x: number[]): TypedArray; from(x: any): TypedArray; }
declare var Float64Array: TypedArrayConstructor; interface Float64Array extends TypedArray { }
declare var Float32Array: TypedArrayConstructor; interface Float32Array extends TypedArray { }
declare var Float16Array: TypedArrayConstructor; interface Float16Array extends TypedArray { }
declare var Int32Array: TypedArrayConstructor; interface Int32Array extends TypedArray { }
declare var Uint32Array: TypedArrayConstructor; interface Uint32Array extends TypedArray { }
declare var Uint8Array: TypedArrayConstructor; interface Uint8Array extends TypedArray { }
interface NumberConstructor {
  (x: any): number; readonly EPSILON: number; readonly MAX_VALUE: number; readonly MIN_VALUE: number;
  readonly MAX_SAFE_INTEGER: number; readonly MIN_SAFE_INTEGER: number; readonly NaN: number;
  readonly NEGATIVE_INFINITY: number; readonly POSITIVE_INFINITY: number;
  isFinite(x: number): boolean; isInteger(x: number): boolean; isNaN(x: number): boolean;
}
declare var Number: NumberConstructor;
interface DateConstructor { new (...x: any[]): any; now(): number; }
declare var Date: DateConstructor;
interface Performance { now(): number; }
declare var performance: Performance;
declare function eval(x: string): any;
declare function isNaN(x: number): boolean;
declare function isFinite(x: number): boolean;
declare function parseFloat(x: string): number;
declare function parseInt(x: string): number;
interface Console { log(...x: any[]): void; error(...x: any[]): void; assert(...x: any[]): void; }
declare var console: Console;
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Partial<T> = { [P in keyof T]?: T[P] };
declare const NaN: number;
declare const Infinity: number;
interface Math {
  readonly E: number; readonly LN10: number; readonly LN2: number; readonly LOG2E: number; readonly LOG10E: number;
  readonly PI: number; readonly SQRT1_2: number; readonly SQRT2: number;
  abs(x: number): number; acos(x: number): number; acosh(x: number): number; asin(x: number): number;
  asinh(x: number): number; atan(x: number): number; atan2(y: number, x: number): number; atanh(x: number): number;
  cbrt(x: number): number; ceil(x: number): number; clz32(x: number): number; cos(x: number): number;
  cosh(x: number): number; exp(x: number): number; expm1(x: number): number; floor(x: number): number;
  fround(x: number): number; hypot(...x: number[]): number; imul(a: number, b: number): number;
  log(x: number): number; log10(x: number): number; log1p(x: number): number; log2(x: number): number;
  max(...x: number[]): number; min(...x: number[]): number; pow(x: number, y: number): number; random(): number;
  round(x: number): number; sign(x: number): number; sin(x: number): number; sinh(x: number): number;
  sqrt(x: number): number; tan(x: number): number; tanh(x: number): number; trunc(x: number): number;
}
declare var Math: Math;
`;

const scalarTypes = `
export type f64 = number;
export type f32 = number;
export type f16 = number;
export type i32 = number;
export type u32 = number;
export type index = number;
export type real = number;
export type bool = boolean;
`;

const sizes = (count: number): string => Array.from({ length: count }, (_, i) => `n${i}: number`).join(", ");

const arraysBy = (maker: string): string =>
  [
    ['"bool"', "boolean"] as const,
    ['"f64" | "f32" | "f16" | "i32" | "u32" | "real"', "number"] as const,
    ["string", "number"] as const,
  ]
    .flatMap(([name, type]) =>
      [1, 2, 3, 4, 5, 6].map(
        (rank) => `export function ${maker}(type: ${name}, ${sizes(rank)}): ${type}${"[]".repeat(rank)};`,
      ),
    )
    .join("\n");

const indicesBy = (maker: string): string =>
  ["index", "readonly [index, index]", "readonly [index, index, index]"]
    .map((type, k) => `export function ${maker}(${sizes(k + 1)}): Iterable<${type}>;`)
    .join("\n");

/** As in kernel.ts, which says what each type is for. */
const customGradient = `
type ArgumentsOf<F> = F extends (...args: infer P) => unknown ? P : never;
type Writable<A> = A extends readonly (infer E)[] ? Writable<E>[] : A;
type AdjointArrays<P> = P extends readonly [infer A, ...infer Rest]
  ? A extends readonly unknown[]
    ? [Writable<A>, ...AdjointArrays<Rest>] | AdjointArrays<Rest>
    : AdjointArrays<Rest>
  : [];
type Products<P, N extends number[] = []> = P extends readonly [infer A, ...infer Rest]
  ? Products<Rest, A extends number ? [number, ...N] : N>
  : UpTo<N>;
type UpTo<N> = N extends [number, ...infer Rest] ? (Rest extends [] ? number | void : N | UpTo<Rest>) : void;
type AdjointParameters<P extends readonly unknown[]> =
  AdjointArrays<P> extends infer D
    ? D extends readonly unknown[]
      ? readonly [...args: P, result: number, adjoint: number, ...adjoints: D]
      : never
    : never;
type Adjoint<P extends readonly unknown[]> =
  AdjointParameters<P> extends infer T ? (T extends readonly unknown[] ? (...args: T) => Products<P> : never) : never;
type Complete<F, A> = ArgumentsOf<A>["length"] extends AdjointParameters<ArgumentsOf<F>>["length"]
  ? unknown
  : "an adjoint takes what the function takes, its result, the adjoint of that, and the adjoint arrays";
export function customGradient<F extends (...args: never[]) => number, A extends Adjoint<ArgumentsOf<F>>>(
  f: F,
  adjoint: A & Complete<F, A>,
): F;
`;

/** The modules that the frontend itself provides, by the name they are imported under. */
export const modules: ReadonlyMap<string, { readonly file: string; readonly text: string }> = new Map([
  ["tsgpu", { file: "/tsgpu/index.d.ts", text: scalarTypes }],
  [
    "tsgpu/kernel",
    {
      file: "/tsgpu/kernel.d.ts",
      text: `${scalarTypes}
${["zeros", "shared"].map(arraysBy).join("\n")}
${["parallel", "grid", "threads"].map(indicesBy).join("\n")}
export function stopGradient<T>(x: T): T;
${customGradient}
export function highWord(x: f64): i32;
export function lowWord(x: f64): i32;
export function fromWords(high: i32, low: i32): f64;
export function wordOf(x: f32): i32;
export function fromWord(word: i32): f32;
`,
    },
  ],
]);
