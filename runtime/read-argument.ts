/** Reads arguments: nested JavaScript arrays, typed arrays and `NdArray`s to flat data, with every check on the way. */

import { fieldPath, type Leaf, pathOf, type Step } from "../compiler/artifact-leaves.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import type { ElemType } from "../compiler/ir/ir.ts";
import {
  type Flat,
  flatZeros,
  isDetached,
  isFlat,
  localView,
  maxSize,
  NdArray,
  product,
  setNumber,
  viewName,
} from "./array.ts";
import { type LaunchCode, LaunchError } from "./launch-error.ts";

/** A place in memory that holds elements, as the overlap check sees it: a typed array, or a (row, field) pair. */
export interface Place {
  readonly container: object;
  /** Null for all elements of a row. */
  readonly field: string | number | null;
}

/** An array leaf's elements. `borrowed`: `data` is the user's own memory, otherwise a copy. */
export interface FlatArray {
  readonly shape: readonly number[];
  readonly data: Flat;
  readonly borrowed: boolean;
  readonly places: readonly Place[];
}

/** What each element type takes, and how to say that it does not take something. */
const integer = (lo: number, hi: number, name: string): ScalarRule => ({
  takes: (x) => Number.isInteger(x) && (x as number) >= lo && (x as number) <= hi,
  is: `${name} (an integer from ${lo} to ${hi})`,
  isType: (x) => typeof x === "number",
});
interface ScalarRule {
  readonly takes: (x: unknown) => boolean;
  readonly is: string;
  /** Whether `x` is at least of the right JavaScript type, so that only its range is wrong. */
  readonly isType: (x: unknown) => boolean;
}
const number: ScalarRule = { takes: (x) => typeof x === "number", is: "a number", isType: () => false };
const rules: Readonly<Record<ElemType, ScalarRule>> = {
  f64: number,
  f32: number,
  f16: number,
  i32: integer(-(2 ** 31), 2 ** 31 - 1, "an i32"),
  u32: integer(0, 2 ** 32 - 1, "a u32"),
  index: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, "an index"),
  bool: { takes: (x) => typeof x === "boolean", is: "a boolean", isType: () => false },
};

const say = (x: unknown): string => {
  if (typeof x === "number" || typeof x === "boolean" || x === null || x === undefined) return String(x);
  if (typeof x === "string") return `the string ${JSON.stringify(x.length > 20 ? `${x.slice(0, 20)}…` : x)}`;
  return viewName(x) ?? (Array.isArray(x) ? "an array" : typeof x === "object" ? "an object" : `a ${typeof x}`);
};

const isContainer = (x: unknown): boolean => Array.isArray(x) || viewName(x) !== null || x instanceof NdArray;

/** Reads one leaf out of an argument. Each method throws a LaunchError that names kernel, parameter and place. */
class Reader {
  private readonly kernel: string;
  private readonly param: string;
  private readonly leaf: Leaf;
  /** The index on each axis on the way to the place being read: for messages only. */
  private readonly indices: number[] = [];
  readonly places: Place[] = [];

  constructor(kernel: string, param: string, leaf: Leaf) {
    this.kernel = kernel;
    this.param = param;
    this.leaf = leaf;
  }

  fail(code: LaunchCode, message: string): never {
    throw new LaunchError(code, this.kernel, message, this.param);
  }

  /** The place after `count` steps, as the user would write it. */
  private path(count: number): string {
    return this.param + pathOf(this.leaf.steps.slice(0, count), this.indices);
  }

  scalar(value: unknown): Datum {
    const inner = this.descend(value, 0, this.leaf.steps.length);
    this.element(inner);
    // What the compiler counts on (ranges.ts); elements and fields it takes for any exact integer.
    const isParameter = this.leaf.elem === "index" && this.leaf.steps.length === 0;
    if (isParameter && Math.abs(inner as number) > 2 ** 31) {
      this.fail("TG3003", `${this.param} is ${inner}: an index that is passed by itself lies within ±2^31`);
    }
    if (this.leaf.elem === "f32") return Math.fround(inner as number);
    // An integer has no −0.
    return typeof inner === "number" && this.leaf.elem !== "f64" ? inner + 0 : (inner as Datum);
  }

  array(value: unknown): FlatArray {
    const { steps, rank, elem } = this.leaf;
    // Fields in front of the first axis: the array is one component of a struct.
    const first = steps.indexOf("axis");
    const inner = this.descend(value, 0, first);
    if (inner instanceof NdArray) return this.whole(inner, first);
    if (rank === 1 && first === steps.length - 1 && viewName(inner) !== null) {
      const data = this.typed(inner as ArrayBufferView, first);
      this.size(data.length, first);
      return { shape: [data.length], data, borrowed: true, places: [{ container: data, field: null }] };
    }
    const shape = this.measure(inner, first);
    const data = flatZeros(elem, product(shape));
    this.fill(inner, first, 0, shape, data, 0);
    return { shape, data, borrowed: false, places: this.places };
  }

  private whole(a: NdArray, at: number): FlatArray {
    const { rank, elem, steps } = this.leaf;
    if (at + rank !== steps.length) {
      this.fail("TG3002", `${this.path(at)} is an NdArray, here an array of objects or tuples is needed`);
    }
    if (a.shape.length !== rank) {
      this.fail("TG3005", `${this.path(at)} is an NdArray of ${axes(a.shape.length)}, the parameter has ${rank}`);
    }
    if (a.dtype !== elem) this.fail("TG3004", `${this.path(at)} is an NdArray of ${a.dtype}, the parameter is ${elem}`);
    const data = this.typed(a.data, at);
    for (const size of a.shape) this.size(size, at);
    if (data.length !== product(a.shape)) {
      this.fail("TG3007", `the memory of ${this.path(at)} has shrunk since it was wrapped`);
    }
    return { shape: a.shape, data, borrowed: true, places: [{ container: data, field: null }] };
  }

  /** Follows `steps[from..to)`, which hold no axes. */
  private descend(value: unknown, from: number, to: number): unknown {
    let v = value;
    for (let at = from; at < to; at++) v = this.field(v, at);
    return v;
  }

  private field(value: unknown, at: number): unknown {
    const step = this.leaf.steps[at] as Exclude<Step, "axis">;
    if (typeof value !== "object" || value === null) {
      const needs = typeof step.field === "number" ? "a tuple" : `an object with ${step.field}`;
      this.fail(this.indices.length > 0 ? "TG3008" : "TG3002", `${this.path(at)} is ${say(value)}, not ${needs}`);
    }
    if (!(step.field in value))
      this.fail("TG3002", `${this.path(at)} has no ${fieldPath(step.field).replace(".", "")}`);
    return (value as Record<string | number, unknown>)[step.field];
  }

  /** The shape, from the first element of each axis. Behind an empty axis every size is 0. */
  private measure(value: unknown, from: number): readonly number[] {
    const shape: number[] = [];
    let v = value;
    for (let at = from; at < this.leaf.steps.length; at++) {
      if (this.leaf.steps[at] !== "axis") {
        v = this.field(v, at);
        continue;
      }
      const length = this.length(v, at);
      shape.push(length);
      if (length === 0) break;
      this.indices.push(0);
      v = (v as ArrayLike<unknown>)[0];
    }
    this.indices.length = 0;
    while (shape.length < this.leaf.rank) shape.push(0);
    return shape;
  }

  /** The length of an array that stands for an axis. */
  private length(v: unknown, at: number): number {
    if (Array.isArray(v)) return this.size(v.length, at);
    if (viewName(v) !== null) {
      if (at === this.leaf.steps.length - 1) return this.size(this.typed(v as ArrayBufferView, at).length, at);
      this.fail("TG3005", `${this.path(at)} is ${say(v)}, the parameter has ${axes(this.leaf.rank)}`);
    }
    if (this.indices.length === 0) this.fail("TG3002", `${this.path(at)} is ${say(v)}, not an array`);
    if (v === undefined || v === null) this.fail("TG3008", `${this.path(at)} is ${say(v)}, not an array`);
    const has = `${this.path(at)} is ${say(v)}`;
    this.fail("TG3005", `${has}: the argument has ${axes(this.indices.length)}, the parameter ${this.leaf.rank}`);
  }

  private size(length: number, at: number): number {
    if (length > maxSize) this.fail("TG3010", `${this.path(at)} has ${length} elements`);
    return length;
  }

  /** The typed array's memory, when it is the right one and has any. */
  private typed(v: ArrayBufferView, at: number): Flat {
    const { elem } = this.leaf;
    if (!isFlat(v, elem)) this.fail("TG3004", `${this.path(at)} is ${say(v)}, the parameter is ${elem}`);
    if (isDetached(v)) this.fail("TG3007", `${this.path(at)} has lost its memory`);
    if (elem === "bool" || elem === "index") {
      const ok = elem === "bool" ? (x: number) => x <= 1 : rules.index.takes;
      const bad = v.findIndex((x: number) => !ok(x));
      const means = elem === "bool" ? "a bool (0 or 1)" : rules.index.is;
      if (bad >= 0) this.fail("TG3003", `${this.path(at)}[${bad}] is ${v[bad]}, not ${means}`);
    }
    return localView(v, elem);
  }

  private fill(v: unknown, at: number, axis: number, shape: readonly number[], data: Flat, offset: number): void {
    const { steps } = this.leaf;
    const last = at === steps.length - 1;
    if (steps[at] !== "axis") {
      const inner = this.field(v, at);
      if (last) {
        this.element(inner);
        setNumber(data, offset, Number(inner));
        this.places.push({ container: v as object, field: (steps[at] as Exclude<Step, "axis">).field });
      } else {
        this.fill(inner, at + 1, axis, shape, data, offset);
      }
      return;
    }
    const length = this.length(v, at);
    const expected = shape[axis] as number;
    if (length !== expected) this.ragged(length, expected, at, axis);
    if (last && length > 0) this.places.push({ container: v as object, field: null });
    if (last && viewName(v) !== null) {
      data.set(this.typed(v as ArrayBufferView, at), offset);
      return;
    }
    const row = v as readonly unknown[];
    const stride = product(shape.slice(axis + 1));
    const takes = rules[this.leaf.elem].takes;
    this.indices.push(0);
    for (let i = 0; i < length; i++) {
      this.indices[axis] = i;
      if (!last) this.fill(row[i], at + 1, axis + 1, shape, data, offset + i * stride);
      else if (takes(row[i])) setNumber(data, offset + i, Number(row[i]));
      else this.element(row[i]);
    }
    this.indices.pop();
  }

  private ragged(length: number, expected: number, at: number, axis: number): never {
    const here = this.path(at);
    const first = this.param + pathOf(this.leaf.steps.slice(0, at), new Array<number>(axis).fill(0));
    this.fail("TG3006", `axis ${axis} is ragged: ${here} has length ${length}, ${first} has ${expected}`);
  }

  /** Checks a scalar: an element, or the whole argument. */
  private element(x: unknown): void {
    const rule = rules[this.leaf.elem];
    if (rule.takes(x)) return;
    const path = this.path(this.leaf.steps.length);
    const message = `${path} is ${say(x)}, not ${rule.is}`;
    if (rule.isType(x)) this.fail("TG3003", message);
    if (this.indices.length === 0) this.fail("TG3002", message);
    if (!isContainer(x)) this.fail("TG3008", message);
    this.fail("TG3005", `${path} is ${say(x)}: the argument has more axes than the parameter's ${this.leaf.rank}`);
  }
}

const axes = (n: number): string => (n === 1 ? "1 axis" : `${n} axes`);

/** A scalar leaf's value, in its type's range: f32 is rounded. @throws LaunchError */
export const readScalar = (kernel: string, param: string, leaf: Leaf, value: unknown): Datum =>
  new Reader(kernel, param, leaf).scalar(value);

/** An array leaf's elements: the user's own memory for a typed array, otherwise a copy. @throws LaunchError */
export const readArray = (kernel: string, param: string, leaf: Leaf, value: unknown): FlatArray =>
  new Reader(kernel, param, leaf).array(value);
