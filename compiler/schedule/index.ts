/** Loop transformations by name: those that gradients go through, and those that make kernels of a GPU. */
import type { Pass } from "../pass.ts";
import { accumulate } from "./accumulate.ts";
import { distribute } from "./distribute.ts";
import { expandArrays } from "./expand-arrays.ts";
import { expandLocals } from "./expand-locals.ts";
import { fission } from "./fission.ts";
import { freeOrderSums } from "./free-order-sums.ts";
import { freeSums } from "./free-sums.ts";
import { gather } from "./gather.ts";
import { interchange } from "./interchange.ts";
import { mapToGpu } from "./map-to-gpu.ts";
import { markAtomics } from "./mark-atomics.ts";
import { mergeZeroed } from "./merge-zeroed.ts";
import { orderUpdates } from "./order-updates.ts";
import { parallelise, paralleliseInOrder } from "./parallelise.ts";
import { recordChecks } from "./record-checks.ts";
import { spillSums } from "./spill-sums.ts";
import { sums } from "./sums.ts";
import { tile } from "./tile.ts";
import { upward } from "./upward.ts";

export { type Shared, sharedLoops } from "./launch-policy.ts";
export { type Ordered, orderedLoops } from "./parallelise.ts";
export { type Untiled, untiledNests } from "./tile.ts";
export {
  accumulate,
  distribute,
  expandArrays,
  expandLocals,
  fission,
  freeOrderSums,
  freeSums,
  gather,
  interchange,
  mapToGpu,
  markAtomics,
  mergeZeroed,
  orderUpdates,
  parallelise,
  paralleliseInOrder,
  recordChecks,
  spillSums,
  sums,
  tile,
  upward,
};

/** What gradients go through. */
export const gradientPasses: readonly Pass[] = [distribute, freeSums, gather, interchange, mergeZeroed, sums, upward];

export const passes: Readonly<Record<string, Pass>> = Object.fromEntries(
  [
    ...gradientPasses,
    accumulate,
    expandArrays,
    expandLocals,
    fission,
    freeOrderSums,
    mapToGpu,
    markAtomics,
    orderUpdates,
    parallelise,
    recordChecks,
    spillSums,
    tile,
  ].map((p) => [p.name, p]),
);
