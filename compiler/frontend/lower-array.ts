/** Arrays: subscripts, elements (one load for each component of a struct), and local arrays. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import type { Builder } from "../ir/build.ts";
import { castTo } from "../ir/eval.ts";
import { constant, type ElemType, indexConst, type Operand, type Space, valueType } from "../ir/ir.ts";
import { scalar, typeOfElem } from "./lower-scalar.ts";
import type { Lowering } from "./lower-state.ts";
import { anyRange } from "./ranges.ts";
import { strip } from "./syntax.ts";
import { int, irType } from "./types.ts";
import { type ArrayVal, coerce, type LiteralVal, type ScalarVal, scalarVal, treeVal, type Val } from "./values.ts";

/** The place `array[subscript]`: a row, or an element where no axis is left. */
export function access(x: Lowering, array: ArrayVal, e: ts.ElementAccessExpression): ArrayVal {
  const at = coerce(x.b, scalar(x, e.argumentExpression), int(anyRange));
  return { ...array, prefix: [...array.prefix, at], rank: array.rank - 1 };
}

/** Loads the element at a place, all components of it. */
export function loadTree(x: Lowering, place: ArrayVal): Val {
  return treeVal(place.leaves, (leaf) => {
    const elem = leaf.type.elem;
    const ty = typeOfElem(valueType(elem));
    return scalarVal(ty, x.b.cast(irType(ty), x.b.load(leaf, place.prefix)));
  });
}

/** A number or bool as a store takes it: rounded to f32, wrapped to 32 bits. */
export function toElem(b: Builder, v: ScalarVal | LiteralVal, elem: ElemType): Operand {
  const type = valueType(elem);
  if (v.kind === "literal") return constant(type, castTo(type, "f64", v.value));
  return b.cast(type, v.op);
}

/** Stores a value at a place, component by component. */
export function storeTree(x: Lowering, place: ArrayVal, val: Val): void {
  const store = (leaves: ArrayVal["leaves"], v: Val): void => {
    if (leaves.kind === "leaf") {
      if (v.kind !== "scalar" && v.kind !== "literal") return bug("a struct where a number is stored");
      x.b.store(leaves.leaf, place.prefix, toElem(x.b, v, leaves.leaf.type.elem));
    } else if (leaves.kind === "struct" && v.kind === "struct") {
      for (const [name, leaf] of leaves.fields) store(leaf, v.fields.get(name) ?? bug(`no field ${name}`));
    } else if (leaves.kind === "tuple" && v.kind === "tuple") {
      leaves.elems.forEach((leaf, i) => {
        store(leaf, v.elems[i] ?? bug(`no element ${i}`));
      });
    } else bug("a stored value and its element differ in shape");
  };
  store(place.leaves, val);
}

/** `[a, b, c]` (or rows of these) as a new local array. */
export function arrayLiteral(x: Lowering, e: ts.ArrayLiteralExpression, b: Builder): ArrayVal {
  const ty = x.type(e);
  if (ty.kind !== "array") return bug("an array literal that is no array");
  const elem = scalarElem(ty.elem);
  const dims: number[] = [];
  for (let n: ts.Expression | undefined = e; n !== undefined && ts.isArrayLiteralExpression(n); ) {
    dims.push(n.elements.length);
    n = n.elements[0] === undefined ? undefined : strip(n.elements[0]);
  }
  const array = b.alloc(nameFor(e), elem, dims.map(indexConst));
  const outer = x.b;
  x.b = b;
  const fill = (n: ts.Expression, at: readonly Operand[]): void => {
    const row = strip(n);
    if (at.length < dims.length) {
      if (!ts.isArrayLiteralExpression(row)) return bug("a row of an array literal that is no literal");
      row.elements.forEach((v, i) => {
        fill(v, [...at, indexConst(i)]);
      });
      return;
    }
    const v = x.expression(row);
    if (v.kind !== "scalar" && v.kind !== "literal") bug("an array literal holds more than numbers");
    b.store(array, at, toElem(b, v as ScalarVal | LiteralVal, elem));
  };
  fill(e, []);
  x.b = outer;
  return { kind: "array", leaves: { kind: "leaf", leaf: array }, prefix: [], rank: dims.length, elem: ty.elem };
}

/** `zeros(type, n, m)`: a new local array; `shared(type, n, m)`: one of a workgroup. */
export function zeros(x: Lowering, e: ts.CallExpression, space: Space = "global"): ArrayVal {
  const ty = x.type(e);
  if (ty.kind !== "array") return bug("`zeros` that is no array");
  const dims = e.arguments.slice(1).map((s) => coerce(x.b, scalar(x, s), int(anyRange)));
  const array = x.b.alloc(nameFor(e), scalarElem(ty.elem), dims, space);
  return { kind: "array", leaves: { kind: "leaf", leaf: array }, prefix: [], rank: dims.length, elem: ty.elem };
}

const scalarElem = (s: SourceType): ElemType => (s.kind === "scalar" ? s.type : bug("a local array of structs"));

/** The name of the variable that the expression initialises. */
function nameFor(e: ts.Node): string {
  let n = e.parent;
  while (ts.isParenthesizedExpression(n) || ts.isAsExpression(n)) n = n.parent;
  return ts.isVariableDeclaration(n) && ts.isIdentifier(n.name) ? n.name.text : "local";
}

/** The value before a `.field`: an element of an array of structs is left unloaded, as its array at that place. */
export function fieldPlace(x: Lowering, e: ts.Expression): Val {
  const n = strip(e);
  if (ts.isElementAccessExpression(n)) {
    const of = fieldPlace(x, n.expression);
    if (of.kind === "array" && of.rank > 0) return access(x, of, n);
    return component(of, x.session.names.constant(n.argumentExpression) ?? -1) ?? bug("a tuple has no such element");
  }
  if (ts.isPropertyAccessExpression(n)) {
    const part = component(fieldPlace(x, n.expression), n.name.text);
    if (part !== null) return part;
  }
  return x.expression(n);
}

/** A field of a struct or an element of a tuple, in a variable or in an array; null when it is none. */
export function component(of: Val, key: string | number): Val | null {
  const partOf = <T>(tree: {
    readonly kind: string;
    readonly fields?: ReadonlyMap<string, T>;
    readonly elems?: readonly T[];
  }) => (typeof key === "string" ? tree.fields?.get(key) : tree.elems?.[key]) ?? null;
  if (of.kind === "struct" || of.kind === "tuple") return partOf<Val>(of);
  if (of.kind !== "array" || of.rank > 0 || of.leaves.kind === "leaf") return null;
  const leaves = partOf<ArrayVal["leaves"]>(of.leaves);
  return leaves === null ? null : { ...of, leaves };
}
