/** Updates that can be undone: `x += e` by `x -= e`, where the caller allows that last bits change. */
import type { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import { isConst, isRounded, type Operand } from "../compiler/ir/ir.ts";
import { isLoad, loadOf, type Program, type Write } from "./program.ts";

/** The old value is the new one `op` the operand. */
export interface Inverse {
  readonly op: "add" | "sub";
  readonly by: Operand;
}

const same = (a: Operand, b: Operand): boolean => a === b || (isConst(a) && isConst(b) && a.value === b.value);

/** How a write is undone; null where it is no such update. */
export function inverseOf(
  program: Program,
  analysis: ArrayAnalysis,
  writes: readonly Write[],
  w: Write,
): Inverse | null {
  // An element that was rounded lost more than last bits.
  if (isRounded(w.array)) return null;
  if (w.kind === "accum") return w.op === "add" ? { op: "sub", by: w.value } : null;
  const def = w.value.kind === "value" ? program.defOf(w.value) : null;
  if (def?.kind !== "let" || def.stmt.expr.kind !== "binary") return null;
  const { op, a, b } = def.stmt.expr;
  if (op !== "add" && op !== "sub") return null;
  const isOld = (o: Operand): boolean => {
    const load = o.kind === "value" ? program.defOf(o) : null;
    if (load?.kind !== "let" || !isLoad(load.stmt)) return false;
    const { stmt } = load;
    if (program.placeOf(stmt).block !== program.placeOf(w).block) return false;
    const { array, index } = loadOf(stmt);
    if (array !== w.array || !index.every((i, axis) => same(i, w.index[axis] as Operand))) return false;
    return writes.every((x) => x === w || x.array !== array || !analysis.overwrittenBetween(stmt, x, w).holds);
  };
  if (isOld(a)) return { op: op === "add" ? "sub" : "add", by: b };
  return op === "add" && isOld(b) ? { op: "sub", by: a } : null;
}
