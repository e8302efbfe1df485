/** The kernels that gradients have been wrong on elsewhere, in forward and in reverse mode, against the dual-number oracle. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DerivativeKind } from "../../compiler/artifact.ts";
import type { Unit } from "../../runtime/call.ts";
import { type Case, cases, files } from "./cases.ts";
import { checkGradient, checkTangents, derivedUnit } from "./check-gradient.ts";

const modes: readonly (readonly [DerivativeKind, (c: Case, unit: Unit) => Promise<void>])[] = [
  ["jvp", checkTangents],
  ["vjp", checkGradient],
];
for (const [kind, check] of modes) {
  const units = new Map<string, Promise<Unit>>();
  for (const c of cases) {
    test(`${kind}: ${c.name}`, async () => {
      const unit = units.get(c.kernel) ?? derivedUnit(c, kind);
      units.set(c.kernel, unit);
      await check(c, await unit);
    });
  }
}

test("every exported kernel has cases, and every name is one", async () => {
  for (const file of files) {
    const names = Object.keys(await import(`./kernels/${file}.ts`));
    const used = new Set(cases.filter((c) => c.file.pathname.endsWith(`/${file}.ts`)).map((c) => c.kernel));
    assert.equal([...used].sort(), names.sort(), file);
  }
});

test.run();
