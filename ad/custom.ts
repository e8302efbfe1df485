/**
 * Calls with an adjoint of their own (`Call` in ir.ts): which arguments it is about, and what reverse mode makes of one. Forward
 * mode is in forward-call.ts; neither looks into the function called.
 *
 *   %r: f64 = call @f(%s, %x[%i]) adjoint @g    →    %p: f64 = call @g(%s, %x[%i], %r, %r_adj, %x_adj[%i]); s̄ += p
 */
import { bug } from "../compiler/diagnostic.ts";
import type { Builder } from "../compiler/ir/build.ts";
import {
  type Arg,
  type ArrayValue,
  arrayIn,
  type Call,
  isArray,
  isFloat,
  type Operand,
  prefixOf,
  type Region,
  type Scalar,
  valueType,
} from "../compiler/ir/ir.ts";

export const isRegion = (a: Arg): a is Region => a.kind === "view" || isArray(a);

/** The float scalars among the arguments, in order: those that the adjoint returns a product for. */
export const floatScalars = (s: Call): readonly Operand[] =>
  s.args.filter((a): a is Operand => !isRegion(a) && isFloat(a.type));
/** The arguments that are arrays of floats, in order: those to whose adjoints the adjoint adds. */
export const floatArrays = (s: Call): readonly Region[] =>
  s.args.filter(isRegion).filter((a) => isFloat(arrayIn(a).type.elem));

/** What the sweep knows of the primal, at the place of the call. */
export interface Primals {
  readonly value: (o: Operand) => Operand;
  /** The array that holds what this one held when the call ran. */
  readonly array: (a: ArrayValue) => ArrayValue;
  /** Where the array's adjoint is; null where nobody wants it. */
  readonly adjoint: (a: ArrayValue) => ArrayValue | null;
}

/**
 * Calls the adjoint, which adds to the adjoints of arrays by itself. `d` is the adjoint of the call's result. Gives the adjoint
 * of each of `floatScalars`.
 */
export function emitAdjointCall(x: Builder, s: Call, d: Operand, at: Primals): readonly Scalar[] {
  const adjoint = s.adjoint ?? bug(`@${s.callee} is called, and has no adjoint`);
  const r = s.results[0] ?? bug(`@${s.callee} has an adjoint and no result`);
  const part = (array: ArrayValue, prefix: readonly Operand[]): Region =>
    prefix.length === 0 ? array : { kind: "view", array, prefix: prefix.map(at.value) };
  const args = s.args.map((a) => (isRegion(a) ? part(at.array(arrayIn(a)), prefixOf(a)) : at.value(a)));
  const adjoints = floatArrays(s).map((a): Region => {
    const array = arrayIn(a);
    const to = at.adjoint(array);
    if (to !== null) return part(to, prefixOf(a));
    // What is added there is lost.
    return x.alloc(
      `d_${array.hint}`,
      valueType(array.type.elem),
      array.type.dims.slice(prefixOf(a).length).map(at.value),
    );
  });
  const types = floatScalars(s).map((o) => o.type);
  return x.call(adjoint, [...args, at.value(r), d, ...adjoints], types);
}
