/** Differentiation: from a kernel in the IR to its gradient kernels in the IR. */
import type { Derivative } from "../compiler/artifact.ts";
import type { Func, Module } from "../compiler/ir/ir.ts";
import { forwardMode } from "./forward.ts";
import { type DerivativeRequest, resolve, type Signature } from "./request.ts";
import { reverseMode } from "./reverse.ts";

export type { DerivativeRequest, Signature } from "./request.ts";

/**
 * The derivative of one function of a module of stage `loop`, everything inlined and its accesses proven or checked: a module
 * of what has been made of it. The function itself is not in there.
 *
 * @throws CompileError (TG2…) where there is no derivative, or none that could be right.
 */
export function differentiate(
  m: Module,
  f: Func,
  signature: Signature,
  request: DerivativeRequest,
): { readonly module: Module; readonly derivative: Derivative; readonly name: string } {
  const { wanted, wrt, of, nameOf } = resolve(request, f, signature);
  const name = `${f.name}_${request.kind}`;
  const role = request.kind === "jvp" ? "tangent" : "adjoint";
  const made = request.kind === "jvp" ? forwardMode(f, wanted, name) : reverseMode(f, wanted, name);
  const leaf = (v: Parameters<typeof nameOf>[0]) => ({ leaf: nameOf(v), role }) as const;
  return {
    module: { stage: m.stage, funcs: [made.func] },
    derivative: {
      kind: request.kind,
      kernel: f.name,
      wrt,
      of,
      extra: made.extra.map(leaf),
      results: made.results.map(leaf),
    },
    name,
  };
}
