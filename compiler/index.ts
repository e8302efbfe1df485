/** The compiler's public face: source in, artifact, text or diagnostics out. Pure: no device, no state between calls. */
import type { Artifact, TargetName } from "./artifact.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Mode, ScalarType } from "./ir/ir.ts";
import type { Trace } from "./pass.ts";

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
export declare function compile(source: Source, options: CompileOptions): Promise<Artifact>;
/** Compiles a kernel file to the text (or bytes) of a format. @throws CompileError with all diagnostics. */
export declare function emit(source: Source, format: Format, options: CompileOptions): Promise<string | Uint8Array>;
/** All that is wrong with a kernel file. */
export declare function check(source: Source): readonly Diagnostic[];
