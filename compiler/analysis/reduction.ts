/**
 * Which values that a loop carries are reductions: combined in each iteration with a value that does not depend on them, by an
 * operator for which the order makes no difference but for rounding.
 *
 *   %s: f64 = for %i in seq(0, %n) with %a = %init {
 *     %x: f64 = load %X[%i]
 *     yield add %a, %x            also through branches, inner loops, and `sub`, whose terms are added with the other sign
 *   }
 */
import {
  type Block,
  constant,
  type For,
  isFloat,
  type Operand,
  type Scalar,
  type ScalarType,
  type Stmt,
} from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { blocksOf, usesOf, walk } from "../ir/walk.ts";

/** The operator by which the loop reduces what it carries there; null where it does something else with it. */
export const reductionOf = (loop: For, at: number): ReduceOp | null => reductionIn(loop, at)?.op ?? null;

/** A reduction, and where it is in the loop. */
export interface Reduction {
  readonly op: ReduceOp;
  /** The carried value and all that it becomes on its way; nothing else takes them. */
  readonly values: ReadonlySet<Operand>;
  /** What makes them, one out of the other: operations, and the branches and loops that they pass. */
  readonly stmts: ReadonlySet<Stmt>;
}

/** The same with the statements that do it. */
export function reductionIn(loop: For, at: number): Reduction | null {
  const chain = new Chain(loop.body);
  const op = chain.follow(loop.body, loop.carried[at] as Scalar, loop.body.yields[at] as Operand);
  const others = loop.body.yields.some((o, k) => k !== at && chain.values.has(o));
  return op !== null && op !== "same" && !others && chain.isAlone()
    ? { op, values: chain.values, stmts: chain.stmts }
    : null;
}

/** What a reduction by the operator starts from: combining it with a value gives that value. */
export function identityOf(op: ReduceOp, type: ScalarType): Operand {
  if (op === "add") return constant(type, 0);
  if (op === "mul") return constant(type, 1);
  const sign = op === "min" ? 1 : -1;
  if (isFloat(type)) return constant(type, sign * Infinity);
  if (type === "i32") return constant(type, sign > 0 ? 2 ** 31 - 1 : -(2 ** 31));
  if (type === "u32") return constant(type, sign > 0 ? 2 ** 32 - 1 : 0);
  return constant(type, sign * Number.MAX_SAFE_INTEGER);
}

type Found = ReduceOp | "same" | null;

class Chain {
  /** The carried value and all that it becomes on its way. */
  readonly values = new Set<Operand>();
  readonly stmts = new Set<Stmt>();
  private readonly body: Block;

  constructor(body: Block) {
    this.body = body;
  }

  /** How `end`, at the end of the block, comes from `start`. */
  follow(b: Block, start: Operand, end: Operand): Found {
    this.values.add(start);
    if (end === start) return "same";
    const s = b.stmts.find((t) => (t.kind === "let" ? t.result === end : resultAt(t, end) >= 0));
    if (s === undefined) return null;
    this.stmts.add(s);
    this.values.add(end);
    switch (s.kind) {
      case "let": {
        const e = s.expr;
        if (e.kind !== "binary" || !(e.op in operators)) return null;
        if (isFloat(e.a.type) && e.mode === "strict" && e.op !== "min" && e.op !== "max") return null;
        const op = operators[e.op] as ReduceOp;
        const left = this.attempt(b, start, e.a);
        if (left !== null) return join(op, left);
        return e.op === "sub" ? null : join(op, this.attempt(b, start, e.b));
      }
      case "if": {
        const k = resultAt(s, end);
        const [x, y] = [s.then, s.else].map((inner) => this.follow(inner, start, inner.yields[k] as Operand));
        return join(x ?? null, y ?? null);
      }
      case "for": {
        const k = resultAt(s, end);
        const before = this.follow(b, start, s.inits[k] as Operand);
        const inside = this.follow(s.body, s.carried[k] as Scalar, s.body.yields[k] as Operand);
        return join(before, inside);
      }
      default:
        return null;
    }
  }

  /** As `follow`, and leaves nothing behind where that fails. */
  private attempt(b: Block, start: Operand, end: Operand): Found {
    const [values, stmts] = [[...this.values], [...this.stmts]];
    const found = this.follow(b, start, end);
    if (found !== null) return found;
    this.values.clear();
    this.stmts.clear();
    for (const v of values) this.values.add(v);
    for (const s of stmts) this.stmts.add(s);
    return null;
  }

  /** Does nothing else use the values on the way, and each of them only once? */
  isAlone(): boolean {
    for (const s of walk(this.body)) {
      if (!this.stmts.has(s)) {
        if (usesOf(s).some((v) => this.values.has(v as Operand))) return false;
        if (s.kind === "if" || s.kind === "for" || s.kind === "while") {
          if (blocksOf(s).some((b) => b.yields.some((o) => this.values.has(o)))) return false;
        }
      } else {
        const once = (list: readonly unknown[]): boolean =>
          list.filter((v) => this.values.has(v as Operand)).length <= 1;
        if (!once(usesOf(s)) || !blocksOf(s).every((b) => once(b.yields))) return false;
      }
    }
    return true;
  }
}

const operators: Readonly<Record<string, ReduceOp>> = { add: "add", sub: "add", mul: "mul", min: "min", max: "max" };

/** Where nothing is done to the value, any operator will do. */
const join = (a: Found, b: Found): Found => (a === "same" ? b : b === "same" || a === b ? a : null);

const resultAt = (s: Stmt, v: Operand): number =>
  s.kind === "if" || s.kind === "for" ? s.results.indexOf(v as Scalar) : -1;
