/**
 * Whether the iterations of a loop may run in another order, and what says that they may not.
 *
 * Contributions to an adjoint are a set until they are added up: `accum add` of role `adjoint` commutes with its like, and a
 * loop that carries nothing but such a sum carries no order. Every other dependence counts, so a loop without order does the
 * same in any, but for the rounding of these sums; what they round to is settled here, where the order is, the same for all targets.
 */
import { type Answer, ArrayAnalysis } from "../analysis/dependence.ts";
import { readsOf, writesOf } from "../analysis/effects.ts";
import type { For, Func, Let, Stmt } from "../ir/ir.ts";
import { usesOf, walk } from "../ir/walk.ts";

/** A sum that may be added up in any order, as far as its terms do not depend on it. */
export const isUnordered = (s: Stmt): boolean => s.kind === "accum" && s.op === "add" && s.loc.role === "adjoint";

const touches = (s: Stmt): boolean => readsOf(s).length > 0 || writesOf(s).length > 0;

export class Order {
  private readonly func: Func;
  private analysis: ArrayAnalysis | null = null;
  private readonly answers = new Map<For, string | null>();

  constructor(func: Func) {
    this.func = func;
  }

  /** Why the loop's iterations must run as they do; null where any order does. */
  whyOrdered(loop: For): string | null {
    const known = this.answers.get(loop);
    if (known !== undefined) return known;
    const why = this.reason(loop);
    this.answers.set(loop, why);
    return why;
  }

  /** Do the two accesses touch one element in the same iteration of the loops around both, so that their order counts? */
  whyTogether(a: Stmt, b: Stmt): string | null {
    return this.conflict(a, b, (analysis) => analysis.together(a, b));
  }

  /** Do the two accesses touch one element in different iterations of the loop, so that their order counts? */
  whyCarried(a: Stmt, b: Stmt, loop: For): string | null {
    return this.conflict(a, b, (analysis) => analysis.carried(a, b, loop));
  }

  /** Do two different iterations of the loop touch one element by the two accesses, whether or not their order counts? */
  collides(a: Stmt, b: Stmt, loop: For): boolean {
    this.analysis ??= new ArrayAnalysis(this.func);
    return this.analysis.carried(a, b, loop).holds;
  }

  private conflict(a: Stmt, b: Stmt, ask: (analysis: ArrayAnalysis) => Answer): string | null {
    if (isUnordered(a) && isUnordered(b)) return null;
    if (writesOf(a).length === 0 && writesOf(b).length === 0) return null;
    this.analysis ??= new ArrayAnalysis(this.func);
    const { holds, why } = ask(this.analysis);
    return holds ? why : null;
  }

  private reason(loop: For): string | null {
    if (loop.mode !== "seq") return `the loop is ${loop.mode}`;
    if (loop.carried.some((_, i) => sumOf(loop, i) === null))
      return "the loop carries a value from iteration to iteration";
    const accesses: Stmt[] = [];
    for (const s of walk(loop.body)) {
      if (s.kind === "while" || s.kind === "check" || s.kind === "call") return `the loop has a ${s.kind}`;
      if (touches(s)) accesses.push(s);
    }
    for (const [i, a] of accesses.entries()) {
      for (const b of accesses.slice(i)) {
        const why = this.whyCarried(a, b, loop);
        if (why !== null) return why;
      }
    }
    return null;
  }
}

/** The addition by which the loop carries a sum of adjoints there, and nothing else; null for other values. */
export function sumOf(loop: For, at: number): Let | null {
  const [carried, next] = [loop.carried[at], loop.body.yields[at]];
  const add = loop.body.stmts.find((s) => s.kind === "let" && s.result === next);
  if (add?.kind !== "let" || add.loc.role !== "adjoint") return null;
  if (add.expr.kind !== "binary" || add.expr.op !== "add") return null;
  if ((add.expr.a === carried) === (add.expr.b === carried)) return null;
  const isOther = (v: unknown): boolean => v === carried || v === next;
  for (const s of walk(loop.body)) if (s !== add && usesOf(s).some(isOther)) return null;
  return loop.body.yields.some((v, k) => k !== at && isOther(v)) ? null : add;
}
