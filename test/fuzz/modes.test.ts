/** 40 random programs in each of `contract` and `fast`, within the bounds that approx.ts computes. */
import { test } from "uvu";
import { skip } from "../skip.ts";
import { testFiles } from "./check.ts";
import { absent } from "./run.ts";

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: target ${target}`, why);

testFiles(4, "contract");
testFiles(4, "fast");

test.run();
