/** The types of `load`, as TypeScript itself sees them: test/typed/load.ts holds what they must accept and refuse. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("load is typed from the kernel file", () => {
  const { config } = ts.readConfigFile(`${root}tsconfig.kernels.json`, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = ["load.ts", "kernels.ts"].map((name) => `${root}test/typed/${name}`);
  const options = { ...parsed.options, noEmit: true, incremental: false };
  delete options.tsBuildInfoFile;
  const program = ts.createProgram(files, options);
  const wrong = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return ts.getPreEmitDiagnostics(program, source).map((d) => {
      const line = d.file === undefined ? 0 : d.file.getLineAndCharacterOfPosition(d.start ?? 0).line + 1;
      return `${file}:${line}: ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`;
    });
  });
  assert.equal(wrong, []);
});

test.run();
