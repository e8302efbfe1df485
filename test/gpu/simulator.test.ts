/** The test set on target simulator: no finding in any order of threads, and right results. */
import { test } from "uvu";
import { cases } from "./cases.ts";
import { testCases } from "./device-cases.ts";

testCases("simulator", cases, [0, 1, 2]);
test.run();
