/** Elements of arrays in memory: their addresses, loads and stores. */
import type { ArrayValue, ElemType, Operand, Space } from "../ir/ir.ts";
import { roundingToHalf, wideningHalf } from "./llvm-half.ts";
import { type FuncWriter, memoryType } from "./llvm-writer.ts";

/** Where an element is. */
export interface Place {
  /** The address, with its type. */
  readonly pointer: string;
  /** What ends a load or store there: metadata that says which others it cannot meet. */
  readonly aliasing: string;
}

/** A place that nothing is known of. */
export const placeAt = (pointer: string): Place => ({ pointer: `ptr ${pointer}`, aliasing: "" });

/** Where a GPU has the arrays of each space; one thread's own are found by LLVM itself. */
const gpuPointers: Readonly<Record<Space, string>> = {
  global: "ptr addrspace(1)",
  shared: "ptr addrspace(3)",
  local: "ptr",
};
/** The type of an array's address. */
export const pointerType = (w: FuncWriter, { type }: ArrayValue): string =>
  w.module.target.gpu === true ? gpuPointers[type.space] : "ptr";

/** Loads an element. */
export function loadFrom(w: FuncWriter, elem: ElemType, { pointer, aliasing }: Place, hint: string): string {
  if (elem === "bool") return w.let(hint, `icmp ne i8 ${w.let("byte", `load i8, ${pointer}${aliasing}`)}, 0`);
  if (elem !== "f16") return w.let(hint, `load ${w.type(elem)}, ${pointer}${aliasing}`);
  return w.let(hint, floatOfHalf(w, w.let("half", `load i16, ${pointer}${aliasing}`)));
}

const floatOfHalf = (w: FuncWriter, bits: string): string => {
  w.module.helper("f32.of.half", () => wideningHalf(w.module.target.halves));
  return `call float @tsgpu.f32.of.half(i16 ${bits})`;
};
const halfOfFloat = (w: FuncWriter, x: string): string => {
  w.module.helper("half.of.f32", () => roundingToHalf(w.module.target.halves));
  return `call i16 @tsgpu.half.of.f32(float ${x})`;
};

/** Stores the operand `text`. */
export function storeTo(w: FuncWriter, elem: ElemType, { pointer, aliasing }: Place, text: string): void {
  const value =
    elem === "bool"
      ? w.let("byte", `zext i1 ${text} to i8`)
      : elem === "f16"
        ? w.let("half", halfOfFloat(w, text))
        : text;
  w.line(`store ${memoryType(elem)} ${value}, ${pointer}${aliasing}`);
}

/** Adds the row-major address of an element: ((i·d1) + j)·d2 + k elements past the first. */
export function address(w: FuncWriter, array: ArrayValue, index: readonly Operand[]): Place {
  const type = pointerType(w, array);
  const base = `${type} ${w.ref(array)}`;
  const aliasing = w.aliasing.get(array) ?? "";
  const first = index[0];
  if (first === undefined) return { pointer: base, aliasing };
  const t = w.addressType;
  let at = subscript(w, first);
  for (let axis = 1; axis < index.length; axis++) {
    // In bounds on every axis, so every step of it is less than the number of elements.
    const row = product(w, at, subscript(w, array.type.dims[axis]!));
    at = sum(w, row, subscript(w, index[axis]!));
  }
  const element = w.let("at", `getelementptr inbounds ${memoryType(array.type.elem)}, ${base}, ${t} ${at}`);
  return { pointer: `${type} ${element}`, aliasing };
}

/** An index as an integer of the width of addresses: a constant, or the name of a register. */
function subscript(w: FuncWriter, o: Operand): string {
  if (o.kind === "const" || w.addressType === w.index.type) return w.operand(o);
  return w.let("narrow", `trunc i64 ${w.operand(o)} to i32`);
}

const isLiteral = (text: string): boolean => !text.startsWith("%");

function product(w: FuncWriter, a: string, b: string): string {
  if (isLiteral(a) && isLiteral(b)) return String(BigInt(a) * BigInt(b));
  if (a === "0" || b === "0") return "0";
  if (a === "1" || b === "1") return a === "1" ? b : a;
  return w.let("row", `mul nuw nsw ${w.addressType} ${a}, ${b}`);
}

function sum(w: FuncWriter, a: string, b: string): string {
  if (isLiteral(a) && isLiteral(b)) return String(BigInt(a) + BigInt(b));
  if (a === "0" || b === "0") return a === "0" ? b : a;
  return w.let("offset", `add nuw nsw ${w.addressType} ${a}, ${b}`);
}
