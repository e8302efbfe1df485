/// <reference types="@webgpu/types" />
/**
 * What a GPU has been asked to do: commands are collected and handed over in batches, as each hand-over costs as much as many
 * small kernels. They run in the order in which they were asked for.
 *
 * What goes wrong with a batch is known later. It is kept until somebody waits for the queue, who gets it as an error.
 */
import { LaunchError } from "../launch-error.ts";
import { type Gpu, lostError, usage } from "./webgpu-adapter.ts";

/** Launches of one batch, so that none takes so long that a system takes the GPU for hung. */
const batchLaunches = 64;
/** Batches on their way before the next has to wait. */
const mostBatches = 8;
/** What a uniform block's offset is a multiple of, on all GPUs. */
const blockAlignment = 256;
/** Blocks that are larger get a buffer of their own. */
const mostBlock = blockAlignment;

/** Where a launch finds its uniform block. */
export interface BlockAt {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

export class CommandQueue {
  private readonly gpu: Gpu;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private readonly blocks = new Uint8Array(batchLaunches * mostBlock);
  private readonly blockBuffer: GPUBuffer;
  private launches = 0;
  /** The kernel of the last launch, whom failures are told of. */
  private kernel = "";
  private readonly outcomes: Promise<LaunchError | null>[] = [];
  private batches = 0;
  /** Buffers to be destroyed when no batch that is still to be handed over uses them. */
  private readonly doomed: GPUBuffer[] = [];
  /** When the GPU began to be busy; null while nobody knows of anything that it does. */
  private since: number | null = null;
  private seconds = 0;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.blockBuffer = gpu.device.createBuffer({ size: this.blocks.length, usage: usage.uniform | usage.copyDst });
  }

  /** The encoder of copies, between launches. */
  copies(): GPUCommandEncoder {
    this.pass?.end();
    this.pass = null;
    this.encoder ??= this.gpu.device.createCommandEncoder();
    return this.encoder;
  }

  /** The pass for the next launch of `kernel`. */
  launch(kernel: string): GPUComputePassEncoder {
    if (this.gpu.lost !== null) throw lostError(this.gpu, kernel);
    this.kernel = kernel;
    this.since ??= performance.now();
    this.launches++;
    this.encoder ??= this.gpu.device.createCommandEncoder();
    this.pass ??= this.encoder.beginComputePass();
    return this.pass;
  }

  /** Puts a uniform block where the next launch finds it; to be called before `launch`. */
  block(bytes: Uint8Array): BlockAt {
    if (this.launches === batchLaunches) this.flush();
    if (bytes.length > mostBlock) {
      const flags = usage.uniform | usage.copyDst;
      const buffer = this.gpu.device.createBuffer({ size: bytes.length, usage: flags });
      this.gpu.device.queue.writeBuffer(buffer, 0, bytes as Uint8Array<ArrayBuffer>);
      this.doomed.push(buffer);
      return { buffer, offset: 0 };
    }
    const offset = this.launches * mostBlock;
    this.blocks.set(bytes, offset);
    return { buffer: this.blockBuffer, offset };
  }

  /** Writes to a buffer when all before has happened. */
  write(buffer: GPUBuffer, data: ArrayBufferView): void {
    this.flush();
    this.watch("validation", () => {
      const { buffer: bytes, byteOffset, byteLength } = data;
      this.gpu.device.queue.writeBuffer(buffer, 0, bytes as ArrayBuffer, byteOffset, byteLength);
    });
  }

  /** Destroys a buffer after what uses it. */
  destroy(buffer: GPUBuffer): void {
    this.doomed.push(buffer);
  }

  /** Does something and keeps what the GPU says against it. */
  watch<T>(filter: GPUErrorFilter, action: () => T): T {
    const { device } = this.gpu;
    const { kernel } = this;
    device.pushErrorScope(filter);
    try {
      return action();
    } finally {
      this.outcomes.push(
        device.popErrorScope().then(
          (error) => (error === null ? null : this.failure(filter, kernel, error.message)),
          () => null,
        ),
      );
    }
  }

  private failure(filter: GPUErrorFilter, kernel: string, message: string): LaunchError {
    return new LaunchError(filter === "out-of-memory" ? "TG3014" : "TG3017", kernel, message);
  }

  /** Hands over what has been collected. */
  flush(): void {
    const { device } = this.gpu;
    if (this.encoder !== null) {
      const encoder = this.copies();
      this.encoder = null;
      if (this.launches > 0) device.queue.writeBuffer(this.blockBuffer, 0, this.blocks, 0, this.launches * mostBlock);
      this.launches = 0;
      this.batches++;
      this.watch("out-of-memory", () => {
        this.watch("validation", () => device.queue.submit([encoder.finish()]));
      });
    }
    for (const buffer of this.doomed.splice(0)) buffer.destroy();
  }

  /** Whether so much is on its way that whoever wants more should wait. */
  get isFull(): boolean {
    return this.batches >= mostBatches;
  }

  /** Resolves when all has happened, with the seconds that launches took since the last time. @throws LaunchError */
  async finish(): Promise<number> {
    this.flush();
    await this.waitFor(this.gpu.device.queue.onSubmittedWorkDone());
    const { seconds } = this;
    this.seconds = 0;
    return seconds;
  }

  /** Waits for a promise that resolves when all so far has happened. @throws LaunchError */
  async waitFor(promise: Promise<unknown>): Promise<void> {
    const { kernel, gpu } = this;
    let cause: unknown;
    try {
      await promise;
    } catch (error) {
      cause = error;
      // That the GPU is lost may be said after what it was lost with.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    if (this.since !== null) this.seconds += (performance.now() - this.since) / 1000;
    this.since = null;
    this.batches = 0;
    const failures = await Promise.all(this.outcomes.splice(0));
    if (gpu.lost !== null) throw lostError(gpu, kernel, cause);
    const failure = failures.find((error) => error !== null);
    if (failure != null) throw failure;
    if (cause !== undefined) throw new LaunchError("TG3017", kernel, String(cause), undefined, { cause });
  }

  dispose(): void {
    this.flush();
    this.blockBuffer.destroy();
  }
}
