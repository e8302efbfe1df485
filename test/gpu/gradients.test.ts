/** Derivatives of the kernels in `kernels/`, in forward and in reverse mode, against the dual-number oracle. */
import { test } from "uvu";
import type { DerivativeKind } from "../../compiler/artifact.ts";
import type { CompileOptions } from "../../compiler/pipeline.ts";
import type { Unit } from "../../runtime/call.ts";
import type { Case } from "../ad/cases.ts";
import { checkGradient, checkTangents, derivedUnit } from "../ad/check-gradient.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";

type Check = (c: Case, unit: Unit) => Promise<void>;
const ways: readonly (readonly [string, DerivativeKind, Check, Partial<NonNullable<CompileOptions["derivative"]>>])[] =
  [
    ["forward", "jvp", checkTangents, {}],
    ["reverse", "vjp", checkGradient, {}],
    ["reverse, checkpointed", "vjp", checkGradient, { spare: 0 }],
    ["reverse, undone", "vjp", checkGradient, { undo: true }],
  ];

for (const [name, kind, check, strategy] of ways) {
  const units = new Map<string, Promise<Unit>>();
  for (const c of cases) {
    test(`${name}: ${c.name}`, async () => {
      const derivative = { kind, kernel: c.kernel, ...strategy };
      const unit = units.get(c.kernel) ?? derivedUnit(c, kind, { derivative });
      units.set(c.kernel, unit);
      await check(c, await unit);
    });
  }
}

/** One of each kind, on what is compiled to machine code. */
const compiled = ["matmul/tiled 0", "reduction/histogram 0", "stencil/twice 0", "local/phases 0", "local/softmax 0"];
for (const target of presentTargets) {
  // Node runs no derivatives.
  if (target === "node" || target === "interp") continue;
  for (const c of cases.filter(({ name }) => compiled.includes(name))) {
    test(`reverse, ${target}: ${c.name}`, async () => checkGradient(c, await derivedUnit(c, "vjp", { target })));
  }
}
for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`gradients of gpu kernels: ${target}`, why);

test.run();
