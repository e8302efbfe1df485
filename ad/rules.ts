/**
 * The derivatives of the operators: one table, which reverse and forward mode both read.
 *
 * An operation r = op(a, b) has for each operand a list of ways to multiply a derivative with ∂r/∂operand, best first; null
 * where the derivative is zero wherever it exists (floor, comparisons' kin), or where no operand is a float. Ways differ in
 * which primal values they read: what reads only the result can do with operands that are gone.
 */
import type { Builder } from "../compiler/ir/build.ts";
import type { Operand } from "../compiler/ir/ir.ts";
import type { BinaryOp, UnaryOp } from "../compiler/ir/ops.ts";

/** A primal value of an operation: its operands, or its result. */
export type Primal = "a" | "b" | "r";

/** One way to get d · ∂r/∂operand. */
export interface Partial {
  /** What `emit` reads; it may touch nothing else of `v`. */
  readonly uses: readonly Primal[];
  readonly emit: (x: Builder, d: Operand, v: Readonly<Record<Primal, Operand>>) => Operand;
}

/** Ways to the derivative by one operand, best first; null where it is zero. */
export type Ways = readonly Partial[] | null;

export const unaryRules = {} as Readonly<Record<UnaryOp, Ways>>;
export const binaryRules = {} as Readonly<Record<BinaryOp, { readonly a: Ways; readonly b: Ways }>>;
