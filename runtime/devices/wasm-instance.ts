/** Instances of kernel modules, and running their entries: what the calling thread and the worker share. */
import { wasmMath } from "./wasm-math.ts";

/** The exported kernels: each takes the address of its argument block and returns its status. */
export type WasmExports = Readonly<Record<string, (block: number) => number>>;

/** How running an entry ended. */
export type WasmReply = { readonly status: number; readonly seconds: number } | { readonly error: string };

/** An instance on a memory that the runtime owns. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, ...wasmMath } });
  return exports as unknown as WasmExports;
}

export function runEntry(exports: WasmExports, kernel: string, block: number): WasmReply {
  const entry = exports[kernel];
  if (entry === undefined) return { error: `the module has no function ${kernel}` };
  try {
    const start = performance.now();
    const status = entry(block);
    return { status, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { error: String(error) };
  }
}
