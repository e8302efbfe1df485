/** The arguments of one call: sizes, scalars and arrays, given, read or made up. */
import type { Entry, SourceType } from "../../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../../compiler/artifact-leaves.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import { type ElemType, type Func, isFloat } from "../../compiler/ir/ir.ts";
import { type Flat, flatZeros, NdArray, product, setNumber } from "../../runtime/array.ts";
import { nest } from "../../runtime/nested.ts";
import { Failure, UsageError } from "../errors.ts";
import { existingFile } from "../options.ts";
import { type FileArray, readArrayFile, toFlat } from "./files.ts";
import { solveSizes } from "./sizes.ts";

/** What the command line says of the arguments, by their names. */
export interface Given {
  readonly sizes: ReadonlyMap<string, number>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly scalars: Readonly<Record<string, string>>;
  /** Files to read arrays from. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What fills the others: zeros, or random numbers of that seed. */
  readonly fill: "zeros" | number;
}

/** A scalar or an array of the call. */
export type LeafValue =
  | { readonly leaf: Leaf; readonly kind: "scalar"; readonly value: Datum; readonly random: boolean }
  | {
      readonly leaf: Leaf;
      readonly kind: "array";
      readonly shape: readonly number[];
      readonly data: Flat;
      readonly written: boolean;
      /** The kernel sees the elements as fields of objects or tuples: `data` is a copy. */
      readonly inObjects: boolean;
    };

export interface Call {
  readonly entry: Entry;
  /** What the kernel is called with for each parameter, and what that is made of. */
  readonly params: readonly { readonly arg: unknown; readonly values: readonly LeafValue[] }[];
  /** The sizes that the source names. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** @throws UsageError when something is missing, or does not fit. */
export function makeCall(entry: Entry, host: Func, given: Given): Call {
  const groups = entry.params.map((p) => ({ param: p, leaves: leavesOf(p.name, p.type) }));
  const leaves = groups.flatMap((g) => g.leaves);
  const files = readInputs(leaves, given.inputs);
  const fileShapes = [...files].flatMap(([name, { shape }]) => (shape === null ? [] : [[name, shape] as const]));
  const sizes = solveSizes(host, leaves, {
    sizes: given.sizes,
    shapes: mergeShapes(given.shapes, fileShapes),
    scalars: integerScalars(leaves, given.scalars),
  });
  const leafValue = (leaf: Leaf, written: boolean): LeafValue => {
    const { name, elem } = leaf;
    if (leaf.rank === 0) {
      const integer = sizes.integers.get(name);
      const text = given.scalars[name];
      if (integer !== undefined) return { leaf, kind: "scalar", value: integer, random: false };
      if (text !== undefined) return { leaf, kind: "scalar", value: scalar(leaf, text), random: false };
      return {
        leaf,
        kind: "scalar",
        value: madeUpScalar(entry.name, leaf, given.fill),
        random: given.fill !== "zeros",
      };
    }
    const shape = sizes.shapes.get(name) as readonly number[];
    const file = files.get(name);
    const data =
      file === undefined ? madeUp(entry.name, name, elem, product(shape), given.fill) : fromFile(file, leaf, shape);
    return { leaf, kind: "array", shape, data, written, inObjects: leaf.steps.some((step) => step !== "axis") };
  };
  const params = groups.map(({ param, leaves: own }) => {
    const written = param.access === "write" || param.access === "readwrite";
    const values = own.map((leaf) => leafValue(leaf, written));
    return { values, arg: argumentOf(param.type, values) };
  });
  return { entry, params, sizes: sizes.named };
}

/** What a kernel is called with for a parameter. The elements are those of the values, but for those in objects. */
export function argumentOf(type: SourceType, values: readonly LeafValue[]): unknown {
  const [first] = values;
  const plain = first?.kind === "array" && !first.inObjects;
  return plain ? new NdArray(first.leaf.elem, first.shape, first.data) : nest(type, values);
}

interface Input extends FileArray {
  readonly from: string;
}

function readInputs(leaves: readonly Leaf[], inputs: Readonly<Record<string, string>>): ReadonlyMap<string, Input> {
  const arrays = leaves.filter((leaf) => leaf.rank > 0);
  const read = Object.entries(inputs).map(([name, file]): [string, Input] => {
    const leaf = arrays.find((l) => l.name === name);
    if (leaf === undefined) {
      throw new UsageError(`--input ${name}=${file}: the arrays are ${arrays.map((l) => l.name).join(", ")}`);
    }
    const found = readArrayFile(existingFile(file), leaf.elem);
    const shape = found.shape ?? (leaf.rank === 1 ? [found.values.length] : null);
    return [name, { ...found, shape, from: file }];
  });
  return new Map(read);
}

function mergeShapes(
  given: ReadonlyMap<string, readonly number[]>,
  files: readonly (readonly [string, readonly number[]])[],
): ReadonlyMap<string, readonly number[]> {
  const merged = new Map(given);
  for (const [name, shape] of files) {
    const asked = given.get(name);
    if (asked !== undefined && asked.join("x") !== shape.join("x")) {
      throw new UsageError(`--shape ${name}=${asked.join("x")}, but its file has ${shape.join("x")}`);
    }
    merged.set(name, shape);
  }
  return merged;
}

export function integerScalars(
  leaves: readonly Leaf[],
  scalars: Readonly<Record<string, string>>,
): ReadonlyMap<string, number> {
  const entries = Object.entries(scalars).flatMap(([name, text]): [string, number][] => {
    const leaf = leaves.find((l) => l.name === name && l.rank === 0);
    if (leaf === undefined) {
      const names = leaves.filter((l) => l.rank === 0).map((l) => l.name);
      const have = names.length === 0 ? "there are none" : `there are ${names.join(", ")}`;
      throw new UsageError(`--arg ${name}=${text}: there is no such scalar; ${have}`);
    }
    return leaf.elem === "index" || leaf.elem === "i32" || leaf.elem === "u32"
      ? [[name, scalar(leaf, text) as number]]
      : [];
  });
  return new Map(entries);
}

/** A scalar as the command line has it. */
function scalar({ name, elem }: Leaf, text: string): Datum {
  if (elem === "bool") {
    if (text !== "true" && text !== "false") throw new UsageError(`--arg ${name}=${text}: a bool is true or false`);
    return text === "true";
  }
  const x = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(x) && text !== "NaN") throw new UsageError(`--arg ${name}=${text} is no number`);
  if (isFloat(elem)) return x;
  if (!Number.isSafeInteger(x)) throw new UsageError(`--arg ${name}=${text} is no integer`);
  return x;
}

function fromFile(file: Input, leaf: Leaf, shape: readonly number[]): Flat {
  if (file.values.length !== product(shape)) {
    throw new UsageError(`${file.from} has ${file.values.length} elements, ${leaf.name} is ${shape.join("x")}`);
  }
  return toFlat(file.from, leaf.elem, file.values);
}

function madeUpScalar(kernel: string, { name, elem }: Leaf, fill: Given["fill"]): Datum {
  if (elem === "bool") throw new UsageError(`the scalar ${name} is not known: add --arg ${name}=true, or =false`);
  return fill === "zeros" ? 0 : Math.round(50 + 100 * random(`${kernel} ${name}`, fill)()) / 100;
}

/** Floats from 0.5 to 1.5, so that quotients, roots and logarithms are tame; small integers. */
function madeUp(kernel: string, name: string, elem: ElemType, length: number, fill: Given["fill"]): Flat {
  let data: Flat;
  try {
    data = flatZeros(elem, length);
  } catch {
    throw new Failure(`there is no memory for ${name}: ${length} elements of type ${elem}; give smaller sizes`);
  }
  if (fill === "zeros") return data;
  const next = random(`${kernel} ${name}`, fill);
  for (let i = 0; i < length; i++) {
    setNumber(data, i, isFloat(elem) ? 0.5 + next() : Math.floor(next() * (elem === "bool" ? 2 : 10)));
  }
  return data;
}

/** Numbers in [0, 1) that follow from a name and a seed (FNV-1a, then mulberry32). */
export function random(name: string, seed: number): () => number {
  let state = 0x811c9dc5 ^ seed;
  for (const byte of Buffer.from(name)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
