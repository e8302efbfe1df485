/**
 * Differentiates every kernel of a file, in `strict`, and says where its derivatives are wrong.
 *
 * The measure is the kernel on dual numbers (compiler/dual.ts), which shares nothing with ad/: with random weights w of the outputs
 * and a random direction v of one input at a time, the gradient must say ⟨Jᵀw, v⟩ = ⟨w, J v⟩, and forward mode J v itself. What
 * the kernel computes must stay as it is, and all targets must give the same bits. Half of the kernels are differentiated with respect to a
 * random part of their parameters, and of a random part of their outputs.
 */
import type { DerivativeRequest } from "../../ad/index.ts";
import type { Artifact, CpuTarget, Entry } from "../../compiler/artifact.ts";
import { leavesOf } from "../../compiler/artifact-leaves.ts";
import { CompileError } from "../../compiler/diagnostic.ts";
import { type DualProgram, dual } from "../../compiler/dual.ts";
import { type CompileOptions, compile } from "../../compiler/index.ts";
import { isFloat } from "../../compiler/ir/ir.ts";
import type { Unit } from "../../runtime/call.ts";
import { type Derived, type Outcome, runDerived, runPrimal } from "../../runtime/derivative.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { argumentsFor, emptyLaunches, launches } from "./inputs.ts";
import {
  artifactFor,
  type Coverage,
  type Failure,
  inFolder,
  noCoverage,
  type Runner,
  type RunOptions,
  runEverywhere,
  type Verdict,
} from "./run.ts";
import { attempt } from "./runners.ts";
import type { Sources } from "./tree.ts";
import { derivedOf, hash, Trial } from "./trial.ts";

/** What a program's options ask for. */
export const runProgram = (sources: Sources, options: RunOptions): Promise<Verdict> =>
  options.grad === undefined ? runEverywhere(sources, options) : runGradients(sources, options);

/** All kernels of a file, each by a gradient of its own. */
export const runGradients = (sources: Sources, options: RunOptions): Promise<Verdict> =>
  inFolder(sources, (file) => new Gradients(file, sources.text, options).run());

/**
 * How a kernel is differentiated: by all that it can be, or by a part of it; with a tape as large as it likes, or one that asks
 * for checkpoints, or refuses what they do not save; every eighth may undo sums. What is chosen hangs on names alone: it stays when a program is made smaller.
 */
export function requestFor({ name, params, result }: Entry, seed: number): Omit<DerivativeRequest, "kind" | "kernel"> {
  const one = (of: number, word: string): boolean => hash(`${seed} ${name} ${word}`) % of === 0;
  const floats = params.filter((p) => leavesOf(p.name, p.type).some((l) => isFloat(l.elem)));
  const written = floats.filter((p) => p.access === "write" || p.access === "readwrite").map((p) => p.name);
  const returned = result !== null && leavesOf("return", result).some((l) => isFloat(l.elem)) ? ["return"] : [];
  const some = (names: readonly string[], role: string): readonly string[] => {
    const chosen = names.filter((n) => one(2, `${role} ${n}`));
    return chosen.length === 0 ? names : chosen;
  };
  const names = floats.map((p) => p.name);
  const bytes = [0, 500, 1000, 3000][hash(`${seed} ${name} bytes`) % 4] ?? 0;
  return {
    ...(one(2, "all") ? {} : { wrt: some(names, "wrt"), of: some([...written, ...returned], "of") }),
    ...(one(3, "budget") ? { [one(3, "strict") ? "tapeBudget" : "spare"]: bytes } : {}),
    ...(one(8, "undo") ? { undo: true } : {}),
  };
}

class Gradients {
  private readonly file: string;
  private readonly text: string;
  private readonly options: RunOptions;
  private readonly failures: Failure[] = [];
  private readonly refusals: string[] = [];
  private readonly coverage: Coverage = noCoverage();

  constructor(file: string, text: string, options: RunOptions) {
    this.file = file;
    this.text = text;
    this.options = options;
  }

  async run(): Promise<Verdict> {
    const source = { file: this.file, text: this.text };
    const compiled = await attempt(async () => ({
      primal: await this.unit(await this.compiled({}), {}),
      oracle: dual(source, { real: this.options.traits.real }),
    }));
    if ("error" in compiled) this.fail("", "interp", compiled.error, compiled.cause instanceof CompileError);
    else {
      const { primal, oracle } = compiled.value;
      for (const entry of primal.artifact.entries) await this.kernel(primal, entry, oracle);
      primal.program.dispose();
    }
    return { failures: this.failures, refusals: this.refusals, coverage: this.coverage };
  }

  private fail(kernel: string, runner: Runner, what: string, invalid = false): void {
    if (!this.failures.some((f) => f.kernel === kernel && f.runner === runner)) {
      this.failures.push({ kernel, runner, what, invalid });
    }
  }

  private compiled(options: Partial<CompileOptions>): Promise<Artifact> {
    const own = { target: "interp", mode: "strict", real: this.options.traits.real } as const;
    return compile({ file: this.file, text: this.text }, { ...own, ...options });
  }
  private unit(artifact: Artifact, options: Partial<CompileOptions>): Promise<Unit> {
    return loadUnit(artifact, () => this.compiled({ ...options, target: artifact.target, checks: "all" }));
  }

  private async kernel(primal: Unit, entry: Entry, oracle: DualProgram): Promise<void> {
    const request = requestFor(entry, this.options.grad ?? 0);
    const derive = async (kind: "vjp" | "jvp") => {
      const options = { derivative: { kind, kernel: entry.name, ...request } };
      const made = await attempt(async () => this.unit(await this.compiled(options), options));
      if ("value" in made) return derivedOf(primal, entry, made.value);
      if (made.cause instanceof CompileError) {
        this.refusals.push(`${kind} of ${entry.name}: ${made.error}`);
        if (kind === "vjp") this.coverage.refused++;
      } else this.fail(entry.name, kind, made.error);
      return null;
    };
    const [reverse, forward] = [await derive("vjp"), await derive("jvp")];
    if (reverse === null || forward === null) return;
    const others = await this.targets(reverse, { derivative: { kind: "vjp", kernel: entry.name, ...request } });
    const { traits } = this.options;
    const precision = traits.real === "f32" || /\bf32\b/.test(this.text) ? "f32" : "f64";
    for (const launch of [...launches, ...(traits.hollow ? emptyLaunches : [])]) {
      const values = argumentsFor(entry.params, { ...launch, smooth: true });
      const trial = new Trial(entry, reverse, values, launch.seed, oracle, precision);
      const at = `sizes ${launch.sizes.join(" × ")}`;
      const before = await attempt(() => runPrimal(reverse, trial.inputs));
      if ("error" in before) {
        this.fail(entry.name, "interp", `${before.error} (${at})`, true);
        return;
      }
      if (!trial.finite) {
        this.coverage.range++;
        continue;
      }
      this.coverage.calls++;
      const check = async (runner: Runner, problem: () => Promise<string | null>): Promise<void> => {
        const done = await attempt(problem);
        const what = "error" in done ? done.error : done.value;
        if (what !== null) this.fail(entry.name, runner, `${what} (${at})`);
      };
      let gradient: Outcome | undefined;
      await check("vjp", async () => {
        const ran = await attempt(() => runDerived(reverse, trial.inputs, trial.weights()));
        if ("value" in ran) gradient = ran.value;
        else if (request.tapeBudget === undefined || !/TG3024/.test(ran.error)) return ran.error;
        else this.coverage.undecided++;
        return gradient === undefined ? null : trial.compareReverse(gradient, before.value, this.coverage);
      });
      await check("jvp", async () => {
        const tangents = await runDerived(forward, trial.inputs, trial.directions());
        return trial.compareForward(forward, tangents, before.value);
      });
      for (const [target, derived] of others) {
        await check(target, async () => {
          if (gradient === undefined) return null;
          return trial.sameBits(await runDerived(derived, trial.inputs, trial.weights()), gradient);
        });
      }
    }
    for (const { unit } of [reverse, forward, ...others.map(([, d]) => d)]) unit.program.dispose();
  }

  /** The gradient on other targets. */
  private async targets(
    reverse: Derived,
    options: Partial<CompileOptions>,
  ): Promise<readonly (readonly [CpuTarget, Derived])[]> {
    const made: (readonly [CpuTarget, Derived])[] = [];
    for (const target of this.options.targets ?? []) {
      if (target === "interp" || target === "node") continue;
      const built = await attempt(async () =>
        this.unit(await artifactFor(target, reverse.unit.artifact, this.text, this.options), options),
      );
      if ("error" in built) this.fail(reverse.entry.name, target, built.error);
      else made.push([target, derivedOf(reverse.primal, reverse.entry, built.value)]);
    }
    return made;
  }
}
