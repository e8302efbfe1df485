/**
 * Golden cases. A case is one file: a header, the input, a line `===`, the output.
 *
 *   # test licm                          the passes to run, in order
 *   # test parallelize ~1e-12            … when floats may come out this far apart
 *   # sizes 40 33                        run the interpreter at these sizes, not at 4, 7, 1 and 0
 *
 *   stage loop
 *   …
 *   ===
 *   stage loop
 *   …
 *
 * Each case is four checks: the output is the text below `===`; both sides verify; both sides print to a fixed point of
 * parse; the interpreter, run on both with the same data, leaves the same arrays. `UPDATE=1` writes the output into the
 * file, unless one of the other three fails.
 */
import { writeFileSync } from "node:fs";
import type { Module } from "../compiler/ir/ir.ts";
import { parse } from "../compiler/ir/parse.ts";
import { print } from "../compiler/ir/print.ts";
import { verify } from "../compiler/ir/verify.ts";
import type { Pass } from "../compiler/pass.ts";
import { difference } from "./equivalent.ts";

export interface GoldenCase {
  readonly path: string;
  readonly passes: readonly string[];
  readonly tolerance: number;
  /** Null for the usual ones. */
  readonly sizes: readonly number[] | null;
  readonly input: string;
  /** Null where the file has no `===` yet. */
  readonly output: string | null;
}

const separator = /^===[ \t]*$/m;

/** The parts of a golden file: one of IR text, or two with `===` between them. */
export const partsOf = (text: string): readonly string[] => text.split(separator);

export function readCase(path: string, text: string): GoldenCase {
  const head = /^# test ([\w-]+(?:[ ,]+[\w-]+)*)(?: +~(\S+))?[ \t]*$/m.exec(text);
  if (head === null) throw new Error(`${path}: the first line must be "# test PASS"`);
  const sizes = /^# sizes ([\d ]+)$/m.exec(text)?.[1];
  const [input = "", output] = partsOf(text);
  return {
    path,
    passes: (head[1] as string).split(/[ ,]+/),
    tolerance: Number(head[2] ?? 0),
    sizes: sizes === undefined ? null : sizes.trim().split(/ +/).map(Number),
    input,
    output: output?.trimStart() ?? null,
  };
}

/** The four checks of a case by name; each throws what is wrong. */
export function checksOf(
  c: GoldenCase,
  table: Readonly<Record<string, Pass>>,
  update: boolean,
): Readonly<Record<string, () => void>> {
  const before = (): Module => parse(c.input, c.path);
  let memo: Module | null = null;
  const after = (): Module => {
    memo ??= passesOf(c, table).reduce((m, pass) => pass.run(m), before());
    return memo;
  };

  const verifies = (): void => {
    for (const [side, m] of [
      ["input", before()],
      ["output", after()],
    ] as const) {
      const [fault] = verify(m);
      if (fault !== undefined)
        throw new Error(`the ${side} is wrong, in @${fault.func}: ${fault.message}\n\n${print(m)}`);
    }
  };
  const roundTrips = (): void => {
    for (const m of [before(), after()]) sameText(print(parse(print(m))), print(m));
  };
  const means = (): void => {
    const options = { tolerance: c.tolerance, ...(c.sizes === null ? {} : { sizes: c.sizes }) };
    const problem = difference(before(), after(), options);
    if (problem !== null) throw new Error(`${problem}\n\n${print(after())}`);
  };
  const output = (): void => {
    const text = print(after());
    if (!update) {
      if (c.output === null) throw new Error(`no === in the file; UPDATE=1 writes the output:\n\n${text}`);
      sameText(text, c.output);
    } else if (text !== c.output) {
      for (const check of [verifies, roundTrips, means]) check();
      writeFileSync(c.path, `${c.input.trimEnd()}\n\n===\n${text}`);
    }
  };
  return { output, verifies, "round trip": roundTrips, "same meaning": means };
}

function passesOf(c: GoldenCase, table: Readonly<Record<string, Pass>>): readonly Pass[] {
  return c.passes.map((name) => {
    const pass = Object.hasOwn(table, name) ? table[name] : undefined;
    if (pass === undefined) throw new Error(`there is no pass ${name}; there are ${Object.keys(table).join(", ")}`);
    return pass;
  });
}

/** Throws with the first line that differs, and all of what is there. */
export function sameText(actual: string, expected: string): void {
  if (actual === expected) return;
  const a = actual.split("\n");
  const b = expected.split("\n");
  const line = a.findIndex((text, i) => text !== b[i]);
  const i = line < 0 ? a.length : line;
  const shown = (text: string | undefined): string => (text === undefined ? "the end" : JSON.stringify(text));
  throw new Error(`line ${i + 1} is ${shown(a[i])}, expected ${shown(b[i])}\n\n${actual}`);
}

/** What the comments `# error: …` of a text say, as `line: message`. */
export const expectedFaults = (text: string): string[] =>
  text.split("\n").flatMap((line, i) =>
    line
      .split("# error: ")
      .slice(1)
      .map((message) => `${i + 1}: ${message.trim()}`),
  );

/** The faults of a text in the same form, by line. */
export const actualFaults = (text: string, path: string): string[] =>
  verify(parse(text, path))
    .toSorted((a, b) => a.loc.span.line - b.loc.span.line)
    .map((fault) => `${fault.loc.span.line}: ${fault.message}`);
