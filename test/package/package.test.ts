/** The package in an empty project: what it holds, and that the examples of docs/package.md compile, run and type-check there. */
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLibLLVM } from "../../compiler/backend/libllvm.ts";
import { skip } from "../skip.ts";
import type { Ran } from "../spawned.ts";
import { filesOf, makeProject, type Project } from "./project.ts";

const docs = filesOf("docs/package.md");
/** What the examples' comments say they print. */
const printed = (name: string): string =>
  [...(docs[name] ?? "").matchAll(/console\.log.*\/\/ (.*)/g)].map(([, text]) => `${text}\n`).join("");
/** An example as Node runs it once its types are gone. */
const javaScript = (name: string): string =>
  ts.transpileModule(docs[name] ?? "", {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  }).outputText;

const withoutLibLLVM = { TSGPU_LIBLLVM: "none" };
const register = ["--import", "tsgpu/register"];

const project = await makeProject();
if (typeof project === "string") skip("the package in an empty project", project);
else testProject(project);

function testProject({ packed, node, write, remove }: Project): void {
  write(docs);
  const succeed = async (ran: Promise<Ran>): Promise<string> => {
    const { code, stdout, stderr } = await ran;
    assert.is(code, 0, stderr);
    return stdout;
  };
  const npx = (command: string, args: readonly string[], env = {}): Promise<Ran> =>
    node([`node_modules/.bin/${command}`, ...args], env);

  test("it holds what is needed, and only that", () => {
    const names = packed.files.map((f) => f.path);
    const wanted =
      /^(package\.json|README\.md|LICENSE|dist\/.*\.(js|d\.ts)|ir\/.*|kernels\/.*|polybench\/(kernels|data)\/.*|docs\/diagnostics\.md|scripts\/setup\.sh)$/;
    assert.equal(
      names.filter((name) => !wanted.test(name)),
      [],
    );
    for (const name of ["dist/index.js", "dist/index.d.ts", "dist/kernel.js", "dist/register.js", "dist/cli/main.js"]) {
      assert.ok(names.includes(name), `${name} is missing`);
    }
    assert.ok(
      (packed.files.find((f) => f.path === "dist/cli/main.js")?.mode ?? 0) & 0o111,
      "the command is not executable",
    );
    assert.ok(packed.unpackedSize < 4e6, `${packed.unpackedSize} bytes`);
  });

  test("`tsgpu` there: check, run, polybench's kernels", async () => {
    assert.match(await succeed(npx("tsgpu", ["check", "scale.ts"])), /nothing is wrong/);
    const out = await succeed(npx("tsgpu", ["run", "scale.ts", "--size", "n=3", "--target", "wasm", "--json"]));
    assert.type(JSON.parse(out).result, "number");
    const suite = ["polybench", "trisolv", "--dataset", "MINI", "--target", "interp", "--check"];
    assert.match(await succeed(npx("tsgpu", suite)), /1 of 1 kernels pass/);
  });

  test("importing `tsgpu` loads no compiler, nor any other package", async () => {
    write({
      "hooks.mjs": `import { appendFileSync } from "node:fs";
        export const load = (url, context, next) => { appendFileSync("loaded.txt", url + "\\n"); return next(url, context); };`,
      "record.mjs": `import { register } from "node:module"; register("./hooks.mjs", import.meta.url);`,
      "lazy.mjs": `import { existsSync, readFileSync } from "node:fs"; import Module from "node:module";
        await import(process.argv[2]);
        const loaded = () => readFileSync("loaded.txt", "utf8").trim().split("\\n").concat(Object.keys(Module._cache));
        const before = loaded();
        const { load } = await import("tsgpu");
        await load("scale.ts", { target: "interp" });
        console.log(JSON.stringify({ before, after: loaded() }));`,
    });
    const packages = (urls: readonly string[]): string[] =>
      [...new Set(urls.map((url) => /.*node_modules\/((?:@[^/]*\/)?[^/]*)/.exec(url)?.[1] ?? ""))].filter(
        (p) => p !== "",
      );
    for (const name of ["tsgpu", "tsgpu/register"]) {
      write({ "loaded.txt": "" });
      const { before, after } = JSON.parse(
        await succeed(node(["--import", "./record.mjs", "lazy.mjs", name], { TSGPU_CACHE: "off" })),
      );
      assert.equal(packages(before), ["tsgpu"], name);
      assert.ok(!before.some((url: string) => url.includes("/compiler/frontend/")), name);
      // The same record does see the compiler come.
      assert.ok(packages(after).includes("typescript"));
    }
  });

  test("the examples run: load, register, options, TypeScript's types under register", async () => {
    write({ "load.mjs": javaScript("app.ts"), "typed.mjs": javaScript("typed.ts") });
    assert.is(await succeed(node(["load.mjs"])), printed("app.ts"));
    assert.is(await succeed(node([...register, "app.js"])), printed("app.js"));
    assert.is(await succeed(node([...register, "options.js"])), printed("options.js"));
    assert.is(await succeed(node([...register, "typed.mjs"])), printed("typed.ts"));
  });

  test("without libLLVM they run on wasm", async () => {
    assert.is(await succeed(node(["load.mjs"], withoutLibLLVM)), printed("app.ts"));
    assert.is(await succeed(node([...register, "app.js"], withoutLibLLVM)), printed("app.js"));
  });

  test("without SharedArrayBuffer they run on memory that is not shared", async () => {
    write({
      "unshared.mjs": `delete globalThis.SharedArrayBuffer;
        const { Memory } = WebAssembly;
        WebAssembly.Memory = class extends Memory {
          constructor(limits) { super(limits); console.log(limits.shared === true ? "shared" : "unshared"); }
        };`,
      "delete.mjs": "delete globalThis.SharedArrayBuffer;",
    });
    const out = await succeed(node(["--import", "./unshared.mjs", "load.mjs"], withoutLibLLVM));
    assert.is(out, `unshared\n${printed("app.ts")}`);
    const hooked = node(["--import", "./delete.mjs", ...register, "app.js"], withoutLibLLVM);
    assert.is(await succeed(hooked), printed("app.js"));
  });

  test("Node's own flag against shared memory leaves load and require", async () => {
    const flag = "--no-harmony-sharedarraybuffer";
    if ((await node([flag, "-e", "0"])).code !== 0) return skip(flag, `Node ${process.versions.node} has no such flag`);
    assert.is(await succeed(node([flag, "load.mjs"], withoutLibLLVM)), printed("app.ts"));
    write({ "sum.cjs": `require("./scale.ts").axpy(2, [10], [1]).then(console.log);` });
    const { stdout, stderr } = await node([flag, ...register, "sum.cjs"], withoutLibLLVM);
    assert.is(stdout, "21\n");
    assert.match(stderr, /Warning: .* can be required, not imported/);
  });

  test("CommonJS: import() and require", async () => {
    write({
      "app.cjs": `const { axpy, missing } = require("./scale.ts");
        const y = [1];
        (async () => {
          console.log(await axpy(2, [10], y), y[0], missing, (await (await import("./scale.ts")).axpy(1, [1], y)));
        })();`,
    });
    assert.is(await succeed(node([...register, "app.cjs"])), "21 21 undefined 22\n");
  });

  test("what is wrong is said where it is imported", async () => {
    write({
      "wrong.ts": `import type { f64 } from "tsgpu";\nexport function wrong(x: f64[]): void {\n  var first = x[0];\n}\n`,
      "wrong.js": `import "./wrong.ts";`,
      "wrong.cjs": `require("./wrong.ts").wrong([1]).catch((e) => console.log(e.name, e.diagnostics[0].code));`,
      "option.js": `import "./scale.ts?traget=wasm";`,
      "plain.ts": `export const twice = (x: number): number => 2 * x;\n`,
      "plain.js": `import { twice } from "./plain.ts"; console.log(twice(2));`,
      "unmarked.ts": `export function twice(x: number): number { return 2 * x; }\n`,
      "unmarked.js": `import { twice } from "./unmarked.ts?kernel&target=interp"; console.log(await twice(2));`,
    });
    const wrong = await node([...register, "wrong.js"]);
    assert.is(wrong.code, 1);
    assert.match(
      wrong.stderr,
      /wrong\.ts:3:3: unsupported TG1007[\s\S]*3 \| {3}var first = x\[0\];[\s\S]*\^\^\^[\s\S]*help: /,
    );
    assert.is(await succeed(node([...register, "wrong.cjs"])), "CompileError TG1007\n");
    assert.match(
      (await node([...register, "option.js"])).stderr,
      /TG3018.*scale\.ts: no option is called traget: there are target/,
    );
    const target = await node([...register, "app.js"], { TSGPU_REGISTER: "target=gpu" });
    assert.match(target.stderr, /TG3018.*target is one of native, wasm, .*, not "gpu"/);
    // Node itself may run other TypeScript; where it does not, the way out is said.
    const plain = await node([...register, "plain.js"]);
    if (plain.code === 0) assert.is(plain.stdout, "4\n");
    else assert.match(plain.stderr, /plain\.ts\n {2}help: .*\?kernel/);
    assert.is(await succeed(node([...register, "unmarked.js"])), "4\n");
  });

  test("a package of kernels: checked, imported by kernels and by programs", async () => {
    write({
      "node_modules/some-kernels/package.json": JSON.stringify({
        name: "some-kernels",
        type: "module",
        version: "1.0.0",
      }),
      "node_modules/some-kernels/dot.ts": `import type { f64 } from "tsgpu";
        export function dot(x: readonly f64[], y: readonly f64[]): f64 {
          let s = 0;
          for (let i = 0; i < x.length; i++) s += x[i] * y[i];
          return s;
        }\n`,
      "norm.ts": `import type { f64 } from "tsgpu";
        import { dot } from "some-kernels/dot.ts";
        export function norm(x: readonly f64[]): f64 { return Math.sqrt(dot(x, x)); }\n`,
      "library.mjs": `import { load } from "tsgpu"; import { dot } from "some-kernels/dot.ts"; import { norm } from "./norm.ts";
        const loaded = await load(import.meta.resolve("some-kernels/dot.ts"));
        console.log(await dot([1, 2], [3, 4]), await loaded.dot([1], [5]), await norm([3, 4]));`,
    });
    assert.match(
      await succeed(npx("tsgpu", ["check", "node_modules/some-kernels", "norm.ts"])),
      /2 files: nothing is wrong/,
    );
    assert.is(
      await succeed(node([...register, "library.mjs"], findLibLLVM() === null ? {} : withoutLibLLVM)),
      "11 5 5\n",
    );
  });

  test("tsc accepts kernels and programs, and knows what load gives", async () => {
    write({
      "register.ts": `import "tsgpu/register";\n`,
      "refused/app.ts": `import { load } from "tsgpu";
        const { axpy } = await load<typeof import("../scale.js")>("scale.ts");
        const result: number = axpy(1, [1], "x");\n`,
      "refused/tsconfig.json": JSON.stringify({ extends: "../tsconfig.json", include: ["*.ts"] }),
    });
    for (const options of [[], ["--module", "esnext", "--moduleResolution", "bundler"]]) {
      // The declarations of the package are checked as well.
      const tsc = (folder: string): Promise<Ran> => npx("tsc", ["-p", folder, "--skipLibCheck", "false", ...options]);
      const { code, stdout } = await tsc(".");
      assert.is(code, 0, stdout);
      const refused = await tsc("refused");
      assert.match(refused.stdout, /TS2322: Type 'Promise<number>'/);
      assert.match(refused.stdout, /TS2345: Argument of type 'string'/);
    }
  });

  test.after(remove);
  test.run();
}
