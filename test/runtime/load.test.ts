/** `load` and `jit`: from a file to functions, and every way in which that fails. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { array, CompileError, LaunchError, load, zeros } from "../../index.ts";
import { defaultTarget, jit, sourcePath } from "../../runtime/jit.ts";
import { makeResident } from "../../runtime/resident.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const gemm = join(root, "polybench/kernels/gemm.ts");
const folder = mkdtempSync(join(tmpdir(), "tsgpu-load-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function fails(code: string, message: RegExp, run: Promise<unknown>): Promise<void> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, LaunchError, String(error));
  assert.is((error as LaunchError).code, code);
  assert.match((error as LaunchError).message, message);
}

let scripts = 0;
/** Runs a module's text in a process of its own; `TSGPU` in it stands for the folder of the sources. */
function run(code: string, env: Readonly<Record<string, string>> = {}): string {
  const file = write(`script${scripts++}.mts`, code.replaceAll("TSGPU", pathToFileURL(root).href.replace(/\/$/, "")));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", file], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  assert.is(status, 0, stderr);
  return stdout.trim();
}

test("sourcePath: paths and URLs, .js for .ts", () => {
  const relative = gemm.slice(root.length);
  const cwd = process.cwd();
  process.chdir(root);
  try {
    assert.is(sourcePath(relative), gemm);
  } finally {
    process.chdir(cwd);
  }
  assert.is(sourcePath(gemm), gemm);
  assert.is(sourcePath(gemm.replace(/ts$/, "js")), gemm);
  assert.is(sourcePath(pathToFileURL(gemm)), gemm);
  assert.is(sourcePath(pathToFileURL(gemm).href.replace(/ts$/, "js")), gemm);
  const odd = write("odd name.mts", "");
  assert.is(sourcePath(pathToFileURL(odd.replace(/mts$/, "mjs"))), odd);
});

test("no such file", async () => {
  await fails("TG3016", /gemm2.ts: there is no such file/, load(join(root, "gemm2.ts")));
  await fails("TG3016", /a.js: there is no .*a.ts beside it/, load(write("a.js", "")));
  await fails("TG3016", /no file: URL/, load(new URL("https://example.com/gemm.ts")));
});

test("loading tsgpu loads neither TypeScript nor koffi", () => {
  const code = `
    import { createRequire } from "node:module";
    const { load } = await import("TSGPU/index.ts");
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((f) => /node_modules.(typescript|koffi|binaryen)/.test(f));
    console.log(typeof load, loaded.length);
  `;
  assert.is(run(code), "function 0");
});

test("a kernel file's functions, called with nested and typed arrays", async () => {
  // By hand: the kernel file's own type would bring the file into this program, whose options are stricter.
  type Module = { gemm: (alpha: number, beta: number, C: number[][], A: number[][], B: number[][]) => void };
  const k = await load<Module>(pathToFileURL(gemm), { target: "interp" });
  assert.equal(Object.keys(k), ["gemm"]);
  const C = zeros("f64", [2, 2]);
  const A = [
    [1, 2],
    [3, 4],
  ];
  const B = array(new Float64Array([5, 6, 7, 8]), [2, 2]);
  assert.is(await k.gemm(1.5, 0, C, A, B), undefined);
  assert.equal(C.data, new Float64Array([28.5, 33, 64.5, 75]));
  const nested = [
    [1, 1],
    [1, 1],
  ];
  await k.gemm(1, 2, nested, A, B);
  assert.equal(nested, [
    [21, 24],
    [45, 52],
  ]);
  await fails("TG3004", /gemm: A is an NdArray of f32/, k.gemm(1, 0, C, zeros("f32", [2, 2]), B));
});

test("a file is compiled once per options, and again after it failed", async () => {
  const [a, b] = await Promise.all([jit(gemm, { target: "interp" }), jit(pathToFileURL(gemm), { target: "interp" })]);
  assert.is(a, b);
  assert.is(await jit(gemm, { target: "interp" }), a);
  assert.is.not(await jit(gemm, { target: "interp", mode: "strict" }), a);
  const file = write("mend.ts", "export function f(x: number[]): void { x[0] = y; }");
  const error = await jit(file, { target: "interp" }).catch((e: unknown) => e);
  assert.instance(error, CompileError);
  assert.match((error as CompileError).message, /mend.ts:1/);
  write("mend.ts", "export function f(x: number[]): void { x[0] = 3; }");
  const { f } = await load<{ f: (x: number[]) => void }>(file, { target: "interp" });
  const x = [0];
  await f(x);
  assert.equal(x, [3]);
});

const outside = `
import type { f64, i32, index } from "tsgpu";

/** x[i] for any i: certain to be read. */
export function at(x: readonly f64[], i: index): f64 {
  return x[i];
}
/** Writes, then reads where the data says. */
export function chase(x: f64[], next: readonly i32[]): f64 {
  x[0] = 7;
  return x[next[0]];
}
/** Certain to be outside only when the loop runs that far. */
export function shift(x: f64[], by: index): void {
  for (let i = 0; i < x.length; i++) if (x[i] > 0) x[i] = x[i + by];
}
`;
for (const target of ["interp", await defaultTarget()] as const) {
  test(`${target}: accesses outside are refused at launch, or found while running`, async () => {
    type Module = {
      at: (x: readonly number[], i: number) => number;
      chase: (x: number[], next: readonly number[]) => number;
      shift: (x: number[], by: number) => void;
    };
    const k = await load<Module>(write("outside.ts", outside), { target });
    assert.is(await k.at([1, 2, 3], 2), 3);
    await fails("TG3012", /at: .*\(.*outside.ts:6\)/, k.at([1, 2, 3], 3));
    await fails("TG3012", /at: /, k.at([1, 2, 3], -1));

    const x = new Float64Array([1, 2]);
    await fails("TG3013", /chase: x\[5\] is outside of x: axis 0 has length 2 \(.*outside.ts:11\)/, k.chase(x, [5]));
    assert.equal(x, new Float64Array([1, 2]));
    assert.is(await k.chase(x, [1]), 2);

    const y = [1, 0, 0];
    await fails("TG3013", /shift: x\[3\] is outside of x/, k.shift(y, 3));
    assert.equal(y, [1, 0, 0]);
    await k.shift(y, 1);
    assert.equal(y, [0, 0, 0]);
    await k.shift([-1, -1], 5);
  });
}

test("without libLLVM: target native says what is missing, and the default is wasm", () => {
  const code = `
    const { load, zeros } = await import("TSGPU/index.ts");
    const { defaultTarget } = await import("TSGPU/runtime/jit.ts");
    const failed = await load("polybench/kernels/gemm.ts", { target: "native" }).catch((e) => e);
    console.log(failed.code, failed.message.split("\\n")[0]);
    console.log(await defaultTarget());
    const { gemm } = await load("polybench/kernels/gemm.ts");
    const C = zeros("f64", [1, 1]);
    await gemm(2, 0, C, [[3]], [[4]]);
    console.log(C.data[0]);
  `;
  const [missing, target, value] = run(code, { TSGPU_LIBLLVM: "none" }).split("\n");
  assert.match(missing ?? "", /^TG3015 .*gemm.ts: TSGPU_LIBLLVM=none turns libLLVM off/);
  assert.is(target, "wasm");
  assert.is(value, "24");
});

test("without a C compiler, target c says what is missing", () => {
  const code = `
    const { load } = await import("TSGPU/index.ts");
    const failed = await load("polybench/kernels/gemm.ts", { target: "c" }).catch((e) => e);
    console.log(failed.code, failed.message.split("\\n")[0]);
  `;
  assert.match(run(code, { PATH: "" }), /^TG3015 .*gemm.ts: target c needs a C compiler/);
});

test("the benchmark entry, as in its description", async () => {
  const unit = await jit(gemm, {});
  const C = zeros("f64", [2, 2]);
  const I = [
    [1, 0],
    [0, 1],
  ];
  const resident = await makeResident(unit, "gemm", [2, 1, C, I, I]);
  for (let k = 0; k < 3; k++) {
    resident.reset();
    assert.ok((await resident.run()) < 1);
  }
  resident.download();
  resident.dispose();
  assert.equal(C.data, new Float64Array([2, 0, 0, 2]));
});

test.run();
