/**
 * What conditions say of integers, and between which forms a value chooses: by a branch or `select`, as the least or largest of two, or by
 * its sign.
 */
import type { Expr, Operand, Polynomial, Scalar, Stmt } from "../ir/ir.ts";
import { isConst, isInt } from "../ir/ir.ts";
import { type CompareOp, compareOps } from "../ir/ops.ts";
import { type Forms, plus, scale, sub } from "./polynomial.ts";

/** What a value may be: this form, where these are not negative. */
export interface Case {
  readonly form: Polynomial;
  readonly conditions: readonly Polynomial[];
}
/** A value is one of several forms; `extreme` where it is their least or their largest. */
export interface Cases {
  readonly cases: readonly Case[];
  readonly extreme: "min" | "max" | null;
}

/** What a branch or `select` yields: `cond ? then : else`. */
interface Choice {
  readonly cond: Operand;
  readonly then: Operand;
  readonly else: Operand;
}

export class Choices {
  private readonly forms: Forms;
  /** Is the form shown not to be negative? */
  private readonly shows: (e: Polynomial) => boolean;
  private readonly defs = new Map<Scalar, Expr>();
  private readonly choices = new Map<Scalar, Choice>();

  constructor(forms: Forms, shows: (e: Polynomial) => boolean) {
    this.forms = forms;
    this.shows = shows;
  }

  /** Notes what a statement defines. */
  define(s: Stmt): void {
    if (s.kind === "let") {
      this.defs.set(s.result, s.expr);
      if (s.expr.kind === "select") {
        this.choices.set(s.result, { cond: s.expr.cond, then: s.expr.a, else: s.expr.b });
      }
    }
    if (s.kind !== "if") return;
    s.results.forEach((r, i) => {
      this.choices.set(r, { cond: s.cond, then: s.then.yields[i] as Operand, else: s.else.yields[i] as Operand });
    });
  }

  /** The expression that a `let` gives its value. */
  definition(v: Scalar): Expr | undefined {
    return this.defs.get(v);
  }

  /** The forms that are `>= 0` where the condition is `holds`. */
  conditions(cond: Operand, holds: boolean): readonly Polynomial[] {
    if (cond.kind === "const") return [];
    const choice = this.choices.get(cond);
    if (choice !== undefined) {
      // `a && b` is `if (a) b else false`, `a || b` is `if (a) true else b`: a constant that it is not was not yielded.
      if (isConst(choice.else, !holds)) {
        return [...this.conditions(choice.cond, true), ...this.conditions(choice.then, holds)];
      }
      if (isConst(choice.then, !holds)) {
        return [...this.conditions(choice.cond, false), ...this.conditions(choice.else, holds)];
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
        // Of two ends that differ, one is known to be no less.
        if (this.shows(difference)) return [plus(difference, -1)];
        return this.shows(scale(difference, -1)) ? [plus(scale(difference, -1), -1)] : [];
    }
  }

  /** The forms of which the value is one; null where it is no such choice. */
  casesOf(v: Scalar): Cases | null {
    const choice = this.choices.get(v);
    if (choice !== undefined) {
      const chosen = (o: Operand, holds: boolean): Case => ({
        form: this.forms.of(o),
        conditions: this.conditions(choice.cond, holds),
      });
      return { cases: [chosen(choice.then, true), chosen(choice.else, false)], extreme: null };
    }
    const e = this.defs.get(v);
    if (e?.kind === "unary" && e.op === "abs" && v.type === "index") {
      const a = this.forms.of(e.a);
      return { cases: [a, scale(a, -1)].map((form) => ({ form, conditions: [form] })), extreme: "max" };
    }
    if (e?.kind !== "binary" || (e.op !== "min" && e.op !== "max")) return null;
    const [a, b] = [this.forms.of(e.a), this.forms.of(e.b)];
    const less = sub(b, a);
    const more = sub(a, b);
    const whenA = e.op === "min" ? less : more;
    const whenB = e.op === "min" ? more : less;
    return {
      cases: [
        { form: a, conditions: [whenA] },
        { form: b, conditions: [whenB] },
      ],
      extreme: e.op,
    };
  }
}
