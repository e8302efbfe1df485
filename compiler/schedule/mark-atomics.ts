/**
 * Makes each update atomic that another thread may make to the same element.
 *
 *   for %i in par(0, %n) {                        for %i in par(0, %n) {
 *     %b: index = load %bin[%i]                     %b: index = load %bin[%i]
 *     accum add %count[%b], 1             =>        accum atomic add %count[%b], 1
 *     accum add %seen[%i], 1                        accum add %seen[%i], 1
 *
 * Needs: to stand after parallelise, and before what makes kernels of parallel loops: there subscripts are the source's still.
 */
import { collision, isByThreads } from "../analysis/collisions.ts";
import { ArrayAnalysis } from "../analysis/dependence.ts";
import { Forms } from "../analysis/polynomial.ts";
import type { Accum, Block, For, Func, Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { threadLoops } from "./launch-policy.ts";

export const markAtomics: Pass = funcPass("mark-atomics", "makes updates atomic that meet others", (f: Func) => {
  if (f.kind !== "func") return f;
  const body = new Marks(f).block(f.body, []);
  return body === f.body ? f : { ...f, body };
});

class Marks {
  private readonly f: Func;
  private readonly forms = new Forms();
  private known: ArrayAnalysis | null = null;

  constructor(f: Func) {
    this.f = f;
    for (const s of walk(f.body)) this.forms.define(s);
  }

  private get analysis(): ArrayAnalysis {
    this.known ??= new ArrayAnalysis(this.f);
    return this.known;
  }

  /** `around` are the loops that threads share, outermost first; `own` the parallel ones of the nest at hand among those. */
  block(b: Block, around: readonly For[], own: ReadonlySet<For> | null = null): Block {
    const stmts = mapList(b.stmts, (s) => this.stmt(s, around, own));
    return stmts === b.stmts ? b : { stmts, yields: b.yields };
  }

  private stmt(s: Stmt, around: readonly For[], own: ReadonlySet<For> | null): Stmt {
    if (s.kind === "accum") return this.meetsOthers(s, around) ? { ...s, atomic: true } : s;
    if (!isByThreads(s)) return mapBlocks(s, (b) => this.block(b, around, own));
    const shared = s.mode === "par" ? (own ?? threadLoops(s, this.forms)) : own;
    const inside = s.mode !== "par" || shared?.has(s) ? [...around, s] : around;
    return mapBlocks(s, (b) => this.block(b, inside, shared));
  }

  private meetsOthers(s: Accum, around: readonly For[]): boolean {
    return around.some((loop) => collision(this.analysis, s, loop) !== null);
  }
}
