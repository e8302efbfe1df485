/** Assignments: to variables, to elements (`accum` where an operator allows), to patterns; `++` and `--`. */
import ts from "typescript";
import { bug } from "../diagnostic.ts";
import { type ElemType, type Operand, valueType } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import { access, component, fieldPlace, loadTree, storeTree, toElem } from "./lower-array.ts";
import { arithmetic, scalar, tyOfVal, typeOfElem } from "./lower-scalar.ts";
import type { Lowering } from "./lower-state.ts";
import { compounds, loopsAround, reductionIn } from "./parallel.ts";
import { i32Range, u32Range, within } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import { assigns, compoundOperators, isAssignment, isUpdate, nodes, strip, type UpdateExpression } from "./syntax.ts";
import { literal, type NumberTy, rangeOf, type ScalarTy, scalarTy } from "./types.ts";
import {
  type ArrayVal,
  type Cell,
  type LiteralVal,
  type ScalarVal,
  scalarVal,
  type Tree,
  treeVal,
  type Val,
} from "./values.ts";

/** What an assignment writes to: a variable (or a part of a struct), or an element of an array. */
type Place =
  | { readonly kind: "cells"; readonly tree: Tree<Cell> }
  /** `ty` is that of a variable that a parallel loop reduces into: whatever `op=` does to it is a reduction. */
  | { readonly kind: "element"; readonly at: ArrayVal; readonly ty?: ScalarTy };

/** Lowers an assignment; its value is only made up where it is used. */
export function lowerAssignment(x: Lowering, e: ts.Expression, discarded: boolean): Val {
  return x.at(e, () => {
    if (isUpdate(e)) return update(x, e, discarded);
    if (!isAssignment(e)) return bug("no assignment");
    const target = strip(e.left);
    const op = compoundOperators.get(e.operatorToken.kind);
    if (op === undefined) return (discarded && extremum(x, e)) || assign(x, target, e.right);
    return compound(x, target, op, () => scalar(x, e.right), e.right, discarded);
  });
}

function assign(x: Lowering, target: ts.Expression, right: ts.Expression): Val {
  if (ts.isArrayLiteralExpression(target)) {
    const val = x.expression(right);
    destructure(x, target, val);
    return val;
  }
  const place = placeOf(x, target);
  const val = x.expression(right);
  write(x, place, val);
  // A variable's value is what it holds now; an element's is what was assigned, whatever the element made of it.
  return place.kind === "cells" ? treeVal(place.tree, (c) => scalarVal(c.ty, x.read(c))) : val;
}

/** All values are there; then each place is found and written before the next is looked for, as JavaScript does. */
function destructure(x: Lowering, pattern: ts.ArrayLiteralExpression, val: Val): void {
  for (const [k, e] of pattern.elements.entries()) {
    const target = strip(e);
    const part = val.kind === "tuple" ? val.elems[k] : undefined;
    if (part === undefined) return bug("a pattern is assigned what has no such part");
    if (ts.isArrayLiteralExpression(target)) destructure(x, target, part);
    else write(x, placeOf(x, target), part);
  }
}

function placeOf(x: Lowering, target: ts.Expression): Place {
  if (ts.isIdentifier(target)) {
    const symbol = x.session.symbol(target);
    const binding = symbol === undefined ? undefined : x.bindings.get(symbol);
    if (binding === undefined || binding.kind === "array") throw new Unlowerable();
    return binding;
  }
  if (ts.isElementAccessExpression(target)) {
    const cells = cellsPlace(x, target.expression);
    if (cells?.kind === "tuple") {
      const k = x.session.names.constant(target.argumentExpression);
      return { kind: "cells", tree: cells.elems[k ?? -1] ?? bug("a tuple has no such element") };
    }
    const of = fieldPlace(x, target.expression);
    if (of.kind !== "array") return bug(`\`${target.expression.getText()}\` is no array`);
    if (of.rank > 0) return { kind: "element", at: access(x, of, target) };
    return elementPlace(component(of, x.session.names.constant(target.argumentExpression) ?? -1), target);
  }
  if (ts.isPropertyAccessExpression(target)) {
    const cells = cellsPlace(x, target.expression);
    if (cells?.kind === "struct") {
      return { kind: "cells", tree: cells.fields.get(target.name.text) ?? bug(`no field ${target.name.text}`) };
    }
    return elementPlace(component(fieldPlace(x, target.expression), target.name.text), target);
  }
  return bug(`no place for \`${target.getText()}\``);
}

const elementPlace = (at: Val | null, target: ts.Expression): Place =>
  at?.kind === "array" ? { kind: "element", at } : bug(`no place for \`${target.getText()}\``);

/** The cells of a local struct or tuple; null for what stands in an array. */
function cellsPlace(x: Lowering, e: ts.Expression): Tree<Cell> | null {
  const n = strip(e);
  if (ts.isIdentifier(n)) {
    const symbol = x.session.symbol(n);
    const binding = symbol === undefined ? undefined : x.bindings.get(symbol);
    return binding?.kind === "cells" ? binding.tree : null;
  }
  if (ts.isPropertyAccessExpression(n)) {
    const of = cellsPlace(x, n.expression);
    return of?.kind === "struct" ? (of.fields.get(n.name.text) ?? null) : null;
  }
  if (ts.isElementAccessExpression(n)) {
    const of = cellsPlace(x, n.expression);
    const k = x.session.names.constant(n.argumentExpression);
    return of?.kind === "tuple" && k !== null ? (of.elems[k] ?? null) : null;
  }
  return null;
}

function write(x: Lowering, place: Place, val: Val): void {
  if (place.kind === "cells") x.assignTree(place.tree, val);
  else storeTree(x, place.at, val);
}

function readPlace(x: Lowering, place: Place): ScalarVal | LiteralVal {
  const v = place.kind === "cells" ? treeVal(place.tree, (c) => scalarVal(c.ty, x.read(c))) : loadTree(x, place.at);
  return v.kind === "scalar" || v.kind === "literal" ? v : bug("an operator on a struct");
}

function update(x: Lowering, e: UpdateExpression, discarded: boolean): Val {
  const op = e.operator === ts.SyntaxKind.PlusPlusToken ? ts.SyntaxKind.PlusToken : ts.SyntaxKind.MinusToken;
  const one: LiteralVal = { kind: "literal", value: 1 };
  const target = strip(e.operand);
  if (discarded || ts.isPrefixUnaryExpression(e)) return compound(x, target, op, () => one, null, discarded);
  const place = placeOf(x, target);
  const old = readPlace(x, place);
  write(x, place, arithmetic(x, op, old, one, resultTy(x, op, old, one)));
  return old;
}

const resultTy = (x: Lowering, op: ts.SyntaxKind, a: ScalarVal | LiteralVal, b: ScalarVal | LiteralVal): NumberTy => {
  const ty = arithmeticTy(x.instance, op, tyOfVal(a) as NumberTy, tyOfVal(b) as NumberTy);
  // Two literals: as wide as anything that may be assigned.
  return ty.kind === "literal" ? { kind: "float", type: "f64", whole: false } : ty;
};

/** `target op= value`. */
function compound(
  x: Lowering,
  target: ts.Expression,
  op: ts.SyntaxKind,
  value: () => ScalarVal | LiteralVal,
  right: ts.Expression | null,
  discarded: boolean,
): Val {
  const place = placeOf(x, target);
  if (place.kind === "element" && discarded && !(right !== null && mayWrite(x, right))) {
    const by = right === null ? literal(1) : (x.type(right) as NumberTy);
    const reduce = place.ty === undefined ? reductionOf(x, place.at, op, by) : (compounds.get(op) ?? null);
    if (reduce !== null) {
      accumulate(x, place.at, reduce, op, value());
      return { kind: "literal", value: 0 };
    }
  }
  const old = readPlace(x, place);
  const v = value();
  const oldTy = x.type(target);
  const ty = resultTy(x, op, scalarVal(oldTy as ScalarVal["ty"], old.kind === "scalar" ? old.op : bug("no place")), v);
  const result = arithmetic(x, op, old, v, ty);
  write(x, place, result);
  return result;
}

/** `x = Math.min(x, e)` of an element, in a parallel loop, where others may do the same; null for all else. */
function extremum(x: Lowering, e: ts.BinaryExpression): Val | null {
  const found = reductionIn(x.session, e);
  const { right } = e;
  if (found === null || found.value === null || loopsAround(x.session, e).next().done === true) return null;
  const { op, value, target } = found;
  const place = ts.isArrayLiteralExpression(target) ? null : placeOf(x, target);
  if (place?.kind !== "element" || place.at.leaves.kind !== "leaf" || mayWrite(x, right)) return null;
  const array = place.at.leaves.leaf;
  const { elem } = array.type;
  const ty = x.type(right);
  const range = rangeOf(x.type(value));
  // What does not wrap when it is stored alone does not when it is compared first.
  const fits = elem === "index" || (range !== null && within(range, elem === "u32" ? u32Range : i32Range));
  const same = ty.kind === "int" ? isIntElem(elem) && fits : ty.kind === "float" && ty.type === valueType(elem);
  if (!same) return null;
  x.b.accum(op, array, place.at.prefix, toElem(x.b, scalar(x, value), elem));
  return { kind: "literal", value: 0 };
}

/** May the expression write the very element, whose old value JavaScript has read before? */
const mayWrite = (x: Lowering, e: ts.Expression): boolean =>
  assigns(e) || [...nodes(e)].some((n) => ts.isCallExpression(n) && x.instance.calls.has(n));

/** The reduction that `element op= value` is, where it happens in the element's own type; null where it does not. */
function reductionOf(x: Lowering, at: ArrayVal, op: ts.SyntaxKind, value: NumberTy): ReduceOp | null {
  const elem = at.leaves.kind === "leaf" ? at.leaves.leaf.type.elem : "bool";
  if (elem === "bool") return null;
  const ty = arithmeticTy(x.instance, op, elemTy(valueType(elem)), value);
  const same = ty.kind === "int" ? isIntElem(elem) : ty.kind === "float" && ty.type === valueType(elem);
  return same ? (compounds.get(op) ?? null) : null;
}

/** `element op= value` as an `accum`. */
function accumulate(x: Lowering, at: ArrayVal, op: ReduceOp, sign: ts.SyntaxKind, v: ScalarVal | LiteralVal): void {
  const array = at.leaves.kind === "leaf" ? at.leaves.leaf : bug("a struct is accumulated into");
  const amount: Operand = toElem(x.b, v, array.type.elem);
  x.b.accum(op, array, at.prefix, sign === ts.SyntaxKind.MinusToken ? x.b.unary("neg", amount) : amount);
}

const isIntElem = (elem: ElemType): boolean => elem === "i32" || elem === "u32" || elem === "index";

const elemTy = (elem: ScalarVal["op"]["type"]): NumberTy =>
  (elem === "i32" || elem === "u32" ? scalarTy(elem) : typeOfElem(elem)) as NumberTy;
