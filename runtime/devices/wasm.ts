/**
 * Device wasm: WebAssembly modules on one memory that this file owns. Modules for shared memory run on a worker thread,
 * so that the event loop stays free; others, and all of them where no worker starts, on the calling thread.
 *
 * Arrays, argument blocks and error records are parts of that memory.
 */
import { elemBytes, type Layout, layoutOf } from "../../compiler/artifact.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func } from "../../compiler/ir/ir.ts";
import { type Flat, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { fillBlock } from "./block.ts";
import { type Elements, elementAt, elementsOf, getElements, setElements } from "./elements.ts";
import { instantiate, runEntry, type WasmExports, type WasmReply } from "./wasm-instance.ts";
import { WasmMemory } from "./wasm-memory.ts";
import { disposeInThread, wasmThread } from "./wasm-thread.ts";

export const wasm: Device = {
  target: "wasm",
  async load({ code, file, memory }) {
    if (!(code instanceof Uint8Array)) throw new LaunchError("TG3017", file, "the wasm artifact holds no module");
    const module = await WebAssembly.compile(code as Uint8Array<ArrayBuffer>);
    return new WasmProgram(module, memory === "shared");
  },
};

/** One memory of each kind for the whole process; made when first needed. */
const memories = new Map<boolean, WasmMemory>();
function memoryOf(shared: boolean): WasmMemory {
  let memory = memories.get(shared);
  if (memory === undefined) {
    memory = new WasmMemory(shared);
    memories.set(shared, memory);
  }
  return memory;
}

interface WasmArray extends DeviceArray {
  readonly at: number;
  readonly length: number;
}

let programs = 0;

class WasmProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly id = programs++;
  private readonly module: WebAssembly.Module;
  private readonly shared: boolean;
  private readonly memory: WasmMemory;
  private readonly exports: WasmExports;
  private readonly layouts = new Map<string, Layout>();

  constructor(module: WebAssembly.Module, shared: boolean) {
    this.module = module;
    this.shared = shared;
    this.memory = memoryOf(shared);
    this.exports = instantiate(module, this.memory.memory);
  }

  alloc(elem: ElemType, shape: readonly number[]): WasmArray {
    const array = this.reserve(elem, shape);
    new Uint8Array(this.memory.buffer, array.at, array.length * elemBytes[elem]).fill(0);
    return array;
  }

  wrap(elem: ElemType, shape: readonly number[], data: Flat): WasmArray {
    const array = this.reserve(elem, shape);
    this.upload(array, data);
    return array;
  }

  upload(to: WasmArray, data: Flat): void {
    setElements(this.view(to), data);
  }
  download(from: WasmArray, data: Flat): void {
    getElements(this.view(from), data);
  }
  copy(from: WasmArray, fromAt: number, to: WasmArray, toAt: number, count: number): void {
    const bytes = elemBytes[from.elem];
    const start = from.at + fromAt * bytes;
    new Uint8Array(this.memory.buffer).copyWithin(to.at + toAt * bytes, start, start + count * bytes);
  }
  read(from: WasmArray, position: number): Datum {
    return elementAt(from.elem, this.view(from), position);
  }
  free(array: WasmArray): void {
    this.memory.release(array.at);
  }

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    const thread = this.shared ? wasmThread() : null;
    if (thread === null) return this.launchSync(kernel, args);
    const block = this.block(kernel, args);
    try {
      const reply = await thread.run(this.id, this.module, this.memory.memory, kernel.name, block.at);
      return this.outcome(kernel, reply ?? runEntry(this.exports, kernel.name, block.at), block.error);
    } finally {
      this.memory.release(block.at);
    }
  }

  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome {
    const block = this.block(kernel, args);
    try {
      return this.outcome(kernel, runEntry(this.exports, kernel.name, block.at), block.error);
    } finally {
      this.memory.release(block.at);
    }
  }

  dispose(): void {
    disposeInThread(this.id);
  }

  private reserve(elem: ElemType, shape: readonly number[]): WasmArray {
    const length = product(shape);
    return { elem, shape, length, at: this.memory.allocate(length * elemBytes[elem]) };
  }

  private view({ elem, at, length }: WasmArray): Elements {
    return new elementsOf[elem](this.memory.buffer, at, length);
  }

  /** The argument block, with the error record behind it. */
  private block(kernel: Func, args: readonly KernelArg[]): { readonly at: number; readonly error: number } {
    let layout = this.layouts.get(kernel.name);
    if (layout === undefined) {
      layout = layoutOf(kernel);
      this.layouts.set(kernel.name, layout);
    }
    const at = this.memory.allocate(layout.bytes + 8);
    const error = at + layout.bytes;
    const view = new DataView(this.memory.buffer, at, layout.bytes + 8);
    fillBlock(view, layout, args, (a: WasmArray) => BigInt(a.at), BigInt(error));
    return { at, error };
  }

  private outcome(kernel: Func, reply: WasmReply, error: number): Outcome {
    if ("error" in reply) throw new LaunchError("TG3017", kernel.name, `the kernel crashed: ${reply.error}`);
    const index = Number(new DataView(this.memory.buffer).getBigInt64(error, true));
    return { ...reply, index };
  }
}
