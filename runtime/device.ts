/**
 * The device contract: all that a device has to do.
 *
 * A device turns an artifact into a program. A program owns its arrays: they live in the device's memory from `alloc`
 * or `wrap` to `free`, and nobody else reads or writes them in between. Sizes are the runtime's to check; a device is
 * only ever given arrays of its own, kernels of its own artifact, and data of the right type and length.
 *
 * Ordering. All methods but `launch` have happened when they return. `launch` runs the kernel to its end, off the event
 * loop where the device can, before its promise resolves; until then the caller starts nothing else on the program and
 * keeps its hands off the arrays. So at any time at most one kernel of a program runs, and there are no queues or
 * fences here. A device with a queue of its own, where everything happens in the order of the calls, may say so before it has
 * happened; then it has `finish`.
 *
 * Failing. A kernel that fails a `check` leaves its arrays in any state; the caller decides what becomes of them.
 */
import type { Artifact, TargetName } from "../compiler/artifact.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import type { ElemType, Func } from "../compiler/ir/ir.ts";
import type { Flat } from "./array.ts";
import type { LaunchCode } from "./launch-error.ts";

export interface Device {
  readonly target: TargetName;
  /** @throws Error when the code does not load. */
  load(artifact: Artifact, settings?: Settings): Promise<Program>;
}

/** How a device is to run things, where there is a choice. */
export interface Settings {
  /** Which of several GPUs target cuda takes, from 0; the one that TSGPU_DEVICE names, or the first, when not given. */
  readonly device?: number;
  /** Which of the possible orders of threads the simulator takes; 0 when not given. */
  readonly seed?: number;
  /** Whether the simulator reports reads of shared and local elements that are still the zeros they began as. */
  readonly unwritten?: boolean;
}

/** An array in a program's memory, dense and row-major. What else it holds is the device's business. */
export interface DeviceArray {
  readonly elem: ElemType;
  readonly shape: readonly number[];
}

/** How a launch ended. */
export interface Outcome {
  /** 0, or the number (from 1, in program order) of the `check` that failed. */
  readonly status: number;
  /** The index value that failed it. */
  readonly index: number;
  /** What the kernel alone took: exact for `launchSync`, with the wait for a free thread for `launch`. */
  readonly seconds: number;
  /** Of devices that count. */
  readonly statements?: Statements;
  /** Of devices that watch what their kernels do: what is wrong with the launch, which has failed. */
  readonly finding?: Finding;
}

/** What is wrong, without the kernel's name; lower case, no full stop. */
export interface Finding {
  readonly code: LaunchCode;
  readonly message: string;
}

/** How many statements ran. */
export interface Statements {
  /** In grid and threads loops of more than one iteration, all together. */
  readonly parallel: number;
  readonly sequential: number;
}

export type KernelArg = DeviceArray | Datum;

/** What a device that nobody can wait for, but by promises, answers later: WebGPU. */
export type Later<T> = T | Promise<T>;

/** A loaded artifact whose launch programs the runtime interprets. */
export interface KernelProgram {
  readonly kind: "kernels";
  /** A new array of zeros. @throws RangeError when there is no memory for it. */
  alloc(elem: ElemType, shape: readonly number[]): DeviceArray;
  /**
   * An array with these elements: `data` itself where the device can work in place, else a copy. Either way the caller
   * leaves `data` alone until `free`, and `download` into it leaves the array's elements there.
   */
  wrap(elem: ElemType, shape: readonly number[], data: Flat): DeviceArray;
  upload(to: DeviceArray, data: Flat): void;
  download(from: DeviceArray, data: Flat): Later<void>;
  /** So many elements of `from` into `to`, of the same type, from these row-major positions on. */
  copy(from: DeviceArray, fromAt: number, to: DeviceArray, toAt: number, count: number): void;
  /** One element, by its row-major position. */
  read(from: DeviceArray, position: number): Later<Datum>;
  free(array: DeviceArray): void;
  /** One argument for each parameter of the kernel. */
  launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome>;
  /** Not on devices that answer later. */
  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome;
  /**
   * Of devices that answer later: resolves when all that was asked for has happened, with what the launches took that have
   * ended since the last time (which their outcomes do not say). @throws LaunchError for the first launch that failed.
   */
  finish?(): Promise<number>;
  /** Gives back code and memory. */
  dispose(): void;
}

/** A loaded artifact that is JavaScript: functions that take nested arrays, as the source says. */
export interface FunctionProgram {
  readonly kind: "functions";
  readonly functions: Readonly<Record<string, (...args: unknown[]) => unknown>>;
  dispose(): void;
}

export type Program = KernelProgram | FunctionProgram;
