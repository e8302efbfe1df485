/**
 * The thread on which wasm kernels run, so that the event loop stays free. It keeps an instance of every module on the
 * one shared memory; all it is ever sent is modules and the addresses of argument blocks. Only `new Worker` loads this
 * file.
 */
import { parentPort } from "node:worker_threads";
import { instantiate, runEntry, type WasmExports } from "./wasm-instance.ts";

/** The first message says "ready"; then each `run` is answered by one `WasmReply`, in order. */
export type WasmRequest =
  | {
      readonly kind: "load";
      readonly program: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
    }
  | { readonly kind: "run"; readonly program: number; readonly kernel: string; readonly block: number }
  | { readonly kind: "dispose"; readonly program: number };

const programs = new Map<number, WasmExports>();

parentPort?.on("message", (request: WasmRequest) => {
  switch (request.kind) {
    case "load":
      programs.set(request.program, instantiate(request.module, request.memory));
      break;
    case "run":
      parentPort?.postMessage(runEntry(programs.get(request.program) ?? {}, request.kernel, request.block));
      break;
    case "dispose":
      programs.delete(request.program);
  }
});
parentPort?.postMessage("ready");
