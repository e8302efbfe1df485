/** Arrays in files: NumPy's .npy, nested arrays in .json, and bare little-endian elements in .bin. */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { halfValue } from "../../compiler/ir/half.ts";
import { type ElemType, isFloat } from "../../compiler/ir/ir.ts";
import { type Flat, flatZeros, numbersOf, product, setNumber } from "../../runtime/array.ts";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../output.ts";

/** Numbers of a file. `shape` is null where the file does not say. */
export interface FileArray {
  readonly shape: readonly number[] | null;
  readonly values: ArrayLike<number>;
}

/** NumPy's names of element types, and how to read one. */
const numpyTypes: Readonly<
  Record<string, { readonly bytes: number; readonly read: (v: DataView, at: number) => number }>
> = {
  "<f8": { bytes: 8, read: (v, at) => v.getFloat64(at, true) },
  "<f4": { bytes: 4, read: (v, at) => v.getFloat32(at, true) },
  "<f2": { bytes: 2, read: (v, at) => halfValue(v.getUint16(at, true)) },
  "<i8": { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  "<u8": { bytes: 8, read: (v, at) => Number(v.getBigUint64(at, true)) },
  "<i4": { bytes: 4, read: (v, at) => v.getInt32(at, true) },
  "<u4": { bytes: 4, read: (v, at) => v.getUint32(at, true) },
  "<i2": { bytes: 2, read: (v, at) => v.getInt16(at, true) },
  "<u2": { bytes: 2, read: (v, at) => v.getUint16(at, true) },
  "|i1": { bytes: 1, read: (v, at) => v.getInt8(at) },
  "|u1": { bytes: 1, read: (v, at) => v.getUint8(at) },
  "|b1": { bytes: 1, read: (v, at) => v.getUint8(at) },
};

/** What each element type is called in a .npy file; a .bin file holds the same bytes. */
const numpyNames: Readonly<Record<ElemType, string>> = {
  f64: "<f8",
  f32: "<f4",
  f16: "<f2",
  i32: "<i4",
  u32: "<u4",
  index: "<f8",
  bool: "|b1",
};

/** Reads a file for an array of `elem`. @throws UsageError when there is nothing to be made of it. */
export function readArrayFile(file: string, elem: ElemType): FileArray {
  const bytes = readFileSync(file);
  switch (extname(file)) {
    case ".npy":
      return readNumpy(file, bytes);
    case ".json":
      return readJson(file, bytes.toString("utf8"));
    case ".bin":
      return { shape: null, values: elements(file, bytes, numpyNames[elem]) };
    default:
      throw new UsageError(`${file}: arrays are read from .npy, .json and .bin files`);
  }
}

/** The bytes from `start` on as numbers. */
function elements(file: string, bytes: Buffer, type: string, start = 0): Float64Array {
  const format = numpyTypes[type];
  if (format === undefined)
    throw new UsageError(`${file}: elements of type ${type} cannot be read; convert them first`);
  const length = (bytes.length - start) / format.bytes;
  if (!Number.isInteger(length))
    throw new UsageError(`${file}: ${bytes.length - start} bytes are no whole number of elements`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  return Float64Array.from({ length }, (_, i) => format.read(view, i * format.bytes));
}

function readNumpy(file: string, bytes: Buffer): FileArray {
  if (bytes.subarray(0, 6).toString("latin1") !== "\x93NUMPY") throw new UsageError(`${file} is no .npy file`);
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.subarray(start, end).toString("latin1");
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(",")
    .filter((n) => n.trim() !== "")
    .map(Number);
  if (type === undefined || shape === undefined) throw new UsageError(`${file}: its header cannot be read`);
  if (/'fortran_order':\s*True/.test(header) && shape.length > 1) {
    throw new UsageError(`${file} is stored by columns: save it by numpy.ascontiguousarray`);
  }
  const values = elements(file, bytes, type, end);
  if (values.length !== product(shape))
    throw new UsageError(`${file}: ${values.length} elements do not fill ${shape.join("x")}`);
  return { shape, values };
}

function readJson(file: string, text: string): FileArray {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  const shape: number[] = [];
  for (let v = root; Array.isArray(v); v = v[0]) shape.push(v.length);
  const values: number[] = [];
  const visit = (v: unknown, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(v) || v.length !== shape[axis]) throw new UsageError(`${file}: rows of different lengths`);
      for (const inner of v) visit(inner, axis + 1);
      return;
    }
    const x =
      typeof v === "boolean" ? Number(v) : typeof v === "string" && /^(NaN|-?Infinity)$/.test(v) ? Number(v) : v;
    if (typeof x !== "number") throw new UsageError(`${file}: ${JSON.stringify(v)} is no number`);
    values.push(x);
  };
  visit(root, 0);
  return { shape, values };
}

/** Writes an array; the extension says how. */
export function writeArrayFile(file: string, elem: ElemType, shape: readonly number[], data: Flat): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (file.endsWith(".json")) writeWhole(file, `${JSON.stringify(nestedJson(elem, shape, numbersOf(data)))}\n`);
  else if (file.endsWith(".npy")) writeWhole(file, Buffer.concat([numpyHeader(elem, shape), bytes]));
  else writeWhole(file, bytes);
}

function numpyHeader(elem: ElemType, shape: readonly number[]): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${numpyNames[elem]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The elements start at a multiple of 64 bytes.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1")]);
}

/** Nested arrays for JSON, which has no NaN and no infinities: those are strings. */
export function nestedJson(elem: ElemType, shape: readonly number[], data: ArrayLike<number>): unknown {
  const visit = (axis: number, from: number, length: number): unknown => {
    if (axis === shape.length) return jsonNumber(elem, data[from] as number);
    const count = shape[axis] as number;
    const step = count === 0 ? 0 : length / count;
    return Array.from({ length: count }, (_, i) => visit(axis + 1, from + i * step, step));
  };
  return visit(0, 0, data.length);
}

export const jsonNumber = (elem: ElemType, x: number): number | boolean | string =>
  elem === "bool" ? x !== 0 : Number.isFinite(x) ? x : String(x);

/** The numbers as elements of `elem`. @throws UsageError for a number that it does not have. */
export function toFlat(from: string, elem: ElemType, values: ArrayLike<number>): Flat {
  const data = flatZeros(elem, values.length);
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    setNumber(data, i, x);
    if (isFloat(elem) || data[i] === x) continue;
    throw new UsageError(`${from}: element ${i} is ${x}, the array holds ${elem}`);
  }
  return data;
}
