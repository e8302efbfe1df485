/** Loop transformations by name, and those that gradients go through. */
import type { Pass } from "../pass.ts";
import { distribute } from "./distribute.ts";
import { freeSums } from "./free-sums.ts";
import { gather } from "./gather.ts";
import { interchange } from "./interchange.ts";
import { mergeZeroed } from "./merge-zeroed.ts";
import { sums } from "./sums.ts";
import { upward } from "./upward.ts";

export { distribute, freeSums, gather, interchange, mergeZeroed, sums, upward };

export const passes: Readonly<Record<string, Pass>> = Object.fromEntries(
  [distribute, freeSums, gather, interchange, mergeZeroed, sums, upward].map((p) => [p.name, p]),
);
