/**
 * Broken programs: a sample of what robust.ts tries, and each program that once made the compiler crash or hang. Whatever
 * they say, the compiler answers with diagnostics, or compiles them.
 */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../compiler/index.ts";
import { randomOf } from "../passes/random-ir.ts";
import { mutantsAt, programs, tokensOf } from "./mutants.ts";
import { fault } from "./survives.ts";

/** What a program may take, and still count as not hanging, on a machine that has other things to do. */
const limitMs = 20_000;
const memoryMb = 1024;
const samples = 2000;

async function survives(file: string, text: string, what: string): Promise<void> {
  const start = performance.now();
  const found = await fault(file, text);
  assert.is(found, null, `${what}: ${found}\n\n${text}`);
  const ms = performance.now() - start;
  assert.ok(ms < limitMs, `${what} took ${ms.toFixed(0)} ms\n\n${text}`);
}

test("programs broken at a token here and there are refused, or compile", async () => {
  const random = randomOf(1);
  const all = programs().map((p) => ({ ...p, tokens: tokensOf(p.text) }));
  for (let n = 0; n < samples; n++) {
    // Each program in turn.
    const p = all[n % all.length];
    if (p === undefined) continue;
    const i = random(p.tokens.length);
    const mutants = [...mutantsAt(p.text, p.tokens, i, random)];
    const mutant = mutants[random(mutants.length)];
    if (mutant !== undefined) await survives(p.file, mutant.text, `${p.name}, token ${i} ${mutant.how}`);
  }
  assert.ok(process.memoryUsage().heapUsed < memoryMb * 2 ** 20);
});

const imports = 'import type { f64, i32, index } from "tsgpu";\nimport { zeros } from "tsgpu/kernel";\n';
/** What once went wrong, by what it was; the codes are what is said of it now. */
const once: Readonly<Record<string, readonly [text: string, codes: string]>> = {
  "a constant that is defined by itself": [
    "const a: f64 = a;\nexport function f(): f64 { return a; }",
    "TS2448 TS2454",
  ],
  "constants that lead to each other": [
    "const a: f64 = b;\nconst b: f64 = a;\nexport function f(x: f64[]): f64 { return x[b]; }",
    "TS2448 TS2454",
  ],
  "rows that lead to each other": [
    "export function f(A: f64[][]): f64 { const a: f64[] = b; const b: f64[] = a; b[0] = 1; return a.length; }",
    "TS2448 TS2454",
  ],
  "a constant that a function asks for, which its value calls": [
    "const a: f64 = g();\nfunction g(): f64 { return a; }\nexport function f(): f64 { return a; }",
    "TG1059",
  ],
  "a call of a constant of `Math`": [
    "export function f(x: f64): f64 { return Math.PI(x) + Math.min(x, 1); }",
    "TS2349",
  ],
  "`undefined`, and nothing else that is wrong": [
    "export function f(x: f64[]): f64 { return x[0] === undefined ? 0 : x[0]; }",
    "TG1025",
  ],
  "names from a module that is not there": [
    'import { g, Body } from "./nowhere.ts";\nexport function f(b: Body, x: f64): f64 { return g(x) + b.x; }',
    "TS2307",
  ],
  "calls with too few arguments": [
    "function g(x: f64[], n: i32): void { x[n] = 1; }\nexport function f(x: f64[]): f64 { g(x); zeros(); return Math.floor() + Math.abs() + Math.pow(1); }",
    "TS2554 TS2554 TS2554 TS2554 TS2554",
  ],
};
for (const [what, [text, codes]] of Object.entries(once)) {
  test(`no crash: ${what}`, async () => {
    const file = join("/", "broken.ts");
    await survives(file, imports + text, what);
    assert.is(
      check({ file, text: imports + text })
        .map((d) => d.code)
        .join(" "),
      codes,
    );
  });
}

test.run();
