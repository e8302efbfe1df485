/**
 * A kernel's derivative along a direction, from its source alone: the kernel runs as JavaScript on dual numbers, and neither
 * the IR nor what differentiates it has a part in the result. It is what gradients are checked against.
 */
import * as helpers from "../kernel.ts";
import type { SourceType } from "./artifact.ts";
import { leavesOf } from "./artifact-leaves.ts";
import { Dual, dualOperations } from "./dual-number.ts";
import { lower } from "./frontend/frontend.ts";
import { roundToHalf } from "./ir/half.ts";
import { type ElemType, isFloat, valueType } from "./ir/ir.ts";
import type { CompileOptions, Source } from "./pipeline.ts";

export interface DualProgram {
  /**
   * Runs a kernel. Arrays are nested arrays (innermost rows may be typed); structs and tuples are as in the kernel. Nothing
   * that is given is changed.
   *
   * Accesses are not checked: what the kernel itself refuses when it is called has no meaning here.
   *
   * @param args one for each parameter.
   * @param tangents the direction, by names of parameters: numbers in the place of the parameter's floats. Of parameters that are not named it is zero.
   */
  run(kernel: string, args: readonly unknown[], tangents?: Readonly<Record<string, unknown>>): DualOutcome;
}

export interface DualOutcome {
  /** What the kernel returns; undefined where it returns nothing. */
  readonly result: unknown;
  /** The arrays among the parameters as the kernel leaves them, by name, as nested plain arrays. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The derivative along the direction of all of these that hold floats, and as `return` that of the result; of what is no float, 0. */
  readonly tangents: Readonly<Record<string, unknown>>;
}

/** Reads a kernel file as functions of dual numbers. @throws CompileError with all diagnostics. */
export function dual(source: Source, options: Pick<CompileOptions, "real" | "types" | "kernels"> = {}): DualProgram {
  const { readFile } = source;
  const lowered = lower(source.file, source.text, {
    ...{ mode: "strict", real: "f64", ...options },
    ...(readFile === undefined ? {} : { readFile }),
  });
  const body = new Function("tsgpu", `"use strict";\n${lowered.dual()}\n//# sourceURL=${source.file}.dual.js`);
  const functions: Record<string, (...args: unknown[]) => unknown> = body({
    ...helpers,
    zeros: (type: ElemType, ...sizes: [number]) => boxRows(helpers.zeros(valueType(type) as "f64", ...sizes)),
    dual: dualOperations(),
  });
  return {
    run(kernel, args, tangents = {}) {
      const f = functions[kernel];
      const params = lowered.params.get(kernel);
      if (f === undefined || params === undefined) {
        const names = Object.keys(functions).join(", ");
        throw new RangeError(`${source.file} has no kernel ${kernel}; it has ${names}`);
      }
      const unknown = Object.keys(tangents).find((name) => !params.some((p) => p.name === name));
      if (unknown !== undefined || args.length !== params.length) {
        const wrong = unknown === undefined ? `${args.length} arguments` : `a tangent of ${unknown}`;
        throw new RangeError(`${kernel} is given ${wrong}; it takes ${params.map((p) => p.name).join(", ")}`);
      }
      const values = params.map((p, k) => box(p.type, args[k], tangents[p.name]));
      const result = f(...values);
      const type = lowered.entries.find((e) => e.name === kernel)?.result ?? null;
      const arrays = params.flatMap((p, k) => (p.type.kind === "scalar" ? [] : [{ ...p, value: values[k] }]));
      const all = [...arrays, ...(type === null ? [] : [{ name: "return", type, value: result }])];
      const parts = (part: "v" | "d", of: typeof all): Record<string, unknown> =>
        Object.fromEntries(of.map((p) => [p.name, unbox(p.type, p.value, part)]));
      return {
        result: type === null ? undefined : unbox(type, result, "v"),
        outputs: parts("v", arrays),
        tangents: parts(
          "d",
          all.filter((p) => leavesOf("", p.type).some((leaf) => isFloat(leaf.elem))),
        ),
      };
    },
  };
}

/** Rows of floats as rows of dual numbers; other rows as they are. */
const boxRows = (a: unknown): unknown => {
  if (a instanceof Float64Array || a instanceof Float32Array) return Array.from(a, (x) => new Dual(x, 0));
  return Array.isArray(a) && typeof a[0] === "object" ? a.map(boxRows) : a;
};

const rounded = { f64: (x: number) => x, f32: Math.fround, f16: roundToHalf } as const;

type Fields = Readonly<Record<string | number, unknown>>;

/** A value of the source type with its floats as dual numbers; shares nothing with what is given. */
function box(type: SourceType, value: unknown, tangent: unknown): unknown {
  const part = (k: string | number): readonly [unknown, unknown] => [(value as Fields)[k], (tangent as Fields)?.[k]];
  switch (type.kind) {
    case "scalar": {
      if (!isFloat(type.type)) return value;
      const x = Number(value);
      return new Dual(rounded[type.type](x), Number(tangent ?? 0));
    }
    case "struct":
      return Object.fromEntries(type.fields.map((f) => [f.name, box(f.type, ...part(f.name))]));
    case "tuple":
      return type.elems.map((e, k) => box(e, ...part(k)));
    case "array": {
      const rows = value as ArrayLike<unknown> & { readonly sizes?: readonly number[] };
      const { elem, rank } = type;
      if (rank === 1 && elem.kind === "scalar" && !isFloat(elem.type)) {
        // Stores must wrap.
        const row = helpers.zeros(elem.type === "bool" ? "i32" : (elem.type as "i32"), rows.length);
        for (let i = 0; i < rows.length; i++) row[i] = Number(rows[i]);
        return row;
      }
      const inner: SourceType = rank === 1 ? elem : { ...type, rank: rank - 1 };
      const boxed = Array.from({ length: rows.length }, (_, k) => box(inner, ...part(k)));
      // Rows that are not there cannot tell the sizes behind them (frontend/js.ts).
      return rows.sizes === undefined ? boxed : Object.assign(boxed, { sizes: rows.sizes });
    }
  }
}

/** The values, or the derivatives, of a boxed value. */
function unbox(type: SourceType, value: unknown, part: "v" | "d"): unknown {
  switch (type.kind) {
    case "scalar":
      if (value instanceof Dual) return value[part];
      if (part === "d") return 0;
      return type.type === "bool" ? Boolean(value) : value;
    case "struct":
      return Object.fromEntries(type.fields.map((f) => [f.name, unbox(f.type, (value as Fields)[f.name], part)]));
    case "tuple":
      return type.elems.map((e, k) => unbox(e, (value as Fields)[k], part));
    case "array": {
      const inner: SourceType = type.rank === 1 ? type.elem : { ...type, rank: type.rank - 1 };
      return Array.from(value as ArrayLike<unknown>, (x) => unbox(inner, x, part));
    }
  }
}
