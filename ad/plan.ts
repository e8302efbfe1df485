/**
 * How the reverse sweep gets each primal value that it needs, and what must be kept for it.
 *
 * The sweep runs the program backwards. When it comes to a statement, memory is for all that is still needed what it was right after
 * that statement had run: an element that was overwritten later has been restored by then, from the old value that was recorded at
 * the store. So a value is computed anew from operands, and a load loads again, unless the element was overwritten before the very
 * statement that needs it. What a loop carries, or leaves behind, cannot be computed anew.
 *
 * What to keep is a minimum cut. Sources are stores that destroy what a load would have to read again, and values that cannot be had
 * again; sinks the values that derivatives need; a node costs the bytes that keeping it takes, times how often it is computed.
 * (Old values are kept at the stores that destroy them, values where they are computed.)
 */
import type { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import { bug } from "../compiler/diagnostic.ts";
import {
  arrayIn,
  type For,
  isConst,
  isInt,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { operandsOf } from "../compiler/ir/walk.ts";
import type { Activity } from "./activity.ts";
import { keepingCost } from "./cost.ts";
import { isRegion } from "./custom.ts";
import { CutGraph } from "./cut.ts";
import { type Inverse, inverseOf } from "./inverse.ts";
import { type Need, Needs, waysBy } from "./needs.ts";
import { branchYields, isLoad, isWrite, loadOf, type Program, type Write } from "./program.ts";
import { type Replay, Replays } from "./replay.ts";
import type { Partial } from "./rules.ts";

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

export interface Plan {
  /** Stores whose old value is recorded. */
  readonly records: ReadonlySet<Write>;
  /** Updates that are undone: how the old value follows from the new one. */
  readonly undone: ReadonlyMap<Write, Inverse>;
  /** Values that are recorded where they are computed. */
  readonly kept: ReadonlySet<Scalar>;
  /** Values that are read back where a store left them, by that store: before the sweep undoes it. */
  readonly copies: ReadonlyMap<Write, ReadonlySet<Scalar>>;
  /** What runs again when the sweep comes to an iteration of a loop. */
  readonly replays: ReadonlyMap<For | While, ReadonlySet<Replay>>;
  readonly access: (v: Scalar, at: Stmt) => Access;
  readonly needs: Needs;
}

const free: Access = { lost: null, destroyers: [], from: [], copy: null, replay: null };

/** @param undo whether `x += e` may be undone by `x -= e`, which changes last bits. */
export function planFor(program: Program, activity: Activity, analysis: ArrayAnalysis, undo: boolean): Plan {
  return new Planner(program, activity, analysis, undo).run();
}

class Planner {
  private readonly program: Program;
  private readonly activity: Activity;
  private readonly analysis: ArrayAnalysis;
  private readonly writes: readonly Write[];
  private readonly known = new Map<Scalar, Map<Stmt, Access>>();
  private readonly frees = new Map<Scalar, Map<Stmt, boolean>>();
  private readonly stored = new Map<Scalar, Write[]>();
  private readonly replays: Replays;
  private readonly undo: boolean;
  private readonly inverses = new Map<Write, Inverse | null>();

  constructor(program: Program, activity: Activity, analysis: ArrayAnalysis, undo: boolean) {
    this.undo = undo;
    this.program = program;
    this.activity = activity;
    this.analysis = analysis;
    this.writes = program.stmts.filter(isWrite);
    this.replays = new Replays(program, analysis, this.writes);
    for (const w of this.writes) {
      if (w.kind !== "store" || w.value.kind === "const") continue;
      this.stored.set(w.value, [...(this.stored.get(w.value) ?? []), w]);
    }
  }

  run(): Plan {
    const { program, activity } = this;
    const way = (ways: readonly Partial[], s: Let): Partial => this.bestWay(ways, s);
    // Restoring what a store destroyed takes its subscripts, which may take more to be kept.
    for (let considered: ReadonlySet<Write> = new Set(); ; ) {
      const needs = new Needs(program, activity, considered, way);
      const { records, undone, kept } = this.cut(needs);
      const restored = new Set([...records, ...undone.keys()]);
      if ([...restored].every((r) => considered.has(r))) {
        const final = restored.size === considered.size ? needs : new Needs(program, activity, restored, way);
        const used = this.usedBy(final.all, kept);
        return { records, undone, kept, ...used, access: (v, at) => this.access(v, at), needs: final };
      }
      considered = new Set([...considered, ...restored]);
    }
  }

  private cut(needs: Needs): Pick<Plan, "records" | "undone" | "kept"> {
    const graph = new CutGraph<Scalar | Write>();
    const visited = new Map<Scalar, Set<Stmt>>();
    const node = (v: Scalar | Write): void => {
      if (!graph.has(v)) graph.add(v, keepingCost(this.program, v));
    };
    const inverses = new Map<Write, Inverse>();
    const destroyer = (d: Write): void => {
      if (graph.has(d)) return;
      node(d);
      const inverse = this.inverseFor(d);
      if (inverse === null) return graph.fromSource(d);
      inverses.set(d, inverse);
      if (inverse.by.kind === "const") return;
      visit(inverse.by, d);
      graph.edge(inverse.by, d);
    };
    const visit = (v: Scalar, at: Stmt): void => {
      const seen = visited.get(v) ?? new Set();
      if (seen.has(at)) return;
      visited.set(v, seen.add(at));
      node(v);
      const { lost, destroyers, from } = this.access(v, at);
      if (lost !== null) graph.fromSource(v);
      for (const d of destroyers) {
        destroyer(d);
        graph.edge(d, v);
      }
      for (const { operand, at: where } of from) {
        if (operand.kind === "const") continue;
        visit(operand, where);
        graph.edge(operand, v);
      }
    };
    for (const { operand, at } of needs.all) {
      if (operand.kind === "const") continue;
      visit(operand, at);
      graph.toSink(operand);
    }
    // An adjoint of the user's reads whole rows, as they were.
    for (const w of this.destroyersOfCalls(needs)) {
      destroyer(w);
      graph.toSink(w);
    }
    const records = new Set<Write>();
    const kept = new Set<Scalar>();
    for (const n of graph.minimum() ?? []) {
      if (n.kind === "value") kept.add(n);
      else records.add(n);
    }
    return { records, undone: this.undoneFor(needs, inverses, records, kept), kept };
  }

  /** The updates that are to be undone. Those whose operand is not to be had are not among them: nothing asks for them any more. */
  private undoneFor(
    needs: Needs,
    inverses: ReadonlyMap<Write, Inverse>,
    records: ReadonlySet<Write>,
    kept: ReadonlySet<Scalar>,
  ): ReadonlyMap<Write, Inverse> {
    const undone = new Map<Write, Inverse>();
    const seen = new Map<Scalar, Set<Stmt>>();
    const restore = (w: Write): void => {
      const inverse = inverses.get(w);
      if (inverse === undefined || records.has(w) || undone.has(w)) return;
      undone.set(w, inverse);
      visit({ operand: inverse.by, at: w });
    };
    const visit = ({ operand: v, at }: Need): void => {
      if (v.kind === "const" || kept.has(v) || seen.get(v)?.has(at)) return;
      seen.set(v, (seen.get(v) ?? new Set()).add(at));
      const { destroyers, from } = this.access(v, at);
      destroyers.forEach(restore);
      from.forEach(visit);
    };
    needs.all.forEach(visit);
    for (const w of this.destroyersOfCalls(needs)) restore(w);
    return undone;
  }

  /** How the write is undone, if it may be, and if that does not take what the write itself destroys. */
  private inverseFor(w: Write): Inverse | null {
    const known = this.inverses.get(w);
    if (known !== undefined) return known;
    const inverse = this.undo ? inverseOf(this.program, this.analysis, this.writes, w) : null;
    const made = inverse !== null && this.takes(inverse.by, w, w, new Map()) ? null : inverse;
    this.inverses.set(w, made);
    return made;
  }

  /** Does it take the old value at `w` to have the operand at the statement, over whatever is undone for it? */
  private takes(o: Operand, at: Stmt, w: Write, seen: Map<Scalar, Set<Stmt>>): boolean {
    if (o.kind === "const" || seen.get(o)?.has(at)) return false;
    seen.set(o, (seen.get(o) ?? new Set()).add(at));
    const { destroyers, from } = this.access(o, at);
    const through = (d: Write): boolean => {
      if (d === w) return true;
      const known = this.inverses.get(d);
      const inverse = known === undefined ? inverseOf(this.program, this.analysis, this.writes, d) : known;
      return inverse !== null && this.takes(inverse.by, d, w, seen);
    };
    return destroyers.some(through) || from.some((n) => this.takes(n.operand, n.at, w, seen));
  }

  /** Writes, after a call with an adjoint, to arrays that the adjoint reads. */
  private destroyersOfCalls(needs: Needs): ReadonlySet<Write> {
    const { program } = this;
    const out = new Set<Write>();
    program.stmts.forEach((s, at) => {
      if (s.kind !== "call" || !needs.has(s)) return;
      const arrays = new Set(s.args.filter(isRegion).map(arrayIn));
      const loops = program.loopsAround(s);
      program.stmts.forEach((w, k) => {
        if (!isWrite(w) || !arrays.has(w.array)) return;
        if (k > at || program.loopsAround(w).some((l) => loops.includes(l))) out.add(w);
      });
    });
    return out;
  }

  /** What is read where a store left it, though the statement that needs it stands before the store; and what is replayed. */
  private usedBy(needs: readonly Need[], kept: ReadonlySet<Scalar>): Pick<Plan, "copies" | "replays"> {
    const copies = new Map<Write, Set<Scalar>>();
    const replays = new Map<For | While, Set<Replay>>();
    const seen = new Map<Scalar, Set<Stmt>>();
    const visit = ({ operand: v, at }: Need): void => {
      if (v.kind === "const" || kept.has(v) || seen.get(v)?.has(at)) return;
      seen.set(v, (seen.get(v) ?? new Set()).add(at));
      const { copy, from, replay } = this.access(v, at);
      if (copy !== null && !this.isAfter(at, copy)) copies.set(copy, (copies.get(copy) ?? new Set()).add(v));
      if (replay !== null) replays.set(replay.loop, (replays.get(replay.loop) ?? new Set()).add(replay));
      from.forEach(visit);
    };
    needs.forEach(visit);
    return { copies, replays };
  }

  /** Does `s` stand after the store, in its block or inside a later statement of it? */
  private isAfter(s: Stmt, store: Write): boolean {
    const place = this.program.placeOf(store);
    const at = this.program.within(s, place.block);
    return at !== null && at.at > place.at;
  }

  private access(v: Scalar, at: Stmt): Access {
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
    const crossing = writes.find((w) => this.analysis.overwrittenBetween(load, w, inScope ? at : null).holds);
    const from = index.map((operand) => ({ operand, at }));
    if (crossing !== undefined) return { ...free, lost: crossing };
    // Outside of the load's scope nothing may overwrite the element at all.
    const later = inScope ? writes.filter((w) => this.analysis.overwrittenAfter(load, w, at).holds) : [];
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
      const later = this.writes.filter(
        (w) => w.array === store.array && this.analysis.overwrittenAfterAccess(store, w, null).holds,
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
        if (operand.kind === "value") collect(this.access(operand, at), operand);
      }
    };
    collect(access, v);
    return [...nodes].reduce((sum, n) => sum + keepingCost(this.program, n), 0);
  }

  /** Can the value be had at the statement without keeping anything? */
  private isFree(v: Operand, at: Stmt): boolean {
    if (v.kind === "const") return true;
    const of = this.frees.get(v) ?? new Map<Stmt, boolean>();
    this.frees.set(v, of);
    const known = of.get(at);
    if (known !== undefined) return known;
    const is = this.takesNothing(this.access(v, at));
    of.set(at, is);
    return is;
  }
  private takesNothing({ lost, destroyers, from }: Access): boolean {
    return lost === null && destroyers.length === 0 && from.every((n) => this.isFree(n.operand, n.at));
  }

  /** The first way that needs nothing kept, or the one that needs the least. */
  private bestWay(ways: readonly Partial[], s: Let): Partial {
    const missing = (p: Partial): number => waysBy(p, s).filter((o) => !this.isFree(o, s)).length;
    return ways.reduce((best, p) => (missing(p) < missing(best) ? p : best));
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
