/**
 * How compiled code sees elements in memory: as the runtime's flat data, but for `index`, which is a 64-bit integer.
 */
import type { Datum } from "../../compiler/ir/eval.ts";
import { halfValue } from "../../compiler/ir/half.ts";
import type { ElemType } from "../../compiler/ir/ir.ts";
import type { Flat } from "../array.ts";

/** Elements in the memory of a program. */
export type Elements = Flat | BigInt64Array;

interface ElementsConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Elements;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Elements;
}

export const elementsOf: Readonly<Record<ElemType, ElementsConstructor>> = {
  f64: Float64Array,
  f32: Float32Array,
  f16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  index: BigInt64Array,
  bool: Uint8Array,
};

/** Whether flat data is already what compiled code reads and writes. */
export const sameInMemory = (elem: ElemType): boolean => elem !== "index";

/** `to := from`, of the same length. */
export function setElements(to: Elements, from: Flat): void {
  if (!(to instanceof BigInt64Array)) to.set(from);
  else for (let i = 0; i < to.length; i++) to[i] = BigInt(from[i] as number);
}

/** `to := from`, of the same length. */
export function getElements(from: Elements, to: Flat): void {
  if (!(from instanceof BigInt64Array)) to.set(from);
  else for (let i = 0; i < to.length; i++) to[i] = Number(from[i]);
}

export function elementAt(elem: ElemType, from: Elements, position: number): Datum {
  const x = from[position];
  if (x === undefined) throw new RangeError(`element ${position} of ${from.length}`);
  return elem === "bool" ? x !== 0 : elem === "f16" ? halfValue(Number(x)) : Number(x);
}
