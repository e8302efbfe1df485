/** Holds the imports of every source file to the tables of `layers.ts`, and tries the tables on made-up imports. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fault, findCycle } from "./layers.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["compiler", "ad", "runtime", "kernels", "polybench", "bench", "examples", "cli"];

function sourceFiles(): string[] {
  const inFolders = folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        posix.join(folder, name.replaceAll("\\", "/")),
      ),
    );
  return [...readdirSync(root), ...inFolders].filter((file) => file.endsWith(".ts") && !file.includes("node_modules"));
}

/** `../ir/ir.ts` as a path from the root; `@scope/name/part` as `@scope/name`. */
function target(from: string, specifier: string): { readonly file: string } | { readonly package: string } {
  if (specifier.startsWith(".")) {
    const file = posix.join(posix.dirname(from), specifier);
    const source = file.replace(/\.js$/, ".ts");
    return { file: existsSync(join(root, file)) ? file : source };
  }
  if (specifier.startsWith("node:")) return { package: specifier };
  const parts = specifier.split("/");
  return { package: specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]! };
}

const importsOf = (file: string): ReturnType<typeof target>[] =>
  ts
    .preProcessFile(readFileSync(join(root, file), "utf8"), true, true)
    .importedFiles.map(({ fileName }) => target(file, fileName));

const graph = new Map(sourceFiles().map((file) => [file, importsOf(file)]));

test("every import goes down, and packages stay where they belong", () => {
  const faults = [...graph].flatMap(([file, imports]) => imports.map((to) => fault(file, to)));
  assert.equal(
    faults.filter((message) => message !== null),
    [],
  );
});

test("every relative import names a file that exists, with its extension", () => {
  const missing = [...graph].flatMap(([file, imports]) =>
    imports.flatMap((to) => ("file" in to && !existsSync(join(root, to.file)) ? [`${file} imports ${to.file}`] : [])),
  );
  assert.equal(missing, []);
});

test("no import cycles", () => {
  const files = new Map(
    [...graph].map(([from, imports]) => [from, imports.flatMap((to) => ("file" in to ? [to.file] : []))]),
  );
  assert.is(findCycle(files)?.join("\n  imports ") ?? null, null);
});

/** Made-up imports: the rule that speaks, or null where the import is fine. */
const cases: readonly [from: string, to: string, expected: RegExp | null][] = [
  ["compiler/ir/print.ts", "compiler/diagnostic.ts", null],
  ["compiler/ir/print.ts", "compiler/pass.ts", /lower layers never/],
  ["compiler/analysis/affine.ts", "compiler/passes/licm.ts", /lower layers never/],
  ["compiler/passes/licm.ts", "compiler/analysis/affine.ts", null],
  ["compiler/passes/licm.ts", "compiler/passes/fold.ts", null],
  ["compiler/passes/licm.ts", "compiler/schedule/tile.ts", /never import each other/],
  ["ad/reverse.ts", "compiler/frontend/lower.ts", /never import each other/],
  ["compiler/pipeline.ts", "ad/reverse.ts", null],
  ["runtime/jit.ts", "compiler/index.ts", null],
  ["runtime/load.ts", "compiler/index.ts", /only jit compiles/],
  ["runtime/load.ts", "compiler/artifact.ts", null],
  ["runtime/devices/native-loader.ts", "compiler/backend/libllvm.ts", null],
  ["runtime/devices/wasm.ts", "compiler/backend/libllvm.ts", /only jit compiles/],
  ["compiler/index.ts", "runtime/load.ts", /lower layers never/],
  ["cli/main.ts", "compiler/index.ts", null],
  ["somewhere/else.ts", "compiler/index.ts", /belongs to no layer/],
];

for (const [from, to, expected] of cases) {
  test(`rule: ${from} -> ${to}`, () => {
    const message = fault(from, { file: to });
    if (expected === null) assert.is(message, null);
    else assert.match(message ?? "", expected);
  });
}

test("rule: packages", () => {
  assert.is(fault("cli/main.ts", { package: "commander" }), null);
  assert.is(fault("runtime/devices/cuda.ts", { package: "koffi" }), null);
  assert.is(fault("compiler/ir/ir.ts", { package: "node:fs" }), null);
  assert.match(fault("runtime/load.ts", { package: "koffi" }) ?? "", /which only compiler\/backend\/libllvm/);
  assert.match(fault("cli/main.ts", { package: "left-pad" }) ?? "", /no row/);
});

test("rule: cycles", () => {
  const cycle = findCycle(
    new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]),
  );
  assert.equal(cycle, ["b", "c", "b"]);
});

test.run();
