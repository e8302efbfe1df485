/**
 * Finds the loops whose iterations may run at the same time, brings them outwards, and marks them `par`.
 *
 *   for %i in seq(0, %n) {                             for %i in par(0, %n) {
 *     for %k in seq(0, %m) {                             for %j in par(0, %n) {
 *       for %j in seq(0, %n) {                 =>          for %k in seq(0, %m) {
 *         accum add %C[%i, %j], …                            accum add %C[%i, %j], …
 *
 * A nest is loops that stand one inside the other with nothing but values beside them. Those of its loops are parallel of which no two
 * iterations touch one element (unless both only read it), whatever the others do; they may change places with any other. Where a nest has
 * none, its outermost loop runs in order, and what is inside is looked at for each of its iterations. So it is where only one loop of a nest is
 * parallel: a workgroup may run an iteration of that. Reductions are in nobody's way, whether a loop carries them (and does so still) or
 * updates an element that is the same throughout the nest; sums of floats only where the mode lets their order go.
 *
 * Needs: to stand after everything that wants sequential loops; loops that are `par` already are taken at their word.
 */
import { isSpeculable, writtenWithin } from "../analysis/effects.ts";
import { reductionOf } from "../analysis/reduction.ts";
import type { Block, For, Func, Let, Stmt } from "../ir/ir.ts";
import { bindersOf, blocksOf, mapBlocks, mapList, resultsOf, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { Independence } from "./independence.ts";

const passWith = (isDeterministic: boolean): Pass =>
  funcPass("parallelise", "marks loops whose iterations may run at the same time", (f: Func) => {
    if (f.kind !== "func") return f;
    const outer = new Parallelise(f, isDeterministic).block(f.body);
    const body = new Parallelise({ ...f, body: outer }, isDeterministic).insides(outer);
    return body === f.body ? f : { ...f, body };
  });

export const parallelise: Pass = passWith(false);
/** The same without updates of one float by several threads, whose sum depends on their order. */
export const paralleliseInOrder: Pass = passWith(true);

/** A loop that runs in order, and what is against its iterations running at the same time. */
export interface Ordered {
  readonly loop: For;
  readonly why: string;
}

/** The loops of a function that `parallelise` leaves in order, but for those inside of parallel ones, whose threads run them. */
export function orderedLoops(f: Func, isDeterministic: boolean): readonly Ordered[] {
  const work = new Parallelise(f, isDeterministic);
  const out: Ordered[] = [];
  const visit = (b: Block): void => {
    for (const s of b.stmts) {
      if (s.kind === "for" && s.mode !== "seq") continue;
      if (s.kind === "for") out.push({ loop: s, why: work.why(s) });
      blocksOf(s).forEach(visit);
    }
  };
  visit(work.block(f.body));
  return out;
}

class Parallelise {
  private readonly loops: Independence;
  /** May updates of one element wait for each other? */
  private atomics = true;

  constructor(f: Func, isDeterministic: boolean) {
    this.loops = new Independence(f, isDeterministic);
  }

  /** Why a loop has been left in order. */
  why(s: For): string {
    // Loops around others are made anew; their indices stay.
    const reason = [...this.loops.reasons].find(([loop]) => loop.index === s.index)?.[1];
    if (reason !== undefined) return reason;
    return s.carried.length > 0
      ? "each iteration takes what the one before has computed"
      : "its bounds depend on a loop inside of which it stands, and which runs in order";
  }

  block(b: Block): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s) => {
      const out = s.kind === "for" ? this.loop(s) : [mapBlocks(s, (inner) => this.block(inner))];
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private loop(s: For): readonly Stmt[] {
    if (s.mode !== "seq") return [s];
    if (s.carried.length > 0) {
      const isReduction = s.carried.every((_, k) => reductionOf(s, k) !== null);
      if (isReduction && this.loops.whyOrdered(s, s) === null) return [{ ...s, mode: "par" }];
      return [mapBlocks(s, (inner) => this.block(inner))];
    }
    const chain = chainOf(s);
    const outward = leading(chain, (l) => this.loops.whyOrdered(l, s) === null);
    if (outward.length > 0) return rebuilt(chain, outward);
    if (!this.atomics) return [mapBlocks(s, (inner) => this.block(inner))];
    // Updates that wait for each other come in an order that nobody knows: only where nothing inside is parallel without them.
    const inside = this.inner(s);
    if (inside !== s) return [inside];
    const waiting = leading(chain, (l) => this.loops.whyNotAtomic(l, s) === null);
    return waiting.length > 0 ? rebuilt(chain, waiting) : [mapBlocks(s, (inner) => this.block(inner))];
  }

  /** The loop with what is parallel in each of its iterations, but for updates that wait. */
  private inner(s: For): For {
    this.atomics = false;
    const made = mapBlocks(s, (inner) => this.block(inner));
    this.atomics = true;
    return made as For;
  }

  /** The block with what is parallel in an iteration of each loop that is the only parallel one of its nest. */
  insides(b: Block): Block {
    const stmts = mapList(b.stmts, (s) => {
      if (s.kind !== "for" || s.mode !== "par") return mapBlocks(s, (inner) => this.insides(inner));
      return hasParallel(s.body) ? s : this.inner(s);
    });
    return stmts === b.stmts ? b : { stmts, yields: b.yields };
  }
}

const hasParallel = (b: Block): boolean => [...walk(b)].some((s) => s.kind === "for" && s.mode !== "seq");

/** Loops that stand one inside the other, outermost first, and the values beside each of them. */
interface Nest {
  readonly loops: readonly For[];
  /** For each loop, the values that its body computes before the next one. */
  readonly lets: readonly (readonly Let[])[];
  /** What the innermost does, without those. */
  readonly body: Block;
}

/** The nest that begins with a loop. Values that its body might change are none that may stand beside loops. */
function chainOf(root: For): Nest {
  const loops: For[] = [root];
  const lets: (readonly Let[])[] = [];
  const written = writtenWithin(root);
  for (;;) {
    const loop = loops.at(-1) as For;
    const before = loop.body.stmts.slice(0, -1);
    const last = loop.body.stmts.at(-1);
    const isValue = (s: Stmt): s is Let => s.kind === "let" && (s.expr.kind !== "load" || !written.has(s.expr.array));
    if (last?.kind !== "for" || last.mode !== "seq" || last.carried.length > 0 || !before.every(isValue)) {
      return { loops, lets: [...lets, []], body: loop.body };
    }
    lets.push(before);
    loops.push(last);
  }
}

/** The loops of the nest that are parallel and may stand outside of the others. */
function leading(nest: Nest, isParallel: (l: For) => boolean): readonly For[] {
  const first: For[] = [];
  // Bounds depend on loops outside, which have been decided on by then.
  for (const l of nest.loops) if (isParallel(l) && mayLead(nest, l, first)) first.push(l);
  return first;
}

/** Are the loop's bounds known before the loops of the nest around it that are not in `first`? */
function mayLead({ loops, lets }: Nest, loop: For, first: readonly For[]): boolean {
  const crossed = new Set<unknown>();
  for (const [k, l] of loops.slice(0, loops.indexOf(loop)).entries()) {
    if (!first.includes(l)) for (const v of bindersOf(l)) crossed.add(v);
    for (const s of lets[k] ?? []) if (usesOf(s).some((v) => crossed.has(v))) crossed.add(s.result);
  }
  return !crossed.has(loop.lo) && !crossed.has(loop.hi);
}

/**
 * The nest with these loops outside. Values stand as far inside as they may, but not in loops in order in all iterations of which they are
 * the same: subscripts for which such a loop does not count are seen to be fixed.
 */
function rebuilt({ loops, lets, body }: Nest, parallel: readonly For[]): readonly Stmt[] {
  const order = [...parallel, ...loops.filter((l) => !parallel.includes(l))];
  let left = lets.flat();
  // Inside out, a loop takes with it what its bounds need.
  const levels = order.map((loop): Let[] => {
    const own = sliceOf(left, [loop.lo, loop.hi]);
    left = left.filter((s) => !own.includes(s));
    return [...own];
  });
  const depths = new Map<unknown, number>(order.flatMap((l, k) => bindersOf(l).map((v) => [v, k] as const)));
  for (const [k, own] of levels.entries()) for (const s of own) depths.set(s.result, k - 1);
  const last = order.length - 1;
  const innermost: Stmt[] = [];
  for (const s of [...left, ...body.stmts]) {
    const inside = Math.max(parallel.length - 1, ...usesOf(s).map((v) => depths.get(v) ?? 0));
    const depth = s.kind === "let" && isSpeculable(s.expr) ? inside : last;
    for (const v of resultsOf(s)) depths.set(v, depth);
    if (s.kind === "let" && depth < last) (levels[depth + 1] as Let[]).push(s);
    else innermost.push(s);
  }
  let inner: Block = { stmts: innermost, yields: body.yields };
  for (const [k, loop] of [...order.entries()].reverse()) {
    const mode = parallel.includes(loop) ? "par" : loop.mode;
    const made: For = { ...loop, mode, body: inner };
    inner = { stmts: [...(levels[k] ?? []), made], yields: [] };
  }
  return inner.stmts;
}

/** Those of the values, in order, that the operands take. */
function sliceOf(lets: readonly Let[], operands: readonly unknown[]): readonly Let[] {
  const needed = new Set(operands);
  const out: Let[] = [];
  for (const s of lets.toReversed()) {
    if (!needed.has(s.result)) continue;
    out.unshift(s);
    for (const v of usesOf(s)) needed.add(v);
  }
  return out;
}
