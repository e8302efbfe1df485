/**
 * Devices native and c: machine code in this process, on host memory. Launches run on a thread of libuv's pool.
 *
 * Arrays are the runtime's own typed arrays or, from `wrap`, the caller's: nothing is copied but `index` elements.
 * Their memory never moves (asking for the buffer of a small typed array takes it off JavaScript's heap), and a launch
 * holds on to it until the kernel has returned.
 */
import { type Artifact, type Layout, layoutOf } from "../../compiler/artifact.ts";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func } from "../../compiler/ir/ir.ts";
import { type Flat, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { fillBlock } from "./block.ts";
import { type Elements, elementAt, elementsOf, getElements, sameInMemory, setElements } from "./elements.ts";
import { addressOf, loadObject, loadSharedLibrary, type NativeEntry, type NativeModule } from "./native-loader.ts";

/** Object files, through libLLVM's JIT. */
export const native: Device = {
  target: "native",
  async load(artifact) {
    const why = whyNotNative();
    if (why !== null) throw new LaunchError("TG3015", artifact.file, why);
    return new NativeProgram(loadObject(bytesOf(artifact)));
  },
};

/** Shared libraries that a C compiler made. */
export const c: Device = {
  target: "c",
  async load(artifact) {
    return new NativeProgram(loadSharedLibrary(bytesOf(artifact)));
  },
};

/** Why target native cannot run here; null when it can. */
export const whyNotNative = (): string | null => (findLibLLVM() === null ? whyNoLibLLVM() : null);

function bytesOf({ target, file, code }: Artifact): Uint8Array {
  if (code instanceof Uint8Array) return code;
  throw new LaunchError("TG3017", file, `the ${target} artifact holds no machine code`);
}

interface NativeArray extends DeviceArray {
  readonly memory: Elements;
}

/** What stays the same from launch to launch of a kernel. */
interface NativeKernel {
  readonly entry: NativeEntry;
  readonly layout: Layout;
}

class NativeProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly module: NativeModule;
  private readonly kernels = new Map<string, NativeKernel>();

  constructor(module: NativeModule) {
    this.module = module;
  }

  alloc(elem: ElemType, shape: readonly number[]): NativeArray {
    return { elem, shape, memory: new elementsOf[elem](product(shape)) };
  }

  wrap(elem: ElemType, shape: readonly number[], data: Flat): NativeArray {
    // Memory that may shrink under a running kernel is not safe to work in.
    const resizable = (data.buffer as { readonly resizable?: boolean }).resizable === true;
    if (sameInMemory(elem) && !resizable) return { elem, shape, memory: data };
    const array = this.alloc(elem, shape);
    setElements(array.memory, data);
    return array;
  }

  upload(to: NativeArray, data: Flat): void {
    if (to.memory !== data) setElements(to.memory, data);
  }
  download(from: NativeArray, data: Flat): void {
    if (from.memory !== data) getElements(from.memory, data);
  }
  copy(from: NativeArray, fromAt: number, to: NativeArray, toAt: number, count: number): void {
    const part = from.memory.subarray(fromAt, fromAt + count);
    if (to.memory instanceof BigInt64Array) to.memory.set(part as BigInt64Array, toAt);
    else to.memory.set(part as Flat, toAt);
  }
  read(from: NativeArray, position: number): Datum {
    return elementAt(from.elem, from.memory, position);
  }
  /** The garbage collector's business. */
  free(): void {}

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    const { entry, block, error } = this.prepare(kernel, args);
    const start = performance.now();
    const status = await entry.callAsync(block, [args, error]);
    return { status, index: Number(error[0]), seconds: (performance.now() - start) / 1000 };
  }

  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome {
    const { entry, block, error } = this.prepare(kernel, args);
    const start = performance.now();
    const status = entry.call(block);
    return { status, index: Number(error[0]), seconds: (performance.now() - start) / 1000 };
  }

  dispose(): void {
    this.module.dispose();
  }

  private prepare(
    kernel: Func,
    args: readonly KernelArg[],
  ): { readonly entry: NativeEntry; readonly block: DataView; readonly error: BigInt64Array } {
    let known = this.kernels.get(kernel.name);
    if (known === undefined) {
      known = { entry: this.module.entry(kernel.name), layout: layoutOf(kernel) };
      this.kernels.set(kernel.name, known);
    }
    const { entry, layout } = known;
    // The buffers are made first: a typed array without one may still lie on JavaScript's heap.
    const block = new DataView(new ArrayBuffer(layout.bytes));
    const error = new BigInt64Array(new ArrayBuffer(8));
    fillBlock(block, layout, args, addressOfArray, addressOf(error));
    return { entry, block, error };
  }
}

function addressOfArray({ memory }: NativeArray): bigint {
  void memory.buffer;
  return addressOf(memory);
}
