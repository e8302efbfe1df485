/**
 * Linear forms over integer values: `constant + Σ factor · value`, and which values are such forms of others.
 *
 * An atom is a value that is no linear form of anything else: a size, a parameter, a loop's index, a loaded integer.
 */
import { isInt, type Linear, type Operand, type Scalar, type Stmt } from "../ir/ir.ts";

const noTerms: Linear["terms"] = [];
export const linearConst = (constant: number): Linear => ({ constant, terms: noTerms });
export const linearOf = (value: Scalar): Linear => ({ constant: 0, terms: [{ value, factor: 1 }] });

/** `a + factor · b`. */
export function addScaled(a: Linear, b: Linear, factor = 1): Linear {
  if (factor === 0) return a;
  const terms = new Map(a.terms.map((t) => [t.value, t.factor]));
  for (const t of b.terms) {
    const sum = (terms.get(t.value) ?? 0) + factor * t.factor;
    if (sum === 0) terms.delete(t.value);
    else terms.set(t.value, sum);
  }
  return {
    constant: a.constant + factor * b.constant,
    terms: [...terms].map(([value, f]) => ({ value, factor: f })),
  };
}
export const sub = (a: Linear, b: Linear): Linear => addScaled(a, b, -1);
export const plus = (a: Linear, constant: number): Linear =>
  constant === 0 ? a : { constant: a.constant + constant, terms: a.terms };
export const scale = (a: Linear, by: number): Linear => addScaled(linearConst(0), a, by);
export const isConstant = (a: Linear): boolean => a.terms.length === 0;
export const factorOf = (a: Linear, value: Scalar): number => a.terms.find((t) => t.value === value)?.factor ?? 0;

/** `a` with a value replaced by a linear form. */
export function substitute(a: Linear, value: Scalar, by: Linear): Linear {
  const factor = factorOf(a, value);
  if (factor === 0) return a;
  const rest = { constant: a.constant, terms: a.terms.filter((t) => t.value !== value) };
  return addScaled(rest, by, factor);
}

/** Equal linear forms have equal keys, whatever order their terms are in. `ids` names the values. */
export function linearKey(a: Linear, ids: Map<Scalar, number>): string {
  const id = (v: Scalar): number => {
    const known = ids.get(v) ?? ids.size;
    ids.set(v, known);
    return known;
  };
  return [...a.terms.map((t) => `${id(t.value)}*${t.factor}`)].sort().join("+");
}

/** Linear forms of the values defined so far, filled in while walking forward. */
export class LinearForms {
  private readonly forms = new Map<Scalar, Linear>();

  of(o: Operand): Linear {
    if (o.kind === "const") return linearConst(Number(o.value));
    return this.forms.get(o) ?? linearOf(o);
  }

  set(value: Scalar, form: Linear): void {
    this.forms.set(value, form);
  }

  /** Notes what a statement defines, where it is a linear form. Casts between integer types that lose nothing count. */
  define(s: Stmt): void {
    if (s.kind !== "let" || s.result.type !== "index") return;
    const { expr } = s;
    if (expr.kind === "cast" && isInt(expr.a.type)) {
      this.set(s.result, this.of(expr.a));
      return;
    }
    if (expr.kind === "unary" && expr.op === "neg") this.set(s.result, scale(this.of(expr.a), -1));
    if (expr.kind !== "binary") return;
    const a = this.of(expr.a);
    const b = this.of(expr.b);
    if (expr.op === "add") this.set(s.result, addScaled(a, b));
    else if (expr.op === "sub") this.set(s.result, sub(a, b));
    else if (expr.op === "mul" && isConstant(b)) this.set(s.result, scale(a, b.constant));
    else if (expr.op === "mul" && isConstant(a)) this.set(s.result, scale(b, a.constant));
  }
}
