/**
 * The tangent of a call that has an adjoint of its own. The adjoint for d = 1 is the row of its partial derivatives:
 *
 *   %r: f64 = call @f(%a, %x[%i]) adjoint @f_adj
 *   %t_r = %t_a · %da + Σ %t_x[%i, k] · %dx[k]        where %da: f64 = call @f_adj(%a, %x[%i], %r, 1f64, %dx)
 *
 * It is run where only one direction is asked for: an adjoint that does not scale with d has no tangent that agrees with it.
 */
import { bug } from "../compiler/diagnostic.ts";
import { type Builder, floatConst } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  arrayIn,
  type Call,
  indexConst,
  type Operand,
  prefixOf,
  type Scalar,
  valueType,
} from "../compiler/ir/ir.ts";
import { floatArrays, floatScalars } from "./custom.ts";
import { zeroWins } from "./rules.ts";

export interface Tangents {
  readonly tangent: (o: Operand) => Operand | undefined;
  readonly array: (a: ArrayValue) => ArrayValue | undefined;
}

/** Builds what stands after the call, and gives the tangent of its result. */
export function tangentOfCall(b: Builder, s: Call, { tangent, array }: Tangents): Operand {
  const adjoint = s.adjoint ?? bug(`@${s.callee} is called, and has no adjoint`);
  const r = s.results[0] ?? bug(`@${s.callee} has an adjoint and no result`);
  const [scalars, regions] = [floatScalars(s), floatArrays(s)];
  const gradients = regions.map((a) => {
    const { hint, type } = arrayIn(a);
    return b.alloc(`d_${hint}`, valueType(type.elem), type.dims.slice(prefixOf(a).length));
  });
  const partials = b.call(
    adjoint,
    [...s.args, r, floatConst(r.type, 1), ...gradients],
    scalars.map((o) => o.type),
  );
  const product = (x: Builder, t: Operand, partial: Operand): Operand =>
    x.cast(r.type, zeroWins(x, t, x.binary("mul", t, partial)));
  let sum: Operand = floatConst(r.type, 0);
  scalars.forEach((o, i) => {
    const t = tangent(o);
    if (t !== undefined) sum = b.binary("add", sum, product(b, t, partials[i] as Scalar));
  });
  regions.forEach((a, i) => {
    const t = array(arrayIn(a));
    if (t === undefined) return;
    const gradient = gradients[i] as ArrayValue;
    sum = sumOver(b, gradient.type.dims, sum, (x, index) =>
      product(x, x.load(t, [...prefixOf(a), ...index]), x.load(gradient, index)),
    );
  });
  return sum;
}

/** `start`, and what `term` gives for each index within `dims`. */
function sumOver(
  b: Builder,
  dims: readonly Operand[],
  start: Operand,
  term: (x: Builder, index: readonly Operand[]) => Operand,
  index: readonly Operand[] = [],
): Operand {
  const [size, ...rest] = dims;
  if (size === undefined) return b.binary("add", start, term(b, index));
  const [sum] = b.for(
    "ijklmn"[index.length] ?? "i",
    "seq",
    indexConst(0),
    size,
    [start],
    (x, i, [so]) => [sumOver(x, rest, so as Scalar, term, [...index, i])],
    ["sum"],
  );
  return sum as Scalar;
}
