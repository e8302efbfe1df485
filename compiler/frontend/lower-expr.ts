/** Expressions. Operands are computed in source order; what may not run (`&&`, `||`, `?:`) stands in a branch. */
import ts from "typescript";
import { bug } from "../diagnostic.ts";
import { constant, type Operand } from "../ir/ir.ts";
import type { CompareOp } from "../ir/ops.ts";
import { access, arrayLiteral, component, fieldPlace, loadTree } from "./lower-array.ts";
import { lowerAssignment } from "./lower-assign.ts";
import { call } from "./lower-call.ts";
import { anyInt, arithmetic, condition, convert, meeting, scalar, toBits, valOf } from "./lower-scalar.ts";
import type { Lowering } from "./lower-state.ts";
import { assigns, isAssignment, isUpdate, nodes, strip } from "./syntax.ts";
import { bool, leaves, type NumberTy, type ScalarTy, type Ty } from "./types.ts";
import { type ArrayVal, coerce, firstLeaf, scalarsOf, scalarVal, treeVal, type Val } from "./values.ts";

const K = ts.SyntaxKind;

/** The value of an expression of any kind. */
export function expression(x: Lowering, e: ts.Expression): Val {
  const ty = x.type(e);
  // What a literal is, is in its type.
  if (ty.kind === "literal" && !assigns(e)) return { kind: "literal", value: ty.value };
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

function name(x: Lowering, e: ts.Identifier): Val {
  const symbol = x.session.symbol(e);
  const binding = symbol === undefined ? undefined : x.bindings.get(symbol);
  if (binding?.kind === "array") return binding.val;
  if (binding?.kind === "element") return loadTree(x, binding.at);
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
    scalarsOf(convert(x, expression(x, s), ty)).map((v, i) => coerce(x.b, v, types[i] as ScalarTy));
  let out: readonly Operand[];
  if (isFree(e.whenTrue) && isFree(e.whenFalse)) {
    const a = side(e.whenTrue)();
    const b = side(e.whenFalse)();
    out = a.map((o, i) => x.b.select(cond, o, b[i] as Operand));
  } else {
    out = x.branch(
      cond,
      side(e.whenTrue),
      side(e.whenFalse),
      types.map(() => "cond"),
    );
  }
  return valOf(ty, out);
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
  const part = component(of, e.name.text) ?? bug(`\`${e.expression.getText()}\` has no field ${e.name.text}`);
  // Only the component asked for is loaded.
  return part.kind === "array" ? x.at(e, () => loadTree(x, part)) : part;
}

const firstDim = (a: ArrayVal): Operand => firstLeaf(a.leaves).type.dims[a.prefix.length] ?? bug("a row of no axes");

function objectLiteral(x: Lowering, e: ts.ObjectLiteralExpression, ty: Ty): Val {
  const given = new Map<string, Val>();
  for (const p of e.properties) {
    if (ts.isShorthandPropertyAssignment(p)) given.set(p.name.text, expression(x, p.name));
    else if (ts.isPropertyAssignment(p)) given.set(p.name.getText(), expression(x, p.initializer));
  }
  if (ty.kind !== "struct") return bug("an object literal that is no struct");
  return { kind: "struct", fields: new Map([...ty.fields.keys()].map((n) => [n, given.get(n) as Val])) };
}
