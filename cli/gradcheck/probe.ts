/**
 * A kernel and its gradient on some inputs. L is the sum of the results, each times a random weight; the derivative of L along
 * a random direction of one parameter is had in three ways: from the gradient, by dual numbers, and by differences of L.
 */
import type { Derivative, SourceType } from "../../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../../compiler/artifact-leaves.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { DualProgram } from "../../compiler/index.ts";
import { valueType } from "../../compiler/ir/ir.ts";
import { type Along, dot } from "../../polybench/gradient.ts";
import { numberAt as elementOf, flatZeros, NdArray, numbersOf, product, setNumber } from "../../runtime/array.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { gatherArray, nest } from "../../runtime/nested.ts";
import { argumentOf, type Call, type LeafValue, random } from "../run/call.ts";

/** A kernel, compiled as it is and differentiated, and its source on dual numbers. */
export interface Programs {
  readonly primal: Unit;
  readonly gradient: Unit;
  readonly duals: DualProgram;
}

type Flat = Float64Array;

export class Probe {
  private readonly programs: Programs;
  private readonly call: Call;
  private readonly derivative: Derivative;
  /** The leaves of the parameters, with their values. */
  private readonly leaves: ReadonlyMap<string, LeafValue>;
  /** By the names of results. */
  private readonly weights: ReadonlyMap<string, Flat>;
  /** By the names of parameters. */
  private readonly directions: ReadonlyMap<string, Flat>;

  constructor(programs: Programs, { call: c, seed }: { readonly call: Call; readonly seed: number }) {
    const { name, derivative } = programs.gradient.artifact.entries[0] ?? bug("the gradient has no entry");
    this.programs = programs;
    this.call = c;
    this.derivative = derivative ?? bug(`${name} is no derivative`);
    this.leaves = new Map(c.params.flatMap(({ values }) => values.map((v) => [v.leaf.name, v])));
    const centred =
      (role: string) =>
      (leaf: string): [string, Flat] => {
        const next = random(`${c.entry.name} ${leaf} ${role}`, seed);
        return [leaf, Float64Array.from({ length: this.lengthOf(leaf) }, () => next() - 0.5)];
      };
    this.weights = new Map(this.derivative.of.map(centred("weights")));
    this.directions = new Map(this.derivative.wrt.map(centred("direction")));
  }

  get wrt(): readonly string[] {
    return this.derivative.wrt;
  }
  get of(): readonly string[] {
    return this.derivative.of;
  }

  /** L, and the sum of the magnitudes of its terms. @throws LaunchError */
  async loss(): Promise<Along> {
    return this.run((v) => v);
  }

  /** ⟨∂L/∂a, v⟩ for all that is differentiated by: from the gradient. @throws LaunchError */
  async reverse(): Promise<ReadonlyMap<string, Along>> {
    const { extra, results } = this.derivative;
    const { args } = this.fresh((v) => v);
    const adjoints = extra.map(({ leaf }) => this.adjoint(leaf));
    const result = await call(this.programs.gradient, `${this.call.entry.name}_vjp`, [...args, ...adjoints]);
    const scalars = results.length === 0 ? [] : (result as readonly number[]).slice(-results.length);
    const gradients = new Map<string, ArrayLike<number>>(results.map(({ leaf }, k) => [leaf, [scalars[k]!]]));
    extra.forEach(({ leaf }, k) => {
      const adjoint = adjoints[k];
      if (adjoint instanceof NdArray) gradients.set(leaf, adjoint.data);
    });
    const along = (leaf: string): Along =>
      dot(gradients.get(leaf) ?? bug(`no derivative by ${leaf}`), this.directions.get(leaf)!);
    return new Map(this.wrt.map((leaf) => [leaf, along(leaf)]));
  }

  /** ⟨w, J v⟩: by dual numbers, along the direction of one leaf. */
  forward(leaf: string): number {
    const { entry, params } = this.call;
    const at = params.findIndex(({ values }) => values.some((v) => v.leaf.name === leaf));
    const param = entry.params[at]!;
    const tangent = params[at]!.values.map((v) => this.directionOf(v, leaf));
    const args = params.map(({ values }, k) => nest(entry.params[k]!.type, values));
    const { tangents } = this.programs.duals.run(entry.name, args, { [param.name]: nest(param.type, tangent) });
    const flat = (of: string): ArrayLike<number> => {
      const { root, leaf: l, shape } = this.place(of);
      if (shape === null) return [numberAt(tangents[root], l)];
      const data = new Float64Array(product(shape));
      gatherArray({ ...l, elem: "f64" }, tangents[root], shape, data);
      return data;
    };
    return this.of.reduce((sum, of) => sum + dot(this.weights.get(of)!, flat(of)).value, 0);
  }

  /** L where the leaf is moved by `t` times its direction. @throws LaunchError */
  async moved(leaf: string, t: number): Promise<number> {
    const direction = this.directions.get(leaf)!;
    const { value } = await this.run((v) => {
      if (v.leaf.name !== leaf) return v;
      if (v.kind === "scalar") return { ...v, value: Number(v.value) + t * direction[0]! };
      const data = v.data.slice();
      for (let i = 0; i < data.length; i++) setNumber(data, i, elementOf(data, i) + t * direction[i]!);
      return { ...v, data };
    });
    return value;
  }

  private async run(change: (v: LeafValue) => LeafValue): Promise<Along> {
    const { entry } = this.call;
    const { args, values } = this.fresh(change);
    const result = await call(this.programs.primal, entry.name, args);
    values.forEach((own, k) => {
      for (const v of own) if (v.kind === "array" && v.inObjects) gatherArray(v.leaf, args[k], v.shape, v.data);
    });
    const after = new Map(values.flat().map((v) => [v.leaf.name, v]));
    const flat = (of: string): ArrayLike<number> => {
      const v = after.get(of);
      return v?.kind === "array" ? numbersOf(v.data) : [numberAt(result, this.place(of).leaf)];
    };
    const parts = this.of.map((of) => dot(this.weights.get(of)!, flat(of)));
    return parts.reduce((a, b) => ({ value: a.value + b.value, scale: a.scale + b.scale }), { value: 0, scale: 0 });
  }

  /** Arguments that share nothing with those of the call. */
  private fresh(change: (v: LeafValue) => LeafValue): {
    readonly args: readonly unknown[];
    readonly values: readonly (readonly LeafValue[])[];
  } {
    const { entry, params } = this.call;
    const values = params.map((p) =>
      p.values.map(change).map((v) => ("data" in v ? { ...v, data: v.data.slice() } : v)),
    );
    return { values, args: values.map((own, k) => argumentOf(entry.params[k]!.type, own)) };
  }

  /** What the gradient takes for the adjoint of a leaf: its weights, or zeros. */
  private adjoint(name: string): unknown {
    const { leaf, shape } = this.place(name);
    const weights = this.weights.get(name);
    if (shape === null) return weights?.[0] ?? 0;
    const elem = valueType(leaf.elem) as "f64";
    const data = flatZeros(elem, product(shape));
    if (weights !== undefined) data.set(weights);
    return new NdArray(elem, shape, data);
  }

  /** Of the leaf that is moved its direction, of others zeros. */
  private directionOf(v: LeafValue, moved: string): { value: number } | { shape: readonly number[]; data: Flat } {
    const own = v.leaf.name === moved ? this.directions.get(moved) : undefined;
    if (v.kind === "scalar") return { value: own?.[0] ?? 0 };
    return { shape: v.shape, data: own ?? new Float64Array(v.data.length) };
  }

  private lengthOf(name: string): number {
    return product(this.place(name).shape ?? []);
  }

  /** A leaf of a parameter or of the result; `root` is whose. */
  private place(name: string): {
    readonly root: string;
    readonly leaf: Leaf;
    readonly shape: readonly number[] | null;
  } {
    const { entry, params } = this.call;
    const v = this.leaves.get(name);
    if (v !== undefined) {
      const root = entry.params[params.findIndex(({ values }) => values.includes(v))]!.name;
      return { root, leaf: v.leaf, shape: v.kind === "array" ? v.shape : null };
    }
    const leaf = leavesOf("return", entry.result as SourceType).find((l) => l.name === name);
    return { root: "return", leaf: leaf ?? bug(`${entry.name} has no ${name}`), shape: null };
  }
}

/** The number of a leaf without axes inside a value. */
const numberAt = (value: unknown, { steps }: Leaf): number =>
  Number(
    steps.reduce<unknown>(
      (v, step) => (step === "axis" ? bug("an axis in a scalar") : (v as Record<string | number, unknown>)[step.field]),
      value,
    ),
  );
