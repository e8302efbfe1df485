/** The types of elements, fields and sizes. */
import ts from "typescript";
import type { ExprTypes } from "./infer-types.ts";
import { fixed } from "./ranges.ts";
import { strip } from "./syntax.ts";
import { int, isWhole, literal, nameOf, type Ty, tyOf } from "./types.ts";
import { otherConstants, unsupportedArrayMember } from "./unsupported.ts";

/** `a[i]`: an element or row of an array, a part of a tuple. */
export function inferElement(x: ExprTypes, e: ts.ElementAccessExpression): Ty {
  if (e.questionDotToken !== undefined) x.refuse(e, "TG1061", "optional chaining");
  const of = x.type(e.expression);
  if (of.kind === "tuple") {
    x.type(e.argumentExpression);
    const k = x.session.names.constant(e.argumentExpression);
    const elem = k === null ? undefined : of.elems[k];
    return (
      elem ?? x.refuse(e, "TG1043", `\`${e.getText()}\` subscripts a tuple by \`${e.argumentExpression.getText()}\``)
    );
  }
  if (of.kind !== "array") {
    if (of.kind === "struct") x.refuse(e, "TG1074", `\`${e.getText()}\` names a field of a struct by an expression`);
    return x.refuse(e, "TG1031", `\`${e.expression.getText()}\` is ${nameOf(of)}, not an array`);
  }
  const at = x.number(e.argumentExpression);
  if (!isWhole(at)) {
    x.refuse(e.argumentExpression, "TG1033", `the subscript \`${e.argumentExpression.getText()}\` is ${nameOf(at)}`);
  }
  return of.rank > 1 ? { ...of, rank: of.rank - 1 } : tyOf(of.elem);
}

/** `a.b`: a field of a struct, a size, a constant of `Math`. */
export function inferProperty(x: ExprTypes, e: ts.PropertyAccessExpression): Ty {
  const math = x.session.mathMember(e);
  if (math !== null) {
    const value = (Math as unknown as Record<string, unknown>)[math];
    if (typeof value === "number") return literal(value);
    x.refuse(e, "TG1023", `the function \`Math.${math}\` is used as a value`);
  }
  if (e.questionDotToken !== undefined) x.refuse(e, "TG1061", "optional chaining");
  const help = otherConstants[e.getText()];
  if (help !== undefined) x.refuse(e, "TG1020", `kernels have no \`${e.getText()}\``, help);
  const of = x.type(e.expression);
  if (of.kind === "array" && e.name.text === "length") return lengthTy(x, e);
  if (of.kind === "tuple" && e.name.text === "length") return literal(of.elems.length);
  if (of.kind === "array") {
    x.refuse(e, ...unsupportedArrayMember(e.getText(), e.name.text));
  }
  if (of.kind !== "struct") x.refuse(e, "TG1049", `\`${e.expression.getText()}\` is ${nameOf(of)}: it has no fields`);
  return of.fields.get(e.name.text) ?? x.refuse(e, "TG1031", `\`${e.expression.getText()}\` has no \`${e.name.text}\``);
}

/** A size: of a parameter's axis when rows lead back to one, else of any array. */
function lengthTy(x: ExprTypes, e: ts.PropertyAccessExpression): Ty {
  let axis = 0;
  let n = strip(e.expression);
  for (;;) {
    if (ts.isElementAccessExpression(n)) {
      axis++;
      n = strip(n.expression);
      continue;
    }
    const symbol = ts.isIdentifier(n) ? x.session.symbol(n) : undefined;
    if (symbol === undefined) break;
    if (x.instance.params.some((p) => p.symbol === symbol)) return x.session.sizeTy(x.instance, symbol, axis);
    const decl = symbol.valueDeclaration;
    // A variable that is used before it is declared may lead back to itself.
    const init =
      decl !== undefined && ts.isVariableDeclaration(decl) && decl.end <= n.pos ? decl.initializer : undefined;
    if (init === undefined || ts.isCallExpression(strip(init)) || ts.isArrayLiteralExpression(strip(init))) break;
    n = strip(init);
  }
  return int(fixed(0, 2 ** 31 - 1));
}
