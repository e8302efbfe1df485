/**
 * How the reverse sweep has a primal value again where it needs it.
 *
 * When the sweep comes to a statement, memory is for all that is still needed what it was right after that statement had run: an
 * element that was overwritten later has been restored by then. So a value is computed anew from operands, and a load loads again,
 * unless the element was overwritten before the very statement that needs it; or the value is read where a store left it. What
 * a loop carries, or leaves behind, cannot be computed anew.
 */
import type { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import { bug } from "../compiler/diagnostic.ts";
import {
  type ArrayValue,
  type For,
  isConst,
  isInt,
  isRounded,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { operandsOf } from "../compiler/ir/walk.ts";
import { keepingCost } from "./cost.ts";
import type { Need } from "./needs.ts";
import { branchYields, isLoad, isWrite, loadOf, type Program, type Write } from "./program.ts";
import { type Replay, Replays } from "./replay.ts";

/** How a value is had again at a statement of the reverse sweep. */
export interface Access {
  /** It cannot be: it was lost when the loop went on, or its element was overwritten before the statement. */
  readonly lost: Stmt | null;
  /** Stores that may destroy what a load reads again; their old values must be kept. */
  readonly destroyers: readonly Write[];
  /** Values that it takes, and where these are needed. */
  readonly from: readonly Need[];
  /** The store that left the value itself in memory, where that is how to have it. */
  readonly copy: Write | null;
  /** What runs again before, so that a load finds the element. */
  readonly replay: Replay | null;
}

const free: Access = { lost: null, destroyers: [], from: [], copy: null, replay: null };

export class Accesses {
  readonly writes: readonly Write[];
  private readonly program: Program;
  private readonly undo: boolean;
  private readonly known = new Map<Scalar, Map<Stmt, Access>>();
  private readonly frees = new Map<Scalar, Map<Stmt, boolean>>();
  private readonly stored = new Map<Scalar, Write[]>();
  private readonly replays: Replays;

  constructor(program: Program, analysis: ArrayAnalysis, undo: boolean) {
    this.program = program;
    this.undo = undo;
    this.writes = program.stmts.filter(isWrite);
    this.replays = new Replays(program, analysis, this.writes);
    for (const w of this.writes) {
      if (w.kind !== "store" || w.value.kind === "const" || isRounded(w.array)) continue;
      this.stored.set(w.value, [...(this.stored.get(w.value) ?? []), w]);
    }
  }

  lifeOf(array: ArrayValue): ArrayAnalysis {
    return this.replays.lifeOf(array);
  }

  /** Does `s` stand after the store, in its block or inside a later statement of it? */
  isAfter(s: Stmt, store: Write): boolean {
    const place = this.program.placeOf(store);
    const at = this.program.within(s, place.block);
    return at !== null && at.at > place.at;
  }

  of(v: Scalar, at: Stmt): Access {
    const of = this.known.get(v) ?? new Map<Stmt, Access>();
    this.known.set(v, of);
    let made = of.get(at);
    if (made === undefined) {
      made = this.again(v, at);
      if (!this.takesNothing(made)) made = this.cheaper(made, v, this.copied(v, at));
      of.set(at, made);
    }
    return made;
  }

  /** The value by what computed it. */
  private again(v: Scalar, at: Stmt): Access {
    const def = this.program.defOf(v);
    const need = (operand: Operand): Need => ({ operand, at });
    switch (def.kind) {
      case "param":
      case "index":
        return free;
      case "carried": {
        const init = induction(def.loop, def.at) === null ? null : (def.loop.inits[def.at] as Operand);
        return init === null ? { ...free, lost: def.loop } : { ...free, from: [need(init)] };
      }
      case "result": {
        const { stmt } = def;
        if (stmt.kind !== "if") return { ...free, lost: stmt };
        // What was kept in a branch is only at hand where the sweep goes through the branch.
        const yields = branchYields(stmt, def.at);
        if (!yields.every((o) => this.isFree(o, at))) return { ...free, lost: stmt };
        return { ...free, from: [stmt.cond, ...yields].map(need) };
      }
      case "let": {
        if (!isLoad(def.stmt)) return { ...free, from: operandsOf(def.stmt.expr).map(need) };
        return this.loadedAgain(def.stmt, at);
      }
    }
  }

  private loadedAgain(load: Let, at: Stmt): Access {
    const { array, index } = loadOf(load);
    const inScope = this.program.within(at, this.program.placeOf(load).block) !== null;
    const writes = this.writes.filter((w) => w.array === array);
    const life = this.lifeOf(array);
    const crossing = writes.find((w) => life.overwrittenBetween(load, w, inScope ? at : null).holds);
    const from = index.map((operand) => ({ operand, at }));
    if (crossing !== undefined) return { ...free, lost: crossing };
    // Outside of the load's scope nothing may overwrite the element at all.
    const later = inScope ? writes.filter((w) => life.overwrittenAfter(load, w, at).holds) : [];
    const destroyers = this.firstOf(later, load, at);
    const replay = destroyers.length === 0 ? null : this.replays.for(load, at);
    if (replay === null) return { ...free, destroyers, from };
    const last = replay.loop.body.stmts.at(-1) ?? bug("an empty loop is replayed");
    const outer = replay.from.map((operand) => ({ operand, at: last }));
    return { ...free, destroyers: replay.destroyers, from: [...from, ...outer], replay };
  }

  /** Without those that others always come before; but an update is undone only where all that came after it has been. */
  private firstOf(later: readonly Write[], access: Let | Write, at: Stmt): readonly Write[] {
    return this.undo ? later : later.filter((w) => !this.replays.comesAfterOthers(access, at, w));
  }

  /** The value by a store that left it in memory, in the block that computed it; null where there is none. */
  private copied(v: Scalar, at: Stmt): Access | null {
    let best: Access | null = null;
    for (const store of this.stored.get(v) ?? []) {
      const { block } = this.program.placeOf(store);
      if (block !== this.program.blockOf(v) || this.program.within(at, block) === null) continue;
      // Where it stands must not follow from the value itself.
      if (store.index.some((o) => this.follows(o, v))) continue;
      const life = this.lifeOf(store.array);
      const later = this.writes.filter(
        (w) => w.array === store.array && life.overwrittenAfterAccess(store, w, null).holds,
      );
      const destroyers = this.firstOf(later, store, store);
      const isAfter = this.isAfter(at, store);
      // It is read when the sweep comes to the store; after that, only what nothing overwrites is sure to be there.
      if (isAfter && destroyers.length > 0) continue;
      const from = store.index.map((operand) => ({ operand, at: isAfter ? at : store }));
      const made = { ...free, destroyers, from, copy: store };
      best = best === null ? made : this.cheaper(best, v, made);
    }
    return best;
  }

  /** Is the operand computed from the value? */
  private follows(o: Operand, v: Scalar): boolean {
    if (o === v || o.kind === "const") return o === v;
    const def = this.program.defOf(o);
    if (def.kind === "let") return operandsOf(def.stmt.expr).some((x) => this.follows(x, v));
    if (def.kind !== "result" || def.stmt.kind !== "if") return false;
    return [def.stmt.cond, ...branchYields(def.stmt, def.at)].some((x) => this.follows(x, v));
  }

  /** Of two ways to have a value the one for which less has to be kept; the copy, where that is the same. */
  private cheaper(again: Access, v: Scalar, copy: Access | null): Access {
    if (copy === null) return again;
    return this.costOf(copy, v) <= this.costOf(again, v) ? copy : again;
  }

  private costOf(access: Access, v: Scalar): number {
    const nodes = new Set<Scalar | Write>();
    const collect = (a: Access, of: Scalar): void => {
      if (a.lost !== null) nodes.add(of);
      for (const d of a.destroyers) nodes.add(d);
      for (const { operand, at } of a.from) {
        if (operand.kind === "value") collect(this.of(operand, at), operand);
      }
    };
    collect(access, v);
    return [...nodes].reduce((sum, n) => sum + keepingCost(this.program, n), 0);
  }

  /** Can the value be had at the statement without keeping anything? */
  isFree(v: Operand, at: Stmt): boolean {
    if (v.kind === "const") return true;
    const of = this.frees.get(v) ?? new Map<Stmt, boolean>();
    this.frees.set(v, of);
    const known = of.get(at);
    if (known !== undefined) return known;
    const is = this.takesNothing(this.of(v, at));
    of.set(at, is);
    return is;
  }
  private takesNothing({ lost, destroyers, from }: Access): boolean {
    return lost === null && destroyers.length === 0 && from.every((n) => this.isFree(n.operand, n.at));
  }
}

/** What each trip adds to a carried index, where that is always the same: the value then follows from the number of the trip. */
export function induction(
  loop: For | While,
  at: number,
): { readonly op: "add" | "sub"; readonly step: Operand } | null {
  const carried = loop.carried[at] as Scalar;
  if (!isInt(carried.type) || carried.type !== "index") return null;
  const next = loop.body.yields[at] as Operand;
  const def = loop.body.stmts.find((s) => s.kind === "let" && s.result === next);
  if (def?.kind !== "let" || def.expr.kind !== "binary") return null;
  const { op, a, b } = def.expr;
  if ((op !== "add" && op !== "sub") || a !== carried || !isConst(b)) return null;
  return { op, step: b };
}
