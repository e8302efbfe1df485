/**
 * What operators and casts compute: the one definition that constant folding and the interpreter share.
 *
 * A value of any type is a JavaScript number (bool: true or false). f32 values are already rounded, i32 and u32 already
 * wrapped, index values are integers of at most 2^53.
 */

import { bug } from "../diagnostic.ts";
import type { Polynomial, Scalar, ScalarType } from "./ir.ts";
import { type BinaryOp, type CompareOp, isMath, type MathOp, resultType, type UnaryOp } from "./ops.ts";

export type Datum = number | boolean;

/** What a float that is no exact integer becomes as an index: outside of every array, and an empty loop's bound. */
export const notAnIndex = -(2 ** 62);
/** Where floats too large for an index end up: outside of every array as well. */
const farAway = 2 ** 62;

/**
 * Converts as the IR's `cast` does: to f32 by rounding; to i32 and u32 as JavaScript's `| 0` and `>>> 0` (modulo 2^32,
 * NaN and infinities to 0); floats to index exactly, where NaN and fractions become `notAnIndex` and what is beyond
 * 2^53 saturates to ±2^62; bool to 0 or 1; to bool: is it other than zero and NaN.
 */
export function castTo(to: ScalarType, from: ScalarType, a: Datum): Datum {
  if (to === "bool") return typeof a === "boolean" ? a : a !== 0 && !Number.isNaN(a);
  const x = Number(a);
  switch (to) {
    case "f64":
      return x;
    case "f32":
      return Math.fround(x);
    case "i32":
      return x | 0;
    case "u32":
      return x >>> 0;
    case "index":
      if (from !== "f64" && from !== "f32") return x;
      if (Math.abs(x) > 2 ** 53) return x > 0 ? farAway : notAnIndex;
      return Number.isInteger(x) ? x + 0 : notAnIndex;
  }
}

/** Brings the mathematical result of an operation on `type` into `type`. An integer has no −0. */
function wrap(type: ScalarType, x: number): number {
  switch (type) {
    case "f32":
      return Math.fround(x);
    case "i32":
      return x | 0;
    case "u32":
      return x >>> 0;
    case "index":
      return x + 0;
    default:
      return x;
  }
}

const bits = new DataView(new ArrayBuffer(8));
const wordOf = (x: number, at: 0 | 4): number => {
  bits.setFloat64(0, x);
  return bits.getInt32(at);
};
const fromWords = (high: number, low: number): number => {
  bits.setInt32(0, high);
  bits.setInt32(4, low);
  return bits.getFloat64(0);
};

const singleWord = (x: number): number => {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
};
const fromSingleWord = (word: number): number => {
  bits.setInt32(0, word);
  return bits.getFloat32(0);
};

const unaryFns: { readonly [op in Exclude<UnaryOp, MathOp>]: (a: number) => number } = {
  neg: (a) => -a,
  abs: Math.abs,
  stop: (a) => a,
  not: (a) => ~a,
  clz: Math.clz32,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: Math.round,
  sign: Math.sign,
  highword: (a) => wordOf(a, 0),
  lowword: (a) => wordOf(a, 4),
  word: singleWord,
  fromword: fromSingleWord,
};

const binaryFns: { readonly [op in Exclude<BinaryOp, MathOp>]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  floordiv: (a, b) => Math.floor(a / b),
  rem: (a, b) => a % b,
  min: Math.min,
  max: Math.max,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
  fromwords: fromWords,
};

const compareFns: { readonly [op in CompareOp]: (a: Datum, b: Datum) => boolean } = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** The function that computes `op`, which is none of the math library's, on values of `type`. */
export function unaryEval(op: UnaryOp, type: ScalarType): (a: Datum) => Datum {
  if (type === "bool") return (a) => !a;
  if (isMath(op)) return bug(`${op} is computed by the math library`);
  const f = unaryFns[op];
  const to = resultType(op, type);
  return to === "f64" ? (f as (a: Datum) => number) : (a) => wrap(to, f(a as number));
}

/** The same on two values. */
export function binaryEval(op: BinaryOp, type: ScalarType): (a: Datum, b: Datum) => Datum {
  if (type === "bool") return boolFns[op as keyof typeof boolFns];
  // The low 32 bits of a product of two 32-bit integers are lost in a double.
  if (op === "mul" && (type === "i32" || type === "u32")) {
    return (a, b) => wrap(type, Math.imul(a as number, b as number));
  }
  if (op === "shr" && type === "u32") return (a, b) => (a as number) >>> (b as number);
  if (isMath(op)) return bug(`${op} is computed by the math library`);
  const f = binaryFns[op];
  const to = resultType(op, type);
  return to === "f64" ? (f as (a: Datum, b: Datum) => number) : (a, b) => wrap(to, f(a as number, b as number));
}

const boolFns = {
  and: (a: Datum, b: Datum): Datum => a && b,
  or: (a: Datum, b: Datum): Datum => a || b,
  xor: (a: Datum, b: Datum): Datum => a !== b,
};

export const compareEval = (op: CompareOp): ((a: Datum, b: Datum) => boolean) => compareFns[op];

/** A polynomial's value, the sign of which is right even where products are beyond 2^53. NaN where a value is. */
export function evalPolynomial({ constant, terms }: Polynomial, at: (v: Scalar) => number): number {
  const factors = terms.map((t) => [t.factor, ...t.values.map(at)]);
  const products = factors.map((f) => f.reduce((product, x) => product * x, 1));
  const isExact = products.every((p) => !(Math.abs(p) > 2 ** 50));
  if (isExact) return products.reduce((sum, p) => sum + p, constant);
  return Number(factors.reduce((sum, f) => sum + f.reduce((p, x) => p * BigInt(x), 1n), BigInt(constant)));
}
