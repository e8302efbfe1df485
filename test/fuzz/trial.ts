/**
 * One call of a kernel's derivatives, held against the kernel on dual numbers (compiler/dual.ts), which share nothing with ad/.
 */
import type { DerivativeLeaf, Entry } from "../../compiler/artifact.ts";
import { leavesOf } from "../../compiler/artifact-leaves.ts";
import type { DualProgram } from "../../compiler/dual.ts";
import type { Argument } from "../../runtime/arguments.ts";
import { flatZeros } from "../../runtime/array.ts";
import type { Unit } from "../../runtime/call.ts";
import { type Derived, type Inputs, type Outcome, readInputs, Seeds } from "../../runtime/derivative.ts";
import { gatherArray, type LeafData, nest } from "../../runtime/nested.ts";
import { flatten, randomNumbers } from "../ad/directions.ts";
import { difference } from "./inputs.ts";
import type { Coverage } from "./run.ts";

/** What rounding may do to derivatives: of the sum of the terms' magnitudes in reverse mode, of a number itself in forward mode. */
const tolerances = {
  f64: { reverse: 1e-9, forward: 1e-11, noise: 1e-12 },
  f32: { reverse: 1e-3, forward: 1e-3, noise: 1e-4 },
} as const;
export type Precision = keyof typeof tolerances;

/** A kernel's unit and that of its derivative as what the runtime runs. */
export function derivedOf(primal: Unit, entry: Entry, unit: Unit): Derived {
  const [derivedEntry] = unit.artifact.entries;
  const derivative = derivedEntry?.derivative;
  if (derivedEntry === undefined || derivative === undefined) throw new Error(`no derivative of ${entry.name}`);
  return { primal, entry, unit, derivedEntry, derivative };
}

/** One call of a kernel: its arguments, weights and directions, and the derivatives that the oracle finds. */
export class Trial {
  readonly inputs: Inputs;
  /** Whether all the kernel's derivatives, and what it computes, are numbers. */
  readonly finite: boolean;
  private readonly derived: Derived;
  private readonly tolerance: (typeof tolerances)[Precision];
  private readonly weightOf: ReadonlyMap<string, Float64Array>;
  private readonly directionOf: ReadonlyMap<string, Float64Array>;
  /** By leaves of `wrt`: what that direction does to the leaves of `of`. */
  private readonly along = new Map<string, ReadonlyMap<string, readonly number[]>>();
  private readonly everything: ReadonlyMap<string, readonly number[]>;

  constructor(
    entry: Entry,
    derived: Derived,
    values: readonly unknown[],
    seed: number,
    oracle: DualProgram,
    precision: Precision,
  ) {
    this.derived = derived;
    this.inputs = readInputs(derived, values);
    const { wrt, of } = derived.derivative;
    this.tolerance = tolerances[precision];
    const vector =
      (role: string) =>
      (leaf: string): readonly [string, Float64Array] => {
        const random = randomNumbers(hash(`${role} ${leaf} ${seed}`));
        // Single precision holds all of it.
        return [leaf, Float64Array.from({ length: this.lengthOf(leaf) }, () => Math.fround(2 * random() - 1))];
      };
    this.weightOf = new Map(of.map(vector("weight")));
    this.directionOf = new Map(wrt.map(vector("direction")));
    const run = (names: readonly string[]): ReadonlyMap<string, readonly number[]> =>
      this.oracleAlong(entry, values, names, oracle);
    for (const leaf of wrt) this.along.set(leaf, run([leaf]));
    this.everything = run(wrt);
    this.finite = [...this.along.values(), this.everything].every((m) => [...m.values()].flat().every(Number.isFinite));
  }

  private argument(leaf: string): Argument | undefined {
    return this.inputs.args.find((a) => a.name === leaf);
  }
  private lengthOf(leaf: string): number {
    const a = this.argument(leaf);
    return a?.kind === "array" ? a.data.length : 1;
  }

  private oracleAlong(
    entry: Entry,
    values: readonly unknown[],
    names: readonly string[],
    oracle: DualProgram,
  ): ReadonlyMap<string, readonly number[]> {
    const tangents = entry.params.flatMap((p) => {
      const leaves = leavesOf(p.name, p.type);
      if (!leaves.some((l) => names.includes(l.name))) return [];
      const data = leaves.map((l): LeafData => {
        const a = this.argument(l.name);
        const own = names.includes(l.name) ? this.directionOf.get(l.name) : undefined;
        if (a?.kind !== "array") return { value: own?.[0] ?? 0 };
        return { shape: a.shape, data: own ?? new Float64Array(a.data.length) };
      });
      return [[p.name, nest(p.type, data)] as const];
    });
    const { tangents: found, outputs, result } = oracle.run(entry.name, values, Object.fromEntries(tangents));
    const all = flatten([outputs, result]);
    const made = new Map<string, readonly number[]>();
    for (const p of [...entry.params, ...(entry.result === null ? [] : [{ name: "return", type: entry.result }])]) {
      for (const leaf of leavesOf(p.name, p.type)) {
        if (!this.weightOf.has(leaf.name)) continue;
        const a = this.argument(leaf.name);
        if (a?.kind === "array") {
          const into = flatZeros("f64", a.data.length);
          gatherArray({ ...leaf, elem: "f64" }, found[p.name], a.shape, into);
          made.set(leaf.name, Array.from(into));
        } else
          made.set(leaf.name, [
            leaf.steps.reduce<unknown>(
              (v, s) => (v as Record<string, unknown>)[s === "axis" ? 0 : s.field],
              found[p.name],
            ) as number,
          ]);
      }
    }
    // What the kernel computes is to be a number as well.
    if (!all.every(Number.isFinite)) made.set("", [Number.NaN]);
    return made;
  }

  private seeds(role: DerivativeLeaf["role"], of: ReadonlyMap<string, Float64Array>): Seeds {
    const seeds = new Seeds();
    for (const [leaf, vector] of of) {
      const a = this.argument(leaf);
      if (a?.kind !== "array") seeds.set({ leaf, role }, vector[0] as number);
      else {
        const data = flatZeros(a.elem, vector.length);
        data.set(vector);
        seeds.set({ leaf, role }, data);
      }
    }
    return seeds;
  }
  weights(): Seeds {
    return this.seeds("adjoint", this.weightOf);
  }
  directions(): Seeds {
    return this.seeds("tangent", this.directionOf);
  }

  private gradients(o: Outcome): ReadonlyMap<string, readonly number[]> {
    return new Map(
      this.derived.derivative.wrt.map((leaf) => {
        const found = o.at({ leaf, role: "adjoint" });
        const numbers = found === undefined ? [] : "data" in found ? Array.from(found.data) : [Number(found.value)];
        return [leaf, numbers];
      }),
    );
  }

  compareReverse(o: Outcome, before: Omit<Outcome, "at">, coverage: Coverage): string | null {
    const value = difference(o.value, before.value, "the result", null);
    if (value !== null) return value;
    const { reverse, noise } = this.tolerance;
    for (const [leaf, gradient] of this.gradients(o)) {
      const terms = gradient.map((g, i) => g * (this.directionOf.get(leaf)?.[i] as number));
      const expected = [...(this.along.get(leaf) as ReadonlyMap<string, readonly number[]>)].flatMap(([of, d]) =>
        d.map((x, j) => x * (this.weightOf.get(of)?.[j] as number)),
      );
      const slack = reverse * size(terms) + noise * (1 + size(terms) + size(expected));
      const [a, b] = [sum(terms), sum(expected)];
      coverage.floats += gradient.length;
      if (b !== 0) coverage.sharp += gradient.length;
      if (!(Math.abs(a - b) <= slack)) return `⟨Jᵀw, v⟩ by ${leaf} is ${a}, not ${b} ± ${slack}`;
    }
    return null;
  }

  compareForward(forward: Derived, o: Outcome, before: Omit<Outcome, "at">): string | null {
    const value = difference(o.value, before.value, "the result", null);
    if (value !== null) return value;
    for (const a of this.inputs.args) {
      if (a.kind === "scalar") continue;
      const [mine, own] = [o.state(a.name), before.state(a.name)].map((x) =>
        x !== undefined && "data" in x ? x.data : [],
      );
      const d = difference(Array.from(mine ?? []), Array.from(own ?? []), a.name, null);
      if (d !== null) return d;
    }
    for (const leaf of forward.derivative.of) {
      const found = o.at({ leaf, role: "tangent" });
      const numbers = found === undefined ? [] : "data" in found ? Array.from(found.data) : [Number(found.value)];
      const expected = this.everything.get(leaf) ?? [];
      const largest = expected.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
      for (const [j, x] of expected.entries()) {
        const got = numbers[j] ?? Number.NaN;
        if (!(Math.abs(got - x) <= this.tolerance.forward * largest)) return `J v of ${leaf}, ${j}: ${got}, not ${x}`;
      }
    }
    return null;
  }

  sameBits(o: Outcome, reference: Outcome): string | null {
    const mine = this.gradients(o);
    for (const [leaf, numbers] of this.gradients(reference)) {
      const d = difference(mine.get(leaf), numbers, `the gradient by ${leaf}`, null);
      if (d !== null) return d;
    }
    return difference(o.value, reference.value, "the result", null);
  }
}

const sum = (list: readonly number[]): number => list.reduce((a, x) => a + x, 0);
const size = (list: readonly number[]): number => list.reduce((a, x) => a + Math.abs(x), 0);

/** A number from a text (FNV-1a). */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
