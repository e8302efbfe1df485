/** The diagnostics of each fixture stand where its comments say (diagnostics.ts), and every code has a line in one. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatDiagnostic } from "../../compiler/diagnostic.ts";
import { codes } from "../../compiler/frontend/codes.ts";
import { check } from "../../compiler/index.ts";
import { diagnosticsOf, type Mark, marksIn } from "./diagnostics.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "diagnostics");
const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

/** Lines that differ, in the form in which fixtures write them. */
const shown = (marks: readonly Mark[]): string[] =>
  marks.map((m) => `${String(m.line).padStart(3)}: ${m.code} ${m.columns}`).sort();

for (const name of files) {
  test(name, async () => {
    const expected = marksIn(textOf(name));
    const found = await diagnosticsOf(join(folder, name), textOf(name));
    assert.equal(shown(found), shown(expected));
    for (const want of expected) {
      const at = found.filter((d) => d.line === want.line && d.code === want.code && d.columns === want.columns);
      const messages = at.map((d) => d.message);
      assert.ok(
        messages.some((text) => text.includes(want.message)),
        `line ${want.line} says "${messages.join('", "')}", not "${want.message}"`,
      );
    }
  });
}

test("every code has a line in a fixture, and every line a code", () => {
  const used = new Set(files.flatMap((name) => marksIn(textOf(name)).map((m) => m.code)));
  const unused = Object.keys(codes).filter((code) => !used.has(code));
  assert.equal(unused, []);
  const unknown = [...used].filter((code) => code.startsWith("TG") && !(code in codes));
  assert.equal(unknown, []);
});

test("a diagnostic has a sentence, a way out and a code frame", () => {
  const name = "expressions.ts";
  for (const d of check({ file: join(folder, name) })) {
    assert.match(d.message, /^[^.]*[^.\s]$|\.\w/, d.message);
    assert.match(d.message, /^[^A-Z]/, d.message);
    assert.ok(d.help !== undefined && d.help !== "", d.message);
    assert.match(formatDiagnostic(d, textOf(name)), /\n +\d+ \| .*\n +\| +\^+\n {2}help: /);
  }
});

test("errors of imported files carry those files' names", () => {
  const text =
    'import { bodiless } from "./declarations.ts";\nexport function f(): number {\n  return bodiless(1);\n}\n';
  const [d, ...more] = check({ file: join(folder, "importing.ts"), text });
  assert.equal([d?.code, d?.at.line, d?.at.column, more.length], ["TG1022", 3, 10, 0]);
  const deep = 'import { uses } from "./declarations.ts";\nexport function f(): number {\n  return uses(1);\n}\n';
  const found = check({ file: join(folder, "importing.ts"), text: deep });
  assert.ok(found.length > 5);
  assert.equal(new Set(found.map((e) => e.at.file)), new Set([join(folder, "declarations.ts")]));
});

test.run();
