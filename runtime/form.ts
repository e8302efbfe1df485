/**
 * Values in the form of an argument: nested arrays for nested arrays, typed arrays for typed arrays, an `NdArray` for an
 * `NdArray`, numbers for scalars, and objects with the struct's fields. Always of new memory.
 */
import type { SourceType } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import type { ElemType } from "../compiler/ir/ir.ts";
import { type Flat, flatZeros, NdArray, numberAt, numbersOf, product, viewName } from "./array.ts";
import type { LeafData } from "./nested.ts";

/** What stands at one leaf of the value being made, for each index of the arrays around it. */
interface Source {
  /** The value where the type ends in a scalar. */
  readonly element: (leaf: number, index: readonly number[]) => unknown;
  /** The elements of an array of scalars below `index`, of new memory; absent where they are no scalars. */
  readonly rows?: (
    leaf: number,
    index: readonly number[],
  ) => { readonly shape: readonly number[]; readonly data: Flat };
  readonly length: (leaf: number, axis: number) => number;
}

/** The value of a type whose leaves are these, in the form of `like`, which has passed for an argument of that type. */
export function inFormOf(like: unknown, type: SourceType, leaves: readonly LeafData[]): unknown {
  const arrayAt = (leaf: number): Extract<LeafData, { data: Flat }> => {
    const data = leaves[leaf];
    if (data === undefined || "value" in data) throw new TypeError("a scalar's leaf is not an array");
    return data;
  };
  const offsetOf = (shape: readonly number[], index: readonly number[]): number =>
    shape.reduce((at, size, axis) => at * size + (index[axis] ?? 0), 0);
  return build(type, like, 0, [], {
    element(leaf, index) {
      const found = leaves[leaf] as LeafData;
      return "value" in found ? found.value : numberAt(found.data, offsetOf(found.shape, index));
    },
    rows(leaf, index) {
      const { shape, data } = arrayAt(leaf);
      if (index.length === 0) return { shape, data };
      const start = offsetOf(shape, index);
      const inner = shape.slice(index.length);
      return { shape: inner, data: data.slice(start, start + product(inner)) };
    },
    length: (leaf, axis) => arrayAt(leaf).shape[axis] as number,
  });
}

/**
 * For each scalar of a type, what `at` makes of its leaf and position: nested arrays and objects of the type's shape.
 * `shapes` are those of the leaves.
 */
export function nestedOf(
  type: SourceType,
  shapes: readonly (readonly number[])[],
  at: (leaf: number, position: number) => unknown,
): unknown {
  const shapeOf = (leaf: number): readonly number[] => shapes[leaf] as readonly number[];
  return build(type, undefined, 0, [], {
    element: (leaf, index) =>
      at(
        leaf,
        shapeOf(leaf).reduce((p, size, axis) => p * size + (index[axis] as number), 0),
      ),
    length: (leaf, axis) => shapeOf(leaf)[axis] as number,
  });
}

/** The part of the value at `index`, whose leaves are from `leaf` on. */
function build(type: SourceType, like: unknown, leaf: number, index: readonly number[], source: Source): unknown {
  switch (type.kind) {
    case "scalar": {
      const x = source.element(leaf, index);
      return type.type === "bool" && typeof x === "number" ? x !== 0 : x;
    }
    case "struct": {
      const first = firstLeaves(type.fields.map((f) => f.type));
      return Object.fromEntries(
        type.fields.map((f, k) => [
          f.name,
          build(f.type, fieldOf(like, f.name), leaf + (first[k] as number), index, source),
        ]),
      );
    }
    case "tuple": {
      const first = firstLeaves(type.elems);
      return type.elems.map((e, k) => build(e, fieldOf(like, k), leaf + (first[k] as number), index, source));
    }
    case "array":
      return buildAxes(type.elem, type.rank, like, leaf, index, source);
  }
}

function buildAxes(
  elem: SourceType,
  rank: number,
  like: unknown,
  leaf: number,
  index: readonly number[],
  source: Source,
): unknown {
  if (rank === 0) return build(elem, like, leaf, index, source);
  const isNdArray = like instanceof NdArray;
  if (elem.kind === "scalar" && source.rows !== undefined && (rank === 1 || isNdArray)) {
    const { shape, data } = source.rows(leaf, index);
    // Derivatives by halves are f32.
    const isHalf = data instanceof Uint16Array;
    if (isNdArray) return new NdArray(like.dtype === "f16" && !isHalf ? "f32" : like.dtype, shape, data as never);
    if (viewName(like) !== null) return isHalf && viewName(like) === "Float16Array" ? asFloat16(like, data) : data;
    return elem.type === "bool" ? Array.from(data, (x) => x !== 0) : Array.from(numbersOf(data));
  }
  return Array.from({ length: source.length(leaf, index.length) }, (_, i) =>
    buildAxes(elem, rank - 1, fieldOf(like, i), leaf, [...index, i], source),
  );
}

/** The same memory in the class of `like`. */
const asFloat16 = (like: unknown, { buffer, byteOffset, length }: Uint16Array): unknown =>
  new ((like as object).constructor as new (b: ArrayBufferLike, at: number, n: number) => unknown)(
    buffer,
    byteOffset,
    length,
  );

/** Where the leaves of each part begin. */
function firstLeaves(types: readonly SourceType[]): readonly number[] {
  let next = 0;
  return types.map((t) => {
    const first = next;
    next += leavesOf("", t).length;
    return first;
  });
}

const fieldOf = (value: unknown, field: string | number): unknown =>
  typeof value === "object" && value !== null
    ? (value as Readonly<Record<string | number, unknown>>)[field]
    : undefined;

/** Zeros (bool: false) of a leaf's shape; null stands for a scalar. */
export const zeroLeaf = (elem: ElemType, shape: readonly number[] | null): LeafData =>
  shape === null ? { value: elem === "bool" ? false : 0 } : { shape, data: flatZeros(elem, product(shape)) };
