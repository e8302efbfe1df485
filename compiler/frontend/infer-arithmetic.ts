/**
 * The type of arithmetic on numbers. Integers stay integers as long as their range is exact, which is where doubles compute whole numbers
 * as mathematics does; beyond it they are floats that are whole.
 */
import ts from "typescript";
import {
  addIntervals,
  combine,
  excludesZero,
  fixed,
  i32Range,
  isExact,
  mulIntervals,
  type Range,
  remIntervals,
  subIntervals,
  u32Range,
  whenSmall,
} from "./ranges.ts";
import type { Instance } from "./session.ts";
import { type FloatTy, f64, int, isWhole, literal, type NumberTy, rangeOf, whole64 } from "./types.ts";

const K = ts.SyntaxKind;

/** The type of `a op b`. */
export function arithmeticTy(instance: Instance, op: ts.SyntaxKind, a: NumberTy, b: NumberTy): NumberTy {
  switch (op) {
    case K.AmpersandToken: {
      // Masking with a constant that is not negative keeps what the mask can hold.
      const mask = [a, b].find((t) => t.kind === "literal" && t.value >= 0 && t.value < 2 ** 31);
      return int(mask?.kind === "literal" ? fixed(0, mask.value) : i32Range);
    }
    case K.BarToken:
    case K.CaretToken:
    case K.LessThanLessThanToken:
      return int(i32Range);
    case K.GreaterThanGreaterThanToken: {
      const range = rangeOf(a);
      const inside = range !== null && range.wide.lo >= -(2 ** 31) && range.wide.hi < 2 ** 31;
      if (!inside || b.kind !== "literal" || b.value < 0 || b.value > 31) return int(i32Range);
      return int(combine(range, fixed(b.value, b.value), (x, s) => ({ lo: x.lo >> s.lo, hi: x.hi >> s.lo })));
    }
    case K.GreaterThanGreaterThanGreaterThanToken:
      return int(u32Range);
  }
  if (a.kind === "literal" && b.kind === "literal") return literal(literalArithmetic(op, a.value, b.value));
  const both = floatTy(a, b);
  const ra = rangeOf(a);
  const rb = rangeOf(b);
  if (a.kind !== "float" && b.kind !== "float" && ra !== null && rb !== null) {
    const range = intArithmetic(op, ra, rb);
    if (range === null) return op === K.PercentToken ? whole64 : f64;
    return exactTy(instance, range);
  }
  const whole = isWhole(a) && isWhole(b) && op !== K.SlashToken && op !== K.AsteriskAsteriskToken;
  return { ...both, whole };
}

/** An integer of that range: exact as it stands or when sizes are small; else a float that is whole. */
export function exactTy(instance: Instance, range: Range): NumberTy {
  if (isExact(range)) return int(range);
  const small = instance.maySmall ? whenSmall(range) : null;
  if (small === null) return whole64;
  for (const ref of small.from) instance.small.add(ref);
  return int(small);
}

/** The float type in which two numbers meet: f64 as soon as one of them is an f64 or both are integers. */
function floatTy(a: NumberTy, b: NumberTy): FloatTy {
  const has = (type: string): boolean => [a, b].some((t) => t.kind === "float" && t.type === type);
  return has("f32") && !has("f64") ? { kind: "float", type: "f32", whole: false } : f64;
}

function intArithmetic(op: ts.SyntaxKind, a: Range, b: Range): Range | null {
  switch (op) {
    case K.PlusToken:
      return combine(a, b, addIntervals);
    case K.MinusToken:
      return combine(a, b, subIntervals);
    case K.AsteriskToken:
      return combine(a, b, mulIntervals);
    case K.PercentToken:
      return excludesZero(b) ? combine(a, b, remIntervals) : null;
    default:
      return null;
  }
}

function literalArithmetic(op: ts.SyntaxKind, a: number, b: number): number {
  switch (op) {
    case K.PlusToken:
      return a + b;
    case K.MinusToken:
      return a - b;
    case K.AsteriskToken:
      return a * b;
    case K.SlashToken:
      return a / b;
    case K.PercentToken:
      return a % b;
    default:
      return a ** b;
  }
}
