/** The types of `Math` functions. */
import ts from "typescript";
import { type BinaryOp, binaryOps, type UnaryOp, unaryOps } from "../ir/ops.ts";
import { exactTy } from "./infer-arithmetic.ts";
import type { ExprTypes } from "./infer-types.ts";
import {
  absInterval,
  combine,
  excludesZero,
  fixed,
  floordivIntervals,
  i32Range,
  isExact,
  maxIntervals,
  minIntervals,
  type Range,
} from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import { strip } from "./syntax.ts";
import { f64, int, isWhole, joinNumbers, type NumberTy, rangeOf, settle, type Ty } from "./types.ts";

const K = ts.SyntaxKind;

/** Is `Math.floor(a / b)`, `Math.trunc(a / b)` or `Math.ceil(a / b)` a division of integers? Then these are its operands. */
export function integerDivision(
  e: ts.CallExpression,
  op: string,
  type: (e: ts.Expression) => Ty,
): { readonly a: ts.Expression; readonly b: ts.Expression; readonly range: Range } | null {
  const arg = strip(given(e, 0));
  if (!["floor", "trunc", "ceil"].includes(op) || !ts.isBinaryExpression(arg)) return null;
  if (arg.operatorToken.kind !== K.SlashToken) return null;
  const a = rangeOf(type(arg.left));
  const b = rangeOf(type(arg.right));
  if (a === null || b === null || !excludesZero(b)) return null;
  // Truncation is flooring where no quotient is negative.
  if (op === "trunc" && (a.wide.lo < 0 || b.wide.lo < 0)) return null;
  if (op !== "ceil") return { a: arg.left, b: arg.right, range: combine(a, b, floordivIntervals) };
  // Rounded up, that is the floor of (a + b - 1) / b.
  const up = combine(a, b, (x, y) => ({ lo: x.lo + y.lo - 1, hi: x.hi + y.hi - 1 }));
  if (b.wide.lo <= 0 || !isExact(up)) return null;
  return { a: arg.left, b: arg.right, range: combine(up, b, floordivIntervals) };
}

export function inferMath(x: ExprTypes, e: ts.CallExpression, name: string): Ty {
  const args = e.arguments.map((a) => x.number(a));
  const floats = args.reduce<NumberTy>((a, b) => joinNumbers(a, b), args[0] ?? f64);
  const float = floats.kind === "float" && floats.type === "f32" ? floats : f64;
  if (!variadic.has(name)) given(e, 0);
  switch (name) {
    case "floor":
    case "ceil":
    case "round":
    case "trunc": {
      const arg = args[0] as NumberTy;
      const division = integerDivision(e, name, (a) => x.type(a));
      if (division !== null) return exactTy(x.instance, division.range);
      return isWhole(arg) ? settle(arg) : { ...float, whole: true };
    }
    case "abs": {
      const range = rangeOf(args[0] as NumberTy);
      return range === null
        ? { ...float, whole: isWhole(args[0] as NumberTy) }
        : exactTy(x.instance, combine(range, range, absInterval));
    }
    case "sign":
      return rangeOf(args[0] as NumberTy) === null ? { ...float, whole: true } : int(fixed(-1, 1));
    case "min":
    case "max": {
      const ranges = args.map(rangeOf);
      const interval = name === "min" ? minIntervals : maxIntervals;
      if (args.length === 0) x.refuse(e, "TG1062", `\`Math.${name}\` of nothing`, "give it two numbers");
      if (ranges.every((r) => r !== null)) {
        return exactTy(
          x.instance,
          (ranges as Range[]).reduce((a, b) => combine(a, b, interval)),
        );
      }
      return floats.kind === "float" ? floats : (settle(floats) as NumberTy);
    }
    case "imul":
      return int(i32Range);
    case "clz32":
      return int(fixed(0, 32));
    case "fround":
      return { kind: "float", type: "f32", whole: isWhole(args[0] as NumberTy) };
    case "hypot":
      // Taken two at a time: each step adds up to half a unit in the last place.
      if (args.length < 1 || args.length > 4) {
        const help = "nest calls of up to four, or write `Math.sqrt(x * x + …)`";
        x.refuse(e, "TG1062", `\`Math.hypot\` of ${args.length === 0 ? "nothing" : "more than four numbers"}`, help);
      }
      return { ...float, whole: false };
    default:
      if (!(name in unaryOps) && !(name in binaryOps)) {
        if (name === "random") x.refuse(e, "TG1026", "kernels have no `Math.random`");
        throw new Unlowerable();
      }
      return { ...float, whole: false };
  }
}

/** `Math` functions that the type checker lets stand without arguments. */
const variadic: ReadonlySet<string> = new Set(["min", "max", "hypot", "random"]);

/** The operator that a `Math` function of that name is. */
export const mathUnary = (name: string): UnaryOp | null => (name in unaryOps ? (name as UnaryOp) : null);
export const mathBinary = (name: string): BinaryOp | null => (name in binaryOps ? (name as BinaryOp) : null);

/** An argument that the type checker asks for; where it is not there, that was said. */
export function given(e: ts.CallExpression, k: number): ts.Expression {
  const arg = e.arguments[k];
  if (arg === undefined) throw new Unlowerable();
  return arg;
}
