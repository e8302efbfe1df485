/**
 * Sets of integer points: conjunctions of `form = 0` and `form >= 0` over integer values, with cases of which one holds.
 *
 * The question is whether a set has a point. `empty` is shown for all values of all symbols; `inhabited` comes with a point.
 * Products of values are values of their own to the Omega test (omega.ts). Where its point does not multiply, what the set
 * says of the factors is multiplied out, as `i < j` times a size `m >= 0` says `i·m + m <= j·m`, and it is asked again.
 */
import type { Polynomial, Scalar } from "../ir/ir.ts";
import { findPoint, type Row } from "./omega.ts";
import { multiply, polyConst, polynomialKey, polyOf, valuesOf } from "./polynomial.ts";

export interface IntegerSet {
  readonly zero: readonly Polynomial[];
  readonly nonNegative: readonly Polynomial[];
  /** Of each list, one set holds too. */
  readonly cases: readonly (readonly IntegerSet[])[];
}

export type Point = ReadonlyMap<Scalar, number>;
export type Emptiness =
  | { readonly kind: "empty" }
  | { readonly kind: "inhabited"; readonly point: Point }
  | { readonly kind: "unknown" };

export const everything: IntegerSet = { zero: [], nonNegative: [], cases: [] };
export const setOf = (nonNegative: readonly Polynomial[], zero: readonly Polynomial[] = []): IntegerSet => ({
  zero,
  nonNegative,
  cases: [],
});
export const oneOf = (cases: readonly IntegerSet[]): IntegerSet =>
  cases.length === 1 ? (cases[0] as IntegerSet) : { ...everything, cases: [cases] };

/** What is in all of them. */
export function intersect(sets: readonly IntegerSet[]): IntegerSet {
  const [first, ...others] = sets.filter((s) => s !== everything);
  if (first === undefined) return everything;
  if (others.length === 0) return first;
  const all = [first, ...others];
  return {
    zero: all.flatMap((s) => s.zero),
    nonNegative: all.flatMap((s) => s.nonNegative),
    cases: all.flatMap((s) => s.cases),
  };
}

/** The values that a set speaks of. */
export function atomsOf(set: IntegerSet, into = new Set<Scalar>()): Set<Scalar> {
  for (const e of set.zero) addValues(e, into);
  for (const e of set.nonNegative) addValues(e, into);
  for (const list of set.cases) for (const s of list) atomsOf(s, into);
  return into;
}
function addValues(e: Polynomial, into: Set<Scalar>): void {
  for (const t of e.terms) for (const v of t.values) into.add(v);
}

/** The set with its values renamed; itself where none is. */
export function rename(set: IntegerSet, to: (v: Scalar) => Scalar): IntegerSet {
  if ([...atomsOf(set)].every((v) => to(v) === v)) return set;
  return {
    zero: set.zero.map((e) => renameIn(e, to)),
    nonNegative: set.nonNegative.map((e) => renameIn(e, to)),
    cases: set.cases.map((list) => list.map((s) => rename(s, to))),
  };
}
export function renameIn(e: Polynomial, to: (v: Scalar) => Scalar): Polynomial {
  if (e.terms.every((t) => t.values.every((v) => to(v) === v))) return e;
  return { constant: e.constant, terms: e.terms.map((t) => ({ values: t.values.map(to), factor: t.factor })) };
}

/** Has the set a point? Tries at most `budget` of its cases. */
export function decide(set: IntegerSet, budget = 64): Emptiness {
  return new Search(budget).decide(set.zero, set.nonNegative, set.cases);
}
export const isEmpty = (set: IntegerSet): boolean => decide(set).kind === "empty";

type Cases = IntegerSet["cases"];
const empty: Emptiness = { kind: "empty" };
const unknown: Emptiness = { kind: "unknown" };

class Search {
  private left: number;

  constructor(budget: number) {
    this.left = budget;
  }

  decide(zero: readonly Polynomial[], nonNegative: readonly Polynomial[], cases: Cases): Emptiness {
    if (this.left-- <= 0) return unknown;
    const found = solve(zero, nonNegative);
    if (found.kind === "empty") return found;
    // Cases of which one holds at the point are no concern.
    const open = found.kind === "unknown" ? cases : cases.filter((list) => !list.some((s) => holdsAt(s, found.point)));
    const [next] = open;
    if (next === undefined) return found;
    const rest = cases.filter((list) => list !== next);
    let outcome = empty;
    for (const s of next) {
      const inside = this.decide([...zero, ...s.zero], [...nonNegative, ...s.nonNegative], [...s.cases, ...rest]);
      if (inside.kind === "inhabited") return inside;
      if (inside.kind === "unknown") outcome = unknown;
      if (this.left <= 0) return unknown;
    }
    return outcome;
  }
}

/** Does the set hold at the point? What the point does not name is 0. */
export function holdsAt(set: IntegerSet, point: Point): boolean {
  return (
    set.zero.every((e) => valueAt(e, point) === 0) &&
    set.nonNegative.every((e) => valueAt(e, point) >= 0) &&
    set.cases.every((list) => list.some((s) => holdsAt(s, point)))
  );
}
function valueAt(e: Polynomial, point: Point): number {
  let sum = e.constant;
  for (const t of e.terms) sum += t.values.reduce((product, v) => product * (point.get(v) ?? 0), t.factor);
  return sum;
}

function solve(zero: readonly Polynomial[], nonNegative: readonly Polynomial[]): Emptiness {
  const plain = new Columns(zero, nonNegative).solve();
  if (plain === "empty") return empty;
  if (plain === "unknown") return unknown;
  if (plain.exact) return { kind: "inhabited", point: plain.point };
  const more = products(zero, nonNegative);
  if (more.zero.length + more.nonNegative.length === 0) return unknown;
  const lifted = new Columns([...zero, ...more.zero], [...nonNegative, ...more.nonNegative]).solve();
  if (lifted === "empty") return empty;
  return lifted === "unknown" || !lifted.exact ? unknown : { kind: "inhabited", point: lifted.point };
}

/** Values and products of values as the variables of rows. */
class Columns {
  private readonly singles = new Map<Scalar, number>();
  private readonly products = new Map<string, { readonly column: number; readonly values: readonly Scalar[] }>();
  private readonly zero: readonly Polynomial[];
  private readonly nonNegative: readonly Polynomial[];
  private count = 0;

  constructor(zero: readonly Polynomial[], nonNegative: readonly Polynomial[]) {
    this.zero = zero;
    this.nonNegative = nonNegative;
    for (const list of [zero, nonNegative]) {
      for (const e of list) for (const t of e.terms) this.columnOf(t.values);
    }
  }

  solve(): "empty" | "unknown" | { readonly point: Point; readonly exact: boolean } {
    const { count } = this;
    const rows = (list: readonly Polynomial[]): readonly Row[] => list.map((e) => this.row(e));
    const found = findPoint(rows(this.zero), rows(this.nonNegative), count);
    if (typeof found === "string") return found;
    const point = new Map([...this.singles].map(([v, column]) => [v, found[column] as number]));
    const exact = [...this.products.values()].every(
      ({ column, values }) => values.reduce((p, v) => p * (point.get(v) as number), 1) === found[column],
    );
    return { point, exact };
  }

  private row(e: Polynomial): Row {
    const row = new Array<number>(this.count + 1).fill(0);
    row[this.count] = e.constant;
    for (const t of e.terms) row[this.columnOf(t.values)] = t.factor;
    return row;
  }

  private single(v: Scalar): number {
    const known = this.singles.get(v);
    if (known !== undefined) return known;
    this.singles.set(v, this.count);
    return this.count++;
  }

  private columnOf(values: readonly Scalar[]): number {
    if (values.length === 1) return this.single(values[0] as Scalar);
    const key = values.map((v) => this.single(v)).sort((a, b) => a - b);
    const known = this.products.get(key.join());
    if (known !== undefined) return known.column;
    this.products.set(key.join(), { column: this.count, values });
    return this.count++;
  }
}

const mostProducts = 80;

/**
 * Products of what the set says: each form that speaks of a value that stands in a product, times the others in there, where
 * these are not negative.
 */
function products(zero: readonly Polynomial[], nonNegative: readonly Polynomial[]): IntegerSet {
  const signed = new Set(nonNegative.flatMap((e) => atLeastZero(e) ?? []));
  const forms = [...zero, ...nonNegative].map((e) => ({ e, atoms: new Set(valuesOf(e)) }));
  const made = new Map<string, Polynomial>();
  const ids = new Map<Scalar, number>();
  let terms = [...zero, ...nonNegative].flatMap((e) => e.terms);
  // A second round multiplies what the first brought in, for arrays of three axes that are subscripted as one.
  for (let round = 0; round < 2; round++) {
    for (const { value, others } of factorings(terms)) {
      if (!others.every((v) => signed.has(v))) continue;
      const by = others.reduce((p, v) => multiply(p, polyOf(v)), polyConst(1));
      const name = polynomialKey(by, ids);
      for (const [i, { e, atoms }] of forms.entries()) {
        if (!atoms.has(value) || made.size === mostProducts || made.has(`${i} ${name}`)) continue;
        if (e.terms.every((t) => t.values.length + others.length <= 3)) made.set(`${i} ${name}`, multiply(e, by));
      }
    }
    terms = [...made.values()].flatMap((e) => e.terms);
  }
  const isZero = (key: string): boolean => Number.parseInt(key, 10) < zero.length;
  const pick = (of: boolean): Polynomial[] => [...made].filter(([key]) => isZero(key) === of).map(([, e]) => e);
  return setOf(pick(false), pick(true));
}

/** The value that a form `factor · v − constant >= 0` shows not to be negative. */
function atLeastZero(e: Polynomial): Scalar | null {
  const [t] = e.terms;
  const isOne = t !== undefined && e.terms.length === 1 && t.values.length === 1 && t.factor > 0 && e.constant <= 0;
  return isOne ? (t.values[0] as Scalar) : null;
}

/** The products as one value times others. */
function factorings(
  terms: Polynomial["terms"],
): readonly { readonly value: Scalar; readonly others: readonly Scalar[] }[] {
  const many = terms.filter((t) => t.values.length > 1);
  return many.flatMap(({ values }) => values.map((value, k) => ({ value, others: values.filter((_, i) => i !== k) })));
}
