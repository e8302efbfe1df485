/**
 * How many trips a `while` makes at most that divides a number in each of them, as tree reductions do:
 *
 *   while with %half = 128 { %more: bool = gt %half, 0  yield %more } do { …  %next: index = floordiv %half, 2  yield %next }
 */
import { isInt, type Let, type Operand, type Scalar, type While } from "../ir/ir.ts";

/** Null where no variable of the loop is seen to shrink so from a constant. */
export function halvings(s: While): number | null {
  for (const [k, c] of s.carried.entries()) {
    const [init, next] = [s.inits[k], defined(s.body.stmts, s.body.yields[k])];
    const least = leastOf(s, c);
    if (init?.kind !== "const" || !isInt(c.type) || least === null || least < 1) continue;
    if (next?.expr.kind !== "binary" || next.expr.op !== "floordiv" || next.expr.a !== c) continue;
    const by = next.expr.b.kind === "const" ? Number(next.expr.b.value) : 0;
    if (by < 2) continue;
    let trips = 0;
    for (let n = Number(init.value); n >= least; n = Math.floor(n / by)) trips++;
    return trips;
  }
  return null;
}

/** The loop goes on only while the variable is at least this; null where its test does not say. */
function leastOf(s: While, c: Scalar): number | null {
  const visit = (o: Operand | undefined): number | null => {
    const test = defined(s.cond.stmts, o)?.expr;
    if (test?.kind === "binary" && test.op === "and") return visit(test.a) ?? visit(test.b);
    if (test?.kind !== "compare" || test.a !== c || test.b.kind !== "const") return null;
    const bound = Number(test.b.value);
    return test.op === "gt" ? bound + 1 : test.op === "ge" ? bound : null;
  };
  return visit(s.cond.yields[0]);
}

const defined = (stmts: While["body"]["stmts"], o: Operand | undefined): Let | undefined =>
  stmts.find((s): s is Let => s.kind === "let" && s.result === o);
