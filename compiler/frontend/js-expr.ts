/** Expressions as JavaScript, with the conversions that typed values imply written out. What floats are is a dialect's (js-floats.ts). */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { type ElemType, isFloat } from "../ir/ir.ts";
import { wordHelpers } from "./infer-call.ts";
import { assignment, storedTy, update } from "./js-assign.ts";
import { plainFloats } from "./js-floats.ts";
import { converted, eachLeaf, hasInts, type JsScope, jsName, jsVariable, numberJs } from "./js-scope.ts";
import type { Instance } from "./session.ts";
import { assigns, isAssignment, isUpdate, strip } from "./syntax.ts";
import { f32, f64, isNumber, sameTy, type Ty, whole64 } from "./types.ts";

const K = ts.SyntaxKind;
const rowType: Readonly<Record<ElemType, string>> = {
  f64: "Float64Array",
  f32: "Float32Array",
  f16: "Float32Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  index: "Float64Array",
  bool: "Uint8Array",
};

/** What an entry returns: integers lose the sign of a zero, which they do not have. */
export function resultJs(p: JsScope, e: ts.Expression): string {
  const { exported, result } = p.instance;
  const text = expressionJs(p, e, result);
  if (!exported || !hasInts(result)) return text;
  const outside = (v: string, t: Ty): string => (t.kind === "int" ? `(${v} + 0)` : v);
  return isNumber(result) ? outside(text, result) : `((v) => ${eachLeaf("v", result, outside)})(${text})`;
}
/** The expression as JavaScript, converted to `to` where that is given. */
export function expressionJs(p: JsScope, e: ts.Expression, to?: Ty): string {
  const ty = p.type(e);
  if (to !== undefined && (to.kind === "struct" || to.kind === "tuple")) return composite(p, e, ty, to);
  return to === undefined
    ? plain(p, e, ty)
    : converted(p, plain(p, e, ty), ty.kind === "literal" && assigns(e) ? whole64 : ty, to);
}

/** A struct or tuple whose scalars are converted to those of another. */
function composite(p: JsScope, e: ts.Expression, from: Ty, to: Ty): string {
  const n = strip(e);
  if (to.kind === "tuple" && ts.isArrayLiteralExpression(n)) {
    return `[${n.elements.map((x, k) => expressionJs(p, x, to.elems[k])).join(", ")}]`;
  }
  if (to.kind === "struct" && ts.isObjectLiteralExpression(n)) {
    const fields = n.properties.map((f) => {
      const name = f.name?.getText() ?? "";
      const value = ts.isPropertyAssignment(f) ? f.initializer : ts.isShorthandPropertyAssignment(f) ? f.name : null;
      return value === null ? "" : `${name}: ${expressionJs(p, value, to.fields.get(name))}`;
    });
    return `{ ${fields.join(", ")} }`;
  }
  const text = plain(p, e, from);
  return sameTy(from, to) ? text : `((v) => ${rebuilt(p, "v", from, to)})(${text})`;
}
function rebuilt(p: JsScope, v: string, from: Ty, to: Ty): string {
  if (from.kind === "tuple" && to.kind === "tuple") {
    return `[${to.elems.map((t, k) => rebuilt(p, `${v}[${k}]`, from.elems[k] ?? t, t)).join(", ")}]`;
  }
  if (from.kind === "struct" && to.kind === "struct") {
    const fields = [...to.fields].map(([n, t]) => `${n}: ${rebuilt(p, `${v}.${n}`, from.fields.get(n) ?? t, t)}`);
    return `({ ${fields.join(", ")} })`;
  }
  return converted(p, v, from, to);
}

function plain(p: JsScope, e: ts.Expression, ty: Ty): string {
  if (ty.kind === "literal" && !assigns(e)) return plainFloats.constant(ty.value, f64);
  if (ts.isParenthesizedExpression(e)) return `(${plain(p, e.expression, ty)})`;
  if (ts.isNonNullExpression(e) || ts.isSatisfiesExpression(e)) return plain(p, e.expression, ty);
  if (ts.isAsExpression(e)) return expressionJs(p, e.expression, ty);
  if (ts.isIdentifier(e)) return name(p, e, ty);
  if (isUpdate(e)) return update(p, e);
  if (isAssignment(e)) {
    const text = assignment(p, e);
    // What a variable holds now may be a float where an integer was assigned.
    return p.floats.boxes(ty) ? text : p.floats.number(text, storedTy(p, strip(e.left)));
  }
  if (ts.isBinaryExpression(e)) return binary(p, e, ty);
  if (ts.isPrefixUnaryExpression(e)) return prefix(p, e, ty);
  if (ts.isConditionalExpression(e)) {
    return `(${numberJs(p, e.condition)} ? ${expressionJs(p, e.whenTrue, ty)} : ${expressionJs(p, e.whenFalse, ty)})`;
  }
  if (ts.isCallExpression(e)) return call(p, e, ty);
  if (ts.isElementAccessExpression(e)) {
    const text = `${plain(p, e.expression, p.type(e.expression))}[${expressionJs(p, e.argumentExpression)}]`;
    // Bools are stored as bytes.
    return ty.kind === "bool" ? `!!${text}` : text;
  }
  if (ts.isPropertyAccessExpression(e)) return property(p, e);
  if (ts.isArrayLiteralExpression(e)) return arrayLiteral(p, e, ty);
  if (ts.isObjectLiteralExpression(e)) return `(${composite(p, e, ty, ty)})`;
  return e.getText();
}

const operand = (p: JsScope, e: ts.Expression, to: Ty): string =>
  `(${to.kind === "float" ? expressionJs(p, e, to) : numberJs(p, e)})`;

function prefix(p: JsScope, e: ts.PrefixUnaryExpression, ty: Ty): string {
  const a = operand(p, e.operand, ty);
  if (ty.kind !== "float") return `${ts.tokenToString(e.operator)}${a}`;
  return e.operator === K.MinusToken ? p.floats.negated(a, ty) : a;
}

function name(p: JsScope, e: ts.Identifier, ty: Ty): string {
  const symbol = p.session.symbol(e);
  if (symbol === undefined || p.instance.vars.has(symbol)) return jsVariable(e.text);
  const decl = p.session.moduleConstant(symbol);
  if (decl?.initializer === undefined) return jsVariable(e.text);
  if (ty.kind !== "array") return `(${expressionJs(p, decl.initializer, ty)})`;
  if (!p.constants.has(symbol)) {
    p.constants.set(symbol, `const $c${p.constants.size}_${e.text} = ${expressionJs(p, decl.initializer)};`);
  }
  return /const (\S+)/.exec(p.constants.get(symbol) ?? "")?.[1] ?? e.text;
}

function binary(p: JsScope, e: ts.BinaryExpression, ty: Ty): string {
  const op = e.operatorToken.getText();
  if (ty.kind !== "float") return `(${numberJs(p, e.left)} ${op} ${numberJs(p, e.right)})`;
  return p.floats.arithmetic(op, operand(p, e.left, ty), operand(p, e.right, ty), ty);
}

function property(p: JsScope, e: ts.PropertyAccessExpression): string {
  if (e.name.text === "length" && p.type(e.expression).kind === "array") {
    let axis = 0;
    let n = strip(e.expression);
    while (ts.isElementAccessExpression(n) && p.session.names.constant(n.argumentExpression) === 0) {
      axis++;
      n = strip(n.expression);
    }
    if (axis > 0 && ts.isIdentifier(n)) return `sizeOf(${plain(p, n, p.type(n))}, ${axis})`;
  }
  return `${plain(p, e.expression, p.type(e.expression))}.${e.name.text}`;
}

function call(p: JsScope, e: ts.CallExpression, ty: Ty): string {
  const args = e.arguments;
  const math = p.session.mathMember(e.expression);
  if (math !== null) return mathCall(p, e, math, ty);
  const helper = p.session.helperOf(e.expression);
  if ((helper === "zeros" || helper === "shared") && ty.kind === "array" && ty.elem.kind === "scalar") {
    return `tsgpu.zeros("${ty.elem.type}", ${args
      .slice(1)
      .map((a) => expressionJs(p, a))
      .join(", ")})`;
  }
  if (helper !== null && helper in wordHelpers) {
    const takesFloat = helper !== "fromWords" && helper !== "fromWord";
    const words = args.map((a) => expressionJs(p, a, takesFloat ? whole64 : undefined)).join(", ");
    return converted(p, `tsgpu.${helper}(${words})`, ty.kind === "float" ? whole64 : ty, ty);
  }
  if (helper === "stopGradient") {
    const text = expressionJs(p, args[0] as ts.Expression, ty);
    const stopped = (v: string, t: Ty): string => (t.kind === "float" ? p.floats.stopped(v, t) : v);
    return isNumber(ty) ? stopped(text, ty) : `((v) => ${eachLeaf("v", ty, stopped)})(${text})`;
  }
  const callee = p.instance.calls.get(e);
  if (callee === undefined) return e.getText();
  const given = args.map((a, i) => expressionJs(p, a, callee.params[i]?.ty));
  const adjoint = p.instance.adjoints.get(e);
  return adjoint === undefined ? `${jsName(callee)}(${given.join(", ")})` : customJs(p, callee, adjoint, given);
}

/** The call of a function with a custom gradient. */
export function customJs(p: JsScope, value: Instance, adjoint: Instance, args: readonly string[]): string {
  const holdsFloats = (t: SourceType): boolean => (t.kind === "array" ? holdsFloats(t.elem) : isFloatScalar(t));
  const arrays = value.params.map(({ source }) => source.kind === "array" && holdsFloats(source));
  return p.floats.custom(jsName(value), jsName(adjoint), args, arrays);
}
const isFloatScalar = (t: SourceType): boolean => t.kind === "scalar" && isFloat(t.type);

const roundings = new Set(["floor", "ceil", "round", "trunc"]);
const bitFunctions = new Set(["imul", "clz32"]);

function mathCall(p: JsScope, e: ts.CallExpression, name: string, ty: Ty): string {
  const single = ty.kind === "float" && ty.type === "f32";
  // `Math.floor(a / b)` of integers divides in doubles, which is exact enough (see infer-math.ts).
  const asIs = bitFunctions.has(name) || ty.kind !== "float" || (roundings.has(name) && !single);
  if (asIs) return `Math.${name}(${e.arguments.map((a) => numberJs(p, a)).join(", ")})`;
  const type = name === "fround" ? f64 : single ? f32 : f64;
  // What gives whole numbers only has to see the number.
  const args = e.arguments.map((a) => expressionJs(p, a, { ...type, whole: ty.whole }));
  return p.floats.math(name, args, ty);
}

function arrayLiteral(p: JsScope, e: ts.ArrayLiteralExpression, ty: Ty): string {
  if (ty.kind === "tuple") return composite(p, e, ty, ty);
  if (ty.kind !== "array" || ty.elem.kind !== "scalar") return e.getText();
  const { type } = ty.elem;
  const row = (n: ts.Expression, rank: number): string => {
    const r = strip(n);
    if (!ts.isArrayLiteralExpression(r)) return plain(p, n, p.type(n));
    if (rank > 1) return `[${r.elements.map((x) => row(x, rank - 1)).join(", ")}]`;
    const to: Ty | undefined = type === "f64" ? f64 : isFloat(type) ? f32 : undefined;
    const values = r.elements.map((x) => expressionJs(p, x, to));
    const elements = (type === "f16" ? values.map((x) => p.floats.half(x)) : values).join(", ");
    return to !== undefined && p.floats.boxes(to) ? `[${elements}]` : `${rowType[type]}.of(${elements})`;
  };
  return row(e, ty.rank);
}
