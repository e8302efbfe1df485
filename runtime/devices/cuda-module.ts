/** PTX on a GPU: compiled by the driver when it is loaded, its kernels looked up by name and launched. */

import { type DeviceKernel, deviceKernel, type Extent, gridExtent } from "../../compiler/analysis/device-kernel.ts";
import { kernelParams, kernelSymbol, type Layout, layoutOf } from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Func } from "../../compiler/ir/ir.ts";
import type { DeviceArray, KernelArg } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { fillBlock } from "./block.ts";
import { type CudaContext, driverError } from "./cuda-context.ts";
import type { CudaError, Handle } from "./cuda-driver.ts";
import { scalarsOf } from "./launch-values.ts";

/** CUjit_option (cuda.h). */
const jit = { infoLog: 3, infoLogBytes: 4, errorLog: 5, errorLogBytes: 6 } as const;
/** CUfunction_attribute. */
const maxThreadsPerBlock = 0;
const numRegs = 4;

const noBinaryForGpu = 209;
const unsupportedPtxVersion = 222;

/** What stays the same from launch to launch of a kernel. */
interface LoadedKernel {
  readonly handle: Handle;
  readonly shape: DeviceKernel;
  readonly layout: Layout;
  readonly block: DataView;
  /** The address of each parameter, in the block. */
  readonly params: BigUint64Array;
}

/** A kernel with the block of its arguments, as cuLaunchKernel takes them. */
export interface PreparedLaunch {
  readonly kernel: LoadedKernel;
  /** Null where there is nothing to do. */
  readonly grid: Extent | null;
  readonly block: Extent;
  readonly how: string;
}

export class CudaModule {
  private readonly context: CudaContext;
  private readonly handle: Handle;
  private open = true;
  private readonly kernels = new Map<string, LoadedKernel>();

  /** @throws LaunchError (TG3017) with what the driver's compiler says, when it refuses the text. */
  constructor(context: CudaContext, file: string, ptx: string) {
    this.context = context;
    this.handle = load(context, file, ptx);
  }

  /** Puts the arguments into the kernel's block, where they stand until its next launch. */
  prepare<A extends DeviceArray>(
    kernel: Func,
    args: readonly KernelArg[],
    addressOf: (array: A) => bigint,
  ): PreparedLaunch {
    let known = this.kernels.get(kernel.name);
    if (known === undefined) {
      known = this.find(kernel);
      this.kernels.set(kernel.name, known);
    }
    fillBlock(known.block, known.layout, args, addressOf, 0n);
    const wanted = gridExtent(known.shape, scalarsOf(kernel, args));
    const most = this.context.info.maxGrid;
    // Kernels step through what is beyond.
    const grid = wanted.includes(0)
      ? null
      : (wanted.map((n, k) => Math.min(n, most[k] as number)) as unknown as Extent);
    const block = known.shape.workgroup;
    const how = `on a grid of ${(grid ?? wanted).join(" × ")} workgroups of ${block.join(" × ")} threads`;
    return { kernel: known, grid, block, how };
  }

  /** Puts a launch into the stream. */
  start({ kernel, block }: PreparedLaunch, grid: Extent): void {
    const { context } = this;
    context.call("cuLaunchKernel", kernel.handle, ...grid, ...block, 0, context.stream, kernel.params, null);
  }

  dispose(): void {
    if (!this.open) return;
    this.open = false;
    this.context.release("cuModuleUnload", this.handle);
  }

  private find(kernel: Func): LoadedKernel {
    const { context } = this;
    const shape = deviceKernel(kernel) ?? bug(`@${kernel.name} is no kernel of a GPU`);
    const handle = context.get("cuModuleGetFunction", this.handle, kernelSymbol(kernel.name)) as Handle;
    const attribute = (id: number): number => context.get("cuFuncGetAttribute", id, handle) as number;
    const most = attribute(maxThreadsPerBlock);
    const threads = shape.workgroup.reduce((a, b) => a * b, 1);
    if (threads > most) {
      const message = `${context.info.name} runs it in workgroups of at most ${most} threads, ${attribute(numRegs)} registers each, and it has ${threads}`;
      throw new LaunchError("TG3017", kernel.name, message);
    }
    const layout = layoutOf(kernel);
    // Off JavaScript's heap, where nothing moves.
    const block = new DataView(new ArrayBuffer(Math.max(64, layout.bytes)));
    const base = context.driver.koffi.address(block);
    const offsets = kernelParams(kernel).map(({ at }) => base + BigInt(at));
    const params = new BigUint64Array(new ArrayBuffer(Math.max(64, 8 * offsets.length)));
    params.set(offsets);
    return { handle, shape, layout, block, params };
  }
}

function load(context: CudaContext, file: string, ptx: string): Handle {
  const log = Buffer.alloc(16384);
  const notes = Buffer.alloc(16384);
  const { koffi } = context.driver;
  const options = Int32Array.of(jit.errorLog, jit.errorLogBytes, jit.infoLog, jit.infoLogBytes);
  const values = BigUint64Array.of(koffi.address(log), BigInt(log.length), koffi.address(notes), BigInt(notes.length));
  try {
    return context.get("cuModuleLoadDataEx", Buffer.from(`${ptx}\0`), options.length, options, values) as Handle;
  } catch (error) {
    const cause = driverError(error);
    if (cause === null) throw error;
    const said = [cause.message, whatToDo(context, ptx, cause), textOf(log), textOf(notes)].filter((x) => x !== "");
    throw new LaunchError("TG3017", file, `the driver does not load the PTX: ${said.join("\n")}`, undefined, {
      cause,
    });
  }
}

const textOf = (log: Buffer): string => log.toString("utf8", 0, log.indexOf(0)).trim();

function whatToDo({ info }: CudaContext, ptx: string, { result }: CudaError): string {
  const target = /^\.target\s+(\S+)/m.exec(ptx)?.[1] ?? "another GPU";
  if (result === noBinaryForGpu) return `the PTX is for ${target}, ${info.name} is ${info.arch}`;
  if (result === unsupportedPtxVersion) return `the driver knows CUDA ${info.driver}: install a newer one`;
  return "";
}
