/** Target native: LLVM IR text to an object file for the machine tsgpu runs on. `runtime/devices/native-loader.ts` loads it. */
import { emit, hostTarget, type LLVMTarget } from "./libllvm.ts";
import type { LlvmTarget } from "./llvm-writer.ts";

export interface NativeObject {
  /** A relocatable object file in the host's format. */
  readonly object: Uint8Array;
  /** What it was compiled for: part of a cache's key. */
  readonly target: LLVMTarget;
}

/** What LLVM IR for the host looks like: whether its CPU converts halves, as all of ARM's with 64 bits do. */
export function nativeTarget(): LlvmTarget {
  const { triple, features } = hostTarget();
  const converts = /^(aarch64|arm64)/.test(triple) || features.split(",").includes("+f16c");
  return converts ? { pointerBits: 64, halves: "type" } : { pointerBits: 64 };
}

/** Compiles at O3 for the host's own CPU. Throws when libLLVM is absent, or finds something wrong with the IR. */
export function compileNative(llvmText: string, onWarning?: (message: string) => void): NativeObject {
  const target = hostTarget();
  const options = { ...target, emit: "object" } as const;
  return { object: emit(llvmText, onWarning === undefined ? options : { ...options, onWarning }), target };
}
