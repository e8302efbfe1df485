/** The kernels in docs/gpu.md, and those of docs/language.md on parallel loops, are kernels, and do on a target what they do in plain Node. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../compiler/index.ts";
import { load } from "../../index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Inside the repository, where `tsgpu` resolves to the sources.
mkdirSync(join(root, "test", "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "test", "tmp", "gpu-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The first block of kernels on a page, from its heading on, as a file. */
function kernelsOf(page: string, heading: string, imports = ""): string {
  const text = readFileSync(join(root, "docs", page), "utf8");
  const block = /^```ts\n([\s\S]*?)^```$/m.exec(text.slice(text.indexOf(heading)))?.[1] ?? "";
  assert.match(block, /^export function/m, `${page} has no kernel below "${heading}"`);
  const file = join(folder, page.replace(".md", ".ts"));
  writeFileSync(file, imports + block);
  return file;
}

const rows = (n: number, m: number, of: (i: number, j: number) => number): Float64Array[] =>
  Array.from({ length: n }, (_, i) => Float64Array.from({ length: m }, (_, j) => of(i, j)));

test("gpu.md: the product of matrices", async () => {
  const file = kernelsOf("gpu.md", "## Writing kernels for a GPU by hand");
  assert.equal(check({ file }, {}), []);
  const [A, B] = [rows(19, 33, (i, j) => i - j / 4), rows(33, 18, (i, j) => (i * j) % 7)];
  const [plain, compiled] = [rows(19, 18, () => 0), rows(19, 18, () => 0)];
  (await import(pathToFileURL(file).href)).multiply(plain, A, B);
  await (await load(file, { target: "wasm", mode: "strict" })).multiply?.(compiled, A, B);
  assert.equal(compiled, plain);
  const entry = A[3]?.reduce((sum, a, k) => sum + a * (B[k]?.[5] as number), 0);
  assert.is(plain[3]?.[5], entry);
});

test("language.md: weights by bins", async () => {
  const imports = 'import type { f64, i32 } from "tsgpu";\nimport { parallel } from "tsgpu/kernel";\n';
  const file = kernelsOf("language.md", "## Parallel loops", imports);
  assert.equal(check({ file }, {}), []);
  const bin = Int32Array.of(2, 0, 2, 1);
  const w = Float64Array.of(0.5, 0, 4, 1);
  const sums = new Float64Array(3);
  assert.is(await (await load(file, { target: "wasm" })).weights?.(bin, w, sums), 4);
  assert.equal(sums, Float64Array.of(0, 1, 4.5));
});

test.run();
