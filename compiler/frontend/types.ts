/**
 * What the frontend knows of a value's type. TypeScript's checker sees only `number`; this is the inference of its own.
 *
 * Numbers are ordered: literal ⊂ int ⊂ f32 ⊂ f64, and two of them join to the larger. A literal takes the type of
 * what it meets. An int is exact, and within the range that the analysis has shown; integers that may leave ±2^53
 * are floats that happen to be whole (`whole`), as they are in JavaScript.
 */
import type { SourceType } from "../artifact.ts";
import { type ScalarType, valueType } from "../ir/ir.ts";
import {
  anyRange,
  combine,
  fixed,
  i32Range,
  isExact,
  joinIntervals,
  type Range,
  sameRange,
  u32Range,
} from "./ranges.ts";

export interface LiteralTy {
  readonly kind: "literal";
  readonly value: number;
}
export interface IntTy {
  readonly kind: "int";
  readonly range: Range;
}
export interface FloatTy {
  readonly kind: "float";
  readonly type: "f64" | "f32";
  /** Known to be an integer, NaN or infinite. */
  readonly whole: boolean;
}
export interface BoolTy {
  readonly kind: "bool";
}
export type NumberTy = LiteralTy | IntTy | FloatTy;
export type ScalarTy = NumberTy | BoolTy;
/** Elements are scalars (by storage type), structs or tuples; `rank` axes are still to be subscripted. */
export interface ArrayTy {
  readonly kind: "array";
  readonly elem: SourceType;
  readonly rank: number;
}
export interface StructTy {
  readonly kind: "struct";
  readonly fields: ReadonlyMap<string, Ty>;
}
export interface TupleTy {
  readonly kind: "tuple";
  readonly elems: readonly Ty[];
}
export interface VoidTy {
  readonly kind: "void";
}
export type Ty = ScalarTy | ArrayTy | StructTy | TupleTy | VoidTy;

export const bool: BoolTy = { kind: "bool" };
export const f64: FloatTy = { kind: "float", type: "f64", whole: false };
export const f32: FloatTy = { kind: "float", type: "f32", whole: false };
export const whole64: FloatTy = { kind: "float", type: "f64", whole: true };
export const voidTy: VoidTy = { kind: "void" };
export const int = (range: Range): IntTy => ({ kind: "int", range });
export const literal = (value: number): LiteralTy => ({ kind: "literal", value });

export const isNumber = (t: Ty): t is NumberTy => t.kind === "literal" || t.kind === "int" || t.kind === "float";
export const isScalarTy = (t: Ty): t is ScalarTy => isNumber(t) || t.kind === "bool";
export const isWholeLiteral = (t: Ty): t is LiteralTy => t.kind === "literal" && Number.isSafeInteger(t.value);
/** Is every value of the type an integer (or, for floats, NaN or infinite)? */
export const isWhole = (t: Ty): boolean => t.kind === "int" || isWholeLiteral(t) || (t.kind === "float" && t.whole);

/** The range of an int or of a whole literal; null for everything else. */
export function rangeOf(t: Ty): Range | null {
  if (t.kind === "int") return t.range;
  return isWholeLiteral(t) ? fixed(t.value, t.value) : null;
}

/** The type of a variable that holds only the literal: an int when it is whole, else f64. */
export const settle = (t: Ty): Ty => {
  if (t.kind !== "literal") return t;
  const range = rangeOf(t);
  return range === null ? f64 : int(range);
};

/** What holds both; null where there is nothing (a bool and a number, two different structs). */
export function join(a: Ty, b: Ty): Ty | null {
  if (a === b) return a;
  if (isNumber(a) && isNumber(b)) return joinNumbers(a, b);
  if (a.kind === "struct" && b.kind === "struct") {
    if (a.fields.size !== b.fields.size) return null;
    const fields = new Map<string, Ty>();
    for (const [name, x] of a.fields) {
      const y = b.fields.get(name);
      const both = y === undefined ? null : join(x, y);
      if (both === null) return null;
      fields.set(name, both);
    }
    return { kind: "struct", fields };
  }
  if (a.kind === "tuple" && b.kind === "tuple") {
    if (a.elems.length !== b.elems.length) return null;
    const elems = a.elems.map((x, i) => join(x, b.elems[i] as Ty));
    return elems.every((t) => t !== null) ? { kind: "tuple", elems: elems as Ty[] } : null;
  }
  if (a.kind === "array" && b.kind === "array") {
    return a.rank === b.rank && sameSource(a.elem, b.elem) ? a : null;
  }
  return a.kind === b.kind ? a : null;
}

export function joinNumbers(a: NumberTy, b: NumberTy): NumberTy {
  if (a.kind === "literal" && b.kind === "literal") {
    if (Object.is(a.value, b.value)) return a;
    return joinNumbers(settle(a) as NumberTy, settle(b) as NumberTy);
  }
  if (a.kind === "float" || b.kind === "float") {
    const wide = (t: NumberTy): boolean => t.kind === "float" && t.type === "f64";
    const type = wide(a) || wide(b) ? "f64" : "f32";
    return { kind: "float", type, whole: isWhole(a) && isWhole(b) };
  }
  const ra = rangeOf(a);
  const rb = rangeOf(b);
  if (ra === null || rb === null) return f64;
  const range = combine(ra, rb, joinIntervals);
  return isExact(range) ? int(range) : whole64;
}

export function sameTy(a: Ty, b: Ty): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "literal":
      return b.kind === "literal" && Object.is(a.value, b.value);
    case "int":
      return b.kind === "int" && sameRange(a.range, b.range);
    case "float":
      return b.kind === "float" && a.type === b.type && a.whole === b.whole;
    case "array":
      return b.kind === "array" && a.rank === b.rank && sameSource(a.elem, b.elem);
    case "struct":
      return (
        b.kind === "struct" &&
        a.fields.size === b.fields.size &&
        [...a.fields].every(([name, t]) => sameTy(t, b.fields.get(name) ?? voidTy))
      );
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elems.length === b.elems.length &&
        a.elems.every((t, i) => sameTy(t, b.elems[i] ?? voidTy))
      );
    default:
      return a.kind === b.kind;
  }
}

export const sameSource = (a: SourceType, b: SourceType): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The IR type that holds a scalar of the type. */
export function irType(t: ScalarTy): ScalarType {
  switch (t.kind) {
    case "bool":
      return "bool";
    case "float":
      return t.type;
    case "int":
      return "index";
    case "literal":
      return isWholeLiteral(t) ? "index" : "f64";
  }
}

/** The type of a value that stands in memory or is passed as `type`. */
export function scalarTy(type: ScalarType): ScalarTy {
  switch (type) {
    case "f64":
      return f64;
    case "f32":
      return f32;
    case "bool":
      return bool;
    case "i32":
      return int(i32Range);
    case "u32":
      return int(u32Range);
    case "index":
      return int(anyRange);
  }
}

/** The type of a value of a source type. */
export function tyOf(s: SourceType): Ty {
  switch (s.kind) {
    case "scalar":
      return scalarTy(valueType(s.type));
    case "array":
      return { kind: "array", elem: s.elem, rank: s.rank };
    case "struct":
      return { kind: "struct", fields: new Map(s.fields.map((f) => [f.name, tyOf(f.type)])) };
    case "tuple":
      return { kind: "tuple", elems: s.elems.map(tyOf) };
  }
}

/** The scalar leaves of a scalar, struct or tuple, in order. */
export function leaves(t: Ty): readonly ScalarTy[] {
  switch (t.kind) {
    case "struct":
      return [...t.fields.values()].flatMap(leaves);
    case "tuple":
      return t.elems.flatMap(leaves);
    case "void":
    case "array":
      return [];
    default:
      return [t];
  }
}

/** Does a struct or tuple hold an array? Patterns may take such a value apart; nothing may keep it. */
export function holdsArray(t: Ty): boolean {
  const parts = t.kind === "struct" ? [...t.fields.values()] : t.kind === "tuple" ? t.elems : [];
  return parts.some((p) => p.kind === "array" || holdsArray(p));
}

/** The source type that a computed type is returned as. */
export function sourceOf(t: Ty): SourceType | null {
  switch (t.kind) {
    case "void":
    case "array":
      return null;
    case "struct":
      return {
        kind: "struct",
        fields: [...t.fields].map(([name, f]) => ({ name, type: sourceOf(f) as SourceType })),
      };
    case "tuple":
      return { kind: "tuple", elems: t.elems.map((e) => sourceOf(e) as SourceType) };
    default:
      return { kind: "scalar", type: irType(t) };
  }
}

/** The type as a user would write it, for messages. */
export function nameOf(t: Ty): string {
  switch (t.kind) {
    case "literal":
      return String(t.value);
    case "int":
      return "an integer";
    case "float":
      return t.type;
    case "bool":
      return "bool";
    case "array":
      return `${sourceName(t.elem)}${"[]".repeat(t.rank)}`;
    case "struct":
      return `{ ${[...t.fields].map(([name, f]) => `${name}: ${nameOf(f)}`).join("; ")} }`;
    case "tuple":
      return `[${t.elems.map(nameOf).join(", ")}]`;
    case "void":
      return "void";
  }
}

export function sourceName(s: SourceType): string {
  switch (s.kind) {
    case "scalar":
      return s.type;
    case "array":
      return `${sourceName(s.elem)}${"[]".repeat(s.rank)}`;
    case "struct":
      return `{ ${s.fields.map((f) => `${f.name}: ${sourceName(f.type)}`).join("; ")} }`;
    case "tuple":
      return `[${s.elems.map(sourceName).join(", ")}]`;
  }
}
