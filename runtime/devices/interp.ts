/** Device interp: kernels run by the IR's interpreter, slowly and with every access checked, on the calling thread. */
import type { Artifact } from "../../compiler/artifact.ts";
import { type InterpArg, InterpError, interpreter } from "../../compiler/interp.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func } from "../../compiler/ir/ir.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { type Flat, flatZeros, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { elementAt } from "./elements.ts";

export const interp: Device = {
  target: "interp",
  async load(artifact) {
    return new InterpProgram(artifact);
  },
};

/** The interpreter's own arrays: it works on the caller's data. */
interface InterpArray extends DeviceArray {
  readonly data: Flat;
}

class InterpProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly run: (name: string, args: readonly InterpArg[]) => readonly Datum[];

  constructor({ program }: Artifact) {
    this.run = interpreter(program);
  }

  alloc(elem: ElemType, shape: readonly number[]): InterpArray {
    return { elem, shape, data: flatZeros(elem, product(shape)) };
  }
  wrap(elem: ElemType, shape: readonly number[], data: Flat): InterpArray {
    return { elem, shape, data };
  }
  upload(to: InterpArray, data: Flat): void {
    if (to.data !== data) to.data.set(data);
  }
  download(from: InterpArray, data: Flat): void {
    if (from.data !== data) data.set(from.data);
  }
  copy(from: InterpArray, fromAt: number, to: InterpArray, toAt: number, count: number): void {
    to.data.set(from.data.subarray(fromAt, fromAt + count), toAt);
  }
  read(from: InterpArray, position: number): Datum {
    return elementAt(from.elem, from.data, position);
  }
  free(): void {}

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    return this.launchSync(kernel, args);
  }

  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome {
    const start = performance.now();
    const outcome = (status: number, index: number): Outcome => ({
      status,
      index,
      seconds: (performance.now() - start) / 1000,
    });
    try {
      this.run(kernel.name, args as readonly InterpArg[]);
      return outcome(0, 0);
    } catch (error) {
      if (!(error instanceof InterpError)) throw error;
      const status = error.reason === "check" ? checkThatFailed(kernel, error) : 0;
      if (status > 0) return outcome(status, error.detail.index ?? 0);
      // The interpreter also notices accesses that nobody checks, because the compiler took them to be inside.
      const code = error.reason === "bounds" ? "TG3013" : "TG3017";
      throw new LaunchError(code, kernel.name, error.message, error.detail.array, { cause: error });
    }
  }

  dispose(): void {}
}

/** The number of the kernel's `check` that the error is about; 0 when it is about another access. */
function checkThatFailed(kernel: Func, { detail }: InterpError): number {
  const checks = [...walk(kernel.body)].filter((s) => s.kind === "check");
  const found = checks.findIndex(
    (c) => c.loc === detail.loc && c.array.hint === detail.array && c.axis === detail.axis,
  );
  return found + 1;
}
