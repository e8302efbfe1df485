/** Derivatives of all that a kernel gives, its result and its arrays: `vjp`, `jvp`, and `adjoint` for experts. */
import { readArguments } from "./arguments.ts";
import {
  callDerived,
  type Derived,
  derivativeOf,
  formsOf,
  namesWith,
  namesWritten,
  readInputs,
  runDerived,
  runOn,
  runPrimal,
} from "./derivative.ts";
import type {
  Adjoints,
  AnyKernel,
  Arguments,
  Chosen,
  Cotangents,
  Forms,
  OfOf,
  Outputs,
  ScalarGrads,
  Tangents,
  Values,
  WithValue,
  WrtOf,
} from "./grad-types.ts";
import { checkGradientOptions, type GradientOptions } from "./gradient-options.ts";
import { LaunchError } from "./launch-error.ts";
import { differentiableOrigin } from "./origin.ts";
import { checkOverlap } from "./overlap.ts";
import { readInPlace, readSeeds } from "./seeds.ts";

/**
 * The vector-Jacobian product (reverse mode): from derivatives by what a kernel gives to those by what it takes.
 *
 * `cotangents` are by the names of `of`: arrays that the kernel writes, whose final state is meant, and `return`; in any form that the
 * parameter takes. With `of` each of its names must be there; without, those that are missing are zero. `outputs` are all arrays
 * that the kernel writes, as it leaves them, and `grads` the gradients by the values on entry, both in the form of their arguments. The
 * arguments are never changed.
 *
 * ```ts
 * const { gemm } = await load<typeof import("./gemm.js")>(new URL("./gemm.js", import.meta.url));
 * const { outputs, grads } = await vjp(gemm, { wrt: ["A", "B"], of: ["C"] })(
 *   [1.5, 0, [[0, 0], [0, 0]], [[1, 2], [3, 4]], [[5, 6], [7, 8]]],
 *   { C: [[1, 0], [0, 0]] },
 * );
 * ```
 *
 * @throws LaunchError (TG3018 to TG3020) at once, for what is no kernel, for target `node` and for wrong options. Calls reject
 * with a CompileError (TG2…) where there is no derivative, with a LaunchError (TG3022, TG3023) for cotangents that do not
 * fit, and as calls of the kernel do.
 */
export function vjp<F extends AnyKernel, const W extends WrtOf<F> = never, const O extends OfOf<F> = never>(
  f: F,
  options: GradientOptions<W, O> = {},
): <A extends Values<F>>(
  args: readonly [...A],
  cotangents: Cotangents<F, O>,
) => Promise<WithValue<F> & { readonly outputs: Outputs<F, A>; readonly grads: Forms<F, Chosen<W, WrtOf<F>>, A> }> {
  const origin = differentiableOrigin(f);
  const request = checkGradientOptions(origin.name, options);
  const derive = derivativeOf(origin, "vjp", request);
  return (args, cotangents) =>
    callDerived(derive, async (d) => {
      const inputs = readInputs(d, args);
      const { wrt, of } = d.derivative;
      const kind = { what: "cotangents", role: "adjoint", leaves: of } as const;
      const seeds = readSeeds(d, inputs, kind, cotangents, request.of ?? []);
      if (seeds.isEmpty) throw new LaunchError("TG3022", origin.name, "without any cotangent all gradients are zero");
      const written = namesWritten(d.entry);
      const { value, at, state } = await runDerived(d, inputs, seeds);
      // Where the reverse sweep may have left any state in its copies, the kernel itself says what it gives.
      const left = namesWith(d.entry, d.derivative.restores ?? []).length > 0;
      const outputs = formsOf(d, inputs, written, left ? (await runPrimal(d, inputs)).state : state);
      const grads = formsOf(d, inputs, namesWith(d.entry, wrt), (leaf) =>
        wrt.includes(leaf) ? at({ leaf, role: "adjoint" }) : undefined,
      );
      return { ...returned(d, value), outputs, grads } as never;
    });
}

/**
 * The Jacobian-vector product (forward mode): what the kernel gives, and how that changes in a direction.
 *
 * The direction is given by `tangents` of the values on entry, in any form that the parameters take; those that are missing are zero.
 * The `tangents` that come back are by the names of `of`: those of arrays' final state, and of `return`. The arguments are never
 * changed.
 *
 * ```ts
 * const { gemm } = await load<typeof import("./gemm.js")>(new URL("./gemm.js", import.meta.url));
 * const { outputs, tangents } = await jvp(gemm, { wrt: ["alpha"] })(
 *   [1.5, 0, [[0, 0], [0, 0]], [[1, 2], [3, 4]], [[5, 6], [7, 8]]],
 *   { alpha: 1 },
 * );
 * ```
 *
 * @throws as `vjp`
 */
export function jvp<F extends AnyKernel, const W extends WrtOf<F> = never, const O extends OfOf<F> = never>(
  f: F,
  options: GradientOptions<W, O> = {},
): <A extends Values<F>>(
  args: readonly [...A],
  tangents: Tangents<F, W>,
) => Promise<WithValue<F> & { readonly outputs: Outputs<F, A>; readonly tangents: Forms<F, Chosen<O, OfOf<F>>, A> }> {
  const origin = differentiableOrigin(f);
  const request = checkGradientOptions(origin.name, options);
  const derive = derivativeOf(origin, "jvp", request);
  return (args, tangents) =>
    callDerived(derive, async (d) => {
      const inputs = readInputs(d, args);
      const { wrt, of } = d.derivative;
      const seeds = readSeeds(d, inputs, { what: "tangents", role: "tangent", leaves: wrt }, tangents, []);
      const { value, at, state } = await runDerived(d, inputs, seeds);
      const outputs = formsOf(d, inputs, namesWritten(d.entry), state);
      const changes = formsOf(d, inputs, namesWith(d.entry, of), (leaf) =>
        of.includes(leaf) ? at({ leaf, role: "tangent" }) : undefined,
      );
      return { ...returned(d, value), outputs, tangents: changes } as never;
    });
}

/**
 * The adjoint of a kernel on memory that the caller keeps, for loops that must not allocate: reverse mode without copies.
 *
 * `adjoints` has an array for each name in `wrt` and `of` that is no scalar, and `return` for a result in `of`. An array that the kernel
 * writes has, on entry, the adjoint of its final state there, and at the end that of its state on entry; into one that the
 * kernel only reads the gradient is added. Gradients by scalars are returned. Arguments that the kernel writes are worked
 * in: afterwards they may hold anything.
 *
 * ```ts
 * const { gemm } = await load<typeof import("./gemm.js")>(new URL("./gemm.js", import.meta.url));
 * const [C, A, B] = [zeros("f64", [2, 2]), zeros("f64", [2, 2]), zeros("f64", [2, 2])];
 * const adjoints = { C: array(new Float64Array([1, 0, 0, 1]), [2, 2]), A: zeros("f64", [2, 2]) };
 * const { grads } = await adjoint(gemm, { wrt: ["alpha", "A"], of: ["C"] })([1.5, 0, C, A, B], adjoints);
 * ```
 *
 * @throws as `vjp`; arguments and adjoints are unchanged after an error
 */
export function adjoint<F extends AnyKernel, const W extends WrtOf<F> = never, const O extends OfOf<F> = never>(
  f: F,
  options: GradientOptions<W, O> = {},
): (args: Arguments<F>, adjoints: Adjoints<F, W, O>) => Promise<WithValue<F> & { readonly grads: ScalarGrads<F, W> }> {
  const origin = differentiableOrigin(f);
  const request = checkGradientOptions(origin.name, options);
  const derive = derivativeOf(origin, "vjp", request);
  return (args, adjoints) => callDerived(derive, (d) => runInPlace(d, args, adjoints)) as never;
}

/** Runs reverse mode on the caller's own arrays. */
async function runInPlace(d: Derived, values: readonly unknown[], adjoints: unknown): Promise<unknown> {
  const { entry, derivative } = d;
  const own = readArguments(entry, values);
  const inputs = { values, args: own.args };
  const extra = readInPlace(d, inputs, adjoints);
  checkOverlap(entry.name, [...own.regions, ...extra.regions]);
  const { value, at } = await runOn(d, own.args, extra.args);
  own.writeBack();
  extra.writeBack();
  const names = namesWith(
    entry,
    derivative.results.map((scalar) => scalar.leaf),
  );
  const grads = formsOf(d, inputs, names, (leaf) => at({ leaf, role: "adjoint" }));
  return { ...returned(d, value), grads };
}

const returned = ({ entry }: Derived, value: unknown): { readonly value?: unknown } =>
  entry.result === null ? {} : { value };
