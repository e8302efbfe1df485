/**
 * Lower bounds of polynomials: their atoms replaced, the last defined first, by what bounds them, until only what is to be
 * kept is left (Fourier and Motzkin's elimination along one path for each combination of bounds).
 *
 * An atom may stand in products. `c · v + rest` is at least `c · l + rest` where `v >= l` and `c >= 0`; whether the sign of
 * `c` is known is for the caller to say.
 */
import type { Polynomial, Scalar } from "../ir/ir.ts";
import { addScaled, isConstant, multiply, plus, scale, split, valuesOf } from "./polynomial.ts";

/** `factor · value <= form` (an upper bound) or `factor · value >= form` (a lower one); the factor is positive. */
export interface Bound {
  readonly factor: number;
  readonly form: Polynomial;
  /** `loop`: of a counted loop, and met by one of its trips. `type`: only what the type can hold. */
  readonly from: "loop" | "type" | "fact";
}
export interface Bounds {
  /** Later atoms are defined in terms of earlier ones: elimination goes backwards. */
  readonly order: number;
  readonly lower: Bound[];
  readonly upper: Bound[];
}

/** What is known where the question is asked. */
export interface Known {
  boundsOf(value: Scalar): Bounds;
  /** Is the form, a coefficient in the one in question, shown not to be negative? */
  shows(e: Polynomial): boolean;
}

/** One way to show that a form is not negative: another that needs to be, and the bounds that lead there. */
export interface Elimination {
  readonly form: Polynomial;
  readonly taken: ReadonlyMap<Scalar, Bound>;
}

/** An atom of a form that can be replaced: by a lower bound where its coefficient is positive, else by an upper one. */
interface Candidate {
  readonly value: Scalar;
  readonly order: number;
  readonly bounds: readonly Bound[];
  readonly coefficient: Polynomial;
  readonly rest: Polynomial;
}

/** Beyond, sums of doubles round. */
const exactLimit = 2 ** 52;
const mostSteps = 256;

/** At most `most` lower bounds of the form. Atoms in `keep`, and those without a bound, stay. */
export function eliminate(e: Polynomial, known: Known, keep: readonly Scalar[], most: number): readonly Elimination[] {
  const out: Elimination[] = [];
  let steps = 0;
  const step = (form: Polynomial, taken: ReadonlyMap<Scalar, Bound>, times: number): void => {
    if (out.length >= most || ++steps > mostSteps || !isExact(form) || times > exactLimit) return;
    const last = lastAtom(form, known, keep);
    if (last === null) {
      // `form <= times · e`, and e is an integer: above -1 it is not negative.
      out.push({ form: plus(form, times - 1), taken });
      return;
    }
    const { value, bounds, coefficient, rest } = last;
    // It is back in by the bound of one whose coefficient had no sign before: two ends of it make no point.
    if (taken.has(value)) return;
    for (const by of bounds) {
      // by.factor · form, in which by.factor · value is replaced.
      const lower = addScaled(scale(rest, by.factor), multiply(by.form, coefficient));
      step(lower, new Map([...taken, [value, by]]), times * by.factor);
    }
  };
  step(e, new Map(), 1);
  return out;
}

function lastAtom(form: Polynomial, known: Known, keep: readonly Scalar[]): Candidate | null {
  let last: Candidate | null = null;
  for (const value of valuesOf(form)) {
    const { order, lower, upper } = known.boundsOf(value);
    if (keep.includes(value) || (last !== null && order < last.order)) continue;
    const parts = split(form, value);
    const sign = parts === null ? 0 : signOf(parts.coefficient, known);
    const bounds = sign > 0 ? lower : upper;
    if (parts !== null && sign !== 0 && bounds.length > 0) last = { value, order, bounds, ...parts };
  }
  return last;
}

/** 1 where the form is shown not to be negative, -1 where it is shown not to be positive, 0 where neither is. */
function signOf(e: Polynomial, known: Known): number {
  if (isConstant(e)) return Math.sign(e.constant);
  if (known.shows(e)) return 1;
  return known.shows(scale(e, -1)) ? -1 : 0;
}

const isExact = (e: Polynomial): boolean =>
  Math.abs(e.constant) <= exactLimit && e.terms.every((t) => Math.abs(t.factor) <= exactLimit);
