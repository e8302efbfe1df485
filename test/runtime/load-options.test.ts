/** Options that `load` refuses: from JavaScript, nobody else does. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LaunchError } from "../../runtime/launch-error.ts";
import { checkOptions } from "../../runtime/load-options.ts";

const wrong: readonly [options: Record<string, unknown>, says: RegExp][] = [
  [{ traget: "wasm" }, /no option is called traget: there are target, mode, /],
  [
    { target: "gpu" },
    /target is one of native, wasm, c, interp, node, cuda, webgpu, simulator, ptx-emulator, not "gpu"/,
  ],
  [{ target: "wasm", mode: "Strict" }, /mode is one of strict, contract, fast/],
  [{ real: 64 }, /real is one of f64, f32, not 64/],
  [{ kernels: "gemm" }, /kernels takes a value of type object, not "gemm"/],
  [{ seed: "7" }, /seed takes a value of type number, not "7"/],
  [{ cache: "no" }, /cache takes a value of type boolean/],
  [{ toString: 1 }, /no option is called toString/],
];
for (const [options, says] of wrong) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => checkOptions("gemm.ts", options),
      (error: unknown) => error instanceof LaunchError && error.code === "TG3018" && says.test(error.message),
    );
  });
}

test("accepted: every option, and undefined for any", () => {
  const types = { axpy: { T: "f32" } };
  checkOptions("gemm.ts", { target: "wasm", mode: "fast", real: "f32", types, kernels: ["axpy"], cache: false });
  checkOptions("gemm.ts", { cc: "gcc", llvm: "embedded", memory: "unshared", target: undefined });
  checkOptions("gemm.ts", { target: "simulator", seed: 7, unwritten: true });
});

test.run();
