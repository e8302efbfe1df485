/** Every operator, cast and accumulation on the edges of its types: each backend against the interpreter. */
import { test } from "uvu";
import { skip } from "../skip.ts";
import { compare } from "./differential.ts";
import { casesByMode, moduleOf, operatorCases } from "./operators.ts";
import { backends, missing } from "./run-kernel.ts";

// gcc makes the process that loads a library of mode `fast` flush denormals: nothing may come after it.
for (const { mode, cases } of casesByMode(operatorCases)) {
  for (const backend of backends) {
    const reason = await missing(backend);
    const title = `${backend}, ${mode}: ${cases.length} kernels`;
    if (reason !== null) skip(title, reason);
    else test(title, () => compare(moduleOf(cases), cases, backend, mode));
  }
}

test.run();
