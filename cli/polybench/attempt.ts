/** What becomes of each lane of a group: loaded, judged, and timed in turns with the others. */
import { CompileError } from "../../compiler/diagnostic.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { whyAbsent, whyNoCode } from "../toolchains.ts";
import { type Group, type Lane, laneName, type Plan, type PrimalRow, type Row } from "./plan.ts";
import { type OpenOptions, Runner, type Subject } from "./runner.ts";

export interface Attempt {
  readonly lane: Lane;
  readonly skipped?: string;
  runner?: Runner;
  problem?: string;
  /** What did not compile. */
  readonly refusal?: CompileError;
  maxError?: number;
  sha256?: string;
  parallelFraction?: number | null;
}

export async function open(lane: Lane, subject: Subject, plan: OpenOptions): Promise<Attempt> {
  const why = await whyAbsent(lane.target);
  if (why !== null) return { lane, skipped: why };
  try {
    return { lane, runner: await Runner.open(lane, subject, plan) };
  } catch (error) {
    // What the cache has runs without a toolchain; the rest needs one.
    const missing = isNoCode(error) ? await whyNoCode(lane.target, lane.cc) : null;
    if (missing !== null) return { lane, skipped: missing };
    const refusal = error instanceof CompileError ? { refusal: error } : {};
    return { lane, problem: messageOf(error), ...refusal };
  }
}

const isNoCode = (error: unknown): boolean => error instanceof LaunchError && error.code === "TG3015";

/** Does something with the runner of a lane that has one and has not failed; a failure is the lane's. */
export async function attempting(attempt: Attempt, action: (runner: Runner) => Promise<void>): Promise<void> {
  if (attempt.runner === undefined || attempt.problem !== undefined) return;
  try {
    await action(attempt.runner);
  } catch (error) {
    attempt.problem = messageOf(error);
  }
}

/** Program order and no contraction leave no choice: all targets compute the same bits. */
export function requireSameBits(attempts: readonly Attempt[]): void {
  const ran = attempts.filter((attempt) => attempt.sha256 !== undefined);
  const first = ran.find((attempt) => attempt.lane.target === "node") ?? ran[0];
  for (const attempt of ran) {
    if (attempt.sha256 === first?.sha256 || attempt.problem !== undefined) continue;
    attempt.problem = `its bits differ from those of ${laneName(first!.lane)}`;
  }
}

/**
 * Times the lanes in turns, so that what else the machine does falls on all of them alike, and closes them. `bits` are those
 * of the latest run: the same as of the first, whose `sha256` is known.
 */
export async function measure(
  attempts: readonly Attempt[],
  plan: Pick<Plan, "repeat">,
  bits: (runner: Runner) => Promise<string>,
): Promise<void> {
  const able = attempts.filter((attempt) => attempt.runner !== undefined && attempt.problem === undefined);
  for (const { runner } of able) await runner!.warmUp();
  const counts = able.map(({ runner }) => plan.repeat ?? runner!.repetitions());
  const rounds = Math.max(0, ...counts);
  for (let round = 0; round < rounds; round++) {
    for (const [k, attempt] of able.entries()) {
      if (round < counts[k]!) await attempting(attempt, (runner) => runner.time());
    }
  }
  for (const attempt of able) {
    await attempting(attempt, async (runner) => {
      attempt.parallelFraction = runner.parallelFraction;
      if ((await bits(runner)) !== attempt.sha256) throw new Error("its result changes from run to run");
    });
  }
  for (const { runner } of attempts) runner?.dispose();
}

/** What its row has whatever the part: what was run, and what came of it. */
export function rowOf<P extends Row["part"]>(
  attempt: Attempt,
  { kernel, dataset, kind, dtype }: Group,
  plan: Plan,
  part: P,
): Omit<PrimalRow, "part"> & { readonly part: P } {
  const { lane, skipped, problem } = attempt;
  return {
    kernel: kernel.name,
    dataset,
    target: lane.target,
    ...(lane.named ? { cc: lane.cc! } : {}),
    inputs: kind,
    mode: plan.mode,
    part,
    dtype,
    ok: problem === undefined,
    ...(skipped === undefined ? {} : { skipped }),
    ...(problem === undefined ? {} : { problem }),
    maxError: attempt.maxError ?? null,
    seconds: secondsOf(attempt),
    gflops: null,
    parallelFraction: attempt.parallelFraction ?? null,
    sha256: attempt.sha256 ?? null,
  };
}

/** The median, of a lane that was timed. */
const secondsOf = ({ runner, problem }: Attempt): number | null =>
  runner !== undefined && problem === undefined ? runner.seconds : null;

/** One line of an error. */
export function messageOf(error: unknown): string {
  if (error instanceof CompileError) {
    const [first] = error.diagnostics;
    if (first !== undefined) return `${first.at.line}:${first.at.column}: ${first.code}: ${first.message}`;
  }
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
