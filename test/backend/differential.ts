/** The second opinion: runs cases on a backend and on the interpreter, and says where they differ. */
import * as assert from "uvu/assert";
import { type InterpArg, type InterpArray, InterpError, interpreter } from "../../compiler/interp.ts";
import type { Mode, Module } from "../../compiler/ir/ir.ts";
import type { Precision } from "../../compiler/ir/library.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { withLibrary } from "../../compiler/passes/lower-math.ts";
import { type Backend, load, type Outcome, type Run } from "./run-kernel.ts";

export interface Trial {
  readonly name: string;
  readonly args: () => readonly InterpArg[];
  /** To the bit (all NaNs are one), or to some units in the last place. */
  readonly exact: boolean;
}

/** The module that a text describes, which must verify. */
export function parsed(text: string, precision?: Precision): Module {
  const m = withLibrary(parse(text), precision);
  assert.equal(
    verify(m).map((f) => `${f.func}: ${f.message}`),
    [],
  );
  return m;
}

/** Runs kernels on a backend and on the interpreter and compares everything that they leave behind. */
export async function compare(m: Module, trials: readonly Trial[], backend: Backend, mode: Mode): Promise<void> {
  const run = await load(m, backend, mode);
  const interpret = interpreter(m);
  const oracle: Run = (kernel, args) => outcomeOf(() => interpret(kernel, args));
  const faults = trials.flatMap((trial) => {
    const mine = trial.args();
    const theirs = trial.args();
    // First the oracle: an access outside of its array is an error there, but anything at all in machine code.
    const expected = oracle(trial.name, theirs);
    const outcome = run(trial.name, mine);
    return differences(trial, outcome, mine, expected, theirs).slice(0, 3);
  });
  assert.equal(faults, []);
}

function outcomeOf(run: () => unknown): Outcome {
  try {
    run();
    return { status: 0, index: 0 };
  } catch (error) {
    if (!(error instanceof InterpError) || error.reason !== "check") throw error;
    return { status: 1, index: error.detail.index as number };
  }
}

function differences(
  trial: Trial,
  outcome: Outcome,
  mine: readonly InterpArg[],
  expected: Outcome,
  theirs: readonly InterpArg[],
): string[] {
  // The interpreter does not number its checks.
  if (Math.min(outcome.status, 1) !== expected.status || outcome.index !== expected.index) {
    return [`${trial.name}: ${JSON.stringify(outcome)}, not ${JSON.stringify(expected)}`];
  }
  return elementDifferences(trial.name, mine, theirs, (x, y) => same(x, y, trial.exact));
}

/** Are they equal to the bit, or but for the last places? */
export const same = (x: number, y: number, exact: boolean): boolean =>
  Object.is(x, y) || (!exact && (x === y || Math.abs(x - y) <= 1e-6 * Math.min(Math.abs(x), Math.abs(y))));

/**
 * Where two runs of a kernel left different elements, and of what: the values at the same place in the arguments before are where an
 * element came from when the kernel is elementwise. `agree` is also told these and the number of the argument.
 */
export function elementDifferences(
  name: string,
  mine: readonly InterpArg[],
  theirs: readonly InterpArg[],
  agree: (x: number, y: number, from: readonly (number | boolean | undefined)[], k: number) => boolean,
): string[] {
  return mine.flatMap((a, k) => {
    if (typeof a !== "object") return [];
    const wanted = (theirs[k] as InterpArray).data;
    return Array.from(a.data).flatMap((x, i) => {
      const y = wanted[i] as number;
      const from = mine.slice(0, k).map((b) => (typeof b === "object" ? b.data[i] : b));
      return agree(x, y, from, k) ? [] : [`${name}: argument ${k} at ${i}: ${x}, not ${y} (of ${from.join(", ")})`];
    });
  });
}
