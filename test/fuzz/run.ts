/**
 * Runs a kernel file everywhere and says where it differs: the frontend's IR before any pass, the interpreter after all
 * passes (the reference), every target of this machine, and the file itself as plain JavaScript.
 */
import type { Artifact, Entry, TargetName } from "../../compiler/artifact.ts";
import { funcNamed } from "../../compiler/artifact.ts";
import { printC } from "../../compiler/backend/c.ts";
import { compileC, findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { printLlvm } from "../../compiler/backend/llvm.ts";
import { compileNative } from "../../compiler/backend/native.ts";
import { compileWasm } from "../../compiler/backend/wasm.ts";
import { type FrontendOptions, lower } from "../../compiler/frontend/frontend.ts";
import { compile } from "../../compiler/index.ts";
import { type InterpArg, interpreter } from "../../compiler/interp.ts";
import type { Module } from "../../compiler/ir/ir.ts";
import { bindArguments } from "../../runtime/arguments.ts";
import { call, resultOf, type Unit } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { argumentsFor, difference, type Launch, launches } from "./inputs.ts";
import { plainModule } from "./plain.ts";

/** `loops` is the interpreter before all passes, `plain` the file as Node runs it. */
export type Runner = TargetName | "loops" | "plain";

/** Why a target cannot run here; null where it can. */
export const absent: Readonly<Record<TargetName, string | null>> = {
  interp: null,
  node: null,
  native: whyNoLibLLVM(),
  wasm: null,
  c: (await findCC()) === null ? "there is no C compiler" : null,
};
export const presentTargets = (Object.keys(absent) as TargetName[]).filter((t) => absent[t] === null);

export interface Failure {
  readonly kernel: string;
  readonly runner: Runner;
  readonly what: string;
  /** The reference itself failed: the program is not one. */
  readonly invalid: boolean;
}

/** What a call left behind: its arguments and result; or its error, and what it changed nevertheless. */
type Outcome =
  | { readonly args: readonly unknown[]; readonly result: unknown }
  | { readonly error: string; readonly changed: string | null };
type Run = (entry: Entry, launch: Launch) => Promise<Outcome>;

export interface RunOptions {
  /** Targets to hold against the interpreter. */
  readonly targets?: readonly TargetName[];
  /** Whether plain JavaScript must agree as well. */
  readonly plain: boolean;
  /** Whether calls may fail for accesses outside. */
  readonly wild?: boolean;
  readonly kernels?: readonly string[];
  /** What `real` is; f64 when not given. */
  readonly real?: "f64" | "f32";
}

/** Loops before any pass may run this many steps in a call; longer programs are no good as tests. */
const maxSteps = 2_000_000;

/** All kernels of a file on all runners. An empty list says that they agree. */
export async function runEverywhere(text: string, options: RunOptions): Promise<readonly Failure[]> {
  const file = "/fuzz/program.ts";
  let loops: Module | undefined;
  const reference = await attempt(() =>
    compile(
      { file, text },
      {
        ...compileOptions(options),
        target: "interp",
        trace: (t) => {
          loops ??= t.after;
        },
      },
    ),
  );
  if ("error" in reference)
    return [{ kernel: "", runner: "interp", what: reference.error, invalid: isRefusal(reference.error) }];
  const artifact = reference.value;
  const failures: Failure[] = [];
  const runners: (readonly [Runner, Run])[] = [["loops", loopRunner(artifact, loops as Module)]];
  if (options.plain) runners.push(["plain", plainRunner(text)]);
  const dispose: (() => void)[] = [];
  // Node knows no accesses outside.
  const targets = (options.targets ?? presentTargets).filter((t) => t !== "interp" && !(t === "node" && options.wild));
  const units = await Promise.all(targets.map((t) => attempt(() => unitOf(t, artifact, text, options))));
  for (const [i, built] of units.entries()) {
    const runner = targets[i] as TargetName;
    if ("error" in built) {
      failures.push({ kernel: "", runner, what: built.error, invalid: false });
      continue;
    }
    runners.push([runner, unitRunner(built.value)]);
    dispose.push(() => built.value.program.dispose());
  }
  const oracle = unitRunner(await unitOf("interp", artifact, text, options));
  for (const entry of artifact.entries) failures.push(...(await compareKernel(entry, oracle, runners, options)));
  for (const free of dispose) free();
  return failures;
}

/** The frontend's refusals are about the program; everything else is the compiler's fault. */
const isRefusal = (error: string): boolean => /^CompileError/.test(error);

/** The reference's program with a target's code: frontend and passes are the same for all of them, and the slowest part. */
async function artifactFor(
  target: TargetName,
  reference: Artifact,
  text: string,
  options: RunOptions,
): Promise<Artifact> {
  const { program, file } = reference;
  switch (target) {
    case "interp":
      return reference;
    case "native":
      return { ...reference, target, code: compileNative(printLlvm(program, { pointerBits: 64 })).object };
    case "c":
      return { ...reference, target, code: (await compileC(printC(program), { mode: "strict" })).library };
    case "wasm": {
      const exports = program.funcs.filter((f) => f.kind === "kernel").map((f) => f.name);
      const llvm = printLlvm(program, { pointerBits: 32, selfContained: true });
      return { ...reference, target, code: await compileWasm(llvm, { exports, memory: "shared" }), memory: "shared" };
    }
    case "node":
      return { ...reference, target, code: lower(file, text, compileOptions(options)).js() };
  }
}

async function unitOf(target: TargetName, reference: Artifact, text: string, options: RunOptions): Promise<Unit> {
  return loadUnit(await artifactFor(target, reference, text, options), () =>
    compile({ file: reference.file, text }, { ...compileOptions(options), target, checks: "all" }),
  );
}

const compileOptions = ({ kernels, real = "f64" }: RunOptions): FrontendOptions => ({
  mode: "strict",
  real,
  ...(kernels === undefined ? {} : { kernels }),
});

async function compareKernel(
  entry: Entry,
  oracle: Run,
  runners: readonly (readonly [Runner, Run])[],
  options: RunOptions,
): Promise<readonly Failure[]> {
  const failures = new Map<Runner, Failure>();
  for (const launch of launches) {
    const expected = await oracle(entry, launch);
    const at = `sizes ${launch.sizes.join(" × ")}`;
    for (const [runner, run] of runners) {
      if (failures.has(runner)) continue;
      const got = await run(entry, launch);
      const what = compareOutcomes(entry, runner, got, expected, options.wild === true);
      if (what !== null) failures.set(runner, { kernel: entry.name, runner, what: `${what} (${at})`, invalid: false });
    }
    if ("error" in expected && !options.wild) {
      // Whoever agrees that this program fails is right, but it was not to be one that fails.
      const all: Failure = { kernel: entry.name, runner: "interp", what: `${expected.error} (${at})`, invalid: true };
      return [...failures.values(), all];
    }
  }
  return [...failures.values()];
}

function compareOutcomes(entry: Entry, runner: Runner, got: Outcome, expected: Outcome, wild: boolean): string | null {
  if ("error" in expected) {
    // The interpreter before all passes has words of its own.
    if (!("error" in got)) return `runs, where the interpreter says ${expected.error}`;
    if (runner !== "loops" && got.error !== expected.error) return `${got.error}\nnot ${expected.error}`;
    return got.changed === null ? null : `${got.changed}, though the call failed`;
  }
  // Passes drop accesses whose value nobody asks for, those outside too.
  if ("error" in got) return runner === "loops" && wild && /outside of/.test(got.error) ? null : got.error;
  for (const [i, p] of entry.params.entries()) {
    const d = difference(got.args[i], expected.args[i], p.name);
    if (d !== null) return d;
  }
  return entry.result === null ? null : difference(got.result, expected.result, "the result");
}

// The runners.

function unitRunner(unit: Unit): Run {
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const done = await attempt(() => call(unit, entry.name, args));
    return outcome(entry, launch, args, done, true);
  };
}

function outcome(
  entry: Entry,
  launch: Launch,
  args: readonly unknown[],
  done: { readonly value: unknown } | { readonly error: string },
  restores: boolean,
): Outcome {
  if (!("error" in done)) return { args, result: done.value };
  if (!restores) return { ...done, changed: null };
  const before = argumentsFor(entry.params, launch);
  const changes = entry.params.map((p, i) => difference(args[i], before[i], p.name));
  return { ...done, changed: changes.find((c) => c !== null) ?? null };
}

function loopRunner(artifact: Artifact, loops: Module): Run {
  const interpret = interpreter(loops, { paranoid: true, maxSteps });
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const func = funcNamed(loops, entry.name);
    if (func === undefined) return { error: `there is no @${entry.name}`, changed: null };
    const done = await attempt(async () => {
      const whole = artifact.entries.find((e) => e.name === entry.name) as Entry;
      const bound = bindArguments(whole, func, args);
      const results = interpret(
        entry.name,
        bound.args.map((a): InterpArg => (a.kind === "scalar" ? a.value : { data: a.data, shape: a.shape })),
      );
      bound.writeBack();
      return resultOf(whole, results);
    });
    return outcome(entry, launch, args, done, false);
  };
}

function plainRunner(text: string): Run {
  const module = plainModule(text);
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const done = await attempt(async () => module[entry.name]?.(...args));
    return outcome(entry, launch, args, done, false);
  };
}

async function attempt<T>(f: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: string }> {
  try {
    return { value: await f() };
  } catch (e) {
    const error = e instanceof Error ? e : new Error(String(e));
    const [first, ...rest] = error.message.split("\n");
    const more = rest.slice(0, 6).join("\n");
    return { error: `${error.constructor.name}: ${first}${more === "" ? "" : `\n${more}`}` };
  }
}
