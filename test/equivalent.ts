/** Whether two modules do the same, asked of the interpreter: both run on the same made-up arguments. */

import { calledByHosts } from "../compiler/analysis/calls.ts";
import { elemArrays, type InterpArg, type InterpArray, InterpError, interpreter } from "../compiler/interp.ts";
import { evalPolynomial } from "../compiler/ir/eval.ts";
import { halfBits } from "../compiler/ir/half.ts";
import type { ElemType, Operand, Scalar, Value } from "../compiler/ir/ir.ts";
import { type ArrayValue, type Func, isArray, isArrayType, type Module, type Polynomial } from "../compiler/ir/ir.ts";
import { printName } from "../compiler/ir/print.ts";

export interface EquivalentOptions {
  /** How far two floats may be apart, relative to the larger one or 1; 0 asks for the same bits. */
  readonly tolerance?: number;
  /** Every axis has each of these sizes in turn. */
  readonly sizes?: readonly number[];
}

/** 4 as told, 7 for what comes in fours, 1 and 0 for loops that make no trip. */
const usualSizes: readonly number[] = [4, 7, 1, 0];
const maxSteps = 3e8;

/**
 * How the modules differ, in words; null when they do the same. Compares every function that both have with the same
 * parameters; exported ones must be in both. A run in which `before` does what it must not (an access outside of an array)
 * says nothing about `after`; the first run must not be such a one, but of what a host function calls on arguments of its own.
 */
export function difference(before: Module, after: Module, options: EquivalentOptions = {}): string | null {
  const { tolerance = 0, sizes = usualSizes } = options;
  const byHost = calledByHosts(before);
  let compared = 0;
  for (const f of before.funcs) {
    const g = after.funcs.find((other) => other.name === f.name);
    if (g === undefined || signature(f) !== signature(g)) {
      if (f.exported) return `${printName(f.name)} is not what it was: ${g === undefined ? "gone" : signature(g)}`;
      continue;
    }
    compared++;
    for (const [i, size] of sizes.entries()) {
      if (!required(f, size)) continue;
      const a = run(before, f, size);
      if (a.failure !== null && !["check", "limit"].includes(a.failure.reason)) {
        if (i > 0 || byHost.has(f.name)) continue;
        return `${printName(f.name)} fails at size ${size} as it is: ${a.failure.message}`;
      }
      const problem = compare(a, run(after, f, size), tolerance);
      if (problem !== null) return `${printName(f.name)} at size ${size}: ${problem}`;
    }
  }
  return compared > 0 ? null : "no function is on both sides with the same parameters";
}

interface Outcome {
  readonly results: readonly (number | boolean)[];
  readonly arrays: readonly (readonly [string, InterpArray])[];
  readonly failure: InterpError | null;
}

function run(m: Module, f: Func, size: number): Outcome {
  const args = argumentsFor(f, size);
  const arrays = f.params.flatMap((p, i) => (isArray(p) ? [[p.hint, args[i] as InterpArray] as const] : []));
  try {
    return { results: interpreter(m, { maxSteps, paranoid: true })(f.name, args), arrays, failure: null };
  } catch (e) {
    if (!(e instanceof InterpError)) throw e;
    return { results: [], arrays, failure: e };
  }
}

function compare(a: Outcome, b: Outcome, tolerance: number): string | null {
  if (a.failure !== null) {
    if (b.failure?.reason === a.failure.reason) return null;
    return `failed (${a.failure.message}), now ${b.failure === null ? "runs" : `fails with ${b.failure.message}`}`;
  }
  if (b.failure !== null) return `ran, now fails: ${b.failure.message}`;
  for (const [i, x] of a.results.entries()) {
    if (!close(x, b.results[i], tolerance)) return `result ${i} was ${show(x)}, is ${show(b.results[i])}`;
  }
  for (const [k, [name, array]] of a.arrays.entries()) {
    const other = b.arrays[k]?.[1].data;
    const i = array.data.findIndex((x, j) => !close(x, other?.[j], tolerance));
    if (i >= 0) return `%${name}[${subscripts(i, array.shape)}] was ${show(array.data[i])}, is ${show(other?.[i])}`;
  }
  return null;
}

function close(a: number | boolean, b: number | boolean | undefined, tolerance: number): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "number" || typeof b !== "number" || tolerance === 0) return false;
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

const show = (x: number | boolean | undefined): string => (Object.is(x, -0) ? "-0" : String(x));

function subscripts(at: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(at % size);
    at = Math.floor(at / size);
  }
  return index.join(", ");
}

/** Parameters and results by type; sizes do not count. */
function signature(f: Func): string {
  const type = (p: Value): string =>
    isArrayType(p.type) ? `${p.type.elem}[${",".repeat(p.type.dims.length)}] ${p.type.space}` : p.type;
  return `(${f.params.map(type).join("; ")}) -> ${f.results.join(", ")}`;
}

/** The same arguments for the same parameters, whatever they are called. */
export function argumentsFor(f: Func, size: number): InterpArg[] {
  const sizes = new Set<Operand>(f.params.flatMap((p) => (isArray(p) ? p.type.dims : [])));
  return f.params.map((p, i) => (isArray(p) ? arrayFor(p, size, i) : scalarFor(p as Scalar, sizes, size, i)));
}

function arrayFor(p: ArrayValue, size: number, seed: number): InterpArray {
  const shape = p.type.dims.map((d) => (d.kind === "const" ? Number(d.value) : size));
  const data = new elemArrays[p.type.elem](shape.reduce((n, d) => n * d, 1));
  for (let i = 0; i < data.length; i++) data[i] = element(p.type.elem, size, seed, i);
  return { data, shape };
}

/** Floats between −1 and 1; integers that are subscripts. */
function element(type: ElemType, size: number, seed: number, i: number): number {
  const noise = ((seed + 1) * 7919 + (i + 1) * 104729) % 1009;
  if (type === "f16") return halfBits(noise / 504.5 - 1);
  if (type === "f64" || type === "f32") return noise / 504.5 - 1;
  return type === "bool" ? noise % 2 : noise % Math.max(1, size);
}

function scalarFor(p: Scalar, sizes: ReadonlySet<Operand>, size: number, seed: number): number | boolean {
  if (sizes.has(p)) return size;
  if (p.type === "bool") return true;
  return p.type === "f64" || p.type === "f32" ? 1.5 - seed / 8 : 2;
}

/** Whether the function's requirements hold at this size. */
function required(f: Func, size: number): boolean {
  const args = argumentsFor(f, size);
  const given = (v: Scalar): number => {
    const i = f.params.indexOf(v);
    return i < 0 ? size : Number(args[i]);
  };
  const holds = (p: Polynomial): boolean => evalPolynomial(p, given) >= 0;
  return f.requires.every((r) => holds(r.need));
}
