/**
 * Target wasm: LLVM IR text to a WebAssembly module that imports its memory, `env.memory`, and nothing but functions besides.
 *
 *   LLVM IR --(libLLVM, or the embedded LLVM)--> object file --(linkObject)--> module --(Binaryen)--> module
 *
 * The module has no data, no stack in memory, no table and no globals, so any number of kernels and workers share one memory.
 */
import { wasmImports } from "../artifact.ts";
import { emit, findLibLLVM } from "./libllvm.ts";
import { checkModule, type LinkOptions, linkObject, NeedsStack } from "./wasm-object.ts";
import { embeddedObject, optimised } from "./wasm-process.ts";

export { prepareWasmTools, printed as toWat } from "./wasm-process.ts";

export interface WasmOptions extends LinkOptions {
  /** The functions that `env` will have; the runtime's, when not given. */
  readonly imports?: readonly string[];
  /** Which LLVM: libLLVM where there is one, otherwise the embedded one, unless this says. */
  readonly via?: "libllvm" | "embedded";
}

/** What every engine with SIMD has. */
const features = ["simd128", "bulk-memory", "mutable-globals", "nontrapping-fptoint", "sign-ext"];

/** Compiles at O3 with SIMD; for shared memory, with atomics. */
export async function compileWasm(llvmText: string, options: WasmOptions): Promise<Uint8Array> {
  const via = options.via ?? (findLibLLVM() === null ? "embedded" : "libllvm");
  const wanted = options.memory === "shared" ? [...features, "atomics"] : features;
  const link = async (vectorise: boolean): Promise<Uint8Array> => {
    const embedded = via === "embedded";
    const compiled = embedded
      ? embeddedObject(llvmText, wanted, vectorise)
      : objectByLibLLVM(llvmText, wanted, vectorise);
    return linkObject(await compiled, options);
  };
  // A vectorised loop with an early exit asks for the lane that left it, and wasm can find a lane by a variable only in
  // memory. Without vectors nothing is there.
  const linked = await link(true).catch((error: unknown) => {
    if (error instanceof NeedsStack) return link(false);
    throw error;
  });
  const module = await optimised(linked);
  const provided: readonly string[] = options.imports ?? wasmImports;
  const unknown = checkModule(module).filter((name) => !provided.includes(name));
  if (unknown.length > 0) throw new Error(`the wasm kernel calls what nobody provides: ${unknown.join(", ")}`);
  return module;
}

async function objectByLibLLVM(llvmText: string, wanted: readonly string[], vectorise: boolean): Promise<Uint8Array> {
  return emit(llvmText, {
    vectorise,
    triple: "wasm32-unknown-unknown",
    cpu: "generic",
    features: wanted.map((feature) => `+${feature}`).join(","),
    emit: "object",
  });
}
