/** The accesses of a kernel, by number: how a simulated kernel says where something was wrong. */
import { isThreads } from "../analysis/device-kernel.ts";
import type { Loc } from "../diagnostic.ts";
import type { ArrayValue, Block, Func, Stmt } from "../ir/ir.ts";
import { blocksOf } from "../ir/walk.ts";

export interface Site {
  /** From 1, in program order. */
  readonly number: number;
  readonly array: ArrayValue;
  readonly verb: "read" | "write" | "update" | "atomic update";
  /** Outside of threads loops, where all threads do it. */
  readonly uniform: boolean;
  readonly loc: Loc;
}

/** All loads, stores and accums. */
export function sitesOf(kernel: Func): ReadonlyMap<Stmt, Site> {
  const sites = new Map<Stmt, Site>();
  const visit = (b: Block, uniform: boolean): void => {
    for (const s of b.stmts) {
      const access = accessOf(s);
      if (access !== null) sites.set(s, { ...access, number: sites.size + 1, uniform, loc: s.loc });
      for (const inner of blocksOf(s)) visit(inner, uniform && !isThreads(s));
    }
  };
  visit(kernel.body, true);
  return sites;
}

function accessOf(s: Stmt): Pick<Site, "array" | "verb"> | null {
  if (s.kind === "let" && s.expr.kind === "load") return { array: s.expr.array, verb: "read" };
  if (s.kind === "store") return { array: s.array, verb: "write" };
  return s.kind === "accum" ? { array: s.array, verb: s.atomic === true ? "atomic update" : "update" } : null;
}
