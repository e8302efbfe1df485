/** Ways to run one kernel of a file on one launch, and what a call leaves behind. */
import { type Artifact, type Entry, funcNamed } from "../../compiler/artifact.ts";
import { type InterpArg, interpreter } from "../../compiler/interp.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import { type Module, valueType } from "../../compiler/ir/ir.ts";
import { type Bound, bindArguments } from "../../runtime/arguments.ts";
import { call, resultOf, type Unit } from "../../runtime/call.ts";
import { tolerance, Untame } from "./approx.ts";
import { argumentsFor, difference, type Launch, zeroed } from "./inputs.ts";
import { plainModule } from "./plain.ts";
import { isApprox, type Shade, type ShadowArray, shade, shadowRun } from "./shadow.ts";
import type { Sources } from "./tree.ts";

interface Done {
  readonly args: readonly unknown[];
  readonly result: unknown;
}
/** A call's arguments and result; or its error, and what it changed nevertheless. */
export type Outcome = Done | { readonly error: string; readonly changed: string | null };
export type Run = (entry: Entry, launch: Launch) => Promise<Outcome>;

/** What is to come out: exactly this; this with a slack for every float; or nothing that could be said. */
export type Expected = Outcome | (Done & { readonly slack: Done }) | { readonly untame: Untame["sort"] };

/** Loops before any pass may run this many steps in a call; longer programs are no good as tests. */
const maxSteps = 2_000_000;

export function unitRunner(unit: Unit): Run {
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
  const changes = entry.params.map((p, i) => difference(args[i], before[i], p.name, null));
  return { ...done, changed: changes.find((c) => c !== null) ?? null };
}

/** The interpreter, on the module before all passes. */
export function loopRunner(artifact: Artifact, loops: Module): Run {
  const interpret = interpreter(loops, { paranoid: true, maxSteps });
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const done = await attempt(async () => {
      const bound = bind(artifact, loops, entry, args);
      const results = interpret(
        entry.name,
        bound.args.map((a): InterpArg => (a.kind === "scalar" ? a.value : { data: a.data, shape: a.shape })),
      );
      bound.writeBack();
      return resultOf(entry, results);
    });
    return outcome(entry, launch, args, done, false);
  };
}

/** The loops as written, and how far every float may be away elsewhere. */
export function shadowRunner(artifact: Artifact, loops: Module): (entry: Entry, launch: Launch) => Promise<Expected> {
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const slackArgs = zeroed(args);
    const done = await attempt(async () => {
      const bound = bind(artifact, loops, entry, args);
      const slack = bind(artifact, loops, entry, slackArgs);
      const shadows = bound.args.map((a): Shade | ShadowArray => {
        if (a.kind === "scalar") return shade(a.type, a.value);
        const data = Array.from(a.data, (x): Shade => shade(valueType(a.elem), a.elem === "bool" ? x !== 0 : x));
        return { data, base: 0, dims: a.shape };
      });
      const results = shadowRun(loops, entry.name, shadows, maxSteps);
      bound.args.forEach((a, k) => {
        const into = slack.args[k];
        if (a.kind === "scalar" || into === undefined || into.kind === "scalar") return;
        (shadows[k] as ShadowArray).data.forEach((x, i) => {
          a.data[i] = Number(datumOf(x));
          into.data[i] = slackOf(x);
        });
      });
      bound.writeBack();
      slack.writeBack();
      return {
        args,
        result: resultOf(entry, results.map(datumOf)),
        slack: { args: slackArgs, result: resultOf(entry, results.map(slackOf)) },
      };
    });
    if ("value" in done) return done.value;
    return done.cause instanceof Untame ? { untame: done.cause.sort } : { error: done.error, changed: null };
  };
}
const datumOf = (x: Shade): Datum => (isApprox(x) ? x.value : x);
const slackOf = (x: Shade): number => (isApprox(x) ? tolerance(x) : 0);

function bind(artifact: Artifact, loops: Module, entry: Entry, args: readonly unknown[]): Bound {
  const func = funcNamed(loops, entry.name);
  const whole = artifact.entries.find((e) => e.name === entry.name);
  if (func === undefined || whole === undefined) throw new Error(`there is no @${entry.name}`);
  return bindArguments(whole, func, args);
}

/** The file as Node runs it. */
export function plainRunner(sources: Sources): Run {
  const module = plainModule(sources);
  return async (entry, launch) => {
    const args = argumentsFor(entry.params, launch);
    const done = await attempt(async () => module[entry.name]?.(...args));
    return outcome(entry, launch, args, done, false);
  };
}

export async function attempt<T>(
  f: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: string; readonly cause: Error }> {
  try {
    return { value: await f() };
  } catch (e) {
    const cause = e instanceof Error ? e : new Error(String(e));
    const [first, ...rest] = cause.message.split("\n");
    const more = rest.slice(0, 6).join("\n");
    return { error: `${cause.constructor.name}: ${first}${more === "" ? "" : `\n${more}`}`, cause };
  }
}
