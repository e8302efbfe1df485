/**
 * Where a value that is computed in a nest of loops is kept: at the affine rank of the iteration vector, so that a triangle takes
 * half of its square.
 *
 * With trips T_k of the loops, outermost first, C_d = 1 and C_{k-1} = Σ over loop k of C_k; the rank of an iteration is the sum over k
 * of the C_k of the iterations of loop k before it. Counts are polynomials in sizes and outer indices; sums of powers are
 * Faulhaber's. That is exact where trips are shown not to be negative. Trips that depend on nothing but sizes are symbols of
 * their own, max(0, hi − lo). Where neither holds, a loop is given its largest number of trips (the bounding box); where that is not
 * known, there is no rank. A `while` counts as the most trips that it may make, where these are known.
 */
import { type Bound, eliminate } from "../compiler/analysis/eliminate.ts";
import { Facts } from "../compiler/analysis/facts.ts";
import {
  addScaled,
  isConstant,
  multiply,
  plus,
  polyConst,
  polyOf,
  scale,
  sub,
  valuesOf,
} from "../compiler/analysis/polynomial.ts";
import { value } from "../compiler/ir/build.ts";
import type { Block, For, Func, Polynomial, Scalar, While } from "../compiler/ir/ir.ts";
import { blocksOf } from "../compiler/ir/walk.ts";
import type { Program } from "./program.ts";

/** `form / divisor`, an integer. */
export interface Quotient {
  readonly form: Polynomial;
  readonly divisor: number;
}

/** Sums to the rank: one for each loop, so that those of outer loops can be computed outside. */
export interface Rank {
  readonly offsets: readonly Quotient[];
  readonly size: Quotient;
}

/** What is known of a loop's bounds. */
export interface LoopForm {
  readonly index: Scalar;
  readonly lo: Polynomial;
  readonly trips: Polynomial;
  readonly nonNegative: boolean;
  /** At least as large as the trips of every instance, in terms of sizes; null where none is known. */
  readonly most: Polynomial | null;
}

export class Ranks {
  private readonly program: Program;
  private readonly forms = new Map<For | While, LoopForm>();
  /** The number of a `while`'s trip, for those that have a most. */
  readonly trips = new Map<While, Scalar>();
  /** Symbols for trips that depend on sizes alone: `max(0, form)`. */
  readonly symbols = new Map<Scalar, Polynomial>();

  constructor(program: Program) {
    this.program = program;
    const facts = new Facts();
    facts.enter(program.func);
    const holds = program.func.requires.map((r) => r.need);
    facts.assuming(holds, () => this.collect(program.func, program.func.body, facts));
  }

  /** The form in terms of parameters, symbols as what they stand for where that is positive; null where there is no such form. */
  inParams(form: Polynomial): Polynomial | null {
    let out = polyConst(form.constant);
    for (const t of form.terms) {
      let term = polyConst(t.factor);
      for (const v of t.values) term = multiply(term, this.symbols.get(v) ?? polyOf(v));
      out = addScaled(out, term);
    }
    return valuesOf(out).every((v) => this.program.defOf(v).kind === "param") ? out : null;
  }

  /** The loop's bounds as forms; null where they are none that count. */
  formOf(loop: For | While): LoopForm | null {
    return this.forms.get(loop) ?? null;
  }

  /** The rank within these loops, outermost first; null where it has no formula. */
  of(loops: readonly (For | While)[]): Rank | null {
    const trips = this.tripsOf(loops);
    if (trips === null) return null;
    let inner: Quotient = { form: polyConst(1), divisor: 1 };
    const offsets: Quotient[] = [];
    for (const [k, loop] of [...loops.entries()].reverse()) {
      const { index, lo } = this.forms.get(loop) as LoopForm;
      offsets.unshift(sumOver(inner, index, lo, sub(polyOf(index), lo)));
      inner = sumOver(inner, index, lo, trips[k] as Polynomial);
    }
    return { offsets, size: inner };
  }

  /** At least as many as any run of the loop makes trips, in terms of parameters and symbols; null where no such number is known. */
  mostTrips(loop: For | While): Polynomial | null {
    const most = this.forms.get(loop)?.most ?? null;
    return most === null ? null : this.symbol(most);
  }

  /** What each loop's trips count as: symbols, exact forms, or bounds; null where one of them has none. */
  private tripsOf(loops: readonly (For | While)[]): readonly Polynomial[] | null {
    const boxed = new Set<Scalar>();
    const out: Polynomial[] = [];
    for (const loop of loops) {
      const form = this.forms.get(loop);
      if (form === undefined) return null;
      const isUniform = this.isUniform(form.trips);
      // An outer loop that is given more trips than it makes would have its inner loops count wrongly.
      const isExact =
        form.nonNegative && valuesOf(form.trips).every((v) => !boxed.has(v)) && this.isOfLoops(form.trips, loops);
      if (isUniform) out.push(form.nonNegative ? form.trips : this.symbol(form.trips));
      else if (isExact) out.push(form.trips);
      else {
        if (form.most === null) return null;
        boxed.add(form.index);
        out.push(this.symbol(form.most));
      }
    }
    return out;
  }

  private symbol(trips: Polynomial): Polynomial {
    if (isConstant(trips)) return polyConst(Math.max(0, trips.constant));
    for (const [known, form] of this.symbols) {
      if (isConstant(sub(form, trips)) && sub(form, trips).constant === 0) return polyOf(known);
    }
    const made = value("trips", "index" as const);
    this.symbols.set(made, trips);
    return polyOf(made);
  }

  /** Does it depend on parameters alone? */
  isUniform(form: Polynomial): boolean {
    return valuesOf(form).every((v) => this.isUniformValue(v));
  }
  isUniformValue(v: Scalar): boolean {
    if (this.symbols.has(v)) return true;
    if ([...this.trips.values()].includes(v)) return false;
    const def = this.program.defOf(v);
    if (def.kind === "param") return true;
    if (def.kind !== "let" || def.stmt.expr.kind === "load") return false;
    return operandValues(def.stmt.expr).every((o) => this.isUniformValue(o));
  }
  private isOfLoops(form: Polynomial, loops: readonly (For | While)[]): boolean {
    return valuesOf(form).every((v) => loops.some((l) => this.forms.get(l)?.index === v) || this.isUniformValue(v));
  }

  private collect(f: Func, b: Block, facts: Facts): void {
    for (const s of b.stmts) {
      facts.enterLoop(s);
      if (s.kind === "for") {
        const lo = facts.forms.of(s.lo);
        const trips = sub(facts.forms.of(s.hi), lo);
        this.forms.set(s, {
          index: s.index,
          lo,
          trips,
          nonNegative: facts.shows(trips),
          most: this.boundOf(trips, facts),
        });
        facts.assuming([plus(trips, -1)], () => this.collect(f, s.body, facts));
      } else if (s.kind === "if") {
        facts.assuming(facts.conditions(s.cond, true), () => this.collect(f, s.then, facts));
        facts.assuming(facts.conditions(s.cond, false), () => this.collect(f, s.else, facts));
      } else {
        if (s.kind === "while" && s.max !== null) this.bounded(s, facts.forms.of(s.max));
        for (const inner of blocksOf(s)) this.collect(f, inner, facts);
      }
      facts.define(s);
    }
  }

  private bounded(s: While, most: Polynomial): void {
    if (!this.isUniform(most)) return;
    const index = value("trip", "index" as const);
    this.trips.set(s, index);
    this.forms.set(s, { index, lo: polyConst(0), trips: most, nonNegative: false, most });
  }

  private boundOf(trips: Polynomial, facts: Facts): Polynomial | null {
    if (this.isUniform(trips)) return trips;
    const keep = valuesOf(trips).filter((v) => this.isUniformValue(v));
    const params = [...this.program.func.params].filter((p): p is Scalar => typeof p.type === "string");
    for (const end of eliminate(scale(trips, -1), facts, [...keep, ...params, ...this.sizes()], 8)) {
      const isPlain = [...end.taken.values()].every((b: Bound) => b.factor === 1 && b.from !== "type");
      if (isPlain && this.isUniform(end.form)) return scale(end.form, -1);
    }
    return null;
  }

  private sizes(): readonly Scalar[] {
    return this.program.func.params.flatMap((p) =>
      typeof p.type === "string" ? [] : p.type.dims.filter((d): d is Scalar => d.kind === "value"),
    );
  }
}

function operandValues(e: { readonly kind: string }): readonly Scalar[] {
  const { a, b, cond } = e as { a?: unknown; b?: unknown; cond?: unknown };
  return [a, b, cond].filter((o): o is Scalar => (o as Scalar | undefined)?.kind === "value");
}

/** Σ of `count` with `index` = lo + x, for x from 0 to `trips` − 1. */
function sumOver(count: Quotient, index: Scalar, lo: Polynomial, trips: Polynomial): Quotient {
  const byPower = powersOf(substituteSum(count.form, index, lo), x);
  let form = polyConst(0);
  let divisor = 1;
  byPower.forEach((coefficient, power) => {
    const sum = powerSum(power, trips);
    // form / divisor + coefficient · sum
    const common = lcm(divisor, sum.divisor);
    form = addScaled(scale(form, common / divisor), multiply(coefficient, sum.form), common / sum.divisor);
    divisor = common;
  });
  return reduced({ form, divisor: divisor * count.divisor });
}

/** The number of a trip, while a form is being summed. */
const x = value("x", "index" as const);

/** The form with `index` = lo + x. */
function substituteSum(form: Polynomial, index: Scalar, lo: Polynomial): Polynomial {
  const by = addScaled(polyOf(x), lo);
  let out = polyConst(form.constant);
  for (const t of form.terms) {
    let term = polyConst(t.factor);
    for (const v of t.values) term = multiply(term, v === index ? by : polyOf(v));
    out = addScaled(out, term);
  }
  return out;
}

/** The coefficients of the powers of a value, from 0 up. */
function powersOf(form: Polynomial, v: Scalar): readonly Polynomial[] {
  const out: Polynomial[] = [polyConst(form.constant)];
  for (const t of form.terms) {
    const others = t.values.filter((o) => o !== v);
    const power = t.values.length - others.length;
    while (out.length <= power) out.push(polyConst(0));
    const term =
      others.length === 0 ? polyConst(t.factor) : { constant: 0, terms: [{ values: others, factor: t.factor }] };
    out[power] = addScaled(out[power] as Polynomial, term);
  }
  return out;
}

/** Σ x^p for x from 0 to m − 1, by Σ over j < p of binomial(p + 1, j) S_j = m^(p+1) − S_p (p + 1)  (Faulhaber, Bernoulli). */
function powerSum(power: number, m: Polynomial): Quotient {
  const sums: Quotient[] = [];
  let mPower = polyConst(1);
  for (let p = 0; p <= power; p++) {
    mPower = multiply(mPower, m);
    // (p + 1) S_p = m^(p+1) − Σ_{j<p} binomial(p + 1, j) S_j
    let form = mPower;
    let divisor = 1;
    let binomial = 1;
    for (let j = 0; j < p; j++) {
      const s = sums[j] as Quotient;
      const common = lcm(divisor, s.divisor);
      form = addScaled(scale(form, common / divisor), s.form, (-binomial * common) / s.divisor);
      divisor = common;
      binomial = (binomial * (p + 1 - j)) / (j + 1);
    }
    sums.push(reduced({ form, divisor: divisor * (p + 1) }));
  }
  return sums[power] as Quotient;
}

function reduced({ form, divisor }: Quotient): Quotient {
  let by = gcd(divisor, Math.abs(form.constant));
  for (const t of form.terms) by = gcd(by, Math.abs(t.factor));
  if (by <= 1) return { form, divisor };
  const terms = form.terms.map((t) => ({ values: t.values, factor: t.factor / by }));
  return { form: { constant: form.constant / by, terms }, divisor: divisor / by };
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;
