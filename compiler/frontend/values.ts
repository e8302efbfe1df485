/** What lowering computes with: operands with what is known of their type, structs of these, and arrays and their rows. */
import type { SourceType } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import { type Builder, floatConst } from "../ir/build.ts";
import { type ArrayValue, constant, indexConst, type Operand, type ScalarType, valueType } from "../ir/ir.ts";
import { irType, type ScalarTy, type Ty } from "./types.ts";

/** A scalar, or structs and tuples down to scalars. */
export type Tree<T> =
  | { readonly kind: "leaf"; readonly leaf: T }
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<string, Tree<T>> }
  | { readonly kind: "tuple"; readonly elems: readonly Tree<T>[] };
export type LeafTree = Tree<ArrayValue>;

/** One scalar of a variable. Its identity is the object. */
export interface Cell {
  readonly hint: string;
  readonly ty: ScalarTy;
}

export interface ScalarVal {
  readonly kind: "scalar";
  readonly ty: ScalarTy;
  readonly op: Operand;
}
/** A number that takes the type of what it meets. */
export interface LiteralVal {
  readonly kind: "literal";
  readonly value: number;
}
/** An array, or the row of one at `prefix`; `rank` axes are left. Elements that are structs stand in several arrays. */
export interface ArrayVal {
  readonly kind: "array";
  readonly leaves: LeafTree;
  readonly prefix: readonly Operand[];
  readonly rank: number;
  readonly elem: SourceType;
}
export type Val =
  | ScalarVal
  | LiteralVal
  | ArrayVal
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<string, Val> }
  | { readonly kind: "tuple"; readonly elems: readonly Val[] };

export const scalarVal = (ty: ScalarTy, op: Operand): ScalarVal => ({ kind: "scalar", ty, op });

/** Fresh cells for a variable of the type. */
export function cellTree(hint: string, ty: Ty): Tree<Cell> {
  switch (ty.kind) {
    case "struct": {
      const fields = [...ty.fields].map(([name, f]): [string, Tree<Cell>] => [name, cellTree(`${hint}.${name}`, f)]);
      return { kind: "struct", fields: new Map(fields) };
    }
    case "tuple":
      return { kind: "tuple", elems: ty.elems.map((e, i) => cellTree(`${hint}.${i}`, e)) };
    case "array":
    case "void":
      return bug(`a variable of type ${ty.kind} has no cells`);
    default:
      return { kind: "leaf", leaf: { hint, ty } };
  }
}

export const cellsOf = <T>(t: Tree<T>): readonly T[] => {
  if (t.kind === "leaf") return [t.leaf];
  return (t.kind === "struct" ? [...t.fields.values()] : t.elems).flatMap(cellsOf);
};

/** The tree with each leaf turned into a value. */
export function treeVal<T>(t: Tree<T>, f: (leaf: T) => Val): Val {
  if (t.kind === "leaf") return f(t.leaf);
  if (t.kind === "tuple") return { kind: "tuple", elems: t.elems.map((e) => treeVal(e, f)) };
  return { kind: "struct", fields: new Map([...t.fields].map(([name, x]) => [name, treeVal(x, f)])) };
}

/** The scalars of a value, in order. */
export function scalarsOf(v: Val): readonly (ScalarVal | LiteralVal)[] {
  switch (v.kind) {
    case "struct":
      return [...v.fields.values()].flatMap(scalarsOf);
    case "tuple":
      return v.elems.flatMap(scalarsOf);
    case "array":
      return bug("an array is no scalar");
    default:
      return [v];
  }
}

export function zeroOf(ty: ScalarTy): Operand {
  const type = irType(ty);
  return constant(type, type === "bool" ? false : 0);
}

/** The value as an operand of the type: converted where the types differ, rounded where it is a literal. */
export function coerce(b: Builder, v: Val, to: ScalarTy): Operand {
  const type = irType(to);
  if (v.kind === "literal") {
    if (type === "index") return indexConst(v.value + 0);
    return type === "bool" ? bug("a number where a bool is due") : floatConst(type, v.value);
  }
  if (v.kind !== "scalar") return bug(`a ${v.kind} where a scalar is due`);
  return b.cast(type, v.op);
}

/** One of the arrays that elements stand in; all of them have the same sizes. */
export function firstLeaf(t: LeafTree): ArrayValue {
  if (t.kind === "leaf") return t.leaf;
  const first = t.kind === "struct" ? [...t.fields.values()][0] : t.elems[0];
  return first === undefined ? bug("a struct without fields") : firstLeaf(first);
}

/** The IR types in which a scalar or struct parameter is passed: an entry's as declared, integers inside as `index`. */
export function leafTypes(source: SourceType, ty: Ty, entry: boolean): readonly ScalarType[] {
  switch (source.kind) {
    case "scalar":
      return [ty.kind === "float" ? ty.type : ty.kind === "int" && !entry ? "index" : valueType(source.type)];
    case "struct":
      return source.fields.flatMap((f) =>
        leafTypes(f.type, ty.kind === "struct" ? (ty.fields.get(f.name) ?? ty) : ty, entry),
      );
    case "tuple":
      return source.elems.flatMap((e, i) => leafTypes(e, ty.kind === "tuple" ? (ty.elems[i] ?? ty) : ty, entry));
    case "array":
      return [];
  }
}
