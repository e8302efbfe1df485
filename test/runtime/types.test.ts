/** The types of `load` and of gradients, as TypeScript itself sees them: test/typed/ holds what they must accept and refuse. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../", import.meta.url));
const typed = (name: string): string => `${root}test/typed/${name}`;

/** A file that is being written: the marks say where the editor is asked. */
const edited = typed("edited.ts");
const text = `import { grad, load, vjp } from "tsgpu";
import type { Module } from "./losses.types.ts";
const { loss } = await load<Module>("losses.ts");
grad(loss, { wrt: ["/*wrt*/"] });
vjp(loss, { of: ["/*of*/"] });
vjp(loss)([[1], 1, [[1]], [1], [1]], { /*cotangents*/ });
(await grad(loss, { wrt: ["w", "y"] })([1], 1, [[1]], [1], [1]))./*grads*/;
`;

const files = ["load.ts", "kernels.ts", "grad.ts", "losses.ts", "losses.types.ts"].map(typed);
const service = ts.createLanguageService({
  getScriptFileNames: () => [...files, edited],
  getScriptVersion: () => "1",
  getScriptSnapshot(name) {
    const content = name === edited ? text : ts.sys.readFile(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => root,
  getCompilationSettings: () => settings,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (name) => name === edited || ts.sys.fileExists(name),
  readFile: ts.sys.readFile,
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
});
const settings = ((): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(`${root}tsconfig.kernels.json`, ts.sys.readFile);
  const { tsBuildInfoFile, ...options } = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
  return { ...options, noEmit: true, incremental: false };
})();

for (const file of files) {
  test(`${file.slice(root.length)}: TypeScript takes what is right, and refuses what is said to be wrong`, () => {
    const wrong = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map((d) => {
      const line = d.file === undefined ? 0 : d.file.getLineAndCharacterOfPosition(d.start ?? 0).line + 1;
      return `${line}: ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`;
    });
    assert.equal(wrong, []);
  });
}

test("the editor completes the names of options, cotangents and gradients", () => {
  const at = (mark: string): readonly string[] => {
    const found = service.getCompletionsAtPosition(edited, text.indexOf(`/*${mark}*/`), {});
    return (found?.entries ?? []).map((e) => e.name).sort();
  };
  assert.equal(at("wrt"), ["b", "r", "w", "x", "y"]);
  assert.equal(at("of"), ["r", "return"]);
  assert.equal(at("cotangents"), ["r", "return"]);
  assert.equal(at("grads"), ["w", "y"]);
});

test.run();
