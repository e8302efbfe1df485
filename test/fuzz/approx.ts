/**
 * Float arithmetic with a bound on what other ways to compute the same could give: what `contract` and `fast` may do.
 *
 * An approximation is the value that `strict` computes, a magnitude, and a relative error: whoever computes the same real
 * number with fused or (in `fast`) regrouped operations is at most `error(x)` away from the exact result, and so is `strict`
 * itself. Magnitudes are those of Higham's running error analysis (Accuracy and Stability of Numerical Algorithms, §3.3):
 * the value of the same expression with all signs made positive, so that they hold for every order of a sum. Each
 * operation adds its unit roundoff; a sum adds the errors of both sides, since regrouping may send any term through all
 * of their additions. Operations on certain operands that no mode touches are certain themselves.
 *
 * What the bound cannot speak of is given up by throwing `Untame`: NaN, infinities and numbers close to the ends of the
 * range (`fast` assumes the first two away, and regrouping may reach the others), a branch, integer or pole that depends on
 * the errors.
 */
import { mathEval } from "../../compiler/interp.ts";
import { binaryEval, unaryEval } from "../../compiler/ir/eval.ts";
import type { FloatType, OpMode } from "../../compiler/ir/ir.ts";
import { type BinaryOp, type CompareOp, isMath, type MathOp, type UnaryOp } from "../../compiler/ir/ops.ts";

export interface Approx {
  readonly value: number;
  readonly magnitude: number;
  /** Relative to the magnitude. */
  readonly relative: number;
}

/** The program leaves what can be said of it: `undecided` where rounding chooses its way, `range` where floats end. */
export class Untame extends Error {
  readonly sort: "undecided" | "range";
  constructor(sort: Untame["sort"], what: string) {
    super(what);
    this.sort = sort;
  }
}

const roundoff: Readonly<Record<FloatType, number>> = { f64: 2 ** -53, f32: 2 ** -24 };
/** Three factors of this size neither overflow nor become subnormal. */
const largest: Readonly<Record<FloatType, number>> = { f64: 1e100, f32: 1e12 };
/** Quotients, roots and library functions may be off by a few units in the last place in `fast`. */
const functionRoundings = 4;

export const certain = (value: number): Approx => ({ value, magnitude: Math.abs(value), relative: 0 });
/** How far the exact result is away, at most. */
export const error = (a: Approx): number => a.relative * a.magnitude;
/** How far apart two ways to compute it are, at most. */
export const tolerance = (a: Approx): number => 2.01 * error(a);

const exactUnary: ReadonlySet<UnaryOp> = new Set(["floor", "ceil", "trunc", "round", "sign"]);

const unaryFn = (op: UnaryOp, type: FloatType): ((x: number) => number) =>
  isMath(op) ? libraryFn(op, type) : (unaryEval(op, type) as (x: number) => number);
const binaryFn = (op: BinaryOp, type: FloatType): ((x: number, y: number) => number) =>
  isMath(op) ? libraryFn(op, type) : (binaryEval(op, type) as (x: number, y: number) => number);
const libraryFns = new Map<string, (...args: number[]) => number>();
function libraryFn(op: MathOp, type: FloatType): (...args: number[]) => number {
  const f = libraryFns.get(op + type) ?? mathEval(op, type);
  libraryFns.set(op + type, f);
  return f;
}

/** Does the operation give the same bits wherever its operands are the same? `contract` only fuses sums and products. */
function isExact(op: UnaryOp | BinaryOp, mode: OpMode): boolean {
  if (mode === "strict") return true;
  return mode === "contract" && !isMath(op) && op !== "add" && op !== "sub" && op !== "mul";
}

export class Arithmetic {
  /** What the additions of the whole run could add to the relative error of one sum. */
  private additions = 0;

  unary(op: UnaryOp, type: FloatType, mode: OpMode, a: Approx): Approx {
    const f = unaryFn(op, type);
    const value = f(a.value);
    if (op === "neg" || op === "abs" || op === "stop") return { ...a, value };
    if (a.relative === 0 && isExact(op, mode)) return tame(type, certain(value));
    const e = error(a);
    const rounding = exactUnary.has(op) ? 0 : functionRoundings * roundoff[type];
    if (e === 0) return tame(type, { value, magnitude: Math.abs(value), relative: rounding });
    // Between the ends of so small an interval these functions are monotone, or as good as.
    const spread = Math.max(Math.abs(f(a.value - e) - value), Math.abs(f(a.value + e) - value));
    if (!Number.isFinite(spread)) throw new Untame("undecided", `${op} of ${a.value} ± ${e}`);
    if (spread === 0 && rounding === 0) return tame(type, certain(value));
    const relative = a.relative + rounding;
    return tame(type, { value, magnitude: Math.max(Math.abs(value), (2 * spread) / relative), relative });
  }

  binary(op: BinaryOp, type: FloatType, mode: OpMode, a: Approx, b: Approx): Approx {
    const f = binaryFn(op, type);
    const value = f(a.value, b.value);
    if (a.relative === 0 && b.relative === 0 && isExact(op, mode)) return tame(type, certain(value));
    const magnitude = this.magnitude(op, value, a, b);
    const relative = this.relative(op, type, mode, a, b);
    return tame(type, relative === 0 ? certain(value) : { value, magnitude, relative });
  }

  private magnitude(op: BinaryOp, value: number, a: Approx, b: Approx): number {
    switch (op) {
      case "add":
      case "sub":
        return a.magnitude + b.magnitude;
      case "mul":
        return a.magnitude * b.magnitude;
      case "div":
        if (4 * error(b) > Math.abs(b.value)) throw new Untame("undecided", `division by ${b.value} ± ${error(b)}`);
        return (1.5 * (a.magnitude + Math.abs(value) * b.magnitude)) / Math.abs(b.value);
      case "min":
      case "max":
        return Math.max(a.magnitude, b.magnitude);
      case "rem":
        return remainder(a, b);
      default:
        return this.ends(op, value, a, b);
    }
  }

  private relative(op: BinaryOp, type: FloatType, mode: OpMode, a: Approx, b: Approx): number {
    const u = roundoff[type];
    switch (op) {
      case "add":
      case "sub": {
        this.additions += u;
        const larger = Math.max(a.relative, b.relative);
        if (mode !== "fast") return larger + u;
        return Math.min(a.relative + b.relative + u, larger + this.additions);
      }
      case "min":
      case "max":
        return Math.max(a.relative, b.relative);
      case "rem":
        return a.relative + b.relative;
      case "mul":
        return a.relative + b.relative + u;
      default:
        return a.relative + b.relative + functionRoundings * u;
    }
  }

  /** `pow`, `atan2`, `hypot`: their errors are found at the corners of what their operands may be. */
  private ends(op: BinaryOp, value: number, a: Approx, b: Approx): number {
    const f = binaryFn(op, "f64");
    const [ea, eb] = [error(a), error(b)];
    if (ea === 0 && eb === 0) return Math.abs(value);
    const corners = [-ea, ea].flatMap((x) => [-eb, eb].map((y) => Math.abs(f(a.value + x, b.value + y) - value)));
    const spread = Math.max(...corners);
    if (!Number.isFinite(spread)) throw new Untame("undecided", `${op} of ${a.value} and ${b.value}`);
    return Math.max(Math.abs(value), (2 * spread) / (a.relative + b.relative));
  }

  cast(to: FloatType, a: Approx): Approx {
    if (to === "f64") return a;
    const value = Math.fround(a.value);
    // Rounding is an operation of its own, which no mode takes away from a certain operand.
    if (a.relative === 0) return tame(to, certain(value));
    return tame(to, { value, magnitude: a.magnitude, relative: a.relative + roundoff[to] });
  }
}

/** `a % b` changes by what its operands do, as long as the quotient has the same whole part. */
function remainder(a: Approx, b: Approx): number {
  const [ea, eb] = [error(a), error(b)];
  const whole = Math.trunc(a.value / b.value);
  for (const x of [a.value - ea, a.value + ea]) {
    for (const y of [b.value - eb, b.value + eb]) {
      if (Math.trunc(x / y) !== whole) throw new Untame("undecided", `${a.value} % ${b.value}`);
    }
  }
  return a.magnitude + Math.abs(whole) * b.magnitude;
}

export function compare(op: CompareOp, a: Approx, b: Approx): boolean {
  const reach = error(a) + error(b);
  const gap = a.value - b.value;
  if (reach > 0 && Math.abs(gap) <= reach) throw new Untame("undecided", `${a.value} ${op} ${b.value}`);
  return { eq: gap === 0, ne: gap !== 0, lt: gap < 0, le: gap <= 0, gt: gap > 0, ge: gap >= 0 }[op];
}

/** The approximation, if it is far from where floats end. */
function tame(type: FloatType, a: Approx): Approx {
  const { value, magnitude } = a;
  const x = Math.abs(value);
  if (!(x <= largest[type]) || (x > 0 && x < 1 / largest[type]) || !(magnitude <= largest[type] ** 2)) {
    throw new Untame("range", `${value} is no number to compute with in any order`);
  }
  return a;
}
