/// <reference types="@webgpu/types" />
/** Buffers of a GPU: what is given back is kept for whoever wants as much next, up to a limit. */
import type { CommandQueue } from "./webgpu-queue.ts";

/** Bytes that the pool keeps at most. */
const mostKept = 2 ** 28;

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly queue: CommandQueue;
  private readonly flags: GPUBufferUsageFlags;
  private readonly free = new Map<number, GPUBuffer[]>();
  private kept = 0;

  constructor(device: GPUDevice, queue: CommandQueue, flags: GPUBufferUsageFlags) {
    this.device = device;
    this.queue = queue;
    this.flags = flags;
  }

  /** A buffer of at least so many bytes, with anything in it. @throws RangeError where there is none of that size */
  take(bytes: number): GPUBuffer {
    const size = roomFor(bytes);
    const known = this.free.get(size)?.pop();
    if (known !== undefined) {
      this.kept -= size;
      return known;
    }
    const { maxBufferSize } = this.device.limits;
    if (bytes > maxBufferSize) {
      throw new RangeError(`a buffer of ${bytes} bytes, where the GPU has at most ${maxBufferSize}`);
    }
    const make = (): GPUBuffer =>
      this.device.createBuffer({ size: Math.min(size, maxBufferSize - (maxBufferSize % 4)), usage: this.flags });
    return this.queue.watch("out-of-memory", make);
  }

  give(buffer: GPUBuffer): void {
    const { size } = buffer;
    if (this.kept + size > mostKept) {
      this.queue.destroy(buffer);
      return;
    }
    const list = this.free.get(size);
    if (list === undefined) this.free.set(size, [buffer]);
    else list.push(buffer);
    this.kept += size;
  }

  dispose(): void {
    for (const list of this.free.values()) for (const buffer of list) this.queue.destroy(buffer);
    this.free.clear();
  }
}

/** Few different sizes: at most an eighth more than was asked for, from 256 bytes on. */
function roomFor(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}
