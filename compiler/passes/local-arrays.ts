/**
 * Gives each thread the arrays that it makes.
 *
 *   for %t in threads.x(0, 64) {               for %t in threads.x(0, 64) {
 *     %w: f64[4] = alloc                =>       %w: f64[4] @local = alloc
 *     …                                          …
 *
 * Needs: everything inlined, since the arrays of a called function are those of the thread that calls it; and sizes folded, since
 * only an array of constant size can be a thread's own.
 */
import { type ArrayValue, type Block, isConst, type Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList, Substitution } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const localArrays: Pass = funcPass("local-arrays", "gives each thread the arrays that it makes", (f) => {
  const subst = new Substitution();
  const body = inBlock(f.body, false, subst);
  return body === f.body ? f : { ...f, body: subst.block(body) };
});

function inBlock(b: Block, inThread: boolean, subst: Substitution): Block {
  const stmts = mapList(b.stmts, (s): Stmt => {
    if (s.kind !== "alloc") {
      const isThread = inThread || (s.kind === "for" && s.mode.startsWith("threads"));
      return mapBlocks(s, (inner) => inBlock(inner, isThread, subst));
    }
    const { type } = s.result;
    if (!inThread || type.space !== "global" || !type.dims.every((d) => isConst(d))) return s;
    const own: ArrayValue = { ...s.result, type: { ...type, space: "local" } };
    subst.setArray(s.result, own);
    return { ...s, result: own };
  });
  return stmts === b.stmts ? b : { ...b, stmts };
}
