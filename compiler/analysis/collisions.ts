/** Updates of one element by several threads. */
import { type Accum, type For, isFloat, type Stmt } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import type { ArrayAnalysis } from "./dependence.ts";

/** Does the loop have its iterations run by threads? */
export const isByThreads = (s: Stmt): s is For => s.kind === "for" && /^(par|grid|threads)/.test(s.mode);

/** Does what is left after updates like this depend on the order in which they come? */
export const isOrdered = (s: Accum): boolean => s.op !== "min" && s.op !== "max" && isFloat(s.array.type.elem);

/**
 * The first update that may be of the element of `s` in another iteration of a loop, in one iteration of all loops around it: those that
 * threads share as well have collisions of their own, and between iterations of the others there is a barrier.
 */
export function collision(analysis: ArrayAnalysis, s: Accum, loop: For): Accum | null {
  for (const t of walk(loop.body)) {
    if (t.kind === "accum" && t.array === s.array && analysis.meet(s, t, loop, loop).holds) return t;
  }
  return null;
}
