/** Loops that stand one inside the other with nothing but values beside them, and what the innermost does. */
import { accessOf } from "../analysis/bounds.ts";
import { type Forms, polyOf, sub, valuesOf } from "../analysis/polynomial.ts";
import { type Accum, type For, isConst, type Let, type Operand, type Stmt, type Store, type Value } from "../ir/ir.ts";
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

/** Where an access is, seen from the iteration of the nest: each loop's index leads one axis. */
export interface Offset {
  /** By how much that axis is ahead of the index, loop by loop. */
  readonly shift: readonly number[];
  /** For each axis the number of its loop, or the subscript that is the same throughout. */
  readonly axes: readonly (number | Operand)[];
}

/** The offset of an access whose subscripts are indices of the nest plus constants; null for others. */
export function offsetOf(nest: Nest, access: Stmt, forms: Forms): Offset | null {
  const shift: number[] = [];
  const axes: (number | Operand)[] = [];
  for (const o of accessOf(access)?.index ?? []) {
    const form = forms.of(o);
    const [index, ...more] = valuesOf(form).filter((v) => nest.bound.has(v));
    if (index === undefined) {
      axes.push(o);
      continue;
    }
    const level = nest.loops.findIndex((l) => l.index === index);
    const rest = sub(form, polyOf(index));
    if (level < 0 || more.length > 0 || rest.terms.length > 0 || shift[level] !== undefined) return null;
    shift[level] = rest.constant;
    axes.push(level);
  }
  return nest.loops.every((_, k) => shift[k] !== undefined) ? { shift, axes } : null;
}

/** Do two accesses of one array with these offsets differ by their shifts alone? */
export const isSameShape = (a: Offset, b: Offset): boolean =>
  a.axes.every((x, k) => {
    const y = b.axes[k];
    return x === y || (typeof x === "object" && typeof y === "object" && isConst(x) && isConst(y, x.value));
  });
