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
import type { Accum, Block, For, Func, Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const markAtomics: Pass = funcPass("mark-atomics", "makes updates atomic that meet others", (f: Func) => {
  if (f.kind !== "func") return f;
  const body = new Marks(f).block(f.body, []);
  return body === f.body ? f : { ...f, body };
});

class Marks {
  private readonly f: Func;
  private known: ArrayAnalysis | null = null;

  constructor(f: Func) {
    this.f = f;
  }

  private get analysis(): ArrayAnalysis {
    this.known ??= new ArrayAnalysis(this.f);
    return this.known;
  }

  /** `around` are the loops whose iterations may run at the same time, outermost first. */
  block(b: Block, around: readonly For[]): Block {
    const stmts = mapList(b.stmts, (s) => this.stmt(s, around));
    return stmts === b.stmts ? b : { stmts, yields: b.yields };
  }

  private stmt(s: Stmt, around: readonly For[]): Stmt {
    if (s.kind === "accum") return this.meetsOthers(s, around) ? { ...s, atomic: true } : s;
    return mapBlocks(s, (b) => this.block(b, isByThreads(s) ? [...around, s] : around));
  }

  private meetsOthers(s: Accum, around: readonly For[]): boolean {
    return around.some((loop) => collision(this.analysis, s, loop) !== null);
  }
}
