/** `tsgpu check`: files and folders, what it counts, passes over and says, and its exit codes. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { axpy, makePlace, wrong } from "./tsgpu.ts";

const place = makePlace({ "axpy.ts": axpy, "wrong.ts": wrong });
test.after(place.remove);
const put = (name: string, text: string): void => {
  mkdirSync(dirname(join(place.folder, name)), { recursive: true });
  writeFileSync(join(place.folder, name), text);
};

const unsized = `import type { f64, i32 } from "tsgpu";
import { zeros } from "tsgpu/kernel";
export function f(A: f64[], n: i32[]): void {
  for (let i = 0; i < A.length; i++) {
    const part = zeros("f64", n[i]);
    for (let k = 0; k < part.length; k++) part[k] = k;
    for (let k = 0; k < part.length; k++) A[i] += part[part.length - 1 - k];
  }
}
`;
put("src/axpy.ts", axpy);
put("src/inner/deep/wrong.ts", wrong);
put("src/types.ts", "export interface Point { x: number }\n");
put("src/plain.ts", "export function twice(x: number): number { return 2 * x; }\n");
put("src/app.ts", 'import { readFileSync } from "node:fs";\nconsole.log(readFileSync);\n');
put("src/caller.ts", 'import { load } from "tsgpu";\nawait load("axpy.ts");\n');
put("src/axpy.test.ts", "broken(");
put("src/axpy.d.ts", "broken(");
put("src/node_modules/other/kernel.ts", "broken(");
put("src/dist/axpy.ts", "broken(");
put("src/.cache/axpy.ts", "broken(");
put("clean/axpy.ts", axpy);
put("importing/helper.ts", wrong);
put(
  "importing/one.ts",
  'import type { f64 } from "tsgpu";\nimport { wrong } from "./helper.ts";\nexport function one(x: f64[]): void { wrong(x); }\n',
);
put(
  "importing/two.ts",
  'import type { f64 } from "tsgpu";\nimport { wrong } from "./helper.ts";\nexport function two(x: f64[]): void { wrong(x); }\n',
);
put("planned/unsized.ts", unsized);
mkdirSync(join(place.folder, "empty"));
symlinkSync(join(place.folder, "src"), join(place.folder, "src", "inner", "loop"));

test("a folder: every kernel file in it, however deep, and nothing else", async () => {
  const { code, stdout } = await place.tsgpu(["check", "src"]);
  assert.is(code, exitCodes.failed);
  assert.match(stdout, "src/inner/deep/wrong.ts:3:3: unsupported TG1007:");
  assert.match(stdout, "2 problems in 1 of 2 files (4 others are no kernel files)\n");
  assert.match(stdout, "docs/diagnostics.md has a section with examples on each of TG1004, TG1007\n");
  assert.not.match(stdout, "broken");
});

test("JSON: how many files, how many problems, and each with its place, its help and where to read more", async () => {
  const { code, stdout } = await place.tsgpu(["check", "--json", "src", "wrong.ts"]);
  assert.is(code, exitCodes.failed);
  const { files, passedOver, problems, diagnostics } = JSON.parse(stdout);
  assert.equal([files, passedOver, problems, diagnostics.length], [3, 4, 4, 4]);
  assert.equal(diagnostics[0], {
    code: "TG1007",
    kind: "unsupported",
    file: join("src", "inner", "deep", "wrong.ts"),
    line: 3,
    column: 3,
    length: 16,
    message: "a variable declared with `var`",
    related: [],
    help: "declare with `const` or `let`",
    docs: "docs/diagnostics.md#tg1007",
  });
});

test("what is right: exit code 0, and the count", async () => {
  const [folder, files, json] = await Promise.all([
    place.tsgpu(["check", "clean"]),
    place.tsgpu(["check", "clean", "axpy.ts", "clean/axpy.ts"]),
    place.tsgpu(["check", "clean", "--json"]),
  ]);
  assert.equal([folder.code, folder.stdout], [exitCodes.ok, "1 file: nothing is wrong\n"]);
  assert.equal([files.code, files.stdout], [exitCodes.ok, "2 files: nothing is wrong\n"]);
  assert.equal(JSON.parse(json.stdout), { files: 1, passedOver: 0, problems: 0, diagnostics: [] });
});

test("a fault in a file that two others import is one problem, in its own file", async () => {
  const { stdout } = await place.tsgpu(["check", "importing"]);
  assert.match(stdout, "2 problems in 1 of 3 files\n");
  assert.is(stdout.match(/^importing\/helper\.ts:/gm)?.length, 2);
});

test("what only the passes find is found too", async () => {
  const { code, stdout } = await place.tsgpu(["check", "planned"]);
  assert.is(code, exitCodes.failed);
  assert.match(stdout, "planned/unsized.ts:5:11: unsupported TG1090:");
});

test("a program that is named is checked as a kernel file; a folder without files is a usage error", async () => {
  const [named, empty] = await Promise.all([place.tsgpu(["check", "src/app.ts"]), place.tsgpu(["check", "empty"])]);
  assert.is(named.code, exitCodes.failed);
  assert.match(named.stdout, /^src\/app\.ts:1:\d+: error TS\d+:/m);
  assert.is(empty.code, exitCodes.usage);
  assert.match(empty.stderr, "there is no .ts file in empty");
});

test.run();
