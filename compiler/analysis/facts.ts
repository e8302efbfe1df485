/**
 * What is known of integer values at a point of the program: bounds of each atom, and conditions that hold there.
 *
 * Bounds come from loops (`lo <= i <= hi - 1`), from operators (`min`, `%`, masks), from types, and for variables that
 * loops carry from the direction in which each trip moves them. Conditions come from branches.
 */
import type { Block, Expr, Func, Linear, Operand, Scalar, ScalarType, Stmt, While } from "../ir/ir.ts";
import { isArray, isConst, isInt, isScalar } from "../ir/ir.ts";
import { type CompareOp, compareOps } from "../ir/ops.ts";
import { walk } from "../ir/walk.ts";
import { factorOf, isConstant, type LinearForms, linearConst, plus, scale, sub, substitute } from "./affine.ts";

/** `factor · value <= form` (an upper bound) or `factor · value >= form` (a lower one); the factor is positive. */
export interface Bound {
  readonly factor: number;
  readonly form: Linear;
  /** The bound is one of a counted loop and is met by one of its trips. */
  readonly loop: boolean;
}
export interface Bounds {
  /** Later atoms are defined in terms of earlier ones: elimination goes backwards. */
  readonly order: number;
  readonly lower: Bound[];
  readonly upper: Bound[];
}

const bound = (form: Linear, factor = 1, loop = false): Bound => ({ factor, form, loop });

/** Facts that hold wherever their values are defined. Conditions of branches are passed along by the walk instead. */
export class Facts {
  readonly forms: LinearForms;
  private readonly bounds = new Map<Scalar, Bounds>();
  private readonly defs = new Map<Scalar, Expr>();
  /** Bools that a branch yields: `if (cond) then else otherwise`. */
  private readonly branches = new Map<
    Scalar,
    { readonly cond: Operand; readonly then: Operand; readonly else: Operand }
  >();

  constructor(forms: LinearForms) {
    this.forms = forms;
  }

  boundsOf(value: Scalar): Bounds {
    const known = this.bounds.get(value);
    if (known !== undefined) return known;
    const made: Bounds = { order: this.bounds.size, lower: [], upper: [] };
    const range = typeRange(value.type);
    if (range !== null) {
      made.lower.push(bound(linearConst(range.lo)));
      made.upper.push(bound(linearConst(range.hi)));
    }
    this.bounds.set(value, made);
    return made;
  }

  /** Sizes of parameters are not negative; parameters come before everything else. */
  enter(func: Func): void {
    for (const p of func.params) {
      if (isScalar(p)) this.boundsOf(p);
      if (!isArray(p)) continue;
      for (const d of p.type.dims) if (d.kind === "value") this.atLeastZero(d);
    }
  }

  private atLeastZero(v: Scalar): void {
    const bounds = this.boundsOf(v);
    if (bounds.lower.length === 0) bounds.lower.push(bound(linearConst(0)));
  }

  /** Notes what a statement defines (its results, not what its blocks do). */
  define(s: Stmt): void {
    this.forms.define(s);
    if (s.kind === "let") this.defineLet(s.result, s.expr);
    if (s.kind === "for" || s.kind === "while") this.afterLoop(s.carried, s.results);
    if (s.kind !== "if") return;
    s.results.forEach((r, i) => {
      const branch = { cond: s.cond, then: s.then.yields[i] as Operand, else: s.else.yields[i] as Operand };
      if (r.type === "bool") this.branches.set(r, branch);
    });
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
    this.defs.set(result, e);
    if (!isInt(result.type) || !isAtom(this.forms.of(result), result)) return;
    const { lower, upper } = this.boundsOf(result);
    const of = (o: Operand): Linear => this.forms.of(o);
    if (e.kind === "cast" && e.a.type === "bool") {
      lower.push(bound(linearConst(0)));
      upper.push(bound(linearConst(1)));
    }
    if (e.kind === "select") {
      const a = of(e.a);
      const b = of(e.b);
      if (isConstant(a) && isConstant(b)) {
        lower.push(bound(linearConst(Math.min(a.constant, b.constant))));
        upper.push(bound(linearConst(Math.max(a.constant, b.constant))));
      }
    }
    // The abs of the least i32 is itself.
    if (e.kind === "unary" && e.op === "abs" && result.type === "index") {
      lower.push(bound(linearConst(0)), bound(of(e.a)));
    }
    if (e.kind !== "binary") return;
    const a = of(e.a);
    const b = of(e.b);
    switch (e.op) {
      case "min":
        upper.push(bound(a), bound(b));
        if (this.isNonNegative(a) && this.isNonNegative(b)) lower.push(bound(linearConst(0)));
        break;
      case "max":
        lower.push(bound(a), bound(b));
        break;
      case "floordiv":
        if (!isConstant(b) || b.constant <= 0) break;
        // d · q lies between a − d + 1 and a.
        upper.push(bound(a, b.constant));
        lower.push(bound(plus(a, 1 - b.constant), b.constant));
        break;
      case "rem":
        if (!isConstant(b) || b.constant === 0) break;
        upper.push(bound(linearConst(Math.abs(b.constant) - 1)));
        lower.push(bound(linearConst(this.isNonNegative(a) ? 0 : 1 - Math.abs(b.constant))));
        break;
      case "and":
        for (const mask of [a, b]) {
          if (!isConstant(mask) || mask.constant < 0) continue;
          upper.push(bound(linearConst(mask.constant)));
          lower.push(bound(linearConst(0)));
        }
        break;
      case "shr":
        if (isConstant(b) && this.isNonNegative(a)) {
          upper.push(bound(a, 2 ** (b.constant & 31)));
          lower.push(bound(linearConst(0)));
        }
        break;
    }
  }

  /** Notes the bounds of what a loop binds, before its body is walked. */
  enterLoop(s: Stmt): void {
    if (s.kind === "for") {
      const { lower, upper } = this.boundsOf(s.index);
      lower.push(bound(this.forms.of(s.lo), 1, true));
      upper.push(bound(plus(this.forms.of(s.hi), -1), 1, true));
    }
    if (s.kind === "for" || s.kind === "while") this.carried(s.carried, s.inits, s.body);
  }

  /**
   * A carried index that each trip moves by a constant, and only one way, stays on that side of where it starts. (An
   * i32 or u32 does not: it wraps.)
   */
  private carried(carried: readonly Scalar[], inits: readonly Operand[], body: Block): void {
    carried.forEach((c, i) => {
      if (!isInt(c.type)) return;
      const { lower, upper } = this.boundsOf(c);
      if (c.type !== "index") return;
      const step = this.stepOf(c, body.yields[i] as Operand, body, 4);
      if (step === null) return;
      const init = this.forms.of(inits[i] as Operand);
      if (step.lo >= 0) lower.push(bound(init));
      if (step.hi <= 0) upper.push(bound(init));
    });
  }

  /**
   * A variable that a `while` counts down under a test that it is at least `k` ends no lower than one step below `k`
   * (and likewise upwards), if it does not start beyond. `conditions` are what the test says.
   */
  testedSteps(s: While, conditions: readonly Linear[]): void {
    s.carried.forEach((c, i) => {
      if (c.type !== "index") return;
      const step = this.stepOf(c, s.body.yields[i] as Operand, s.body, 4);
      const init = this.forms.of(s.inits[i] as Operand);
      if (step === null) return;
      for (const condition of conditions) {
        const factor = factorOf(condition, c);
        const { lower, upper } = this.boundsOf(c);
        // factor · c + rest >= 0; what rest is made of does not change in the loop, or it would not be bounded here.
        const rest = substitute(condition, c, linearConst(0));
        if (factor === 1 && step.lo < 0) {
          const end = plus(scale(rest, -1), step.lo);
          if (this.isFixedIn(s, rest) && this.isNonNegative(sub(init, end))) lower.push(bound(end));
        } else if (factor === -1 && step.hi > 0) {
          const end = plus(rest, step.hi);
          if (this.isFixedIn(s, rest) && this.isNonNegative(sub(end, init))) upper.push(bound(end));
        }
      }
    });
  }

  /** Was every value of the form defined before the loop? */
  private isFixedIn(s: While, e: Linear): boolean {
    const first = Math.min(...s.carried.map((c) => this.boundsOf(c).order));
    return e.terms.every((t) => this.boundsOf(t.value).order < first && !s.carried.includes(t.value));
  }

  /** By how much `o`, computed in the body, can differ from `c`; through branches that yield it. Null: not known. */
  private stepOf(
    c: Scalar,
    o: Operand,
    body: Block,
    depth: number,
  ): { readonly lo: number; readonly hi: number } | null {
    if (o === c) return { lo: 0, hi: 0 };
    if (o.kind === "const" || depth === 0) return null;
    for (const s of walk(body)) {
      if (s.kind === "let" && s.result === o) {
        const e = s.expr;
        if (e.kind === "select") return this.either(c, e.a, e.b, body, body, depth);
        if (e.kind === "cast" && isInt(e.a.type) && e.to === "index") return this.stepOf(c, e.a, body, depth - 1);
        if (e.kind !== "binary" || e.b.kind !== "const" || (e.op !== "add" && e.op !== "sub")) return null;
        const by = (e.op === "add" ? 1 : -1) * Number(e.b.value);
        const inner = this.stepOf(c, e.a, body, depth - 1);
        return inner === null ? null : { lo: inner.lo + by, hi: inner.hi + by };
      }
      if (s.kind === "if") {
        const k = s.results.indexOf(o);
        if (k >= 0) return this.either(c, s.then.yields[k] as Operand, s.else.yields[k] as Operand, body, body, depth);
      }
    }
    return null;
  }
  private either(c: Scalar, a: Operand, b: Operand, inA: Block, inB: Block, depth: number) {
    const x = this.stepOf(c, a, inA, depth - 1);
    const y = this.stepOf(c, b, inB, depth - 1);
    return x === null || y === null ? null : { lo: Math.min(x.lo, y.lo), hi: Math.max(x.hi, y.hi) };
  }

  /** The forms that are `>= 0` where the condition is `holds`. */
  conditions(cond: Operand, holds: boolean): readonly Linear[] {
    if (cond.kind === "const") return [];
    const branch = this.branches.get(cond);
    if (branch !== undefined) {
      // `a && b` is `if (a) b else false`, `a || b` is `if (a) true else b`: a constant that it is not was not yielded.
      if (isConst(branch.else, !holds)) {
        return [...this.conditions(branch.cond, true), ...this.conditions(branch.then, holds)];
      }
      if (isConst(branch.then, !holds)) {
        return [...this.conditions(branch.cond, false), ...this.conditions(branch.else, holds)];
      }
      return [];
    }
    const e = this.defs.get(cond);
    if (e === undefined) return [];
    if (e.kind === "unary" && e.op === "not") return this.conditions(e.a, !holds);
    if (e.kind === "binary" && e.op === (holds ? "and" : "or")) {
      return [...this.conditions(e.a, holds), ...this.conditions(e.b, holds)];
    }
    if (e.kind !== "compare" || !isInt(e.a.type)) return [];
    const op: CompareOp = holds ? e.op : compareOps[e.op].negated;
    const difference = sub(this.forms.of(e.b), this.forms.of(e.a));
    switch (op) {
      case "lt":
        return [plus(difference, -1)];
      case "le":
        return [difference];
      case "gt":
        return [plus(scale(difference, -1), -1)];
      case "ge":
        return [scale(difference, -1)];
      case "eq":
        return [difference, scale(difference, -1)];
      case "ne":
        return [];
    }
  }

  /** The expression that defines a value, where a `let` does. */
  definition(v: Scalar): Expr | undefined {
    return this.defs.get(v);
  }

  /** Is the form not negative by what is known of single values? */
  isNonNegative(e: Linear): boolean {
    return eliminate(e, this, [], 16).some((end) => isConstant(end.form) && end.form.constant >= 0);
  }
}

/** One way to show that a form is not negative: another that needs to be, and the bounds that lead there. */
export interface Elimination {
  readonly form: Linear;
  readonly taken: ReadonlyMap<Scalar, Bound>;
}

/**
 * Lower bounds of a form: its atoms, the last defined first, replaced by a lower bound where their factor is positive,
 * by an upper bound where it is negative. Atoms in `keep`, and those without a bound, stay.
 */
export function eliminate(e: Linear, facts: Facts, keep: readonly Scalar[], most: number): readonly Elimination[] {
  const out: Elimination[] = [];
  const step = (form: Linear, taken: ReadonlyMap<Scalar, Bound>, times: number): void => {
    if (out.length >= most) return;
    let last: Scalar | null = null;
    let order = -1;
    for (const t of form.terms) {
      const b = facts.boundsOf(t.value);
      const side = t.factor > 0 ? b.lower : b.upper;
      if (b.order > order && side.length > 0 && !keep.includes(t.value)) {
        order = b.order;
        last = t.value;
      }
    }
    if (last === null) {
      // `form <= times · e`, and e is an integer: above -1 it is not negative.
      out.push({ form: plus(form, times - 1), taken });
      return;
    }
    const factor = factorOf(form, last);
    const b = facts.boundsOf(last);
    for (const by of factor > 0 ? b.lower : b.upper) {
      // form · d, in which factor · (d · value) is replaced by factor · bound; the sign stays that of the form.
      const scaled = scale(form, by.factor);
      const rest = { constant: scaled.constant, terms: scaled.terms.filter((t) => t.value !== last) };
      const value = last;
      step(sub(rest, scale(by.form, -factor)), new Map([...taken, [value, by]]), times * by.factor);
    }
  };
  step(e, new Map(), 1);
  return out;
}

const isAtom = (form: Linear, value: Scalar): boolean =>
  form.constant === 0 && form.terms.length === 1 && form.terms[0]?.value === value && form.terms[0].factor === 1;

function typeRange(type: ScalarType): { readonly lo: number; readonly hi: number } | null {
  if (type === "i32") return { lo: -(2 ** 31), hi: 2 ** 31 - 1 };
  return type === "u32" ? { lo: 0, hi: 2 ** 32 - 1 } : null;
}
