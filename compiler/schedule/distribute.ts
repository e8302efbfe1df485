/**
 * Gives updates that collide in an innermost loop a loop of their own each.
 *
 *   for %i in seq(0, %n) {                        for %i in seq(0, %n) {
 *     %x: f64 = load %X[%i]                         %x: f64 = load %X[%i]
 *     accum add %D[%i], %x                          %r: index = sub %last, %i
 *     %r: index = sub %last, %i             =>      accum add %D[%r], %x
 *     accum add %D[%r], %x                        }
 *   }                                             for %i in seq(0, %n) {
 *                                                   %x: f64 = load %X[%i]
 *                                                   accum add %D[%i], %x
 *                                                 }
 *
 * What one of them adds to an element the other finds there in another iteration, which keeps a compiler from vector code. Adjoints
 * sum in any order, and the loop of the second comes first, so that what it reads is still as it was.
 *
 * Legal where the loop's iterations may run in any order (order.ts), and nothing that stands before a load of the update writes what
 * it reads. Needs: to stand after gather, which finds a better way for neighbours.
 */
import { accessOf } from "../analysis/bounds.ts";
import type { Accum, Block, For, Func, Let, Stmt, Value } from "../ir/ir.ts";
import { copyBlock, mapBlocks, Substitution, usesOf } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isUnordered, Order } from "./order.ts";

export const distribute: Pass = funcPass("distribute", "gives colliding updates a loop each", (f: Func) => {
  const body = inBlock(f.body, new Order(f));
  return body === f.body ? f : { ...f, body };
});

function inBlock(b: Block, order: Order): Block {
  let changed = false;
  const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
    const alone = s.kind === "for" ? collidingIn(s, order) : [];
    if (s.kind !== "for" || alone.length === 0) {
      const out = mapBlocks(s, (inner) => inBlock(inner, order));
      changed ||= out !== s;
      return [out];
    }
    changed = true;
    const rest = s.body.stmts.filter((t) => !alone.includes(t as Accum));
    return [...alone.map((a) => loopOf(s, a)), { ...s, body: { ...s.body, stmts: rest } }];
  });
  return changed ? { stmts, yields: b.yields } : b;
}

/** Updates that collide with one before them, and may have a loop that comes first. */
function collidingIn(loop: For, order: Order): readonly Accum[] {
  const { stmts } = loop.body;
  if (loop.loc.role !== "adjoint" || !stmts.every((s) => s.kind === "let" || accessOf(s) !== null)) return [];
  const updates = stmts.filter((s): s is Accum => s.kind === "accum" && isUnordered(s));
  const collide = (a: Accum, b: Accum): boolean => a.array === b.array && order.collides(a, b, loop);
  const alone: Accum[] = [];
  for (const [k, a] of updates.entries()) {
    // An update of one element throughout is a sum, which needs no loop.
    if (order.collides(a, a, loop)) continue;
    const others = updates.slice(0, k).filter((b) => !alone.includes(b) && !order.collides(b, b, loop));
    if (others.some((b) => collide(b, a)) && isFirst(loop, a, order)) alone.push(a);
  }
  return alone.length > 0 && order.whyOrdered(loop) === null ? alone : [];
}

/** Does what the update takes stay the same when its loop comes first? */
function isFirst(loop: For, a: Accum, order: Order): boolean {
  const { stmts } = loop.body;
  return sliceOf(loop, a).every((load) => {
    if (accessOf(load) === null) return true;
    return stmts
      .slice(0, stmts.indexOf(load))
      .every((s) => accessOf(s) === null || order.whyTogether(s, load) === null);
  });
}

function sliceOf(loop: For, a: Accum): readonly Let[] {
  const used = new Set<unknown>(usesOf(a));
  const slice: Let[] = [];
  for (const s of loop.body.stmts.toReversed()) {
    if (s.kind !== "let" || !used.has(s.result)) continue;
    slice.unshift(s);
    for (const v of usesOf(s) as readonly Value[]) used.add(v);
  }
  return slice;
}

function loopOf(loop: For, a: Accum): For {
  const subst = new Substitution();
  const index = { ...loop.index };
  subst.set(loop.index, index);
  const body = copyBlock({ stmts: [...sliceOf(loop, a), a], yields: [] }, subst);
  return { ...loop, index, inits: [], carried: [], results: [], body };
}
