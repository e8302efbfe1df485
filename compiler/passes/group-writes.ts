/**
 * Lets one thread write what a workgroup writes as a whole: outside of its loops over threads.
 *
 *   for %b in grid.x(0, %n) {                  for %b in grid.x(0, %n) {
 *     store %s[0], 1f64                          for %t in threads.x(0, 1) {
 *     for %t in threads.x(0, 64) {       =>        store %s[0], 1f64
 *       …                                        }
 *     }                                          for %t in threads.x(0, 64) { … }
 *   }                                          }
 *
 * Where that loop ends, the others wait: they read what was written, and an update happens once. Such writes are the program's own,
 * those of variables that threads reduce into, and those of sums of adjoints.
 *
 * Needs: everything inlined. Stands after differentiation, which makes some of them.
 */
import { Builder } from "../ir/build.ts";
import { type Block, indexConst, type Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const groupWrites: Pass = funcPass("group-writes", "lets one thread write what a workgroup writes", (f) => {
  const body = inBlock(f.body, false);
  return body === f.body ? f : { ...f, body };
});

/** `inGroup`: inside of a grid loop, and outside of its loops over threads. */
function inBlock(b: Block, inGroup: boolean): Block {
  const stmts = mapList(b.stmts, (s): Stmt => {
    if (inGroup && (s.kind === "store" || s.kind === "accum")) return byOneThread(s);
    const mode = s.kind === "for" ? s.mode : "seq";
    const isGroup = mode.startsWith("grid") || (inGroup && !mode.startsWith("threads"));
    return mapBlocks(s, (inner) => inBlock(inner, isGroup));
  });
  return stmts === b.stmts ? b : { ...b, stmts };
}

function byOneThread(s: Stmt): Stmt {
  const b = new Builder(s.loc);
  b.for("t", "threads.x", indexConst(0), indexConst(1), [], (inner) => {
    inner.stmts.push(s);
    return [];
  });
  return b.stmts[0] as Stmt;
}
