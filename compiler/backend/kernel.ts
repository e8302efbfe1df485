/** What printers of kernels share: what a kernel is given, what it does to its arrays, and how its checks are numbered. */
import { layoutOf } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import type { ArrayValue, Check, Func, Scalar, Value } from "../ir/ir.ts";
import { isArray } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";

/** Something that a kernel is given: where it stands in the argument block, in bytes. */
export type KernelParam =
  | { readonly kind: "array"; readonly value: ArrayValue; readonly at: number }
  | { readonly kind: "size" | "scalar"; readonly value: Scalar; readonly at: number };

/**
 * Parameters in order, each array before its sizes. Arrays may share a size, and it may be a scalar parameter: whoever is
 * the first to mention it brings it.
 */
export function kernelParams(kernel: Func): readonly KernelParam[] {
  const { slots } = layoutOf(kernel);
  const seen = new Set<Value>();
  const first = (v: Value): boolean => !seen.has(v) && seen.add(v) !== null;
  return kernel.params.flatMap((p, k): KernelParam[] => {
    const slot = slots[k] ?? bug("a parameter without a slot");
    if (!isArray(p))
      return slot.kind === "scalar" && first(p) ? [{ kind: "scalar", value: p as Scalar, at: slot.at }] : [];
    if (slot.kind !== "array") return bug(`%${p.hint} has a scalar's slot`);
    const sizes = p.type.dims.flatMap((d, axis): KernelParam[] =>
      d.kind === "value" && first(d) ? [{ kind: "size", value: d, at: slot.sizes + 8 * axis }] : [],
    );
    return [{ kind: "array", value: p, at: slot.pointer }, ...sizes];
  });
}

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
