/** Which TypeScript files `tsgpu/register` takes for kernels, what it says they export, and what it makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exportedFunctions, isKernelFile, kernelUrl, moduleOf, optionsOf } from "../../runtime/kernel-module.ts";

const folder = mkdtempSync(join(tmpdir(), "tsgpu-module-"));
function file(name: string, text: string): URL {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name));
}

const body = "export function f(x: f64[]): void {}";
const files: readonly [text: string, isKernel: boolean][] = [
  [`import type { f64 } from "tsgpu"; ${body}`, true],
  [`import { type f64, type real as r } from 'tsgpu'\n${body}`, true],
  [`import { zeros } from "tsgpu/kernel";\nimport { g } from "./g.ts";\n${body}`, true],
  [`import type { f64 } from "tsgpu"; function f() {} export { f };`, true],
  [`// import { load } from "tsgpu"\nimport type { index } from "tsgpu"; ${body}`, true],
  [`import { load } from "tsgpu"; ${body}`, false],
  [`import { load, type f64 } from "tsgpu"; ${body}`, false],
  [`import type { NdArray, f64 } from "tsgpu"; ${body}`, false],
  [`import * as tsgpu from "tsgpu"; ${body}`, false],
  [`import type * as tsgpu from "tsgpu"; ${body}`, false],
  [`import "tsgpu"; export const f = 1;`, false],
  [`import type { f64 } from "tsgpu"; export const f = (x: f64) => x;`, false],
  [`import type { f64 } from "tsgpu"; function f() {} f();`, false],
  [`import type { f64 } from "other"; /* from "tsgpu" */ ${body}`, false],
  [`const text = 'import type { f64 } from "tsgpu";'; ${body}`, false],
  [`if (1) { import("tsgpu"); } ${body}`, false],
  [body, false],
];
for (const [text, isKernel] of files) {
  test(`${isKernel ? "a kernel file" : "no kernel file"}: ${text}`, () => assert.is(isKernelFile(text), isKernel));
}

test("the exported functions: declared, listed, passed on from other files; no constants and types", () => {
  file("a.ts", `export function inA() {}\nexport * from "./b.js";\nexport * from "./c";\nexport * as d from "./c.ts";`);
  file(
    "b.ts",
    `export function inB<T extends f64 | f32>(x: T[]) {}\nexport * from "./a.ts"; export { far } from "far"`,
  );
  file("c.ts", `export function inC() {}`);
  const main = file(
    "main.ts",
    `/** export function inComment() {} */
import { imported, type Shape } from "./b.ts";
import type { OnlyType } from "./b.ts";
const text = "export function inString() {}", other = \`export { text } from "\${text}"\`;
function local() { function inner() {} return "}"; }
export function plain(x = { a: ")" }): { b: number } { for (;;) { if (x) break; } return { b: 1 }; }
export const constant = 1; export interface Face { x: number }
export type { OnlyType }; export { local as renamed, imported, constant as again, type Shape };
export { f, type T, g as h } from "./b.ts"
export * from "./a.ts";
export { local }`,
  );
  assert.equal([...exportedFunctions(main)].sort(), [
    "f",
    "far",
    "h",
    "imported",
    "inA",
    "inB",
    "inC",
    "local",
    "plain",
    "renamed",
  ]);
});

test("functions with a custom gradient are exported like declared ones", () => {
  const url = file(
    "custom.ts",
    `import { customGradient as own, zeros } from "tsgpu/kernel"
function f(x: f64): f64 { return x } function g(x: f64, r: f64, d: f64): f64 { return d }
export const plain = own(f, g)
export const typed: (x: f64) => f64 = own(f, g);
const listed = own(f, g); export { listed };
const local = own(f, g); export const number = 1, row = zeros("f64", 3);`,
  );
  assert.equal(exportedFunctions(url), ["plain", "typed", "listed"]);
});

test("URLs: kernels are marked, their query are the options; other files keep theirs", () => {
  const kernel = file("kernel.ts", `import type { f64 } from "tsgpu"; ${body}`);
  const other = file("other.ts", body);
  assert.is(kernelUrl(kernel.href), `${kernel.href}?kernel=`);
  assert.is(kernelUrl(`${kernel.href}?target=wasm`), `${kernel.href}?target=wasm&kernel=`);
  assert.is(kernelUrl(other.href), null);
  assert.is(kernelUrl(`${other.href}?kernel`), `${other.href}?kernel`);
  for (const url of [`${folder}/kernel.js?kernel`, `${folder}/kernel.d.ts?kernel`, `${folder}/missing.ts`]) {
    assert.is(kernelUrl(pathToFileURL(url).href.replace("%3F", "?")), null, url);
  }
  assert.is(kernelUrl("node:fs"), null);
  assert.is(kernelUrl("data:text/javascript,0?kernel"), null);
  assert.is(moduleOf(kernel.href), null);
  assert.match(moduleOf(`${kernel.href}?target=wasm&kernel=`) ?? "", /load\(.*kernel\.ts", \{"target":"wasm"\}\)/);
  assert.equal(optionsOf(new URLSearchParams("mode=strict&kernel")), { mode: "strict" });
});

test("a kernel may have any name that the module itself could use", async () => {
  const url = file(
    "names.ts",
    `import type { f64 } from "tsgpu";
    export function load(x: f64): f64 { return x; } export function kernel0(x: f64): f64 { return -x; }`,
  );
  const source = moduleOf(`${url.href}?kernel&target=interp`) ?? "";
  const { load, kernel0 } = await import(file("names.mjs", source).href);
  assert.equal([await load(2), await kernel0(2)], [2, -2]);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
