/** How printed JavaScript computes with floats: as numbers (target `node`), or as whatever else a dialect puts in their place. */
import { isMath } from "../ir/ops.ts";
import type { FloatTy, IntTy, Ty } from "./types.ts";

/** The part of the printer that knows what a float is at run time. Operands and results are text of their types. */
export interface Floats {
  /** Are values of the type something else than JavaScript's numbers? Then rows of them are plain arrays. */
  boxes(ty: Ty): boolean;
  /** The number that comparisons, conditions, roundings and bit operators see. */
  number(text: string, ty: Ty): string;
  constant(value: number, to: FloatTy): string;
  converted(text: string, from: IntTy | FloatTy, to: FloatTy): string;
  negated(a: string, ty: FloatTy): string;
  /** `a op b`, rounded to the type. */
  arithmetic(op: string, a: string, b: string, ty: FloatTy): string;
  /** A function of `Math` whose result is of the type. */
  math(name: string, args: readonly string[], ty: FloatTy): string;
  /** Rounded to a half. */
  half(text: string): string;
  /** Stores a value in an element of halves, and gives the value. */
  storeHalf(of: string, at: string, value: string): string;
  /** The value, for what differentiates a constant. */
  stopped(text: string, ty: FloatTy): string;
  /** The call of a function that has an adjoint of its own; gives a float. `arrays` says which parameters are arrays of floats. */
  custom(value: string, adjoint: string, args: readonly string[], arrays: readonly boolean[]): string;
}

/** Floats are numbers, and `Math.fround` rounds what f32 arithmetic gives. */
export const plainFloats: Floats = {
  boxes: () => false,
  number: (text) => text,
  constant(value, to) {
    const x = to.type === "f32" ? Math.fround(value) : value;
    return Object.is(x, -0) || x < 0 ? `(${Object.is(x, -0) ? "-0" : x})` : String(x);
  },
  converted(text, from, to) {
    // An integer has no −0.
    const whole = from.kind === "int" ? `(${text} + 0)` : text;
    return to.type === "f32" && !(from.kind === "float" && from.type === "f32") ? `Math.fround(${whole})` : whole;
  },
  negated: (a) => `-${a}`,
  arithmetic(op, a, b, { type }) {
    if (op === "**") return `tsgpu.math.pow${type === "f32" ? "f" : ""}(${a}, ${b})`;
    const text = `(${a} ${op} ${b})`;
    return type === "f32" ? `Math.fround${text}` : text;
  },
  math(name, args, { type }) {
    if (isMath(name)) {
      const of = (...list: string[]): string => `tsgpu.math.${name}${type === "f32" ? "f" : ""}(${list.join(", ")})`;
      if (name !== "hypot") return of(...args);
      return args.length === 1 ? `Math.abs(${args[0]})` : args.reduce((a, b) => of(a, b));
    }
    const text = `Math.${name}(${args.join(", ")})`;
    return type === "f32" && name !== "fround" ? `Math.fround(${text})` : text;
  },
  half: (text) => `tsgpu.half(${text})`,
  storeHalf: (of, at, value) => `tsgpu.storeHalf(${of}, ${at}, ${value})`,
  stopped: (text) => text,
  custom: (value, _adjoint, args) => `${value}(${args.join(", ")})`,
};
