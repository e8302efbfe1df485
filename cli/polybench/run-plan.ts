/** Runs a plan: group by group, all lanes of a group loaded first, then timed in turns. */
import { join } from "node:path";
import { CompileError } from "../../compiler/diagnostic.ts";
import { type Arrays, copyArrays } from "../../polybench/array.ts";
import { type Check, check, sha256 } from "../../polybench/compare.ts";
import { dump } from "../../polybench/dump.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import { referenceFor } from "../../polybench/sizes.ts";
import { sizesFor } from "../../polybench/suite.ts";
import { writeWhole } from "../output.ts";
import { whyAbsent } from "../toolchains.ts";
import { type Group, groupsOf, type Lane, laneName, type Plan, type Row } from "./plan.ts";
import { Progress } from "./progress.ts";
import { Runner } from "./runner.ts";

/** Prints rows as they come in. */
export async function runPlan(plan: Plan, stdoutIsForJson: boolean): Promise<readonly Row[]> {
  const groups = groupsOf(plan);
  const progress = new Progress(plan, groups.length, stdoutIsForJson);
  const rows: Row[] = [];
  try {
    for (const group of groups) {
      const found = await runGroup(group, plan, progress);
      rows.push(...found);
      progress.group(found);
      // Lets the spinner turn, and Ctrl-C come in.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    progress.end();
  }
  return rows;
}

/** What became of one lane. */
interface Attempt {
  readonly lane: Lane;
  readonly skipped?: string;
  runner?: Runner;
  problem?: string;
  checked?: Check;
  sha256?: string;
}

async function runGroup(group: Group, plan: Plan, progress: Progress): Promise<readonly Row[]> {
  const inputs = inputsFor(group.kernel, group.dataset, group.kind, group.dtype);
  const attempts: Attempt[] = [];
  for (const lane of plan.lanes) {
    progress.step(group, `compiling for ${laneName(lane)}`);
    attempts.push(await open(lane, group, inputs, plan));
  }
  let expected: Arrays | undefined;
  if (plan.check && needsExpected(group) && attempts.some((attempt) => attempt.runner !== undefined)) {
    progress.step(group, "computing what the result must be");
    try {
      expected = await expectedArrays(group, inputs, attempts, plan);
    } catch (error) {
      const problem = `what the result must be is not known: ${messageOf(error)}`;
      for (const attempt of attempts) if (attempt.skipped === undefined) attempt.problem ??= problem;
    }
  }
  for (const attempt of attempts) {
    progress.step(group, `running on ${laneName(attempt.lane)}`);
    attempting(attempt, (runner) => {
      const arrays = runner.result();
      attempt.sha256 = sha256(group.kernel, arrays);
      if (plan.check) judge(attempt, check({ ...group, mode: plan.mode }, arrays, expected));
      if (plan.dump !== undefined) writeDump(plan.dump, group, attempt.lane, arrays);
    });
  }
  if (plan.check && plan.mode === "strict") requireSameBits(attempts);
  await measure(group, attempts, plan, progress);
  return attempts.map((attempt) => rowOf(attempt, group, plan));
}

async function open(lane: Lane, group: Group, inputs: Arrays, plan: Plan): Promise<Attempt> {
  const why = await whyAbsent(lane.target, lane.cc);
  if (why !== null) return { lane, skipped: why };
  try {
    return { lane, runner: await Runner.open(lane, group, inputs, plan) };
  } catch (error) {
    return { lane, problem: messageOf(error) };
  }
}

/** Does something with the runner of a lane that has one and has not failed; a failure is the lane's. */
function attempting(attempt: Attempt, action: (runner: Runner) => void): void {
  if (attempt.runner === undefined || attempt.problem !== undefined) return;
  try {
    action(attempt.runner);
  } catch (error) {
    attempt.problem = messageOf(error);
  }
}

const needsExpected = ({ kernel, dataset, kind }: Group): boolean => {
  if (kind === "polybench" && kernel.name === "gramschmidt") return false;
  return kind !== "polybench" || referenceFor(kernel.name, dataset) === undefined;
};

/** The result of the file itself in plain Node, which is in program order in every mode. @throws where that does not run. */
async function expectedArrays(
  group: Group,
  inputs: Arrays,
  attempts: readonly Attempt[],
  { cache }: Plan,
): Promise<Arrays> {
  const lane = attempts.find((attempt) => attempt.lane.target === "node")?.runner;
  const runner = lane ?? (await Runner.open({ target: "node" }, group, inputs, { mode: "strict", cache }));
  const arrays = copyArrays(runner.result());
  if (runner !== lane) runner.dispose();
  return arrays;
}

function judge(attempt: Attempt, result: Check | undefined): void {
  if (result === undefined) {
    attempt.problem = "there is nothing to compare the result with";
    return;
  }
  attempt.checked = result;
  if (!result.ok) {
    const { problem, maxError, tolerance } = result;
    attempt.problem = `${problem}: by ${maxError.toExponential(1)}, where ${tolerance.toExponential(0)} is allowed`;
  }
}

/** Program order and no contraction leave no choice: all targets compute the same bits. */
function requireSameBits(attempts: readonly Attempt[]): void {
  const ran = attempts.filter((attempt) => attempt.sha256 !== undefined);
  const first = ran.find((attempt) => attempt.lane.target === "node") ?? ran[0];
  for (const attempt of ran) {
    if (attempt.sha256 === first?.sha256 || attempt.problem !== undefined) continue;
    attempt.problem = `its bits differ from those of ${laneName(first!.lane)}`;
  }
}

/** Times the lanes in turns, so that what else the machine does falls on all of them alike. */
async function measure(group: Group, attempts: readonly Attempt[], plan: Plan, progress: Progress): Promise<void> {
  progress.step(group, "timing");
  const able = attempts.filter((attempt) => attempt.runner !== undefined && attempt.problem === undefined);
  for (const { runner } of able) await runner!.warmUp();
  const counts = able.map(({ runner }) => plan.repeat ?? runner!.repetitions());
  const rounds = Math.max(0, ...counts);
  for (let round = 0; round < rounds; round++) {
    able.forEach((attempt, k) => {
      if (round < counts[k]!) attempting(attempt, (runner) => runner.time());
    });
  }
  for (const attempt of able) {
    attempting(attempt, (runner) => {
      const same = sha256(group.kernel, runner.lastArrays()) === attempt.sha256;
      if (!same) throw new Error("its result changes from run to run");
    });
  }
  for (const { runner } of attempts) runner?.dispose();
}

function rowOf({ lane, skipped, runner, problem, checked, sha256: hash }: Attempt, group: Group, plan: Plan): Row {
  const { kernel, dataset, kind, dtype } = group;
  const timed = runner !== undefined && problem === undefined;
  const seconds = timed ? runner.seconds : null;
  return {
    kernel: kernel.name,
    dataset,
    target: lane.target,
    ...(lane.named ? { cc: lane.cc! } : {}),
    inputs: kind,
    mode: plan.mode,
    part: "primal",
    dtype,
    ok: problem === undefined,
    ...(skipped === undefined ? {} : { skipped }),
    ...(problem === undefined ? {} : { problem }),
    maxError: checked?.maxError ?? null,
    seconds,
    gflops: seconds === null ? null : kernel.flops(sizesFor(kernel, dataset, kind)) / seconds / 1e9,
    sha256: hash ?? null,
  };
}

function writeDump(folder: string, { kernel, dataset, kind }: Group, lane: Lane, arrays: Arrays): void {
  const name = [kernel.name, dataset, kind, laneName(lane).replace(" ", "-")].join(".");
  writeWhole(join(folder, `${name}.txt`), dump(kernel, arrays));
}

/** One line of an error. */
function messageOf(error: unknown): string {
  if (error instanceof CompileError) {
    const [first] = error.diagnostics;
    if (first !== undefined) return `${first.at.line}:${first.at.column}: ${first.code}: ${first.message}`;
  }
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
