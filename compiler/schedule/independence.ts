/** Whether loops of nests may run their iterations at the same time. */
import { isOrdered } from "../analysis/collisions.ts";
import { ArrayAnalysis } from "../analysis/dependence.ts";
import { readsOf, writesOf } from "../analysis/effects.ts";
import { type Accum, type ArrayValue, type For, type Func, isRounded, type Stmt, type Value } from "../ir/ir.ts";
import { bindersOf, resultsOf, walk } from "../ir/walk.ts";

export class Independence {
  private readonly f: Func;
  /** Whether results must not depend on the order in which threads come. */
  private readonly isDeterministic: boolean;
  private known: ArrayAnalysis | null = null;
  private readonly bound = new Map<For, ReadonlySet<Value>>();
  /** Why loops run in order, for those that have been asked about. */
  readonly reasons = new Map<For, string>();

  constructor(f: Func, isDeterministic = false) {
    this.f = f;
    this.isDeterministic = isDeterministic;
  }

  get analysis(): ArrayAnalysis {
    this.known ??= new ArrayAnalysis(this.f);
    return this.known;
  }

  /**
   * Why the iterations of a loop of the nest `root` do not run at the same time, whatever its other loops do; null where they may. Updates
   * of an element that is the same in all of the nest are no reason, if any order will do: what threads add is added up, not stored.
   * `of` are the statements that count, all in the loop when not given.
   */
  whyOrdered(loop: For, root: For, of: Iterable<Stmt> = walk(loop.body)): string | null {
    const why = this.reason(loop, root, of, (s) => isNote(s) || this.isSum(s, root));
    if (why !== null) this.reasons.set(loop, why);
    return why;
  }

  /** The same where updates of one element may come from several iterations at once, one at a time: sums of floats in any order. */
  whyNotAtomic(loop: For, root: For): string | null {
    const why = this.reason(loop, root, walk(loop.body), (s) => isNote(s) || (s.kind === "accum" && isFreeOrder(s)));
    if (why !== null || !this.isDeterministic) return why;
    const exact = this.reason(loop, root, walk(loop.body), (s) => s.kind === "accum" && !isOrdered(s));
    if (exact !== null) this.reasons.set(loop, "updates of one element would come in an order that nobody knows");
    return exact;
  }

  /** Does it update an element that is the same in all iterations of the nest, in any order: a reduction? */
  isSum(s: Stmt, root: For): s is Accum {
    if (s.kind !== "accum" || !isFreeOrder(s)) return false;
    const bound = this.bound.get(root) ?? boundIn(root);
    this.bound.set(root, bound);
    return !s.index.some((o) => bound.has(o as Value));
  }

  private reason(loop: For, root: For, of: Iterable<Stmt>, commutes: (s: Stmt) => boolean): string | null {
    const accesses: Stmt[] = [];
    for (const s of of) {
      if (s.kind === "check" || s.kind === "call") return `the loop has a ${s.kind}`;
      if (s.kind === "alloc" && s.result.type.space === "global" && !isSmall(s.result)) {
        return "the loop makes an array whose size is not constant";
      }
      if (isAccess(s)) accesses.push(s);
    }
    for (const [i, a] of accesses.entries()) {
      for (const b of accesses.slice(i)) {
        if (!conflict(a, b) || (commutes(a) && commutes(b) && isLike(a, b))) continue;
        const { holds, why } = this.analysis.meet(a, b, loop, root);
        if (holds) return why;
      }
    }
    return null;
  }
}

/** Does it take the larger, or smaller, value to one and the same place? Any order gives the same, and it is a rare thing to do. */
export const isNote = (s: Stmt): boolean =>
  s.kind === "accum" && (s.op === "max" || s.op === "min") && s.index.every((o) => o.kind === "const");

/** May updates like this come in any order, as far as its mode goes? Where each is rounded, the order is much of the result. */
export const isFreeOrder = (s: Accum): boolean => !isRounded(s.array) && (!isOrdered(s) || s.mode !== "strict");

/** All values that a loop binds, indices and what its body computes. */
export function boundIn(loop: For): ReadonlySet<Value> {
  const bound = new Set<Value>(bindersOf(loop));
  for (const s of walk(loop.body)) for (const v of [...bindersOf(s), ...resultsOf(s)]) bound.add(v);
  return bound;
}

const isLike = (a: Stmt, b: Stmt): boolean => a.kind === "accum" && b.kind === "accum" && a.op === b.op;

/** Does the statement itself read or write elements? */
export const isAccess = (s: Stmt): boolean =>
  s.kind !== "alloc" && s.kind !== "call" && (readsOf(s).length > 0 || writesOf(s).length > 0);

/** Do the two touch one array, and one of them writes it? */
export function conflict(a: Stmt, b: Stmt): boolean {
  const touch = (s: Stmt): readonly ArrayValue[] => [...writesOf(s), ...readsOf(s)];
  return writesOf(a).some((x) => touch(b).includes(x)) || writesOf(b).some((x) => touch(a).includes(x));
}

/** May each thread have an array like this for itself? */
export const isSmall = (a: ArrayValue): boolean =>
  a.type.dims.every((d) => d.kind === "const") &&
  a.type.dims.reduce((n, d) => n * (d.kind === "const" ? Number(d.value) : 1), 1) <= mostOwned;
const mostOwned = 1024;
