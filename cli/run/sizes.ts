/**
 * The sizes of a kernel's arrays, from the few that the user gives.
 *
 * What a size must be at least (`requires`) is what it is taken to be: of `B_0 - n >= 0` and `n = 100` comes
 * `B_0 = 100`. Of `B_0 - n + 1 >= 0` as well: an array that is read from 1 to n − 2 is meant to have n elements. Where an
 * array's size is given instead, `n` comes of it.
 */
import { type ArrayValue, type Func, isArray, type Linear, type Scalar } from "../../compiler/ir/ir.ts";
import { namesOf } from "../../compiler/ir/names.ts";
import type { Leaf } from "../../runtime/leaves.ts";
import { UsageError } from "../errors.ts";

export interface GivenSizes {
  /** By the names of sizes. */
  readonly sizes: ReadonlyMap<string, number>;
  /** By the names of arrays. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Integer scalars by name. */
  readonly scalars: ReadonlyMap<string, number>;
}

export interface Sizes {
  /** Of every array and integer scalar, by the name of the leaf. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly integers: ReadonlyMap<string, number>;
  /** Those that have a name of their own, for people. */
  readonly named: ReadonlyMap<string, number>;
}

type Known = Map<Scalar, number>;

/** `leaves` are what the parameters of `host` stand for, in order. @throws UsageError that says what is missing. */
export function solveSizes(host: Func, leaves: readonly Leaf[], given: GivenSizes): Sizes {
  const nameOf = namesOf(host);
  const arrays = new Map<string, ArrayValue>();
  const unknowns: Scalar[] = [];
  const known: Known = new Map();
  const set = (v: Scalar, value: number, by: string): void => {
    const before = known.get(v);
    if (before !== undefined && before !== value) {
      throw new UsageError(`${by} makes ${nameOf(v)} ${value}, but it is already ${before}`);
    }
    known.set(v, value);
  };
  host.params.forEach((p, k) => {
    const name = (leaves[k] as Leaf).name;
    if (isArray(p)) {
      arrays.set(name, p);
      for (const d of p.type.dims) if (d.kind === "value" && !unknowns.includes(d)) unknowns.push(d);
    } else if (p.type === "index" || p.type === "i32" || p.type === "u32") unknowns.push(p as Scalar);
  });
  const scalarName = new Map(
    host.params.flatMap((p, k) => (isArray(p) ? [] : [[p, (leaves[k] as Leaf).name] as const])),
  );
  const shown = (v: Scalar): string => scalarName.get(v) ?? nameOf(v);

  for (const [name, value] of [...given.sizes, ...given.scalars]) {
    const option = given.sizes.has(name) ? "--size" : "--arg";
    const v = unknowns.find((u) => shown(u) === name);
    if (v === undefined) {
      throw new UsageError(`${option} ${name}=${value}: there is no such size; ${signature(arrays, unknowns, shown)}`);
    }
    set(v, value, `${option} ${name}=${value}`);
  }
  for (const [name, shape] of given.shapes) {
    const array = arrays.get(name);
    const text = `the shape ${shape.join("x")} of ${name}`;
    if (array === undefined)
      throw new UsageError(`there is no array ${name}; there are ${[...arrays.keys()].join(", ")}`);
    const { dims } = array.type;
    if (dims.length !== shape.length)
      throw new UsageError(`${text} has ${shape.length} axes, the array has ${dims.length}`);
    dims.forEach((d, axis) => {
      if (d.kind === "value") set(d, shape[axis]!, text);
    });
  }

  const needs = host.requires.map((r) => r.need);
  deduce(known, unknowns, needs);
  const missing = unknowns.filter((v) => !known.has(v));
  if (missing.length > 0) {
    const options = freeOf(known, missing, needs).map((v) => `${scalarName.has(v) ? "--arg" : "--size"} ${shown(v)}=…`);
    throw new UsageError(`some sizes are not known: add ${options.join(" ")}\n  ${signature(arrays, unknowns, shown)}`);
  }
  const size = (v: Scalar): number => known.get(v) as number;
  return {
    shapes: new Map(
      [...arrays].map(([name, a]) => [name, a.type.dims.map((d) => (d.kind === "const" ? Number(d.value) : size(d)))]),
    ),
    integers: new Map(
      [...scalarName].flatMap(([v, name]) => (known.has(v as Scalar) ? [[name, size(v as Scalar)]] : [])),
    ),
    named: new Map(
      unknowns.filter((v) => !scalarName.has(v) && !isAnonymous(v, arrays)).map((v) => [nameOf(v), size(v)]),
    ),
  };
}

/** Whether the source has no name for a size, so that it is called after its array and axis. */
const isAnonymous = (v: Scalar, arrays: ReadonlyMap<string, ArrayValue>): boolean =>
  [...arrays.values()].some((a) => a.type.dims.some((d, axis) => d === v && v.hint === `${a.hint.split(".")[0]}_${axis}`));

/** Adds to `known` what follows from it. */
function deduce(known: Known, unknowns: readonly Scalar[], needs: readonly Linear[]): void {
  const bounds = (v: Scalar, sign: 1 | -1): readonly number[] | null => {
    const own = needs.filter((need) => Math.sign(factorOf(need, v)) === sign);
    // A constant bound alone says little about a size.
    if (!own.some((need) => need.terms.length > 1)) return null;
    const values = own.map((need) => {
      const rest = need.terms.reduce(
        (sum, t) => (t.value === v ? sum : sum + t.factor * (known.get(t.value) ?? NaN)),
        need.constant,
      );
      const least = -rest / factorOf(need, v);
      const other = need.terms.length === 2 ? need.terms.find((t) => t.value !== v) : undefined;
      return sign > 0 && other?.factor === -1 ? Math.max(least, known.get(other.value) ?? NaN) : least;
    });
    return values.some(Number.isNaN) ? null : values;
  };
  const step = (): boolean => {
    const open = unknowns.filter((v) => !known.has(v));
    for (const v of open) {
      const least = bounds(v, 1);
      if (least === null) continue;
      known.set(v, Math.max(0, Math.ceil(Math.max(...least))));
      return true;
    }
    for (const v of open) {
      const most = bounds(v, -1);
      if (most === null || Math.min(...most) < 0) continue;
      known.set(v, Math.floor(Math.min(...most)));
      return true;
    }
    return false;
  };
  while (step());
}

const factorOf = (need: Linear, v: Scalar): number => need.terms.find((t) => t.value === v)?.factor ?? 0;

/** A few of the missing sizes from which the others follow. */
function freeOf(known: Known, missing: readonly Scalar[], needs: readonly Linear[]): readonly Scalar[] {
  const assumed = new Map(known);
  const free: Scalar[] = [];
  for (;;) {
    const open = missing.filter((v) => !assumed.has(v));
    // First those that nothing else decides.
    const next = open.find((v) => !needs.some((need) => factorOf(need, v) > 0 && need.terms.length > 1)) ?? open[0];
    if (next === undefined) return free;
    free.push(next);
    assumed.set(next, 100);
    deduce(assumed, missing, needs);
  }
}

/** The arrays with the names of their sizes, and the integer scalars. */
function signature(
  arrays: ReadonlyMap<string, ArrayValue>,
  unknowns: readonly Scalar[],
  shown: (v: Scalar) => string,
): string {
  const dim = (d: ArrayValue["type"]["dims"][number]): string => (d.kind === "const" ? String(d.value) : shown(d));
  const list = [...arrays].map(([name, a]) => `${name}: ${a.type.elem}[${a.type.dims.map(dim).join(", ")}]`);
  const inArrays = new Set([...arrays.values()].flatMap((a) => a.type.dims));
  const scalars = unknowns.filter((v) => !inArrays.has(v)).map((v) => `${shown(v)}: ${v.type}`);
  return `the parameters are ${[...list, ...scalars].join(", ")}`;
}
