/** Assignments as JavaScript: what is stored is converted as its place would, and a place that has effects is found once. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import { converted, eachLeaf, hasInts, type JsScope, jsVariable, numberJs } from "./js-scope.ts";
import { i32Range, u32Range } from "./ranges.ts";
import { assigns, compoundOperators, isUpdate, nodes, rootName, strip } from "./syntax.ts";
import { f64, literal, type NumberTy, type Ty } from "./types.ts";

const K = ts.SyntaxKind;

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

/** Variables take the converted value; elements convert by themselves where their rows are typed. */
export function assignment(p: JsScope, e: ts.BinaryExpression): string {
  const target = strip(e.left);
  const op = compoundOperators.get(e.operatorToken.kind);
  if (op === undefined) {
    if (ts.isArrayLiteralExpression(target)) return destructured(p, target, e.right);
    if (isHalf(p, target)) return storeHalf(p, target, p.expression(e.right, storedTy(p, target)));
    return `(${place(p, target)} = ${stored(p.expression(e.right, storedTy(p, target)), p, target)})`;
  }
  const ty = resultTy(p, op, p.type(target), p.type(e.right));
  const right = ty.kind === "float" ? p.expression(e.right, ty) : numberJs(p, e.right);
  return throughPlace(p, target, (text) => compound(p, target, text, ts.tokenToString(op) ?? "", right, ty));
}

export function update(p: JsScope, e: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression, discarded = false): string {
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
  const typedRow = inRow && !isStructElement(p, target) && !p.floats.boxes(p.type(target)) && !isHalf(p, target);
  const old = converted(p, text, p.type(target), ty);
  // One rounding at the store is the rounding of the operation itself.
  if (typedRow && old === text && op !== "**") return `(${text} ${op}= ${right})`;
  const result = ty.kind === "float" ? p.floats.arithmetic(op, old, right, ty) : `(${old} ${op} ${right})`;
  const value = converted(p, result, ty, storedTy(p, target));
  if (isHalf(p, target)) return storeHalf(p, target, value, text === held);
  return `(${text} = ${stored(value, p, target)})`;
}

/** Is it an element of an array of halves? Rows of these hold numbers that are rounded where they are stored. */
const isHalf = (p: JsScope, target: ts.Expression): target is ts.ElementAccessExpression => {
  const of = ts.isElementAccessExpression(target) ? p.instance.types.get(target.expression) : undefined;
  return of?.kind === "array" && of.rank === 1 && of.elem.kind === "scalar" && of.elem.type === "f16";
};

/** `isHeld`: the row and the subscript are in `_$of` and `_$at`. */
function storeHalf(p: JsScope, target: ts.ElementAccessExpression, value: string, isHeld = false): string {
  if (isHeld) return p.floats.storeHalf("_$of", "_$at", value);
  return p.floats.storeHalf(place(p, target.expression), p.expression(target.argumentExpression), value);
}

/** The element whose row and subscript are held. */
const held = "_$of[_$at]";

/** Text about a place that may stand in it several times: what finding the place does must be done once. */
function throughPlace(p: JsScope, target: ts.Expression, use: (text: string) => string): string {
  const repeatable = !assigns(target) && ![...nodes(target)].some(ts.isCallExpression);
  if (!repeatable && ts.isElementAccessExpression(target)) {
    const [of, at] = [place(p, target.expression), p.expression(target.argumentExpression)];
    return `((_$of, _$at) => ${use(held)})(${of}, ${at})`;
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
  const values = p.expression(right, to);
  if (!targets.some((t) => isStructElement(p, t) || isHalf(p, t))) return `([${places}] = ${values})`;
  return `([${places}] = ((v) => [${targets.map((t, k) => stored(`v[${k}]`, p, t)).join(", ")}])(${values}))`;
}

/** The place that an assignment writes, as text. */
function place(p: JsScope, target: ts.Expression): string {
  const n = strip(target);
  if (ts.isElementAccessExpression(n)) {
    return `${place(p, n.expression)}[${p.expression(n.argumentExpression)}]`;
  }
  if (ts.isPropertyAccessExpression(n)) return `${place(p, n.expression)}.${n.name.text}`;
  return ts.isIdentifier(n) ? jsVariable(n.text) : n.getText();
}

/** The type in which the place holds its value. */
export function storedTy(p: JsScope, target: ts.Expression): Ty {
  if (!ts.isIdentifier(target)) {
    const ty = p.type(target);
    // A typed row converts; only the sign of an integer zero must be lost first.
    const typedRow =
      !p.floats.boxes(ty) && !isStructElement(p, target) && !isLocalPart(p, target) && !isHalf(p, target);
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

/** Fields of structs in arrays are plain properties: what a typed row would do is written out, as the rounding to halves is. */
function stored(text: string, p: JsScope, target: ts.Expression): string {
  const ty = p.type(target);
  if (isHalf(p, target)) return p.floats.half(text);
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
