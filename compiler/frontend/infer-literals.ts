/** The types of literals: arrays and tuples, which are written alike, and structs. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ExprTypes } from "./infer-types.ts";
import { strip } from "./syntax.ts";
import { isNumber, isWhole, join, type Ty, tyOf } from "./types.ts";
import { firstLine } from "./unsupported.ts";

export function inferArrayLiteral(x: ExprTypes, e: ts.ArrayLiteralExpression): Ty {
  const elems = e.elements.map((v) => x.type(v));
  if (isTuple(x, e)) return { kind: "tuple", elems };
  const first = elems[0];
  if (first === undefined) return x.refuse(e, "TG1111", "an empty array literal");
  const annotated = literalElem(x, e);
  if (first.kind === "array") {
    const row = e.elements.find((v) => !ts.isArrayLiteralExpression(strip(v)));
    if (row !== undefined) {
      x.refuse(row, "TG1045", `the row \`${row.getText()}\` of an array literal is no literal`, "copy it in a loop");
    }
    const shape = String(literalShape(e.elements[0] as ts.Expression));
    const odd = e.elements.find((v) => String(literalShape(v)) !== shape);
    if (odd !== undefined) x.refuse(odd, "TG1110", "the rows of an array literal differ in length");
    return { ...first, elem: annotated ?? first.elem, rank: first.rank + 1 };
  }
  if (annotated !== null) {
    const fraction = tyOf(annotated).kind === "int" ? elems.findIndex((t) => isNumber(t) && !isWhole(t)) : -1;
    const at = e.elements[fraction];
    if (at !== undefined) x.refuse(at, "TG1032", `\`${at.getText()}\` in an array of integers`);
    return { kind: "array", rank: 1, elem: annotated };
  }
  let all: Ty = first;
  for (const t of elems) all = join(all, t) ?? x.refuse(e, "TG1031", "the elements of an array literal differ in kind");
  if (all.kind === "bool") return { kind: "array", rank: 1, elem: { kind: "scalar", type: "bool" } };
  if (!isNumber(all)) return x.refuse(e, "TG1045", "an array literal holds numbers or bools");
  const type = all.kind === "float" ? all.type : "f64";
  return { kind: "array", rank: 1, elem: { kind: "scalar", type } };
}

/** The element type that an array literal's variable declares. */
function literalElem(x: ExprTypes, e: ts.ArrayLiteralExpression): SourceType | null {
  let n: ts.Node = e.parent;
  while (ts.isArrayLiteralExpression(n) || ts.isParenthesizedExpression(n)) n = n.parent;
  if (!ts.isVariableDeclaration(n) || n.type === undefined) return null;
  const type = x.annotation(n.type);
  return type.kind === "array" ? type.elem : null;
}

/** Is the literal a tuple: by what it is assigned to, or because a pattern takes it apart? */
function isTuple(x: ExprTypes, e: ts.ArrayLiteralExpression): boolean {
  const { checker } = x.session.program;
  const parent = e.parent;
  if (ts.isVariableDeclaration(parent) && ts.isArrayBindingPattern(parent.name)) return true;
  if (ts.isBinaryExpression(parent) && ts.isArrayLiteralExpression(strip(parent.left))) return true;
  if (ts.isAsExpression(parent) && parent.type.getText() === "const") return true;
  const context = checker.getContextualType(e);
  return context !== undefined && checker.isTupleType(context);
}

export function inferObjectLiteral(x: ExprTypes, e: ts.ObjectLiteralExpression): Ty {
  const fields = new Map<string, Ty>();
  for (const p of e.properties) {
    if (ts.isSpreadAssignment(p)) x.refuse(p, "TG1027", "an object is spread into another");
    if (ts.isShorthandPropertyAssignment(p)) fields.set(p.name.text, x.type(p.name));
    else if (ts.isPropertyAssignment(p) && ts.isIdentifier(p.name)) fields.set(p.name.text, x.type(p.initializer));
    else if (ts.isPropertyAssignment(p))
      x.refuse(p.name, "TG1074", `the field \`${p.name.getText()}\` is named by a string or an expression`);
    else x.refuse(p, "TG1073", `\`${firstLine(p)}\` is no plain field`);
  }
  // Fields in the order of the declared type, so that equal structs have equal leaves.
  const context = x.session.program.checker.getContextualType(e);
  const order = context?.getProperties().map((p) => p.name) ?? [];
  if (order.length !== fields.size || !order.every((name) => fields.has(name))) return { kind: "struct", fields };
  return { kind: "struct", fields: new Map(order.map((name) => [name, fields.get(name) as Ty])) };
}

/** The sizes of an array literal, as its first rows have them. */
function literalShape(e: ts.Expression): readonly number[] {
  const n = strip(e);
  if (!ts.isArrayLiteralExpression(n)) return [];
  const first = n.elements[0];
  return [n.elements.length, ...(first === undefined ? [] : literalShape(first))];
}
