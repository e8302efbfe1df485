/**
 * Values whose adjoint may be zero because nobody reads them in this run: what only a branch not taken, a loop without trips or the
 * other side of a `select` uses. Such a zero has to stay zero whatever the derivative is, or an infinity that the program
 * computed and dropped would make 0 · ∞ of it.
 */
import type { Operand, Scalar, Stmt } from "../compiler/ir/ir.ts";
import { blocksOf, operandsOf } from "../compiler/ir/walk.ts";
import { isWrite, type Program } from "./program.ts";

export function maskedValues(program: Program): ReadonlySet<Scalar> {
  const masked = new Set<Scalar>();
  /** Notes a use of the value by a statement of that block, which is masked itself or not. */
  const use = (o: Operand, by: Stmt, isMasked: boolean): void => {
    if (o.kind === "const") return;
    const block = program.blockOf(o);
    if (block !== null && (isMasked || block !== program.placeOf(by).block)) masked.add(o);
  };
  // Uses come after what they use.
  for (const s of program.stmts.toReversed()) {
    for (const b of blocksOf(s)) {
      for (const o of b.yields) if (o.kind === "value" && program.blockOf(o) !== b) use(o, s, true);
    }
    if (s.kind === "let") {
      const isMasked = s.expr.kind === "select" || masked.has(s.result);
      for (const o of operandsOf(s.expr)) use(o, s, isMasked);
    } else if (isWrite(s)) use(s.value, s, false);
    else if (s.kind === "for" || s.kind === "while") for (const o of s.inits) use(o, s, false);
  }
  return masked;
}
