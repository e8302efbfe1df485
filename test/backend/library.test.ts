/** Functions of the math library in machine code: inlined, vectorised, and rare paths only where a lane needs them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { emit, findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { printLlvm } from "../../compiler/backend/llvm.ts";
import { skip } from "../skip.ts";
import { goldenModules } from "./golden.ts";

const library = goldenModules.find(({ name }) => name === "library");

if (findLibLLVM() === null) skip("vectorised library calls", whyNoLibLLVM() ?? "");
else {
  for (const [triple, features, bits] of [
    ["x86_64-unknown-linux-gnu", "+avx2", 64],
    ["wasm32-unknown-unknown", "+simd128", 32],
  ] as const) {
    test(`${triple}: a loop over a function with a rare path is vectorised, and tests the mask before it takes it`, () => {
      assert.ok(library !== undefined);
      const text = printLlvm(library.module, { pointerBits: bits });
      const optimised = emit(text, { triple, cpu: "", features, emit: "llvm" });
      const body = optimised
        .split(/\n(?=define )/)
        .find((part) => part.startsWith("define internal") && part.includes("@curve_0.body("));
      assert.match(body ?? "", /fmul <\d x double>/);
      assert.match(body ?? "", /call <\d x double> @math\.sinLarge\.v\d\(<\d x double> [^,]+, <\d x i1>/);
    });
  }
}

test.run();
