/** The part of `simplify` that concerns statements: decided branches, short loops, values that a loop never changes. */

import { isSpeculable } from "../analysis/effects.ts";
import {
  type Block,
  type Expr,
  type For,
  type If,
  isConst,
  isFloat,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
  type While,
} from "../ir/ir.ts";
import { binaryOps, unaryOps } from "../ir/ops.ts";
import { mapBlocks, mapList, Substitution } from "../ir/walk.ts";
import { changesNoFloat } from "./simplify-float.ts";
import { changesNoInt } from "./simplify-int.ts";
import { type DefOf, isBinary, isUnary, numberOf, same } from "./simplify-rule.ts";

type SimplifyExpr = (e: Expr, def: DefOf) => Operand | Expr;

/** One walk over a function's body; the body itself when there is nothing to do. */
export const simplifyBlock = (b: Block, expr: SimplifyExpr): Block => new Walk(expr).block(b);

/** A branch is worth deciding by `select` when what both sides compute together is at most this many operations. */
const speculationLimit = 4;

class Walk {
  private readonly subst = new Substitution();
  private readonly defs = new Map<Value, Expr>();
  private readonly simplifyExpr: SimplifyExpr;

  constructor(expr: SimplifyExpr) {
    this.simplifyExpr = expr;
  }

  private readonly def: DefOf = (o) => (o.kind === "value" ? this.defs.get(o) : undefined);

  block(b: Block): Block {
    const stmts: Stmt[] = [];
    for (const s of b.stmts) this.stmt(s, stmts);
    const yields = mapList(b.yields, this.subst.operand);
    const unchanged = stmts.length === b.stmts.length && stmts.every((s, i) => s === b.stmts[i]);
    return unchanged && yields === b.yields ? b : { stmts: unchanged ? b.stmts : stmts, yields };
  }

  /** Appends what `before` becomes to `out`. */
  private stmt(before: Stmt, out: Stmt[]): void {
    const s = this.subst.stmt(before);
    switch (s.kind) {
      case "let":
        this.let(s, out);
        return;
      case "if":
        this.if(s, out);
        return;
      case "for":
        this.for(s, out);
        return;
      case "while":
        this.while(s, out);
        return;
      case "accum":
        if (isConst(s.value) && isFloat(s.value.type) && changesNoFloat(s.op, s.value, s.mode)) return;
        if (isConst(s.value) && !isFloat(s.value.type) && changesNoInt(s.op, s.value)) return;
        break;
      case "check": {
        const size = s.array.type.dims[s.axis] as Operand;
        const decided = isConst(s.index) && isConst(size);
        if (decided && numberOf(s.index) >= 0 && numberOf(s.index) < numberOf(size)) return;
        break;
      }
      case "limit":
        if (isConst(s.bytes) && numberOf(s.bytes) <= s.most) return;
        break;
      default:
        break;
    }
    out.push(s);
  }

  private let(s: Let, out: Stmt[]): void {
    const expr = this.simplifyExpr(s.expr, this.def);
    if (expr.kind === "const" || expr.kind === "value") {
      this.subst.set(s.result, expr);
      return;
    }
    this.defs.set(s.result, expr);
    out.push(expr === s.expr ? s : { ...s, expr });
  }

  /** The block's statements go to `out`, what it yields to the places that read `results`. */
  private splice(b: Block, results: readonly Scalar[], out: Stmt[]): void {
    for (const s of b.stmts) this.stmt(s, out);
    this.replaceAll(results, mapList(b.yields, this.subst.operand));
  }

  private replaceAll(from: readonly Scalar[], to: readonly Operand[]): void {
    from.forEach((v, i) => {
      this.subst.set(v, to[i] as Operand);
    });
  }

  private if(s: If, out: Stmt[]): void {
    if (isConst(s.cond)) {
      this.splice(s.cond.value === true ? s.then : s.else, s.results, out);
      return;
    }
    const d = this.def(s.cond);
    // if (!c) a else b = if (c) b else a
    if (isUnary(d, "not")) {
      const { then: otherwise, else: then } = s;
      this.if({ ...s, cond: d.a, then, else: otherwise }, out);
      return;
    }
    const simpler = this.dropEqualYields(mapBlocks(s, (b) => this.block(b)) as If);
    if (!isCheap(simpler)) {
      if (simpler.then.stmts.length + simpler.else.stmts.length + simpler.results.length > 0) out.push(simpler);
      return;
    }
    out.push(...simpler.then.stmts, ...simpler.else.stmts);
    simpler.results.forEach((result, i) => {
      const [a, b] = [simpler.then.yields[i] as Operand, simpler.else.yields[i] as Operand];
      this.let({ kind: "let", result, expr: { kind: "select", cond: s.cond, a, b }, loc: s.loc }, out);
    });
  }

  /** Results that are the same whichever branch runs are no results of the branch. */
  private dropEqualYields(s: If): If {
    const equal = s.results.map((_, i) => same(s.then.yields[i] as Operand, s.else.yields[i] as Operand));
    if (!equal.includes(true)) return s;
    s.results.forEach((r, i) => {
      if (equal[i] === true) this.subst.set(r, s.then.yields[i] as Operand);
    });
    const rest = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => equal[i] !== true);
    const cut = (b: Block): Block => ({ stmts: b.stmts, yields: rest(b.yields) });
    const then = cut(s.then);
    return { ...s, then, else: cut(s.else), results: rest(s.results) };
  }

  private for(s: For, out: Stmt[]): void {
    const trips = this.trips(s.lo, s.hi);
    if (trips === 0) {
      this.replaceAll(s.results, s.inits);
    } else if (trips === 1 && (s.mode === "seq" || s.mode === "par" || s.mode === "vector")) {
      this.subst.set(s.index, s.lo);
      this.replaceAll(s.carried, s.inits);
      this.splice(s.body, s.results, out);
    } else {
      out.push(mapBlocks(this.dropInvariant(s), (b) => this.block(b)));
    }
  }

  /** How often a loop from `lo` to `hi` runs, where that is 0 or 1 for sure. */
  private trips(lo: Operand, hi: Operand): 0 | 1 | null {
    if (same(lo, hi)) return 0;
    if (isConst(lo) && isConst(hi)) {
      const n = numberOf(hi) - numberOf(lo);
      return n <= 0 ? 0 : n === 1 ? 1 : null;
    }
    const d = this.def(hi);
    if (!isBinary(d, "add") || !isConst(d.b) || !same(d.a, lo)) return null;
    return numberOf(d.b) <= 0 ? 0 : numberOf(d.b) === 1 ? 1 : null;
  }

  private while(s: While, out: Stmt[]): void {
    if (!isConst(this.subst.operand(s.cond.yields[0] as Operand), false)) {
      out.push(mapBlocks(this.dropInvariant(s), (b) => this.block(b)));
      return;
    }
    this.replaceAll(s.carried, s.inits);
    this.splice({ stmts: s.cond.stmts, yields: [] }, [], out);
    this.replaceAll(s.results, s.inits);
  }

  /** A carried value that each round hands on unchanged, or replaces by what it started with, is what it started with. */
  private dropInvariant<S extends For | While>(s: S): S {
    const invariant = s.carried.map((c, i) => {
      const next = s.body.yields[i] as Operand;
      return next === c || same(this.subst.operand(next), s.inits[i] as Operand);
    });
    if (!invariant.includes(true)) return s;
    const rest = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => invariant[i] !== true);
    s.carried.forEach((c, i) => {
      if (invariant[i] !== true) return;
      this.subst.set(c, s.inits[i] as Operand);
      this.subst.set(s.results[i] as Scalar, s.inits[i] as Operand);
    });
    const body = { stmts: s.body.stmts, yields: rest(s.body.yields) };
    return { ...s, inits: rest(s.inits), carried: rest(s.carried), results: rest(s.results), body };
  }
}

/** Both branches hold so little that computing both and selecting costs less than the jump. */
function isCheap(s: If): boolean {
  const stmts = [...s.then.stmts, ...s.else.stmts];
  if (stmts.length + s.results.length === 0 || stmts.length > speculationLimit) return false;
  return stmts.every((t) => t.kind === "let" && isSpeculable(t.expr) && !isSlow(t.expr));
}

/** Operations that take many times the time of a sum. */
function isSlow(e: Expr): boolean {
  if (e.kind === "unary") return unaryOps[e.op].math || e.op === "sqrt";
  if (e.kind !== "binary") return false;
  return binaryOps[e.op].math || e.op === "div" || (e.op === "rem" && isFloat(e.a.type));
}
