/** 200 random programs in `strict`: on every target of this machine, to the bit (run.ts says against what). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../skip.ts";
import { testFiles } from "./check.ts";
import { generate } from "./generate.ts";
import { absent } from "./run.ts";
import { printFiles } from "./tree.ts";

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: target ${target}`, why);

testFiles(20, "strict");

test("a seed gives the same program each time, and seeds give different ones", () => {
  const text = (seed: number): string => printFiles(generate(seed)).text;
  assert.is(text(7), text(7));
  assert.is.not(text(7), text(8));
});

test.run();
