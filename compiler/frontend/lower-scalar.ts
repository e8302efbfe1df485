/** What is done with scalars wherever they come from: conditions, conversions, arithmetic in the inferred type. */
import ts from "typescript";
import { bug } from "../diagnostic.ts";
import { binaryExpr } from "../ir/build.ts";
import { castTo } from "../ir/eval.ts";
import { constant, type Operand, type OpMode, type ScalarType } from "../ir/ir.ts";
import type { BinaryOp } from "../ir/ops.ts";
import type { Lowering } from "./lower-state.ts";
import { anyRange } from "./ranges.ts";
import {
  bool,
  f32,
  f64,
  int,
  isScalarTy,
  isWhole,
  isWholeLiteral,
  literal,
  type NumberTy,
  type ScalarTy,
  type Ty,
} from "./types.ts";
import { coerce, type LiteralVal, type ScalarVal, scalarVal, type Val } from "./values.ts";

const K = ts.SyntaxKind;
/** Integers are computed with as `index`. */
export const anyInt = int(anyRange);

/** The value of an expression that is a number or bool. */
export function scalar(x: Lowering, e: ts.Expression): ScalarVal | LiteralVal {
  const v = x.expression(e);
  return v.kind === "scalar" || v.kind === "literal" ? v : bug(`\`${e.getText()}\` is no scalar`);
}

/** A condition as a bool: numbers are compared with zero, as JavaScript does. */
export function condition(x: Lowering, e: ts.Expression): Operand {
  const v = scalar(x, e);
  if (v.kind === "literal") return constant("bool", castTo("bool", "f64", v.value));
  return x.b.cast("bool", v.op, "nonzero");
}

export const tyOfVal = (v: ScalarVal | LiteralVal): ScalarTy => (v.kind === "literal" ? literal(v.value) : v.ty);

/** A value with its scalars converted to those of the type, in the type's order. */
export function convert(x: Lowering, v: Val, ty: Ty): Val {
  if (v.kind === "array") return v;
  if (ty.kind === "struct" && v.kind === "struct") {
    // By name: the fields of two structs that fit may stand in another order.
    const field = (n: string): Val => v.fields.get(n) ?? bug(`a struct without a field ${n}`);
    return { kind: "struct", fields: new Map([...ty.fields].map(([n, t]) => [n, convert(x, field(n), t)])) };
  }
  if (ty.kind === "tuple" && v.kind === "tuple") {
    const elem = (k: number): Val => v.elems[k] ?? bug(`a tuple without an element ${k}`);
    return { kind: "tuple", elems: ty.elems.map((t, k) => convert(x, elem(k), t)) };
  }
  if ((v.kind !== "scalar" && v.kind !== "literal") || !isScalarTy(ty)) {
    return bug("a conversion between values of different shapes");
  }
  return ty.kind === "literal" ? v : scalarVal(ty, coerce(x.b, v, ty));
}

/** The type in which two scalars compare without either being rounded. */
export function meeting(a: ScalarVal | LiteralVal, b: ScalarVal | LiteralVal): ScalarTy {
  const types = [tyOfVal(a), tyOfVal(b)];
  if (types.some((t) => t.kind === "bool")) return bool;
  if (types.every((t) => t.kind === "int" || isWholeLiteral(t))) return anyInt;
  const inF32 = (t: ScalarTy): boolean =>
    (t.kind === "float" && t.type === "f32") || (t.kind === "literal" && Object.is(Math.fround(t.value), t.value));
  return types.every(inF32) ? f32 : f64;
}

/** `a op b` where the type of the result, found by inference, says in what it is computed. */
export function arithmetic(
  x: Lowering,
  op: ts.SyntaxKind,
  a: ScalarVal | LiteralVal,
  b: ScalarVal | LiteralVal,
  ty: NumberTy,
): ScalarVal {
  const bits = bitOps.get(op);
  if (bits !== undefined) {
    const result = x.b.binary(bits.op, toBits(x, a, bits.type), toBits(x, b, bits.type));
    return scalarVal(ty, x.b.cast("index", result));
  }
  const opName = arithmeticOps.get(op) ?? bug(`no operator for ${ts.SyntaxKind[op]}`);
  const mode = isWhole(tyOfVal(a)) && isWhole(tyOfVal(b)) ? wholeMode(opName, x.b.mode) : x.b.mode;
  return scalarVal(ty, x.b.let(opName, binaryExpr(opName, coerce(x.b, a, ty), coerce(x.b, b, ty), mode)));
}

/**
 * What may be done to integers that are computed in doubles: nothing, since they may be asked for as integers again.
 * `contract` alone would fuse products and sums, and never touches a quotient.
 */
const wholeMode = (op: BinaryOp, mode: OpMode): OpMode => (op === "div" && mode !== "fast" ? mode : "strict");

const arithmeticOps = new Map<ts.SyntaxKind, BinaryOp>([
  [K.PlusToken, "add"],
  [K.MinusToken, "sub"],
  [K.AsteriskToken, "mul"],
  [K.SlashToken, "div"],
  [K.PercentToken, "rem"],
  [K.AsteriskAsteriskToken, "pow"],
]);
const bitOps = new Map<ts.SyntaxKind, { readonly op: BinaryOp; readonly type: "i32" | "u32" }>([
  [K.AmpersandToken, { op: "and", type: "i32" }],
  [K.BarToken, { op: "or", type: "i32" }],
  [K.CaretToken, { op: "xor", type: "i32" }],
  [K.LessThanLessThanToken, { op: "shl", type: "i32" }],
  [K.GreaterThanGreaterThanToken, { op: "shr", type: "i32" }],
  [K.GreaterThanGreaterThanGreaterThanToken, { op: "shr", type: "u32" }],
]);

/** A number as the 32-bit integer that JavaScript's bit operators see. */
export function toBits(x: Lowering, v: ScalarVal | LiteralVal, type: "i32" | "u32"): Operand {
  if (v.kind === "literal") return constant(type, castTo(type, "f64", v.value));
  return x.b.cast(type, v.op);
}

/** A value of the type from its scalars, in order. */
export function valOf(ty: Ty, operands: readonly Operand[]): Val {
  let i = 0;
  const build = (t: Ty): Val => {
    if (t.kind === "struct") return { kind: "struct", fields: new Map([...t.fields].map(([n, f]) => [n, build(f)])) };
    if (t.kind === "tuple") return { kind: "tuple", elems: t.elems.map(build) };
    const o = operands[i++] ?? bug("fewer scalars than the type has");
    return scalarVal(t as ScalarTy, o);
  };
  return build(ty);
}

export const typeOfElem = (t: ScalarType): ScalarTy =>
  t === "f64" ? f64 : t === "f32" ? f32 : t === "bool" ? bool : anyInt;
