/**
 * Holds derived functions against the dual-number oracle (compiler/dual.ts), which shares nothing with them: every element
 * of a gradient, and the dot-product test ⟨Jᵀw, v⟩ = ⟨w, J v⟩ along a random direction.
 */
import * as assert from "uvu/assert";
import type { Derivative, DerivativeKind, EntryParam } from "../../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../../compiler/artifact-leaves.ts";
import { type DualOutcome, type DualProgram, dual } from "../../compiler/dual.ts";
import { compile } from "../../compiler/index.ts";
import type { CompileOptions } from "../../compiler/pipeline.ts";
import { array, flatZeros, product } from "../../runtime/array.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { gatherArray, writeArray } from "../../runtime/nested.ts";
import type { Case } from "./cases.ts";
import { flatten, mapFloats, randomNumbers } from "./directions.ts";

/** The derivative of a case's kernel, compiled and loaded. */
export async function derivedUnit(
  { file, kernel, wrt, of }: Case,
  kind: DerivativeKind,
  options: Partial<CompileOptions> = {},
): Promise<Unit> {
  const derivative = { kind, kernel, ...(wrt && { wrt }), ...(of && { of }), ...options.derivative };
  const make = (checks: "assume" | "all") =>
    compile({ file: file.pathname }, { target: "interp", mode: "strict", checks, ...options, derivative });
  return loadUnit(await make("assume"), () => make("all"));
}

/** A float leaf of the arguments. */
interface Input {
  readonly leaf: Leaf;
  readonly param: EntryParam;
  readonly shape: readonly number[];
  readonly length: number;
}

/** A case and its derivative, taken apart. */
class Comparison {
  readonly c: Case;
  readonly unit: Unit;
  readonly name: string;
  readonly derivative: Derivative;
  readonly params: readonly EntryParam[];
  readonly inputs: ReadonlyMap<string, Input>;
  /** f32 anywhere: adjoints and tangents are rounded as well. */
  readonly tolerance: number;
  readonly random = randomNumbers(99);
  private readonly oracle: DualProgram;

  constructor(c: Case, unit: Unit) {
    const entry = unit.artifact.entries[0];
    if (entry?.derivative === undefined) throw new Error(`${c.name}: this is no derivative`);
    this.c = c;
    this.unit = unit;
    this.name = entry.name;
    this.derivative = entry.derivative;
    this.params = entry.params.slice(0, entry.params.length - entry.derivative.extra.length);
    const args = c.args();
    const inputs = this.params.flatMap((param, k) =>
      leavesOf(param.name, param.type).map((leaf): [string, Input] => {
        const shape = shapeOf(leaf, args[k]);
        return [leaf.name, { leaf, param, shape, length: product(shape) }];
      }),
    );
    this.inputs = new Map(inputs);
    this.tolerance = inputs.some(([, { leaf }]) => leaf.elem === "f32") ? 2e-5 : 1e-9;
    this.oracle = dual({ file: c.file.pathname }, { kernels: [c.kernel] });
  }

  input(name: string): Input {
    const input = this.inputs.get(name);
    if (input === undefined) throw new Error(`${this.c.name}: there is no ${name} in the arguments`);
    return input;
  }

  vector(length: number): number[] {
    return Array.from({ length }, () => 2 * this.random() - 1);
  }

  /** The kernel on dual numbers, along directions of some inputs. */
  along(directions: Readonly<Record<string, readonly number[]>>): DualOutcome {
    const args = this.c.args();
    const tangents: Record<string, unknown> = {};
    for (const [name, direction] of Object.entries(directions)) {
      const { leaf, param, shape } = this.input(name);
      if (leaf.steps.length === 0) tangents[param.name] = direction[0];
      else {
        tangents[param.name] ??= mapFloats(param.type, args[this.params.indexOf(param)], () => 0);
        writeArray(leaf, tangents[param.name], shape, Float64Array.from(direction));
      }
    }
    return this.oracle.run(this.c.kernel, args, tangents);
  }

  /** A differentiated leaf's values, or derivatives, in what the oracle gives. */
  part(name: string, of: Readonly<Record<string, unknown>>, result: unknown): readonly number[] {
    if (name.startsWith("return")) {
      const steps = name
        .slice("return".length)
        .split(/[.[\]]+/)
        .filter(Boolean);
      return [steps.reduce((v, k) => (v as Record<string, unknown>)[k], result) as number];
    }
    const { leaf, param, shape, length } = this.input(name);
    const data = flatZeros("f64", length);
    gatherArray(leaf, of[param.name], shape, data);
    return [...data];
  }

  tangents(name: string, outcome: DualOutcome): readonly number[] {
    return this.part(name, outcome.tangents, outcome.tangents.return);
  }

  /** An argument for an adjoint or tangent: an array of the leaf's shape over the numbers, or a number. */
  extra(name: string, numbers: readonly number[]): { readonly argument: unknown; readonly data: ArrayLike<number> } {
    const input = this.inputs.get(name);
    if (input === undefined || input.leaf.rank === 0) return { argument: numbers[0], data: numbers };
    const single = input.leaf.elem === "f32";
    const data = single ? Float32Array.from(numbers) : Float64Array.from(numbers);
    return {
      argument: single ? array(data as Float32Array, input.shape) : array(data as Float64Array, input.shape),
      data,
    };
  }

  /** Runs the derivative; gives the kernel's own results, and one number for each of `derivative.results`. */
  async run(extra: readonly unknown[]): Promise<{
    readonly own: readonly number[];
    readonly results: readonly number[];
    readonly args: readonly unknown[];
  }> {
    const args = this.c.args();
    const results = flatten(await call(this.unit, this.name, [...args, ...extra]));
    const own = results.length - this.derivative.results.length;
    return { own: results.slice(0, own), results: results.slice(own), args };
  }

  close(actual: readonly number[], expected: readonly number[], scale: number, what: string): void {
    assert.is(actual.length, expected.length, `${this.c.name}, ${what}: number of elements`);
    actual.forEach((x, i) => {
      const e = expected[i] as number;
      const near = Object.is(x, e) || Math.abs(x - e) <= this.tolerance * scale;
      assert.ok(near, `${this.c.name}, ${what}[${i}]: ${x}, but the oracle has ${e}`);
    });
  }
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, i) => s + x * (b[i] as number), 0);
const total = (a: readonly number[]): number => a.reduce((s, x) => s + Math.abs(x), 0);
const largest = (a: readonly number[]): number => a.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

function shapeOf(leaf: Leaf, value: unknown): readonly number[] {
  const shape: number[] = [];
  let v = value as Record<string | number, unknown> | undefined;
  for (const step of leaf.steps) {
    if (step === "axis") shape.push((v as { length?: number } | undefined)?.length ?? 0);
    v = v?.[step === "axis" ? 0 : step.field] as typeof v;
  }
  return shape;
}

/** Reverse mode: each element of each gradient, and the dot-product test by each of `wrt`. */
export async function checkGradient(c: Case, vjp: Unit): Promise<void> {
  const x = new Comparison(c, vjp);
  const { wrt, of, extra, results } = x.derivative;
  const weights = new Map(
    of.map((name) => {
      const drawn = x.vector(name.startsWith("return") ? 1 : x.input(name).length);
      // As the adjoint's own type holds them.
      return [name, Array.from(x.extra(name, drawn).data)];
    }),
  );
  const given = extra.map(({ leaf }) =>
    x.extra(leaf, weights.get(leaf) ?? new Array<number>(x.input(leaf).length).fill(0)),
  );
  const ran = await x.run(given.map((g) => g.argument));
  const primal = x.along({});
  x.close(ran.own, flatten(primal.result), Math.max(1, largest(flatten(primal.result))), "result");

  /** Σ weight · tangent, and the same of magnitudes. */
  const weigh = (directions: Readonly<Record<string, readonly number[]>>): readonly [number, number] => {
    const outcome = x.along(directions);
    const terms = of.map((name): readonly [number, number] => {
      const [w, t] = [weights.get(name) as readonly number[], x.tangents(name, outcome)];
      return [dot(w, t), total(w.map((v, i) => v * (t[i] as number)))];
    });
    return [terms.reduce((s, [d]) => s + d, 0), terms.reduce((s, [, m]) => s + m, 0)];
  };
  for (const name of wrt) {
    const { length, param } = x.input(name);
    const at = extra.findIndex(({ leaf }) => leaf === name);
    const gradient =
      at >= 0
        ? Array.from((given[at] as (typeof given)[number]).data)
        : [ran.results[results.findIndex(({ leaf }) => leaf === name)] as number];
    const columns = Array.from({ length }, (_, i) => weigh({ [name]: gradient.map((_, k) => (k === i ? 1 : 0)) }));
    x.close(
      gradient,
      columns.map(([d]) => d),
      largest(columns.map(([, m]) => m)),
      `gradient by ${name}`,
    );
    if (c.zero.includes(param.name))
      assert.equal(
        gradient.map(Math.abs),
        gradient.map(() => 0),
        `${c.name}: ${name}`,
      );
    const v = x.vector(length);
    const [expected, magnitude] = weigh({ [name]: v });
    const scale = Math.max(total(gradient.map((g, i) => g * (v[i] as number))), magnitude);
    x.close([dot(gradient, v)], [expected], scale, `⟨Jᵀw, v⟩ by ${name}`);
  }
}

/** Forward mode: values and tangents of all that is differentiated, along a random direction of each of `wrt`, and of all. */
export async function checkTangents(c: Case, jvp: Unit): Promise<void> {
  const x = new Comparison(c, jvp);
  const { wrt, of, extra, results } = x.derivative;
  const all = Object.fromEntries(
    wrt.map((name) => [name, Array.from(x.extra(name, x.vector(x.input(name).length)).data)]),
  );
  for (const names of wrt.length === 1 ? [wrt] : [...wrt.map((name) => [name]), wrt]) {
    const directions = Object.fromEntries(names.map((name) => [name, all[name] as readonly number[]]));
    const outcome = x.along(directions);
    const given = extra.map(({ leaf }) =>
      x.extra(leaf, directions[leaf] ?? new Array<number>(x.input(leaf).length).fill(0)),
    );
    const ran = await x.run(given.map((g) => g.argument));
    const primal = flatten(outcome.result);
    x.close(ran.own, primal, Math.max(1, largest(primal)), "result");
    for (const name of of) {
      const at = extra.findIndex(({ leaf }) => leaf === name);
      const expected = x.tangents(name, outcome);
      const tangent =
        at >= 0
          ? Array.from((given[at] as (typeof given)[number]).data)
          : [ran.results[results.findIndex(({ leaf }) => leaf === name)] as number];
      x.close(tangent, expected, largest(expected), `tangent of ${name} by ${names.join(", ")}`);
      if (name.startsWith("return")) continue;
      const value = x.part(name, outcome.outputs, null);
      const finals = Object.fromEntries(x.params.map((p, k) => [p.name, ran.args[k]]));
      x.close(x.part(name, finals, null), value, Math.max(1, largest(value)), name);
    }
  }
}
