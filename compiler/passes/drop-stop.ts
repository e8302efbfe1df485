/**
 * Puts the operand of every `stop` in its place: who differentiates has seen it by now, to everyone else it is nothing.
 *
 *   %s: f64 = stop %x
 *   %d: f64 = sub %y, %s               =>    %d: f64 = sub %y, %x
 *
 * Needs: to stand after differentiation, and before clean-ups, from which a `stop` would hide that two values are one.
 */
import type { Block, Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList, Substitution } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const dropStop: Pass = funcPass("drop-stop", "puts the operand of every `stop` in its place", (f) => {
  const body = without(f.body, new Substitution());
  return body === f.body ? f : { ...f, body };
});

function without(b: Block, subst: Substitution): Block {
  const stmts: Stmt[] = [];
  for (const before of b.stmts) {
    const s = subst.stmt(before);
    if (s.kind === "let" && s.expr.kind === "unary" && s.expr.op === "stop") subst.set(s.result, s.expr.a);
    else stmts.push(mapBlocks(s, (inner) => without(inner, subst)));
  }
  const yields = mapList(b.yields, subst.operand);
  const same = stmts.length === b.stmts.length && stmts.every((s, i) => s === b.stmts[i]);
  return same && yields === b.yields ? b : { stmts: same ? b.stmts : stmts, yields };
}
