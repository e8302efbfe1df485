/**
 * Which accesses stay inside their arrays: proven outright, proven as long as the sizes meet an inequality, or not known.
 *
 * Each subscript and extent is a polynomial (polynomial.ts). A side of a bound, a form that must be `>= 0`, is shown by
 * replacing loop indices by the ends of their loops until only sizes and scalar parameters are left: either these show it
 * for all sizes, or what is left is an inequality to be evaluated at launch. Conditions of branches and loops around the
 * access help (facts.ts). Where a subscript is one of several forms, as `max(i - 1, 0)` is, each is shown by itself.
 */

import type { Loc } from "../diagnostic.ts";
import type { ArrayValue, Block, Func, Operand, Polynomial, Requirement, Scalar, Stmt } from "../ir/ir.ts";
import { isArray, isScalar } from "../ir/ir.ts";
import { blocksOf } from "../ir/walk.ts";
import { type Elimination, eliminate } from "./eliminate.ts";
import { Facts } from "./facts.ts";
import { isConstant, plus, reduce, split, sub, substitute, valuesOf } from "./polynomial.ts";

/** What is known of one axis of an access. */
export type Verdict =
  | { readonly kind: "inside" }
  /** Inside wherever the requirements hold. */
  | { readonly kind: "when"; readonly requires: readonly Requirement[] }
  | { readonly kind: "unknown" };

export interface Access {
  readonly array: ArrayValue;
  readonly axis: number;
  readonly index: Operand;
  readonly stmt: Stmt;
}

/** The array and subscripts that a statement accesses; null for statements that access none. */
export function accessOf(s: Stmt): { readonly array: ArrayValue; readonly index: readonly Operand[] } | null {
  if (s.kind === "store" || s.kind === "accum") return s;
  return s.kind === "let" && s.expr.kind === "load" ? s.expr : null;
}

/** Where a statement stands: loops around it (outermost first), and whether it runs wherever these make their trips. */
interface Place {
  readonly loops: readonly (Stmt & { readonly kind: "for" })[];
  readonly certain: boolean;
}

/** A side of an access: the form must not be negative. */
interface Side {
  readonly form: Polynomial;
  readonly index: Polynomial;
  readonly extent: Polynomial;
  readonly loc: Loc;
  readonly message: () => string;
}

/** Certain trips of the loops around an access: where these are not negative, and forms of their indices there. */
interface Point {
  readonly when: readonly Polynomial[];
  readonly resolve: (e: Polynomial) => Polynomial | null;
}

/** How many choices of one subscript are looked into, one inside another. */
const mostChoices = 3;
const inside: Verdict = { kind: "inside" };
const unknown: Verdict = { kind: "unknown" };

/** Calls `visit` for every axis of every access of the function, in program order, with what is known of it. */
export function analyseBounds(func: Func, visit: (a: Access, v: Verdict) => void): void {
  const analysis = new BoundsAnalysis(func, visit);
  analysis.block(func.body, { loops: [], certain: true });
}

class BoundsAnalysis {
  private readonly facts = new Facts();
  private readonly params: readonly Scalar[];
  private readonly visit: (a: Access, v: Verdict) => void;

  constructor(func: Func, visit: (a: Access, v: Verdict) => void) {
    this.visit = visit;
    this.facts.enter(func);
    const sizes = func.params.filter(isArray).flatMap((p) => p.type.dims);
    this.params = [...func.params.filter(isScalar), ...sizes.filter((d): d is Scalar => d.kind === "value")];
  }

  block(b: Block, place: Place): void {
    for (const s of b.stmts) {
      const access = accessOf(s);
      access?.index.forEach((index, axis) => {
        this.visit(
          { array: access.array, axis, index, stmt: s },
          this.verdict(access.array, axis, index, place, s.loc),
        );
      });
      this.facts.enterLoop(s);
      this.inner(s, place);
      // After its blocks: what a loop or branch yields is known by what was found inside.
      this.facts.define(s);
    }
  }

  private inner(s: Stmt, place: Place): void {
    const { facts } = this;
    const uncertain = { ...place, certain: false };
    if (s.kind === "for") {
      const trips = plus(sub(facts.forms.of(s.hi), facts.forms.of(s.lo)), -1);
      facts.assuming([trips], () => this.block(s.body, { ...place, loops: [...place.loops, s] }));
    } else if (s.kind === "if") {
      facts.assuming(facts.conditions(s.cond, true), () => this.block(s.then, uncertain));
      facts.assuming(facts.conditions(s.cond, false), () => this.block(s.else, uncertain));
    } else if (s.kind === "while") {
      this.block(s.cond, uncertain);
      const tested = facts.conditions(s.cond.yields[0] as Operand, true);
      facts.testedSteps(s, tested);
      facts.assuming(tested, () => this.block(s.body, uncertain));
    } else {
      for (const b of blocksOf(s)) this.block(b, uncertain);
    }
  }

  private verdict(array: ArrayValue, axis: number, index: Operand, place: Place, loc: Loc): Verdict {
    const at = this.facts.forms.of(index);
    const extent = this.facts.forms.of(array.type.dims[axis] as Operand);
    const below = (): string => `${array.hint} is subscripted below 0 on axis ${axis}`;
    const above = (): string => `${array.hint} is too short on axis ${axis}`;
    const access = { index: at, extent, loc };
    const low = this.side({ ...access, form: at, message: below }, place);
    const high = this.side({ ...access, form: plus(sub(extent, at), -1), message: above }, place);
    return both([low, high]);
  }

  /** What shows that a form is not negative at the place. */
  private side(side: Side, place: Place, choices = mostChoices): Verdict {
    if (this.facts.shows(side.form)) return inside;
    const cases = choices === 0 ? unknown : this.byCases(side, place, choices - 1);
    return cases.kind === "inside" ? inside : (this.required(side, place) ?? cases);
  }

  /** A form with a value that is one of several forms is not negative where it is with each of them. */
  private byCases(side: Side, place: Place, choices: number): Verdict {
    let best = unknown;
    for (const value of valuesOf(side.form)) {
      const found = this.facts.casesOf(value);
      const parts = found === null ? null : split(side.form, value);
      if (found === null || parts === null || !isConstant(parts.coefficient)) continue;
      // `max(a, b)` is too large where one of them is; that it is large enough takes only one of them.
      const strict = found.extreme === (parts.coefficient.constant < 0 ? "max" : "min");
      const inCase = strict ? place : { ...place, certain: false };
      const verdicts = found.cases.map(({ form, conditions }) =>
        this.facts.assuming(conditions, () => {
          const [e, index] = [side.form, side.index].map((p) => substitute(p, value, form));
          return e == null || index == null ? unknown : this.side({ ...side, form: e, index }, inCase, choices);
        }),
      );
      const all = both(verdicts);
      if (all.kind === "inside") return all;
      if (all.kind === "when" && best.kind === "unknown") best = all;
    }
    return best;
  }

  /** An inequality between sizes that is enough; null where there is none. */
  private required(side: Side, place: Place): Verdict | null {
    const ends = eliminate(side.form, this.facts, this.params, 8);
    let best: Elimination | null = null;
    for (const raw of ends) {
      // In lowest terms, so that those of several ways compare.
      const end = { ...raw, form: reduce(raw.form) };
      if (isConstant(end.form) || !this.isOfParams(end.form)) continue;
      // What only the range of a type bounds asks for sizes that no launch has: a check is better than such a demand.
      if ([...end.taken.values()].some((b) => b.from === "type")) continue;
      if (best === null || isWeaker(end.form, best.form)) best = end;
    }
    if (best !== null) {
      return { kind: "when", requires: [this.requirement(best.form, best, side, place)] };
    }
    // A negative constant: outside for all sizes, if it runs at all.
    const end = ends.find((x) => isConstant(x.form));
    const r = end === undefined ? null : this.requirement(end.form, end, side, place);
    return r === null || r.when === null ? null : { kind: "when", requires: [r] };
  }

  private requirement(need: Polynomial, end: Elimination, side: Side, place: Place): Requirement {
    const point = place.certain ? this.whenCertain(end, place) : null;
    const index = point?.resolve(side.index) ?? null;
    const extent = point?.resolve(side.extent) ?? null;
    const isKnown = (p: Polynomial | null): p is Polynomial => p !== null && this.isOfParams(p);
    const access = isKnown(index) && isKnown(extent) ? { index, extent } : null;
    return { need, when: point?.when ?? null, access, message: side.message(), loc: side.loc };
  }

  private isOfParams(p: Polynomial): boolean {
    return valuesOf(p).every((v) => this.params.includes(v));
  }

  /**
   * The inequalities under which the access certainly runs at the very point whose bound was taken: every loop around it
   * makes a trip there. Loops that the bound does not mention may be at either end. Null where other bounds than those
   * of loops were used, or a size is not a form of parameters.
   */
  private whenCertain(end: Elimination, place: Place): Point | null {
    for (const [value, taken] of end.taken) {
      const isLoop = place.loops.some((l) => l.index === value);
      if (!isLoop || taken.from !== "loop" || taken.factor !== 1) return null;
    }
    return this.tripsAt(end, place, "lo") ?? this.tripsAt(end, place, "hi");
  }

  private tripsAt(end: Elimination, place: Place, free: "lo" | "hi"): Point | null {
    const at = new Map<Scalar, Polynomial>();
    const when: Polynomial[] = [];
    const resolve = (e: Polynomial): Polynomial | null => {
      let out: Polynomial | null = e;
      for (const [value, form] of at) out = out === null ? null : substitute(out, value, form);
      return out;
    };
    for (const loop of place.loops) {
      const lo = resolve(this.facts.forms.of(loop.lo));
      const hi = resolve(this.facts.forms.of(loop.hi));
      if (lo === null || hi === null) return null;
      const last = plus(hi, -1);
      const trips = reduce(sub(last, lo));
      if (!this.isOfParams(trips)) return null;
      if (isConstant(trips) && trips.constant < 0) return null;
      if (!isConstant(trips)) addStrongest(when, trips);
      const taken = end.taken.get(loop.index);
      const point = taken !== undefined ? resolve(taken.form) : free === "lo" ? lo : last;
      if (point === null) return null;
      at.set(loop.index, point);
    }
    return { when, resolve };
  }
}

/** What holds of all of them. */
function both(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.some((v) => v.kind === "unknown")) return unknown;
  const requires = verdicts.flatMap((v) => (v.kind === "when" ? v.requires : []));
  return requires.length === 0 ? inside : { kind: "when", requires };
}

/** Does `a >= 0` ask for less than `b >= 0`? Only forms that differ by a constant compare. */
function isWeaker(a: Polynomial, b: Polynomial): boolean {
  const difference = sub(a, b);
  return isConstant(difference) && difference.constant > 0;
}

/** Adds `e >= 0` to a list of conditions, unless another already says as much; replaces one that says less. */
function addStrongest(list: Polynomial[], e: Polynomial): void {
  for (const [i, other] of list.entries()) {
    const difference = sub(e, other);
    if (!isConstant(difference)) continue;
    if (difference.constant < 0) list[i] = e;
    return;
  }
  list.push(e);
}
