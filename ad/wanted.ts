/** What to differentiate and with respect to what, on functions of the IR: parameters and results by position. */
import { type ArrayValue, type Func, isArray, isFloat, isScalar, type Value } from "../compiler/ir/ir.ts";
import type { Decisions } from "./report.ts";

export interface Wanted {
  /** Float parameters with respect to whose value on entry the derivative is. */
  readonly wrt: ReadonlySet<Value>;
  /** Array parameters whose final state is differentiated. */
  readonly of: ReadonlySet<Value>;
  /** Results that are differentiated, by position. */
  readonly results: ReadonlySet<number>;
}

/** What a derived function takes and gives besides what the function does, in order (see Derivative in artifact.ts). */
export interface Derived {
  readonly func: Func;
  /** The parameters (and results) of the function that the parameters appended to its own belong to. */
  readonly extra: readonly (Value | { readonly result: number })[];
  readonly results: readonly (Value | { readonly result: number })[];
  /** Of reverse mode: the arrays whose final state the reverse sweep reads, and what was decided. */
  readonly keeps?: readonly ArrayValue[];
  /** Arrays that the reverse sweep may leave in any state. */
  readonly restores?: readonly ArrayValue[];
  readonly decisions?: Decisions;
}

/** Arrays that have an adjoint or tangent parameter: those of `wrt` and of `of`, in the order of the parameters. */
export const arraysOf = (f: Func, { wrt, of }: Wanted): readonly Value[] =>
  f.params.filter((p) => isArray(p) && (wrt.has(p) || of.has(p)));

/** Scalar parameters in `wrt`, in order. */
export const scalarsOf = (f: Func, { wrt }: Wanted): readonly Value[] =>
  f.params.filter((p) => isScalar(p) && isFloat(p.type) && wrt.has(p));
