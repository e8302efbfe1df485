/**
 * The types of gradients, read off the kernel's own: which names there are, what the calls take, and in which form each
 * gradient comes. Types only.
 *
 * Types of functions do not tell their parameters' names, so that the names are those of `Named` functions (`tsgpu
 * types` writes them). For other kernels every name is accepted here, and checked when the gradient is first called.
 */
import type { HalfArray, NdArray } from "./array.ts";
import type { Argument, Signature, SignatureOf } from "./load.ts";

/** A kernel: as `load` gives it, or as TypeScript sees one that is imported under `tsgpu/register`. */
export type AnyKernel = (...args: never) => unknown;

type TypedArray = Float64Array | Float32Array | Half | Int32Array | Uint32Array | Uint8Array;
type Half = Uint16Array | HalfArray;

/** The type as the calls only read it: written arrays are copied, so that they may be readonly. */
type Value<T> = T extends NdArray | TypedArray | number | boolean
  ? T
  : T extends readonly unknown[]
    ? { readonly [I in keyof T]: Value<T[I]> }
    : T extends object
      ? { readonly [K in keyof T]: Value<T[K]> }
      : T;

/** What a parameter takes: that of a plain function all the forms that `load` would give it. */
type Parameter<T, R> = R extends Promise<unknown> ? T : Argument<T>;
type ParametersIn<P extends readonly unknown[], R> = { [I in keyof P]: Parameter<P[I], R> };
type ValuesIn<P extends readonly unknown[], R> = { readonly [I in keyof P]: Value<Parameter<P[I], R>> };

/** The arguments of `adjoint`. */
export type Arguments<F extends AnyKernel> = ParametersIn<Parameters<F>, ReturnType<F>>;
/** The arguments of the functional forms. */
export type Values<F extends AnyKernel> = ValuesIn<Parameters<F>, ReturnType<F>>;

/** What the kernel returns. */
export type Result<F extends AnyKernel> = Awaited<ReturnType<F>>;

/** Refuses a kernel that returns no number. */
export type ReturnsNumber<F extends AnyKernel> = [unknown] extends [Result<F>]
  ? unknown
  : [Result<F>] extends [number]
    ? unknown
    : "a gradient is of the number that a kernel returns: this one returns none, see vjp";

type Names<F, K extends keyof Signature> = [SignatureOf<F>] extends [never] ? string : SignatureOf<F>[K] & string;
/** What there may be gradients by, or of; any string where the kernel is not `Named`. */
export type WrtOf<F> = Names<F, "wrt">;
export type OfOf<F> = Names<F, "of">;
type OutputsOf<F> = Names<F, "outputs">;

/** The one of `args` whose parameter is called `N`; any of them where the names are not known. */
type ArgOf<F, N, A extends readonly unknown[]> = [SignatureOf<F>] extends [never]
  ? A[number]
  : Picked<SignatureOf<F>["params"], N, A>;
type Picked<P extends readonly unknown[], N, A extends readonly unknown[]> = P extends readonly [infer Name, ...infer Q]
  ? A extends readonly [infer First, ...infer Others]
    ? Name extends N
      ? First
      : Picked<Q, N, Others>
    : never
  : never;

/** The form in which a gradient comes: that of the argument, of new memory; that of halves is f32. */
export type FormOf<T> = T extends number
  ? number
  : T extends boolean
    ? boolean
    : T extends NdArray<infer D>
      ? NdArray<D extends "f16" ? "f32" : D>
      : T extends Float64Array
        ? Float64Array
        : T extends Float32Array | Half
          ? Float32Array
          : T extends Int32Array
            ? Int32Array
            : T extends Uint32Array
              ? Uint32Array
              : T extends Uint8Array
                ? Uint8Array
                : T extends object
                  ? { -readonly [K in keyof T]: FormOf<T[K]> }
                  : unknown extends T
                    ? unknown
                    : never;

/** All of `N` where no name was chosen. */
export type Chosen<C extends string, N extends string> = [C] extends [never] ? N : C;

/** Gradients, tangents or outputs by name. */
export type Forms<F extends AnyKernel, N extends string, A extends readonly unknown[]> = {
  readonly [K in N]: FormOf<Meant<F, K, A>>;
};
/** What a name means: an argument, the result, or either where the name is not known. */
type Meant<F extends AnyKernel, K extends string, A extends readonly unknown[]> = K extends "return"
  ? Result<F>
  : string extends K
    ? Exclude<Result<F>, void> | ArgOf<F, K, A>
    : ArgOf<F, K, A>;

/** The final state of the arrays that the kernel writes. */
export type Outputs<F extends AnyKernel, A extends readonly unknown[]> = Forms<F, OutputsOf<F>, A>;

/** Cotangents or tangents by name, in any form that the parameter takes. */
export type Given<F extends AnyKernel, N extends string> = {
  readonly [K in N]: Value<Meant<F, K, Arguments<F>>>;
};
/** Cotangents: of each name in `of`; of some, where these are not chosen. */
export type Cotangents<F extends AnyKernel, O extends string> = [O] extends [never]
  ? Partial<Given<F, OfOf<F>>>
  : Given<F, O>;
/** Tangents: those that are missing are zero. */
export type Tangents<F extends AnyKernel, W extends string> = Partial<Given<F, Chosen<W, WrtOf<F>>>>;
/** The arrays that `adjoint` works on, and the adjoint of the result. */
export type Adjoints<F extends AnyKernel, W extends string, O extends string> = {
  readonly [K in ArrayNames<F, Chosen<W, WrtOf<F>> | Chosen<O, OfOf<F>>>]: Meant<F, K, Arguments<F>>;
};
/** The names but those of parameters that are scalars: their gradients are results. */
type ArrayNames<F extends AnyKernel, N extends string> = {
  [K in N]: K extends "return" ? K : ArgOf<F, K, Arguments<F>> extends number ? never : K;
}[N];
/** The gradients by scalars. */
export type ScalarGrads<F extends AnyKernel, W extends string> = {
  readonly [K in Exclude<Chosen<W, WrtOf<F>>, ArrayNames<F, Chosen<W, WrtOf<F>>>>]: number;
};

/** Dense derivatives of each of `O` by each of `W`: see `jacobian`. */
export type Jacobian<F extends AnyKernel, O extends string, W extends string, A extends readonly unknown[]> = {
  readonly [K in O]: { readonly [N in W]: Each<Meant<F, K, Arguments<F>>, FormOf<Meant<F, N, A>>> };
};
/** Something for each number of a parameter, nested as in the kernel's own type. */
type Each<T, G> = T extends NdArray
  ? never
  : T extends number | boolean
    ? G
    : T extends TypedArray
      ? G[]
      : T extends object
        ? { -readonly [K in keyof T]: Each<T[K], G> }
        : unknown extends T
          ? unknown
          : never;

/** `value`, where the kernel returns something. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what kernels without a result return
export type WithValue<F extends AnyKernel> = [Result<F>] extends [void] ? unknown : { readonly value: Result<F> };
