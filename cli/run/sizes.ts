/**
 * The sizes of a kernel's arrays, from the few that the user gives.
 *
 * What a size must be at least (`requires`) is what it is taken to be: of `B_0 - n >= 0` and `n = 100` comes
 * `B_0 = 100`. Of `B_0 - n + 1 >= 0` as well: an array that is read from 1 to n − 2 is meant to have n elements. Where an
 * array's size is given instead, `n` comes of it.
 */
import { split } from "../../compiler/analysis/polynomial.ts";
import type { Leaf } from "../../compiler/artifact-leaves.ts";
import { evalPolynomial } from "../../compiler/ir/eval.ts";
import {
  type ArrayValue,
  type Func,
  isArray,
  type Operand,
  type Polynomial,
  type Scalar,
  sizesOf,
  type Value,
} from "../../compiler/ir/ir.ts";
import { namesOf } from "../../compiler/ir/names.ts";
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

/** The sizes and integer scalars of a kernel, by the names that its user knows, as far as they are known. */
class Table {
  readonly arrays = new Map<string, ArrayValue>();
  readonly scalars = new Map<Scalar, string>();
  /** All sizes and integer scalars, in the order of the parameters. */
  readonly all: Scalar[] = [];
  readonly known = new Map<Scalar, number>();
  private readonly nameOf: (v: Value) => string;

  constructor(host: Func, leaves: readonly Leaf[]) {
    this.nameOf = namesOf(host);
    host.params.forEach((p, k) => {
      const { name } = leaves[k] as Leaf;
      if (isArray(p)) {
        this.arrays.set(name, p);
        for (const d of sizesOf(p)) if (!this.all.includes(d)) this.all.push(d);
      } else if (p.type === "index" || p.type === "i32" || p.type === "u32") {
        this.scalars.set(p as Scalar, name);
        this.all.push(p as Scalar);
      }
    });
  }

  name(v: Scalar): string {
    return this.scalars.get(v) ?? this.nameOf(v);
  }

  /** Sets what an option says, by the name of a size or scalar. */
  setNamed(option: string, name: string, value: number): void {
    const v = this.all.find((u) => this.name(u) === name);
    const by = `${option} ${name}=${value}`;
    if (v === undefined) throw new UsageError(`${by}: there is no such size; ${this.signature()}`);
    this.set(v, value, by);
  }

  setShape(name: string, shape: readonly number[]): void {
    // An array of objects is one array for each of their fields, of the same sizes.
    const field = [...this.arrays.keys()].find((leaf) => leaf.startsWith(`${name}[]`));
    const array = this.arrays.get(name) ?? this.arrays.get(field ?? "");
    const by = `the shape ${shape.join("x")} of ${name}`;
    if (array === undefined) throw new UsageError(`there is no array ${name}; ${this.signature()}`);
    const { dims } = array.type;
    if (dims.length !== shape.length) throw new UsageError(`${by} does not have the ${dims.length} axes of the array`);
    dims.forEach((d, axis) => {
      if (d.kind === "value") this.set(d, shape[axis]!, by);
    });
  }

  private set(v: Scalar, value: number, by: string): void {
    const before = this.known.get(v);
    if (before !== undefined && before !== value) {
      throw new UsageError(`${by} makes ${this.name(v)} ${value}, but it is already ${before}`);
    }
    this.known.set(v, value);
  }

  shapeOf(a: ArrayValue): readonly number[] {
    return a.type.dims.map((d) => (d.kind === "const" ? Number(d.value) : (this.known.get(d) as number)));
  }

  /** Whether the source has no name for a size, so that it is called after its array and axis. */
  isAnonymous(v: Scalar): boolean {
    const root = (a: ArrayValue): string | undefined => a.hint.split(".")[0];
    return [...this.arrays.values()].some((a) =>
      a.type.dims.some((d, axis) => d === v && v.hint === `${root(a)}_${axis}`),
    );
  }

  /** The arrays with the names of their sizes, and the integer scalars. */
  signature(): string {
    const dim = (d: Operand): string => (d.kind === "const" ? String(d.value) : this.name(d));
    const arrays = [...this.arrays].map(([name, a]) => `${name}: ${a.type.elem}[${a.type.dims.map(dim).join(", ")}]`);
    const scalars = [...this.scalars].map(([v, name]) => `${name}: ${v.type}`);
    return `the parameters are ${[...arrays, ...scalars].join(", ")}`;
  }
}

/** `leaves` are what the parameters of `host` stand for, in order. @throws UsageError that says what is missing. */
export function solveSizes(host: Func, leaves: readonly Leaf[], given: GivenSizes): Sizes {
  const table = new Table(host, leaves);
  for (const [name, value] of given.sizes) table.setNamed("--size", name, value);
  for (const [name, value] of given.scalars) table.setNamed("--arg", name, value);
  for (const [name, shape] of given.shapes) table.setShape(name, shape);
  const { all, arrays, known, scalars } = table;
  const needs = host.requires.map((r) => r.need);
  deduce(known, all, needs);
  const missing = all.filter((v) => !known.has(v));
  if (missing.length > 0) {
    const options = freeOf(known, missing, needs).map(
      (v) => `${scalars.has(v) ? "--arg" : "--size"} ${table.name(v)}=…`,
    );
    throw new UsageError(`some sizes are not known: add ${options.join(" ")}\n  ${table.signature()}`);
  }
  const entry = (v: Scalar): [string, number] => [table.name(v), known.get(v) as number];
  return {
    shapes: new Map([...arrays].map(([name, a]) => [name, table.shapeOf(a)])),
    integers: new Map([...scalars.keys()].map(entry)),
    named: new Map(all.filter((v) => !scalars.has(v) && !table.isAnonymous(v)).map(entry)),
  };
}

type Known = Map<Scalar, number>;

/** Adds to `known` what follows from it. */
function deduce(known: Known, unknowns: readonly Scalar[], needs: readonly Polynomial[]): void {
  const bounds = (v: Scalar, sign: 1 | -1): readonly number[] | null => {
    const own = needs.filter((need) => directionOf(need, v) === sign);
    // A constant bound alone says little about a size.
    if (!own.some((need) => need.terms.length > 1)) return null;
    const values = own.map((need) => {
      const parts = split(need, v);
      const at = (p: Polynomial): number => evalPolynomial(p, (u) => known.get(u) ?? NaN);
      const least = parts === null ? NaN : -at(parts.rest) / at(parts.coefficient);
      const [other] = need.terms.length === 2 ? need.terms.filter((t) => !t.values.includes(v)) : [];
      const isEqual = sign > 0 && other?.factor === -1;
      return isEqual ? Math.max(least, at({ constant: 0, terms: [{ ...other, factor: 1 }] })) : least;
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

/** Whether a larger size helps (1), harms (-1), or is not asked for; the other sizes in a product are not negative. */
const directionOf = (need: Polynomial, v: Scalar): number =>
  Math.sign(need.terms.reduce((sum, t) => (t.values.includes(v) ? sum + t.factor : sum), 0));

/** A few of the missing sizes from which the others follow. */
function freeOf(known: Known, missing: readonly Scalar[], needs: readonly Polynomial[]): readonly Scalar[] {
  const assumed = new Map(known);
  const free: Scalar[] = [];
  for (;;) {
    const open = missing.filter((v) => !assumed.has(v));
    // First those that nothing else decides.
    const next = open.find((v) => !needs.some((need) => directionOf(need, v) > 0 && need.terms.length > 1)) ?? open[0];
    if (next === undefined) return free;
    free.push(next);
    assumed.set(next, 100);
    deduce(assumed, missing, needs);
  }
}

/** The sizes and integer scalars of a launch program by their names in it; `values` are shapes and scalars, in its order. */
export function sizesByName(
  host: Func,
  values: readonly (readonly number[] | number | undefined)[],
): ReadonlyMap<string, number> {
  const nameOf = namesOf(host);
  const known = new Map<string, number>();
  host.params.forEach((p, k) => {
    const value = values[k];
    if (typeof value === "number") known.set(nameOf(p), value);
    else if (value !== undefined && isArray(p)) {
      p.type.dims.forEach((d, axis) => {
        if (d.kind === "value") known.set(nameOf(d), value[axis] as number);
      });
    }
  });
  return known;
}
