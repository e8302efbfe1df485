/** Cotangents and tangents, as users give them: records by name, in any form that the parameter takes. */
import type { DerivativeLeaf } from "../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import { valueType } from "../compiler/ir/ir.ts";
import { type Argument, type Arguments, type ArrayArgument, readArrayLeaf, readScalarLeaf } from "./arguments.ts";
import { product } from "./array.ts";
import { arrayLeaf, type Derived, type Inputs, namesWith, Seeds, typeOf } from "./derivative.ts";
import { LaunchError } from "./launch-error.ts";
import { writeArray } from "./nested.ts";
import type { Region } from "./overlap.ts";

/** Which records there are, and which leaves of the derivative they are for. */
interface Kind {
  readonly what: "cotangents" | "tangents" | "adjoints";
  readonly role: DerivativeLeaf["role"];
  /** Leaves that carry derivatives. */
  readonly leaves: readonly string[];
}

/** A leaf of what was given. */
interface GivenLeaf {
  /** As in messages: `cotangents.C`. */
  readonly param: string;
  readonly value: unknown;
  readonly leaf: Leaf;
  /** As the derivative names it. */
  readonly key: DerivativeLeaf;
}

/** The leaves of a record's values. @throws LaunchError (TG3022) for names that mean nothing here, or are missing */
function givenLeaves(
  { entry }: Derived,
  { what, role, leaves }: Kind,
  given: unknown,
  required: readonly string[],
): readonly GivenLeaf[] {
  const names = namesWith(entry, leaves);
  if (typeof given !== "object" || given === null) {
    throw new LaunchError("TG3022", entry.name, `${what} are an object of ${names.join(", ")}, not ${String(given)}`);
  }
  const record = given as Readonly<Record<string, unknown>>;
  const present = Object.keys(record).filter((name) => record[name] !== undefined);
  for (const name of present) {
    if (names.includes(name)) continue;
    throw new LaunchError("TG3022", entry.name, `${what} are of ${names.join(", ")}, not of ${name}`, name);
  }
  for (const name of required) {
    if (present.includes(name)) continue;
    throw new LaunchError("TG3022", entry.name, `${what} lack ${name}`, name);
  }
  return present.flatMap((name) => {
    const param = `${what}.${name}`;
    const own = leavesOf(name, typeOf(entry, name));
    return leavesOf(param, typeOf(entry, name)).flatMap((leaf, k) => {
      const key = { leaf: own[k]?.name ?? "", role };
      // Derivatives of halves are f32.
      const exact = { ...leaf, elem: valueType(leaf.elem) };
      return leaves.includes(key.leaf) ? [{ param, value: record[name], leaf: exact, key }] : [];
    });
  });
}

/**
 * Reads a record into fresh memory.
 *
 * @throws LaunchError (TG3022) for wrong names, (TG3023) for another shape than the array's, (TG3002 to TG3008) for values
 * of the wrong kind
 */
export function readSeeds(
  d: Derived,
  inputs: Inputs,
  kind: Kind,
  given: unknown,
  required: readonly string[],
  into: Seeds = new Seeds(),
): Seeds {
  const { name: kernel } = d.entry;
  for (const { param, value, leaf, key } of givenLeaves(d, kind, given, required)) {
    if (leaf.rank === 0) {
      into.set(key, readScalarLeaf(kernel, param, leaf, value).value);
      continue;
    }
    const { arg } = readArrayLeaf(kernel, param, leaf, value, false);
    checkShape(kernel, param, arg, arrayLeaf(inputs, key.leaf));
    into.set(key, arg.borrowed ? arg.data.slice() : arg.data);
  }
  return into;
}

/**
 * Reads a record that has something for each of the derivative's adjoints: arrays are worked in.
 *
 * @throws LaunchError as `readSeeds`
 */
export function readInPlace(d: Derived, inputs: Inputs, given: unknown): Arguments {
  const { name: kernel } = d.entry;
  const leaves = d.derivative.extra.map((extra) => extra.leaf);
  const required = namesWith(d.entry, leaves);
  const found = new Map<string, Argument>();
  const regions: Region[] = [];
  const backs: (() => void)[] = [];
  const kind = { what: "adjoints", role: "adjoint", leaves } as const;
  for (const { param, value, leaf, key } of givenLeaves(d, kind, given, required)) {
    if (leaf.rank === 0) {
      found.set(key.leaf, readScalarLeaf(kernel, param, leaf, value));
      continue;
    }
    const { arg, places } = readArrayLeaf(kernel, param, leaf, value, true);
    const { shape } = arrayLeaf(inputs, key.leaf);
    checkShape(kernel, param, arg, arrayLeaf(inputs, key.leaf));
    regions.push({ name: leaf.name, param, written: true, places });
    if (!arg.borrowed) backs.push(() => writeArray(leaf, value, arg.shape, arg.data));
    found.set(key.leaf, { ...arg, shape });
  }
  return {
    args: leaves.map((leaf) => found.get(leaf) ?? bug(`no adjoint of ${leaf}`)),
    regions,
    writeBack: () => backs.forEach((back) => void back()),
  };
}

/** @throws LaunchError (TG3023). Nested arrays do not tell the sizes behind an empty axis. */
function checkShape(kernel: string, param: string, given: ArrayArgument, of: ArrayArgument): void {
  const isSame = given.shape.every((size, axis) => size === of.shape[axis]);
  if (isSame || (product(given.shape) === 0 && product(of.shape) === 0)) return;
  const say = ({ name, shape }: ArrayArgument): string => `${name} is ${shape.join(" × ")}`;
  throw new LaunchError("TG3023", kernel, `${say(given)}, ${say(of)}`, param);
}
