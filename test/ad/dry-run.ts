/** Launch programs without a device: what they allocate, for sizes that no machine would want to run. */
import { type Artifact, elemBytes, funcNamed } from "../../compiler/artifact.ts";
import { type ArrayValue, isArray, type ScalarType } from "../../compiler/ir/ir.ts";
import type { DeviceArray, KernelArg, KernelProgram, Outcome } from "../../runtime/device.ts";
import { runHostSync } from "../../runtime/host.ts";

/** Counts the bytes that are allocated at a time. Launches and copies do nothing, and what is read back is zero. */
class Ledger implements KernelProgram {
  readonly kind = "kernels";
  peak = 0;
  private live = 0;

  alloc(elem: ScalarType, shape: readonly number[]): DeviceArray {
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
  wrap(elem: ScalarType, shape: readonly number[]): DeviceArray {
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

/** The most bytes that the launch program `name` has allocated at a time. `args` are shapes of arrays, and scalars. */
export function peakBytes(artifact: Artifact, name: string, args: readonly (readonly number[] | number)[]): number {
  const host = funcNamed(artifact.program, name);
  if (host === undefined) throw new Error(`there is no @${name}`);
  const program = new Ledger();
  const given = host.params.map((p, k): KernelArg => {
    const arg = args[k] as readonly number[] | number;
    return isArray(p) ? { elem: (p as ArrayValue).type.elem, shape: arg as readonly number[] } : (arg as number);
  });
  runHostSync({ module: artifact.program, host, program, args: given, names: host.params.map((p) => p.hint) });
  return program.peak;
}
