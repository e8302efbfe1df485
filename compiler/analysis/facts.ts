/**
 * What is known of integer values at a point of the program: bounds of each atom, and conditions that hold there.
 *
 * Bounds come from loops (`lo <= i <= hi - 1`), from operators (`min`, `%`, masks), from types, and for variables that
 * loops carry from the direction in which each trip moves them (carried.ts). They hold wherever their values are defined.
 * Conditions come from branches and from loops that make a trip; they hold while they are assumed. What is concluded for a
 * value under the conditions at its definition holds wherever the value can be used, since these are inside of them.
 */
import type { Expr, Func, Operand, Polynomial, Scalar, ScalarType, Stmt, While } from "../ir/ir.ts";
import { isArray, isConst, isInt, isScalar } from "../ir/ir.ts";
import { stepOf } from "./carried.ts";
import { type Cases, Choices } from "./choices.ts";
import { type Bound, type Bounds, eliminate, type Known } from "./eliminate.ts";
import { Forms, isConstant, plus, polyConst, scale, split, sub, valuesOf } from "./polynomial.ts";

const bound = (form: Polynomial, factor = 1, from: Bound["from"] = "fact"): Bound => ({ factor, form, from });
const zero = polyConst(0);

export class Facts implements Known {
  readonly forms = new Forms();
  private readonly bounds = new Map<Scalar, Bounds>();
  private readonly choices = new Choices(this.forms, (e) => this.shows(e));
  private readonly context: Polynomial[] = [];
  /** How many forms are being looked at, each a coefficient in the one before. */
  private questions = 0;

  boundsOf(value: Scalar): Bounds {
    const known = this.bounds.get(value);
    if (known !== undefined) return known;
    const made: Bounds = { order: this.bounds.size, lower: [], upper: [] };
    const range = typeRange(value.type);
    if (range !== null) {
      made.lower.push(bound(polyConst(range.lo), 1, "type"));
      made.upper.push(bound(polyConst(range.hi), 1, "type"));
    }
    this.bounds.set(value, made);
    return made;
  }

  /** Sizes of parameters are not negative; parameters come before everything else. */
  enter(func: Func): void {
    for (const p of func.params) {
      if (isScalar(p)) this.boundsOf(p);
      if (!isArray(p)) continue;
      for (const d of p.type.dims) {
        if (d.kind === "const" || this.bounds.has(d)) continue;
        const { lower, upper } = this.boundsOf(d);
        lower.push(bound(zero));
        upper.push(bound(polyConst(mostSize), 1, "type"));
      }
    }
  }

  /** What `f` gives where the forms are not negative. */
  assuming<T>(forms: readonly Polynomial[], f: () => T): T {
    const undo = forms.map((form) => this.assume(form));
    try {
      return f();
    } finally {
      for (const drop of undo.reverse()) drop();
    }
  }

  /** The form bounds its last atom in terms of the others. */
  private assume(form: Polynomial): () => void {
    this.context.push(form);
    const [last] = [...valuesOf(form)].sort((a, b) => this.boundsOf(b).order - this.boundsOf(a).order);
    const parts = last === undefined ? null : split(form, last);
    if (last === undefined || parts === null || !isConstant(parts.coefficient)) return () => this.context.pop();
    const factor = parts.coefficient.constant;
    const { lower, upper } = this.boundsOf(last);
    const side = factor > 0 ? lower : upper;
    side.push(bound(scale(parts.rest, -Math.sign(factor)), Math.abs(factor)));
    return () => {
      this.context.pop();
      side.pop();
    };
  }

  /** Is the form shown not to be negative, by bounds and one of the conditions that hold? */
  shows(e: Polynomial): boolean {
    if (this.isNonNegative(e)) return true;
    const values = valuesOf(e);
    return this.context.some((c) => valuesOf(c).some((v) => values.includes(v)) && this.isNonNegative(sub(e, c)));
  }

  private isNonNegative(e: Polynomial): boolean {
    if (this.questions === mostQuestions) return false;
    this.questions++;
    const ends = eliminate(e, this, [], 16);
    this.questions--;
    return ends.some((end) => isConstant(end.form) && end.form.constant >= 0);
  }

  /** Notes what a statement defines (its results, not what its blocks do). */
  define(s: Stmt): void {
    this.forms.define(s);
    this.choices.define(s);
    if (s.kind === "let") this.defineLet(s.result, s.expr);
    if (s.kind === "for" || s.kind === "while") this.afterLoop(s.carried, s.results);
    if (s.kind === "if") for (const r of s.results) if (isInt(r.type)) this.boundsOf(r);
  }

  /** What a loop leaves in a variable has the bounds that hold in every trip. */
  private afterLoop(carried: readonly Scalar[], results: readonly Scalar[]): void {
    carried.forEach((c, i) => {
      const known = this.bounds.get(c);
      const result = results[i] as Scalar;
      if (known === undefined || !isInt(result.type)) return;
      const { lower, upper } = this.boundsOf(result);
      lower.push(...known.lower);
      upper.push(...known.upper);
    });
  }

  private defineLet(result: Scalar, e: Expr): void {
    if (!isInt(result.type)) return;
    if (e.kind === "cast" && isInt(e.a.type)) this.defineCast(result, this.forms.of(e.a));
    if (!isAtom(this.forms.of(result), result)) return;
    const { lower, upper } = this.boundsOf(result);
    if (e.kind === "cast" && e.a.type === "bool") {
      lower.push(bound(zero));
      upper.push(bound(polyConst(1)));
    }
    if (e.kind === "cast" && result.type === "index") {
      const operands = this.wholeRemainder(e.a);
      if (operands !== null) this.defineRemainder(result, operands.a, operands.b);
    }
    if (e.kind === "select" && isConst(e.a) && isConst(e.b)) {
      lower.push(bound(polyConst(Math.min(Number(e.a.value), Number(e.b.value)))));
      upper.push(bound(polyConst(Math.max(Number(e.a.value), Number(e.b.value)))));
    }
    // The abs of the least i32 is itself.
    if (e.kind === "unary" && e.op === "abs" && result.type === "index") {
      lower.push(bound(zero), bound(this.forms.of(e.a)), bound(scale(this.forms.of(e.a), -1)));
    }
    if (e.kind === "binary") this.defineBinary(result, e.op, this.forms.of(e.a), this.forms.of(e.b));
  }

  private defineBinary(result: Scalar, op: string, a: Polynomial, b: Polynomial): void {
    const { lower, upper } = this.boundsOf(result);
    const quotient = (divisor: number): void => {
      // d · q lies between a − d + 1 and a.
      upper.push(bound(a, divisor));
      lower.push(bound(plus(a, 1 - divisor), divisor));
    };
    switch (op) {
      case "min":
        upper.push(bound(a), bound(b));
        if (this.shows(a) && this.shows(b)) lower.push(bound(zero));
        break;
      case "max":
        lower.push(bound(a), bound(b));
        break;
      case "floordiv":
        if (isConstant(b) && b.constant > 0) quotient(b.constant);
        break;
      case "shr":
        // Arithmetic on i32 and logical on u32: division toward −∞ on both.
        if (isConstant(b)) quotient(2 ** (b.constant & 31));
        break;
      case "rem":
        this.defineRemainder(result, a, b);
        break;
      case "and":
        for (const mask of [a, b]) {
          if (!this.shows(mask)) continue;
          upper.push(bound(mask));
          lower.push(bound(zero));
        }
        break;
    }
  }

  private defineRemainder(result: Scalar, a: Polynomial, b: Polynomial): void {
    const { lower, upper } = this.boundsOf(result);
    const size = isConstant(b) ? polyConst(Math.abs(b.constant)) : b;
    const most = plus(size, -1);
    if (!this.shows(most)) return;
    upper.push(bound(most));
    if (this.shows(a)) {
      upper.push(bound(a));
      lower.push(bound(zero));
    } else {
      lower.push(bound(scale(most, -1)));
    }
  }

  /** The operands of a `%` that was computed in floats, though on integers, since its divisor may be 0. */
  private wholeRemainder(o: Operand): { readonly a: Polynomial; readonly b: Polynomial } | null {
    const e = o.kind === "value" ? this.choices.definition(o) : undefined;
    if (e?.kind !== "binary" || e.op !== "rem" || e.a.type !== "f64") return null;
    const a = this.wholeFloat(e.a);
    const b = this.wholeFloat(e.b);
    return a === null || b === null ? null : { a, b };
  }
  private wholeFloat(o: Operand): Polynomial | null {
    if (o.kind === "const") return Number.isSafeInteger(o.value) ? this.forms.of(o) : null;
    const e = this.choices.definition(o);
    return e?.kind === "cast" && isInt(e.a.type) ? this.forms.of(e.a) : null;
  }

  /** A conversion to a word is none where the value fits. */
  private defineCast(result: Scalar, a: Polynomial): void {
    const range = typeRange(result.type);
    if (range === null) return;
    if (this.shows(plus(a, -range.lo)) && this.shows(sub(polyConst(range.hi), a))) this.forms.set(result, a);
  }

  /** Notes the bounds of what a loop binds, before its body is walked. */
  enterLoop(s: Stmt): void {
    if (s.kind === "for") {
      const { lower, upper } = this.boundsOf(s.index);
      lower.push(bound(this.forms.of(s.lo), 1, "loop"));
      upper.push(bound(plus(this.forms.of(s.hi), -1), 1, "loop"));
    }
    if (s.kind !== "for" && s.kind !== "while") return;
    // A carried index that each trip moves by a constant, and only one way, stays on that side of where it starts.
    s.carried.forEach((c, i) => {
      if (!isInt(c.type)) return;
      const { lower, upper } = this.boundsOf(c);
      // An i32 or u32 does not: it wraps.
      const step = c.type === "index" ? stepOf(c, s.body.yields[i] as Operand, s.body) : null;
      if (step === null) return;
      const init = this.forms.of(s.inits[i] as Operand);
      if (step.lo >= 0) lower.push(bound(init));
      if (step.hi <= 0) upper.push(bound(init));
    });
  }

  /**
   * A variable that a `while` counts down under a test that it is at least `k` ends no lower than one step below `k`
   * (and likewise upwards), if it does not start beyond. `conditions` are what the test says.
   */
  testedSteps(s: While, conditions: readonly Polynomial[]): void {
    s.carried.forEach((c, i) => {
      if (c.type !== "index") return;
      const step = stepOf(c, s.body.yields[i] as Operand, s.body);
      const init = this.forms.of(s.inits[i] as Operand);
      if (step === null) return;
      for (const condition of conditions) {
        // factor · c + rest >= 0; what rest is made of does not change in the loop, or it would not be bounded here.
        const parts = split(condition, c);
        if (parts === null || !isConstant(parts.coefficient) || !this.isFixedIn(s, parts.rest)) continue;
        const factor = parts.coefficient.constant;
        const { lower, upper } = this.boundsOf(c);
        if (factor === 1 && step.lo < 0) {
          const end = plus(scale(parts.rest, -1), step.lo);
          if (this.shows(sub(init, end))) lower.push(bound(end));
        } else if (factor === -1 && step.hi > 0) {
          const end = plus(parts.rest, step.hi);
          if (this.shows(sub(end, init))) upper.push(bound(end));
        }
      }
    });
  }

  /** Was every value of the form defined before the loop? */
  private isFixedIn(s: While, e: Polynomial): boolean {
    const first = Math.min(...s.carried.map((c) => this.boundsOf(c).order));
    return valuesOf(e).every((v) => this.boundsOf(v).order < first && !s.carried.includes(v));
  }

  /** The forms that are `>= 0` where the condition is `holds`. */
  conditions(cond: Operand, holds: boolean): readonly Polynomial[] {
    return this.choices.conditions(cond, holds);
  }

  /** The forms of which the value is one; null where it is no such choice. */
  casesOf(v: Scalar): Cases | null {
    return this.choices.casesOf(v);
  }
}

const mostQuestions = 3;

/** The launch refuses longer axes. */
const mostSize = 2 ** 31 - 1;

const isAtom = (form: Polynomial, value: Scalar): boolean =>
  form.constant === 0 && form.terms.length === 1 && form.terms[0]?.values[0] === value && form.terms[0].factor === 1;

function typeRange(type: ScalarType): { readonly lo: number; readonly hi: number } | null {
  if (type === "i32") return { lo: -(2 ** 31), hi: 2 ** 31 - 1 };
  return type === "u32" ? { lo: 0, hi: 2 ** 32 - 1 } : null;
}
