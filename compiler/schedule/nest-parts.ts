/**
 * The parts that a loop nest may be split into, and how parallel each is by itself.
 *
 * A part is a set of statements of the nest, each with all that stands in it. Values beside them belong to no part: each that takes one
 * computes it. What loops and branches give, and values that are pinned, are computed in one part, and kept for others.
 */
import { bug } from "../diagnostic.ts";
import type { Block, For, Let, Stmt, Value } from "../ir/ir.ts";
import { blocksOf, resultsOf, usesOf, walk } from "../ir/walk.ts";
import { conflict, type Independence, isAccess, isFreeOrder } from "./independence.ts";
import { freeIn } from "./kernel-func.ts";
import { isUnordered } from "./order.ts";

export type Part = ReadonlySet<Stmt>;

/** What is known of a nest, whichever way it is split. */
export interface Nest {
  readonly root: For;
  readonly loops: Independence;
  /** In the order of the program. */
  readonly order: ReadonlyMap<Stmt, number>;
  /** Values that can be kept for each iteration of the loops around them. */
  readonly keepable: ReadonlySet<Value>;
}

/** Is it computed again by each part that takes it? */
export type IsValue = (s: Stmt) => s is Let;

/** All values but those that are pinned. */
export const valuesBut =
  (pinned: ReadonlySet<Stmt>): IsValue =>
  (s): s is Let =>
    s.kind === "let" && !pinned.has(s);

export class NestParts {
  /** In an order in which they may run. */
  readonly parts: readonly Part[];
  /** Do parts depend on each other in a circle, so that they stay together? */
  hasCircle = false;
  readonly pinned: ReadonlySet<Stmt>;
  private readonly nest: Nest;
  private readonly isValue: IsValue;

  /** `pinned` are values that one part computes for all. */
  constructor(nest: Nest, pinned: ReadonlySet<Stmt>) {
    this.nest = nest;
    this.pinned = pinned;
    this.isValue = valuesBut(pinned);
    this.parts = this.joined(this.partsOf(nest.root));
  }

  /** How many parallel loops stand around the statements, all added up. */
  get parallelism(): number {
    return this.parts.reduce((n, p) => n + [...p].filter((s) => s.kind !== "let").length * this.depth(p), 0);
  }

  /** Neighbours that are no better apart go together. */
  private joined(finest: readonly Part[]): readonly Part[] {
    const parts: Part[] = [];
    for (const part of finest) {
      const last = parts.at(-1);
      const both = last && new Set([...last, ...part]);
      if (last && both && this.depth(both) >= Math.max(this.wanted(last), this.wanted(part))) {
        parts[parts.length - 1] = both;
      } else parts.push(part);
    }
    const all = new Set(finest.flatMap((p) => [...p]));
    const whole = this.depth(all);
    return parts.some((p) => this.depth(p) > whole) ? parts : [all];
  }

  /** As `depth`; but reductions, of which any number of loops may be parallel, are well off wherever one is. */
  private wanted(part: Part): number {
    const { loops, root } = this.nest;
    const isSum = (s: Stmt): boolean => s.kind === "let" || s.kind === "if" || loops.isSum(s, root);
    return Math.min(this.depth(part), [...part].every(isSum) ? 1 : Number.POSITIVE_INFINITY);
  }

  /** How many of the loops of the nest are parallel, if only this part of it ran. */
  depth(part: Part, loop: For = this.nest.root): number {
    const { loops, root } = this.nest;
    const used = usedBy(loop, part, this.isValue);
    const accesses = [...walk(loop.body)].filter((s) => part.has(s) || (this.isValue(s) && used.has(s.result)));
    const own = loops.whyOrdered(loop, root, accesses) === null ? 1 : 0;
    const inside = loop.body.stmts.filter(
      (s) => !this.isValue(s) && [...walk({ stmts: [s], yields: [] })].some((t) => part.has(t)),
    );
    const [inner, more] = inside;
    if (inner?.kind !== "for" || more !== undefined || !isPlain(inner)) return own;
    return own + this.depth(part, inner);
  }

  /** The finest parts that the loop may be split into, in an order in which they may run. */
  private partsOf(loop: For): readonly Part[] {
    const children = loop.body.stmts.filter((s) => !this.isValue(s));
    const pieces = children.flatMap((s, child): readonly { readonly part: Part; readonly child: number }[] => {
      const parts = s.kind === "for" && isPlain(s) ? this.partsOf(s) : [new Set(walk({ stmts: [s], yields: [] }))];
      return parts.map((part) => ({ part, child }));
    });
    // Which has to come before which, directly and by way of others.
    const before = pieces.map((p, i) =>
      pieces.map((q, j) => i !== j && ((p.child === q.child && i < j) || this.precedes(loop, p.part, q.part))),
    );
    const n = pieces.length;
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        if (before[i]?.[k]) for (let j = 0; j < n; j++) if (before[k]?.[j]) (before[i] as boolean[])[j] = true;
      }
    }
    const groups: Part[] = [];
    const done = new Set<number>();
    while (done.size < n) {
      // The first whose predecessors are done, or go round in a circle with it.
      const next = pieces.findIndex(
        (_, i) => !done.has(i) && pieces.every((_, j) => done.has(j) || !before[j]?.[i] || before[i]?.[j]),
      );
      const circle = pieces.flatMap((_, j) => (j === next || (before[next]?.[j] && before[j]?.[next]) ? [j] : []));
      this.hasCircle ||= circle.length > 1;
      for (const k of circle) done.add(k);
      groups.push(new Set(circle.flatMap((k) => [...(pieces[k] as { part: Part }).part])));
    }
    return groups;
  }

  /** Does something of the first part have to run before something of the other? */
  private precedes(loop: For, one: Part, other: Part): boolean {
    // What computes a value comes first, and stays with what takes it unless that is worth keeping the value.
    if (this.taken(loop, other, one).length > 0) return true;
    const kept = this.taken(loop, one, other);
    if (kept.length > 0 && !this.mayKeep(kept, other, one)) return true;
    const { analysis } = this.nest.loops;
    const later = this.accesses(loop, other);
    return this.accesses(loop, one).some((x) =>
      later.some((y) => {
        if (x === y || !conflict(x, y) || commute(x, y)) return false;
        return analysis.follows(x, y, loop).holds || (this.at(x) < this.at(y) && analysis.together(x, y).holds);
      }),
    );
  }

  /**
   * Can the values be kept between the parts, and has that of the two which has more to do more parallel loops alone? To make the
   * lesser parallel would move no more than what it costs to keep the values.
   */
  private mayKeep(values: readonly Value[], owner: Part, taker: Part): boolean {
    const { keepable, root } = this.nest;
    if (!values.every((v) => keepable.has(v))) return false;
    const work = [owner, taker].map((p) => loopsAround(p, root));
    const both = this.depth(new Set([...owner, ...taker]));
    return [owner, taker].some((p, k) => work[k] === Math.max(...work) && this.depth(p) > both);
  }

  private at(s: Stmt): number {
    return this.nest.order.get(s) ?? bug("a statement that is not in the function");
  }

  /** The accesses of a part, with those of the values that it takes. */
  private accesses(loop: For, part: Part): readonly Stmt[] {
    const used = usedBy(loop, part, this.isValue);
    return [...walk(loop.body)].filter((s) => isAccess(s) && (part.has(s) || (this.isValue(s) && used.has(s.result))));
  }

  /** What the part takes that statements of the other bind. */
  private taken(loop: For, part: Part, other: Part): readonly Value[] {
    const used = usedBy(loop, part, this.isValue);
    return [...other].flatMap((s) => resultsOf(s).filter((v) => used.has(v)));
  }
}

/** Are they updates that may change places? */
const commute = (a: Stmt, b: Stmt): boolean =>
  a.kind === "accum" && b.kind === "accum" && a.op === b.op && [a, b].every((s) => isUnordered(s) || isFreeOrder(s));

/** What statements of the loop take, directly and by way of values, with the bounds of the loops around them. */
export function usedBy(loop: For, stmts: ReadonlySet<Stmt>, isValue: IsValue): ReadonlySet<Value> {
  const used = new Set<Value>();
  const add = (vs: readonly unknown[]): void => {
    for (const v of vs) used.add(v as Value);
  };
  for (const s of stmts) {
    add(usesOf(s));
    if (s.kind === "for" || s.kind === "while" || s.kind === "if") add([...freeIn([s]).scalars]);
  }
  /** Is one of the statements in the block? */
  const visit = (b: Block): boolean => {
    let found = false;
    for (const s of b.stmts.toReversed()) {
      if (isValue(s)) {
        if (used.has(s.result)) add(usesOf(s));
      } else if (stmts.has(s)) found = true;
      else if (s.kind === "for" && visit(s.body)) {
        add([s.lo, s.hi]);
        found = true;
      }
    }
    return found;
  };
  visit(loop.body);
  return used;
}

/** A loop that can be split: in order, and carrying nothing. */
export const isPlain = (s: Stmt): s is For =>
  s.kind === "for" && s.mode === "seq" && s.carried.length === 0 && !s.body.stmts.some((t) => t.kind === "alloc");

/** For each loop of the nest that can be split, those from the root to it. */
export function plainLoops(root: For): readonly (readonly For[])[] {
  const visit = (chain: readonly For[]): readonly (readonly For[])[] => [
    chain,
    ...(chain.at(-1) as For).body.stmts.filter(isPlain).flatMap((s) => visit([...chain, s])),
  ];
  return visit([root]);
}

/** How many loops stand around the innermost statements of the part, the root's included. */
function loopsAround(part: Part, root: For): number {
  const visit = (s: Stmt, inside: boolean): number => {
    const own = inside || part.has(s);
    const inner = Math.max(own ? 0 : -Infinity, ...blocksOf(s).flatMap((b) => b.stmts.map((t) => visit(t, own))));
    return inner + (s.kind === "for" || s.kind === "while" ? 1 : 0);
  };
  return visit(root, false);
}
