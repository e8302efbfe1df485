/** Binds a call's arguments to a kernel: checks them, flattens them, and afterwards writes the results back. */
import type { Entry } from "../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import {
  type ArrayValue,
  type ElemType,
  type Func,
  isArray,
  type Scalar,
  type ScalarType,
  type Value,
  valueType,
} from "../compiler/ir/ir.ts";
import type { Flat } from "./array.ts";
import { LaunchError } from "./launch-error.ts";
import { writeArray } from "./nested.ts";
import { checkOverlap, type Region } from "./overlap.ts";
import { type FlatArray, readArray, readScalar } from "./read-argument.ts";

/** An argument for one parameter of the launch program. */
export type Argument = ArrayArgument | ScalarArgument;
export interface ArrayArgument {
  readonly kind: "array";
  /** As the user would say it: `A`, `points[].x`. */
  readonly name: string;
  readonly elem: ElemType;
  readonly shape: readonly number[];
  /** All elements. Whoever runs the kernel leaves its results here, once it has succeeded. */
  readonly data: Flat;
  /** `data` is the user's own memory. */
  readonly borrowed: boolean;
  readonly written: boolean;
}
export interface ScalarArgument {
  readonly kind: "scalar";
  readonly name: string;
  readonly type: ScalarType;
  readonly value: Datum;
}

/** A call's arguments, checked. */
export interface Bound {
  /** One for each parameter of the launch program. */
  readonly args: readonly Argument[];
  /** What the sizes and scalars of the launch program's parameters are. */
  readonly sizes: ReadonlyMap<Value, Datum>;
  /** What to call them in messages: `A[0].length`, `n`. */
  readonly names: ReadonlyMap<Value, string>;
  /** Copies what the kernel wrote into the nested arrays and objects that the arguments came from. */
  readonly writeBack: () => void;
}

/** Arguments that were read: a flat one for each leaf of each parameter. */
export interface Arguments {
  readonly args: readonly Argument[];
  /** Where the elements lie in the caller's memory, of arrays that the kernel accesses. */
  readonly regions: readonly Region[];
  readonly writeBack: () => void;
}

/**
 * Checks the arguments of a call of `entry` and binds them to the parameters of `host`, its launch program.
 *
 * @throws LaunchError (TG3001 to TG3011), naming kernel and argument; nothing has been changed then.
 */
export function bindArguments(entry: Entry, host: Func, values: readonly unknown[]): Bound {
  const { args, regions, writeBack } = readArguments(entry, values);
  checkOverlap(entry.name, regions);
  return { args, ...bindSizes(entry, host, args), writeBack };
}

/** Checks each argument by itself. @throws LaunchError (TG3001 to TG3010) */
export function readArguments({ name, params }: Entry, values: readonly unknown[]): Arguments {
  if (values.length !== params.length) {
    const list = params.map((p) => p.name).join(", ");
    throw new LaunchError("TG3001", name, `takes ${params.length} (${list}), got ${values.length}`);
  }
  const regions: Region[] = [];
  const backs: (() => void)[] = [];
  const args = params.flatMap((param, k) =>
    leavesOf(param.name, param.type).map((leaf): Argument => {
      if (leaf.rank === 0) return readScalarLeaf(name, param.name, leaf, values[k]);
      const written = param.access === "write" || param.access === "readwrite";
      const { arg, places } = readArrayLeaf(name, param.name, leaf, values[k], written);
      if (param.access !== "none") regions.push({ name: leaf.name, param: param.name, written, places });
      if (written && !arg.borrowed) backs.push(() => writeArray(leaf, values[k], arg.shape, arg.data));
      return arg;
    }),
  );
  return { args, regions, writeBack: () => backs.forEach((back) => void back()) };
}

/** One scalar inside of an argument. @throws LaunchError */
export function readScalarLeaf(kernel: string, param: string, leaf: Leaf, value: unknown): ScalarArgument {
  return { kind: "scalar", name: leaf.name, type: valueType(leaf.elem), value: readScalar(kernel, param, leaf, value) };
}

/** One array inside of an argument, and where it lies. @throws LaunchError */
export function readArrayLeaf(
  kernel: string,
  param: string,
  leaf: Leaf,
  value: unknown,
  written: boolean,
): { readonly arg: ArrayArgument; readonly places: FlatArray["places"] } {
  const { shape, data, borrowed, places } = readArray(kernel, param, leaf, value);
  return { arg: { kind: "array", name: leaf.name, elem: leaf.elem, shape, data, borrowed, written }, places };
}

/** What the parameters of a launch program bind: the sizes of its arrays, and its scalars. @throws LaunchError (TG3012) */
export function bindSizes(
  entry: Entry,
  host: Func,
  args: readonly Argument[],
): { readonly sizes: ReadonlyMap<Value, Datum>; readonly names: ReadonlyMap<Value, string> } {
  const sizes = new Map<Value, Datum>();
  const names = new Map<Value, string>();
  if (host.params.length !== args.length) {
    bug(`@${host.name} has ${host.params.length} parameters, its source ${args.length} leaves`);
  }
  host.params.forEach((p, k) => {
    const arg = args[k] as Argument;
    if (arg.kind === "array") bindAxes(entry, p as ArrayValue, arg, sizes, names);
    else bindScalar(p as Scalar, arg, sizes, names);
    if (isArray(p) !== (arg.kind === "array")) bug(`%${p.hint} of @${host.name} and ${arg.name} differ in kind`);
  });
  return { sizes, names };
}

function bindScalar(p: Scalar, arg: ScalarArgument, sizes: Map<Value, Datum>, names: Map<Value, string>): void {
  sizes.set(p, arg.value);
  names.set(p, arg.name);
}

function bindAxes(
  entry: Entry,
  p: ArrayValue,
  arg: ArrayArgument,
  sizes: Map<Value, Datum>,
  names: Map<Value, string>,
): void {
  p.type.dims.forEach((dim, axis) => {
    const size = arg.shape[axis] ?? bug(`%${p.hint} has more axes than ${arg.name}`);
    const name = `${arg.name}${"[0]".repeat(axis)}.length`;
    const known = dim.kind === "const" ? dim.value : sizes.get(dim);
    if (known !== undefined && known !== size) {
      throw new LaunchError("TG3012", entry.name, `${name} is ${size}, this version of the kernel is for ${known}`);
    }
    if (dim.kind === "const" || known !== undefined) return;
    sizes.set(dim, size);
    names.set(dim, name);
  });
}
