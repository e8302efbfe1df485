/** Expressions as JavaScript, with the conversions that typed values imply written out. What floats are is a dialect's (js-floats.ts). */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { isFloat, type ScalarType } from "../ir/ir.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import { wordHelpers } from "./infer-call.ts";
import { type Floats, plainFloats } from "./js-floats.ts";
import { i32Range, u32Range } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { assigns, compoundOperators, isAssignment, isUpdate, nodes, rootName, strip } from "./syntax.ts";
import { f32, f64, isNumber, literal, type NumberTy, sameTy, type Ty, whole64 } from "./types.ts";

const K = ts.SyntaxKind;
/** Functions of instances are named apart from all variables, whose names `jsVariable` keeps from beginning with `$`. */
export const jsName = (instance: Instance): string => `$${instance.name}`;

/** What the printed code itself needs under its name. */
const needed: ReadonlySet<string> = new Set([
  "Math",
  "NaN",
  "Infinity",
  "tsgpu",
  "dual",
  "sizeOf",
  "Float64Array",
  "Float32Array",
  "Int32Array",
  "Uint32Array",
  "Uint8Array",
]);
/**
 * A variable's name in the printed code: its own, unless that would hide what the code needs. No variable and no function
 * is called `_$of`, `_$at` or `_$v`: these are names for what is computed once and used several times.
 */
export const jsVariable = (name: string): string => (needed.has(name) || /^_?\$/.test(name) ? `_$${name}` : name);

/** What printing an expression needs to know of the function that it stands in. */
export class JsScope {
  readonly session: Session;
  readonly instance: Instance;
  readonly floats: Floats;
  /** Module constants that are arrays, made anew in each call. */
  readonly constants = new Map<ts.Symbol, string>();

  constructor(session: Session, instance: Instance, floats: Floats) {
    this.session = session;
    this.instance = instance;
    this.floats = floats;
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
    : converted(p, plain(p, e, ty), ty.kind === "literal" && assigns(e) ? whole64 : ty, to);
}

/** The number that an expression holds, whatever floats are; of a bool, the bool. */
export const numberJs = (p: JsScope, e: ts.Expression): string => p.floats.number(expressionJs(p, e), p.type(e));

/** `text`, of type `from`, as a `to`. */
export function converted(p: JsScope, text: string, from: Ty, to: Ty): string {
  if (to.kind !== "float" || !isNumber(from)) return p.floats.number(text, from);
  return from.kind === "literal" ? p.floats.constant(from.value, to) : p.floats.converted(text, from, to);
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

/** Variables take the converted value; elements convert by themselves where their rows are typed. */
function assignment(p: JsScope, e: ts.BinaryExpression): string {
  const target = strip(e.left);
  const op = compoundOperators.get(e.operatorToken.kind);
  if (op === undefined) {
    if (ts.isArrayLiteralExpression(target)) return destructured(p, target, e.right);
    return `(${place(p, target)} = ${stored(expressionJs(p, e.right, storedTy(p, target)), p, target)})`;
  }
  const ty = resultTy(p, op, p.type(target), p.type(e.right));
  const right = ty.kind === "float" ? expressionJs(p, e.right, ty) : numberJs(p, e.right);
  return throughPlace(p, target, (text) => compound(p, target, text, ts.tokenToString(op) ?? "", right, ty));
}

function update(p: JsScope, e: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression, discarded = false): string {
  const target = strip(e.operand);
  const ty = p.type(target);
  const op = e.operator === K.PlusPlusToken ? "+" : "-";
  if (!(ty.kind === "float" && ty.type === "f32") && !p.floats.boxes(ty) && !isStructElement(p, target)) {
    const text = place(p, target);
    return ts.isPrefixUnaryExpression(e) ? `(${op}${op}${text})` : `(${text}${op}${op})`;
  }
  const arithmetic = resultTy(p, op === "+" ? K.PlusToken : K.MinusToken, ty, literal(1));
  return throughPlace(p, target, (text) => {
    const updated = compound(p, target, text, op, converted(p, "1", literal(1), arithmetic), arithmetic);
    return discarded || ts.isPrefixUnaryExpression(e) ? updated : `((_$v) => (${updated}, _$v))(${text})`;
  });
}

/** `target op= right`, where `text` is the target's place. */
function compound(p: JsScope, target: ts.Expression, text: string, op: string, right: string, ty: NumberTy): string {
  const inRow = ts.isElementAccessExpression(target) && p.type(target.expression).kind === "array";
  const typedRow = inRow && !isStructElement(p, target) && !p.floats.boxes(p.type(target));
  const old = converted(p, text, p.type(target), ty);
  // One rounding at the store is the rounding of the operation itself.
  if (typedRow && old === text && op !== "**") return `(${text} ${op}= ${right})`;
  const result = ty.kind === "float" ? p.floats.arithmetic(op, old, right, ty) : `(${old} ${op} ${right})`;
  return `(${text} = ${stored(converted(p, result, ty, storedTy(p, target)), p, target)})`;
}

/** Text about a place that may stand in it several times: what finding the place does must be done once. */
function throughPlace(p: JsScope, target: ts.Expression, use: (text: string) => string): string {
  const repeatable = !assigns(target) && ![...nodes(target)].some(ts.isCallExpression);
  if (!repeatable && ts.isElementAccessExpression(target)) {
    const [of, at] = [place(p, target.expression), expressionJs(p, target.argumentExpression)];
    return `((_$of, _$at) => ${use("_$of[_$at]")})(${of}, ${at})`;
  }
  if (!repeatable && ts.isPropertyAccessExpression(target)) {
    return `((_$of) => ${use(`_$of.${target.name.text}`)})(${place(p, target.expression)})`;
  }
  return use(place(p, target));
}

const resultTy = (p: JsScope, op: ts.SyntaxKind, a: Ty, b: Ty): NumberTy => {
  const ty = arithmeticTy(p.instance, op, a as NumberTy, b as NumberTy);
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
    const typedRow = !p.floats.boxes(ty) && !isStructElement(p, target) && !isLocalPart(p, target);
    return ty.kind === "float" && typedRow ? f64 : ty;
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
    const to: Ty | undefined = type === "f64" ? f64 : type === "f32" ? f32 : undefined;
    const elements = r.elements.map((x) => expressionJs(p, x, to)).join(", ");
    return to !== undefined && p.floats.boxes(to) ? `[${elements}]` : `${rowType[type]}.of(${elements})`;
  };
  return row(e, ty.rank);
}
