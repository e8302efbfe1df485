/**
 * Bugs planted in compiled programs are found in every mode: the bounds of `contract` and `fast` let rounding through, and
 * little else.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Artifact } from "../../compiler/artifact.ts";
import { compile } from "../../compiler/index.ts";
import type { Mode, Module } from "../../compiler/ir/ir.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { generate } from "./generate.ts";
import { difference, launches } from "./inputs.ts";
import { type Bug, bugs, planted } from "./planted.ts";
import { type Expected, type Outcome, type Run, shadowRunner, unitRunner } from "./runners.ts";
import { printProgram } from "./tree.ts";

const compileFor = async (text: string, mode: Mode): Promise<{ artifact: Artifact; loops: Module }> => {
  const after: Module[] = [];
  const trace = (t: { readonly after: Module }): void => void after.push(t.after);
  const artifact = await compile({ file: "/fuzz/program.ts", text }, { target: "interp", mode, trace });
  return { artifact, loops: after[0] as Module };
};

const runOf = async (artifact: Artifact): Promise<Run> => unitRunner(await loadUnit(artifact, async () => artifact));

/** Does what came out differ: from what is expected, within its slack, or to the bit? */
function differs(
  got: Outcome,
  expected: Outcome,
  slack: Extract<Expected, { slack: unknown }>["slack"] | null,
): boolean {
  if ("error" in got || "error" in expected) return "error" in got !== "error" in expected;
  return (
    difference(got.args, expected.args, "", slack?.args ?? null) !== null ||
    difference(got.result, expected.result, "", slack?.result ?? null) !== null
  );
}

for (const mode of ["contract", "fast"] as const) {
  test(`planted bugs that change a result are found in ${mode}`, async () => {
    const tallies = Object.keys(bugs).map((name) => ({ name, seen: 0, found: 0 }));
    const launch = { ...(launches[0] as (typeof launches)[number]), tame: true };
    for (let seed = 0; seed < 20; seed++) {
      const { artifact, loops } = await compileFor(printProgram(generate(seed, { kernels: 3, size: 12, mode })), mode);
      const [run, oracle] = [await runOf(artifact), shadowRunner(artifact, loops)];
      for (const entry of artifact.entries) {
        const expected = await oracle(entry, launch);
        if (!("slack" in expected)) continue;
        const right = await run(entry, launch);
        assert.not(differs(right, expected, expected.slack), `${entry.name} of seed ${seed} is right`);
        for (const tally of tallies) {
          for (let which = 0; which < 4; which++) {
            const kernel = only(artifact.program, entry.name);
            const wrong = planted(kernel, bugs[tally.name] as Bug, which);
            if (wrong === null) break;
            const got = await (await runOf({ ...artifact, program: wrong }))(entry, launch);
            if (differs(got, right, null)) tally.seen++;
            if (differs(got, expected, expected.slack)) tally.found++;
          }
        }
      }
    }
    for (const { name, seen, found } of tallies) {
      assert.ok(seen >= 8, `${name}: planted where it shows ${seen} times`);
      assert.ok(found >= 0.9 * seen, `${name}: found ${found} of ${seen}`);
    }
  });
}

/** The entry's launch program, and the kernels that it launches. */
function only(m: Module, entry: string): Module {
  const host = m.funcs.find((f) => f.name === entry);
  const launched = new Set(
    [...walk(host?.body ?? { stmts: [], yields: [] })].flatMap((s) => (s.kind === "launch" ? [s.callee] : [])),
  );
  return { ...m, funcs: m.funcs.filter((f) => f === host || launched.has(f.name)) };
}

test.run();
