/** The compiler's public face: source in, artifact, text or diagnostics out. Pure: no device, no state between calls. */
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./frontend/frontend.ts";
import type { CompileOptions, Source } from "./pipeline.ts";

export type { CompileOptions, Format, Source } from "./pipeline.ts";
export { compile, emit } from "./pipeline.ts";

/** All that is wrong with a kernel file. */
export function check(source: Source, options: Pick<CompileOptions, "real" | "types"> = {}): readonly Diagnostic[] {
  const types = options.types === undefined ? {} : { types: options.types };
  return diagnose(source.file, source.text, { mode: "contract", real: options.real ?? "f64", ...types });
}
