/**
 * The diagnostics of each fixture stand where its comments say (diagnostics.ts), and every code has a line in one.
 * `UPDATE=1` writes the comments anew.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatDiagnostic } from "../../compiler/diagnostic.ts";
import { codes } from "../../compiler/frontend/codes.ts";
import { check } from "../../compiler/index.ts";
import { blessed, diagnosticsOf, type Mark, marksIn } from "./diagnostics.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "diagnostics");
const update = process.env.UPDATE === "1";
const filesIn = (path: string): readonly string[] =>
  readdirSync(join(folder, path))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(path, name));
/** Programs as people write them, each a kernel with a mistake; in the other files stands one fault beside the other. */
const programs = filesIn("programs");
const files = [...filesIn("."), ...programs];
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

/** Lines that differ, in the form in which fixtures write them. */
const shown = (marks: readonly Mark[]): string[] =>
  marks.map((m) => `${String(m.line).padStart(3)}: ${m.code} ${m.columns}`).sort();

for (const name of files) {
  test(name, () => {
    const text = textOf(name);
    const found = diagnosticsOf(join(folder, name), text);
    if (update) return writeFileSync(join(folder, name), blessed(text, found, programs.includes(name)));
    const expected = marksIn(text);
    assert.equal(shown(found), shown(expected));
    for (const want of expected) {
      const at = found.filter((d) => d.line === want.line && d.code === want.code && d.columns === want.columns);
      const said = at.map((d) => d.message);
      assert.ok(
        said.some((text) => text.includes(want.message)),
        `line ${want.line} says "${said.join('", "')}", not "${want.message}"`,
      );
      if (want.help !== null)
        assert.ok(
          at.some((d) => d.help === want.help),
          `line ${want.line}: ${at[0]?.help}`,
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

test("two hundred programs, each with a mistake of its own and a way out", () => {
  const kernels = programs.flatMap((name) => {
    const lines = textOf(name).split("\n");
    const marks = marksIn(textOf(name));
    const starts = lines.flatMap((line, i) => (/^(?:\/\/ ---|export\b)/.test(line) ? [i + 1] : []));
    return starts.filter((start, k) => marks.some((m) => m.line >= start && m.line < (starts[k + 1] ?? Infinity)));
  });
  assert.ok(kernels.length >= 200, `there are ${kernels.length}`);
  for (const name of programs) {
    for (const mark of marksIn(textOf(name))) {
      if (mark.code.startsWith("TG")) assert.ok(mark.help !== null, `${name}:${mark.line} has no line of help`);
    }
  }
});

test("a diagnostic has a sentence, a way out and a code frame", () => {
  for (const name of files) {
    for (const d of check({ file: join(folder, name) })) {
      if (d.code.startsWith("TS")) continue;
      assert.match(d.message, /^[^.]*[^.\s]$|\.\w|…/, d.message);
      assert.match(d.message, /^[^A-Z]/, d.message);
      assert.ok(d.help !== undefined && d.help !== "", d.message);
      assert.match(
        formatDiagnostic(d, () => textOf(name)),
        /\n +\d+ \| .*\n +\| \s*\^+\n {2}help: /,
      );
    }
  }
});

test("every error of a file is reported, whatever else is wrong with it", () => {
  const text = `import type { f64, i32 } from "tsgpu";
export function one(x: f64): f64 { const y: f64 = true; return y; }
export function two(x: f64[]): f64 { for (const v of x) return v; return 0; }
function inner(x: f64): f64 { throw x; }
export function three(x: f64): f64 { return inner(x) + nothing; }
export function four(x: f64[]): f64 { var s = 0; x.push(s); return x.map((v) => v)[0]; }
export function five(x: string): f64 { return 1; }
export function six(x: f64, n: i32): f64 { return x[0]; }
export function seven(A: f64[], n: f64): f64 { return A[n / 2]; }
`;
  const found = check({ file: join(folder, "many.ts"), text }).map((d) => `${d.at.line} ${d.code}`);
  assert.equal(found, [
    "2 TS2322",
    "3 TG1004",
    "4 TG1006",
    "5 TS2304",
    "6 TG1007",
    "6 TG1041",
    "6 TG1021",
    "7 TG1030",
    "8 TS7053",
    "9 TG1033",
  ]);
});

test("errors of imported files carry those files' names", () => {
  const text =
    'import { bodiless } from "./declarations.ts";\nexport function f(): number {\n  return bodiless(1);\n}\n';
  const found = check({ file: join(folder, "importing.ts"), text });
  const [own, ...more] = found.filter((d) => d.at.file === join(folder, "importing.ts"));
  assert.equal([own?.code, own?.at.line, own?.at.column, more.length], ["TG1022", 3, 10, 0]);
  const deep = 'import { uses } from "./declarations.ts";\nexport function f(): number {\n  return uses(1);\n}\n';
  const inside = check({ file: join(folder, "importing.ts"), text: deep });
  assert.ok(inside.length > 5);
  assert.equal(new Set(inside.map((e) => e.at.file)), new Set([join(folder, "declarations.ts")]));
});

test.run();
