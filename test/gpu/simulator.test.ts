/**
 * The kernels in `kernels/` on target simulator, primal and gradient: no finding in any order of threads, and what plain loops give,
 * up to the order of sums.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Unit } from "../../runtime/call.ts";
import { load } from "../../runtime/load.ts";
import type { Case } from "../ad/cases.ts";
import { checkGradient, derivedUnit } from "../ad/check-gradient.ts";
import { flatten } from "../ad/directions.ts";
import { cases } from "./cases.ts";

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

async function outcome(functions: Functions, kernel: string, args: unknown[]): Promise<readonly number[]> {
  const result = await functions[kernel]?.(...args);
  return [...args, result].flatMap((x) => (x === undefined ? [] : flatten(x)));
}

const on = (c: Case, options: { target: "interp" } | { target: "simulator"; seed: number }): Promise<Functions> =>
  load(c.file, { ...options, kernels: [c.kernel] });

for (const c of cases) {
  test(`${c.name} on the simulator is target interp, up to the order of sums`, async () => {
    const expected = await outcome(await on(c, { target: "interp" }), c.kernel, c.args());
    const tolerance = c
      .args()
      .flat()
      .some((row) => row instanceof Float32Array)
      ? 1e-5
      : 1e-12;
    for (const seed of [0, 1, 2]) {
      const actual = await outcome(await on(c, { target: "simulator", seed }), c.kernel, c.args());
      assert.is(actual.length, expected.length);
      actual.forEach((x, i) => {
        const y = expected[i] as number;
        const isNear = Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
        assert.ok(isNear, `seed ${seed}, ${i}: ${x}, on interp ${y}`);
      });
    }
  });
}

const units = new Map<string, Promise<Unit>>();
for (const c of cases) {
  test(`the gradient of ${c.name} is right on the simulator`, async () => {
    const unit = units.get(c.kernel) ?? derivedUnit(c, "vjp", { target: "simulator" });
    units.set(c.kernel, unit);
    await checkGradient(c, await unit);
  });
}

test.run();
