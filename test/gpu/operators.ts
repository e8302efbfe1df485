/** Every operator, cast and accumulation (test/backend/operators.ts) as kernels of a GPU. */
import type { Mode, Module } from "../../compiler/ir/ir.ts";
import { type Case, type CaseGroups, casesByMode, moduleOf, operatorCases } from "../backend/operators.ts";

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

/** A thread an element, where no two update the same. */
export const gpuCases: CaseGroups = {
  unary: operatorCases.unary.map(byThreads),
  binary: operatorCases.binary.map(byThreads),
  compare: operatorCases.compare.map(byThreads),
  cast: operatorCases.cast.map(byThreads),
  select: operatorCases.select.map(byThreads),
  constant: operatorCases.constant.map(byThreads),
  accum: operatorCases.accum.map(byOneThread),
};

export interface GpuOperators {
  readonly mode: Mode;
  readonly module: Module;
  readonly cases: readonly Case[];
}

/** A module for each mode. */
export const gpuOperators = (): readonly GpuOperators[] =>
  casesByMode(gpuCases).map((c) => ({ ...c, module: moduleOf(c.cases) }));
