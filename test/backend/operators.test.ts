/** Every operator, cast and accumulation on the edges of its types: each backend against the interpreter. */
import { test } from "uvu";
import type { Mode } from "../../compiler/ir/ir.ts";
import { skip } from "../skip.ts";
import { compare, parsed } from "./differential.ts";
import {
  accumCases,
  binaryCases,
  type Case,
  castCases,
  compareCases,
  constantCases,
  selectCases,
  unaryCases,
} from "./operators.ts";
import { backends, missing } from "./run-kernel.ts";

const strict: readonly Case[] = [
  ...compareCases(),
  ...castCases(),
  ...selectCases(),
  ...constantCases(),
  ...accumCases(),
];
const operators = [...unaryCases(), ...binaryCases()];
const named = (mode: Mode): readonly Case[] => operators.filter((c) => c.name.endsWith(`_${mode}`));

const modules: readonly (readonly [Mode, readonly Case[]])[] = [
  ["strict", [...strict, ...named("strict")]],
  ["contract", named("contract")],
  // gcc makes the process that loads such a library flush denormals: nothing may come after it.
  ["fast", named("fast")],
];

for (const [mode, cases] of modules) {
  for (const backend of backends) {
    const reason = await missing(backend);
    const title = `${backend}, ${mode}: ${cases.length} kernels`;
    if (reason !== null) skip(title, reason);
    else {
      const module = parsed(`stage kernel\n\n${cases.map((c) => c.text).join("\n\n")}\n`);
      test(title, () => compare(module, cases, backend, mode));
    }
  }
}

test.run();
