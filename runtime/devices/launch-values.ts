/** What a launch knows before it runs: from it follows how many workgroups a kernel wants. */
import { indexLimit } from "../../compiler/artifact-wgsl.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import { type Func, isArray, type Value } from "../../compiler/ir/ir.ts";
import { product } from "../array.ts";
import type { DeviceArray, KernelArg } from "../device.ts";
import { LaunchError } from "../launch-error.ts";

/** As many elements as offsets of 32 bits reach. */
const mostElements = 2 ** 31 - 1;

/**
 * Scalar arguments, and the sizes of arrays, all of which kernels of GPUs compute with in 32 bits (backend/llvm-index.ts).
 *
 * @throws LaunchError (TG3027) where they are too large for that
 */
export function scalarsOf(kernel: Func, args: readonly KernelArg[]): ReadonlyMap<Value, Datum> {
  const known = new Map<Value, Datum>();
  const refuse = (p: Value, message: string): never => {
    throw new LaunchError("TG3027", kernel.name, message, p.hint);
  };
  kernel.params.forEach((p, k) => {
    if (!isArray(p)) {
      const x = args[k] as Datum;
      if (p.type === "index" && Math.abs(Number(x)) > indexLimit) refuse(p, `${p.hint} is ${x}`);
      known.set(p, x);
      return;
    }
    const { shape } = args[k] as DeviceArray;
    const elements = product(shape);
    if (elements > mostElements) refuse(p, `${p.hint} has ${elements} elements`);
    p.type.dims.forEach((d, axis) => {
      const size = shape[axis] as number;
      if (size > indexLimit) refuse(p, `axis ${axis} of ${p.hint} is ${size} long`);
      if (d.kind === "value") known.set(d, size);
    });
  });
  return known;
}
