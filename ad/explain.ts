/** The account of reverse mode (report.ts): it asks the plan and the analysis what they decided, and decides nothing itself. */
import { collisionsIn } from "./collisions.ts";
import { memoryOf } from "./memory.ts";
import { neededValues } from "./needed-values.ts";
import type { Pair } from "./pair.ts";
import type { Decisions } from "./report.ts";
import { SourceText } from "./source-text.ts";

export function explain(pair: Pair): Omit<Decisions, "checkpoints"> {
  const text = new SourceText(pair.program);
  const { values, replayed } = neededValues(pair, text);
  return { ...memoryOf(pair, text, replayed), values, collisions: collisionsIn(pair, text) };
}
