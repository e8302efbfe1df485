/** Calls: `Math` functions become operators, helpers what they stand for, functions of the user's `call`s. */
import type ts from "typescript";
import { bug } from "../diagnostic.ts";
import { type Arg, indexConst, isConst, isFloat, type Operand } from "../ir/ir.ts";
import type { BinaryOp, UnaryOp } from "../ir/ops.ts";
import { wordHelpers } from "./infer-call.ts";
import { integerDivision, mathBinary, mathUnary } from "./infer-math.ts";
import { zeros } from "./lower-array.ts";
import { convert, scalar, toBits, tyOfVal, valOf } from "./lower-scalar.ts";
import type { Lowering } from "./lower-state.ts";
import { anyRange } from "./ranges.ts";
import type { Instance } from "./session.ts";
import { f32, f64, int, irType, isWhole, leaves, type NumberTy, type ScalarTy, type Ty } from "./types.ts";
import {
  cellsOf,
  coerce,
  type LiteralVal,
  leafTypes,
  type ScalarVal,
  scalarsOf,
  scalarVal,
  type Val,
} from "./values.ts";

export function call(x: Lowering, e: ts.CallExpression, ty: Ty): Val {
  const math = x.session.mathMember(e.expression);
  if (math !== null) return mathCall(x, e, math, ty as NumberTy);
  const helper = x.session.helperOf(e.expression);
  if (helper === "zeros") return zeros(x, e);
  if (helper === "shared") return zeros(x, e, "shared");
  if (helper === "stopGradient") return stopped(x, x.expression(e.arguments[0] as ts.Expression));
  if (helper !== null && helper in wordHelpers) return words(x, e, wordHelpers[helper as keyof typeof wordHelpers], ty);
  const callee = x.instance.calls.get(e);
  return callee === undefined ? bug(`\`${e.expression.getText()}\` has no instance`) : userCall(x, e, callee);
}

/** The value with each of its floats marked as a constant to differentiation. */
function stopped(x: Lowering, v: Val): Val {
  switch (v.kind) {
    case "scalar":
      return isFloat(v.op.type) ? { ...v, op: x.b.unary("stop", v.op) } : v;
    case "struct":
      return { kind: "struct", fields: new Map([...v.fields].map(([n, f]) => [n, stopped(x, f)])) };
    case "tuple":
      return { kind: "tuple", elems: v.elems.map((f) => stopped(x, f)) };
    case "array":
      return bug("an array is stopped");
    case "literal":
      return v;
  }
}

function words(x: Lowering, e: ts.CallExpression, op: (typeof wordHelpers)[keyof typeof wordHelpers], ty: Ty): Val {
  const [a, b] = e.arguments.map((arg) => scalar(x, arg));
  if (op === "fromword") return scalarVal(f32, x.b.unary(op, toBits(x, a as ScalarVal, "i32")));
  if (op !== "fromwords") {
    const float = coerce(x.b, a as ScalarVal, op === "word" ? f32 : f64);
    return scalarVal(ty as NumberTy, x.b.cast("index", x.b.unary(op, float)));
  }
  const [high, low] = [toBits(x, a as ScalarVal, "i32"), toBits(x, b as ScalarVal, "i32")];
  return scalarVal(f64, x.b.binary(op, high, low));
}

function mathCall(x: Lowering, e: ts.CallExpression, name: string, ty: NumberTy): Val {
  const division = integerDivision(e, name, (a) => x.type(a));
  if (division !== null) {
    const [a, b] = [scalar(x, division.a), scalar(x, division.b)].map((v) => coerce(x.b, v, int(anyRange)));
    const from = name === "ceil" ? roundedUp(x, a as Operand, b as Operand) : (a as Operand);
    const quotient = x.b.binary("floordiv", from, b as Operand);
    return scalarVal(ty, ty.kind === "float" ? x.b.cast(ty.type, quotient) : quotient);
  }
  const args = e.arguments.map((a) => scalar(x, a));
  const [a, b] = args;
  switch (name) {
    case "imul":
      if (a === undefined || b === undefined) return bug("Math.imul of one number");
      return scalarVal(ty, x.b.cast("index", x.b.binary("mul", toBits(x, a, "i32"), toBits(x, b, "i32"), "imul")));
    case "clz32":
      return scalarVal(ty, x.b.cast("index", x.b.unary("clz", toBits(x, a as ScalarVal, "u32"))));
    case "fround":
      return scalarVal(ty, coerce(x.b, a as ScalarVal, f32));
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      // An integer is its own floor.
      if (isWhole(tyOfVal(a as ScalarVal))) return scalarVal(ty, coerce(x.b, a as ScalarVal, ty));
      break;
    case "sign":
      if (ty.kind === "int") return scalarVal(ty, signOfInt(x, coerce(x.b, a as ScalarVal, ty)));
      break;
    case "hypot":
      if (a !== undefined && args.length === 1) {
        return scalarVal(ty, x.b.unary("abs", coerce(x.b, a, computedIn(args, ty))));
      }
      return args
        .slice(1)
        .reduce<ScalarVal>(
          (acc, v) => scalarVal(ty, x.b.binary(name, acc.op, coerce(x.b, v, ty))),
          scalarVal(ty, coerce(x.b, a as ScalarVal | LiteralVal, ty)),
        );
    case "min":
    case "max":
      return args
        .slice(1)
        .reduce<ScalarVal>(
          (acc, v) => scalarVal(ty, x.b.binary(name, acc.op, coerce(x.b, v, ty))),
          scalarVal(ty, coerce(x.b, a as ScalarVal | LiteralVal, ty)),
        );
  }
  const float = computedIn(args, ty);
  const unary: UnaryOp | null = mathUnary(name);
  if (unary !== null && a !== undefined) return scalarVal(ty, x.b.unary(unary, coerce(x.b, a, float)));
  const binary: BinaryOp | null = mathBinary(name);
  if (binary === null || a === undefined || b === undefined) return bug(`Math.${name} has no operator`);
  return scalarVal(ty, x.b.binary(binary, coerce(x.b, a, float), coerce(x.b, b, float)));
}

/** What to divide instead of `a` for the quotient by `b` rounded up. */
const roundedUp = (x: Lowering, a: Operand, b: Operand): Operand =>
  isConst(b)
    ? x.b.binary("add", a, indexConst(Number(b.value) - 1), "up")
    : x.b.binary("add", a, x.b.binary("sub", b, indexConst(1), "up"), "up");

/** The type that a function of floats is computed in. */
const computedIn = (args: readonly (ScalarVal | LiteralVal)[], ty: NumberTy): ScalarTy => {
  if (ty.kind !== "float" && args.every((v) => tyOfVal(v).kind === "int")) return ty;
  return ty.kind === "float" && ty.type === "f32" ? f32 : ty.kind === "float" ? f64 : ty;
};

function signOfInt(x: Lowering, v: Operand): Operand {
  const positive = x.b.cast("index", x.b.compare("gt", v, { kind: "const", type: "index", value: 0 }));
  const negative = x.b.cast("index", x.b.compare("lt", v, { kind: "const", type: "index", value: 0 }));
  return x.b.binary("sub", positive, negative, "sign");
}

function userCall(x: Lowering, e: ts.CallExpression, callee: Instance): Val {
  const args: Arg[] = [];
  e.arguments.forEach((node, i) => {
    const param = callee.params[i] ?? bug("more arguments than parameters");
    const v = x.expression(node);
    if (v.kind === "array") {
      for (const leaf of cellsOf(v.leaves)) {
        args.push(v.prefix.length === 0 ? leaf : { kind: "view", array: leaf, prefix: v.prefix });
      }
      return;
    }
    const converted = convert(x, v, param.ty);
    const types = leafTypes(param.source, param.ty, false);
    scalarsOf(converted).forEach((s, k) => {
      const to = leaves(param.ty)[k] as ScalarTy;
      args.push(x.b.cast(types[k] ?? irType(to), coerce(x.b, s, to)));
    });
  });
  const adjoint = x.instance.adjoints.get(e);
  const results = x.b.call(callee.name, args, leaves(callee.result).map(irType), adjoint?.name);
  return callee.result.kind === "void" ? { kind: "tuple", elems: [] } : valOf(callee.result, results);
}
