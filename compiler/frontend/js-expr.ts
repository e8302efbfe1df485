/** Expressions of target `node`, with the conversions that typed values imply written out. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ScalarType } from "../ir/ir.ts";
import { isMath } from "../ir/ops.ts";
import { wordHelpers } from "./infer-call.ts";
import { ExprInference } from "./infer-expr.ts";
import { i32Range, u32Range } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { assigns, compoundOperators, isAssignment, isUpdate, nodes, rootName, strip } from "./syntax.ts";
import { f32, f64, isNumber, literal, type NumberTy, sameTy, type Ty } from "./types.ts";

const K = ts.SyntaxKind;
/** Functions of instances are named apart from all variables, whose names `jsVariable` keeps from beginning with `$`. */
export const jsName = (instance: Instance): string => `$${instance.name}`;

/** What the printed code itself needs under its name. */
const needed: ReadonlySet<string> = new Set([
  "Math",
  "NaN",
  "Infinity",
  "tsgpu",
  "Float64Array",
  "Float32Array",
  "Int32Array",
  "Uint32Array",
  "Uint8Array",
]);
/** A variable's name in the printed code: its own, unless that would hide what the code needs. */
export const jsVariable = (name: string): string => (needed.has(name) || /^_?\$/.test(name) ? `_$${name}` : name);

/** What printing an expression needs to know of the function that it stands in. */
export class JsScope {
  readonly session: Session;
  readonly instance: Instance;
  /** Module constants that are arrays, made anew in each call. */
  readonly constants = new Map<ts.Symbol, string>();

  constructor(session: Session, instance: Instance) {
    this.session = session;
    this.instance = instance;
  }

  type(e: ts.Node): Ty {
    return this.instance.types.get(e) as Ty;
  }
}

const rowType: Readonly<Record<ScalarType, string>> = {
  f64: "Float64Array",
  f32: "Float32Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  index: "Float64Array",
  bool: "Uint8Array",
};

/** An assignment whose value nobody wants. */
export function effectJs(
  p: JsScope,
  e: ts.BinaryExpression | ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
): string {
  return unwrapped(isUpdate(e) ? update(p, e, true) : assignment(p, e as ts.BinaryExpression));
}

/** The text without the parentheses around the whole of it. */
function unwrapped(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    depth += text[i] === "(" ? 1 : text[i] === ")" ? -1 : 0;
    if (depth === 0) return text;
  }
  return text.slice(1, -1);
}

/** What an entry returns: integers lose the sign of a zero, which they do not have. */
export function resultJs(p: JsScope, e: ts.Expression): string {
  const { exported, result } = p.instance;
  const text = expressionJs(p, e, result);
  if (!exported || !hasInts(result)) return text;
  const outside = (v: string, t: Ty): string => (t.kind === "int" ? `(${v} + 0)` : v);
  return isNumber(result) ? outside(text, result) : `((v) => ${eachLeaf("v", result, outside)})(${text})`;
}
const hasInts = (t: Ty): boolean =>
  t.kind === "struct"
    ? [...t.fields.values()].some(hasInts)
    : t.kind === "tuple"
      ? t.elems.some(hasInts)
      : t.kind === "int";

/** The value `v` of a struct or tuple taken apart and put together again, its scalars by way of `leaf`. */
function eachLeaf(v: string, t: Ty, leaf: (v: string, t: Ty) => string): string {
  if (t.kind === "tuple") return `[${t.elems.map((x, k) => eachLeaf(`${v}[${k}]`, x, leaf)).join(", ")}]`;
  if (t.kind !== "struct") return leaf(v, t);
  return `({ ${[...t.fields].map(([n, f]) => `${n}: ${eachLeaf(`${v}.${n}`, f, leaf)}`).join(", ")} })`;
}

/** The expression as JavaScript, converted to `to` where that is given. */
export function expressionJs(p: JsScope, e: ts.Expression, to?: Ty): string {
  const ty = p.type(e);
  if (to !== undefined && (to.kind === "struct" || to.kind === "tuple")) return composite(p, e, ty, to);
  return to === undefined
    ? plain(p, e, ty)
    : converted(plain(p, e, ty), ty.kind === "literal" && assigns(e) ? f64 : ty, to);
}

const number = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** `text`, of type `from`, as a `to`. */
function converted(text: string, from: Ty, to: Ty): string {
  if (to.kind !== "float" || !isNumber(from)) return text;
  if (from.kind === "literal") return wrapNegative(number(to.type === "f32" ? Math.fround(from.value) : from.value));
  const whole = from.kind === "int" ? `(${text} + 0)` : text;
  return to.type === "f32" && !(from.kind === "float" && from.type === "f32") ? `Math.fround(${whole})` : whole;
}
const wrapNegative = (text: string): string => (text.startsWith("-") ? `(${text})` : text);

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
  return sameTy(from, to) ? text : `((v) => ${rebuilt("v", from, to)})(${text})`;
}
function rebuilt(v: string, from: Ty, to: Ty): string {
  if (from.kind === "tuple" && to.kind === "tuple") {
    return `[${to.elems.map((t, k) => rebuilt(`${v}[${k}]`, from.elems[k] ?? t, t)).join(", ")}]`;
  }
  if (from.kind === "struct" && to.kind === "struct") {
    const fields = [...to.fields].map(([n, t]) => `${n}: ${rebuilt(`${v}.${n}`, from.fields.get(n) ?? t, t)}`);
    return `({ ${fields.join(", ")} })`;
  }
  return converted(v, from, to);
}

function plain(p: JsScope, e: ts.Expression, ty: Ty): string {
  if (ty.kind === "literal" && !assigns(e)) return wrapNegative(number(ty.value));
  if (ts.isParenthesizedExpression(e)) return `(${plain(p, e.expression, ty)})`;
  if (ts.isNonNullExpression(e) || ts.isSatisfiesExpression(e)) return plain(p, e.expression, ty);
  if (ts.isAsExpression(e)) return expressionJs(p, e.expression, ty);
  if (ts.isIdentifier(e)) return name(p, e, ty);
  if (isUpdate(e)) return update(p, e);
  if (isAssignment(e)) return assignment(p, e);
  if (ts.isBinaryExpression(e)) return binary(p, e, ty);
  if (ts.isPrefixUnaryExpression(e)) return `${ts.tokenToString(e.operator)}${operand(p, e.operand, ty)}`;
  if (ts.isConditionalExpression(e)) {
    return `(${expressionJs(p, e.condition)} ? ${expressionJs(p, e.whenTrue, ty)} : ${expressionJs(p, e.whenFalse, ty)})`;
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
  `(${expressionJs(p, e, to.kind === "float" ? to : undefined)})`;

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
  if (ty.kind !== "float") return `(${expressionJs(p, e.left)} ${op} ${expressionJs(p, e.right)})`;
  return arithmeticJs(op, operand(p, e.left, ty), operand(p, e.right, ty), ty);
}

/** `a op b` of floats. */
function arithmeticJs(op: string, a: string, b: string, ty: NumberTy): string {
  const single = ty.kind === "float" && ty.type === "f32";
  if (op === "**") return `tsgpu.math.pow${single ? "f" : ""}(${a}, ${b})`;
  const text = `(${a} ${op} ${b})`;
  return single ? `Math.fround${text}` : text;
}

/** Variables take the converted value; elements convert by themselves where their rows are typed. */
function assignment(p: JsScope, e: ts.BinaryExpression): string {
  const target = strip(e.left);
  const op = compoundOperators.get(e.operatorToken.kind);
  if (op === undefined) {
    if (ts.isArrayLiteralExpression(target)) return destructured(p, target, e.right);
    return `(${place(p, target)} = ${stored(expressionJs(p, e.right, storedTy(p, target)), p, target)})`;
  }
  const ty = arithmeticTy(p, op, p.type(target), p.type(e.right));
  const right = expressionJs(p, e.right, ty.kind === "float" ? ty : undefined);
  return throughPlace(p, target, (text) => compound(p, target, text, ts.tokenToString(op) ?? "", right, ty));
}

function update(p: JsScope, e: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression, discarded = false): string {
  const target = strip(e.operand);
  const ty = p.type(target);
  const op = e.operator === K.PlusPlusToken ? "+" : "-";
  if (!(ty.kind === "float" && ty.type === "f32") && !isStructElement(p, target)) {
    const text = place(p, target);
    return ts.isPrefixUnaryExpression(e) ? `(${op}${op}${text})` : `(${text}${op}${op})`;
  }
  const arithmetic = arithmeticTy(p, op === "+" ? K.PlusToken : K.MinusToken, ty, literal(1));
  return throughPlace(p, target, (text) => {
    const updated = compound(p, target, text, op, "1", arithmetic);
    return discarded || ts.isPrefixUnaryExpression(e) ? updated : `((v) => (${updated}, v))(${text})`;
  });
}

/** `target op= right`, where `text` is the target's place. */
function compound(p: JsScope, target: ts.Expression, text: string, op: string, right: string, ty: NumberTy): string {
  const inRow = ts.isElementAccessExpression(target) && p.type(target.expression).kind === "array";
  const typedRow = inRow && !isStructElement(p, target);
  const old = converted(text, p.type(target), ty.kind === "float" ? ty : p.type(target));
  // One rounding at the store is the rounding of the operation itself.
  if (typedRow && old === text && op !== "**") return `(${text} ${op}= ${right})`;
  const rounded = arithmeticJs(op, old, right, ty);
  return `(${text} = ${stored(converted(rounded, ty, storedTy(p, target)), p, target)})`;
}

/** Text about a place that may stand in it several times: what finding the place does must be done once. */
function throughPlace(p: JsScope, target: ts.Expression, use: (text: string) => string): string {
  const repeatable = !assigns(target) && ![...nodes(target)].some(ts.isCallExpression);
  if (!repeatable && ts.isElementAccessExpression(target)) {
    const [of, at] = [place(p, target.expression), expressionJs(p, target.argumentExpression)];
    return `(($of, $at) => ${use("$of[$at]")})(${of}, ${at})`;
  }
  if (!repeatable && ts.isPropertyAccessExpression(target)) {
    return `(($of) => ${use(`$of.${target.name.text}`)})(${place(p, target.expression)})`;
  }
  return use(place(p, target));
}

const arithmeticTy = (p: JsScope, op: ts.SyntaxKind, a: Ty, b: Ty): NumberTy => {
  const ty = new ExprInference(p.session, p.instance).arithmetic(op, a as NumberTy, b as NumberTy);
  return ty.kind === "literal" ? f64 : ty;
};

/** All values before all writes: rows are values here, so a tuple of temporaries does it. */
function destructured(p: JsScope, target: ts.ArrayLiteralExpression, right: ts.Expression): string {
  const targets = target.elements.map(strip);
  const to: Ty = { kind: "tuple", elems: targets.map((t) => storedTy(p, t)) };
  const places = targets.map((t) => place(p, t)).join(", ");
  const values = expressionJs(p, right, to);
  if (!targets.some((t) => isStructElement(p, t))) return `([${places}] = ${values})`;
  return `([${places}] = ((v) => [${targets.map((t, k) => stored(`v[${k}]`, p, t)).join(", ")}])(${values}))`;
}

/** The place that an assignment writes, as text. */
function place(p: JsScope, target: ts.Expression): string {
  const n = strip(target);
  if (ts.isElementAccessExpression(n)) {
    return `${place(p, n.expression)}[${expressionJs(p, n.argumentExpression)}]`;
  }
  if (ts.isPropertyAccessExpression(n)) return `${place(p, n.expression)}.${n.name.text}`;
  return ts.isIdentifier(n) ? jsVariable(n.text) : n.getText();
}

/** The type in which the place holds its value. */
function storedTy(p: JsScope, target: ts.Expression): Ty {
  if (!ts.isIdentifier(target)) {
    const ty = p.type(target);
    // A typed row converts; only the sign of an integer zero must be lost first.
    return ty.kind === "float" && !isStructElement(p, target) && !isLocalPart(p, target) ? f64 : ty;
  }
  const symbol = p.session.symbol(target);
  return (symbol === undefined ? undefined : p.instance.vars.get(symbol)?.ty) ?? p.type(target);
}

/** A component of a local struct or tuple holds what the variable's type says. */
function isLocalPart(p: JsScope, target: ts.Expression): boolean {
  const root = rootName(target);
  const symbol = root === null ? undefined : p.session.symbol(root);
  const kind = symbol === undefined ? undefined : p.instance.vars.get(symbol)?.ty?.kind;
  return kind === "struct" || kind === "tuple";
}

/** Fields of structs in arrays are plain properties: what a typed row would do is written out. */
function stored(text: string, p: JsScope, target: ts.Expression): string {
  const ty = p.type(target);
  if (!isStructElement(p, target) || !hasInts(ty)) return text;
  return ty.kind === "int" ? cut(text, ty) : `((v) => ${eachLeaf("v", ty, cut)})(${text})`;
}
const cut = (v: string, t: Ty): string => {
  if (t.kind !== "int") return v;
  return t.range === i32Range ? `(${v} | 0)` : t.range === u32Range ? `(${v} >>> 0)` : v;
};

function isStructElement(p: JsScope, target: ts.Expression): boolean {
  let n = strip(target);
  while (ts.isElementAccessExpression(n) || ts.isPropertyAccessExpression(n)) {
    const of: Ty | undefined = p.instance.types.get(n.expression);
    if (of?.kind === "array") return isComposite(of.elem);
    n = strip(n.expression);
  }
  return false;
}
const isComposite = (s: SourceType): boolean => s.kind === "struct" || s.kind === "tuple";

function property(p: JsScope, e: ts.PropertyAccessExpression): string {
  if (e.name.text === "length" && p.type(e.expression).kind === "array") {
    let axis = 0;
    let n = strip(e.expression);
    while (ts.isElementAccessExpression(n) && p.session.names.constant(n.argumentExpression) === 0) {
      axis++;
      n = strip(n.expression);
    }
    if (axis > 0 && ts.isIdentifier(n)) return `$size(${plain(p, n, p.type(n))}, ${axis})`;
  }
  return `${plain(p, e.expression, p.type(e.expression))}.${e.name.text}`;
}

function call(p: JsScope, e: ts.CallExpression, ty: Ty): string {
  const args = e.arguments;
  const math = p.session.mathMember(e.expression);
  if (math !== null) return mathCall(p, e, math, ty);
  const helper = p.session.helperOf(e.expression);
  if (helper === "zeros" && ty.kind === "array" && ty.elem.kind === "scalar") {
    return `tsgpu.zeros("${ty.elem.type}", ${args
      .slice(1)
      .map((a) => expressionJs(p, a))
      .join(", ")})`;
  }
  if (helper !== null && helper in wordHelpers) {
    return `tsgpu.${helper}(${args.map((a) => expressionJs(p, a, helper === "fromWords" ? undefined : f64)).join(", ")})`;
  }
  if (helper === "stopGradient") return expressionJs(p, args[0] as ts.Expression, ty);
  const callee = p.instance.calls.get(e);
  if (callee === undefined) return e.getText();
  return `${jsName(callee)}(${args.map((a, i) => expressionJs(p, a, callee.params[i]?.ty)).join(", ")})`;
}

const roundings = new Set(["floor", "ceil", "round", "trunc"]);
const bitFunctions = new Set(["imul", "clz32"]);

function mathCall(p: JsScope, e: ts.CallExpression, name: string, ty: Ty): string {
  const single = ty.kind === "float" && ty.type === "f32";
  // `Math.floor(a / b)` of integers divides in doubles, which is exact enough (see infer-call.ts).
  const asIs = bitFunctions.has(name) || ty.kind === "int" || (roundings.has(name) && !single);
  const args = e.arguments.map((a) => expressionJs(p, a, asIs ? undefined : single && name !== "fround" ? f32 : f64));
  if (isMath(name)) {
    const of = (...list: string[]): string => `tsgpu.math.${name}${single ? "f" : ""}(${list.join(", ")})`;
    if (name !== "hypot") return of(...args);
    return args.length === 1 ? `Math.abs(${args[0]})` : args.reduce((a, b) => of(a, b));
  }
  const text = `Math.${name}(${args.join(", ")})`;
  return single && name !== "fround" ? `Math.fround(${text})` : text;
}

function arrayLiteral(p: JsScope, e: ts.ArrayLiteralExpression, ty: Ty): string {
  if (ty.kind === "tuple") return composite(p, e, ty, ty);
  if (ty.kind !== "array" || ty.elem.kind !== "scalar") return e.getText();
  const { type } = ty.elem;
  const row = (n: ts.Expression, rank: number): string => {
    const r = strip(n);
    if (!ts.isArrayLiteralExpression(r)) return plain(p, n, p.type(n));
    if (rank > 1) return `[${r.elements.map((x) => row(x, rank - 1)).join(", ")}]`;
    const to: Ty | undefined = type === "f64" ? f64 : type === "f32" ? f32 : undefined;
    return `${rowType[type]}.of(${r.elements.map((x) => expressionJs(p, x, to)).join(", ")})`;
  };
  return row(e, ty.rank);
}
