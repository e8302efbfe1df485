/** Runs a kernel on all lanes: loaded first, checked, then timed in turns. */
import { join } from "node:path";
import { type Arrays, copyArrays, type FlatArray } from "../../polybench/array.ts";
import { type Check, check, sha256 } from "../../polybench/compare.ts";
import { dump } from "../../polybench/dump.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import { referenceFor } from "../../polybench/sizes.ts";
import { argumentsFor, instantiate, type Kernel, sizesFor } from "../../polybench/suite.ts";
import { writeWhole } from "../output.ts";
import { type Attempt, attempting, measure, messageOf, open, requireSameBits, rowOf } from "./attempt.ts";
import { type Group, type Lane, laneName, type Plan, type PrimalRow } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { Runner, type Subject } from "./runner.ts";

export async function runPrimals(group: Group, plan: Plan, progress: Progress): Promise<readonly PrimalRow[]> {
  const { kernel } = group;
  const subject = subjectOf(group, inputsFor(kernel, group.dataset, group.kind, group.dtype));
  const attempts: Attempt[] = [];
  for (const lane of plan.lanes) {
    progress.step(group, `compiling for ${laneName(lane)}`);
    attempts.push(await open(lane, subject, plan));
  }
  let expected: Arrays | undefined;
  if (plan.check && needsExpected(group) && attempts.some((attempt) => attempt.runner !== undefined)) {
    progress.step(group, "computing what the result must be");
    try {
      expected = await expectedArrays(kernel, subject, attempts, plan);
    } catch (error) {
      const problem = `what the result must be is not known: ${messageOf(error)}`;
      for (const attempt of attempts) if (attempt.skipped === undefined) attempt.problem ??= problem;
    }
  }
  for (const attempt of attempts) {
    progress.step(group, `running on ${laneName(attempt.lane)}`);
    await attempting(attempt, async (runner) => {
      await runner.first();
      const arrays = arraysOf(kernel, runner.args);
      attempt.sha256 = sha256(kernel, arrays);
      if (plan.check) judge(attempt, check({ ...group, mode: plan.mode }, arrays, expected));
      if (plan.dump !== undefined) writeDump(plan.dump, group, attempt.lane, arrays);
    });
  }
  if (plan.check && plan.mode === "strict") requireSameBits(attempts);
  progress.step(group, "timing");
  await measure(attempts, plan, async (runner) => {
    await runner.last();
    return sha256(kernel, arraysOf(kernel, runner.args));
  });
  return attempts.map((attempt) => primalRow(attempt, group, plan));
}

function subjectOf({ kernel, dataset, kind, dtype }: Group, inputs: Arrays): Subject {
  return {
    file: kernel.file,
    options: { kernels: [kernel.exportName], ...instantiate(kernel, dtype) },
    arguments: () => argumentsFor(kernel, sizesFor(kernel, dataset, kind), copyArrays(inputs)),
  };
}

/** The arrays among the arguments of a kernel. */
function arraysOf(kernel: Kernel, args: readonly (FlatArray | number)[]): Arrays {
  return Object.fromEntries(
    kernel.args.flatMap(({ name }, k) => (typeof args[k] === "object" ? [[name, args[k]]] : [])),
  );
}

const needsExpected = ({ kernel, dataset, kind }: Group): boolean => {
  if (kind === "polybench" && kernel.name === "gramschmidt") return false;
  return kind !== "polybench" || referenceFor(kernel.name, dataset) === undefined;
};

/** The result of the file itself in plain Node, which is in program order in every mode. @throws where that does not run. */
async function expectedArrays(
  kernel: Kernel,
  subject: Subject,
  attempts: readonly Attempt[],
  { cache, settings }: Plan,
): Promise<Arrays> {
  const lane = attempts.find((attempt) => attempt.lane.target === "node")?.runner;
  const runner =
    lane ?? (await Runner.open({ target: "node" }, subject, { mode: "strict", deterministic: false, cache, settings }));
  await runner.first();
  const arrays = copyArrays(arraysOf(kernel, runner.args));
  if (runner !== lane) runner.dispose();
  return arrays;
}

function judge(attempt: Attempt, result: Check | undefined): void {
  if (result === undefined) {
    attempt.problem = "there is nothing to compare the result with";
    return;
  }
  const { ok, problem, maxError, tolerance } = result;
  attempt.maxError = maxError;
  if (!ok) {
    attempt.problem = `${problem}: by ${maxError.toExponential(1)}, where ${tolerance.toExponential(0)} is allowed`;
  }
}

function primalRow(attempt: Attempt, group: Group, plan: Plan): PrimalRow {
  const { kernel, dataset, kind } = group;
  const row = rowOf(attempt, group, plan, "primal");
  const flops = kernel.flops(sizesFor(kernel, dataset, kind));
  return { ...row, gflops: row.seconds === null ? null : flops / row.seconds / 1e9 };
}

function writeDump(folder: string, { kernel, dataset, kind }: Group, lane: Lane, arrays: Arrays): void {
  const name = [kernel.name, dataset, kind, laneName(lane).replace(" ", "-")].join(".");
  writeWhole(join(folder, `${name}.txt`), dump(kernel, arrays));
}
