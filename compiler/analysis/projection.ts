/**
 * Sets without some of their values: where there are such values that the rest of the set holds. What comes out is in the
 * true projection, and is all of it wherever a coefficient is 1.
 */
import { value } from "../ir/build.ts";
import type { Polynomial, Scalar } from "../ir/ir.ts";
import {
  addScaled,
  isConstant,
  plus,
  polynomialKey,
  polyOf,
  reduce,
  scale,
  split,
  substitute,
  valuesOf,
} from "./polynomial.ts";
import { type IntegerSet, setOf } from "./sets.ts";

export interface Conjunction {
  readonly zero: readonly Polynomial[];
  readonly nonNegative: readonly Polynomial[];
}

const mostConjunctions = 12;
const mostRows = 60;

export class Projection {
  /** What quotients and remainders that results speak of are. */
  readonly definitions: IntegerSet[] = [];
  private readonly quotients = new Map<string, { readonly quotient: Scalar; readonly remainder: Scalar }>();
  private readonly ids = new Map<Scalar, number>();

  /** The set without the values, as a union. */
  without(set: IntegerSet, values: ReadonlySet<Scalar>): readonly Conjunction[] {
    return conjunctionsOf(set).flatMap((c) => this.project(c, values) ?? []);
  }

  private project(c: Conjunction, values: ReadonlySet<Scalar>): Conjunction | null {
    let zero: readonly Polynomial[] = c.zero.filter((e) => !isConstant(e) || e.constant !== 0);
    let nonNegative: readonly Polynomial[] = c.nonNegative.filter((e) => !isConstant(e) || e.constant < 0);
    const bound = (e: Polynomial): readonly Scalar[] => valuesOf(e).filter((v) => values.has(v));
    for (;;) {
      const open = zero.filter((e) => bound(e).length > 0);
      if (open.length === 0) break;
      const found = this.solve(open, bound);
      if (found === null) return null;
      const replace = (e: Polynomial): Polynomial | null => substitute(e, found.value, found.by);
      const replaced = [...zero.filter((e) => e !== found.equality), ...found.zero].map(replace);
      const kept = nonNegative.map(replace);
      if (replaced.some((e) => e === null) || kept.some((e) => e === null)) return null;
      zero = (replaced as readonly Polynomial[]).filter((e) => !isConstant(e) || e.constant !== 0);
      nonNegative = (kept as readonly Polynomial[]).filter((e) => !isConstant(e) || e.constant < 0);
    }
    if ([...zero, ...nonNegative].some(isConstant)) return null;
    for (const v of values) {
      const rest = eliminate(nonNegative, v);
      if (rest === null) return null;
      nonNegative = rest;
    }
    return { zero, nonNegative };
  }

  /** One of the values from one of the equalities. */
  private solve(
    open: readonly Polynomial[],
    bound: (e: Polynomial) => readonly Scalar[],
  ): {
    readonly value: Scalar;
    readonly by: Polynomial;
    readonly equality: Polynomial | null;
    readonly zero: readonly Polynomial[];
  } | null {
    for (const e of open) {
      // x·m − y·m: that x is y is enough.
      for (const t of e.terms) {
        if (t.values.length < 2) continue;
        for (const x of t.values) {
          const y = bound(polyOf(x)).length === 0 ? null : partnerOf(e, t, x, (v) => bound(polyOf(v)).length === 0);
          if (y !== null) return { value: x, by: polyOf(y), equality: null, zero: [] };
        }
      }
    }
    for (const e of open) {
      for (const v of bound(e)) {
        const parts = split(e, v);
        if (parts === null || !isConstant(parts.coefficient)) continue;
        const c = parts.coefficient.constant;
        if (Math.abs(c) === 1) return { value: v, by: scale(parts.rest, -c), equality: e, zero: [] };
      }
    }
    for (const e of open) {
      for (const v of bound(e)) {
        const parts = split(e, v);
        if (parts === null || !isConstant(parts.coefficient) || bound(parts.rest).length > 0) continue;
        const c = parts.coefficient.constant;
        const { quotient, remainder } = this.divided(parts.rest, Math.abs(c));
        return { value: v, by: scale(polyOf(quotient), -Math.sign(c)), equality: e, zero: [polyOf(remainder)] };
      }
    }
    return null;
  }

  /** `e = divisor · quotient + remainder`. */
  private divided(e: Polynomial, divisor: number): { readonly quotient: Scalar; readonly remainder: Scalar } {
    const key = `${polynomialKey(e, this.ids)} ${e.constant} / ${divisor}`;
    const known = this.quotients.get(key);
    if (known !== undefined) return known;
    const made = { quotient: value("quotient", "index" as const), remainder: value("remainder", "index" as const) };
    this.quotients.set(key, made);
    const at = polyOf(made.remainder);
    const is = addScaled(addScaled(e, polyOf(made.quotient), -divisor), at, -1);
    this.definitions.push(setOf([at, plus(scale(at, -1), divisor - 1)], [is]));
    return made;
  }
}

/** The value that stands in another term where `x` does in this one, with the same others and the opposite factor. */
function partnerOf(
  e: Polynomial,
  t: Polynomial["terms"][number],
  x: Scalar,
  isFree: (v: Scalar) => boolean,
): Scalar | null {
  const others = without(t.values, x);
  for (const u of e.terms) {
    if (u.factor !== -t.factor || u.values.length !== t.values.length) continue;
    for (const y of u.values) {
      const rest = without(u.values, y);
      if (isFree(y) && others.every((v) => rest.includes(v))) return y;
    }
  }
  return null;
}
const without = (list: readonly Scalar[], v: Scalar): readonly Scalar[] => list.filter((_, k) => k !== list.indexOf(v));

/** The inequalities between which an integer lies for `v`, without it; null where `v` stands in products. */
function eliminate(rows: readonly Polynomial[], v: Scalar): readonly Polynomial[] | null {
  const out: Polynomial[] = [];
  const lower: { readonly factor: number; readonly rest: Polynomial }[] = [];
  const upper: { readonly factor: number; readonly rest: Polynomial }[] = [];
  for (const e of rows) {
    if (!valuesOf(e).includes(v)) {
      out.push(e);
      continue;
    }
    const parts = split(e, v);
    if (parts === null || !isConstant(parts.coefficient)) return null;
    const factor = parts.coefficient.constant;
    (factor > 0 ? lower : upper).push({ factor: Math.abs(factor), rest: parts.rest });
  }
  for (const l of lower) {
    for (const u of upper) {
      const sum = addScaled(scale(l.rest, u.factor), u.rest, l.factor);
      out.push(reduce(plus(sum, -(l.factor - 1) * (u.factor - 1))));
    }
  }
  return out.length > mostRows ? null : distinct(out);
}

/** Without what always holds, and of the same terms only the strongest. */
function distinct(rows: readonly Polynomial[]): readonly Polynomial[] {
  const ids = new Map<Scalar, number>();
  const strongest = new Map<string, Polynomial>();
  for (const e of rows) {
    if (isConstant(e) && e.constant >= 0) continue;
    const key = polynomialKey(e, ids);
    const known = strongest.get(key);
    if (known === undefined || e.constant < known.constant) strongest.set(key, e);
  }
  return [...strongest.values()];
}

/** A union of conjunctions that is in the set; all of it, unless there are many. */
function conjunctionsOf(set: IntegerSet): readonly Conjunction[] {
  let out: readonly Conjunction[] = [{ zero: set.zero, nonNegative: set.nonNegative }];
  for (const list of set.cases) {
    const each = list.flatMap(conjunctionsOf);
    out = out
      .flatMap((a) =>
        each.map((b) => ({ zero: [...a.zero, ...b.zero], nonNegative: [...a.nonNegative, ...b.nonNegative] })),
      )
      .slice(0, mostConjunctions);
  }
  return out;
}
