/** The compiler's public face: source in, artifact, text or diagnostics out. Pure: no device, no state between calls. */
import type { Artifact, TargetName } from "./artifact.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./frontend/frontend.ts";
import type { Mode, ScalarType } from "./ir/ir.ts";
import type { Trace } from "./pass.ts";
import * as pipeline from "./pipeline.ts";

export interface CompileOptions {
  readonly target: TargetName;
  /** What may be done to float operations; `contract` when not given. */
  readonly mode?: Mode;
  /** What `real` is; f64 when not given. */
  readonly real?: "f64" | "f32";
  /** Exported functions to compile; all of them when not given. */
  readonly kernels?: readonly string[];
  /** Type arguments of generic kernels: `{ axpy: { T: "f32" } }`; by default the first type of each constraint. */
  readonly types?: Readonly<Record<string, Readonly<Record<string, ScalarType>>>>;
  /** `assume`: accesses that hold when the launch requirements hold are not checked. `all`: for when these fail. */
  readonly checks?: "assume" | "all";
  /** The C compiler of target c; the first one found when not given. */
  readonly cc?: "gcc" | "clang";
  /** Whether wasm code expects memory that threads share; it does when not given. */
  readonly memory?: "shared" | "unshared";
  /** Where LLVM comes from on target wasm; libLLVM where it is installed, when not given. */
  readonly llvm?: "libllvm" | "embedded";
  readonly trace?: (t: Trace) => void;
}

export type Format = "ir" | "llvm" | "wasm" | "wat" | "c" | "js";

/** A source file by absolute path; `text` stands for the file's content when given. */
export interface Source {
  readonly file: string;
  readonly text?: string;
}

/** Compiles a kernel file. @throws CompileError with all diagnostics. */
export async function compile(source: Source, options: CompileOptions): Promise<Artifact> {
  return pipeline.compile(source, options);
}

/** Compiles a kernel file to the text (or bytes) of a format. @throws CompileError with all diagnostics. */
export async function emit(source: Source, format: Format, options: CompileOptions): Promise<string | Uint8Array> {
  return pipeline.emit(source, format, options);
}

/** All that is wrong with a kernel file. */
export function check(source: Source, options: Pick<CompileOptions, "real" | "types"> = {}): readonly Diagnostic[] {
  const types = options.types === undefined ? {} : { types: options.types };
  return diagnose(source.file, source.text, { mode: "contract", real: options.real ?? "f64", ...types });
}
