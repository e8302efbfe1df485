/** What a test does with random programs: ten of a seed, on every target of this machine. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mode } from "../../compiler/ir/ir.ts";
import { generate } from "./generate.ts";
import { runEverywhere, type Verdict } from "./run.ts";
import { printFiles } from "./tree.ts";

/** Statements of a kernel: fewer than in hunts, so that the tests are done in a minute. */
const size = 10;

export const texts = ({ failures }: Verdict): string[] => failures.map((f) => `${f.kernel} on ${f.runner}: ${f.what}`);

/** A test for each file of ten programs. A failure prints how to hunt it down: `cli.ts` shrinks it. */
export function testFiles(count: number, mode: Mode): void {
  for (let seed = 0; seed < count; seed++) {
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
