/** Target simulator: kernels of a GPU as instrumented loops, compiled for the machine tsgpu runs on. */
import type { Module } from "../ir/ir.ts";
import { simulateKernels } from "../simulator/instrument.ts";
import { refuseAtomicHalves } from "./kernel.ts";
import { findLibLLVM } from "./libllvm.ts";
import { printLlvm } from "./llvm.ts";
import { compileNative, nativeTarget } from "./native.ts";

/** An object file; null where there is no libLLVM: then the interpreter runs the same loops, some hundred times slower. */
export function compileSimulator(m: Module): Uint8Array | null {
  for (const f of m.funcs) if (f.kind === "kernel") refuseAtomicHalves(f);
  if (findLibLLVM() === null) return null;
  return compileNative(printLlvm(simulateKernels(m), nativeTarget())).object;
}
