/**
 * Makes the outer of two loops the inner one, where memory is then walked along its rows.
 *
 *   for %j in seq(0, %n) {                        for %k in seq(0, %m) {
 *     %d: f64 = load %D[%j]                         for %j in seq(0, %n) {
 *     store %D[%j], 0.0f64                            %d: f64 = load %D[%j]
 *     for %k in seq(0, %m) {              =>          %b: f64 = load %B[%k, %j]
 *       %b: f64 = load %B[%k, %j]                     %p: f64 = mul %d, %b
 *       %p: f64 = mul %d, %b                          accum add %S[%k], %p
 *       accum add %S[%k], %p                        }
 *     }                                           }
 *   }                                             for %j in seq(0, %n) {
 *                                                   store %D[%j], 0.0f64
 *                                                 }
 *
 * What else the outer loop does becomes a loop of its own: after, where values that the inner loop takes are computed in there once
 * more; or before, where they are kept in an array for it, since they would cost too much, or are overwritten by then.
 *
 * Legal where the outer loop's iterations may run in any order (order.ts), the inner loop's bounds are the same in all of them, and
 * what changes places in one iteration touches nothing that the other writes. Whether it pays is a matter of strides: how many
 * cache lines the accesses of the inner loop take in each of its iterations.
 */
import { accessOf } from "../analysis/bounds.ts";
import { Forms, split } from "../analysis/polynomial.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  isFloat,
  type Let,
  type Operand,
  type Polynomial,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { copyBlock, mapBlocks, resultsOf, Substitution, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { Order } from "./order.ts";
import { elementAt, TripArrays } from "./trip-arrays.ts";

export const interchange: Pass = funcPass(
  "interchange",
  "makes outer loops inner ones that walk along rows",
  (f: Func) => {
    for (;;) {
      const work = new Interchange(f);
      const body = work.block(f.body, []);
      if (body === f.body) return f;
      f = { ...f, body: { stmts: [...work.arrays.stmts, ...body.stmts], yields: body.yields } };
    }
  },
);

/** Two loops, and what the outer one does besides. */
interface Pair {
  readonly outer: For;
  readonly inner: For;
  readonly others: readonly Stmt[];
  /** Values of the outer loop that are computed once more in the inner one, in program order. */
  readonly slice: readonly Let[];
  /** Those that are kept in an array; none where the inner loop comes first. */
  readonly kept: readonly Scalar[];
}

class Interchange {
  /** Those of values that are kept. */
  readonly arrays: TripArrays;
  private readonly forms = new Forms();
  private readonly order: Order;

  constructor(f: Func) {
    this.arrays = new TripArrays(f);
    this.order = new Order(f);
    for (const s of walk(f.body)) this.forms.define(s);
  }

  /** `around` are the loops around the block, outermost first. */
  block(b: Block, around: readonly For[]): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      // Inner loops first: what pays for outer ones depends on which loop is the innermost.
      const inside = s.kind === "for" ? [...around, s] : around;
      const done = mapBlocks(s, (inner) => this.block(inner, inside));
      const pair = s.kind === "for" && done === s ? this.pairOf(s) : null;
      const out = (pair === null ? null : this.turned(pair, around)) ?? [done];
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private pairOf(outer: For): Pair | null {
    if (outer.loc.role !== "adjoint" || outer.carried.length > 0 || outer.mode !== "seq") return null;
    const inner = outer.body.stmts.find((s) => s.kind === "for" && this.pays(outer, s));
    if (inner?.kind !== "for" || inner.carried.length > 0 || inner.mode !== "seq") return null;
    const isPlain = (s: Stmt): boolean => /^(let|store|accum|for)$/.test(s.kind);
    if (![...walk(outer.body)].every(isPlain)) return null;
    const bound = new Set<Value>([outer.index, ...outer.body.stmts.flatMap(resultsOf)]);
    if ([inner.lo, inner.hi].some((o) => bound.has(o as Value))) return null;
    if (this.order.whyOrdered(outer) !== null) return null;
    const others = outer.body.stmts.filter((s) => s !== inner);
    const slice = sliceFor(outer, inner, new Set());
    if (slice.every((s) => this.isCheap(s, outer)) && this.mayComeFirst(outer, inner, slice)) {
      return { outer, inner, others, slice, kept: [] };
    }
    const kept = this.keptOf(outer, inner, slice);
    if (!kept.every((v) => isFloat(v.type)) || !this.mayComeLast(outer, inner)) return null;
    return { outer, inner, others, slice: sliceFor(outer, inner, new Set(kept)), kept };
  }

  /** What the inner loop takes that cannot be computed from subscripts and unchanging values alone. */
  private keptOf(outer: For, inner: For, slice: readonly Let[]): readonly Scalar[] {
    const taken = new Set<unknown>([...walk(inner.body)].flatMap(usesOf));
    const loaded = new Set<unknown>();
    for (const s of slice) {
      const isLoaded = s.expr.kind === "load" || !this.isCheap(s, outer) || usesOf(s).some((v) => loaded.has(v));
      if (isLoaded) loaded.add(s.result);
    }
    return slice.flatMap((s) => (taken.has(s.result) && loaded.has(s.result) ? [s.result] : []));
  }

  /**
   * Does the inner loop take less than half the cache lines when it runs over the outer loop's index? Where it is around another,
   * what counts are lines that this one takes anew in each of its iterations.
   */
  private pays(outer: For, inner: For): boolean {
    let [now, then] = [0, 0];
    for (const { access, loop } of accessesIn(inner)) {
      const { index } = accessOf(access) as { readonly index: readonly Operand[] };
      const times = access.kind === "accum" ? 2 : 1;
      const along = loop === inner ? 1 : this.lines(index, loop);
      const cost = (l: For): number => (loop === inner ? this.lines(index, l) : this.lines(index, l) > 0 ? along : 0);
      now += times * cost(inner);
      then += times * cost(outer);
    }
    return 2 * then < now;
  }

  /** Eighths of a cache line that an access takes in each iteration of the loop. */
  private lines(index: readonly Operand[], loop: For): number {
    const steps = index.map((o) => split(this.forms.of(o), loop.index));
    if (steps.every((s) => s !== null && isZero(s.coefficient))) return 0;
    const last = steps.at(-1);
    const isRow = steps.slice(0, -1).every((s) => s !== null && isZero(s.coefficient));
    const step = last?.coefficient;
    return isRow && step !== undefined && step.terms.length === 0 && Math.abs(step.constant) === 1 ? 1 : 8;
  }

  /** May the value be computed in every iteration of both loops? */
  private isCheap({ expr }: Let, outer: For): boolean {
    if (expr.kind === "load") return this.lines(expr.index, outer) <= 1;
    if (expr.kind === "unary") return expr.op === "neg" || expr.op === "abs" || expr.op === "not";
    return expr.kind !== "binary" || !isFloat(expr.a.type) || /^(add|sub|mul|min|max)$/.test(expr.op);
  }

  /** Does the inner loop do the same before all that the outer one does besides? It comes with the loads that it takes. */
  private mayComeFirst(outer: For, inner: For, slice: readonly Let[]): boolean {
    const at = outer.body.stmts.indexOf(inner);
    return outer.body.stmts.slice(0, at).every((before, k) => {
      const later = slice.filter((s) => outer.body.stmts.indexOf(s) > k);
      return !this.touch(before, [inner, ...later]);
    });
  }

  /** And after all of it? */
  private mayComeLast(outer: For, inner: For): boolean {
    const at = outer.body.stmts.indexOf(inner);
    return outer.body.stmts.slice(at + 1).every((after) => !this.touch(after, [inner]));
  }

  private touch(one: Stmt, many: readonly Stmt[]): boolean {
    const [a, b] = [accessesWithin([one]), accessesWithin(many)];
    return a.some((s) => b.some((t) => this.order.whyTogether(s, t) !== null));
  }

  private turned({ outer, inner, others, slice, kept }: Pair, around: readonly For[]): readonly Stmt[] | null {
    const loc = { ...outer.loc, role: "tape" } as const;
    const arrays = kept.map((v) => this.arrays.make(`${v.hint}_kept`, v.type, [outer], around, loc));
    if (arrays.some((a) => a === null)) return null;
    const place = (x: Builder, i: Operand): readonly Operand[] => elementAt(x, [outer], [i]);
    const keep = new Builder(outer.loc);
    kept.forEach((v, k) => void keep.store(arrays[k] as ArrayValue, place(keep, outer.index), v));
    const rest: For = { ...outer, body: { stmts: [...others, ...keep.stmts], yields: [] } };
    const x = new Builder(inner.loc);
    x.for(inner.index.hint, "seq", inner.lo, inner.hi, [], (y, k) => {
      y.for(outer.index.hint, "seq", outer.lo, outer.hi, [], (z, i) => {
        const subst = new Substitution();
        subst.set(outer.index, i);
        subst.set(inner.index, k);
        kept.forEach((v, n) => void subst.set(v, z.load(arrays[n] as ArrayValue, place(z, i), v.hint)));
        z.stmts.push(...copyBlock({ stmts: [...slice, ...inner.body.stmts], yields: [] }, subst).stmts);
        return [];
      });
      return [];
    });
    if (kept.length > 0) return [rest, ...x.stmts];
    return others.some((s) => s.kind !== "let") ? [...x.stmts, rest] : x.stmts;
  }
}

/** The accesses of the loop, with the innermost loop that each stands in. */
function accessesIn(loop: For): readonly { readonly access: Stmt; readonly loop: For }[] {
  return loop.body.stmts.flatMap((s) => {
    if (s.kind === "for") return accessesIn(s);
    return accessOf(s) === null ? [] : [{ access: s, loop }];
  });
}
const accessesWithin = (stmts: readonly Stmt[]): readonly Stmt[] =>
  [...walk({ stmts, yields: [] })].filter((s) => accessOf(s) !== null);

const isZero = (p: Polynomial): boolean => p.terms.length === 0 && p.constant === 0;

/** The outer loop's values that the inner one takes, directly and by way of others, but of those that are kept. */
function sliceFor(outer: For, inner: For, kept: ReadonlySet<Value>): readonly Let[] {
  const used = new Set<unknown>([...walk(inner.body)].flatMap(usesOf));
  const slice: Let[] = [];
  for (const s of outer.body.stmts.toReversed()) {
    if (s.kind !== "let" || !used.has(s.result) || kept.has(s.result)) continue;
    slice.unshift(s);
    for (const v of usesOf(s)) used.add(v);
  }
  return slice;
}
