/**
 * Runs a kernel file everywhere and says where it differs: the frontend's IR before any pass, the interpreter after all
 * passes, every target of this machine, and the file itself as plain JavaScript.
 *
 * In `strict` the interpreter after all passes is the reference, and bits are compared. In `contract` and `fast` it is what
 * the loops compute as written, with a bound on how far other orders of the operations may be away (shadow.ts): integers and
 * bools are compared to the bit, floats within the bound.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Artifact, CpuTarget, Entry } from "../../compiler/artifact.ts";
import { printC } from "../../compiler/backend/c.ts";
import { compileC, findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { printLlvm } from "../../compiler/backend/llvm.ts";
import { compileNative } from "../../compiler/backend/native.ts";
import { compileWasm } from "../../compiler/backend/wasm.ts";
import { type FrontendOptions, lower } from "../../compiler/frontend/frontend.ts";
import { compile } from "../../compiler/index.ts";
import type { Mode, Module } from "../../compiler/ir/ir.ts";
import type { Unit } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { difference, emptyLaunches, type Launch, launches } from "./inputs.ts";
import {
  attempt,
  type Expected,
  loopRunner,
  type Outcome,
  plainRunner,
  type Run,
  shadowRunner,
  unitRunner,
} from "./runners.ts";
import type { Traits } from "./scope.ts";
import type { Sources } from "./tree.ts";

/**
 * `loops` is the interpreter before all passes, `plain` the file as Node runs it, `process` what all of it runs in; `vjp` and
 * `jvp` are derivatives on the interpreter (grad.ts).
 */
export type Runner = CpuTarget | "loops" | "plain" | "process" | "vjp" | "jvp";

/** Why a target cannot run here; null where it can. */
export const absent: Readonly<Record<CpuTarget, string | null>> = {
  interp: null,
  node: null,
  native: whyNoLibLLVM(),
  wasm: null,
  c: (await findCC()) === null ? "there is no C compiler" : null,
};
export const presentTargets = (Object.keys(absent) as CpuTarget[]).filter((t) => absent[t] === null);

export interface Failure {
  readonly kernel: string;
  readonly runner: Runner;
  readonly what: string;
  /** The reference itself failed: the program is not one. */
  readonly invalid: boolean;
}

/** How much of a file was compared. */
export interface Coverage {
  /** Calls compared: launches of kernels, on all runners. */
  calls: number;
  /**
   * Calls not compared since a branch, integer or pole hangs on rounding errors, and since floats leave their middle range.
   * Of gradients: since they would keep more than they may, and since there is no derivative.
   */
  undecided: number;
  range: number;
  /** Floats compared within a bound, and those among them where the bound is below 1e-9 (f32: 1e-3) of the number, or of 1. */
  floats: number;
  sharp: number;
  /** Kernels without a gradient (grad.ts). */
  refused: number;
}
export const noCoverage = (): Coverage => ({ calls: 0, undecided: 0, range: 0, floats: 0, sharp: 0, refused: 0 });

export interface Verdict {
  /** Empty where all agree. */
  readonly failures: readonly Failure[];
  /** Why kernels have no gradient: they are none the worse for it. */
  readonly refusals?: readonly string[];
  readonly coverage: Coverage;
}

export interface RunOptions {
  /** Targets to compare. */
  readonly targets?: readonly CpuTarget[];
  /** `strict` when not given. */
  readonly mode?: Mode;
  /** Plain JavaScript must agree where it says so; calls may fail where it is wild, and have empty arrays where it is hollow. */
  readonly traits: Pick<Traits, "plain" | "wild" | "tame" | "hollow" | "real">;
  /** Of a seed: its derivatives are compared (grad.ts), not the kernels themselves. */
  readonly grad?: number;
}

/** All kernels of a file on all runners. */
export const runEverywhere = (sources: Sources, options: RunOptions): Promise<Verdict> =>
  inFolder(sources, (file) => runFile(file, sources, options));

/** Gives `run` the name of the program's file, beside which its imports are. */
export async function inFolder<T>({ imports }: Sources, run: (file: string) => Promise<T>): Promise<T> {
  const names = Object.entries(imports);
  if (names.length === 0) return run("/fuzz/program.ts");
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-fuzz-"));
  try {
    for (const [name, text] of names) writeFileSync(join(folder, name), text);
    return await run(join(folder, "program.ts"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runFile(file: string, sources: Sources, options: RunOptions): Promise<Verdict> {
  const { text } = sources;
  const { mode = "strict", traits } = options;
  let loops: Module | undefined;
  const trace = (t: { readonly after: Module }): void => {
    loops ??= t.after;
  };
  const compiled = await attempt(() =>
    compile({ file, text }, { ...compileOptions(options), target: "interp", trace }),
  );
  const coverage = noCoverage();
  if ("error" in compiled) {
    const failure: Failure = { kernel: "", runner: "interp", what: compiled.error, invalid: isRefusal(compiled.error) };
    return { failures: [failure], coverage };
  }
  const reference = compiled.value;
  const failures: Failure[] = [];
  const runners: (readonly [Runner, Run])[] = [["loops", loopRunner(reference, loops as Module)]];
  if (traits.plain) runners.push(["plain", plainRunner(sources)]);
  // Node knows no accesses outside.
  const targets = (options.targets ?? presentTargets).filter((t) => t !== "interp" && !(t === "node" && traits.wild));
  const units = await Promise.all(targets.map((t) => attempt(() => unitOf(t, reference, text, options))));
  const dispose: (() => void)[] = [];
  for (const [i, built] of units.entries()) {
    const runner = targets[i] as CpuTarget;
    if ("error" in built) {
      failures.push({ kernel: "", runner, what: built.error, invalid: false });
      continue;
    }
    runners.push([runner, unitRunner(built.value)]);
    dispose.push(() => built.value.program.dispose());
  }
  const interpreted = unitRunner(await unitOf("interp", reference, text, options));
  if (mode !== "strict") runners.push(["interp", interpreted]);
  const oracle = mode === "strict" ? interpreted : shadowRunner(reference, loops as Module);
  for (const entry of reference.entries) {
    failures.push(...(await compareKernel(entry, oracle, runners, options, coverage)));
  }
  for (const free of dispose) free();
  return { failures, coverage };
}

/** The frontend's refusals are about the program; everything else is the compiler's fault. */
export const isRefusal = (error: string): boolean => /^CompileError/.test(error);

/** The reference's program with a target's code: frontend and passes are the same for all of them, and the slowest part. */
export async function artifactFor(
  target: CpuTarget,
  reference: Artifact,
  text: string,
  options: RunOptions,
): Promise<Artifact> {
  const { program, file } = reference;
  const { mode = "strict" } = options;
  switch (target) {
    case "interp":
      return reference;
    case "native":
      return { ...reference, target, code: compileNative(printLlvm(program, { pointerBits: 64 })).object };
    case "c":
      return { ...reference, target, code: (await compileC(printC(program), { mode })).library };
    case "wasm": {
      const exports = program.funcs.filter((f) => f.kind === "kernel").map((f) => f.name);
      const llvm = printLlvm(program, { pointerBits: 32, selfContained: true });
      return { ...reference, target, code: await compileWasm(llvm, { exports, memory: "shared" }), memory: "shared" };
    }
    case "node":
      return { ...reference, target, code: lower(file, text, compileOptions(options)).js() };
  }
}

async function unitOf(target: CpuTarget, reference: Artifact, text: string, options: RunOptions): Promise<Unit> {
  return loadUnit(await artifactFor(target, reference, text, options), () =>
    compile({ file: reference.file, text }, { ...compileOptions(options), target, checks: "all" }),
  );
}

const compileOptions = ({ mode = "strict", traits }: RunOptions): FrontendOptions => ({ mode, real: traits.real });

async function compareKernel(
  entry: Entry,
  oracle: (entry: Entry, launch: Launch) => Promise<Expected>,
  runners: readonly (readonly [Runner, Run])[],
  { traits }: RunOptions,
  coverage: Coverage,
): Promise<readonly Failure[]> {
  const failures = new Map<Runner, Failure>();
  const { tame, wild } = traits;
  for (const launch of [...launches, ...(traits.hollow || wild ? emptyLaunches : [])].map((l) => ({ ...l, tame }))) {
    const expected = await oracle(entry, launch);
    if ("untame" in expected) {
      coverage[expected.untame]++;
      continue;
    }
    const at = `sizes ${launch.sizes.join(" × ")}`;
    if ("slack" in expected) countFloats(expected, coverage);
    coverage.calls++;
    for (const [runner, run] of runners) {
      // Node throws where it asks an empty array for its rows' length.
      if (failures.has(runner) || (runner === "plain" && launch.sizes.includes(0))) continue;
      const got = await run(entry, launch);
      const what = compareOutcomes(entry, runner, got, expected, wild);
      if (what !== null) failures.set(runner, { kernel: entry.name, runner, what: `${what} (${at})`, invalid: false });
    }
    if ("error" in expected && !wild) {
      // Whoever agrees that this program fails is right, but it was not to be one that fails.
      const all: Failure = { kernel: entry.name, runner: "interp", what: `${expected.error} (${at})`, invalid: true };
      return [...failures.values(), all];
    }
  }
  return [...failures.values()];
}

function compareOutcomes(entry: Entry, runner: Runner, got: Outcome, expected: Expected, wild: boolean): string | null {
  if ("untame" in expected) return null;
  if ("error" in expected) {
    // The interpreter before all passes has words of its own.
    if (!("error" in got)) return `runs, where the interpreter says ${expected.error}`;
    if (runner !== "loops" && got.error !== expected.error) return `${got.error}\nnot ${expected.error}`;
    return got.changed === null ? null : `${got.changed}, though the call failed`;
  }
  // Passes drop accesses whose value nobody asks for, those outside too.
  if ("error" in got) return runner === "loops" && wild && /outside of/.test(got.error) ? null : got.error;
  // The loops as written are what the bound speaks of: they give its very values.
  const slack = "slack" in expected && runner !== "loops" ? expected.slack : null;
  for (const [i, p] of entry.params.entries()) {
    const d = difference(got.args[i], expected.args[i], p.name, slack?.args[i] ?? null);
    if (d !== null) return d;
  }
  return entry.result === null ? null : difference(got.result, expected.result, "the result", slack?.result ?? null);
}

/** How sharp the comparison of these floats is. */
function countFloats(expected: Extract<Expected, { slack: unknown }>, coverage: Coverage): void {
  const count = (value: unknown, slack: unknown, small: number): void => {
    if (typeof slack === "number" && typeof value === "number") {
      if (slack === 0) return;
      coverage.floats++;
      if (slack <= small * Math.max(1, Math.abs(value))) coverage.sharp++;
    } else if (typeof value === "object" && value !== null) {
      const inner = value instanceof Float32Array ? 1e-3 : small;
      for (const key of Object.keys(value)) {
        count((value as Record<string, unknown>)[key], (slack as Record<string, unknown>)[key], inner);
      }
    }
  };
  count(expected.args, expected.slack.args, 1e-9);
  count(expected.result, expected.slack.result, 1e-9);
}
