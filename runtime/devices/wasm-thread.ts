/** The calling thread's side of the wasm worker: starts it at the first run, and hands it modules and runs. */
import { Worker } from "node:worker_threads";
import type { WasmReply } from "./wasm-instance.ts";
import type { WasmRequest } from "./wasm-worker.ts";

const inSources = import.meta.url.endsWith(".ts");
/** Beside this file, in the sources as in `dist/`. */
const workerFile = new URL(inSources ? "./wasm-worker.ts" : "./wasm-worker.js", import.meta.url);
/** The sources need what reads TypeScript; a flag for the text of `-e` is an error for a worker's file. */
const execArgv = inSources ? process.execArgv.filter((flag) => !flag.startsWith("--input-type")) : [];

export class WasmThread {
  private readonly worker: Worker;
  /** Who waits for a reply, in the order of their requests. */
  private readonly waiting: ((reply: WasmReply | null) => void)[] = [];
  private readonly loaded = new Set<number>();
  private ready = false;
  private broken = false;

  constructor(file: URL = workerFile) {
    this.worker = new Worker(file, { execArgv });
    // It keeps the process alive only while a kernel runs.
    this.worker.unref();
    this.worker.on("message", (message: "ready" | WasmReply) => {
      if (message === "ready") this.ready = true;
      else this.settle(message);
    });
    this.worker.on("error", () => this.breakDown());
    this.worker.on("exit", () => this.breakDown());
  }

  /** Runs a kernel; null when it did not run, because no thread starts here. */
  run(
    program: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    kernel: string,
    block: number,
  ): Promise<WasmReply | null> {
    if (this.broken) return Promise.resolve(null);
    if (!this.loaded.has(program)) this.send({ kind: "load", program, module, memory });
    this.loaded.add(program);
    this.send({ kind: "run", program, kernel, block });
    this.worker.ref();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  dispose(program: number): void {
    if (this.loaded.delete(program) && !this.broken) this.send({ kind: "dispose", program });
  }

  private send(request: WasmRequest): void {
    this.worker.postMessage(request);
  }

  private settle(reply: WasmReply | null): void {
    this.waiting.shift()?.(reply);
    if (this.waiting.length === 0) this.worker.unref();
  }

  private breakDown(): void {
    this.broken = true;
    const reply = this.ready ? { error: "its thread has ended" } : null;
    while (this.waiting.length > 0) this.settle(reply);
  }
}

let thread: WasmThread | null | undefined;

/** The one worker of this process; null where there are no threads. */
export function wasmThread(): WasmThread | null {
  if (thread === undefined) {
    try {
      thread = new WasmThread();
    } catch {
      thread = null;
    }
  }
  return thread;
}

/** Tells the worker, where there is one, to let go of a program. */
export const disposeInThread = (program: number): void => thread?.dispose(program);
