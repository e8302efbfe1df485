/**
 * Says of sums of adjoints that they may be added up in any order, where the mode is `contract`: compilers turn loops into vector
 * code only then. In `strict` they keep the order that they have by now.
 */
import type { Func } from "../ir/ir.ts";
import { mapStmts } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isUnordered } from "./order.ts";

export const freeSums: Pass = funcPass("free-sums", "lets adjoints be summed in any order", (f: Func) => {
  const body = mapStmts(f.body, (s) =>
    s.kind === "accum" && s.mode === "contract" && isUnordered(s) ? { ...s, mode: "reassociate" } : s,
  );
  return body === f.body ? f : { ...f, body };
});
