/** All clean-up passes by name, and the list of them that is always right to run. */
import type { Pass } from "../pass.ts";
import { checkBounds } from "./check-bounds.ts";
import { cse } from "./cse.ts";
import { dce } from "./dce.ts";
import { dropStop } from "./drop-stop.ts";
import { forward } from "./forward.ts";
import { groupWrites } from "./group-writes.ts";
import { inline, inlinePlain } from "./inline.ts";
import { licm } from "./licm.ts";
import { localArrays } from "./local-arrays.ts";
import { lowerMath, lowerMathSingle } from "./lower-math.ts";
import { orderReductions } from "./order-reductions.ts";
import { outline } from "./outline.ts";
import { promote } from "./promote.ts";
import { sequential } from "./sequential.ts";
import { simplify } from "./simplify.ts";
import { versionChecks } from "./version-checks.ts";

export {
  cse,
  dce,
  dropStop,
  forward,
  groupWrites,
  inline,
  inlinePlain,
  licm,
  localArrays,
  lowerMath,
  lowerMathSingle,
  orderReductions,
  outline,
  promote,
  sequential,
  simplify,
  versionChecks,
};

/** What `--print-after` and golden tests call them by. */
export const passes: Readonly<Record<string, Pass>> = {
  ...Object.fromEntries(
    [
      inline,
      inlinePlain,
      dropStop,
      orderReductions,
      sequential,
      localArrays,
      groupWrites,
      simplify,
      promote,
      forward,
      licm,
      cse,
      dce,
      versionChecks,
      lowerMath,
      lowerMathSingle,
      outline,
    ].map((p) => [p.name, p]),
  ),
  "check-bounds": checkBounds("assume"),
  "check-bounds-all": checkBounds("all"),
};

/** Makes no decision about speed; run after `inline`, and again wherever a pass leaves leavings. */
export const cleanup: readonly Pass[] = [
  // First, so that the others compare what is already written the shortest way, and see which subscripts are constant.
  simplify,
  // Before forward: what is no memory any more needs no forwarding.
  promote,
  forward,
  // Again: constants and conditions that went through memory are visible now.
  simplify,
  // Before cse: equal things from several loops meet where they are moved to.
  licm,
  cse,
  // Last: each of the others leaves values that nobody reads.
  dce,
];
