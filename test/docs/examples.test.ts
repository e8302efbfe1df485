/**
 * The documentation's examples run: README's files as they stand, its commands through the real command, and every example
 * block in the comments of the public face.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
// Inside the repository, where `tsgpu` resolves to the sources.
mkdirSync(join(root, "test", "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "test", "tmp", "docs-"));
const node = (args: readonly string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ["--import", join(root, "scripts", "dev.mjs"), ...args], { cwd: folder });

const readme = readFileSync(join(root, "README.md"), "utf8");
/** README's code blocks that begin with a file's name. */
const files = [...readme.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(([, name, text]) => ({ name, text }));
for (const { name, text } of files) writeFileSync(join(folder, name as string), text as string);

test("README: the program runs, and gives what its kernel gives in plain JavaScript", async () => {
  const { stdout } = await node([join(folder, "app.ts")]);
  const js = ts.transpileModule(files.find((f) => f.name === "heat.ts")?.text ?? "", {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText;
  const exports: { diffuse?: (u: Float64Array[], next: Float64Array[], rate: number, steps: number) => number } = {};
  new Function("exports", js)(exports);
  const plate = (): Float64Array[] => Array.from({ length: 512 }, () => new Float64Array(512));
  const u = plate();
  (u[256] as Float64Array)[256] = 1000;
  const expected = exports.diffuse?.(u, plate(), 0.2, 500) ?? Number.NaN;
  assert.ok(Math.abs(Number(stdout) - expected) < 1e-9 * Math.abs(expected), `${stdout} is not ${expected}`);
});

test("README: the commands run", async () => {
  const commands = [...readme.matchAll(/^ {4}npx tsgpu (run|compile|check) (\S+)(.*?)(?:\s+#.*)?$/gm)];
  assert.ok(commands.length >= 3);
  for (const [, command, target, rest] of commands) {
    const args = [command, command === "check" ? "heat.ts" : target, ...(rest ?? "").split(" ").filter(Boolean)];
    await node([join(root, "cli", "main.ts"), ...(args as string[])]);
  }
});

/** The example blocks in the comments of a source file. */
function examplesOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\* ```ts\n([\s\S]*?)\* ```/g)].map(([, body]) => (body ?? "").replace(/^ *\* ?/gm, ""));
}

const kernel = `export function gemm(alpha: number, beta: number, C: number[][], A: number[][], B: number[][]): void {
  for (let i = 0; i < C.length; i++)
    for (let j = 0; j < C[0].length; j++) {
      C[i][j] *= beta;
      for (let k = 0; k < B.length; k++) C[i][j] += alpha * A[i][k] * B[k][j];
    }
}
`;

const loss = `export function loss(w: readonly number[], x: readonly (readonly number[])[], y: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    let e = -y[i];
    for (let j = 0; j < w.length; j++) e += w[j] * x[i][j];
    sum += e * e;
  }
  return sum;
}
`;

/** What the examples of each file import, and names that they use. */
const language = [
  "customGradient",
  "fromWord",
  "fromWords",
  "grid",
  "highWord",
  "parallel",
  "shared",
  "stopGradient",
  "threads",
  "wordOf",
  "zeros",
];
const calls = ["adjoint", "array", "grad", "hvp", "jacobian", "jvp", "load", "valueAndGrad", "vjp", "zeros"];
const imports: Readonly<Record<string, { readonly from: string; readonly names: readonly string[] }>> = {
  "runtime/load.ts": { from: "tsgpu", names: calls },
  "runtime/array.ts": { from: "tsgpu", names: calls },
  "runtime/grad.ts": { from: "tsgpu", names: calls },
  "runtime/vjp.ts": { from: "tsgpu", names: calls },
  "runtime/jacobian.ts": { from: "tsgpu", names: calls },
  "kernel.ts": { from: "tsgpu/kernel", names: language },
};

for (const [file, { from, names }] of Object.entries(imports)) {
  test(`${file}: the examples in its comments run`, async () => {
    const examples = examplesOf(file);
    assert.ok(examples.length > 0, `${file} has no example`);
    writeFileSync(join(folder, "gemm.ts"), kernel);
    writeFileSync(join(folder, "loss.ts"), loss);
    for (const [i, example] of examples.entries()) {
      const list = names.join(", ");
      const name = join(folder, `${file.replaceAll("/", "-")}-${i}.ts`);
      const before = `import { ${list} } from "${from}";\nconst n = 3, m = 4, x = 5;\nvoid [x, n, m, ${list}];\n`;
      writeFileSync(name, `${before}${example}\nexport {};\n`);
      await node([name]);
    }
  });
}

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
