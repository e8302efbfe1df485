/** Which adjoint updates may hit one element from two iterations: those of reads whose index map is not injective. */
import type { Pair } from "./pair.ts";
import { isLoad, loadOf } from "./program.ts";
import type { Collision } from "./report.ts";
import type { SourceText } from "./source-text.ts";

/** In the order of the source. */
export function collisionsIn({ program, activity, analysis }: Pair, text: SourceText): readonly Collision[] {
  const found = new Map<string, Collision>();
  for (const s of program.stmts) {
    if (!isLoad(s) || !activity.isActive(s.result)) continue;
    const { array, index } = loadOf(s);
    const loops = program.loopsAround(s);
    const { holds, why } = analysis.injective(s, loops);
    if (holds) continue;
    const indices = loops.map((l) => (l.kind === "for" ? l.index.hint : `trip of line ${l.loc.span.line}`));
    const map = `(${indices.join(", ")}) → [${index.map((o) => text.of(o)).join(", ")}]`;
    const key = `${array.hint} ${s.loc.span.line} ${map}`;
    if (!found.has(key)) found.set(key, { array: array.hint, at: s.loc.span, map, why });
  }
  return [...found.values()].sort((a, b) => a.at.line - b.at.line);
}
