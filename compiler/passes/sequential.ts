/**
 * Runs on one thread what several would run: parallel loops in program order, and the arrays of a workgroup or a thread in memory
 * that outlives it.
 *
 *   for %b in grid.x(0, %n) {                  for %b in seq(0, %n) {
 *     %s: f64[64] @shared = alloc                %s: f64[64] = alloc
 *     for %t in threads.x(0, 64) {       =>      for %t in seq(0, 64) {
 *       …                                          …
 *     }                                          }
 *   }                                          }
 *
 * That is what such a program does in plain JavaScript. An `alloc` zeroes its array each time it runs, so every workgroup finds
 * its own as it expects it.
 *
 * Needs: everything inlined, so that arrays of a space are passed to nobody. Stands before the clean-ups: elements that loops
 * reduce into are values again where nobody else runs.
 */
import type { ArrayValue, Block, Stmt } from "../ir/ir.ts";
import { mapStmts, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const sequential: Pass = funcPass("sequential", "runs parallel loops in program order, on one thread", (f) => {
  const body = inProgramOrder(f.body);
  return body === f.body ? f : { ...f, body };
});

/** The block with all its loops in order, and its arrays in memory. */
export const inProgramOrder = (b: Block): Block =>
  inGlobalMemory(mapStmts(b, (s): Stmt => (s.kind === "for" && s.mode !== "seq" ? { ...s, mode: "seq" } : s)));

function inGlobalMemory(b: Block): Block {
  const subst = new Substitution();
  const made = new Set<ArrayValue>();
  for (const s of walk(b)) {
    if (s.kind !== "alloc" || s.result.type.space === "global") continue;
    const array: ArrayValue = { ...s.result, type: { ...s.result.type, space: "global" } };
    subst.setArray(s.result, array);
    made.add(array);
  }
  if (made.size === 0) return b;
  const body = mapStmts(b, (s): Stmt => {
    if (s.kind !== "alloc") return s;
    const array = subst.array(s.result);
    return array === s.result ? s : { ...s, result: array };
  });
  return subst.block(body);
}
