/**
 * Arguments for any kernel, from its parameters' types alone: every array's first axis has the launch's first size, its
 * second axis the second, and so on; `index` parameters named `n`, `m` and `k` are these sizes. Innermost rows of numbers
 * are typed arrays, so that plain JavaScript stores what compiled code does.
 */
import type { EntryParam, SourceType } from "../../compiler/artifact.ts";
import { type ScalarType, valueType } from "../../compiler/ir/ir.ts";
import { randomOf } from "../passes/random-ir.ts";
import { sizeNames } from "./scope.ts";

export interface Launch {
  readonly sizes: readonly [number, number, number];
  readonly seed: number;
  /** Whether floats are all of a size that arithmetic in any order bears. */
  readonly tame?: boolean;
  /** Whether floats are about 1, every third of them a multiple of 0.5, and integers fit as subscripts. */
  readonly smooth?: boolean;
}

/** The launches that every kernel gets: an ordinary one, the smallest, and a square one. */
export const launches: readonly Launch[] = [
  { sizes: [5, 4, 3], seed: 1 },
  { sizes: [1, 1, 1], seed: 2 },
  { sizes: [3, 3, 7], seed: 3 },
];

/** Arrays without elements, along one axis or another. */
export const emptyLaunches: readonly Launch[] = [
  { sizes: [0, 4, 3], seed: 4 },
  { sizes: [3, 0, 2], seed: 5 },
];

const rowClass = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  index: Float64Array,
} as const;

/** Fresh arguments; equal for equal launches. */
export function argumentsFor(params: readonly EntryParam[], launch: Launch): unknown[] {
  return params.map((p, i) => {
    const random = randomOf(launch.seed * 1009 + i * 7919);
    const size = sizeNames.indexOf(p.name);
    if (p.type.kind === "scalar" && p.type.type === "index" && size >= 0) return launch.sizes[size] ?? 2;
    // Every few arrays hold what floats hold at their worst.
    return make(p.type, random, random(6) === 0 && launch.tame !== true && launch.smooth !== true, launch, 0);
  });
}

type Random = (n: number) => number;

function make(type: SourceType, random: Random, wild: boolean, launch: Launch, axis: number): unknown {
  switch (type.kind) {
    case "scalar":
      return launch.smooth === true
        ? smoothScalar(valueType(type.type), random)
        : scalar(valueType(type.type), random, wild);
    case "struct":
      return Object.fromEntries(type.fields.map((f) => [f.name, make(f.type, random, wild, launch, axis)]));
    case "tuple":
      return type.elems.map((e) => make(e, random, wild, launch, axis));
    case "array": {
      const inner: SourceType = type.rank === 1 ? type.elem : { ...type, rank: type.rank - 1 };
      const rows = Array.from({ length: launch.sizes[axis] ?? 2 }, () => make(inner, random, wild, launch, axis + 1));
      if (inner.kind !== "scalar" || inner.type === "bool" || inner.type === "f16") return rows;
      return rowClass[inner.type].from(rows as number[]);
    }
  }
}

function scalar(type: ScalarType, random: Random, wild: boolean): number | boolean {
  const pick = (list: readonly number[]): number => list[random(list.length)] as number;
  const small = random(17) - 8;
  switch (type) {
    case "bool":
      return random(2) === 0;
    case "index":
      return random(9) - 2;
    case "i32":
      return wild && random(3) === 0 ? pick([2147483647, -2147483648, 65537, -46341, 1 << 30]) : small;
    case "u32":
      return wild && random(3) === 0 ? pick([4294967295, 2147483648, 65535, 3000000000]) : random(13);
    default: {
      if (wild && random(4) === 0) return pick([Infinity, -Infinity, NaN, -0, 1e300, -1e-310, 2 ** 31, 2 ** 53]);
      const x = random(3) === 0 ? small : random(4) === 0 ? small / 2 : (random(2 ** 30) / 2 ** 30) * 8 - 4;
      return type === "f32" ? Math.fround(x) : x;
    }
  }
}

function smoothScalar(type: ScalarType, random: Random): number | boolean {
  switch (type) {
    case "bool":
      return random(2) === 0;
    case "index":
    case "i32":
      return random(7) - 1;
    case "u32":
      return random(6);
    default: {
      const x = random(3) === 0 ? (random(7) - 3) / 2 : (random(2 ** 30) / 2 ** 30) * 3 - 1.5;
      return type === "f32" ? Math.fround(x) : x;
    }
  }
}

/** The same arguments with nothing but zeros in them. */
export function zeroed<T>(value: T): T;
export function zeroed(value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value)) return (value as Float64Array).map(() => 0);
  if (Array.isArray(value)) return value.map((x) => zeroed(x));
  return Object.fromEntries(Object.entries(value).map(([key, x]) => [key, zeroed(x)]));
}

/**
 * Where two values differ first, as a path; null when they are the same to the bit (all NaNs are one), or where there is
 * some `slack` (a number for every number) no farther apart than that. Within a slack there is one zero.
 */
export function difference(a: unknown, b: unknown, path: string, slack: unknown): string | null {
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) {
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return `${path}: ${keys.length} parts, not ${Object.keys(b).length}`;
    for (const key of keys) {
      const d = difference(
        (a as Record<string, unknown>)[key],
        (b as Record<string, unknown>)[key],
        `${path}.${key}`,
        part(slack, key),
      );
      if (d !== null) return d;
    }
    return null;
  }
  if (Object.is(a, b)) return null;
  if (typeof slack === "number" && Math.abs(Number(a) - Number(b)) <= slack) return null;
  const within = typeof slack === "number" ? ` ± ${slack}` : "";
  return `${path} is ${text(a)}, not ${text(b)}${within}`;
}
const part = (slack: unknown, key: string): unknown =>
  typeof slack === "object" && slack !== null ? (slack as Record<string, unknown>)[key] : null;
const text = (x: unknown): string => (Object.is(x, -0) ? "-0" : String(x));
