/**
 * 200 random programs in `strict` and 40 in each of `contract` and `fast`, and the smallest forms of all that random programs
 * ever found, on every target of this machine (run.ts says against what). A failure prints how to hunt it down: `cli.ts`
 * shrinks it to a file for `regressions/` (regressions.ts).
 */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mode } from "../../compiler/ir/ir.ts";
import { skip } from "../skip.ts";
import { generate } from "./generate.ts";
import { readHeader, regressionSources } from "./regressions.ts";
import { absent, runEverywhere, type Verdict } from "./run.ts";
import { printFiles } from "./tree.ts";

/** Files of ten programs, by mode. */
const files: Readonly<Record<Mode, number>> = { strict: 20, contract: 4, fast: 4 };
const size = 16;
const texts = ({ failures }: Verdict): string[] => failures.map((f) => `${f.kernel} on ${f.runner}: ${f.what}`);

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: target ${target}`, why);

const folder = new URL("./regressions/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
for (const name of readdirSync(folder).sort()) {
  if (name.endsWith("-part.ts")) continue;
  const text = read(name);
  for (const options of readHeader(text)) {
    test(`regression ${name}, ${options.mode}`, async () => {
      const verdict = await runEverywhere(regressionSources(text, read), options);
      assert.equal(texts(verdict), []);
      const { undecided, range } = verdict.coverage;
      assert.is(undecided + range, 0, "calls that could not be compared");
    });
  }
}

for (const [mode, n] of Object.entries(files) as [Mode, number][]) {
  for (let seed = 0; seed < n; seed++) {
    test(`ten programs, seed ${seed}, ${mode}`, async () => {
      const program = generate(seed, { kernels: 10, size, mode });
      const verdict = await runEverywhere(printFiles(program), { mode, traits: program.traits });
      const how = `node --import ./scripts/dev.mjs test/fuzz/cli.ts --seed ${seed} --count 10 --size ${size} --modes ${mode}`;
      assert.equal(texts(verdict), [], `${how}\n${texts(verdict).join("\n")}`);
      const { calls, undecided, range } = verdict.coverage;
      assert.ok(calls >= 2 * (undecided + range), `compares ${calls} calls, and gives up ${undecided} and ${range}`);
    });
  }
}

test("a seed gives the same program each time, and seeds give different ones", () => {
  const text = (seed: number): string => printFiles(generate(seed)).text;
  assert.is(text(7), text(7));
  assert.is.not(text(7), text(8));
});

test.run();
