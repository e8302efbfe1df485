/** `load`: a kernel file as an object of async functions, typed from the file itself. */
import type { HalfArray, NdArray } from "./array.ts";
import { call } from "./call.ts";
import { type JitOptions, jit } from "./jit.ts";
import { checkOptions } from "./load-options.ts";
import { comesFrom } from "./origin.ts";

/**
 * `target`, `mode`, `real` and `types` as the compiler takes them; `kernels` names the functions to compile; `cache: false`
 * does without the compile cache on disk; `seed` and `unwritten` are for target
 * simulator (docs/gpu-simulator.md).
 */
export type LoadOptions = Omit<JitOptions, "derivative">;

/** Typed arrays that hold numbers; which of them a parameter takes is checked at the call. */
type NumberRow = Float64Array | Float32Array | Uint16Array | HalfArray | Int32Array | Uint32Array;

/** Nested arrays whose innermost rows may be typed arrays. */
type Rows<T> = T extends number
  ? number
  : T extends boolean
    ? boolean
    : T extends readonly (infer E)[]
      ? number extends T["length"]
        ? T extends unknown[]
          ? Rows<E>[] | Row<E>
          : readonly Rows<E>[] | Row<E>
        : { [I in keyof T]: Rows<T[I]> }
      : T extends object
        ? { [K in keyof T]: Rows<T[K]> }
        : T;
type Row<E> = [E] extends [number] ? NumberRow : [E] extends [boolean] ? Uint8Array : never;

/** The element type of nested arrays of scalars; never for arrays of anything else. */
type ElementOf<T> = T extends readonly (infer E)[] ? ElementOf<E> : T extends number | boolean ? T : never;

/**
 * What a call takes for a parameter of type `T`: a number or boolean for a scalar, an object for a struct, and for an
 * array nested arrays, nested arrays with typed rows, an `NdArray`, or (one axis) a typed array.
 */
export type Argument<T> = T extends readonly unknown[]
  ? number extends T["length"]
    ? Rows<T> | ([ElementOf<T>] extends [never] ? never : NdArray)
    : { [I in keyof T]: Argument<T[I]> }
  : T extends object
    ? { [K in keyof T]: Argument<T[K]> }
    : Rows<T>;

/** What TypeScript's types do not say of a kernel, and `tsgpu types` writes beside its file. Types only. */
export interface Signature {
  /** The parameters' names, in order. */
  readonly params: readonly string[];
  /** Those with floats that the kernel reads: what gradients are by. */
  readonly wrt: string;
  /** Arrays of floats that it writes, and `return` for a result of floats: what gradients are of. */
  readonly of: string;
  /** All arrays that it writes. */
  readonly outputs: string;
}
declare const signature: unique symbol;

/** A kernel's function with its signature, as the files of `tsgpu types` declare them. No value has this property. */
export type Named<F, S extends Signature> = F & { readonly [signature]: S };

/** The signature of a `Named` function or of the kernel loaded from one; never for others. */
export type SignatureOf<F> = F extends { readonly [signature]: infer S extends Signature } ? S : never;

/** A kernel as `load` gives it: the function of the file, with a promise of its result. */
export type Kernel<F> = F extends (...args: infer P) => infer R
  ? KernelCall<P, R> & (F extends { readonly [signature]: infer S } ? { readonly [signature]: S } : unknown)
  : never;
type KernelCall<P extends unknown[], R> = (...args: { [I in keyof P]: Argument<P[I]> }) => Promise<R>;

/** The exported functions of a kernel file's module type. */
export type Kernels<M> = {
  readonly [K in keyof M as M[K] extends (...args: never) => unknown ? K : never]: Kernel<M[K]>;
};

/**
 * Compiles a kernel file and gives its exported functions, to be called as the file says, but with `await`.
 *
 * Scalars are numbers (`i32`, `u32` and `index` integers in range) and booleans, structs are objects, tuples are
 * arrays. An array of any rank is a nested array, or an `NdArray` of the parameter's element type; one axis may be a
 * typed array: f64 Float64Array, f32 Float32Array, f16 Float16Array or (its bits) Uint16Array, i32 Int32Array, u32
 * Uint32Array, bool Uint8Array, index Float64Array. What the kernel writes is in the arrays passed when the promise resolves;
 * until then they belong to the call. The result is a number, boolean, object or tuple.
 *
 * ```ts
 * const { gemm } = await load<typeof import("./gemm.js")>(new URL("./gemm.js", import.meta.url));
 * const C = zeros("f64", [2, 2]);
 * await gemm(1.5, 0, C, [[1, 2], [3, 4]], [[5, 6], [7, 8]]);
 * ```
 *
 * `file` is a path (relative to the working directory) or a `file:` URL; `.js` names the `.ts` beside it. Without a
 * target it is native where libLLVM is found, otherwise wasm. A file is compiled once per process and options, and not at
 * all when it is in the compile cache.
 *
 * @throws CompileError with all that is wrong in the file; LaunchError when there is no such file, option or target. The
 * functions throw LaunchErrors, see their codes; the arguments of a call that failed are unchanged.
 */
export async function load<M = Readonly<Record<string, (...args: unknown[]) => unknown>>>(
  file: string | URL,
  options: LoadOptions = {},
): Promise<Kernels<M>> {
  checkOptions(file, options as Readonly<Record<string, unknown>>);
  const unit = await jit(file, options);
  const kernels = unit.artifact.entries.map(({ name }) => {
    const kernel = (...args: readonly unknown[]): Promise<unknown> => call(unit, name, args);
    return [name, comesFrom(kernel, { file: unit.artifact.file, name, options })];
  });
  return Object.fromEntries(kernels) as Kernels<M>;
}
