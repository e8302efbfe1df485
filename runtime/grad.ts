/** Gradients of the number that a kernel returns: `grad`, `valueAndGrad`, `hvp`. */
import type { DerivativeLeaf, Entry } from "../compiler/artifact.ts";
import { isFloat } from "../compiler/ir/ir.ts";
import { callDerived, derivativeOf, formsOf, namesWith, readInputs, runDerived, Seeds } from "./derivative.ts";
import type { AnyKernel, Chosen, Forms, ReturnsNumber, Tangents, Values, WrtOf } from "./grad-types.ts";
import { checkGradientOptions, type GradientOptions } from "./gradient-options.ts";
import { LaunchError } from "./launch-error.ts";
import { differentiableOrigin } from "./origin.ts";
import { readSeeds } from "./seeds.ts";

/** Options of the gradients of a result: `of` has no other choice. */
export type ResultOptions<Wrt extends string = string> = GradientOptions<Wrt, "return">;

/**
 * The gradient of the number that a kernel returns, by name: a function of the kernel's arguments.
 *
 * It is by all floats that the kernel reads, or by those named in `wrt`, and by their values on entry. Each gradient comes in
 * the form of its argument: nested arrays, a typed array, an `NdArray`, a number; a struct's integers are 0 there and
 * its booleans false. The arguments are never changed: what the kernel writes is copied first.
 *
 * ```ts
 * const { loss } = await load<typeof import("./loss.js")>(new URL("./loss.js", import.meta.url));
 * const { w } = await grad(loss, { wrt: ["w"] })(new Float64Array([1, 2]), [[3, 4], [5, 6]], [1, 0]);
 * ```
 *
 * The derivative is compiled at the first call, once per process, options of the kernel, and options here.
 *
 * @throws LaunchError (TG3018 to TG3020) at once, for what is no kernel, for target `node` and for wrong options. Calls reject
 * with a CompileError (TG2…) where there is no gradient, and with a LaunchError as calls of the kernel do.
 */
export function grad<F extends AnyKernel, const W extends WrtOf<F> = never>(
  f: F & ReturnsNumber<F>,
  options: ResultOptions<W> = {},
): <A extends Values<F>>(...args: A) => Promise<Forms<F, Chosen<W, WrtOf<F>>, A>> {
  const run = ofResult("vjp", f, options);
  return async (...args) => (await run(args)).adjoint as never;
}

/**
 * The number that a kernel returns, and its gradient: see `grad`.
 *
 * ```ts
 * const { loss } = await load<typeof import("./loss.js")>(new URL("./loss.js", import.meta.url));
 * const w = [0, 0];
 * const step = valueAndGrad(loss, { wrt: ["w"] });
 * for (let k = 0; k < 10; k++) {
 *   const { value, grads } = await step(w, [[3, 4], [5, 6]], [1, 0]);
 *   for (let i = 0; i < 2; i++) w[i] -= 0.01 * grads.w[i];
 *   if (value < 1e-6) break;
 * }
 * ```
 */
export function valueAndGrad<F extends AnyKernel, const W extends WrtOf<F> = never>(
  f: F & ReturnsNumber<F>,
  options: ResultOptions<W> = {},
): <A extends Values<F>>(
  ...args: A
) => Promise<{ readonly value: number; readonly grads: Forms<F, Chosen<W, WrtOf<F>>, A> }> {
  const run = ofResult("vjp", f, options);
  return async (...args) => {
    const { value, adjoint } = await run(args);
    return { value, grads: adjoint } as never;
  };
}

/**
 * The product of the Hessian of the number that a kernel returns with a direction: forward mode over reverse mode.
 *
 * The direction is given by `tangents`, in any form that the parameters take; those that are missing are zero. `grads` are as from
 * `valueAndGrad`, and `hvps` have their names and forms.
 *
 * ```ts
 * const { loss } = await load<typeof import("./loss.js")>(new URL("./loss.js", import.meta.url));
 * const { grads, hvps } = await hvp(loss, { wrt: ["w"] })([[1, 2], [[3, 4], [5, 6]], [1, 0]], { w: [1, 0] });
 * ```
 *
 * @throws as `grad`; calls also reject with a LaunchError (TG3022, TG3023) for tangents that do not fit.
 */
export function hvp<F extends AnyKernel, const W extends WrtOf<F> = never>(
  f: F & ReturnsNumber<F>,
  options: ResultOptions<W> = {},
): <A extends Values<F>>(
  args: readonly [...A],
  tangents: Tangents<F, W>,
) => Promise<{
  readonly value: number;
  readonly grads: Forms<F, Chosen<W, WrtOf<F>>, A>;
  readonly hvps: Forms<F, Chosen<W, WrtOf<F>>, A>;
}> {
  const run = ofResult("hvp", f, options);
  return async (args, tangents) => {
    const { value, adjoint, product } = await run(args, tangents);
    return { value, grads: adjoint, hvps: product } as never;
  };
}

type ByName = Readonly<Record<string, unknown>>;

/** Runs a derivative of the result, with a cotangent of 1. */
function ofResult(
  kind: "vjp" | "hvp",
  f: unknown,
  options: GradientOptions,
): (
  values: readonly unknown[],
  tangents?: unknown,
) => Promise<{ readonly value: unknown; readonly adjoint: ByName; readonly product: ByName }> {
  const origin = differentiableOrigin(f);
  const { name } = origin;
  if (options.of !== undefined && String(options.of) !== "return") {
    throw new LaunchError("TG3018", name, "gradients are of the result: for those of arrays there is vjp");
  }
  const request = checkGradientOptions(name, { ...options, of: ["return"] });
  const derive = derivativeOf(origin, kind, request, checkResult);
  return (values, tangents = {}) =>
    callDerived(derive, async (d) => {
      const inputs = readInputs(d, values);
      const { wrt } = d.derivative;
      const seeds = new Seeds().set({ leaf: "return", role: "adjoint" }, 1);
      if (kind === "hvp") readSeeds(d, inputs, { what: "tangents", role: "tangent", leaves: wrt }, tangents, [], seeds);
      const { value, at } = await runDerived(d, inputs, seeds);
      const names = namesWith(d.entry, wrt);
      const of = (role: DerivativeLeaf["role"]): ByName =>
        formsOf(d, inputs, names, (leaf) => (wrt.includes(leaf) ? at({ leaf, role }) : undefined));
      return { value, adjoint: of("adjoint"), product: kind === "hvp" ? of("adjoint-tangent") : {} };
    });
}

/** @throws LaunchError (TG3021) */
function checkResult({ name, result }: Entry): void {
  if (result?.kind === "scalar" && isFloat(result.type)) return;
  const returns =
    result === null ? "nothing" : result.kind === "scalar" ? `a value of type ${result.type}` : `a ${result.kind}`;
  throw new LaunchError("TG3021", name, `it returns ${returns}`);
}
