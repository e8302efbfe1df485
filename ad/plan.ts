/**
 * How the reverse sweep gets each primal value that it needs, and what must be kept for it.
 *
 * What to keep is a minimum cut. Sources are stores that destroy what a load would have to read again, and values that cannot be had
 * again; sinks the values that derivatives need; a node costs the bytes that keeping it takes, times how often it is computed.
 * (Old values are kept at the stores that destroy them, values where they are computed.)
 */
import type { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import {
  type ArrayValue,
  arrayIn,
  type For,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { type Access, Accesses } from "./access.ts";
import type { Activity } from "./activity.ts";
import { keepingCost } from "./cost.ts";
import { isRegion } from "./custom.ts";
import { CutGraph } from "./cut.ts";
import { type Inverse, inverseOf } from "./inverse.ts";
import { type Need, Needs, waysBy } from "./needs.ts";
import { isWrite, type Program, type Write } from "./program.ts";
import type { Replay } from "./replay.ts";
import type { Partial } from "./rules.ts";

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
  /** What knows when elements of the array are overwritten: in the iteration alone where each has its own. */
  readonly lifeOf: (array: ArrayValue) => ArrayAnalysis;
  readonly needs: Needs;
}

/** @param undo whether `x += e` may be undone by `x -= e`, which changes last bits. */
export function planFor(program: Program, activity: Activity, analysis: ArrayAnalysis, undo: boolean): Plan {
  return new Planner(program, activity, analysis, undo).run();
}

class Planner {
  private readonly program: Program;
  private readonly activity: Activity;
  private readonly analysis: ArrayAnalysis;
  private readonly accesses: Accesses;
  private readonly undo: boolean;
  private readonly inverses = new Map<Write, Inverse | null>();

  constructor(program: Program, activity: Activity, analysis: ArrayAnalysis, undo: boolean) {
    this.undo = undo;
    this.program = program;
    this.activity = activity;
    this.analysis = analysis;
    this.accesses = new Accesses(program, analysis, undo);
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
        const access = (v: Scalar, at: Stmt): Access => this.accesses.of(v, at);
        const lifeOf = (array: ArrayValue): ArrayAnalysis => this.accesses.lifeOf(array);
        return { records, undone, kept, ...used, access, lifeOf, needs: final };
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
      const { lost, destroyers, from } = this.accesses.of(v, at);
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
      const { destroyers, from } = this.accesses.of(v, at);
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
    const inverse = this.undo ? inverseOf(this.program, this.analysis, this.accesses.writes, w) : null;
    const made = inverse !== null && this.takes(inverse.by, w, w, new Map()) ? null : inverse;
    this.inverses.set(w, made);
    return made;
  }

  /** Does it take the old value at `w` to have the operand at the statement, over whatever is undone for it? */
  private takes(o: Operand, at: Stmt, w: Write, seen: Map<Scalar, Set<Stmt>>): boolean {
    if (o.kind === "const" || seen.get(o)?.has(at)) return false;
    seen.set(o, (seen.get(o) ?? new Set()).add(at));
    const { destroyers, from } = this.accesses.of(o, at);
    const through = (d: Write): boolean => {
      if (d === w) return true;
      const known = this.inverses.get(d);
      const inverse = known === undefined ? inverseOf(this.program, this.analysis, this.accesses.writes, d) : known;
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
      const { copy, from, replay } = this.accesses.of(v, at);
      if (copy !== null && !this.accesses.isAfter(at, copy)) copies.set(copy, (copies.get(copy) ?? new Set()).add(v));
      if (replay !== null) replays.set(replay.loop, (replays.get(replay.loop) ?? new Set()).add(replay));
      from.forEach(visit);
    };
    needs.forEach(visit);
    return { copies, replays };
  }

  /** The first way that needs nothing kept, or the one that needs the least. */
  private bestWay(ways: readonly Partial[], s: Let): Partial {
    const missing = (p: Partial): number => waysBy(p, s).filter((o) => !this.accesses.isFree(o, s)).length;
    return ways.reduce((best, p) => (missing(p) < missing(best) ? p : best));
  }
}
