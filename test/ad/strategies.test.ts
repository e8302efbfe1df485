/**
 * However the reverse sweep gets its values, gradients are the same: the kernels of regressions.test.ts with every tape
 * checkpointed, and with sums undone; and in `strict`, on each target, a checkpointed gradient has the bits of a recorded one.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetName } from "../../compiler/artifact.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { whyNotNative } from "../../runtime/devices/native.ts";
import { jit } from "../../runtime/jit.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";
import { checkGradient, derivedUnit } from "./check-gradient.ts";

for (const [name, strategy] of [
  ["checkpointed", { spare: 0 }],
  ["undone", { undo: true }],
] as const) {
  const units = new Map<string, Promise<Unit>>();
  for (const c of cases) {
    test(`${name}: ${c.name}`, async () => {
      const derivative = { kind: "vjp", kernel: c.kernel, ...strategy } as const;
      const unit = units.get(c.kernel) ?? derivedUnit(c, "vjp", { derivative });
      units.set(c.kernel, unit);
      await checkGradient(c, await unit);
    });
  }
}

const file = new URL("./kernels/steps.ts", import.meta.url);
const trips = [0, 1, 2, 7, 40];
const budgets = [Number.MAX_SAFE_INTEGER, 2000, 500, 0];

async function gradients(target: TargetName, spare: number, n: number): Promise<readonly number[]> {
  const derivative = { kind: "vjp", kernel: "steps", spare } as const;
  const unit = await jit(file, { target, mode: "strict", derivative });
  const x = Float64Array.from({ length: 6 }, (_, i) => Math.sin(1 + 3 * i));
  const d = Float64Array.from(x, (v) => Math.cos(v));
  const returned = (await call(unit, "steps_vjp", [x, n, 0.3, d, 0.7])) as readonly number[];
  return [...d, ...returned];
}

for (const target of ["interp", "wasm", "native"] as const) {
  const why = target === "native" ? whyNotNative() : null;
  const name = `${target}: checkpoints leave the bits of a gradient as they are`;
  if (why !== null) {
    skip(name, why);
    continue;
  }
  test(name, async () => {
    for (const n of trips) {
      const recorded = await gradients(target, budgets[0]!, n);
      assert.ok(recorded.every(Number.isFinite) && recorded.some((g) => g !== 0));
      for (const budget of budgets.slice(1)) {
        assert.equal(await gradients(target, budget, n), recorded, `${n} trips in ${budget} bytes`);
      }
    }
  });
}

test("within a small budget the loop is run in segments", async () => {
  const unit = await jit(file, { target: "interp", derivative: { kind: "vjp", kernel: "steps", spare: 500 } });
  const host = unit.artifact.program.funcs.find((f) => f.kind === "host");
  const copies = [...walk(host!.body)].filter((s) => s.kind === "copy");
  assert.ok(copies.length > 0, "there are no snapshots");
});

test.run();
