/** Bugs planted in gradients are found: the tolerance lets rounding through, and little else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dual } from "../../compiler/dual.ts";
import { compile } from "../../compiler/index.ts";
import type { Module } from "../../compiler/ir/ir.ts";
import { runDerived, runPrimal } from "../../runtime/derivative.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { generateGradients } from "./gradients.ts";
import { argumentsFor, launches } from "./inputs.ts";
import { type Bug, bugs, dropped, gradientParts, planted } from "./planted.ts";
import { noCoverage } from "./run.ts";
import { attempt } from "./runners.ts";
import { printProgram } from "./tree.ts";
import { derivedOf, Trial } from "./trial.ts";

const mistakes: Readonly<Record<string, (m: Module, which: number) => Module | null>> = {
  ...Object.fromEntries(
    Object.entries(bugs).map(([name, bug]) => [name, (m: Module, which: number) => planted(m, bug as Bug, 3 * which)]),
  ),
  ...Object.fromEntries(
    Object.entries(gradientParts).map(([name, is]) => [name, (m: Module, which: number) => dropped(m, is, which)]),
  ),
};

test("planted bugs that change a gradient are found", async () => {
  const launch = { ...(launches[0] as (typeof launches)[number]), smooth: true };
  const tallies = Object.keys(mistakes).map((name) => ({ name, seen: 0, found: 0 }));
  for (let seed = 0; seed < 16; seed++) {
    // Every tenth is in single precision, and held to less.
    if (seed % 10 === 4) continue;
    const source = { file: "/fuzz/program.ts", text: printProgram(generateGradients(seed, { kernels: 2, size: 8 })) };
    const oracle = dual(source);
    const unitOf = async (options: Partial<Parameters<typeof compile>[1]>) => {
      const artifact = await compile(source, { target: "interp", mode: "strict", ...options });
      return loadUnit(artifact, async () => artifact);
    };
    const primal = await unitOf({});
    for (const entry of primal.artifact.entries) {
      const unit = await unitOf({ derivative: { kind: "vjp", kernel: entry.name } });
      const derived = derivedOf(primal, entry, unit);
      const trial = new Trial(entry, derived, argumentsFor(entry.params, launch), seed, oracle, "f64");
      if (!trial.finite) continue;
      const before = await runPrimal(derived, trial.inputs);
      const right = await runDerived(derived, trial.inputs, trial.weights());
      assert.is(trial.compareReverse(right, before, noCoverage()), null, `${entry.name} of seed ${seed} is right`);
      for (const tally of tallies) {
        for (let which = 0; which < 6; which++) {
          const wrong = mistakes[tally.name]?.(unit.artifact.program, which) ?? null;
          if (wrong === null) break;
          const artifact = { ...unit.artifact, program: wrong };
          const done = await attempt(async () =>
            runDerived(
              { ...derived, unit: await loadUnit(artifact, async () => artifact) },
              trial.inputs,
              trial.weights(),
            ),
          );
          const isSeen = "error" in done || trial.sameBits(done.value, right) !== null;
          const isFound = "error" in done || trial.compareReverse(done.value, before, noCoverage()) !== null;
          if (isSeen) tally.seen++;
          if (isFound) tally.found++;
        }
      }
    }
  }
  for (const { name, seen, found } of tallies) {
    assert.ok(seen >= 8, `${name}: planted where it shows ${seen} times`);
    assert.ok(found >= 0.9 * seen, `${name}: found ${found} of ${seen}`);
  }
});

test.run();
