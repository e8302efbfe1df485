/**
 * What a rewrite rule is. A rule sees one expression, and through `def` how its operands were computed; it gives the
 * operand or the one expression that computes the same, or null. Rules never rewrite to worse code, and none undoes
 * another's work. Constants stand second where the operation commutes, so each rule is written once.
 */
import { binaryEval } from "../ir/eval.ts";
import {
  type Binary,
  type Cast,
  type Compare,
  type Const,
  constant,
  type Expr,
  isConst,
  type Operand,
  type ScalarType,
  type Select,
  type Unary,
} from "../ir/ir.ts";
import type { BinaryOp, UnaryOp } from "../ir/ops.ts";

/** How an operand was computed, where a `let` did it. */
export type DefOf = (o: Operand) => Expr | undefined;
export type Rule<E extends Expr> = (e: E, def: DefOf) => Operand | Expr | null;
export type UnaryRules = { readonly [op in UnaryOp]?: readonly Rule<Unary>[] };
export type BinaryRules = { readonly [op in BinaryOp]?: readonly Rule<Binary>[] };
export type CompareRules = readonly Rule<Compare>[];
export type SelectRules = readonly Rule<Select>[];
export type CastRules = readonly Rule<Cast>[];

/** The same value: one value, or constants of one type that no operation can tell apart. */
export function same(a: Operand, b: Operand): boolean {
  return a === b || (a.kind === "const" && b.kind === "const" && a.type === b.type && Object.is(a.value, b.value));
}

export const isUnary = (e: Expr | undefined, op: UnaryOp): e is Unary => e?.kind === "unary" && e.op === op;
export const isBinary = (e: Expr | undefined, op: BinaryOp): e is Binary => e?.kind === "binary" && e.op === op;

/** What `e` negates. */
export const negated = (e: Expr | undefined): Operand | null => (isUnary(e, "neg") ? e.a : null);
/** `f` of what `e` negates; null where `e` is no negation. */
export const withNegated = <T>(e: Expr | undefined, f: (a: Operand) => T | null): T | null =>
  isUnary(e, "neg") ? f(e.a) : null;

/** `op` on two constants of `type`; null where an index would leave the exact integers. */
export function combine(op: BinaryOp, a: Const, b: Const): Const | null {
  const v = binaryEval(op, a.type)(a.value, b.value);
  return a.type === "index" && !Number.isSafeInteger(v) ? null : constant(a.type, v);
}

/** (x op c) op d = x op (c op d), for the operations where that is so. */
export function associate(e: Binary, def: DefOf): Expr | null {
  const inner = def(e.a);
  if (!isConst(e.b) || !isBinary(inner, e.op) || !isConst(inner.b)) return null;
  const b = combine(e.op, inner.b, e.b);
  return b === null ? null : { ...e, a: inner.a, b };
}

export const unaryOf = (op: UnaryOp, a: Operand, like: { readonly mode: Unary["mode"] }): Unary => ({
  kind: "unary",
  op,
  a,
  mode: like.mode,
});

export const numberOf = (c: Const): number => Number(c.value);
export const typed = (like: Operand, value: number | boolean): Const => constant(like.type as ScalarType, value);
