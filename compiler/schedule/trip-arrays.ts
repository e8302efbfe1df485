/** Arrays with an element for each iteration of some loops, made where the function begins: what values are kept in between loops. */
import { addScaled, Forms, plus, scale, split, sub, valuesOf } from "../analysis/polynomial.ts";
import type { Loc } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type ElemType,
  type For,
  type Func,
  indexConst,
  isArray,
  type Operand,
  type Polynomial,
  type Stmt,
  sizesOf,
  type Value,
} from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";

export class TripArrays {
  /** The arrays made so far, with their sizes: for the beginning of the function. */
  readonly stmts: Stmt[] = [];
  private readonly forms = new Forms();
  private readonly params: ReadonlySet<Value>;

  constructor(f: Func) {
    this.params = new Set(f.params.flatMap((p): readonly Value[] => (isArray(p) ? sizesOf(p) : [p])));
    for (const s of walk(f.body)) this.forms.define(s);
  }

  /** Does the function know when it begins how many trips each of the loops makes at most? `around` are those around the first. */
  isSized(loops: readonly For[], around: readonly For[]): boolean {
    return loops.every((loop, k) => this.most(loop, [...around, ...loops.slice(0, k)]) !== null);
  }

  /**
   * An array with an element for each iteration of the loops, which stand one inside the other, or, where there are more `dims`, with
   * an array of these; null where no size is known.
   */
  make(
    hint: string,
    elem: ElemType,
    loops: readonly For[],
    around: readonly For[],
    loc: Loc,
    dims: readonly Operand[] = [],
  ): ArrayValue | null {
    const trips = loops.map((loop, k) => this.most(loop, [...around, ...loops.slice(0, k)]));
    const x = new Builder(loc);
    const sizes: Operand[] = [];
    for (const most of trips) {
      if (most === null) return null;
      sizes.push(x.binary("max", emitted(x, most), indexConst(0), "trips"));
    }
    const array = x.alloc(hint, elem, [...sizes, ...dims]);
    this.stmts.push(...x.stmts);
    return array;
  }

  /** How many trips the loop makes at most, whichever the iterations of those around it are; null where parameters do not say. */
  private most(loop: For, around: readonly For[]): Polynomial | null {
    let most = sub(this.forms.of(loop.hi), this.forms.of(loop.lo));
    for (const { index, lo, hi } of around.toReversed()) {
      const parts = split(most, index);
      if (parts === null || parts.coefficient.terms.length > 0) return null;
      const { constant } = parts.coefficient;
      const end = constant > 0 ? plus(this.forms.of(hi), -1) : this.forms.of(lo);
      most = addScaled(parts.rest, scale(end, constant));
    }
    return valuesOf(most).every((s) => this.params.has(s)) ? most : null;
  }
}

/** The subscripts of the element of the iteration at hand. */
export const elementAt = (
  x: Builder,
  loops: readonly For[],
  indices: readonly Operand[] = loops.map(({ index }) => index),
): readonly Operand[] =>
  loops.map(({ lo }, k) => {
    const i = indices[k] as Operand;
    return lo.kind === "const" && lo.value === 0 ? i : x.binary("sub", i, lo, "at");
  });

/** The polynomial's value, computed. */
function emitted(x: Builder, { constant, terms }: Polynomial): Operand {
  const products = terms.map(({ values, factor }) => {
    const [first, ...others] = factor === 1 ? values : [indexConst(factor), ...values];
    return others.reduce<Operand>((p, v) => x.binary("mul", p, v, "size"), first ?? indexConst(factor));
  });
  const [first, ...others] = constant === 0 ? products : [...products, indexConst(constant)];
  return others.reduce<Operand>((sum, p) => x.binary("add", sum, p, "size"), first ?? indexConst(0));
}
