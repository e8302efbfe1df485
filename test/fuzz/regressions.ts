/**
 * Failures as files: a program, shrunk, whose first line says what kind of program it is.
 *
 *   // not plain, wild, fast, real f32
 *
 * `not plain`: Node running the file differs by design (f32 arithmetic, an integer −0). `wild`: accesses may be outside.
 * `hollow`: it is run with empty arrays as well. `contract`, `fast`: it is run in these modes, not in `strict`.
 * `gradients 17`: its derivatives are compared, with respect to what the seed 17 asks for.
 * Without a word of these in its first line a file is plain, and strict. A file `x-part.ts` is imported by the file `x.ts`.
 */
import type { Mode } from "../../compiler/ir/ir.ts";
import type { Failure, RunOptions } from "./run.ts";
import { type Program, partFile, printFiles, type Sources } from "./tree.ts";

/** How to run a regression file: once for each of its modes. */
export function readHeader(text: string): readonly RunOptions[] {
  const line = /^\/\/ (.*)/.exec(text)?.[1] ?? "";
  const words = new Set(line.split(", "));
  const grad = /gradients (\d+)/.exec(line)?.[1];
  const modes = (["contract", "fast"] as const).filter((m) => words.has(m));
  const traits = (mode: Mode): RunOptions["traits"] => ({
    plain: !words.has("not plain") && mode === "strict",
    wild: words.has("wild"),
    hollow: words.has("hollow"),
    tame: mode !== "strict",
    real: words.has("real f32") ? "f32" : "f64",
  });
  return (modes.length === 0 ? (["strict"] as const) : modes).map((mode) => ({
    mode,
    traits: traits(mode),
    ...(grad === undefined ? {} : { grad: Number(grad) }),
  }));
}

/** The files of a regression, by name: ready to be put into `regressions/`. */
export function regressionFiles(
  p: Program,
  mode: Mode,
  failure: Failure,
  name: string,
): Readonly<Record<string, string>> {
  const { plain, wild, hollow, real } = p.traits;
  const words = [
    ...(plain ? [] : ["not plain"]),
    ...(wild ? ["wild"] : []),
    ...(hollow ? ["hollow"] : []),
    ...(mode === "strict" ? [] : [mode]),
    ...(real === "f32" ? ["real f32"] : []),
    ...(p.traits.smooth ? [`gradients ${p.seed}`] : []),
  ];
  const first = words.length === 0 ? "" : `// ${words.join(", ")}\n`;
  const why = `/** Seed ${p.seed}: ${failure.kernel} on ${failure.runner}, ${failure.what.split("\n")[0]} */\n`;
  const { text, imports } = printFiles(p);
  const part = `${name}-part.ts`;
  const main = { [`${name}.ts`]: first + why + text.replaceAll(`./${partFile}`, `./${part}`) };
  return imports[partFile] === undefined ? main : { ...main, [part]: imports[partFile] };
}

/** What a regression file imports, found by `read`. */
export function regressionSources(text: string, read: (name: string) => string): Sources {
  const names = [...text.matchAll(/from "\.\/([\w-]+\.ts)"/g)].map(([, name]) => name as string);
  return { text, imports: Object.fromEntries(names.map((name) => [name, read(name)])) };
}
