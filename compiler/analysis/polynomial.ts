/**
 * Polynomials over integer values, `constant + Σ factor · values…`, and which values are such forms of others.
 *
 * An atom is a value that is no polynomial of anything else: a size, a parameter, a loop's index, a loaded integer. Most
 * forms are affine, of degree 1; products come from arrays that are subscripted as `A[i * m + j]`.
 */
import { isInt, type Operand, type Polynomial, type Scalar, type Stmt } from "../ir/ir.ts";

type Term = Polynomial["terms"][number];

/** Products of more values are atoms of their own. */
const mostFactors = 4;
/** A form of more terms is not worth following. */
const mostTerms = 16;

export const polyConst = (constant: number): Polynomial => ({ constant, terms: [] });
export const polyOf = (value: Scalar): Polynomial => ({ constant: 0, terms: [{ values: [value], factor: 1 }] });

/** The same values, as often, in whatever order. */
function sameValues(a: readonly Scalar[], b: readonly Scalar[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length === 1) return a[0] === b[0];
  const rest = [...b];
  return a.every((v) => {
    const at = rest.indexOf(v);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

/** `a + factor · b`. */
export function addScaled(a: Polynomial, b: Polynomial, factor = 1): Polynomial {
  if (factor === 0) return a;
  const terms = [...a.terms];
  for (const t of b.terms) {
    const at = terms.findIndex((known) => sameValues(known.values, t.values));
    const known = terms[at];
    const sum = (known?.factor ?? 0) + factor * t.factor;
    if (known === undefined) terms.push({ values: t.values, factor: sum });
    else if (sum === 0) terms.splice(at, 1);
    else terms[at] = { values: known.values, factor: sum };
  }
  return { constant: a.constant + factor * b.constant, terms };
}
export const sub = (a: Polynomial, b: Polynomial): Polynomial => addScaled(a, b, -1);
export const plus = (a: Polynomial, constant: number): Polynomial =>
  constant === 0 ? a : { constant: a.constant + constant, terms: a.terms };
export const scale = (a: Polynomial, by: number): Polynomial => addScaled(polyConst(0), a, by);
export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  let product = scale(b, a.constant);
  for (const t of a.terms) {
    const terms = b.terms.map((u): Term => ({ values: [...t.values, ...u.values], factor: t.factor * u.factor }));
    product = addScaled(product, { constant: 0, terms });
    product = addScaled(product, { constant: 0, terms: [t] }, b.constant);
  }
  return product;
}
export const isConstant = (a: Polynomial): boolean => a.terms.length === 0;
export const valuesOf = (a: Polynomial): readonly Scalar[] => [...new Set(a.terms.flatMap((t) => t.values))];

/** `a` as `coefficient · value + rest`, neither of which has the value in it; null where it occurs in a power. */
export function split(
  a: Polynomial,
  value: Scalar,
): { readonly coefficient: Polynomial; readonly rest: Polynomial } | null {
  const rest: Term[] = [];
  const own: Term[] = [];
  let constant = 0;
  for (const t of a.terms) {
    const at = t.values.indexOf(value);
    if (at < 0) {
      rest.push(t);
      continue;
    }
    const values = t.values.filter((_, k) => k !== at);
    if (values.includes(value)) return null;
    if (values.length === 0) constant = t.factor;
    else own.push({ values, factor: t.factor });
  }
  return { coefficient: { constant, terms: own }, rest: { constant: a.constant, terms: rest } };
}

/** `a` with a value replaced by a form; null where the value occurs in a power. */
export function substitute(a: Polynomial, value: Scalar, by: Polynomial): Polynomial | null {
  const parts = split(a, value);
  return parts === null ? null : addScaled(multiply(parts.coefficient, by), parts.rest);
}

/** The weakest form with the smallest numbers that is `>= 0` where this one is: `2n - 3` says `n - 2`. */
export function reduce(a: Polynomial): Polynomial {
  let divisor = 0;
  for (const t of a.terms) divisor = gcd(divisor, Math.abs(t.factor));
  if (divisor <= 1) return a;
  const terms = a.terms.map((t) => ({ values: t.values, factor: t.factor / divisor }));
  return { constant: Math.floor(a.constant / divisor), terms };
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Equal forms have equal keys but for their constants, whatever order their terms are in. `ids` names the values. */
export function polynomialKey(a: Polynomial, ids: Map<Scalar, number>): string {
  const id = (v: Scalar): number => {
    const known = ids.get(v) ?? ids.size;
    ids.set(v, known);
    return known;
  };
  const term = (t: Term): string => `${t.values.map(id).sort((x, y) => x - y)}*${t.factor}`;
  return a.terms.map(term).sort().join("+");
}

/** The forms of the values defined so far, filled in while walking forward. */
export class Forms {
  private readonly forms = new Map<Scalar, Polynomial>();

  of(o: Operand): Polynomial {
    if (o.kind === "const") return polyConst(Number(o.value));
    return this.forms.get(o) ?? polyOf(o);
  }

  set(value: Scalar, form: Polynomial): void {
    this.forms.set(value, form);
  }

  /** Notes what a statement defines, where it is a form. Casts between integer types that lose nothing count. */
  define(s: Stmt): void {
    if (s.kind !== "let" || s.result.type !== "index") return;
    const { expr } = s;
    if (expr.kind === "cast" && isInt(expr.a.type)) this.set(s.result, this.of(expr.a));
    if (expr.kind === "unary" && expr.op === "neg") this.set(s.result, scale(this.of(expr.a), -1));
    if (expr.kind !== "binary") return;
    const a = this.of(expr.a);
    const b = this.of(expr.b);
    const form =
      expr.op === "add" ? addScaled(a, b) : expr.op === "sub" ? sub(a, b) : expr.op === "mul" ? multiply(a, b) : null;
    if (form === null || form.terms.length > mostTerms) return;
    if (form.terms.every((t) => t.values.length <= mostFactors)) this.set(s.result, form);
  }
}
