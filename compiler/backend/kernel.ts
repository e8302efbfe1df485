/** What printers of kernels share: what a kernel does to its arrays, and how its checks are numbered. */

import { type Check, type Func, isRounded, type Value } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import { refuse } from "./codes.ts";

/** The number by which a kernel reports each of its checks: from 1, in program order (artifact.ts). */
export function numberChecks(kernel: Func): ReadonlyMap<Check, number> {
  const checks = new Map<Check, number>();
  for (const s of walk(kernel.body)) if (s.kind === "check") checks.set(s, checks.size + 1);
  return checks;
}

/** The arrays that a kernel reads, and those that it writes. */
export interface ArrayAccess {
  readonly read: ReadonlySet<Value>;
  readonly written: ReadonlySet<Value>;
}

export function arrayAccess(kernel: Func): ArrayAccess {
  const read = new Set<Value>();
  const written = new Set<Value>();
  for (const s of walk(kernel.body)) {
    if (s.kind === "let" && s.expr.kind === "load") read.add(s.expr.array);
    if (s.kind === "accum") read.add(s.array);
    if (s.kind === "accum" || s.kind === "store") written.add(s.array);
  }
  return { read, written };
}

/** @throws CompileError (TG4003) where threads may update one half at the same time. */
export function refuseAtomicHalves(kernel: Func): void {
  for (const s of walk(kernel.body)) {
    if (s.kind !== "accum" || s.atomic !== true || !isRounded(s.array)) continue;
    refuse("TG4003", `several threads may update one element of \`${s.array.hint}\`, which holds f16`, s.loc);
  }
}

/** Has it a `while` that nothing bounds, which may run for ever? */
export function mayNotEnd(kernel: Func): boolean {
  for (const s of walk(kernel.body)) if (s.kind === "while" && s.max === null) return true;
  return false;
}
