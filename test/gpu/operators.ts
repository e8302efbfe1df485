/** Every operator, cast and accumulation (test/backend/operators.ts) as kernels of a GPU: a thread an element. */
import type { Mode, Module } from "../../compiler/ir/ir.ts";
import { parsed } from "../backend/differential.ts";
import {
  accumCases,
  binaryCases,
  type Case,
  castCases,
  compareCases,
  constantCases,
  selectCases,
  unaryCases,
} from "../backend/operators.ts";

export interface GpuOperators {
  readonly mode: Mode;
  readonly module: Module;
  readonly cases: readonly Case[];
}

const inGrid = (body: string): string => `  for %group in grid.x(0, 1) {\n${body}\n  }\n}`;

/** The kernel's loop over its elements, as one over threads. */
function byThreads({ text, ...c }: Case): Case {
  const [head = "", body = ""] = text.split(" {\n  for %i in seq");
  return { ...c, text: `${head} {\n${inGrid(`  for %i in threads.x${body.replace(/\n}$/, "")}`)}` };
}

/** The loop as it is, run by one thread: its updates meet. */
function byOneThread({ text, ...c }: Case): Case {
  const [head = "", body = ""] = text.split(" {\n  for %i");
  const loop = `  for %i${body.replace(/\n}$/, "")}`;
  return { ...c, text: `${head} {\n${inGrid(`  for %thread in threads.x(0, 1) {\n${loop}\n  }`)}` };
}

const others = [...compareCases(), ...castCases(), ...selectCases(), ...constantCases()].map(byThreads);
const operators = [...unaryCases(), ...binaryCases()].map(byThreads);

/** A module for each mode. */
export function gpuOperators(): readonly GpuOperators[] {
  return (["strict", "contract", "fast"] as const).map((mode) => {
    const named = operators.filter((c) => c.name.endsWith(`_${mode}`));
    const cases = mode === "strict" ? [...others, ...accumCases().map(byOneThread), ...named] : named;
    return { mode, cases, module: parsed(`stage kernel\n\n${cases.map((c) => c.text).join("\n\n")}\n`) };
  });
}
