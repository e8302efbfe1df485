/**
 * Differentiates every kernel of a file, in `strict`, and says where its derivatives are wrong.
 *
 * The measure is the kernel on dual numbers (compiler/dual.ts), which shares nothing with ad/: with random weights w of the outputs
 * and a random direction v of one input at a time, the gradient must say ⟨Jᵀw, v⟩ = ⟨w, J v⟩, and forward mode J v itself. What
 * the kernel computes must stay as it is, and all targets must give the same bits. Half of the kernels are differentiated with respect to a
 * random part of their parameters, and of a random part of their outputs.
 */
import type { Artifact, DerivativeLeaf, Entry, TargetName } from "../../compiler/artifact.ts";
import { leavesOf } from "../../compiler/artifact-leaves.ts";
import { CompileError } from "../../compiler/diagnostic.ts";
import { type DualProgram, dual } from "../../compiler/dual.ts";
import { compile } from "../../compiler/index.ts";
import { isFloat } from "../../compiler/ir/ir.ts";
import type { Argument } from "../../runtime/arguments.ts";
import { flatZeros } from "../../runtime/array.ts";
import type { Unit } from "../../runtime/call.ts";
import {
  type Derived,
  derivedOf,
  type Inputs,
  type Outcome,
  readInputs,
  runDerived,
  runPrimal,
  Seeds,
} from "../../runtime/derivative.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { gatherArray, type LeafData, nest } from "../../runtime/nested.ts";
import { flatten, randomNumbers } from "../ad/directions.ts";
import { argumentsFor, difference, emptyLaunches, launches } from "./inputs.ts";
import {
  artifactFor,
  type Coverage,
  type Failure,
  inFolder,
  noCoverage,
  type Runner,
  type RunOptions,
  type Verdict,
} from "./run.ts";
import { attempt } from "./runners.ts";
import type { Sources } from "./tree.ts";

/** What rounding may do to derivatives: of the sum of the terms' magnitudes in reverse mode, of a number itself in forward mode. */
const tolerances = {
  f64: { reverse: 1e-9, forward: 1e-11, noise: 1e-12 },
  f32: { reverse: 1e-3, forward: 1e-3, noise: 1e-4 },
} as const;

/** All kernels of a file, each by a gradient of its own. */
export const runGradients = (sources: Sources, options: RunOptions): Promise<Verdict> =>
  inFolder(sources, (file) => new Gradients(file, sources.text, options).run());

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
      primal: await this.unit(await this.compiled(undefined)),
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

  private compiled(derivative: Parameters<typeof compile>[1]["derivative"], checks?: "all"): Promise<Artifact> {
    const options = { target: "interp", mode: "strict", real: this.options.traits.real } as const;
    return compile(
      { file: this.file, text: this.text },
      { ...options, ...(derivative === undefined ? {} : { derivative }), ...(checks === undefined ? {} : { checks }) },
    );
  }
  private unit(artifact: Artifact, derivative?: Parameters<typeof compile>[1]["derivative"]): Promise<Unit> {
    return loadUnit(artifact, () => this.compiled(derivative, "all"));
  }

  /** Names by which a kernel is differentiated: all that it can be by default, or a part that no other name's absence changes. */
  private request({ name, params, result }: Entry): {
    readonly wrt?: readonly string[];
    readonly of?: readonly string[];
  } {
    const seed = this.options.grad ?? 0;
    const toss = (word: string): boolean => hash(`${seed} ${name} ${word}`) % 2 === 0;
    if (toss("all")) return {};
    const floats = params.filter((p) => leavesOf(p.name, p.type).some((l) => isFloat(l.elem)));
    const written = floats.filter((p) => p.access === "write" || p.access === "readwrite").map((p) => p.name);
    const returned = result !== null && leavesOf("return", result).some((l) => isFloat(l.elem)) ? ["return"] : [];
    const some = (names: readonly string[], role: string): readonly string[] => {
      const chosen = names.filter((n) => toss(`${role} ${n}`));
      return chosen.length === 0 ? names : chosen;
    };
    return {
      wrt: some(
        floats.map((p) => p.name),
        "wrt",
      ),
      of: some([...written, ...returned], "of"),
    };
  }

  private async kernel(primal: Unit, entry: Entry, oracle: DualProgram): Promise<void> {
    const request = this.request(entry);
    const derive = async (kind: "vjp" | "jvp") => {
      const derivative = { kind, kernel: entry.name, ...request };
      const made = await attempt(async () => this.unit(await this.compiled(derivative), derivative));
      if ("value" in made) return derivedOf(primal, entry.name, made.value);
      if (made.cause instanceof CompileError) this.refusals.push(`${kind} of ${entry.name}: ${made.error}`);
      else this.fail(entry.name, kind, made.error);
      return null;
    };
    const [reverse, forward] = [await derive("vjp"), await derive("jvp")];
    if (reverse === null || forward === null) {
      this.coverage.refused++;
      return;
    }
    const others = await this.targets(reverse);
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
        gradient = await runDerived(reverse, trial.inputs, trial.weights());
        return trial.compareReverse(gradient, before.value, this.coverage);
      });
      await check("jvp", async () => {
        const tangents = await runDerived(forward, trial.inputs, trial.directions());
        return trial.compareForward(forward, tangents, before.value);
      });
      for (const [target, derived] of others) {
        await check(target, async () => {
          const got = await runDerived(derived, trial.inputs, trial.weights());
          return gradient === undefined ? null : trial.sameBits(got, gradient);
        });
      }
    }
    for (const { unit } of [reverse, forward, ...others.map(([, d]) => d)]) unit.program.dispose();
  }

  /** The gradient on other targets. */
  private async targets(reverse: Derived): Promise<readonly (readonly [TargetName, Derived])[]> {
    const made: (readonly [TargetName, Derived])[] = [];
    for (const target of this.options.targets ?? []) {
      if (target === "interp" || target === "node") continue;
      const built = await attempt(async () =>
        this.unit(await artifactFor(target, reverse.unit.artifact, this.text, this.options)),
      );
      if ("error" in built) this.fail(reverse.entry.name, target, built.error);
      else made.push([target, derivedOf(reverse.primal, reverse.entry.name, built.value)]);
    }
    return made;
  }
}

/** One call of a kernel: its arguments, weights and directions, and the derivatives that the oracle finds. */
class Trial {
  readonly inputs: Inputs;
  /** Whether all the kernel's derivatives, and what it computes, are numbers. */
  readonly finite: boolean;
  private readonly derived: Derived;
  private readonly tolerance: (typeof tolerances)[keyof typeof tolerances];
  private readonly weightOf: ReadonlyMap<string, Float64Array>;
  private readonly directionOf: ReadonlyMap<string, Float64Array>;
  /** By leaves of `wrt`: what that direction does to the leaves of `of`. */
  private readonly along = new Map<string, ReadonlyMap<string, readonly number[]>>();
  private readonly everything: ReadonlyMap<string, readonly number[]>;

  constructor(
    entry: Entry,
    derived: Derived,
    values: readonly unknown[],
    seed: number,
    oracle: DualProgram,
    precision: keyof typeof tolerances,
  ) {
    this.derived = derived;
    this.inputs = readInputs(derived, values);
    const { wrt, of } = derived.derivative;
    this.tolerance = tolerances[precision];
    const vector =
      (role: string) =>
      (leaf: string): readonly [string, Float64Array] => {
        const random = randomNumbers(hash(`${role} ${leaf} ${seed}`));
        // Single precision holds all of it.
        return [leaf, Float64Array.from({ length: this.lengthOf(leaf) }, () => Math.fround(2 * random() - 1))];
      };
    this.weightOf = new Map(of.map(vector("weight")));
    this.directionOf = new Map(wrt.map(vector("direction")));
    const run = (names: readonly string[]): ReadonlyMap<string, readonly number[]> =>
      this.oracleAlong(entry, values, names, oracle);
    for (const leaf of wrt) this.along.set(leaf, run([leaf]));
    this.everything = run(wrt);
    this.finite = [...this.along.values(), this.everything].every((m) => [...m.values()].flat().every(Number.isFinite));
  }

  private argument(leaf: string): Argument | undefined {
    return this.inputs.args.find((a) => a.name === leaf);
  }
  private lengthOf(leaf: string): number {
    const a = this.argument(leaf);
    return a?.kind === "array" ? a.data.length : 1;
  }

  private oracleAlong(
    entry: Entry,
    values: readonly unknown[],
    names: readonly string[],
    oracle: DualProgram,
  ): ReadonlyMap<string, readonly number[]> {
    const tangents = entry.params.flatMap((p) => {
      const leaves = leavesOf(p.name, p.type);
      if (!leaves.some((l) => names.includes(l.name))) return [];
      const data = leaves.map((l): LeafData => {
        const a = this.argument(l.name);
        const own = names.includes(l.name) ? this.directionOf.get(l.name) : undefined;
        if (a?.kind !== "array") return { value: own?.[0] ?? 0 };
        return { shape: a.shape, data: own ?? new Float64Array(a.data.length) };
      });
      return [[p.name, nest(p.type, data)] as const];
    });
    const { tangents: found, outputs, result } = oracle.run(entry.name, values, Object.fromEntries(tangents));
    const all = flatten([outputs, result]);
    const made = new Map<string, readonly number[]>();
    for (const p of [...entry.params, ...(entry.result === null ? [] : [{ name: "return", type: entry.result }])]) {
      for (const leaf of leavesOf(p.name, p.type)) {
        if (!this.weightOf.has(leaf.name)) continue;
        const a = this.argument(leaf.name);
        if (a?.kind === "array") {
          const into = flatZeros("f64", a.data.length);
          gatherArray({ ...leaf, elem: "f64" }, found[p.name], a.shape, into);
          made.set(leaf.name, Array.from(into));
        } else
          made.set(leaf.name, [
            leaf.steps.reduce<unknown>(
              (v, s) => (v as Record<string, unknown>)[s === "axis" ? 0 : s.field],
              found[p.name],
            ) as number,
          ]);
      }
    }
    // What the kernel computes is to be a number as well.
    if (!all.every(Number.isFinite)) made.set("", [Number.NaN]);
    return made;
  }

  private seeds(role: DerivativeLeaf["role"], of: ReadonlyMap<string, Float64Array>): Seeds {
    const seeds = new Seeds();
    for (const [leaf, vector] of of) {
      const a = this.argument(leaf);
      if (a?.kind !== "array") seeds.set({ leaf, role }, vector[0] as number);
      else {
        const data = flatZeros(a.elem, vector.length);
        data.set(vector);
        seeds.set({ leaf, role }, data);
      }
    }
    return seeds;
  }
  weights(): Seeds {
    return this.seeds("adjoint", this.weightOf);
  }
  directions(): Seeds {
    return this.seeds("tangent", this.directionOf);
  }

  private gradients(o: Outcome): ReadonlyMap<string, readonly number[]> {
    return new Map(
      this.derived.derivative.wrt.map((leaf) => {
        const found = o.at({ leaf, role: "adjoint" });
        const numbers = found === undefined ? [] : "data" in found ? Array.from(found.data) : [Number(found.value)];
        return [leaf, numbers];
      }),
    );
  }

  compareReverse(o: Outcome, before: Omit<Outcome, "at">, coverage: Coverage): string | null {
    const value = difference(o.value, before.value, "the result", null);
    if (value !== null) return value;
    const { reverse, noise } = this.tolerance;
    for (const [leaf, gradient] of this.gradients(o)) {
      const terms = gradient.map((g, i) => g * (this.directionOf.get(leaf)?.[i] as number));
      const expected = [...(this.along.get(leaf) as ReadonlyMap<string, readonly number[]>)].flatMap(([of, d]) =>
        d.map((x, j) => x * (this.weightOf.get(of)?.[j] as number)),
      );
      const slack = reverse * size(terms) + noise * (1 + size(terms) + size(expected));
      const [a, b] = [sum(terms), sum(expected)];
      coverage.floats += gradient.length;
      if (b !== 0) coverage.sharp += gradient.length;
      if (!(Math.abs(a - b) <= slack)) return `⟨Jᵀw, v⟩ by ${leaf} is ${a}, not ${b} ± ${slack}`;
    }
    return null;
  }

  compareForward(forward: Derived, o: Outcome, before: Omit<Outcome, "at">): string | null {
    const value = difference(o.value, before.value, "the result", null);
    if (value !== null) return value;
    for (const a of this.inputs.args) {
      if (a.kind === "scalar") continue;
      const [mine, own] = [o.state(a.name), before.state(a.name)].map((x) =>
        x !== undefined && "data" in x ? x.data : [],
      );
      const d = difference(Array.from(mine ?? []), Array.from(own ?? []), a.name, null);
      if (d !== null) return d;
    }
    for (const leaf of forward.derivative.of) {
      const found = o.at({ leaf, role: "tangent" });
      const numbers = found === undefined ? [] : "data" in found ? Array.from(found.data) : [Number(found.value)];
      const expected = this.everything.get(leaf) ?? [];
      const largest = expected.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
      for (const [j, x] of expected.entries()) {
        const got = numbers[j] ?? Number.NaN;
        if (!(Math.abs(got - x) <= this.tolerance.forward * largest)) return `J v of ${leaf}, ${j}: ${got}, not ${x}`;
      }
    }
    return null;
  }

  sameBits(o: Outcome, reference: Outcome): string | null {
    const mine = this.gradients(o);
    for (const [leaf, numbers] of this.gradients(reference)) {
      const d = difference(mine.get(leaf), numbers, `the gradient by ${leaf}`, null);
      if (d !== null) return d;
    }
    return difference(o.value, reference.value, "the result", null);
  }
}

const sum = (list: readonly number[]): number => list.reduce((a, x) => a + x, 0);
const size = (list: readonly number[]): number => list.reduce((a, x) => a + Math.abs(x), 0);

/** A number from a text (FNV-1a). */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
