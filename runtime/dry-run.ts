/** Launch programs without a device: what they allocate is known before anything runs, mostly. */
import { elemBytes } from "../compiler/artifact.ts";
import type { ArrayValue, ElemType, Func, Module } from "../compiler/ir/ir.ts";
import type { DeviceArray, KernelArg, KernelProgram, Outcome } from "./device.ts";
import { runHostSync } from "./host.ts";

/** Counts the bytes that are allocated at a time. Launches and copies do nothing, and what is read back is 0. */
class Ledger implements KernelProgram {
  readonly kind = "kernels";
  peak = 0;
  private live = 0;

  alloc(elem: ElemType, shape: readonly number[]): DeviceArray {
    const array = { elem, shape };
    this.live += bytesOf(array);
    this.peak = Math.max(this.peak, this.live);
    return array;
  }
  free(array: DeviceArray): void {
    this.live -= bytesOf(array);
  }
  launchSync(): Outcome {
    return { status: 0, index: 0, seconds: 0 };
  }
  async launch(): Promise<Outcome> {
    return this.launchSync();
  }
  wrap(elem: ElemType, shape: readonly number[]): DeviceArray {
    return { elem, shape };
  }
  read(): number {
    return 0;
  }
  copy(): void {}
  upload(): void {}
  download(): void {}
  dispose(): void {}
}

const bytesOf = ({ elem, shape }: DeviceArray): number => shape.reduce((n, size) => n * size, elemBytes[elem]);

/**
 * The most bytes that a launch program of the module has allocated at a time, besides its arguments. `args` are shapes of arrays,
 * and scalars. What kernels compute counts as 0, where sizes depend on it.
 */
export function peakBytes(module: Module, host: Func, args: readonly (readonly number[] | number)[]): number {
  const program = new Ledger();
  const given = host.params.map((p, k): KernelArg => {
    const arg = args[k] as readonly number[] | number;
    return typeof arg === "number" ? arg : { elem: (p as ArrayValue).type.elem, shape: arg };
  });
  runHostSync({ module, host, program, args: given, names: host.params.map((p) => p.hint) });
  return program.peak;
}
