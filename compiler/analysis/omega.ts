/**
 * Has a conjunction of affine equalities and inequalities an integer point? The Omega test: equalities are solved with
 * symmetric remainders, variables of inequalities eliminated after Fourier and Motzkin, exactly where a coefficient is 1;
 * otherwise the real shadow shows that there is none, the dark shadow that there is one, and splinters decide the rest.
 *
 * W. Pugh, "The Omega test: a fast and practical integer programming algorithm for dependence analysis", Supercomputing 1991.
 */

/** `Σ row[i] · x_i + row[n]`, for n variables. */
export type Row = readonly number[];
/** A value for each variable; or nothing to be found; or given up. */
export type Outcome = readonly number[] | "empty" | "unknown";

/** An integer point at which every row of `zero` is 0 and none of `nonNegative` is below. */
export function findPoint(zero: readonly Row[], nonNegative: readonly Row[], variables: number): Outcome {
  return new Omega(variables).solve(zero, nonNegative, 0);
}

/** Beyond, sums of doubles round. */
const exactLimit = 2 ** 50;
const mostRows = 250;
/** Rows made in all by one question. */
const mostWork = 6000;
const mostDepth = 12;
const mostSplinters = 64;

type Point = number[];
/** Gives an eliminated variable its value, once those that it depends on have theirs. */
type Recover = (p: Point) => void;

class Omega {
  private readonly n: number;
  private work = 0;

  constructor(n: number) {
    this.n = n;
  }

  solve(zeros: readonly Row[], nonNegative: readonly Row[], depth: number): Outcome {
    const recover: Recover[] = [];
    let zero = zeros;
    let rows = nonNegative;
    for (;;) {
      const solved = this.equalities(zero, rows, recover);
      if (typeof solved === "string") return solved;
      const tightened = this.tighten(solved);
      if (tightened === null) return "empty";
      ({ zero, rows } = tightened);
      if (zero.length > 0) continue;
      if (rows.length === 0) return this.pointOf(new Array<number>(this.n).fill(0), recover);
      if (rows.length > mostRows || this.work > mostWork || rows.some(isTooLarge)) return "unknown";
      const pick = this.pick(rows);
      const own = rows.filter((r) => r[pick.variable] !== 0);
      const others = rows.filter((r) => r[pick.variable] === 0);
      if (!pick.exact) {
        if (depth === mostDepth) return "unknown";
        const found = this.inexact(pick.variable, own, others, depth + 1);
        return typeof found === "string" ? found : this.pointOf([...found], recover);
      }
      recover.push((p) => {
        p[pick.variable] = between(own, pick.variable, p);
      });
      rows = [...others, ...this.shadow(own, pick.variable, false)];
    }
  }

  private pointOf(p: Point, recover: readonly Recover[]): Outcome {
    for (let i = recover.length - 1; i >= 0; i--) (recover[i] as Recover)(p);
    return p.every((x) => Math.abs(x) <= exactLimit) ? p : "unknown";
  }

  /** The inequalities with the variables of all equalities replaced, where these have a solution. */
  private equalities(
    zeros: readonly Row[],
    rows: readonly Row[],
    recover: Recover[],
  ): readonly Row[] | "empty" | "unknown" {
    let open = zeros;
    let out = rows;
    while (open.length > 0) {
      const next: Row[] = [];
      for (const r of open) {
        const d = divisorOf(r);
        if (d === 0) {
          if (r[this.n] !== 0) return "empty";
          continue;
        }
        if ((r[this.n] as number) % d !== 0) return "empty";
        next.push(d === 1 ? r : r.map((x) => x / d));
      }
      const best = this.simplest(next);
      if (best === null) return out;
      const { row, variable } = best;
      const by = this.solution(row, variable);
      const replace = (r: Row): Row => {
        const c = r[variable] as number;
        if (c === 0) return r;
        this.work++;
        const out = r.slice();
        out[variable] = 0;
        for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + c * (by[i] as number);
        return out;
      };
      // Where the coefficient is not 1, the variable's column now stands for a new one, and the equality stays.
      const isUnit = Math.abs(row[variable] as number) === 1;
      open = next.filter((r) => r !== row || !isUnit).map(replace);
      out = out.map(replace);
      recover.push((p) => {
        p[variable] = valueAt(by, p);
      });
      if (this.work > mostWork || open.some(isTooLarge)) return "unknown";
    }
    return out;
  }

  /** The equality and variable with the smallest coefficient. */
  private simplest(rows: readonly Row[]): { readonly row: Row; readonly variable: number } | null {
    let best: { readonly row: Row; readonly variable: number } | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const row of rows) {
      for (let i = 0; i < this.n; i++) {
        const size = Math.abs(row[i] as number);
        if (size === 0 || size >= least) continue;
        best = { row, variable: i };
        least = size;
        if (size === 1) return best;
      }
    }
    return best;
  }

  /** The variable as a form of the others; and of a new one in its column, where its coefficient is not 1. */
  private solution(row: Row, variable: number): Row {
    const a = row[variable] as number;
    const sign = Math.sign(a);
    if (Math.abs(a) === 1) return row.map((x, i) => (i === variable ? 0 : -sign * x + 0));
    const m = Math.abs(a) + 1;
    return row.map((x, i) => (i === variable ? -sign * m : sign * (x - m * Math.floor(x / m + 0.5))));
  }

  /**
   * The inequalities divided by what their coefficients have in common, of each direction the strongest, and the equalities
   * between those that leave one value. Null where two leave none.
   */
  private tighten(rows: readonly Row[]): { readonly zero: readonly Row[]; readonly rows: readonly Row[] } | null {
    const { n } = this;
    /** By direction, up to sign: the strongest of either sign. */
    const strongest = new Map<string, { up: Row | null; down: Row | null }>();
    for (const r of rows) {
      const d = divisorOf(r);
      if (d === 0) {
        if ((r[n] as number) < 0) return null;
        continue;
      }
      const row = d === 1 ? r : r.map((x, i) => (i === n ? Math.floor(x / d) : x / d));
      let sign = 0;
      let key = "";
      for (let i = 0; i < n; i++) {
        const x = row[i] as number;
        if (x === 0) continue;
        if (sign === 0) sign = Math.sign(x);
        key += `${i}:${sign * x},`;
      }
      const both = strongest.get(key) ?? { up: null, down: null };
      strongest.set(key, both);
      const side = sign > 0 ? "up" : "down";
      const known = both[side];
      if (known === null || (row[n] as number) < (known[n] as number)) both[side] = row;
    }
    const zero: Row[] = [];
    const out: Row[] = [];
    for (const { up, down } of strongest.values()) {
      const slack = up === null || down === null ? 1 : (up[n] as number) + (down[n] as number);
      if (slack < 0) return null;
      if (slack === 0) zero.push(up as Row);
      else out.push(...[up, down].filter((r) => r !== null));
    }
    return { zero, rows: out };
  }

  /** The variable whose elimination is exact, if there is one, and makes the fewest inequalities. */
  private pick(rows: readonly Row[]): { readonly variable: number; readonly exact: boolean } {
    let best = { variable: -1, exact: false, cost: Number.POSITIVE_INFINITY };
    for (let i = 0; i < this.n; i++) {
      let lower = 0;
      let upper = 0;
      let unitLower = true;
      let unitUpper = true;
      for (const r of rows) {
        const c = r[i] as number;
        if (c > 0) {
          lower++;
          if (c !== 1) unitLower = false;
        } else if (c < 0) {
          upper++;
          if (c !== -1) unitUpper = false;
        }
      }
      if (lower + upper === 0) continue;
      const exact = unitLower || unitUpper || lower === 0 || upper === 0;
      const cost = lower * upper - lower - upper;
      if ((exact && !best.exact) || (exact === best.exact && cost < best.cost)) best = { variable: i, exact, cost };
    }
    return best;
  }

  /** What the inequalities say without the variable; where `dark`, only of points between which an integer surely lies. */
  private shadow(rows: readonly Row[], variable: number, dark: boolean): readonly Row[] {
    const out: Row[] = [];
    for (const lower of rows) {
      const a = lower[variable] as number;
      if (a <= 0) continue;
      for (const upper of rows) {
        const b = -(upper[variable] as number);
        if (b <= 0) continue;
        this.work++;
        const sum = lower.slice();
        for (let i = 0; i < sum.length; i++) sum[i] = b * (sum[i] as number) + a * (upper[i] as number);
        if (dark) sum[this.n] = (sum[this.n] as number) - (a - 1) * (b - 1);
        out.push(sum);
      }
    }
    return out;
  }

  private inexact(variable: number, own: readonly Row[], others: readonly Row[], depth: number): Outcome {
    const real = this.solve([], [...others, ...this.shadow(own, variable, false)], depth);
    if (real === "empty") return "empty";
    const dark = this.solve([], [...others, ...this.shadow(own, variable, true)], depth);
    if (typeof dark !== "string") {
      const p = [...dark];
      p[variable] = between(own, variable, p);
      return p;
    }
    // A point that both miss lies close above one of the lower bounds.
    const rows = [...own, ...others];
    const steepest = Math.max(...own.map((r) => -(r[variable] as number)));
    let unknown = dark === "unknown";
    for (const lower of own) {
      const b = lower[variable] as number;
      if (b <= 0) continue;
      const most = Math.floor((steepest * b - steepest - b) / steepest);
      if (most > mostSplinters) return "unknown";
      for (let i = 0; i <= most; i++) {
        const on = lower.map((x, at) => (at === this.n ? x - i : x));
        const found = this.solve([on], rows, depth);
        if (typeof found !== "string") return found;
        if (found === "unknown") unknown = true;
      }
    }
    return unknown ? "unknown" : "empty";
  }
}

function isTooLarge(r: Row): boolean {
  for (let i = 0; i < r.length; i++) if (Math.abs(r[i] as number) > exactLimit) return true;
  return false;
}

/** The largest number that divides all coefficients; 0 where there are none. */
function divisorOf(r: Row): number {
  let d = 0;
  for (let i = 0; i < r.length - 1; i++) {
    let x = Math.abs(r[i] as number);
    if (x === 1) return 1;
    while (x !== 0) [d, x] = [x, d % x];
  }
  return d;
}

function valueAt(r: Row, p: readonly number[]): number {
  let sum = r[r.length - 1] as number;
  for (let i = 0; i < r.length - 1; i++) sum += (r[i] as number) * (p[i] as number);
  return sum;
}

/** A value of the variable that the inequalities allow: the least, or where there is none the one nearest to 0. */
function between(rows: readonly Row[], variable: number, p: Point): number {
  p[variable] = 0;
  let lo = Number.NEGATIVE_INFINITY;
  let hi = Number.POSITIVE_INFINITY;
  for (const r of rows) {
    const c = r[variable] as number;
    if (c > 0) lo = Math.max(lo, Math.ceil(-valueAt(r, p) / c));
    if (c < 0) hi = Math.min(hi, Math.floor(valueAt(r, p) / -c));
  }
  if (lo !== Number.NEGATIVE_INFINITY) return lo + 0;
  return Math.min(0, hi) + 0;
}
