/**
 * Target wasm: LLVM IR text to a WebAssembly module that imports its memory, `env.memory`, and nothing but functions besides.
 *
 *   LLVM IR --(libLLVM, or the embedded LLVM)--> object file --(linkObject)--> module --(Binaryen)--> module
 *
 * The module has no data, no stack in memory, no table and no globals, so any number of kernels and workers share one memory.
 */
import { emit, findLibLLVM } from "./libllvm.ts";
import { checkModule, type LinkOptions, linkObject } from "./wasm-object.ts";
import { embeddedObject, optimised } from "./wasm-process.ts";

export { prepareWasmTools, printed as toWat } from "./wasm-process.ts";

export interface WasmOptions extends LinkOptions {
  /** The functions that `env` will have. Without it any may be imported: libm's, such as `exp` and `fmod`, usually. */
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
  const object = via === "embedded" ? await embeddedObject(llvmText, wanted) : objectByLibLLVM(llvmText, wanted);
  const module = await optimised(linkObject(object, options));
  const unknown = checkModule(module).filter((name) => options.imports?.includes(name) === false);
  if (unknown.length > 0) throw new Error(`the wasm kernel calls what nobody provides: ${unknown.join(", ")}`);
  return module;
}

function objectByLibLLVM(llvmText: string, wanted: readonly string[]): Uint8Array {
  return emit(llvmText, {
    triple: "wasm32-unknown-unknown",
    cpu: "generic",
    features: wanted.map((feature) => `+${feature}`).join(","),
    emit: "object",
  });
}
