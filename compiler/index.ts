/** The compiler's public face: source in, artifact, text or diagnostics out. Pure: no device, no state between calls. */
import type { Diagnostic } from "./diagnostic.ts";
import { type CompileOptions, diagnose, type Source } from "./pipeline.ts";

export type { DerivativeRequest, Report } from "../ad/index.ts";
export { archFor } from "./backend/ptx.ts";
export { type DualOutcome, type DualProgram, dual } from "./dual.ts";
export type { CompileOptions, Format, Source } from "./pipeline.ts";
export { compile, type ExplainedLoop, type ExplainedLoops, emit, explainDerivative, explainLoops } from "./pipeline.ts";

/** All that is wrong with a kernel file: everything for which `compile` would refuse it. */
export function check(
  source: Source,
  options: Pick<CompileOptions, "real" | "types" | "kernels"> = {},
): readonly Diagnostic[] {
  return diagnose(source, { target: "interp", ...options });
}
