/** Loop transformations by name: those that gradients go through, and those that make kernels of a GPU. */
import type { Pass } from "../pass.ts";
import { distribute } from "./distribute.ts";
import { expandLocals } from "./expand-locals.ts";
import { fission } from "./fission.ts";
import { freeSums } from "./free-sums.ts";
import { gather } from "./gather.ts";
import { interchange } from "./interchange.ts";
import { mapToGpu } from "./map-to-gpu.ts";
import { mergeZeroed } from "./merge-zeroed.ts";
import { parallelise } from "./parallelise.ts";
import { recordChecks } from "./record-checks.ts";
import { freeOrderSums, sums } from "./sums.ts";
import { upward } from "./upward.ts";

export { type Ordered, orderedLoops } from "./parallelise.ts";
export {
  distribute,
  expandLocals,
  fission,
  freeOrderSums,
  freeSums,
  gather,
  interchange,
  mapToGpu,
  mergeZeroed,
  parallelise,
  recordChecks,
  sums,
  upward,
};

/** What gradients go through. */
export const gradientPasses: readonly Pass[] = [distribute, freeSums, gather, interchange, mergeZeroed, sums, upward];

export const passes: Readonly<Record<string, Pass>> = Object.fromEntries(
  [...gradientPasses, expandLocals, fission, freeOrderSums, mapToGpu, parallelise, recordChecks].map((p) => [
    p.name,
    p,
  ]),
);
