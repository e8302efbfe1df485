/** Loops that stand one inside the other with nothing but values beside them, and what the innermost does. */
import { accessOf } from "../analysis/bounds.ts";
import { type Forms, plus, sub, valuesOf } from "../analysis/polynomial.ts";
import type { Accum, For, Let, Operand, Scalar, Stmt, Store, Value } from "../ir/ir.ts";
import { bindersOf, resultsOf, usesOf } from "../ir/walk.ts";

export interface Nest {
  /** Outermost first. */
  readonly loops: readonly For[];
  /** Values that the loops compute, and what the innermost writes, in program order. */
  readonly stmts: readonly (Let | Store | Accum)[];
  /** All that is bound in the nest. */
  readonly bound: ReadonlySet<Value>;
}

/** The nest that a loop is the outermost of; null where it holds anything else. */
export function nestOf(outer: For): Nest | null {
  const loops: For[] = [];
  const stmts: (Let | Store | Accum)[] = [];
  const bound = new Set<Value>();
  for (let loop: For | null = outer; loop !== null; ) {
    if (loop.mode !== "seq" || loop.carried.length > 0) return null;
    loops.push(loop);
    for (const v of bindersOf(loop)) bound.add(v);
    let inner: For | null = null;
    for (const s of loop.body.stmts) {
      for (const v of resultsOf(s)) bound.add(v);
      if (s.kind === "for" && inner === null) inner = s;
      else if (s.kind === "let" || s.kind === "store" || s.kind === "accum") stmts.push(s);
      else return null;
    }
    // Beside another loop stand only values.
    if (inner !== null && loop.body.stmts.some((s) => s.kind === "store" || s.kind === "accum")) return null;
    if (inner !== null && loop.body.stmts.at(-1) !== inner) return null;
    loop = inner;
  }
  return { loops, stmts, bound };
}

/** Are the bounds of every loop the same in all iterations of the others? */
export const isRectangular = ({ loops, bound }: Nest): boolean =>
  loops.every(({ lo, hi }) => ![lo, hi].some((o) => bound.has(o as Value)));

/** The values of the nest that the operands take, in program order. */
export function sliceOf({ stmts, bound }: Nest, operands: readonly Operand[]): readonly Let[] {
  const needed = new Set<unknown>(operands);
  const out: Let[] = [];
  for (const s of stmts.toReversed()) {
    if (s.kind !== "let" || !needed.has(s.result)) continue;
    out.unshift(s);
    for (const v of usesOf(s)) if (bound.has(v as Value)) needed.add(v);
  }
  return out;
}

/**
 * By how much the subscripts of an access are ahead of each loop of the nest: one axis for each loop, its index plus a constant; the
 * other axes the same throughout. Null for other accesses.
 */
export function shiftOf(nest: Nest, access: Stmt, forms: Forms): readonly number[] | null {
  const shift = new Map<Scalar, number>();
  for (const o of accessOf(access)?.index ?? []) {
    const form = forms.of(o);
    const own = valuesOf(form).filter((v) => nest.bound.has(v));
    const [index] = own;
    if (index === undefined) continue;
    const rest = sub(form, { constant: 0, terms: [{ values: [index], factor: 1 }] });
    if (own.length > 1 || rest.terms.length > 0 || shift.has(index)) return null;
    shift.set(index, plus(rest, 0).constant);
  }
  const all = nest.loops.map((l) => shift.get(l.index));
  return all.every((n) => n !== undefined) && shift.size === all.length ? (all as readonly number[]) : null;
}
