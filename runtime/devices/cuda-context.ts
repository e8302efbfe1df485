/**
 * One GPU in this process: its limits, the context that everything on it lives in, and one stream, in which copies and
 * launches run in the order in which they were asked for.
 *
 * A kernel that reads outside of memory breaks its context for good: every later call of the driver fails. The context is
 * `lost` then, and whatever is asked of it throws an error with the one that broke it as its cause.
 */
import type { Extent } from "../../compiler/analysis/device-kernel.ts";
import { LaunchError } from "../launch-error.ts";
import {
  type CudaCall,
  type CudaDriver,
  CudaError,
  type Handle,
  isSticky,
  needCuda,
  notReady,
  success,
} from "./cuda-driver.ts";

/** What a GPU is and can do. */
export interface CudaInfo {
  readonly ordinal: number;
  readonly name: string;
  /** `sm_90` for compute capability 9.0. */
  readonly arch: string;
  readonly multiprocessors: number;
  /** Bytes. */
  readonly memory: number;
  readonly maxGrid: Extent;
  readonly maxBlock: Extent;
  readonly maxThreads: number;
  /** Hertz. */
  readonly clock: number;
  readonly driver: string;
}

/** CUdevice_attribute (cuda.h). */
const attributes = {
  maxThreads: 1,
  maxBlock: [2, 3, 4],
  maxGrid: [5, 6, 7],
  clockKilohertz: 13,
  multiprocessors: 16,
  major: 75,
  minor: 76,
} as const;

/** CU_STREAM_NON_BLOCKING: what others do in the default stream does not wait for ours, nor ours for it. */
const nonBlocking = 1;
/** CU_EVENT_DEFAULT: with times. */
const timed = 0;

/** A launch as errors tell of it. */
export interface Launching {
  readonly kernel: string;
  /** `on a grid of 4 × 1 × 1 workgroups of 256 × 1 × 1 threads`. */
  readonly how: string;
}

export class CudaContext {
  readonly driver: CudaDriver;
  readonly info: CudaInfo;
  readonly stream: Handle;
  private readonly handle: Handle;
  private readonly idleEvents: Handle[] = [];
  private lost: Error | null = null;
  /** The launch that a failure which shows later is put down to. */
  private latest: Launching | null = null;
  /** How many launches have not been waited for. */
  private unsettled = 0;

  private constructor(driver: CudaDriver, ordinal: number) {
    this.driver = driver;
    const device = driver.get("cuDeviceGet", ordinal) as number;
    this.handle = driver.get("cuDevicePrimaryCtxRetain", device) as Handle;
    try {
      driver.call("cuCtxSetCurrent", this.handle);
      this.info = infoOf(driver, ordinal, device);
      this.stream = driver.get("cuStreamCreate", nonBlocking) as Handle;
    } catch (error) {
      driver.result("cuDevicePrimaryCtxRelease_v2", device);
      throw error;
    }
  }

  /** The context of a GPU, made when first asked for and kept. @throws Error where there is no such GPU. */
  static of(ordinal: number): CudaContext {
    const driver = needCuda();
    let context = contexts.get(ordinal);
    if (context === undefined) {
      const count = driver.get("cuDeviceGetCount") as number;
      if (!(ordinal >= 0 && ordinal < count))
        throw new Error(`there is no GPU ${ordinal}: CUDA counts ${count}, from 0`);
      context = new CudaContext(driver, ordinal);
      contexts.set(ordinal, context);
    }
    return context;
  }

  /**
   * Calls the driver in this context.
   *
   * @throws LaunchError with the CudaError as its cause: TG3017, or TG3028 when the context is lost
   */
  call(name: CudaCall, ...args: readonly unknown[]): void {
    this.result(success, name, ...args);
  }

  /** The same for what a function puts into its first parameter. */
  get(name: CudaCall, ...args: readonly unknown[]): unknown {
    const out: [unknown] = [null];
    this.call(name, out, ...args);
    return out[0];
  }

  /** Calls what only gives something back: of a lost context there is nothing left to give back. */
  release(name: CudaCall, ...args: readonly unknown[]): void {
    if (this.lost !== null) return;
    try {
      this.call(name, ...args);
    } catch (error) {
      // The failure belongs to the launch before it, which whoever asks next will hear of.
      if (this.lost === null) throw error;
    }
  }

  /** Says what runs from now on, for errors that the driver reports when something else is asked of it. */
  begin(launch: Launching): void {
    if (this.lost !== null) throw this.lostError();
    this.latest = launch;
    this.unsettled++;
  }
  /** All that was begun has ended well. */
  settled(): void {
    this.unsettled = 0;
  }

  /** Puts an event into the stream; `elapsed` and `recycle` take it. */
  mark(): Handle {
    const event = this.idleEvents.pop() ?? (this.get("cuEventCreate", timed) as Handle);
    try {
      this.call("cuEventRecord", event, this.stream);
    } catch (error) {
      this.recycle(event);
      throw error;
    }
    return event;
  }
  recycle(...events: readonly Handle[]): void {
    this.idleEvents.push(...events);
  }

  /** Seconds between two events that have been reached. */
  elapsed(start: Handle, end: Handle): number {
    return (this.get("cuEventElapsedTime", start, end) as number) / 1000;
  }

  /** Waits for all that is in the stream. */
  async drained(): Promise<void> {
    const event = this.mark();
    await this.reached(event);
    this.recycle(event);
  }

  /**
   * Waits for an event with the event loop running: by asking, at every turn of the loop at first, so that short kernels
   * cost little more than they take, later once a millisecond.
   */
  async reached(event: Handle): Promise<void> {
    const start = performance.now();
    while (this.result(notReady, "cuEventQuery", event) === notReady) {
      const isShort = performance.now() - start < 2;
      await new Promise<void>((resolve) => void (isShort ? setImmediate(resolve) : setTimeout(resolve, 1)));
    }
  }

  /** Calls the driver, where one other result than success is an answer as well. */
  private result(allowed: number, name: CudaCall, ...args: readonly unknown[]): number {
    if (this.lost !== null) throw this.lostError();
    const { driver } = this;
    // Whoever else uses CUDA in this process may have left another context.
    let at: CudaCall = "cuCtxSetCurrent";
    let result = driver.result(at, this.handle);
    if (result === success) {
      at = name;
      result = driver.result(name, ...args);
    }
    if (result === success || (result === allowed && at === name)) return result;
    const error = driver.error(at, result);
    if (!isSticky(error)) throw new LaunchError("TG3017", "cuda", error.message, undefined, { cause: error });
    this.lost = error;
    throw this.lostError();
  }

  private lostError(): LaunchError {
    const { name, ordinal } = this.info;
    const { kernel, how } = this.latest ?? { kernel: "cuda", how: "before any launch" };
    const among = `in one of ${this.unsettled} launches, this one the last (CUDA_LAUNCH_BLOCKING=1 finds out which)`;
    const where = this.unsettled > 1 ? `${how}, or earlier: ${among}` : how;
    const message = `${name} (GPU ${ordinal}) was lost, ${where}: ${this.lost?.message}`;
    return new LaunchError("TG3028", kernel, message, undefined, { cause: this.lost });
  }
}

/** What the driver said, of an error that a call in a context that is not lost has thrown; null for others. */
export const driverError = (error: unknown): CudaError | null =>
  error instanceof LaunchError && error.code === "TG3017" && error.cause instanceof CudaError ? error.cause : null;

const contexts = new Map<number, CudaContext>();

function infoOf(driver: CudaDriver, ordinal: number, device: number): CudaInfo {
  const attribute = (id: number): number => driver.get("cuDeviceGetAttribute", id, device) as number;
  const extent = ([x, y, z]: Extent): Extent => [attribute(x), attribute(y), attribute(z)];
  const name = Buffer.alloc(256);
  driver.call("cuDeviceGetName", name, name.length, device);
  return {
    ordinal,
    name: name.toString("utf8", 0, name.indexOf(0)),
    arch: `sm_${attribute(attributes.major)}${attribute(attributes.minor)}`,
    multiprocessors: attribute(attributes.multiprocessors),
    memory: Number(driver.get("cuDeviceTotalMem_v2", device)),
    maxGrid: extent(attributes.maxGrid),
    maxBlock: extent(attributes.maxBlock),
    maxThreads: attribute(attributes.maxThreads),
    clock: attribute(attributes.clockKilohertz) * 1000,
    driver: driver.version,
  };
}

/** The GPU that kernels run on when nobody says: the one that TSGPU_DEVICE names by its number, otherwise the first. */
export function chosenDevice(): number {
  const wish = process.env.TSGPU_DEVICE ?? "";
  if (wish === "") return 0;
  if (!/^\d+$/.test(wish)) throw new Error(`TSGPU_DEVICE=${wish} is no number of a GPU, from 0`);
  return Number(wish);
}
