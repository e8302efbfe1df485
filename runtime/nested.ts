/** Between flat data and the nested arrays, objects and tuples of a kernel's source type. */
import type { SourceType } from "../compiler/artifact.ts";
import { type Leaf, leavesOf, type Step } from "../compiler/artifact-leaves.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import { type Flat, isFlat, localView, numberAt, numbersOf, product, setNumber } from "./array.ts";

/** Writes a leaf's elements into the nested arrays or objects that they were read from, which still have that shape. */
export const writeArray = (leaf: Leaf, value: unknown, shape: readonly number[], data: Flat): void =>
  transfer(leaf, value, shape, data, true);

/** The reverse, without checks: elements out of nested arrays or objects that are known to have the leaf's shape. */
export const gatherArray = (leaf: Leaf, value: unknown, shape: readonly number[], data: Flat): void =>
  transfer(leaf, value, shape, data, false);

function transfer(leaf: Leaf, value: unknown, shape: readonly number[], data: Flat, out: boolean): void {
  const { steps, elem } = leaf;
  const get = (at: number): Datum => (elem === "bool" ? data[at] !== 0 : numberAt(data, at));
  const set = (at: number, x: unknown): void => setNumber(data, at, Number(x));
  const visit = (v: unknown, at: number, axis: number, offset: number): void => {
    const step = steps[at] as Step;
    const last = at === steps.length - 1;
    if (step !== "axis") {
      const record = v as Record<string | number, unknown>;
      if (!last) visit(record[step.field], at + 1, axis, offset);
      else if (out) record[step.field] = get(offset);
      else set(offset, record[step.field]);
      return;
    }
    const length = shape[axis] as number;
    if (last && isFlat(v, elem)) {
      const own = localView(v, elem);
      if (out) own.set(data.subarray(offset, offset + length));
      else data.set(own, offset);
      return;
    }
    const row = v as unknown[];
    const stride = product(shape.slice(axis + 1));
    for (let i = 0; i < length; i++) {
      if (!last) visit(row[i], at + 1, axis + 1, offset + i * stride);
      else if (out) row[i] = get(offset + i);
      else set(offset + i, row[i]);
    }
  };
  visit(value, 0, 0, 0);
}

/** Where an array leaf's elements are, for `nest`; a scalar leaf's value. */
export type LeafData = { readonly shape: readonly number[]; readonly data: Flat } | { readonly value: Datum };

/**
 * Nested arrays and objects of a type, made of its leaves' data. Innermost rows of numbers are views of the data, so
 * that what is written into them is in the data; booleans, halves and the fields of objects are copies (`gatherArray` fetches
 * them).
 */
export function nest(type: SourceType, leaves: readonly LeafData[]): unknown {
  return nestAt(
    type,
    leaves.map((leaf) => ({ leaf, axis: 0, offset: 0 })),
    { next: 0 },
  );
}

/** How far into a leaf the place being built is. */
interface Cursor {
  readonly leaf: LeafData;
  readonly axis: number;
  readonly offset: number;
}

/** Takes as many cursors, from `at.next` on, as the type has leaves. */
function nestAt(type: SourceType, cursors: readonly Cursor[], at: { next: number }): unknown {
  switch (type.kind) {
    case "scalar": {
      const { leaf, offset } = cursors[at.next++] as Cursor;
      if ("value" in leaf) return leaf.value;
      return type.type === "bool" ? leaf.data[offset] !== 0 : numberAt(leaf.data, offset);
    }
    case "struct":
      return Object.fromEntries(type.fields.map((f) => [f.name, nestAt(f.type, cursors, at)]));
    case "tuple":
      return type.elems.map((e) => nestAt(e, cursors, at));
    case "array":
      return nestAxes(type.elem, type.rank, cursors, at);
  }
}

function nestAxes(elem: SourceType, rank: number, cursors: readonly Cursor[], at: { next: number }): unknown {
  if (rank === 0) return nestAt(elem, cursors, at);
  const { leaf, axis, offset } = cursors[at.next] as Cursor;
  if ("value" in leaf) throw new TypeError("an array's leaf is not a scalar");
  const length = leaf.shape[axis] as number;
  if (rank === 1 && elem.kind === "scalar" && elem.type !== "bool") {
    at.next++;
    return numbersOf(leaf.data.subarray(offset, offset + length));
  }
  const count = leavesOf("", elem).length;
  const start = at.next;
  const rows = Array.from({ length }, (_, i) => {
    at.next = start;
    const inside = cursors.map((c, k) => (k >= start && k < start + count ? advance(c, i) : c));
    return nestAxes(elem, rank - 1, inside, at);
  });
  at.next = start + count;
  // Rows that are not there cannot tell the sizes behind them: the array does, to JavaScript that asks (frontend/js.ts).
  return product(leaf.shape) === 0 ? Object.assign(rows, { sizes: leaf.shape.slice(axis) }) : rows;
}

function advance(c: Cursor, i: number): Cursor {
  if ("value" in c.leaf) return c;
  return { leaf: c.leaf, axis: c.axis + 1, offset: c.offset + i * product(c.leaf.shape.slice(c.axis + 1)) };
}

/** The value of a type made of its leaves' values: a number, a boolean, an object, a tuple. */
export function compose(type: SourceType, leaves: Iterator<Datum, undefined>): unknown {
  switch (type.kind) {
    case "scalar":
      return leaves.next().value;
    case "struct":
      return Object.fromEntries(type.fields.map((f) => [f.name, compose(f.type, leaves)]));
    case "tuple":
      return type.elems.map((e) => compose(e, leaves));
    case "array":
      throw new TypeError("kernels return scalars, structs and tuples");
  }
}
