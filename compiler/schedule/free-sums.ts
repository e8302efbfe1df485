/**
 * Says of sums of adjoints that they may be added up in any order, where the mode is `contract`: compilers turn loops into vector
 * code only then. In `strict` they keep the order that they have by now.
 */
import { type Func, isFloat, type Stmt } from "../ir/ir.ts";
import { mapStmts, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isUnordered, sumOf } from "./order.ts";

export const freeSums: Pass = funcPass("free-sums", "lets adjoints be summed in any order", (f: Func) => {
  const adds = new Set<Stmt>();
  for (const s of walk(f.body)) {
    if (s.kind === "for") s.carried.forEach((_, k) => void adds.add(sumOf(s, k) ?? s));
  }
  const body = mapStmts(f.body, (s) => {
    if (s.kind === "accum") {
      const isFree = s.mode === "contract" && isFloat(s.array.type.elem) && isUnordered(s);
      return isFree ? { ...s, mode: "reassociate" } : s;
    }
    if (
      s.kind !== "let" ||
      !adds.has(s) ||
      !isFloat(s.result.type) ||
      s.expr.kind !== "binary" ||
      s.expr.mode !== "contract"
    )
      return s;
    return { ...s, expr: { ...s.expr, mode: "reassociate" } };
  });
  return body === f.body ? f : { ...f, body };
});
