/** What operators and casts compute, where JavaScript, C and IEEE 754 could be thought to differ. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { binaryEval, castTo, compareEval, type Datum, notAnIndex, unaryEval } from "../../compiler/ir/eval.ts";
import type { ScalarType } from "../../compiler/ir/ir.ts";
import {
  type BinaryOp,
  binaryOps,
  type CompareOp,
  isMath,
  resultType,
  type UnaryOp,
  unaryOps,
} from "../../compiler/ir/ops.ts";
import { domainTypes } from "../../compiler/ir/verify-operands.ts";

const max = 2 ** 31 - 1;
const min = -(2 ** 31);
const umax = 2 ** 32 - 1;

const unary: readonly (readonly [UnaryOp, ScalarType, Datum, Datum])[] = [
  ["neg", "i32", min, min],
  ["neg", "i32", 0, 0],
  ["neg", "index", 0, 0],
  ["neg", "u32", 1, umax],
  ["neg", "f64", 0, -0],
  ["abs", "i32", min, min],
  ["not", "bool", true, false],
  ["not", "i32", 0, -1],
  ["not", "u32", 0, umax],
  ["clz", "i32", 0, 32],
  ["clz", "u32", umax, 0],
  ["round", "f64", 2.5, 3],
  ["round", "f64", -2.5, -2],
  ["round", "f64", -0.5, -0],
  ["round", "f64", 0.49999999999999994, 0],
  ["sign", "f64", -0, -0],
  ["sign", "f64", Number.NaN, Number.NaN],
  ["sqrt", "f32", 2, Math.fround(Math.SQRT2)],
];

const binary: readonly (readonly [BinaryOp, ScalarType, Datum, Datum, Datum])[] = [
  ["add", "i32", max, 1, min],
  ["add", "u32", umax, 1, 0],
  ["sub", "u32", 0, 1, umax],
  ["mul", "i32", 0x7fffffff, 0x7fffffff, 1],
  ["mul", "u32", umax, umax, 1],
  ["mul", "i32", 0, -1, 0],
  ["mul", "index", 0, -1, 0],
  ["mul", "index", 2 ** 26, 2 ** 26, 2 ** 52],
  ["add", "f32", 1, 2 ** -24, 1],
  ["floordiv", "i32", -7, 2, -4],
  ["floordiv", "i32", min, -1, min],
  ["floordiv", "index", -7, 2, -4],
  ["floordiv", "u32", umax, 2, max],
  ["rem", "i32", -7, 2, -1],
  ["rem", "i32", -4, 2, 0],
  ["rem", "index", -4, 2, 0],
  ["rem", "f64", -4, 2, -0],
  ["rem", "f64", 5.5, -2, 1.5],
  ["min", "f64", 0, -0, -0],
  ["max", "f64", -0, 0, 0],
  ["max", "f64", Number.NaN, 1, Number.NaN],
  ["min", "f64", 1, Number.NaN, Number.NaN],
  ["and", "bool", true, false, false],
  ["or", "bool", true, false, true],
  ["xor", "bool", true, true, false],
  ["and", "u32", umax, 0x80000000, 0x80000000],
  ["xor", "i32", -1, 1, -2],
  ["shl", "i32", 1, 31, min],
  ["shl", "u32", 1, 31, 2 ** 31],
  ["shl", "i32", 1, 33, 2],
  ["shr", "i32", min, 31, -1],
  ["shr", "u32", 2 ** 31, 31, 1],
  ["div", "f64", 1, -0, Number.NEGATIVE_INFINITY],
];

const compare: readonly (readonly [CompareOp, Datum, Datum, boolean])[] = [
  ["eq", 0, -0, true],
  ["eq", Number.NaN, Number.NaN, false],
  ["ne", Number.NaN, Number.NaN, true],
  ["lt", Number.NaN, 1, false],
  ["ge", Number.NaN, 1, false],
  ["ne", true, false, true],
  ["le", 2, 2, true],
  ["gt", 2, 2, false],
];

const casts: readonly (readonly [from: ScalarType, to: ScalarType, Datum, Datum])[] = [
  ["f64", "f32", 0.1, Math.fround(0.1)],
  ["f64", "f32", 1e300, Number.POSITIVE_INFINITY],
  ["f64", "i32", -1.9, -1],
  ["f64", "i32", 2 ** 31, min],
  ["f64", "i32", 2 ** 32 + 5, 5],
  ["f64", "i32", Number.NaN, 0],
  ["f64", "i32", Number.NEGATIVE_INFINITY, 0],
  ["f64", "u32", -1, umax],
  ["i32", "u32", -1, umax],
  ["u32", "i32", umax, -1],
  ["index", "i32", 2 ** 40 + 7, 7],
  ["f64", "index", 3, 3],
  ["f64", "index", -0, 0],
  ["f64", "index", 3.5, notAnIndex],
  ["f64", "index", Number.NaN, notAnIndex],
  ["f64", "index", 2 ** 53, 2 ** 53],
  ["f64", "index", 1e300, 2 ** 62],
  ["f64", "index", Number.NEGATIVE_INFINITY, notAnIndex],
  ["i32", "index", -3, -3],
  ["bool", "f64", true, 1],
  ["bool", "index", false, 0],
  ["f64", "bool", -0, false],
  ["f64", "bool", Number.NaN, false],
  ["f64", "bool", 0.5, true],
  ["bool", "bool", true, true],
];

const is = (actual: Datum, expected: Datum): void => assert.ok(Object.is(actual, expected), `${actual}`);
const show = (x: Datum): string => (Object.is(x, -0) ? "-0" : String(x));

for (const [op, type, a, y] of unary) {
  test(`${op} ${type} ${show(a)} is ${show(y)}`, () => is(unaryEval(op, type)(a), y));
}
for (const [op, type, a, b, y] of binary) {
  test(`${op} ${type} ${show(a)}, ${show(b)} is ${show(y)}`, () => is(binaryEval(op, type)(a, b), y));
}
for (const [op, a, b, y] of compare) {
  test(`${op} ${show(a)}, ${show(b)} is ${y}`, () => is(compareEval(op)(a, b), y));
}
for (const [from, to, a, y] of casts) {
  test(`${from} ${show(a)} as ${to} is ${show(y)}`, () => is(castTo(to, from, a), y));
}

/** Whether `x` is a value that type can have. */
function isOf(type: ScalarType, x: Datum): boolean {
  if (type === "bool") return typeof x === "boolean";
  if (typeof x !== "number") return false;
  if (type === "f32") return Object.is(Math.fround(x), x);
  if (type === "i32") return Object.is(x | 0, x);
  if (type === "u32") return Object.is(x >>> 0, x);
  return type === "f64" || (Number.isInteger(x) && !Object.is(x, -0));
}

const samples: Readonly<Record<ScalarType, readonly Datum[]>> = {
  f64: [0, -0, 1, -1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  f32: [0, -0, 1, -1.5, Math.fround(1e38), Number.NaN, Number.NEGATIVE_INFINITY],
  i32: [0, 1, -1, 7, max, min],
  u32: [0, 1, 7, umax],
  index: [0, 1, -1, 7, 2 ** 26],
  bool: [true, false],
};

test("every operator gives values of its type", () => {
  const integers: readonly ScalarType[] = domainTypes.int;
  for (const [op, { on }] of Object.entries(unaryOps) as [UnaryOp, { on: keyof typeof domainTypes }][]) {
    if (isMath(op)) continue;
    for (const type of domainTypes[on]) {
      const f = unaryEval(op, type);
      for (const a of samples[type]) assert.ok(isOf(resultType(op, type), f(a)), `${op} ${type} ${a} is ${f(a)}`);
    }
  }
  for (const [op, { on }] of Object.entries(binaryOps) as [BinaryOp, { on: keyof typeof domainTypes }][]) {
    if (isMath(op)) continue;
    for (const type of domainTypes[on]) {
      const f = binaryEval(op, type);
      for (const a of samples[type]) {
        for (const b of samples[type]) {
          if (b === 0 && integers.includes(type) && (op === "floordiv" || op === "rem")) continue;
          assert.ok(isOf(resultType(op, type), f(a, b)), `${op} ${type} ${a}, ${b} is ${f(a, b)}`);
        }
      }
    }
  }
});

test("every cast gives values of its type", () => {
  for (const from of Object.keys(samples) as ScalarType[]) {
    for (const to of Object.keys(samples) as ScalarType[]) {
      for (const a of samples[from]) assert.ok(isOf(to, castTo(to, from, a)), `${from} ${a} as ${to}`);
    }
  }
});

test.run();
