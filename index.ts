/** `tsgpu`: the public face. It only re-exports; the compiler's own face is `compiler/index.ts`. */

export { CompileError, type Diagnostic } from "./compiler/diagnostic.ts";
export type { bool, f16, f32, f64, i32, index, real, ScalarName, u32 } from "./kernel-types.ts";
export { array, type FlatOf, NdArray, zeros } from "./runtime/array.ts";
export { grad, hvp, type ResultOptions, valueAndGrad } from "./runtime/grad.ts";
export type {
  Adjoints,
  AnyKernel,
  Cotangents,
  Forms,
  Jacobian,
  Outputs,
  ScalarGrads,
  Tangents,
  Values,
  WithValue,
} from "./runtime/grad-types.ts";
export type { GradientOptions } from "./runtime/gradient-options.ts";
export { jacobian } from "./runtime/jacobian.ts";
export { type LaunchCode, LaunchError, launchErrors } from "./runtime/launch-error.ts";
export {
  type Argument,
  type Kernel,
  type Kernels,
  type LoadOptions,
  load,
  type Named,
  type Signature,
} from "./runtime/load.ts";
export { adjoint, jvp, vjp } from "./runtime/vjp.ts";
