/**
 * Device cuda: NVIDIA's GPUs, through the driver API. Arrays live in the GPU's memory; launches and copies of all programs run
 * one after another in one stream of the GPU's context. Launches are queued there without waiting for those before them; whoever
 * wants to see a result waits, with the event loop running.
 */

import { elemBytes } from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func } from "../../compiler/ir/ir.ts";
import { type Flat, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { CudaContext, type CudaInfo, chosenDevice, driverError } from "./cuda-context.ts";
import { type Handle, whyNotCuda } from "./cuda-driver.ts";
import { type Block, CudaCopies, CudaPool } from "./cuda-memory.ts";
import { CudaModule } from "./cuda-module.ts";
import { type Elements, elementAt, elementsOf, getElements, sameInMemory, setElements } from "./elements.ts";

export const cuda: Device = {
  target: "cuda",
  async load({ file, code }, { device } = {}) {
    if (typeof code !== "string") throw new LaunchError("TG3017", file, "the cuda artifact holds no PTX");
    return new CudaProgram(openGpu(file, device), file, code);
  },
};

/** What a GPU is: the one of that number from 0, otherwise the one that kernels run on when nobody says. @throws Error where there is none. */
export const cudaInfo = (device = chosenDevice()): CudaInfo => CudaContext.of(device).info;

/** A GPU with what all programs on it share. */
interface Gpu {
  readonly context: CudaContext;
  readonly pool: CudaPool;
  readonly copies: CudaCopies;
}
const gpus = new Map<number, Gpu>();

function openGpu(file: string, device?: number): Gpu {
  const why = whyNotCuda();
  if (why !== null) throw new LaunchError("TG3015", file, why);
  try {
    const ordinal = device ?? chosenDevice();
    let gpu = gpus.get(ordinal);
    if (gpu === undefined) {
      const context = CudaContext.of(ordinal);
      gpu = { context, pool: new CudaPool(context), copies: new CudaCopies(context) };
      gpus.set(ordinal, gpu);
    }
    return gpu;
  } catch (cause) {
    if (cause instanceof LaunchError || !(cause instanceof Error)) throw cause;
    throw new LaunchError("TG3015", file, cause.message, undefined, { cause });
  }
}

interface CudaArray extends DeviceArray {
  /** Of which the array's elements are the beginning. */
  readonly memory: Block;
  readonly count: number;
}

/** A launch in the stream. */
interface Running {
  readonly start: Handle;
  readonly end: Handle;
}

/** Kernels of GPUs have no checks that could fail; what they take is known at the end. */
const idle: Outcome = { status: 0, index: 0, seconds: 0 };
/** Drivers take about a thousand launches before one has ended. */
const longestQueue = 500;

class CudaProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly gpu: Gpu;
  private readonly module: CudaModule;
  /** Launches that have not been waited for, oldest first, and what those before them took. */
  private readonly queue: Running[] = [];
  private seconds = 0;

  constructor(gpu: Gpu, file: string, ptx: string) {
    this.gpu = gpu;
    this.module = new CudaModule(gpu.context, file, ptx);
  }

  alloc(elem: ElemType, shape: readonly number[]): CudaArray {
    const { context } = this.gpu;
    return this.take(elem, shape, ({ memory, count }) => {
      if (count === 0) return;
      context.call("cuMemsetD8Async", memory.address, 0, count * elemBytes[elem], context.stream);
    });
  }

  wrap(elem: ElemType, shape: readonly number[], data: Flat): CudaArray {
    return this.take(elem, shape, (array) => this.upload(array, data));
  }

  upload(to: CudaArray, data: Flat): void {
    let elements: Elements = data;
    if (!sameInMemory(to.elem)) {
      elements = new elementsOf[to.elem](to.count);
      setElements(elements, data);
    }
    this.gpu.copies.toDevice(to.memory.address, elements);
  }

  async download(from: CudaArray, data: Flat): Promise<void> {
    const isSame = sameInMemory(from.elem);
    const elements = isSame ? data : new elementsOf[from.elem](from.count);
    await this.gpu.copies.toHost(elements, from.memory.address);
    if (!isSame) getElements(elements, data);
  }

  copy(from: CudaArray, fromAt: number, to: CudaArray, toAt: number, count: number): void {
    if (count === 0) return;
    const { context } = this.gpu;
    const bytes = elemBytes[from.elem];
    const at = (array: CudaArray, position: number): Handle => array.memory.address + BigInt(position * bytes);
    context.call("cuMemcpyDtoDAsync_v2", at(to, toAt), at(from, fromAt), count * bytes, context.stream);
  }

  async read(from: CudaArray, position: number): Promise<Datum> {
    const one = new elementsOf[from.elem](1);
    await this.gpu.copies.toHost(one, from.memory.address + BigInt(position * elemBytes[from.elem]));
    return elementAt(from.elem, one, 0);
  }

  free({ memory }: CudaArray): void {
    this.gpu.pool.give(memory);
  }

  /** Puts the launch into the stream, where it has its turn. */
  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    try {
      // What is asked of the driver beyond that, it makes the thread wait for.
      if (this.queue.length >= longestQueue) await this.gpu.context.reached((this.queue[0] as Running).end);
      if (this.queue.length >= longestQueue) this.seconds += this.ended();
      const running = this.start(kernel, args);
      if (running !== null) this.queue.push(running);
      return idle;
    } catch (error) {
      this.forget();
      throw named(kernel, error);
    }
  }

  launchSync({ name }: Func): Outcome {
    return bug(`@${name}: target cuda answers later`);
  }

  async finish(): Promise<number> {
    try {
      const last = this.queue.at(-1);
      if (last !== undefined) await this.gpu.context.reached(last.end);
      while (this.queue.length > 0) this.seconds += this.ended();
      this.gpu.context.settled();
      return this.seconds;
    } finally {
      this.forget();
    }
  }

  dispose(): void {
    this.module.dispose();
  }

  /** An array that `fill` puts something into; its memory goes back where that fails. */
  private take(elem: ElemType, shape: readonly number[], fill: (array: CudaArray) => void): CudaArray {
    const count = product(shape);
    const array = { elem, shape, count, memory: this.gpu.pool.take(count * elemBytes[elem]) };
    try {
      fill(array);
      return array;
    } catch (error) {
      this.free(array);
      throw error;
    }
  }

  /** A launch in the stream between two events; null where there is nothing to launch. */
  private start(kernel: Func, args: readonly KernelArg[]): Running | null {
    const { context } = this.gpu;
    const launch = this.module.prepare(kernel, args, addressOf);
    if (launch.grid === null) return null;
    context.begin({ kernel: kernel.name, how: launch.how });
    const start = context.mark();
    try {
      this.module.start(launch, launch.grid);
    } catch (error) {
      throw named(kernel, error, launch.how);
    }
    return { start, end: context.mark() };
  }

  /** What the first launch of the queue took; it has ended. */
  private ended(): number {
    const { context } = this.gpu;
    const { start, end } = this.queue.shift() as Running;
    const seconds = context.elapsed(start, end);
    context.recycle(start, end);
    return seconds;
  }

  private forget(): void {
    for (const { start, end } of this.queue.splice(0)) this.gpu.context.recycle(start, end);
    this.seconds = 0;
  }
}

const addressOf = ({ memory }: CudaArray): Handle => memory.address;

/** What the driver said, as an error of the kernel. */
function named({ name }: Func, error: unknown, how?: string): unknown {
  const cause = driverError(error);
  if (cause === null || (error as LaunchError).kernel === name) return error;
  return new LaunchError("TG3017", name, `${how === undefined ? "" : `${how}: `}${cause.message}`, undefined, {
    cause,
  });
}
