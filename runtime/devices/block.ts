/** Fills in the argument block of a kernel (compiler/artifact.ts says what stands where). */
import type { Layout } from "../../compiler/artifact.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ScalarType } from "../../compiler/ir/ir.ts";
import type { DeviceArray, KernelArg } from "../device.ts";

/** Writes all slots; `addressOf` gives an array's address in the memory that the code sees. */
export function fillBlock<A extends DeviceArray>(
  block: DataView,
  layout: Layout,
  args: readonly KernelArg[],
  addressOf: (array: A) => bigint,
  errorRecord: bigint,
): void {
  layout.slots.forEach((slot, k) => {
    const arg = args[k] as KernelArg;
    if (slot.kind === "scalar") {
      setters[slot.type](block, slot.at, Number(arg as Datum));
      return;
    }
    const array = arg as A;
    block.setBigUint64(slot.pointer, addressOf(array), true);
    let stride = 1;
    for (let axis = slot.rank - 1; axis >= 0; axis--) {
      const size = array.shape[axis] as number;
      block.setBigInt64(slot.sizes + 8 * axis, BigInt(size), true);
      block.setBigInt64(slot.strides + 8 * axis, BigInt(stride), true);
      stride *= size;
    }
  });
  block.setBigUint64(layout.error, errorRecord, true);
}

const setters: Readonly<Record<ScalarType, (block: DataView, at: number, x: number) => void>> = {
  f64: (block, at, x) => block.setFloat64(at, x, true),
  f32: (block, at, x) => block.setFloat32(at, x, true),
  i32: (block, at, x) => block.setInt32(at, x, true),
  u32: (block, at, x) => block.setUint32(at, x, true),
  index: (block, at, x) => block.setBigInt64(at, BigInt(x), true),
  bool: (block, at, x) => block.setUint8(at, x),
};
