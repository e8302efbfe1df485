/**
 * Floats as dual numbers: the JavaScript that computes, beside each value, its derivative along a direction. The functions
 * of `dual` that the text calls are those of compiler/dual-number.ts.
 *
 * Whole floats (types.ts) come from integers and from roundings. They stay numbers: their derivative is zero.
 */
import { isMath } from "../ir/ops.ts";
import { type Floats, plainFloats } from "./js-floats.ts";
import type { FloatTy, Ty } from "./types.ts";

const isDual = (ty: Ty): ty is FloatTy => ty.kind === "float" && !ty.whole;
const operators: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem" };

/** The type of the number inside. */
const asNumber = <T extends Ty>(ty: T): T => (isDual(ty) ? { ...ty, whole: true } : ty);
const rounded = (text: string, { type }: FloatTy): string => (type === "f32" ? `dual.f32(${text})` : text);

export const dualFloats: Floats = {
  boxes: isDual,
  number: (text, ty) => (isDual(ty) ? `${text}.v` : text),
  constant: (value, to) =>
    isDual(to) ? `dual.of(${plainFloats.constant(value, to)})` : plainFloats.constant(value, to),
  converted(text, from, to) {
    if (isDual(from) && isDual(to)) return from.type === "f64" ? rounded(text, to) : text;
    const number = plainFloats.converted(dualFloats.number(text, from), asNumber(from), to);
    return isDual(to) ? `dual.of(${number})` : number;
  },
  negated: (a, ty) => (isDual(ty) ? `dual.neg${a}` : plainFloats.negated(a, ty)),
  arithmetic(op, a, b, ty) {
    if (!isDual(ty)) return plainFloats.arithmetic(op, a, b, ty);
    if (op === "**") return dualFloats.math("pow", [a, b], ty);
    return rounded(`dual.${operators[op]}(${a}, ${b})`, ty);
  },
  math(name, args, ty) {
    if (!isDual(ty)) return plainFloats.math(name, args, ty);
    const call = (op: string, ...list: string[]): string => `dual.${op}(${list.join(", ")})`;
    if (name === "fround") return call("f32", ...args);
    if (name === "hypot" && args.length === 1) return call("abs", ...args);
    // The library has functions of its own for f32.
    const op = isMath(name) && ty.type === "f32" ? `${name}f` : name;
    const text = args.length === 1 ? call(op, ...args) : args.reduce((a, b) => call(op, a, b));
    return isMath(name) ? text : rounded(text, ty);
  },
  half: (text) => `dual.f16(${text})`,
  storeHalf: (of, at, value) => `dual.storeHalf(${of}, ${at}, ${value})`,
  stopped: (text, ty) => (isDual(ty) ? `dual.of(${text}.v)` : text),
  custom: (value, adjoint, args, arrays) =>
    `dual.custom(${value}, ${adjoint}, [${args.join(", ")}], [${arrays.join(", ")}])`,
};
