/**
 * Counters: variables that only ever move by constants. Those of counted loops lie where the loop takes them, the others as far as
 * their steps may reach; and a test that stands around them holds them too.
 */
import ts from "typescript";
import type { ExprTypes } from "./infer-types.ts";
import { type CountedLoop, countedLoop, type Names, stepOf, type Test } from "./loops.ts";
import { combine, exactLimit, fixed, type Range } from "./ranges.ts";
import { isAssignment, isUpdate, nodes } from "./syntax.ts";
import { isNumber, rangeOf } from "./types.ts";

export interface Counters {
  /** Variables that only move by constants, with the directions in which they do. */
  readonly moved: ReadonlyMap<ts.Symbol, { readonly down: boolean; readonly up: boolean }>;
  /** Variables whose range their counted loop gives. */
  readonly counted: Set<ts.Symbol>;
  readonly loops: ReadonlyMap<ts.ForStatement, CountedLoop | null>;
}

/** Finds the variables that are only ever moved by constants, apart from being set to what does not depend on them. */
export function findCounters(body: ts.Node, names: Names): Counters {
  const moved = new Map<ts.Symbol, { readonly down: boolean; readonly up: boolean }>();
  const counted = new Set<ts.Symbol>();
  const loops = new Map<ts.ForStatement, CountedLoop | null>();
  for (const n of nodes(body)) {
    if (!ts.isForStatement(n)) continue;
    const loop = countedLoop(n, names);
    loops.set(n, loop);
    for (const c of loop?.counters ?? []) counted.add(c.symbol);
  }
  for (const n of nodes(body)) {
    if (!isAssignment(n) && !isUpdate(n)) continue;
    const step = stepOf(n, names);
    if (step === null || Math.abs(step.by) > 1024 || counted.has(step.symbol)) continue;
    const known = moved.get(step.symbol) ?? { down: false, up: false };
    moved.set(step.symbol, { down: known.down || step.by < 0, up: known.up || step.by > 0 });
  }
  return { moved, counted, loops };
}

/** Where the counters of a loop are while its body runs, from where they start and where its bound is. */
export function rangesOf(loop: CountedLoop, inits: readonly Range[], bound: Range): readonly Range[] {
  const start = inits[loop.counters.indexOf(loop.tested)] as Range;
  const up = loop.op.startsWith("<");
  const strict = loop.op.length === 1 ? 1 : 0;
  // From where the tested counter starts to the last value with which the body runs.
  const span = combine(start, bound, (a, b) =>
    up ? { lo: a.lo, hi: Math.max(a.lo, b.hi - strict) } : { lo: Math.min(a.hi, b.lo + strict), hi: a.hi },
  );
  return loop.counters.map((c, k) => {
    if (c === loop.tested) return span;
    return combine(inits[k] as Range, span, (own, t) => {
      const far = Math.ceil((t.hi - t.lo) / Math.abs(loop.tested.step || 1)) * c.step;
      return { lo: own.lo + Math.min(0, far), hi: own.hi + Math.max(0, far) };
    });
  });
}

/** What typing expressions knows of where variables are (infer-expr.ts). */
interface Narrowing extends ExprTypes {
  readonly narrowed: Map<ts.Symbol, Range>;
}

/** Types what `f` walks knowing that the variables are where the tests say. */
export function tested(exprs: Narrowing, tests: readonly Test[], f: () => void): void {
  const { narrowed } = exprs;
  const before = new Map(narrowed);
  for (const { symbol, op, bound } of tests) {
    const ty = exprs.instance.types.get(bound);
    const range = ty === undefined || !isNumber(ty) ? null : rangeOf(ty);
    const strict = op.length === 1 ? 1 : 0;
    if (range === null) continue;
    const far = fixed(-exactLimit, exactLimit);
    const held = narrowed.get(symbol) ?? far;
    const within = combine(held, range, (a, b) =>
      op.startsWith("<")
        ? { lo: a.lo, hi: Math.min(a.hi, b.hi - strict) }
        : { lo: Math.max(a.lo, b.lo + strict), hi: a.hi },
    );
    narrowed.set(symbol, within);
  }
  try {
    f();
  } finally {
    narrowed.clear();
    for (const [symbol, range] of before) narrowed.set(symbol, range);
  }
}
