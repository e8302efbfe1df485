/**
 * What integer values and conditions mean, as sets: what a minimum, a quotient, a choice, a counter is in terms of other
 * values; where a condition holds. Facts.ts knows bounds; here is all there is to know, as far as sets can say it.
 */
import { value } from "../ir/build.ts";
import { type Expr, isInt, type Operand, type Polynomial, type Scalar, type Stmt } from "../ir/ir.ts";
import { type CompareOp, compareOps } from "../ir/ops.ts";
import { type Loop, type Step, stepOf } from "./carried.ts";
import type { Facts } from "./facts.ts";
import { addScaled, isConstant, plus, polyConst, polyOf, scale, sub } from "./polynomial.ts";
import { everything, type IntegerSet, intersect, oneOf, setOf } from "./sets.ts";

/** A variable that a loop carries: where it starts, how trips move it, what it is in the next one. */
export interface Carried {
  readonly loop: Loop;
  readonly init: Operand;
  readonly step: Step;
  readonly next: Operand;
}

const nothing = setOf([polyConst(-1)]);

export class Definitions {
  private readonly facts: Facts;
  private readonly exprs = new Map<Scalar, Expr>();
  private readonly choices = new Map<
    Scalar,
    { readonly cond: Operand; readonly then: Operand; readonly else: Operand }
  >();
  private readonly carried = new Map<Scalar, Carried>();
  /** What a counted loop leaves in a variable, by the variable inside. */
  private readonly lefts = new Map<Scalar, Scalar>();
  private readonly indices = new Map<Loop, Scalar>();
  /** Quotients that belong to remainders, with these. */
  private readonly quotients = new Map<Scalar, Scalar>();
  private readonly loopOf = new Map<Scalar, Loop>();
  private readonly sets = new Map<Scalar, IntegerSet>();
  private readonly meanings = new Map<Scalar, IntegerSet | null>();
  private readonly conditions = new Map<Scalar, { true?: IntegerSet; false?: IntegerSet }>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** The loop's index; of a `while`, a value that counts its trips from 0. */
  indexOf(loop: Loop): Scalar {
    if (loop.kind === "for") return loop.index;
    const known = this.indices.get(loop);
    if (known !== undefined) return known;
    const trip = value("trip", "index" as const);
    this.indices.set(loop, trip);
    return trip;
  }

  /** The value that a load read; null where it is none. */
  loadOf(v: Scalar): (Expr & { readonly kind: "load" }) | null {
    const e = this.exprs.get(v);
    return e?.kind === "load" ? e : null;
  }
  carriedOf(v: Scalar): Carried | null {
    return this.carried.get(v) ?? null;
  }
  /** The value in the program that one made here belongs to. */
  ownerOf(v: Scalar): Scalar {
    return this.quotients.get(v) ?? v;
  }
  isIndex(v: Scalar): boolean {
    return this.loopOf.has(v);
  }
  form(o: Operand): Polynomial {
    return this.facts.forms.of(o);
  }

  /** Notes what a loop binds, before its body is walked. */
  enter(loop: Loop): void {
    this.loopOf.set(this.indexOf(loop), loop);
    loop.carried.forEach((c, i) => {
      const next = loop.body.yields[i] as Operand;
      const step = c.type === "index" ? stepOf(c, next, loop.body) : null;
      if (step !== null) this.carried.set(c, { loop, init: loop.inits[i] as Operand, step, next });
    });
  }

  /** Notes what a statement defines. */
  define(s: Stmt): void {
    if (s.kind === "let") {
      this.exprs.set(s.result, s.expr);
      if (s.expr.kind === "select") {
        this.choices.set(s.result, { cond: s.expr.cond, then: s.expr.a, else: s.expr.b });
      }
    } else if (s.kind === "if") {
      s.results.forEach((r, i) => {
        this.choices.set(r, { cond: s.cond, then: s.then.yields[i] as Operand, else: s.else.yields[i] as Operand });
      });
    } else if (s.kind === "for") {
      s.results.forEach((r, i) => {
        this.lefts.set(r, s.carried[i] as Scalar);
      });
    }
  }

  /** Where the condition is `holds`: all of it, where its parts are values of which sets can speak. */
  condition(cond: Operand, holds: boolean): IntegerSet {
    if (cond.kind === "const") return cond.value === holds ? everything : nothing;
    const known = this.conditions.get(cond) ?? {};
    this.conditions.set(cond, known);
    return (known[`${holds}`] ??= this.newCondition(cond, holds));
  }

  private newCondition(cond: Scalar, holds: boolean): IntegerSet {
    const choice = this.choices.get(cond);
    if (choice !== undefined) {
      return oneOf([
        intersect([this.condition(choice.cond, true), this.condition(choice.then, holds)]),
        intersect([this.condition(choice.cond, false), this.condition(choice.else, holds)]),
      ]);
    }
    const e = this.exprs.get(cond);
    if (e?.kind === "unary" && e.op === "not") return this.condition(e.a, !holds);
    if (e?.kind === "binary" && (e.op === "and" || e.op === "or")) {
      const parts = [this.condition(e.a, holds), this.condition(e.b, holds)];
      return (e.op === "and") === holds ? intersect(parts) : oneOf(parts);
    }
    if (e?.kind !== "compare" || !isInt(e.a.type))
      return setOf([plus(scale(polyOf(cond), holds ? 1 : -1), holds ? -1 : 0)]);
    const op: CompareOp = holds ? e.op : compareOps[e.op].negated;
    const more = sub(this.form(e.b), this.form(e.a));
    const less = scale(more, -1);
    switch (op) {
      case "lt":
        return setOf([plus(more, -1)]);
      case "le":
        return setOf([more]);
      case "gt":
        return setOf([plus(less, -1)]);
      case "ge":
        return setOf([less]);
      case "eq":
        return setOf([], [more]);
      case "ne":
        return oneOf([setOf([plus(more, -1)]), setOf([plus(less, -1)])]);
    }
  }

  /** All that is known of an atom: what it is, and where it lies. */
  of(v: Scalar): IntegerSet {
    const known = this.sets.get(v);
    if (known !== undefined) return known;
    const made = intersect([this.bounds(v), this.meaning(v) ?? everything]);
    this.sets.set(v, made);
    return made;
  }

  /** What it is in terms of others, whichever these are: nothing that restricts them. */
  meaningOf(v: Scalar): IntegerSet {
    return this.meaning(v) ?? everything;
  }

  /** Is the value fixed by those that its set speaks of, and is there one for any of these? */
  isExact(v: Scalar): boolean {
    return this.meaning(v) !== null;
  }

  private bounds(v: Scalar): IntegerSet {
    if (v.type === "bool") return setOf([polyOf(v), plus(scale(polyOf(v), -1), 1)]);
    const { lower, upper } = this.facts.boundsOf(v);
    const out: Polynomial[] = v.type === "u32" ? [polyOf(v)] : [];
    for (const b of lower) if (b.from !== "type") out.push(addScaled(scale(polyOf(v), b.factor), b.form, -1));
    for (const b of upper) if (b.from !== "type") out.push(addScaled(b.form, polyOf(v), -b.factor));
    const loop = this.loopOf.get(v);
    if (loop?.kind === "while") {
      out.push(polyOf(v));
      if (loop.max !== null) out.push(sub(this.form(loop.max), polyOf(v)));
    }
    return setOf(out);
  }

  private meaning(v: Scalar): IntegerSet | null {
    const known = this.meanings.get(v);
    if (known !== undefined) return known;
    const made = this.newMeaning(v);
    this.meanings.set(v, made);
    return made;
  }

  private newMeaning(v: Scalar): IntegerSet | null {
    const at = polyOf(v);
    const is = (o: Operand): IntegerSet => setOf([], [sub(at, this.form(o))]);
    const choice = this.choices.get(v);
    if (choice !== undefined && isInt(v.type)) {
      return oneOf([
        intersect([this.condition(choice.cond, true), is(choice.then)]),
        intersect([this.condition(choice.cond, false), is(choice.else)]),
      ]);
    }
    const counter = this.carried.get(v);
    if (counter !== undefined) return counter.step.lo === counter.step.hi ? this.counted(v, counter) : null;
    const inside = this.lefts.get(v);
    if (inside !== undefined) return this.left(v, inside);
    const e = this.exprs.get(v);
    if (e?.kind === "cast" && e.a.type === "bool" && isInt(v.type)) {
      return oneOf([
        intersect([this.condition(e.a, true), setOf([], [plus(at, -1)])]),
        intersect([this.condition(e.a, false), setOf([], [at])]),
      ]);
    }
    if (e?.kind === "unary" && e.op === "abs" && v.type === "index") {
      const a = this.form(e.a);
      return oneOf([setOf([a], [sub(at, a)]), setOf([plus(scale(a, -1), -1)], [addScaled(at, a)])]);
    }
    if (e?.kind !== "binary" || !isInt(v.type)) return null;
    const [a, b] = [this.form(e.a), this.form(e.b)];
    if (e.op === "min" || e.op === "max") {
      const sign = e.op === "min" ? 1 : -1;
      return oneOf([
        setOf([scale(sub(b, a), sign)], [sub(at, a)]),
        setOf([plus(scale(sub(a, b), sign), -1)], [sub(at, b)]),
      ]);
    }
    if (!isConstant(b)) return null;
    if (e.op === "rem" && b.constant !== 0) return this.remainder(v, a, Math.abs(b.constant));
    if (e.op === "floordiv" && b.constant > 0) return quotient(at, a, b.constant);
    if (e.op === "shr") return quotient(at, a, 2 ** (b.constant & 31));
    // A mask of the lower bits is the remainder toward −∞, of negative words as well.
    const isMask = e.op === "and" && b.constant > 0 && Number.isInteger(Math.log2(b.constant + 1));
    return isMask ? intersect([this.multiple(v, a, b.constant + 1), setOf([at, sub(b, at)])]) : null;
  }

  /** A counter that each trip moves by as much. */
  private counted(v: Scalar, { loop, init, step }: Carried): IntegerSet {
    const trips = loop.kind === "for" ? sub(polyOf(loop.index), this.form(loop.lo)) : polyOf(this.indexOf(loop));
    return setOf([], [sub(polyOf(v), addScaled(this.form(init), trips, step.lo))]);
  }

  /** Where such a counter ends. */
  private left(v: Scalar, inside: Scalar): IntegerSet | null {
    const counter = this.carried.get(inside);
    if (counter === undefined || counter.loop.kind !== "for" || counter.step.lo !== counter.step.hi) return null;
    const { loop, init, step } = counter;
    const trips = sub(this.form(loop.hi), this.form(loop.lo));
    const end = (by: Polynomial): Polynomial => sub(polyOf(v), addScaled(this.form(init), by, step.lo));
    return oneOf([setOf([trips], [end(trips)]), setOf([plus(scale(trips, -1), -1)], [end(polyConst(0))])]);
  }

  private remainder(v: Scalar, a: Polynomial, divisor: number): IntegerSet {
    const at = polyOf(v);
    const up = setOf([a, at, plus(scale(at, -1), divisor - 1)]);
    const down = setOf([plus(scale(a, -1), -1), scale(at, -1), plus(at, divisor - 1)]);
    return intersect([this.multiple(v, a, divisor), oneOf([up, down])]);
  }

  /** `a − v` is a multiple of the divisor. */
  private multiple(v: Scalar, a: Polynomial, divisor: number): IntegerSet {
    const quotient = value("quotient", "index" as const);
    this.quotients.set(quotient, v);
    return setOf([], [addScaled(sub(a, polyOf(v)), polyOf(quotient), -divisor)]);
  }
}

/** `v` is `a / divisor`, rounded down. */
function quotient(v: Polynomial, a: Polynomial, divisor: number): IntegerSet {
  const rest = addScaled(a, v, -divisor);
  return setOf([rest, plus(scale(rest, -1), divisor - 1)]);
}
