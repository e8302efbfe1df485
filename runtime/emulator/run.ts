/** One launch: its memory, its blocks one after the other, and what is counted. */
import { type LaunchOptions, type LaunchReport, volume, writeParam } from "./arguments.ts";
import { type Running, runBlock } from "./block.ts";
import { type Counted, counted, faultReasons } from "./emitter.ts";
import { type Dim, explain, PtxFault } from "./faults.ts";
import { type Current, LeaveThread, type Loaded, load } from "./loaded.ts";
import { type DeviceMemory, mark } from "./memory.ts";
import type { Instruction } from "./ptx.ts";
import { type Random, randomOf, shuffled } from "./random.ts";
import { record } from "./record.ts";
import type { Kernel, PtxModule } from "./translate.ts";

/** Branches backward that a thread may take before others get their turn. */
const slice = 1 << 20;
const defaultLimit = 2 ** 32;

export class LaunchRun implements Running, Current {
  readonly module: PtxModule;
  readonly kernel: Kernel;
  readonly memory: DeviceMemory;
  readonly size: Dim;
  readonly random: Random | null;
  frames = 0;
  locals = 0;
  view: DataView = new DataView(new ArrayBuffer(0));
  thread: Dim | null = null;
  private block: Dim = [0, 0, 0];
  private readonly options: LaunchOptions;
  private readonly loaded: Loaded;
  private readonly entry: (frame: number) => number;
  private readonly scratch: number[] = [];
  private readonly sharedBytes: number;
  private shared = 0;
  private counters = 0;
  /** Branches backward that are still allowed. */
  private left: number;

  constructor(module: PtxModule, kernel: Kernel, options: LaunchOptions) {
    this.module = module;
    this.kernel = kernel;
    this.memory = options.memory;
    this.size = options.block;
    this.random = options.seed === undefined ? null : randomOf(options.seed);
    this.options = options;
    this.loaded = load(module, options.memory);
    this.entry = this.loaded.exports[kernel.f.name] as (frame: number) => number;
    this.sharedBytes = module.layout.dynamicShared + (options.sharedBytes ?? 0);
    this.left = options.limit ?? defaultLimit;
  }

  /** Reserves what the launch needs, and fills in its record and parameters. @throws RangeError when there is no memory. */
  prepare(): void {
    const { memory, module, kernel, options, loaded } = this;
    const threads = volume(this.size);
    const window = module.layout.kernels.get(kernel.f)!;
    this.shared = this.reserve(this.sharedBytes);
    this.locals = this.reserve(threads * this.localStride);
    this.frames = this.reserve(threads * kernel.translated.frameBytes);
    this.counters = this.reserve(8 * module.counters.length);
    const params = this.reserve(window.size);
    const calls = this.reserve(module.layout.calls.size);
    memory.startLaunch(options.uninitialised === "allow");
    // From here on the memory keeps its size.
    this.view = new DataView(memory.wasm.buffer);
    for (const [k, p] of kernel.f.params.entries()) {
      writeParam(kernel, p, options.params[k]!, memory.bytes(params + window.offsets.get(p)!, p.size));
    }
    const { shared, sharedBytes, counters } = this;
    const { variables } = loaded;
    const fields = { shadow: memory.capacity, shared, sharedBytes, counters, params, calls, variables, fuel: slice };
    for (const [field, value] of Object.entries(fields)) this.set(record[field as keyof typeof fields], value);
    this.setDim(record.ntid, this.size);
    this.setDim(record.nctaid, options.grid);
    loaded.current = this;
  }

  /** Bytes of local memory of a thread. */
  get localStride(): number {
    return Math.ceil(this.module.layout.local.size / 16) * 16;
  }

  blocks(): void {
    const [nx, ny, nz] = this.options.grid;
    const count = nx * ny * nz;
    for (const k of shuffled(count, this.random)) {
      this.block = [k % nx, Math.floor(k / nx) % ny, Math.floor(k / (nx * ny))];
      this.setDim(record.ctaid, this.block);
      this.clearShared();
      runBlock(this);
    }
  }

  /** Runs a thread until it ends (null) or waits at an instruction. */
  resume(at: number): Instruction | null {
    try {
      const status = this.entry(at);
      if (status === 0) return null;
      if (this.view.getInt32(record.fuel, true) === 0) this.refuel(status - 1);
      return this.module.sites[status - 1]!;
    } catch (error) {
      if (error instanceof LeaveThread) return null;
      throw error;
    }
  }

  fault(message: string, instruction: Instruction, thread: Dim | null): never {
    throw new PtxFault(message, { kernel: this.kernel.f.name, instruction, thread, block: this.block });
  }

  report(): LaunchReport {
    const sums: Record<Counted | "threads", number> = {
      threads: volume(this.options.grid) * volume(this.size),
      ...(Object.fromEntries(counted.map((name) => [name, 0])) as Record<Counted, number>),
    };
    for (const [k, weights] of this.module.counters.entries()) {
      const times = Number(this.view.getBigUint64(this.counters + 8 * k, true));
      for (const [name, weight] of Object.entries(weights)) sums[name as Counted] += times * weight;
    }
    return sums;
  }

  dispose(): void {
    this.loaded.current = null;
    for (const start of this.scratch) this.memory.release(start);
  }

  /** Memory of the emulator: nothing that code may touch. */
  private reserve(bytes: number): number {
    const start = this.memory.reserve(bytes);
    this.scratch.push(start);
    return start;
  }

  /** A block starts with shared memory that nobody has written. */
  private clearShared(): void {
    const { offsets } = this.module.layout.shared;
    const marks = this.marksOf(mark.shared);
    for (const [v, offset] of offsets) {
      const size = v.size === 0 ? this.sharedBytes - offset : v.size;
      this.memory.setMarks(this.shared + offset, size, marks);
    }
  }

  marksOf(space: number): number {
    return this.options.uninitialised === "allow" ? space | mark.written : space;
  }

  private set(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }
  private setDim(at: number, dim: Dim): void {
    for (const [k, n] of dim.entries()) this.set(at + 4 * k, n);
  }

  /** Called when a thread has used up its slice. */
  refuel(site: number): void {
    this.left -= slice;
    if (this.left < 0) {
      const most = this.options.limit ?? defaultLimit;
      const message = `more than ${most} branches backward: the kernel seems to hang`;
      this.fault(message, this.module.sites[site]!, this.thread);
    }
    this.set(record.fuel, slice);
  }

  /** Called by translated code: ends the launch. */
  failed(site: number, reason: number, detail: bigint): never {
    const instruction = this.module.sites[site]!;
    const windows = {
      shared: this.shared,
      sharedBytes: this.sharedBytes,
      local: this.locals + this.localStride * this.threadIndex(),
      localBytes: this.module.layout.local.size,
    };
    const message = explain(faultReasons[reason]!, detail, instruction, this.memory, windows);
    return this.fault(message, instruction, this.thread);
  }

  private threadIndex(): number {
    const [x, y, z] = this.thread!;
    return x + this.size[0] * (y + this.size[1] * z);
  }
}
