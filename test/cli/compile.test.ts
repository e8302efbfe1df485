/** `tsgpu compile`: text, bytes and diagnostics. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { axpy, makePlace, wrong } from "./tsgpu.ts";

const generic = `export function twice<T extends number>(x: T[]): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] + x[i]) as T;
}
`.replace("extends number", "extends f64 | f32");
const place = makePlace({
  "axpy.ts": axpy,
  "wrong.ts": wrong,
  "twice.ts": `import type { f32, f64 } from "tsgpu";\n${generic}`,
});
test.after(place.remove);
const at = (name: string): string => join(place.folder, name);

test("formats: IR by default, others by name, to stdout or a file", async () => {
  const [ir, c, js, f32, wasm] = await Promise.all([
    place.tsgpu(["compile", "axpy.ts"]),
    place.tsgpu(["compile", "axpy.ts:axpy", "--target", "c", "--real", "f32"]),
    place.tsgpu(["compile", "axpy.ts", "--target", "js"]),
    place.tsgpu(["compile", "twice.ts:twice", "--types", "T=f32", "--target", "llvm", "-o", "out/twice.ll"]),
    place.tsgpu(["compile", "axpy.ts", "--target", "wasm", "-o", "axpy.wasm", "--json"]),
  ]);
  assert.is(ir.code, exitCodes.ok);
  assert.is(parse(ir.stdout).stage, "kernel");
  assert.match(c.stdout, /float/);
  assert.match(js.stdout, /function \$axpy/);
  assert.is(f32.stdout, "");
  assert.match(readFileSync(at("out/twice.ll"), "utf8"), /fadd.* float/);
  assert.ok(WebAssembly.validate(readFileSync(at("axpy.wasm"))));
  const { file, target, bytes, output } = JSON.parse(wasm.stdout);
  assert.equal([file, target, output], ["axpy.ts", "wasm", "axpy.wasm"]);
  assert.is(bytes, readFileSync(at("axpy.wasm")).length);
});

test("--print-after prints the IR after each run of a pass, and lists the passes", async () => {
  const [all, beside, unknown] = await Promise.all([
    place.tsgpu(["compile", "axpy.ts", "--print-after", "all"]),
    place.tsgpu(["compile", "axpy.ts", "--print-after", "outline", "--target", "c"]),
    place.tsgpu(["compile", "axpy.ts", "--print-after", "frobnicate"]),
  ]);
  assert.match(all.stdout, /^# after frontend\nstage loop\n\nexport func @axpy/);
  for (const name of ["simplify", "licm", "outline", "dce, run 2"]) assert.match(all.stdout, `# after ${name}`);
  assert.match(beside.stdout, /#include/);
  assert.match(beside.stderr, /^# after outline\nstage kernel\n/);
  assert.is(unknown.code, exitCodes.usage);
  assert.match(unknown.stderr, /there are frontend, inline, .*outline, and all/);
});

test("a program that is wrong: code 1, every diagnostic with its frame, and JSON", async () => {
  const [text, json, missing, type] = await Promise.all([
    place.tsgpu(["compile", "wrong.ts"]),
    place.tsgpu(["compile", "wrong.ts", "--json"]),
    place.tsgpu(["compile", "axpy.ts:nothing"]),
    place.tsgpu(["compile", "twice.ts:twice", "--types", "Q=f32"]),
  ]);
  assert.is(text.code, exitCodes.failed);
  assert.is(text.stdout, "");
  assert.match(text.stderr, "wrong.ts:3:3: unsupported TG1007:");
  assert.match(text.stderr, "   3 |   var first = x[0];\n     |   ^");
  assert.match(text.stderr, "wrong.ts:4:");
  assert.match(text.stderr, "  help: declare with `const` or `let`");
  assert.equal(
    JSON.parse(json.stdout).diagnostics.map((d: { code: string; line: number }) => [d.code, d.line]),
    [
      ["TG1007", 3],
      ["TG1004", 4],
    ],
  );
  assert.is(missing.code, exitCodes.failed);
  assert.match(missing.stderr, /no function `nothing`[\s\S]*name one of: axpy/);
  assert.is(type.code, exitCodes.failed);
  assert.match(type.stderr, /TG1036: `twice` has no type parameter `Q`[\s\S]*name one of: T/);
});

test.run();
