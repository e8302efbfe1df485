/**
 * Runs in order what threads reduce into one element by anything but sums, for differentiation.
 *
 *   for %b in grid.x(0, %n) {                      for %b in seq(0, %n) {
 *     %m: f64[1] @shared = alloc                     %m: f64[1] = alloc
 *     for %t in threads.x(0, 64) {           =>      for %t in seq(0, 64) {
 *       accum max %m[0], …                             accum max %m[0], …
 *
 * Which iteration an extremum comes from, and what a product was before each factor, decides the derivative: these are an order,
 * the program's. A `parallel` loop becomes an ordinary one; a nest of workgroups becomes what it is in plain JavaScript, since its
 * threads know no order. Schedules find again what of it is parallel. Sums, whose derivative is the same for all terms, stay.
 *
 * Needs: everything inlined. Stands before differentiation, which takes these updates for a load, an operation and a store.
 */
import { collision, isByThreads } from "../analysis/collisions.ts";
import { ArrayAnalysis } from "../analysis/dependence.ts";
import type { Accum, Block, For, Func, Stmt } from "../ir/ir.ts";
import { blocksOf, mapBlocks, mapList, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { inProgramOrder } from "./sequential.ts";

export const orderReductions: Pass = funcPass(
  "order-reductions",
  "runs in order what threads reduce by other than sums",
  (f: Func) => {
    if (f.kind !== "func" || ![...walk(f.body)].some(isReduction)) return f;
    const analysis = new ArrayAnalysis(f);
    const inBlock = (b: Block): Block => {
      const stmts = mapList(b.stmts, (s): Stmt => (isByThreads(s) ? inNest(s, analysis) : mapBlocks(s, inBlock)));
      return stmts === b.stmts ? b : { stmts, yields: b.yields };
    };
    const body = inBlock(f.body);
    return body === f.body ? f : { ...f, body };
  },
);

/** Is it an update whose derivative depends on the order? */
const isReduction = (s: Stmt): s is Accum => s.kind === "accum" && s.op !== "add";

/** A nest whose outermost loop threads run. */
function inNest(root: For, analysis: ArrayAnalysis): Stmt {
  const found = new Set<For>();
  collect({ stmts: [root], yields: [] }, [], analysis, found);
  if (found.size === 0) return root;
  if (root.mode !== "par") return inProgramOrder({ stmts: [root], yields: [] }).stmts[0] as Stmt;
  const inOrder = (s: Stmt): Stmt => {
    const own = mapBlocks(s, (b) => ({ ...b, stmts: b.stmts.map(inOrder) }));
    return own.kind === "for" && found.has(s as For) ? { ...own, mode: "seq" } : own;
  };
  return inOrder(root);
}

/** `found` gets the loops that threads share two iterations of which may reduce into one element. */
function collect(b: Block, around: readonly For[], analysis: ArrayAnalysis, found: Set<For>): void {
  for (const s of b.stmts) {
    const inside = isByThreads(s) ? [...around, s] : around;
    for (const inner of blocksOf(s)) collect(inner, inside, analysis, found);
    if (!isReduction(s)) continue;
    for (const loop of around) if (!found.has(loop) && collision(analysis, s, loop) !== null) found.add(loop);
  }
}
