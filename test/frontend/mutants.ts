/**
 * Broken programs, made of right ones: cut off after a token, with a token left out, doubled, exchanged with the next,
 * replaced by one of another kind, or with a bracket or an operator put in before it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { bug } from "../../compiler/diagnostic.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Program {
  readonly name: string;
  /** By absolute path, so that imports of a mutant lead where the program's do. */
  readonly file: string;
  readonly text: string;
}

/** The kernels of PolyBench, and the programs of the tests, right and wrong ones. */
export function programs(): readonly Program[] {
  const folders = [
    "polybench/kernels",
    "test/golden/frontend",
    "test/fuzz/regressions",
    "test/diagnostics",
    "test/diagnostics/programs",
  ];
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => {
        const file = join(root, folder, name);
        return { name: relative(root, file), file, text: readFileSync(file, "utf8") };
      }),
  );
}

interface Token {
  readonly kind: ts.SyntaxKind;
  readonly start: number;
  readonly end: number;
}

export function tokensOf(text: string): readonly Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, text);
  const tokens: Token[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    tokens.push({ kind, start: scanner.getTokenStart(), end: scanner.getTokenEnd() });
  }
  return tokens;
}

type Kind = "name" | "number" | "operator" | "bracket" | "word" | "other";
function kindOf({ kind }: Token): Kind {
  const K = ts.SyntaxKind;
  if (kind === K.Identifier) return "name";
  if (kind === K.NumericLiteral) return "number";
  if (kind >= K.FirstKeyword && kind <= K.LastKeyword) return "word";
  if (kind >= K.OpenBraceToken && kind <= K.CloseBracketToken) return "bracket";
  return kind >= K.LessThanToken && kind <= K.CaretEqualsToken ? "operator" : "other";
}

/** One token of each kind that a token may be replaced by, and that kernels are apt to stumble over. */
const strangers: readonly string[] = [
  "x",
  "0",
  "1.5",
  "+",
  "=",
  "(",
  "]",
  "{",
  ";",
  "if",
  "return",
  "const",
  "f64",
  '"s"',
  "null",
  "...",
];
const inserted: readonly string[] = ["(", ")", "[", "]", "{", "}", ";", ",", "-", "*", "=", "!", "?.", "."];

/** All mutants at one token, by what was done. `random` chooses what a token of the program is replaced by. */
export function* mutantsAt(
  text: string,
  tokens: readonly Token[],
  i: number,
  random: (n: number) => number,
): Generator<{ readonly how: string; readonly text: string }> {
  const t = tokens[i] ?? bug("no such token");
  const own = text.slice(t.start, t.end);
  const put = (by: string): string => text.slice(0, t.start) + by + text.slice(t.end);
  yield { how: "cut off after it", text: text.slice(0, t.end) };
  yield { how: "left out", text: put("") };
  yield { how: "doubled", text: put(`${own} ${own}`) };
  const next = tokens[i + 1];
  if (next !== undefined) {
    const between = text.slice(t.end, next.start);
    const swapped = text.slice(next.start, next.end) + between + own;
    yield { how: "exchanged with the next", text: text.slice(0, t.start) + swapped + text.slice(next.end) };
  }
  // A token of its own kind keeps more programs readable; one of another kind breaks more of them.
  const same = tokens.filter((o) => kindOf(o) === kindOf(t));
  const other = same[random(same.length)] ?? t;
  const replaced = text.slice(other.start, other.end);
  yield { how: `replaced by \`${replaced}\``, text: put(replaced) };
  const stranger = strangers[random(strangers.length)] ?? "x";
  yield { how: `replaced by \`${stranger}\``, text: put(stranger) };
  for (const s of inserted) yield { how: `after an inserted \`${s}\``, text: put(`${s} ${own}`) };
}
