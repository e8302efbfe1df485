/** The test set on device cuda, where the stand-in of CUDA's driver runs the PTX by the emulator. */
import { test } from "uvu";
import { findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";
import { testCases } from "./device-cases.ts";

const why = whyNoLibLLVM() ?? ((await findCC()) === null ? "there is no C compiler" : null);
if (why !== null) skip("the test set on cuda", why);
else {
  await import("../runtime/cuda/emulated.ts");
  testCases("cuda", cases);
}
test.run();
