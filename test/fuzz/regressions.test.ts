/** The smallest forms of all that random programs ever found, as regressions.ts says how to run them. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../skip.ts";
import { texts } from "./check.ts";
import { runProgram } from "./grad.ts";
import { readHeader, regressionSources } from "./regressions.ts";
import { absent } from "./run.ts";

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: target ${target}`, why);

const folder = new URL("./regressions/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

for (const name of readdirSync(folder).sort()) {
  if (name.endsWith("-part.ts")) continue;
  const text = read(name);
  for (const options of readHeader(text)) {
    test(`${name}, ${options.mode}`, async () => {
      const verdict = await runProgram(regressionSources(text, read), options);
      assert.equal(texts(verdict), []);
      const { undecided, range } = verdict.coverage;
      assert.is(undecided + range, 0, "calls that could not be compared");
    });
  }
}

test.run();
