/** Gradients of L, the weighted sum of the live-out arrays: with respect to what, and whether they are right. */
import { type Arrays, dtypeOf, type FlatData } from "./array.ts";
import { directionsFor, scalarDirection } from "./inputs.ts";
import type { Dataset } from "./sizes.ts";
import type { InputKind, Kernel } from "./suite.ts";

/** Whether scalars are differentiated by as well. */
export type Wrt = "arrays" | "all";

/** ∂L/∂a of arrays, and of scalars as arrays of one element. */
export type Gradients = Readonly<Record<string, FlatData>>;

/** What can be differentiated: whether any of the arrays holds floats. */
export const hasFloats = (arrays: Arrays): boolean => Object.values(arrays).some((a) => dtypeOf(a) !== "i32");

/** The parameters to differentiate by: the arrays of floats, and the scalars. Of a kernel without floats, all arrays. */
export function wrtOf(kernel: Kernel, inputs: Arrays, wrt: Wrt): readonly string[] {
  const floats = hasFloats(inputs);
  return kernel.args.flatMap((arg) => {
    if (arg.kind === "scalar") return floats && wrt === "all" && arg.type === "real" ? [arg.name] : [];
    return !floats || dtypeOf(inputs[arg.name]!) !== "i32" ? [arg.name] : [];
  });
}

/** The direction of every parameter; of a scalar one element. */
export function allDirections(kernel: Kernel, dataset: Dataset, kind: InputKind): Readonly<Record<string, FlatData>> {
  const arrays = Object.entries(directionsFor(kernel, dataset, kind)).map(([name, { data }]) => [name, data] as const);
  const scalars = kernel.args.flatMap((arg) =>
    arg.kind === "scalar" ? [[arg.name, Float64Array.of(scalarDirection(kernel, arg.name))] as const] : [],
  );
  return Object.fromEntries([...arrays, ...scalars]);
}

export interface Along {
  /** Σ aᵢ bᵢ */
  readonly value: number;
  /** Σ |aᵢ bᵢ|: what its rounding errors are measured by. */
  readonly scale: number;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): Along {
  let value = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    const product = a[i]! * b[i]!;
    value += product;
    scale += Math.abs(product);
  }
  return { value, scale };
}

/** What the derivative of L along the direction of each parameter must be. */
export interface Expected {
  readonly derivatives: Readonly<Record<string, number>>;
  /** Σ |wᵢ yᵢ|: the magnitude of L's own terms. */
  readonly size: number;
}

/**
 * The largest difference over its scale, and whose it is. The derivative by a scalar is one term, which does not show what has
 * cancelled in it (correlation's by `float_n` is zero): its scale is no less than the size of L. NaN is right where it is
 * expected, and infinitely wrong elsewhere.
 */
export function worstOf(
  found: Readonly<Record<string, Along>>,
  { derivatives, size }: Expected,
  scalars: ReadonlySet<string>,
): { readonly error: number; readonly name: string } {
  let worst = { error: 0, name: "" };
  for (const [name, { value, scale }] of Object.entries(found)) {
    const expected = derivatives[name] ?? Infinity;
    const difference = Object.is(value, expected) ? 0 : Math.abs(value - expected);
    const relative = difference / (scalars.has(name) ? Math.max(scale, size) : scale);
    const error = difference === 0 ? 0 : Number.isFinite(difference) ? relative : Infinity;
    if (error > worst.error) worst = { error, name };
  }
  return worst;
}
