/** docs/gradients.md: its programs type-check beside the file that `tsgpu types` writes, run, and print what they say. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { filesOf } from "../package/project.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Inside the repository, where `tsgpu` resolves to the sources.
mkdirSync(join(root, "test", "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "test", "tmp", "gradients-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const node = async (args: readonly string[]): Promise<string> =>
  (
    await promisify(execFile)(process.execPath, ["--import", join(root, "scripts", "dev.mjs"), ...args], {
      cwd: folder,
    })
  ).stdout;

const files = filesOf("docs/gradients.md");
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
const programs = Object.keys(files).filter((name) => files[name]?.includes("await "));
const tsgpu = (...args: string[]): Promise<string> => node([join(root, "cli", "main.ts"), ...args]);

test("the names are written by the command", async () => {
  assert.is(await tsgpu("types", "fit.ts"), "fit.types.ts written\n");
  assert.is(await tsgpu("types", "--check", "fit.ts"), "1 file up to date\n");
});

for (const name of programs) {
  test(`${name} prints what it says`, async () => {
    const said = [...(files[name] ?? "").matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => `${line}\n`);
    assert.ok(said.length > 0);
    assert.is(await node([name]), said.join(""));
  });
}

test("they type-check", () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.kernels.json"), ts.sys.readFile);
  const { tsBuildInfoFile, ...options } = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
  const names = Object.keys(files).map((name) => join(folder, name));
  const program = ts.createProgram(names, { ...options, noEmit: true, incremental: false });
  const wrong = ts.getPreEmitDiagnostics(program).filter((d) => d.file?.fileName.startsWith(folder));
  assert.equal(
    wrong.map((d) => `${d.file?.fileName} ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`),
    [],
  );
});

test.run();
