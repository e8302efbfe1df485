/** Dense arrays as the harness holds them: a flat typed array and its shape. */

/** Element types that occur in PolyBench. */
export type DType = "f64" | "f32" | "i32";
export type FlatData = Float64Array | Float32Array | Int32Array;

/** A row-major array; `data.length` is the product of `shape`. */
export interface FlatArray {
  readonly data: FlatData;
  readonly shape: readonly number[];
}

/** Arrays by their parameter name. */
export type Arrays = Readonly<Record<string, FlatArray>>;

/** What a kernel sees in plain JavaScript: nested arrays whose innermost rows are typed. */
export type Nested = FlatData | Nested[];

/** A new array of zeros. */
export function zeroArray(dtype: DType, shape: readonly number[]): FlatArray {
  const length = shape.reduce((a, b) => a * b, 1);
  if (dtype === "i32") return { data: new Int32Array(length), shape };
  return { data: dtype === "f32" ? new Float32Array(length) : new Float64Array(length), shape };
}

/** A copy that shares nothing with `a`. */
export function copyArray(a: FlatArray): FlatArray {
  return { data: a.data.slice(), shape: a.shape };
}

/** Copies of all of `arrays`. */
export function copyArrays(arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, copyArray(a)]));
}

export function dtypeOf(a: FlatArray): DType {
  if (a.data instanceof Int32Array) return "i32";
  return a.data instanceof Float32Array ? "f32" : "f64";
}

/** `a` as nested arrays. Rows are views: what is stored in them is stored in `a`, rounded or wrapped to its type. */
export function nested(a: FlatArray): Nested {
  const build = (axis: number, from: number, length: number): Nested => {
    if (axis >= a.shape.length - 1) return a.data.subarray(from, from + length);
    const count = a.shape[axis] ?? 0;
    const step = count === 0 ? 0 : length / count;
    return Array.from({ length: count }, (_, i) => build(axis + 1, from + i * step, step));
  };
  return build(0, 0, a.data.length);
}
