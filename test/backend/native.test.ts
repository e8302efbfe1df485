/** Target native and the loader: IR text to functions that run in this process, on and off its main thread. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compileNative } from "../../compiler/backend/native.ts";
import { addressOf, loadObject } from "../../runtime/devices/native-loader.ts";
import { skip } from "../skip.ts";
import { double, mapKernel, viaLibm } from "./ir.ts";

const layout = { pointer: 8 } as const;
const argsOf = (x: Float64Array): BigInt64Array => new BigInt64Array([addressOf(x), BigInt(x.length)]);

if (findLibLLVM() === null) {
  skip("native: compile and load", whyNoLibLLVM() ?? "");
} else {
  test("call: runs on the array's own memory", () => {
    const module = loadObject(compileNative(double(layout)).object);
    const x = Float64Array.from({ length: 37 }, (_, i) => i);
    assert.is(module.entry("double").call(argsOf(x)), 0);
    assert.equal(
      x,
      Float64Array.from({ length: 37 }, (_, i) => 2 * i),
    );
    module.dispose();
  });

  test("call: functions of the process's libm are found", () => {
    const module = loadObject(compileNative(viaLibm(layout)).object);
    const x = Float64Array.of(0, 0.5, 1);
    module.entry("viaLibm").call(argsOf(x));
    [1, Math.exp(0.5), Math.exp(1) % 3].forEach((expected, i) => {
      assert.ok(Math.abs(x[i]! - expected) < 1e-15);
    });
    module.dispose();
  });

  test("callAsync: the event loop runs on", async () => {
    const slow = mapKernel(
      "slow",
      "%s = call double @sin(double %v) nobuiltin\n  %r = call double @exp(double %s) nobuiltin",
      layout,
      "declare double @sin(double)\ndeclare double @exp(double)",
    );
    const module = loadObject(compileNative(slow).object);
    const entry = module.entry("slow");
    const x = new Float64Array(2_000_000);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    assert.is(await entry.callAsync(argsOf(x), x), 0);
    clearInterval(timer);
    assert.is(x[x.length - 1], 1);
    assert.ok(ticks > 1, `${ticks} ticks while it ran`);
    module.dispose();
  });

  test("callAsync: kernels have a stack of megabytes", async () => {
    const text = `define i32 @deep(ptr %args) {
      %a = alloca [4000000 x i8]
      call void @llvm.memset.p0.i64(ptr %a, i8 3, i64 4000000, i1 true)
      %p = getelementptr i8, ptr %a, i64 5
      %v = load volatile i8, ptr %p
      %r = zext i8 %v to i32
      ret i32 %r
    }
    declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)`;
    const entry = loadObject(compileNative(text).object).entry("deep");
    assert.is(await entry.callAsync(new Uint8Array(8)), 3);
  });

  test("modules: two with the same symbol are apart", () => {
    const objects = ["2.0", "3.0"].map(
      (c) => compileNative(mapKernel("k", `%r = fmul double %v, ${c}`, layout)).object,
    );
    const modules = objects.map(loadObject);
    const results = modules.map((module) => {
      const x = Float64Array.of(1);
      module.entry("k").call(argsOf(x));
      return x[0];
    });
    assert.equal(results, [2, 3]);
  });

  test("dispose: waits for what runs, and refuses what comes after", async () => {
    const module = loadObject(compileNative(double(layout)).object);
    const entry = module.entry("double");
    const x = new Float64Array(1_000_000).fill(1);
    const running = entry.callAsync(argsOf(x), x);
    module.dispose();
    module.dispose();
    assert.is(await running, 0);
    assert.is(x[999_999], 2);
    assert.throws(() => entry.call(argsOf(x)), /disposed of/);
    assert.throws(() => module.lookup("double"), /disposed of/);
  });

  test("errors: unknown symbols are named", () => {
    const module = loadObject(compileNative(double(layout)).object);
    assert.throws(() => module.lookup("triple"), /link triple: .*triple/);
    const needy = mapKernel(
      "k",
      "%r = call double @noSuchFunction(double %v)",
      layout,
      "declare double @noSuchFunction(double)",
    );
    const broken = loadObject(compileNative(needy).object);
    assert.throws(() => broken.entry("k"), /noSuchFunction/);
    broken.dispose();
  });

  test("errors: bytes that are no object file", () => {
    assert.throws(() => loadObject(new Uint8Array(64)).entry("k"), /LLVM's JIT cannot/);
  });

  test("time: the second kernel is callable within 80 ms of its text", () => {
    const times = ["4.0", "5.0", "6.0"].map((c) => {
      const start = performance.now();
      loadObject(compileNative(mapKernel("k", `%r = fmul double %v, ${c}`, layout)).object).entry("k");
      return performance.now() - start;
    });
    assert.ok(Math.min(...times) < 80, `${times.map((t) => t.toFixed(1))} ms`);
  });
}

test.run();
