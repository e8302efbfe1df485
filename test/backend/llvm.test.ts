/** The LLVM IR printer: golden text, and what LLVM makes of it where only its optimiser can tell. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { emit, findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { type LlvmTarget, printLlvm } from "../../compiler/backend/llvm.ts";
import { skip } from "../skip.ts";
import { parsed } from "./differential.ts";
import { golden, goldenModules } from "./golden.ts";

const native: LlvmTarget = { pointerBits: 64 };
const wasm: LlvmTarget = { pointerBits: 32, selfContained: true };

for (const { name, module } of goldenModules) {
  test(`golden: ${name}`, () => golden(`${name}.ll`, printLlvm(module, native)));
}

test("golden: gemm for wasm", () => {
  const gemm = goldenModules.find(({ name }) => name === "gemm");
  if (gemm !== undefined) golden("gemm.wasm.ll", printLlvm(gemm.module, wasm));
});

test("stage: only kernels are printed", () => {
  assert.throws(() => printLlvm({ stage: "loop", funcs: [] }, native), /module of stage loop/);
  assert.is(printLlvm({ stage: "kernel", funcs: [] }, native), "");
});

test("head: goes first", () => {
  assert.ok(printLlvm({ stage: "kernel", funcs: [] }, { ...native, head: 'target triple = "x"' }).startsWith("target"));
});

const kernel = (params: string, body: string): string =>
  printLlvm(parsed(`stage kernel\nkernel @k(${params}) {\n${body}\n}`), native);

test("loops: one that may run for ever is not said to make progress", () => {
  const while1 = (max: string): string =>
    kernel("%x: f64[1]", `while ${max} { %v: f64 = load %x[0]\n %c: bool = gt %v, 0.0f64\n yield %c } do {}`);
  const open = while1("");
  assert.not.match(open, /mustprogress|willreturn/);
  const bounded = while1("max 10");
  assert.match(bounded, /willreturn/);
  assert.match(bounded, /llvm\.loop\.mustprogress/);
});

if (findLibLLVM() === null) {
  skip("llvm: what the optimiser does", whyNoLibLLVM() ?? "");
} else {
  const optimised = (text: string): string => emit(text, { emit: "llvm" });

  test("fmod: a call of the platform stays one, even of constants", () => {
    const text = kernel("%x: f64[3]", "%a: f64 = rem 5.5f64, 2.0f64\nstore %x[0], %a\n");
    assert.match(optimised(text), /call double @fmod\(double 5\.5/);
  });

  test("alias: a loop that reads one array and writes another needs no check at run time to be vectorised", () => {
    const text = kernel(
      "%x: f64[%n], %y: f64[%n]",
      "for %i in seq(0, %n) { %v: f64 = load %x[%i]\n %w: f64 = mul %v, 2.0f64\n store %y[%i], %w }",
    );
    const ir = optimised(text);
    assert.match(ir, /fmul contract <\d+ x double>/);
    assert.not.match(ir, /memcheck/);
  });

  test("modes: only what allows it is fused", () => {
    const text = (mode: string): string =>
      kernel(
        "%x: f64[3], %y: f64[1]",
        `%a: f64 = load %x[0]\n%b: f64 = load %x[1]\n%c: f64 = load %x[2]
         %p: f64 = mul ${mode} %a, %b\n%q: f64 = add ${mode} %p, %c\nstore %y[0], %q`,
      );
    const target = { triple: "x86_64-unknown-linux-gnu", cpu: "haswell", features: "", emit: "assembly" } as const;
    assert.match(emit(text("contract"), target), /vfn?madd/);
    assert.match(emit(text("fast"), target), /vfn?madd/);
    assert.not.match(emit(text("strict"), target), /vfn?madd/);
  });

  test("wasm: a loop that fills calls nothing", () => {
    const fill = "for %i in seq(0, %n) { store %x[%i], 0.0f64 }";
    const module = parsed(`stage kernel\nkernel @k(%x: f64[%n]) {\n${fill}\n}`);
    const ir = emit(printLlvm(module, wasm), { triple: "wasm32-unknown-unknown", features: "+simd128", emit: "llvm" });
    assert.not.match(ir, /memset/);
  });
}

test.run();
