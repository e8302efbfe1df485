/**
 * Which accesses stay inside their arrays: proven outright, proven as long as the sizes meet an inequality, or not known.
 *
 * Each subscript and extent is a linear form (affine.ts). A side of a bound, a form that must be `>= 0`, is shown by
 * replacing loop indices by the ends of their loops until only sizes and scalar parameters are left: either these show it
 * for all sizes, or what is left is an inequality to be evaluated at launch. Conditions of branches around the access
 * may be subtracted first: where `c >= 0` holds, `e >= c` is enough.
 */

import type { Loc } from "../diagnostic.ts";
import type { ArrayValue, Block, Func, Linear, Operand, Requirement, Scalar, Stmt } from "../ir/ir.ts";
import { isArray, isScalar } from "../ir/ir.ts";
import { blocksOf } from "../ir/walk.ts";
import { isConstant, LinearForms, plus, sub, substitute } from "./affine.ts";
import { type Elimination, eliminate, Facts } from "./facts.ts";

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

/** Where a statement stands: loops around it (outermost first), conditions that hold, and whether it surely runs. */
interface Place {
  readonly loops: readonly (Stmt & { readonly kind: "for" })[];
  readonly conditions: readonly Linear[];
  readonly certain: boolean;
}

/** Sizes are below this. */
const sizeLimit = 2 ** 31;
const inside: Verdict = { kind: "inside" };
const unknown: Verdict = { kind: "unknown" };

/** Calls `visit` for every axis of every access of the function, in program order, with what is known of it. */
export function analyseBounds(func: Func, visit: (a: Access, v: Verdict) => void): void {
  const analysis = new BoundsAnalysis(func);
  analysis.block(func.body, { loops: [], conditions: [], certain: true }, visit);
}

class BoundsAnalysis {
  private readonly facts = new Facts(new LinearForms());
  private readonly params: readonly Scalar[];

  constructor(func: Func) {
    this.facts.enter(func);
    const sizes = func.params.filter(isArray).flatMap((p) => p.type.dims);
    this.params = [...func.params.filter(isScalar), ...sizes.filter((d): d is Scalar => d.kind === "value")];
  }

  block(b: Block, place: Place, visit: (a: Access, v: Verdict) => void): void {
    for (const s of b.stmts) {
      const access = accessOf(s);
      access?.index.forEach((index, axis) => {
        visit({ array: access.array, axis, index, stmt: s }, this.verdict(access.array, axis, index, place, s.loc));
      });
      this.facts.enterLoop(s);
      if (s.kind === "for") this.block(s.body, { ...place, loops: [...place.loops, s] }, visit);
      else if (s.kind === "if") {
        this.block(s.then, this.under(place, s.cond, true), visit);
        this.block(s.else, this.under(place, s.cond, false), visit);
      } else if (s.kind === "while") {
        const entered = { ...place, certain: false };
        this.block(s.cond, entered, visit);
        const test = s.cond.yields[0] as Operand;
        this.facts.testedSteps(s, this.facts.conditions(test, true));
        this.block(s.body, this.under(entered, test, true), visit);
      } else {
        for (const inner of blocksOf(s)) this.block(inner, { ...place, certain: false }, visit);
      }
      // After its blocks: what a loop or branch yields is known by what was found inside.
      this.facts.define(s);
    }
  }

  private under(place: Place, cond: Operand, holds: boolean): Place {
    const conditions = [...place.conditions, ...this.facts.conditions(cond, holds)];
    return { ...place, conditions, certain: false };
  }

  private verdict(array: ArrayValue, axis: number, index: Operand, place: Place, loc: Loc): Verdict {
    const at = this.facts.forms.of(index);
    const extent = this.facts.forms.of(array.type.dims[axis] as Operand);
    const low = this.side(at, place, loc, () => `${array.hint} is subscripted below 0 on axis ${axis}`);
    const high = this.side(plus(sub(extent, at), -1), place, loc, () => `${array.hint} is too short on axis ${axis}`);
    if (low.kind === "unknown" || high.kind === "unknown") return unknown;
    const requires = [low, high].flatMap((v) => (v.kind === "when" ? v.requires : []));
    return requires.length === 0 ? inside : { kind: "when", requires };
  }

  /** What shows that a form is not negative at the place. */
  private side(e: Linear, place: Place, loc: Loc, message: () => string): Verdict {
    if (this.shown(e)) return inside;
    for (const c of place.conditions) {
      const rest = sub(e, c);
      if (this.shown(rest)) return inside;
      // Two conditions: as in `0 <= j && j < n`, where one bounds a variable that the other mentions.
      for (const d of place.conditions) if (d !== c && this.shown(sub(rest, d))) return inside;
    }
    const ends = [e, ...place.conditions.map((c) => sub(e, c))].flatMap((form) =>
      eliminate(form, this.facts, this.params, 8).map((end) => ({ ...end, exact: form === e })),
    );
    let best: (Elimination & { readonly exact: boolean }) | null = null;
    for (const end of ends) {
      if (isConstant(end.form) || !end.form.terms.every((t) => this.params.includes(t.value))) continue;
      // What only the range of a type bounds asks for sizes that no launch has: a check is better than such a demand.
      if (end.form.constant <= -sizeLimit) continue;
      if (best === null || isWeaker(end.form, best.form)) best = end;
    }
    if (best !== null) {
      const when = best.exact && place.certain ? this.whenCertain(best, place) : null;
      return { kind: "when", requires: [{ need: best.form, when, message: message(), loc }] };
    }
    // A negative constant: outside for all sizes, if it runs at all.
    const end = ends.find((x) => isConstant(x.form) && x.exact);
    if (end !== undefined && place.certain) {
      const when = this.whenCertain(end, place);
      if (when !== null) return { kind: "when", requires: [{ need: end.form, when, message: message(), loc }] };
    }
    return unknown;
  }

  private shown(e: Linear): boolean {
    return eliminate(e, this.facts, [], 16).some((end) => isConstant(end.form) && end.form.constant >= 0);
  }

  /**
   * The inequalities under which the access certainly runs at the very point whose bound was taken: every loop around it
   * makes a trip there. Loops that the bound does not mention may be at either end. Null where other bounds than those
   * of loops were used, or a size is not a form of parameters.
   */
  private whenCertain(end: Elimination, place: Place): readonly Linear[] | null {
    for (const [value, taken] of end.taken) {
      const isLoop = place.loops.some((l) => l.index === value);
      if (!isLoop || !taken.loop || taken.factor !== 1) return null;
    }
    return this.tripsAt(end, place, "lo") ?? this.tripsAt(end, place, "hi");
  }

  private tripsAt(end: Elimination, place: Place, free: "lo" | "hi"): readonly Linear[] | null {
    const at = new Map<Scalar, Linear>();
    const when: Linear[] = [];
    const resolve = (e: Linear): Linear => {
      let out = e;
      for (const [value, form] of at) out = substitute(out, value, form);
      return out;
    };
    for (const loop of place.loops) {
      const lo = resolve(this.facts.forms.of(loop.lo));
      const last = plus(resolve(this.facts.forms.of(loop.hi)), -1);
      const trips = sub(last, lo);
      if (!trips.terms.every((t) => this.params.includes(t.value))) return null;
      if (isConstant(trips) && trips.constant < 0) return null;
      if (!isConstant(trips)) addStrongest(when, trips);
      const taken = end.taken.get(loop.index);
      at.set(loop.index, taken !== undefined ? resolve(taken.form) : free === "lo" ? lo : last);
    }
    return when;
  }
}

/** Does `a >= 0` ask for less than `b >= 0`? Only forms that differ by a constant compare. */
function isWeaker(a: Linear, b: Linear): boolean {
  const difference = sub(a, b);
  return isConstant(difference) && difference.constant > 0;
}

/** Adds `e >= 0` to a list of conditions, unless another already says as much; replaces one that says less. */
function addStrongest(list: Linear[], e: Linear): void {
  for (const [i, other] of list.entries()) {
    const difference = sub(e, other);
    if (!isConstant(difference)) continue;
    if (difference.constant < 0) list[i] = e;
    return;
  }
  list.push(e);
}
