/** Target wasm by each of its two LLVMs, Binaryen after it, and what a wasm kernel must not have. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compileWasm, toWat } from "../../compiler/backend/wasm.ts";
import { skip } from "../skip.ts";
import { double, mapKernel, viaLibm } from "./ir.ts";

const layout = { pointer: 4 } as const;
const env = { exp: Math.exp, fmod: (a: number, b: number) => a % b };

async function run(bytes: Uint8Array, name: string, x: Float64Array, shared = false): Promise<Float64Array> {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared });
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { ...env, memory } });
  const view = new Float64Array(memory.buffer, 1024, x.length);
  view.set(x);
  new Int32Array(memory.buffer, 64, 2).set([1024, x.length]);
  const kernel = instance.exports[name] as (args: number) => number;
  assert.is(kernel(64), 0);
  return view.slice();
}

const vias = ["embedded", "libllvm"] as const;

for (const via of vias) {
  if (via === "libllvm" && findLibLLVM() === null) {
    skip("wasm by libLLVM", whyNoLibLLVM() ?? "");
    continue;
  }

  for (const memory of ["shared", "unshared"] as const) {
    test(`${via}: vector code on ${memory} memory`, async () => {
      const bytes = await compileWasm(double(layout), { exports: ["double"], memory, via });
      const x = Float64Array.from({ length: 37 }, (_, i) => i);
      assert.equal(
        await run(bytes, "double", x, memory === "shared"),
        x.map((v) => 2 * v),
      );
      const wat = await toWat(bytes);
      assert.match(wat, /f64x2\.(mul|add)/);
      assert.match(wat, memory === "shared" ? /\(memory \$\S+ 0 65536 shared\)/ : /\(memory \$\S+ 0\)/);
      const { imports, exports } = WebAssembly.Module;
      const module = await WebAssembly.compile(bytes);
      assert.equal(imports(module), [{ module: "env", name: "memory", kind: "memory" }]);
      assert.equal(exports(module), [{ name: "double", kind: "function" }]);
    });
  }

  test(`${via}: library functions are imports from env`, async () => {
    const options = { exports: ["viaLibm"], memory: "unshared", via } as const;
    const bytes = await compileWasm(viaLibm(layout), { ...options, imports: ["exp", "fmod"] });
    const names = WebAssembly.Module.imports(await WebAssembly.compile(bytes)).map(({ name }) => name);
    assert.equal(names.sort(), ["exp", "fmod", "memory"]);
    assert.equal(await run(bytes, "viaLibm", Float64Array.of(0, 1)), Float64Array.of(1, Math.exp(1) % 3));
    await rejects(compileWasm(viaLibm(layout), { ...options, imports: ["exp"] }), /nobody provides: fmod/);
  });

  test(`${via}: zeroing a row is memory.fill`, async () => {
    const text = mapKernel("clear", "%r = fadd double 0.0, 0.0", layout);
    const bytes = await compileWasm(text, { exports: ["clear"], memory: "unshared", via });
    assert.equal(await run(bytes, "clear", Float64Array.of(1, 2, 3)), new Float64Array(3));
    assert.match(await toWat(bytes), /memory\.fill/);
  });

  test(`${via}: several exports, and helpers that are not exported`, async () => {
    const helper = "define internal double @half(double %v) noinline { %r = fmul double %v, 0.5\n ret double %r }";
    const text =
      mapKernel("first", "%r = call double @half(double %v)", layout, helper) +
      mapKernel("second", "%h = call double @half(double %v)\n %r = fadd double %h, 1.0", layout);
    const bytes = await compileWasm(text, { exports: ["second", "first"], memory: "unshared", via });
    assert.equal(await run(bytes, "first", Float64Array.of(3)), Float64Array.of(1.5));
    assert.equal(await run(bytes, "second", Float64Array.of(3)), Float64Array.of(2.5));
  });

  const refused: readonly [what: string, text: string, message: RegExp][] = [
    [
      "an array on the stack",
      `define i32 @k(ptr %args) {
        %a = alloca [64 x i32]
        call void @use(ptr %a)
        ret i32 0
      }
      declare void @use(ptr)`,
      /no stack in memory/,
    ],
    [
      "constant data",
      `@table = internal constant [3 x i32] [i32 7, i32 1, i32 9]
      define i32 @k(ptr %args) {
        %i = load i32, ptr %args
        %p = getelementptr [3 x i32], ptr @table, i32 0, i32 %i
        %v = load i32, ptr %p
        ret i32 %v
      }`,
      /no data of their own, and this one needs \S*table/,
    ],
    [
      "a call through a pointer",
      `define i32 @k(ptr %args) {
        %f = load ptr, ptr %args
        %v = call i32 %f(ptr %args)
        ret i32 %v
      }`,
      /no table/,
    ],
    ["an export that is not there", "define i32 @other(ptr %args) { ret i32 0 }", /no function "k"/],
    ["IR with a fault", "define i32 @k(ptr %args) {\n  ret i32 %x\n}", /use of undefined value '%x'/],
  ];
  for (const [what, text, message] of refused) {
    test(`${via}: ${what} is refused`, () =>
      rejects(compileWasm(text, { exports: ["k"], memory: "unshared", via }), message));
  }

  test(`${via}: several at once do not mix`, async () => {
    const factors = [2, 3, 5, 7];
    const modules = await Promise.all(
      factors.map((c) => {
        const text = mapKernel("k", `%r = fmul double %v, ${c}.0`, layout);
        return compileWasm(text, { exports: ["k"], memory: "unshared", via });
      }),
    );
    const results = await Promise.all(modules.map((bytes) => run(bytes, "k", Float64Array.of(1))));
    assert.equal(
      results.map((x) => x[0]),
      factors,
    );
  });

  test(`${via}: bits are kept`, async () => {
    const text = mapKernel("k", "%a = fadd double %v, 1.0e16\n  %r = fsub double %a, 1.0e16", layout);
    const bytes = await compileWasm(text, { exports: ["k"], memory: "unshared", via });
    const x = Float64Array.of(1, 2.5, -0, 3);
    assert.equal(
      await run(bytes, "k", x),
      x.map((v) => v + 1e16 - 1e16),
    );
  });

  test(`${via}: the second kernel takes at most 400 ms`, async () => {
    const times: number[] = [];
    for (const c of ["4.0", "5.0", "6.0"]) {
      const start = performance.now();
      await compileWasm(mapKernel("k", `%r = fdiv double %v, ${c}`, layout), { exports: ["k"], memory: "shared", via });
      times.push(performance.now() - start);
    }
    assert.ok(Math.min(...times) <= 400, `${times.map((t) => t.toFixed(0))} ms`);
  });
}

async function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  let caught: unknown = null;
  try {
    await promise;
  } catch (error) {
    caught = error;
  }
  assert.match(caught instanceof Error ? caught.message : String(caught), message);
}

test.run();
