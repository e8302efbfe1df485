/** The math library as data: what kernels/math is now. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { libraryRoot } from "../../compiler/ir/library.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { buildLibrary } from "../../compiler/library-build.ts";

const fresh = buildLibrary(fileURLToPath(new URL("../../kernels/math/index.ts", import.meta.url)));

test("ir/ is what kernels/math gives: otherwise run `npm run build`", () => {
  assert.equal(readdirSync(libraryRoot()).sort(), [...fresh.keys()].sort());
  for (const [name, text] of fresh) assert.fixture(readFileSync(new URL(name, libraryRoot()), "utf8"), text, name);
});

test("the functions verify as a module, but for the library's other files that they call", () => {
  const funcs = [...fresh].flatMap(([name, text]) => (name.endsWith(".ir") ? parse(text).funcs : []));
  assert.equal(verify({ stage: "loop", funcs }), []);
});

test.run();
