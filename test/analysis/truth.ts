/** The questions of dependence.ts, answered for one run of a function by looking at all that happened. */
import type { Accum, ArrayValue, For, Let, Stmt, Store, While } from "../../compiler/ir/ir.ts";
import { iterationOf, type Run, type Trace } from "./trace.ts";

type Loop = For | While;

/** Did `store` write the element of one of the runs of `access` between it and the end of a run of `until` in scope of it? */
export function sawOverwrittenBetween(t: Trace, access: Let, store: Stmt, until: Stmt | null): boolean {
  return t.of(access).some((run) => {
    const ends = until === null ? [Number.POSITIVE_INFINITY] : inScope(t, run, until).map((u) => u.end);
    const last = Math.max(...ends);
    return writesTo(t, store, run.element).some((w) => w.start > run.start && w.start <= last);
  });
}

export function sawOverwrittenAfter(t: Trace, access: Let | Store | Accum, store: Stmt, from: Stmt): boolean {
  return t.of(access).some((run) => {
    const ends = from === access ? [run.end] : inScope(t, run, from).map((u) => u.end);
    const first = Math.min(...ends);
    return writesTo(t, store, run.element).some((w) => w.start > first);
  });
}

/** Runs of a statement that come after, in the block that the first stands in. */
function inScope(t: Trace, first: Run, s: Stmt): readonly Run[] {
  const block = first.blocks.at(-1);
  return t.of(s).filter((r) => r.blocks[first.blocks.length - 1] === block && r.start > first.start);
}

function writesTo(t: Trace, store: Stmt, element: string | null): readonly Run[] {
  const all = t.of(store);
  return store.kind === "alloc" ? all : all.filter((w) => w.element === element);
}

/** Did a run read what no earlier one in the same iteration of the loop had written? */
export function sawExposed(t: Trace, access: Let | Accum, loop: Loop | null, writers: readonly Stmt[]): boolean {
  return t.of(access).some((run) => {
    const { start } = iterationOf(run, loop);
    return !writers.some((w) => writesTo(t, w, run.element).some((r) => r.start >= start && r.start < run.start));
  });
}

export function sawCarried(t: Trace, a: Stmt, b: Stmt, loop: Loop): boolean {
  return t.of(a).some((x) => {
    const at = iterationOf(x, loop);
    return t.of(b).some((y) => {
      const other = iterationOf(y, loop);
      return isSame(x, y) && other.run === at.run && other.trip !== at.trip;
    });
  });
}

/** In the same iteration of these loops, which are all that are around both. */
export function sawTogether(t: Trace, a: Stmt, b: Stmt, common: readonly Loop[]): boolean {
  const isOne = (x: Run, y: Run): boolean =>
    common.every((l) => {
      const [at, other] = [iterationOf(x, l), iterationOf(y, l)];
      return at.run === other.run && at.trip === other.trip;
    });
  return t.of(a).some((x) => t.of(b).some((y) => isSame(x, y) && isOne(x, y)));
}

/** Two runs of which iterations of one of the loops differ, and which touch one element; those of loops around are the same. */
export function sawCollision(t: Trace, access: Stmt, loops: readonly Loop[]): boolean {
  const runs = t.of(access);
  const [outer] = loops;
  if (outer === undefined) return false;
  return runs.some((x, k) =>
    runs.slice(k + 1).some((y) => {
      if (!isSame(x, y) || iterationOf(x, outer).run !== iterationOf(y, outer).run) return false;
      return loops.some((l) => iterationOf(x, l).index !== iterationOf(y, l).index);
    }),
  );
}

const isSame = (x: Run, y: Run): boolean => x.element === y.element && x.made === y.made;

/** Pairs of runs that touch one element, the first before the second: how the iterations of the loops compare. */
export function sawDependences(t: Trace, from: Stmt, to: Stmt, loops: readonly Loop[]): readonly (readonly number[])[] {
  const seen = new Map<string, readonly number[]>();
  for (const x of t.of(from)) {
    for (const y of t.of(to)) {
      if (!isSame(x, y) || y.start <= x.start) continue;
      const difference = loops.map((l) => iterationOf(y, l).index - iterationOf(x, l).index);
      seen.set(difference.join(), difference);
    }
  }
  return [...seen.values()];
}

/** The array that a statement touches. */
export function arrayOf(s: Stmt): ArrayValue | null {
  if (s.kind === "store" || s.kind === "accum") return s.array;
  if (s.kind === "alloc") return s.result;
  return s.kind === "let" && s.expr.kind === "load" ? s.expr.array : null;
}
