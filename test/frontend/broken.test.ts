/**
 * Broken programs: kernels cut off, with tokens left out or exchanged. Whatever they say, the frontend answers with
 * diagnostics, or compiles them; it does not crash, and it does not hang.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "uvu";
import { check } from "../../compiler/index.ts";
import { randomOf } from "../passes/random-ir.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const programs = ["polybench/kernels", "test/diagnostics"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ file: join(root, folder, name), text: readFileSync(join(root, folder, name), "utf8") })),
);
/** Checks that a program may take, and still count as not hanging. */
const limitMs = 5000;

interface Token {
  readonly kind: ts.SyntaxKind;
  readonly start: number;
  readonly end: number;
}

function tokensOf(text: string): Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, text);
  const tokens: Token[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    tokens.push({ kind, start: scanner.getTokenStart(), end: scanner.getTokenEnd() });
  }
  return tokens;
}

/** Throws, with the program, where checking it does anything but give diagnostics. */
function survives(file: string, text: string): void {
  const start = performance.now();
  try {
    check({ file, text });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : error}\n\n${text}`);
  }
  const ms = performance.now() - start;
  if (ms > limitMs) throw new Error(`took ${ms.toFixed(0)} ms\n\n${text}`);
}

const without = (text: string, t: Token): string => text.slice(0, t.start) + text.slice(t.end);
const replaced = (text: string, t: Token, by: string): string => text.slice(0, t.start) + by + text.slice(t.end);

test("cut off after every 7th token", () => {
  for (const [k, { file, text }] of programs.entries()) {
    for (const [i, token] of tokensOf(text).entries()) {
      if ((i + k) % 7 === 0) survives(file, text.slice(0, token.end));
    }
  }
});

test("with a token left out", () => {
  const random = randomOf(1);
  for (const { file, text } of programs) {
    const tokens = tokensOf(text);
    for (let n = 0; n < 8; n++) survives(file, without(text, tokens[random(tokens.length)] as Token));
  }
});

// Most of these still parse, many have the right types: they reach what the type checker otherwise stands before.
test("with a token exchanged for another of its kind", () => {
  const random = randomOf(2);
  const group = (kind: ts.SyntaxKind): string =>
    kind === ts.SyntaxKind.Identifier || kind === ts.SyntaxKind.NumericLiteral
      ? "operand"
      : kind >= ts.SyntaxKind.LessThanToken && kind <= ts.SyntaxKind.CaretEqualsToken
        ? "operator"
        : "other";
  for (const { file, text } of programs) {
    const tokens = tokensOf(text).filter((t) => group(t.kind) !== "other");
    for (let n = 0; n < 15; n++) {
      const token = tokens[random(tokens.length)] as Token;
      const others = tokens.filter((t) => group(t.kind) === group(token.kind));
      const other = others[random(others.length)] as Token;
      survives(file, replaced(text, token, text.slice(other.start, other.end)));
    }
  }
});

test.run();
