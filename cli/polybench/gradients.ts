/**
 * Runs the gradient of a kernel on all lanes. L is the sum of the live-out arrays, weighted by the seeded streams; a gradient
 * is right when its product with each parameter's seeded direction is the derivative of L along it.
 */
import type { Entry } from "../../compiler/artifact.ts";
import { bytesAt } from "../../compiler/artifact-bytes.ts";
import { bug, type Diagnostic } from "../../compiler/diagnostic.ts";
import { type Arrays, copyArrays, type FlatArray, type FlatData, zeroArray } from "../../polybench/array.ts";
import { digest } from "../../polybench/compare.ts";
import {
  type Along,
  allDirections,
  dot,
  type Expected,
  type Gradients,
  hasFloats,
  type Wrt,
  worstOf,
  wrtOf,
} from "../../polybench/gradient.ts";
import { inputsFor, weightsFor } from "../../polybench/inputs.ts";
import { adjointReferenceFor } from "../../polybench/sizes.ts";
import { argumentsFor, instantiate, sizesFor } from "../../polybench/suite.ts";
import { gradientTolerance } from "../../polybench/tolerance.ts";
import { peakBytes } from "../../runtime/dry-run.ts";
import { sizesByName } from "../run/sizes.ts";
import { type Attempt, attempting, measure, messageOf, open, requireSameBits, rowOf } from "./attempt.ts";
import { directionalDerivatives } from "./oracle.ts";
import { type GradientRow, type Group, laneName, type Plan, type PrimalRow } from "./plan.ts";
import type { Progress } from "./progress.ts";
import type { Runner, Subject } from "./runner.ts";

/** One lane, with what came of it. */
interface Trial extends Attempt {
  /** ⟨∂L/∂a, v⟩ by parameter. */
  along?: Readonly<Record<string, Along>>;
  memory?: Memory;
}
type Memory = Pick<GradientRow, "tapeBytes" | "scratchBytes" | "copyBytes">;

/** What is differentiated by what, on which inputs. */
interface Task extends Group {
  readonly inputs: Arrays;
  readonly wrt: readonly string[];
}

/** The gradients of a group, on the lanes that compile: plain JavaScript has none. */
export async function runGradients(
  group: Group,
  plan: Plan,
  which: Wrt,
  primals: readonly PrimalRow[],
  progress: Progress,
): Promise<readonly GradientRow[]> {
  const inputs = inputsFor(group.kernel, group.dataset, group.kind, group.dtype);
  const task: Task = { ...group, inputs, wrt: wrtOf(group.kernel, inputs, which) };
  const subject = subjectOf(task, plan);
  const trials: Trial[] = [];
  for (const lane of plan.lanes) {
    if (lane.target === "node") continue;
    progress.step(group, `compiling the gradient for ${laneName(lane)}`);
    trials.push(await open(lane, subject, plan));
  }
  if (hasFloats(inputs)) await run(task, plan, trials, progress);
  else for (const trial of trials) requireRefusal(trial);
  return trials.map((trial) =>
    gradientRow(trial, task, plan, primals[plan.lanes.indexOf(trial.lane)]?.seconds ?? null),
  );
}

/** Integers have no derivative: there the refusal is what must be. */
function requireRefusal(trial: Trial): void {
  if (trial.runner !== undefined) trial.problem = "it has a gradient, although it computes with integers";
  else if (reasonOf(trial) !== undefined) delete trial.problem;
  trial.runner?.dispose();
}

/** What differentiation says against it. */
const reasonOf = ({ refusal }: Trial): Diagnostic | undefined =>
  refusal?.diagnostics.find(({ code }) => code.startsWith("TG2"));

async function run(task: Task, plan: Plan, trials: readonly Trial[], progress: Progress): Promise<void> {
  const { kernel, dataset, kind, wrt } = task;
  if (trials.every(({ runner }) => runner === undefined)) return;
  const directions = allDirections(kernel, dataset, kind);
  let expected: readonly Expected[] = [];
  if (plan.check) {
    try {
      expected = await expectedDerivatives(task, directions, progress);
    } catch (error) {
      const problem = `what the gradient must be is not known: ${messageOf(error)}`;
      for (const trial of trials) if (trial.skipped === undefined) trial.problem ??= problem;
    }
  }
  for (const trial of trials) {
    progress.step(task, `running the gradient on ${laneName(trial.lane)}`);
    await attempting(trial, async (runner) => {
      const gradients = gradientsOf(runner, wrt, await runner.first());
      trial.sha256 = digest(Object.values(gradients));
      trial.memory = memoryOf(runner);
      trial.along = Object.fromEntries(wrt.map((name) => [name, dot(gradients[name]!, directions[name]!)]));
      if (plan.check) judge(trial, task, expected);
    });
  }
  if (plan.check && plan.mode === "strict") requireSameBits(trials);
  progress.step(task, "timing the gradient");
  await measure(trials, plan, async (runner) => digest(Object.values(gradientsOf(runner, wrt, await runner.last()))));
}

function subjectOf({ kernel, dataset, kind, dtype, inputs, wrt }: Task, { tapeBudget }: Plan): Subject {
  const weights = weightsFor(kernel, dataset, kind);
  /** What the derivative takes besides: the adjoints, which are of the results at first. */
  const adjoint = (name: string): FlatArray => {
    const { shape } = inputs[name] ?? bug(`no array ${name}`);
    const array = zeroArray(dtype, shape);
    const weight = weights[name];
    if (weight !== undefined) array.data.set(weight.data);
    return array;
  };
  return {
    file: kernel.file,
    options: {
      derivative: {
        ...{ kind: "vjp", kernel: kernel.exportName, wrt, of: kernel.outputs },
        ...(tapeBudget === undefined ? {} : { tapeBudget }),
      },
      ...instantiate(kernel, dtype),
    },
    arguments: ({ derivative }) => [
      ...argumentsFor(kernel, sizesFor(kernel, dataset, kind), copyArrays(inputs)),
      ...(derivative?.extra ?? []).map(({ leaf }) => adjoint(leaf)),
    ],
  };
}

const derivativeOf = ({ derivative, name }: Entry): NonNullable<Entry["derivative"]> =>
  derivative ?? bug(`${name} is no derivative`);

/** ∂L/∂a by parameter: adjoint arrays after a run, and the results for scalars. */
function gradientsOf(runner: Runner, wrt: readonly string[], result: unknown): Gradients {
  const { extra, results } = derivativeOf(runner.entry);
  const arrays = runner.args.slice(runner.args.length - extra.length);
  const scalars = results.length === 0 ? [] : (result as readonly number[]).slice(-results.length);
  const gradient = (name: string): FlatData => {
    const array = arrays[extra.findIndex(({ leaf }) => leaf === name)];
    const at = results.findIndex(({ leaf }) => leaf === name);
    if (typeof array === "object") return array.data;
    return at < 0 ? bug(`no derivative by ${name}`) : Float64Array.of(scalars[at]!);
  };
  return Object.fromEntries(wrt.map((name) => [name, gradient(name)]));
}

function memoryOf({ entry, host, program, args }: Runner): Memory {
  const { tape, scratch, tapeBudget = Infinity, extra } = derivativeOf(entry);
  const shapes = args.map((arg) => (typeof arg === "number" ? arg : arg.shape));
  const sizes = sizesByName(host, shapes);
  const [tapeBytes, scratchBytes] = [tape, scratch].map((f) => (f === undefined ? null : bytesAt(f, sizes)));
  // Snapshots, and the tape of a segment.
  const isCheckpointed = tapeBytes != null && tapeBytes > tapeBudget;
  const copied = entry.params.slice(0, entry.params.length - extra.length).map(({ access }) => /write/.test(access));
  const bytes = args.map((arg, k) => (typeof arg === "object" && copied[k] === true ? arg.data.byteLength : 0));
  return {
    tapeBytes: isCheckpointed ? peakBytes(program, host, shapes) - (scratchBytes ?? 0) : (tapeBytes ?? null),
    scratchBytes: scratchBytes ?? null,
    copyBytes: bytes.reduce((a, b) => a + b, 0),
  };
}

/** What the directional derivatives must be: by dual numbers, and by the reference where there is one. */
async function expectedDerivatives(
  { kernel, dataset, kind, dtype, inputs, wrt }: Task,
  directions: Gradients,
  progress: Progress,
): Promise<readonly Expected[]> {
  const group = { kernel, dataset, kind, dtype };
  const byDuals = await directionalDerivatives(group, inputs, wrt, directions, (name) =>
    progress.step(group, `computing what the derivative by ${name} must be`),
  );
  const isReferred = kind === "seeded" && dtype === "f64";
  const reference = isReferred ? adjointReferenceFor(kernel.name, dataset)?.jvp_by_array : undefined;
  // The reference is of arrays alone.
  return reference === undefined
    ? [byDuals]
    : [byDuals, { ...byDuals, derivatives: { ...byDuals.derivatives, ...reference } }];
}

function judge(trial: Trial, { kernel, dtype }: Task, expected: readonly Expected[]): void {
  const scalars = new Set(kernel.args.flatMap(({ kind, name }) => (kind === "scalar" ? [name] : [])));
  const errors = expected.map((derivatives) => worstOf(trial.along ?? {}, derivatives, scalars));
  const [worst] = errors.sort((a, b) => b.error - a.error);
  if (worst === undefined) return;
  const tolerance = gradientTolerance[dtype === "f32" ? "f32" : "f64"];
  trial.maxError = worst.error;
  if (worst.error <= tolerance) return;
  const by = worst.error.toExponential(1);
  trial.problem = `the derivative by ${worst.name} is wrong: by ${by}, where ${tolerance.toExponential(0)} is allowed`;
}

function gradientRow(trial: Trial, task: Task, plan: Plan, primal: number | null): GradientRow {
  const { along, memory } = trial;
  const reason = reasonOf(trial);
  const row = rowOf(trial, task, plan, "gradient");
  const values = Object.entries(along ?? {}).map(([name, { value }]) => [name, value]);
  return {
    ...row,
    ...(reason === undefined ? {} : { refused: reason.code, why: reason.message }),
    wrt: task.wrt,
    ratio: row.seconds === null || primal === null ? null : row.seconds / primal,
    ...(memory ?? { tapeBytes: null, scratchBytes: null, copyBytes: null }),
    directional: along === undefined ? null : Object.fromEntries(values),
  };
}
