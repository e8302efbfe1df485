/** What statements and expressions do to memory: what the passes that move or reuse accesses have in common. */
import {
  type ArrayValue,
  arrayIn,
  arrayOf,
  type Block,
  type Call,
  type Const,
  constant,
  type ElemType,
  type Expr,
  isArray,
  isConst,
  isInt,
  type Operand,
  type Stmt,
  valueType,
} from "../ir/ir.ts";
import { blocksOf, walk } from "../ir/walk.ts";

/** The arrays that a statement itself may write (its blocks not included). */
export function writesOf(s: Stmt): readonly ArrayValue[] {
  switch (s.kind) {
    case "store":
    case "accum":
      return [s.array];
    case "copy":
      return [arrayIn(s.to)];
    case "call":
      return s.adjoint === undefined ? arraysIn(s) : [];
    case "launch":
      return s.args.filter(isArray);
    default:
      return [];
  }
}

/** The arrays whose elements a statement itself may read (its blocks not included). A `check` reads only a size. */
export function readsOf(s: Stmt): readonly ArrayValue[] {
  switch (s.kind) {
    case "let":
      return s.expr.kind === "load" ? [s.expr.array] : [];
    case "accum":
      return [s.array];
    case "copy":
      return [arrayIn(s.from)];
    case "call":
      return arraysIn(s);
    case "launch":
      return writesOf(s);
    default:
      return [];
  }
}

const arraysIn = (s: Call): readonly ArrayValue[] => s.args.flatMap((a) => arrayOf(a) ?? []);

/** The arrays that a statement may write, anything inside it included. */
export function writtenWithin(s: Stmt): ReadonlySet<ArrayValue> {
  const written = new Set<ArrayValue>(writesOf(s));
  for (const b of blocksOf(s)) addWritten(b, written);
  return written;
}

function addWritten(b: Block, written: Set<ArrayValue>): void {
  for (const s of walk(b)) for (const a of writesOf(s)) written.add(a);
}

/** May the expression be computed where the program did not ask for it? Accesses and integer divisions may not. */
export function isSpeculable(e: Expr): boolean {
  if (e.kind === "load") return false;
  if (e.kind !== "binary" || (e.op !== "floordiv" && e.op !== "rem") || !isInt(e.a.type)) return true;
  return isConst(e.b) && e.b.value !== 0;
}

/** What every element of a new array is. */
export const zeroOf = (type: ElemType): Const => constant(valueType(type), type === "bool" ? false : 0);

/** A size that no array can have. */
export const isNegativeConst = (size: Operand): boolean => size.kind === "const" && Number(size.value) < 0;
