/** `jacobian`: all partial derivatives, dense. */
import type { Entry } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { CompileError } from "../compiler/diagnostic.ts";
import { valueType } from "../compiler/ir/ir.ts";
import { flatZeros, product } from "./array.ts";
import {
  arrayLeaf,
  callDerived,
  type Derive,
  type Derived,
  derivativeOf,
  type Inputs,
  namesWith,
  readInputs,
  runDerived,
  Seeds,
  typeOf,
} from "./derivative.ts";
import { inFormOf, nestedOf, zeroLeaf } from "./form.ts";
import type { AnyKernel, Chosen, Jacobian, OfOf, Values, WrtOf } from "./grad-types.ts";
import { checkGradientOptions, type GradientOptions } from "./gradient-options.ts";
import type { LeafData } from "./nested.ts";
import { differentiableOrigin } from "./origin.ts";

/**
 * The Jacobian: for each number that the kernel gives, its gradient.
 *
 * `(await jacobian(f)(…args)).y.x[i][j]` is the gradient of `y[i][j]` by `x`, in the form of the argument `x`: the nesting of
 * what is in `of`, as the kernel declares it, outside; the form of what is in `wrt` inside. Integers of structs have
 * gradients of zero. The arguments are never changed.
 *
 * It takes one run per number of `wrt` (forward mode), or one per number of `of` (reverse mode), whichever are fewer, and memory for
 * all of it.
 *
 * ```ts
 * const { gemm } = await load<typeof import("./gemm.js")>(new URL("./gemm.js", import.meta.url));
 * const J = await jacobian(gemm, { wrt: ["A"], of: ["C"] })(1, 0, [[0, 0]], [[1, 2]], [[5, 6], [7, 8]]);
 * ```
 *
 * @throws as `vjp`
 */
export function jacobian<F extends AnyKernel, const W extends WrtOf<F> = never, const O extends OfOf<F> = never>(
  f: F,
  options: GradientOptions<W, O> = {},
): <A extends Values<F>>(...args: A) => Promise<Jacobian<F, Chosen<O, OfOf<F>>, Chosen<W, WrtOf<F>>, A>> {
  const origin = differentiableOrigin(f);
  const request = checkGradientOptions(origin.name, options);
  const forward = derivativeOf(origin, "jvp", request);
  const reverse = derivativeOf(origin, "vjp", request);
  // Where one of the modes is refused, there is the other.
  return (...args) =>
    callDerived(
      () => forward().catch(reverse),
      (d) => jacobianOf(d, reverse, args),
    ) as never;
}

/** One leaf on either side of the derivative. */
interface Side {
  readonly leaf: string;
  readonly count: number;
}

/** The derivatives of a leaf by another: those of one number of `of` after those of the one before. */
type Dense = ReadonlyMap<string, Float64Array>;
const pair = (of: string, wrt: string): string => `${of} by ${wrt}`;

async function jacobianOf(first: Derived, reverse: Derive, values: readonly unknown[]): Promise<unknown> {
  const inputs = readInputs(first, values);
  const sides = (leaves: readonly string[]): readonly Side[] =>
    leaves.map((leaf) => ({ leaf, count: countOf(inputs, leaf) }));
  const wrt = sides(first.derivative.wrt);
  const of = sides(first.derivative.of);
  const d = total(of) < total(wrt) ? await unlessRefused(reverse(), async () => first) : first;
  return assemble(d.entry, inputs, await denseOf(d, inputs, wrt, of), wrt, of);
}

/** A derivative by one mode; by the other where the compiler refuses that. */
const unlessRefused = (derived: Promise<Derived>, other: Derive): Promise<Derived> =>
  derived.catch((error: unknown) => {
    if (error instanceof CompileError) return other();
    throw error;
  });

/** How many numbers a leaf has: scalars, and those of the result, are one. */
function countOf(inputs: Inputs, leaf: string): number {
  const arg = inputs.args.find((a) => a.name === leaf);
  return arg?.kind === "array" ? product(arg.shape) : 1;
}
const total = (side: readonly Side[]): number => side.reduce((n, { count }) => n + count, 0);

/** Runs the derivative once per number of the side that it begins with, with a one there. */
async function denseOf(d: Derived, inputs: Inputs, wrt: readonly Side[], of: readonly Side[]): Promise<Dense> {
  const byColumns = d.derivative.kind === "jvp";
  const role = byColumns ? "tangent" : "adjoint";
  const dense = new Map(
    of.flatMap((o) => wrt.map((w) => [pair(o.leaf, w.leaf), new Float64Array(o.count * w.count)] as const)),
  );
  const [from, to] = byColumns ? [wrt, of] : [of, wrt];
  for (const start of from) {
    for (let i = 0; i < start.count; i++) {
      const { at } = await runDerived(d, inputs, new Seeds().set({ leaf: start.leaf, role }, oneAt(inputs, start, i)));
      for (const end of to) {
        const [o, w] = byColumns ? [end, start] : [start, end];
        const found = elements(at({ leaf: end.leaf, role }));
        const all = dense.get(pair(o.leaf, w.leaf)) as Float64Array;
        if (byColumns) for (let j = 0; j < o.count; j++) all[j * w.count + i] = found[j] ?? 0;
        else all.set(found, i * w.count);
      }
    }
  }
  return dense;
}

function oneAt(inputs: Inputs, { leaf, count }: Side, position: number): Seed {
  const arg = inputs.args.find((a) => a.name === leaf);
  if (arg?.kind !== "array") return 1;
  const data = flatZeros(valueType(arg.elem), count);
  data[position] = 1;
  return data;
}
type Seed = Parameters<Seeds["set"]>[1];

function elements(found: LeafData | undefined): ArrayLike<number> {
  if (found === undefined) return [];
  return "value" in found ? [Number(found.value)] : found.data;
}

/** The nesting of `of` around the forms of `wrt`. */
function assemble(entry: Entry, inputs: Inputs, dense: Dense, wrt: readonly Side[], of: readonly Side[]): unknown {
  const namesOf = (side: readonly Side[]): readonly string[] =>
    namesWith(
      entry,
      side.map((s) => s.leaf),
    );
  const wrtNames = namesOf(wrt);
  return Object.fromEntries(
    namesOf(of).map((name) => {
      const type = typeOf(entry, name);
      const leaves = leavesOf(name, type);
      const shapes = leaves.map((leaf) => (leaf.rank === 0 ? [] : arrayLeaf(inputs, leaf.name).shape));
      const by = (wrtName: string): unknown =>
        nestedOf(type, shapes, (k, position) =>
          gradientOf(entry, inputs, wrtName, (leaf, count) =>
            dense.get(pair(leaves[k]?.name ?? "", leaf))?.subarray(position * count, (position + 1) * count),
          ),
        );
      return [name, Object.fromEntries(wrtNames.map((w) => [w, by(w)]))];
    }),
  );
}

/** A gradient in the form of its argument. */
function gradientOf(
  entry: Entry,
  inputs: Inputs,
  name: string,
  numbers: (leaf: string, count: number) => Float64Array | undefined,
): unknown {
  const type = typeOf(entry, name);
  const leaves = leavesOf(name, type).map((leaf): LeafData => {
    const isScalar = leaf.rank === 0;
    const zero = zeroLeaf(valueType(leaf.elem), isScalar ? null : arrayLeaf(inputs, leaf.name).shape);
    const found = numbers(leaf.name, countOf(inputs, leaf.name));
    if (found === undefined) return zero;
    if ("value" in zero) return { value: found[0] as number };
    zero.data.set(found);
    return zero;
  });
  return inFormOf(inputs.values[entry.params.findIndex((p) => p.name === name)], type, leaves);
}
