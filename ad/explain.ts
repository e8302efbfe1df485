/**
 * The account of reverse mode (report.ts): it asks the plan and the analysis what they decided, and decides nothing itself.
 */
import type { Decisions } from "./report.ts";
import { collisionsIn } from "./collisions.ts";
import { memoryOf } from "./memory.ts";
import type { Pair } from "./pair.ts";
import { SourceText } from "./source-text.ts";
import { NeededValues } from "./needed-values.ts";

export function explain(pair: Pair): Decisions {
  const text = new SourceText(pair.program);
  const needed = new NeededValues(pair, text).run();
  return { ...memoryOf(pair, text, needed.replayed), values: needed.values, collisions: collisionsIn(pair, text) };
}
