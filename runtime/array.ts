/** `NdArray`: a typed array with a shape. Also which typed array holds which element type. */
import { halfBits, halfValue } from "../compiler/ir/half.ts";
import type { ElemType } from "../compiler/ir/ir.ts";

/**
 * The typed array that holds elements of each type. Index elements are exact integers; bools are 0 and 1; halves are their 16 bits, as
 * not all engines have a Float16Array.
 */
export interface FlatOf {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly f16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly index: Float64Array;
  readonly bool: Uint8Array;
}
/** All elements of an array, row-major, in host memory. */
export type Flat = FlatOf[ElemType];

interface Constructor<T> {
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}
const constructors: { readonly [D in ElemType]: Constructor<FlatOf[D]> } = {
  f64: Float64Array,
  f32: Float32Array,
  f16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  index: Float64Array,
  bool: Uint8Array,
};

/** Element types by the name of their typed array; a Float64Array can hold index elements as well. */
const dtypes: Readonly<Record<string, ElemType>> = {
  Float64Array: "f64",
  Float32Array: "f32",
  Uint16Array: "f16",
  Float16Array: "f16",
  Int32Array: "i32",
  Uint32Array: "u32",
  Uint8Array: "bool",
};

/** New zeros. @throws RangeError when there is no memory for them. */
export function flatZeros<D extends ElemType>(dtype: D, length: number): FlatOf[D] {
  return new constructors[dtype](length);
}

/** The class name of a typed array, whatever realm it comes from; null for anything else. */
export function viewName(v: unknown): string | null {
  if (!ArrayBuffer.isView(v)) return null;
  const name = (v as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
  return name === undefined || name === "DataView" ? null : name;
}

/** Whether `v` is the typed array for elements of that type. */
export function isFlat<D extends ElemType>(v: unknown, dtype: D): v is FlatOf[D] {
  const name = viewName(v);
  return name !== null && dtypes[name] === (dtype === "index" ? "f64" : dtype);
}

/** A typed array of this realm's own class, on the same memory: the array itself unless it comes from elsewhere. */
export function localView<D extends ElemType>(v: FlatOf[D], dtype: D): FlatOf[D] {
  const own: Constructor<FlatOf[D]> = constructors[dtype];
  return v instanceof own ? v : new own(v.buffer, v.byteOffset, v.length);
}

/** The element at a position, as a number. */
export const numberAt = (data: Flat, at: number): number =>
  data instanceof Uint16Array ? halfValue(data[at] as number) : (data[at] as number);

/** Gives the element at a position a value. */
export function setNumber(data: Flat, at: number, x: number): void {
  data[at] = data instanceof Uint16Array ? halfBits(x) : x;
}

/** All elements as numbers: the array itself unless it holds halves. */
export const numbersOf = (data: Flat): Exclude<Flat, Uint16Array> =>
  data instanceof Uint16Array ? Float32Array.from(data, halfValue) : data;

/** Whether the memory behind a typed array is gone. */
export function isDetached(v: ArrayBufferView): boolean {
  if (v.byteLength > 0) return false;
  try {
    new Uint8Array(v.buffer);
    return false;
  } catch {
    return true;
  }
}

/** Compiled code may count along an axis in 32 bits. */
export const maxSize = 2 ** 31 - 1;

export const product = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

/** A dense row-major array: `data` holds `shape[0] · shape[1] · …` elements of type `dtype`. */
export class NdArray<D extends ElemType = ElemType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: FlatOf[D];

  /** @throws TypeError when `data` is not the typed array of `dtype`; RangeError when it does not fill `shape`. */
  constructor(dtype: D, shape: readonly number[], data: FlatOf[D]) {
    if (!isFlat(data, dtype)) {
      throw new TypeError(`${dtype} elements live in a ${constructors[dtype].name}, not in ${nameOf(data)}`);
    }
    checkShape(shape);
    if (product(shape) !== data.length) {
      throw new RangeError(`shape [${shape.join(", ")}] takes ${product(shape)} elements, data has ${data.length}`);
    }
    this.dtype = dtype;
    this.shape = [...shape];
    // Of a Float16Array the same memory, as its bits.
    this.data = viewName(data) === "Float16Array" ? localView(data, dtype) : data;
  }
}

/** The element type that `array` gives a typed array; of a union, the union. */
type DtypeOf<T> = T extends Float64Array
  ? "f64"
  : T extends Float32Array
    ? "f32"
    : T extends Uint16Array
      ? "f16"
      : T extends Int32Array
        ? "i32"
        : T extends Uint32Array
          ? "u32"
          : "bool";

/** A Float16Array, in engines that have it. */
export interface HalfArray extends ArrayBufferView {
  readonly [Symbol.toStringTag]: "Float16Array";
  readonly length: number;
}

/**
 * Wraps a typed array, without copying it: kernels read and write `data` itself. `shape` is one size per axis,
 * `[data.length]` when left out. The element type is the typed array's (Uint8Array: bool; Float16Array, and Uint16Array with
 * its bits: f16); a Float64Array holds `"index"` on request.
 *
 * ```ts
 * const A = array(new Float64Array([1, 2, 3, 4, 5, 6]), [2, 3]);
 * ```
 *
 * @throws TypeError for anything but such a typed array; RangeError when the sizes do not multiply to its length.
 */
export function array(data: Float64Array, shape: readonly number[], dtype: "index"): NdArray<"index">;
export function array(data: HalfArray, shape?: readonly number[]): NdArray<"f16">;
export function array<T extends Flat>(data: T, shape?: readonly number[]): NdArray<DtypeOf<T>>;
export function array(data: Flat | HalfArray, shape: readonly number[] = [data.length], dtype?: "index"): NdArray {
  const found = dtype ?? dtypes[viewName(data) ?? ""];
  if (found === undefined) throw new TypeError(`array() takes one of ${Object.keys(dtypes).join(", ")}`);
  return new NdArray(found, shape, data as Flat);
}

/**
 * A new array of zeros (bool: false): `zeros("f64", [n, m])`.
 *
 * @throws RangeError when a size is no integer ≥ 0, or when there is no memory for them.
 */
export function zeros<D extends ElemType>(dtype: D, shape: readonly number[]): NdArray<D> {
  if (!Object.hasOwn(constructors, dtype)) throw new TypeError(`zeros: unknown element type "${dtype}"`);
  checkShape(shape);
  return new NdArray(dtype, shape, flatZeros(dtype, product(shape)));
}

function checkShape(shape: readonly number[]): void {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`${size} is not a size`);
  }
}

const nameOf = (v: unknown): string => viewName(v) ?? (Array.isArray(v) ? "an Array" : `a ${typeof v}`);
