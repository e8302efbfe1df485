/**
 * A GPU's memory: blocks that are used again, and copies to and from the host.
 *
 * Asking the driver for memory takes longer than most kernels, and giving it back waits for all that runs. So blocks come in
 * classes of sizes, eight to each doubling (at most an eighth is wasted), and those given back wait in their class for the
 * next one who wants such a block; what waits longest goes back to the driver when too much waits, or when memory runs out.
 * Blocks are used again without waiting: everything on them happens in the context's one stream.
 */
import { type CudaContext, driverError } from "./cuda-context.ts";
import { type Handle, outOfMemory } from "./cuda-driver.ts";

/** What the driver aligns allocations to. */
const smallest = 256;

/** Bytes of the class that so many bytes belong to. */
export function classOf(bytes: number): number {
  if (bytes <= smallest) return smallest;
  const step = Math.max(smallest, 2 ** (Math.ceil(Math.log2(bytes)) - 4));
  return Math.ceil(bytes / step) * step;
}

export interface Block {
  readonly address: Handle;
  readonly bytes: number;
}

export class CudaPool {
  private readonly context: CudaContext;
  /** Bytes that may wait. */
  private readonly cap: number;
  /** Those that wait, longest first; and by class. */
  private readonly waiting = new Set<Block>();
  private readonly byClass = new Map<number, Block[]>();
  private waitingBytes = 0;

  constructor(context: CudaContext, cap = context.info.memory / 4) {
    this.context = context;
    this.cap = cap;
  }

  /** A block of at least so many bytes, with anything in it. @throws RangeError when there is no memory for it. */
  take(bytes: number): Block {
    const size = classOf(bytes);
    const block = this.byClass.get(size)?.pop();
    if (block !== undefined) {
      this.waiting.delete(block);
      this.waitingBytes -= size;
      return block;
    }
    return this.ask(size) ?? this.askAgain(size);
  }

  give(block: Block): void {
    this.waiting.add(block);
    this.waitingBytes += block.bytes;
    const own = this.byClass.get(block.bytes);
    if (own === undefined) this.byClass.set(block.bytes, [block]);
    else own.push(block);
    this.trim(this.cap);
  }

  /** Gives back to the driver what waits longest, until at most so many bytes wait. */
  trim(bytes: number): void {
    for (const block of this.waiting) {
      if (this.waitingBytes <= bytes) return;
      this.waiting.delete(block);
      this.waitingBytes -= block.bytes;
      const own = this.byClass.get(block.bytes) ?? [];
      own.splice(own.indexOf(block), 1);
      this.context.release("cuMemFree_v2", block.address);
    }
  }

  /** Null when the driver has none. */
  private ask(bytes: number): Block | null {
    try {
      return { address: BigInt(this.context.get("cuMemAlloc_v2", bytes) as number | bigint), bytes };
    } catch (error) {
      if (driverError(error)?.result === outOfMemory) return null;
      throw error;
    }
  }

  private askAgain(bytes: number): Block {
    this.trim(0);
    const block = this.ask(bytes);
    if (block !== null) return block;
    const [free, total]: [[number | bigint], [number | bigint]] = [[0], [0]];
    this.context.call("cuMemGetInfo_v2", free, total);
    const [wanted, left, all] = [bytes, Number(free[0]), Number(total[0])].map(mebibytes);
    throw new RangeError(`${this.context.info.name} has ${left} of ${all} MiB free, where ${wanted} are wanted`);
  }
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 0);

/** Copies go through two buffers of pinned memory: while the GPU reads or writes one, the other is filled or emptied. */
const stageBytes = 4 << 20;

interface Stage {
  readonly address: Handle;
  readonly bytes: Uint8Array;
  /** Marks the end of the copy that uses it. */
  busy: Handle | null;
}

/** Copies between host and GPU, in the stream. */
export class CudaCopies {
  private readonly context: CudaContext;
  private stages: readonly [Stage, Stage] | null = null;

  constructor(context: CudaContext) {
    this.context = context;
  }

  /** The data may change as soon as this returns. */
  toDevice(to: Handle, data: ArrayBufferView): void {
    const from = bytesOf(data);
    const { context } = this;
    for (let at = 0, k = 0; at < from.length; at += stageBytes, k++) {
      const stage = this.idle(k);
      const count = Math.min(stageBytes, from.length - at);
      stage.bytes.set(from.subarray(at, at + count));
      context.call("cuMemcpyHtoDAsync_v2", to + BigInt(at), stage.address, count, context.stream);
      stage.busy = context.mark();
    }
  }

  /** Waits for what is in the stream first, with the event loop running. */
  async toHost(data: ArrayBufferView, from: Handle): Promise<void> {
    const to = bytesOf(data);
    const { context } = this;
    await context.drained();
    const start = (at: number): Stage => {
      const stage = this.idle(at / stageBytes);
      const count = Math.min(stageBytes, to.length - at);
      context.call("cuMemcpyDtoHAsync_v2", stage.address, from + BigInt(at), count, context.stream);
      stage.busy = context.mark();
      return stage;
    };
    let next = to.length > 0 ? start(0) : null;
    for (let at = 0; at < to.length; at += stageBytes) {
      const stage = next as Stage;
      next = at + stageBytes < to.length ? start(at + stageBytes) : null;
      this.settle(stage);
      to.set(stage.bytes.subarray(0, Math.min(stageBytes, to.length - at)), at);
    }
  }

  /** The buffer whose turn it is, when the copy before has left it. */
  private idle(turn: number): Stage {
    const make = (): Stage => {
      const address = this.context.get("cuMemHostAlloc", stageBytes, 0) as Handle;
      return { address, bytes: new Uint8Array(this.context.driver.koffi.view(address, stageBytes)), busy: null };
    };
    this.stages ??= [make(), make()];
    const stage = this.stages[turn % 2] as Stage;
    this.settle(stage);
    return stage;
  }

  private settle(stage: Stage): void {
    const { context } = this;
    if (stage.busy === null) return;
    context.call("cuEventSynchronize", stage.busy);
    context.recycle(stage.busy);
    stage.busy = null;
  }
}

/** The bytes of a typed array. Asking for its buffer takes a small one off JavaScript's heap, where it might move. */
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
