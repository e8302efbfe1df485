/**
 * Removes what nothing needs: values, loops and branches without effect, and arrays that are written but never read.
 *
 *   %t: f64[4] = alloc
 *   %s: f64 = for %i in seq(0, %n) with %acc = 0.0f64 {
 *     %a: f64 = load %x[%i]                                    for %i in seq(0, %n) {
 *     %acc_1: f64 = add %acc, %a                       =>        store %y[%i], 1.0f64
 *     store %t[0], %a                                          }
 *     store %y[%i], 1.0f64
 *     yield %acc_1
 *   }
 *
 * What is needed: effects that someone sees (writes to parameters and to arrays that are read, checks, calls, results of
 * the function), loops that might never end, and all that these are computed from. A value that a loop only hands to
 * itself is needed by nobody. A `for` always ends, a `while` surely only where it has a `max`.
 *
 * Needs nothing. Stands last in a round of clean-ups, after those that leave dead values behind.
 */

import { isNegativeConst, readsOf, writesOf } from "../analysis/effects.ts";
import type { ArrayValue, Block, Func, Operand, Scalar, Stmt, Value } from "../ir/ir.ts";
import { mapBlocks, mapList, resultsOf, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const dce: Pass = funcPass("dce", "removes what nothing needs", (f) => {
  const body = new Sweep(new Liveness(f)).block(f.body, f.body.yields);
  return body === f.body ? f : { ...f, body };
});

/** Where a value comes from: the statement that binds it, and as which of its results or carried values. */
interface Origin {
  readonly stmt: Stmt;
  readonly slot: number;
}

/** Marks what is needed, from the effects backwards. */
class Liveness {
  private readonly live = new Set<Value>();
  private readonly needed = new Set<Stmt>();
  /** Arrays with elements that someone reads: parameters, and others once a needed statement reads them. */
  private readonly observed = new Set<ArrayValue>();
  private readonly origins = new Map<Value, Origin>();
  private readonly parents = new Map<Stmt, Stmt>();
  /** Statements that write each local array: needed once it is observed. */
  private readonly writers = new Map<ArrayValue, Stmt[]>();
  private readonly work: (() => void)[] = [];

  constructor(f: Func) {
    for (const s of walk(f.body)) if (s.kind === "alloc") this.writers.set(s.result, []);
    this.record(f.body, null);
    for (const o of f.body.yields) this.use(o);
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
  }

  isLive(v: Value): boolean {
    return this.live.has(v);
  }
  isNeeded(s: Stmt): boolean {
    return this.needed.has(s);
  }

  private record(b: Block, parent: Stmt | null): void {
    for (const s of b.stmts) {
      if (parent !== null) this.parents.set(s, parent);
      resultsOf(s).forEach((v, slot) => {
        this.origins.set(v, { stmt: s, slot });
      });
      switch (s.kind) {
        case "for":
        case "while":
          s.carried.forEach((v, slot) => {
            this.origins.set(v, { stmt: s, slot });
          });
          if (s.kind === "while") this.record(s.cond, s);
          this.record(s.body, s);
          if (s.kind === "while" && s.max === null) this.need(s);
          break;
        case "if":
          this.record(s.then, s);
          this.record(s.else, s);
          break;
        case "alloc":
          // Kept even where nothing reads it: a negative size is an error, which outline reports.
          if (s.result.type.dims.some(isNegativeConst)) this.use(s.result);
          break;
        case "let":
          break;
        case "check":
        case "limit":
        case "call":
        case "launch":
          this.need(s);
          break;
        default:
          this.recordWrite(s);
      }
    }
  }

  private recordWrite(s: Stmt): void {
    for (const a of writesOf(s)) {
      const writers = this.writers.get(a);
      // An array that the function did not make belongs to the caller.
      if (writers === undefined) this.need(s);
      else writers.push(s);
    }
  }

  private use(o: Operand | ArrayValue): void {
    if (o.kind === "const" || this.live.has(o)) return;
    this.live.add(o);
    this.work.push(() => {
      const origin = this.origins.get(o);
      if (origin !== undefined) this.useOrigin(origin);
    });
  }

  private useOrigin({ stmt: s, slot }: Origin): void {
    this.need(s);
    if (s.kind === "if") {
      this.use(s.then.yields[slot] as Operand);
      this.use(s.else.yields[slot] as Operand);
    } else if (s.kind === "for" || s.kind === "while") {
      // A slot stays as a whole, whether it is read inside or after the loop.
      this.live.add(s.results[slot] as Scalar);
      this.live.add(s.carried[slot] as Scalar);
      this.use(s.inits[slot] as Operand);
      this.use(s.body.yields[slot] as Operand);
    }
  }

  /** The statement stays: so do those around it, and what decides whether and on what it runs. */
  private need(s: Stmt): void {
    if (this.needed.has(s)) return;
    this.needed.add(s);
    this.work.push(() => {
      const parent = this.parents.get(s);
      if (parent !== undefined) this.need(parent);
      for (const a of readsOf(s)) this.observe(a);
      if (s.kind === "for") {
        this.use(s.lo);
        this.use(s.hi);
      } else if (s.kind === "while") {
        if (s.max !== null) this.use(s.max);
        for (const o of s.cond.yields) this.use(o);
      } else {
        for (const o of usesOf(s)) this.use(o);
      }
    });
  }

  private observe(a: ArrayValue): void {
    if (this.observed.has(a)) return;
    this.observed.add(a);
    for (const s of this.writers.get(a) ?? []) this.need(s);
  }
}

/** Rebuilds blocks from what is needed. */
class Sweep {
  private readonly live: Liveness;
  constructor(live: Liveness) {
    this.live = live;
  }

  block(b: Block, yields: readonly Operand[]): Block {
    const kept = b.stmts.filter((s) => this.live.isNeeded(s));
    const stmts = mapList(kept.length === b.stmts.length ? b.stmts : kept, (s) => this.stmt(s));
    return stmts === b.stmts && yields === b.yields ? b : { stmts, yields };
  }

  private stmt(s: Stmt): Stmt {
    if (s.kind === "for" || s.kind === "while") {
      const body = this.block(s.body, this.slots(s.body.yields, s.results));
      const cut =
        s.carried.every((v) => this.live.isLive(v)) && body === s.body
          ? s
          : {
              ...s,
              inits: this.slots(s.inits, s.results),
              carried: this.slots(s.carried, s.results),
              results: this.slots(s.results, s.results),
              body,
            };
      if (cut.kind === "for") return cut;
      const cond = this.block(cut.cond, cut.cond.yields);
      return cond === cut.cond ? cut : { ...cut, cond };
    }
    if (s.kind === "if") {
      const then = this.block(s.then, this.slots(s.then.yields, s.results));
      const otherwise = this.block(s.else, this.slots(s.else.yields, s.results));
      const results = this.slots(s.results, s.results);
      return then === s.then && otherwise === s.else ? s : { ...s, then, else: otherwise, results };
    }
    return mapBlocks(s, (b) => this.block(b, b.yields));
  }

  /** The items of the slots whose value is live; the list itself when all are. */
  private slots<T>(list: readonly T[], results: readonly Scalar[]): readonly T[] {
    if (results.every((r) => this.live.isLive(r))) return list;
    return list.filter((_, i) => this.live.isLive(results[i] as Scalar));
  }
}
