/** What inference does with whole types: components of structs, the widest range of a counter, types that must stop growing. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { Code } from "./codes.ts";
import { combine, counterReach, fixed, type Interval, isExact, type Range } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { strip } from "./syntax.ts";
import { int, isNumber, isWhole, join, type NumberTy, sameTy, settle, type Ty, whole64 } from "./types.ts";

/** What the parts of the inference of expressions need of the whole (infer-expr.ts). */
export interface ExprTypes {
  readonly session: Session;
  readonly instance: Instance;
  type(e: ts.Expression): Ty;
  number(e: ts.Expression): NumberTy;
  annotation(node: ts.TypeNode): SourceType;
  refuse(node: ts.Node, code: Code, message: string, help?: string): never;
}

/** The type of a part of a tuple, if it has such a part. */
export const partAt = (ty: Ty, k: number): Ty | undefined => (ty.kind === "tuple" ? ty.elems[k] : undefined);

/** `settle` of every component. */
export const settleDeep = (t: Ty): Ty => {
  if (t.kind === "struct")
    return { kind: "struct", fields: new Map([...t.fields].map(([n, f]) => [n, settleDeep(f)])) };
  if (t.kind === "tuple") return { kind: "tuple", elems: t.elems.map(settleDeep) };
  return settle(t);
};

/** The declared type, with ints as wide as what is given. */
export function withRanges(declared: Ty, given: Ty): Ty {
  if (declared.kind === "struct" && given.kind === "struct") {
    const fields = [...declared.fields].map(([n, f]): [string, Ty] => [n, withRanges(f, given.fields.get(n) ?? f)]);
    return { kind: "struct", fields: new Map(fields) };
  }
  if (declared.kind === "tuple" && given.kind === "tuple") {
    return { kind: "tuple", elems: declared.elems.map((f, k) => withRanges(f, given.elems[k] ?? f)) };
  }
  if (declared.kind === "int" && isNumber(given)) return settle(given);
  if (declared.kind === "float" && isNumber(given)) return { ...declared, whole: isWhole(given) };
  return declared;
}

/** `ty` with the type at the path that the target names replaced. */
export function atPath(ty: Ty, target: ts.Expression, leaf: Ty, session: Session): Ty {
  const path: (string | number)[] = [];
  let n = target;
  while (!ts.isIdentifier(n)) {
    if (ts.isPropertyAccessExpression(n)) path.unshift(n.name.text);
    else if (ts.isElementAccessExpression(n)) path.unshift(session.names.constant(n.argumentExpression) ?? 0);
    else break;
    n = strip(n.expression);
  }
  const put = (t: Ty, k: number): Ty => {
    const step = path[k];
    if (step === undefined) return join(t, leaf) ?? t;
    if (t.kind === "struct") {
      return {
        kind: "struct",
        fields: new Map([...t.fields].map(([name, f]) => [name, name === step ? put(f, k + 1) : f])),
      };
    }
    if (t.kind === "tuple") return { kind: "tuple", elems: t.elems.map((f, i) => (i === step ? put(f, k + 1) : f)) };
    return t;
  };
  return put(ty, 0);
}

/** Where a variable in the range gets that only moves by constants. */
export function reach(range: Range, by: { readonly down: boolean; readonly up: boolean }): Range {
  const far = fixed(by.down ? -counterReach : 0, by.up ? counterReach : 0);
  return combine(range, far, (a, b) => ({ lo: a.lo + b.lo, hi: a.hi + b.hi }));
}

/** Where growing ranges are given time to settle: a little beyond sizes, and far beyond. */
const resting = [0, 2 ** 26, 2 ** 28, 2 ** 31, 2 ** 33, 2 ** 48];
function rested(before: Interval, after: Interval): Interval {
  const up = (x: number): number => resting.find((r) => x <= r) ?? Number.POSITIVE_INFINITY;
  return {
    lo: after.lo < before.lo ? -up(-after.lo) : after.lo,
    hi: after.hi > before.hi ? up(after.hi) : after.hi,
  };
}

/** Where ranges would go on growing: the next resting place, or floats in place of ints. */
export function widen(before: Ty, after: Ty, toFloat: boolean): Ty {
  if (before.kind === "int" && after.kind === "int") {
    const range = combine(before.range, after.range, rested);
    return toFloat || !isExact(range) ? whole64 : int(range);
  }
  if (before.kind === "struct" && after.kind === "struct") {
    return {
      kind: "struct",
      fields: new Map([...after.fields].map(([n, t]) => [n, widen(before.fields.get(n) ?? t, t, toFloat)])),
    };
  }
  if (before.kind === "tuple" && after.kind === "tuple") {
    return {
      kind: "tuple",
      elems: after.elems.map((t, k) => (sameTy(before.elems[k] ?? t, t) ? t : widen(before.elems[k] ?? t, t, toFloat))),
    };
  }
  return after;
}
