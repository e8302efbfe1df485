/** Expressions. Operands are computed in source order; what may not run (`&&`, `||`, `?:`) stands in a branch. */
import ts from "typescript";
import { bug } from "../diagnostic.ts";
import { constant, type Operand, type ScalarType } from "../ir/ir.ts";
import type { BinaryOp, CompareOp } from "../ir/ops.ts";
import { castTo } from "../ir/eval.ts";
import { call } from "./lower-call.ts";
import { access, arrayLiteral, loadTree } from "./lower-array.ts";
import { lowerAssignment } from "./lower-assign.ts";
import type { Lowering } from "./lower.ts";
import { isAssignment, isUpdate, nodes, strip } from "./syntax.ts";
import { bool, f32, f64, int, isWholeLiteral, leaves, literal, type NumberTy, type ScalarTy, type Ty } from "./types.ts";
import { anyRange } from "./ranges.ts";
import { type ArrayVal, coerce, type LiteralVal, type ScalarVal, scalarVal, scalarsOf, treeVal, type Val } from "./values.ts";

const K = ts.SyntaxKind;
const anyInt = int(anyRange);

/** The value of an expression of any kind. */
export function expression(x: Lowering, e: ts.Expression): Val {
  const ty = x.type(e);
  // Literals have no effects, and what they are is in their type.
  if (ty.kind === "literal") return { kind: "literal", value: ty.value };
  if (ts.isParenthesizedExpression(e) || ts.isNonNullExpression(e) || ts.isSatisfiesExpression(e)) {
    return expression(x, e.expression);
  }
  if (ts.isAsExpression(e)) return convert(x, expression(x, e.expression), ty);
  if (ts.isIdentifier(e)) return name(x, e);
  if (isAssignment(e) || isUpdate(e)) return lowerAssignment(x, e, false);
  if (ts.isBinaryExpression(e)) return binary(x, e, ty);
  if (ts.isPrefixUnaryExpression(e)) return prefix(x, e, ty);
  if (ts.isConditionalExpression(e)) return conditional(x, e, ty);
  if (ts.isCallExpression(e)) return call(x, e, ty);
  if (ts.isElementAccessExpression(e)) return element(x, e);
  if (ts.isPropertyAccessExpression(e)) return property(x, e);
  if (ts.isArrayLiteralExpression(e)) {
    if (ty.kind === "tuple") return { kind: "tuple", elems: e.elements.map((a) => expression(x, a)) };
    return arrayLiteral(x, e, x.b);
  }
  if (ts.isObjectLiteralExpression(e)) return objectLiteral(x, e, ty);
  if (e.kind === K.TrueKeyword || e.kind === K.FalseKeyword) {
    return scalarVal(bool, constant("bool", e.kind === K.TrueKeyword));
  }
  return bug(`no lowering for \`${e.getText()}\``);
}

/** The value of an expression that is a number or bool. */
export function scalar(x: Lowering, e: ts.Expression): ScalarVal | LiteralVal {
  const v = expression(x, e);
  return v.kind === "scalar" || v.kind === "literal" ? v : bug(`\`${e.getText()}\` is no scalar`);
}

/** A condition as a bool: numbers are compared with zero, as JavaScript does. */
export function condition(x: Lowering, e: ts.Expression): Operand {
  const v = scalar(x, e);
  if (v.kind === "literal") return constant("bool", castTo("bool", "f64", v.value));
  return x.b.cast("bool", v.op, "nonzero");
}

export const tyOfVal = (v: ScalarVal | LiteralVal): ScalarTy => (v.kind === "literal" ? literal(v.value) : v.ty);

/** A value with its scalars converted to those of the type. */
export function convert(x: Lowering, v: Val, ty: Ty): Val {
  if (v.kind === "array") return v;
  const types = leaves(ty);
  const scalars = scalarsOf(v);
  if (scalars.length !== types.length) bug("a conversion between values of different shapes");
  let i = 0;
  const one = (): Val => {
    const to = types[i] as ScalarTy;
    const from = scalars[i++] as ScalarVal | LiteralVal;
    return to.kind === "literal" ? from : scalarVal(to, coerce(x.b, from, to));
  };
  const rebuild = (w: Val): Val => {
    if (w.kind === "struct") return { kind: "struct", fields: new Map([...w.fields].map(([n, f]) => [n, rebuild(f)])) };
    if (w.kind === "tuple") return { kind: "tuple", elems: w.elems.map(rebuild) };
    return one();
  };
  return rebuild(v);
}

function name(x: Lowering, e: ts.Identifier): Val {
  const symbol = x.session.symbol(e);
  const binding = symbol === undefined ? undefined : x.bindings.get(symbol);
  if (binding?.kind === "array") return binding.val;
  if (binding?.kind === "cells") return treeVal(binding.tree, (cell) => scalarVal(cell.ty, x.read(cell)));
  const decl = symbol === undefined ? null : x.session.moduleConstant(symbol);
  const init = decl?.initializer;
  if (init === undefined) return bug(`\`${e.text}\` is not bound`);
  if (x.type(init).kind !== "array") return convert(x, expression(x, init), x.type(e));
  const known = x.moduleArrays.get(init);
  if (known !== undefined) return known;
  const made = arrayLiteral(x, strip(init) as ts.ArrayLiteralExpression, x.prologue);
  x.moduleArrays.set(init, made);
  return made;
}

function prefix(x: Lowering, e: ts.PrefixUnaryExpression, ty: Ty): Val {
  if (e.operator === K.ExclamationToken) return scalarVal(bool, x.b.unary("not", condition(x, e.operand)));
  if (e.operator === K.PlusToken) return expression(x, e.operand);
  const v = scalar(x, e.operand);
  if (e.operator === K.TildeToken) {
    return scalarVal(anyInt, x.b.cast("index", x.b.unary("not", toBits(x, v, "i32"))));
  }
  return scalarVal(ty as ScalarTy, x.b.unary("neg", coerce(x.b, v, ty as ScalarTy)));
}

const compares = new Map<ts.SyntaxKind, CompareOp>([
  [K.EqualsEqualsEqualsToken, "eq"],
  [K.EqualsEqualsToken, "eq"],
  [K.ExclamationEqualsEqualsToken, "ne"],
  [K.ExclamationEqualsToken, "ne"],
  [K.LessThanToken, "lt"],
  [K.LessThanEqualsToken, "le"],
  [K.GreaterThanToken, "gt"],
  [K.GreaterThanEqualsToken, "ge"],
]);

function binary(x: Lowering, e: ts.BinaryExpression, ty: Ty): Val {
  const op = e.operatorToken.kind;
  if (op === K.AmpersandAmpersandToken || op === K.BarBarToken) return scalarVal(bool, logical(x, e));
  const compare = compares.get(op);
  const a = scalar(x, e.left);
  const b = scalar(x, e.right);
  if (compare !== undefined) {
    const to = meeting(a, b);
    return scalarVal(bool, x.b.compare(compare, coerce(x.b, a, to), coerce(x.b, b, to)));
  }
  return arithmetic(x, op, a, b, ty as NumberTy);
}

/** The type in which two scalars compare without either being rounded. */
function meeting(a: ScalarVal | LiteralVal, b: ScalarVal | LiteralVal): ScalarTy {
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
  return scalarVal(ty, x.b.binary(opName, coerce(x.b, a, ty), coerce(x.b, b, ty)));
}

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

/** May the expression be computed where JavaScript would not? Not when it reads elements, calls or assigns. */
function isFree(e: ts.Expression): boolean {
  for (const n of nodes(e)) {
    if (ts.isElementAccessExpression(n) || isAssignment(n) || isUpdate(n)) return false;
    if (ts.isCallExpression(n) || ts.isConditionalExpression(n)) return false;
  }
  return true;
}

function logical(x: Lowering, e: ts.BinaryExpression): Operand {
  const and = e.operatorToken.kind === K.AmpersandAmpersandToken;
  const left = condition(x, e.left);
  if (isFree(e.right)) return x.b.binary(and ? "and" : "or", left, condition(x, e.right));
  const right = (): readonly Operand[] => [condition(x, e.right)];
  const short = (): readonly Operand[] => [constant("bool", !and)];
  const out = and ? x.branch(left, right, short, ["and"]) : x.branch(left, short, right, ["or"]);
  return out[0] as Operand;
}

function conditional(x: Lowering, e: ts.ConditionalExpression, ty: Ty): Val {
  const cond = condition(x, e.condition);
  const types = leaves(ty);
  const side = (s: ts.Expression) => (): readonly Operand[] =>
    scalarsOf(expression(x, s)).map((v, i) => coerce(x.b, v, types[i] as ScalarTy));
  let out: readonly Operand[];
  if (isFree(e.whenTrue) && isFree(e.whenFalse)) {
    const a = side(e.whenTrue)();
    const b = side(e.whenFalse)();
    out = a.map((o, i) => x.b.select(cond, o, b[i] as Operand));
  } else {
    out = x.branch(cond, side(e.whenTrue), side(e.whenFalse), types.map(() => "cond"));
  }
  return valOf(ty, out);
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

function element(x: Lowering, e: ts.ElementAccessExpression): Val {
  const of = expression(x, e.expression);
  if (of.kind === "tuple") {
    const k = x.session.names.constant(e.argumentExpression);
    return of.elems[k ?? -1] ?? bug("a tuple has no such element");
  }
  if (of.kind !== "array") return bug(`\`${e.expression.getText()}\` is no array`);
  const at = access(x, of, e);
  return at.rank > 0 ? at : x.at(e, () => loadTree(x, at));
}

function property(x: Lowering, e: ts.PropertyAccessExpression): Val {
  const of = fieldPlace(x, e.expression);
  if (of.kind === "array" && of.rank > 0) {
    const dim = firstDim(of);
    return scalarVal(anyInt, dim);
  }
  if (of.kind === "array") {
    // Only the component asked for is loaded.
    const leaves = of.leaves;
    const field = leaves.kind === "struct" ? leaves.fields.get(e.name.text) : undefined;
    if (field === undefined) return bug(`no field ${e.name.text}`);
    return x.at(e, () => loadTree(x, { ...of, leaves: field }));
  }
  if (of.kind !== "struct") return bug(`\`${e.expression.getText()}\` has no fields`);
  return of.fields.get(e.name.text) ?? bug(`no field ${e.name.text}`);
}

/** The value before a `.field`: an element of an array of structs is left unloaded, as its array at that place. */
export function fieldPlace(x: Lowering, e: ts.Expression): Val {
  const n = strip(e);
  if (ts.isElementAccessExpression(n)) {
    const of = fieldPlace(x, n.expression);
    if (of.kind === "array" && of.rank > 0) return access(x, of, n);
  }
  return expression(x, n);
}

const firstDim = (a: ArrayVal): Operand => {
  let t = a.leaves;
  while (t.kind !== "leaf") {
    t = (t.kind === "struct" ? [...t.fields.values()][0] : t.elems[0]) ?? bug("a struct without fields");
  }
  return t.leaf.type.dims[a.prefix.length] ?? bug("a row of no axes");
};

function objectLiteral(x: Lowering, e: ts.ObjectLiteralExpression, ty: Ty): Val {
  const given = new Map<string, Val>();
  for (const p of e.properties) {
    if (ts.isShorthandPropertyAssignment(p)) given.set(p.name.text, expression(x, p.name));
    else if (ts.isPropertyAssignment(p)) given.set(p.name.getText(), expression(x, p.initializer));
  }
  if (ty.kind !== "struct") return bug("an object literal that is no struct");
  return { kind: "struct", fields: new Map([...ty.fields.keys()].map((n) => [n, given.get(n) as Val])) };
}

export const typeOfElem = (t: ScalarType): ScalarTy => (t === "f64" ? f64 : t === "f32" ? f32 : t === "bool" ? bool : anyInt);
