/**
 * Gives parts of a loop nest a nest each, where more of their loops are parallel by themselves.
 *
 *   for %i in seq(0, %n) {                             for %i in seq(0, %n) {              %i is parallel here,
 *     for %j in seq(0, %m) {                             for %j in seq(0, %m) {
 *       accum add %s[%i], …                                accum add %s[%i], …
 *       accum add %y[%j], …                   =>         }
 *     }                                                }
 *   }                                                  for %i in seq(0, %n) {
 *                                                        for %j in seq(0, %m) {            and %j here
 *                                                          accum add %y[%j], …
 *
 * Values beside the parts are computed in each that takes them. Parts run in the order of
 * their dependences; those that depend on each other in a circle stay together (Allen and Kennedy, Automatic translation of Fortran
 * programs to vector form, 1987), and so do neighbours that would have no more parallel loops apart.
 *
 * Needs: to stand before parallelise.
 */
import { bug } from "../diagnostic.ts";
import type { Block, For, Func, Stmt, Value } from "../ir/ir.ts";
import { copyBlock, mapBlocks, resultsOf, Substitution, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { conflict, Independence, isAccess } from "./independence.ts";
import { freeIn } from "./kernel-func.ts";

export const fission: Pass = funcPass("fission", "splits loop nests where their parts are more parallel", (f: Func) => {
  if (f.kind !== "func") return f;
  const body = new Fission(f).block(f.body);
  return body === f.body ? f : { ...f, body };
});

/** Statements of a nest that stay together, each with all that stands in it. */
type Part = ReadonlySet<Stmt>;

class Fission {
  private readonly loops: Independence;
  private readonly order: ReadonlyMap<Stmt, number>;

  constructor(f: Func) {
    this.loops = new Independence(f);
    this.order = new Map([...walk(f.body)].map((s, k) => [s, k]));
  }

  private at(s: Stmt): number {
    return this.order.get(s) ?? bug("a statement that is not in the function");
  }

  block(b: Block): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const out = s.kind === "for" && isPlain(s) ? this.nest(s) : [mapBlocks(s, (inner) => this.block(inner))];
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private nest(root: For): readonly Stmt[] {
    const finest = this.partsOf(root);
    const parts = finest.length === 1 ? finest : this.joined(root, finest);
    if (parts.length > 1) {
      return parts.map(
        (part) => copyBlock({ stmts: [restricted(root, part)], yields: [] }, new Substitution()).stmts[0] as Stmt,
      );
    }
    // What is parallel as it stands is left alone; what is in order is looked at for each of its iterations.
    return this.depth(root, root, new Set(walk(root.body))) > 0 ? [root] : [mapBlocks(root, (b) => this.block(b))];
  }

  /** Neighbours that are no better apart go together. */
  private joined(root: For, finest: readonly Part[]): readonly Part[] {
    const parts: Part[] = [];
    for (const part of finest) {
      const last = parts.at(-1);
      const both = last === undefined ? null : new Set([...last, ...part]);
      if (last !== undefined && both !== null) {
        const [a, b, together] = [last, part, both].map((p) => this.depth(root, root, p)) as [number, number, number];
        if (together >= Math.max(a, b)) {
          parts[parts.length - 1] = both;
          continue;
        }
      }
      parts.push(part);
    }
    const whole = this.depth(root, root, new Set(finest.flatMap((p) => [...p])));
    return parts.some((p) => this.depth(root, root, p) > whole) ? parts : [new Set(finest.flatMap((p) => [...p]))];
  }

  /** How many of the loops of the nest are parallel, if only this part of it ran. */
  private depth(loop: For, root: For, part: Part): number {
    const accesses = [...walk(loop.body)].filter((s) => part.has(s) || s.kind === "let");
    const used = usedBy(loop, part);
    const own =
      this.loops.whyOrdered(
        loop,
        root,
        accesses.filter((s) => s.kind !== "let" || used.has(s.result)),
      ) === null
        ? 1
        : 0;
    const inside = loop.body.stmts.filter(
      (s) => s.kind !== "let" && [...walk({ stmts: [s], yields: [] })].some((t) => part.has(t)),
    );
    const [inner, more] = inside;
    if (inner?.kind !== "for" || more !== undefined || !isPlain(inner)) return own;
    return own + this.depth(inner, root, part);
  }

  /** The finest parts that the loop may be split into, in an order in which they may run. */
  private partsOf(loop: For): readonly Part[] {
    const children = loop.body.stmts.filter((s) => s.kind !== "let");
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
      for (const k of circle) done.add(k);
      groups.push(new Set(circle.flatMap((k) => [...(pieces[k] as { part: Part }).part])));
    }
    return groups;
  }

  /** Does something of the first part have to run before something of the other? */
  private precedes(loop: For, one: Part, other: Part): boolean {
    // What one computes stays with what takes it, either way.
    if (takes(loop, other, one) || takes(loop, one, other)) return true;
    const { analysis } = this.loops;
    const later = this.accesses(loop, other);
    return this.accesses(loop, one).some((x) =>
      later.some((y) => {
        if (x === y || !conflict(x, y)) return false;
        return analysis.follows(x, y, loop).holds || (this.at(x) < this.at(y) && analysis.together(x, y).holds);
      }),
    );
  }

  /** The accesses of a part, with those of the values that it takes. */
  private accesses(loop: For, part: Part): readonly Stmt[] {
    const used = usedBy(loop, part);
    return [...walk(loop.body)].filter((s) => isAccess(s) && (part.has(s) || (s.kind === "let" && used.has(s.result))));
  }
}

/** Does the part take what statements of the other bind? */
function takes(loop: For, part: Part, other: Part): boolean {
  const used = usedBy(loop, part);
  return [...other].some((s) => resultsOf(s).some((v) => used.has(v)));
}

/** Values that the part takes, directly and by way of others. */
function usedBy(loop: For, part: Part): ReadonlySet<Value> {
  const used = new Set<Value>();
  const add = (vs: readonly unknown[]): void => {
    for (const v of vs) used.add(v as Value);
  };
  for (const s of part) {
    add(usesOf(s));
    if (s.kind === "for" || s.kind === "while" || s.kind === "if") add([...freeIn([s]).scalars]);
  }
  const visit = (b: Block): void => {
    for (const s of b.stmts.toReversed()) {
      if (s.kind === "let") {
        if (used.has(s.result)) add(usesOf(s));
      } else if (s.kind === "for") {
        add([s.lo, s.hi]);
        visit(s.body);
      }
    }
  };
  visit(loop.body);
  return used;
}

/** A loop that can be split: in order, and carrying nothing. */
const isPlain = (s: For): boolean =>
  s.mode === "seq" && s.carried.length === 0 && !s.body.stmts.some((t) => t.kind === "alloc");

/** The loop with nothing in it but the part, and values. */
function restricted(loop: For, part: Part): For {
  const used = usedBy(loop, part);
  const block = (b: Block): Block => ({
    stmts: b.stmts.flatMap((s): readonly Stmt[] => {
      if (s.kind === "let") return used.has(s.result) || part.has(s) ? [s] : [];
      if (part.has(s)) return [s];
      if (s.kind !== "for" || !isPlain(s)) return [];
      const inner = block(s.body);
      return inner.stmts.some((t) => t.kind !== "let") ? [{ ...s, body: inner }] : [];
    }),
    yields: b.yields,
  });
  return { ...loop, body: block(loop.body) };
}
