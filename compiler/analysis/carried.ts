/** How each trip of a loop moves a variable that the loop carries. */
import { type Block, type For, isInt, type Operand, type Scalar, type While } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";

export type Loop = For | While;

/** Do its iterations run one after another? */
export const isSequential = (loop: Loop): boolean => loop.kind === "while" || loop.mode === "seq";

export interface Step {
  readonly lo: number;
  readonly hi: number;
}

/** By how much `o`, computed in the body, can differ from `c`; through branches that yield it. Null: not known. */
export function stepOf(c: Scalar, o: Operand, body: Block, depth = 4): Step | null {
  if (o === c) return { lo: 0, hi: 0 };
  if (o.kind === "const" || depth === 0) return null;
  for (const s of walk(body)) {
    if (s.kind === "let" && s.result === o) {
      const e = s.expr;
      if (e.kind === "select") return either(c, e.a, e.b, body, depth);
      if (e.kind === "cast" && isInt(e.a.type) && e.to === "index") return stepOf(c, e.a, body, depth - 1);
      if (e.kind !== "binary" || e.b.kind !== "const" || (e.op !== "add" && e.op !== "sub")) return null;
      const by = (e.op === "add" ? 1 : -1) * Number(e.b.value);
      const inner = stepOf(c, e.a, body, depth - 1);
      return inner === null ? null : { lo: inner.lo + by, hi: inner.hi + by };
    }
    if (s.kind === "if") {
      const k = s.results.indexOf(o);
      if (k >= 0) return either(c, s.then.yields[k] as Operand, s.else.yields[k] as Operand, body, depth);
    }
  }
  return null;
}

function either(c: Scalar, a: Operand, b: Operand, body: Block, depth: number): Step | null {
  const x = stepOf(c, a, body, depth - 1);
  const y = stepOf(c, b, body, depth - 1);
  return x === null || y === null ? null : { lo: Math.min(x.lo, y.lo), hi: Math.max(x.hi, y.hi) };
}
