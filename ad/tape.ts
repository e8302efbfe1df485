/**
 * The tape: what the forward sweep keeps for the reverse sweep, an array for each statement or value that is kept.
 *
 * Where the loops around have a rank (rank.ts), an element stands at the rank of the iteration and the array's size is a formula.
 * Bools at such places are bits (bits.ts). Otherwise the array is a stack: a counter says how much is on it, the forward sweep
 * pushes, the reverse sweep pops. Its size is counted before (count.ts).
 */
import { arrayType, type Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type ElemType,
  type For,
  indexConst,
  type Operand,
  type Scalar,
  type While,
} from "../compiler/ir/ir.ts";
import { type Bits, bitsIn, type Packed, wordsOf } from "./bits.ts";
import { emitSum, type Resolve } from "./emit-form.ts";
import type { Program, Write } from "./program.ts";
import type { Quotient, Rank, Ranks } from "./rank.ts";

/** What is kept: the old value at a store, a scalar, or how many trips a `while` made. */
export type Kept = Write | Scalar | While;

export interface Site {
  readonly key: Kept;
  readonly elem: ElemType;
  readonly array: ArrayValue;
  /** Null for a stack. */
  readonly rank: Rank | null;
  /** How bools are packed, where `array` has words of them. */
  readonly bits: Bits | null;
  /** How many elements are on the stack: an array of one. */
  readonly counter: ArrayValue | null;
}

/** @param bits whether bools may be packed. */
export function siteFor(program: Program, ranks: Ranks, key: Kept, bits: boolean): Site {
  const isScalar = key.kind === "value";
  const loops: readonly (For | While)[] = isScalar ? program.loopsOf(key) : program.loopsAround(key);
  const type = isScalar ? key.type : key.kind === "while" ? "index" : key.array.type.elem;
  const hint = isScalar ? key.hint : key.kind === "while" ? "trips" : key.array.hint;
  const rank = ranks.of(loops);
  const packed = bits && type === "bool" && rank !== null ? bitsIn(ranks, loops, hint) : null;
  const elem = packed === null ? type : "u32";
  const array = value(`tape_${hint}`, arrayType(elem, [value(`${hint}_kept`, "index" as const)]));
  const counter = rank === null ? value(`top_${hint}`, arrayType("index", [indexConst(1)])) : null;
  return { key, elem, array, rank, bits: packed, counter };
}

/** The arrays of a site, as parameters of both halves. */
export const arraysOf = ({ array, bits, counter }: Site): readonly ArrayValue[] => [
  array,
  ...(bits === null ? [] : [bits.row]),
  ...(counter === null ? [] : [counter]),
];

/** How many elements the array has: the sum of these, each rounded down. Null for a stack. */
export function sizeOf({ rank, bits }: Site): readonly Quotient[] | null {
  if (rank === null) return null;
  return bits === null ? [rank.size] : wordsOf(rank, bits);
}

/** The sites whose bools are packed where the loop has run. */
export function packedIn(loop: For, sites: Iterable<Site>): readonly Packed[] {
  return [...sites].flatMap(({ array, rank, bits }) =>
    bits?.loop === loop && rank !== null ? [{ array, rank, bits }] : [],
  );
}

/** Keeps a value. */
export function push(x: Builder, site: Site, v: Operand, resolve: Resolve): void {
  const place = placeOf(x, site, resolve);
  if (place !== null) x.store(place.array, place.index, v);
  else {
    const top = x.load(site.counter as ArrayValue, [indexConst(0)], "top");
    x.store(site.array, [top], v);
    x.store(site.counter as ArrayValue, [indexConst(0)], x.binary("add", top, indexConst(1), "top"));
  }
}

/** The value that was kept at this place of the iteration. From a stack it is taken, once. */
export function pop(x: Builder, site: Site, resolve: Resolve): Scalar {
  const hint = site.array.hint.replace(/^tape_/, "").toLowerCase();
  const place = placeOf(x, site, resolve);
  if (place !== null) return x.load(place.array, place.index, hint);
  const above = x.load(site.counter as ArrayValue, [indexConst(0)], "top");
  const top = x.binary("sub", above, indexConst(1), "top");
  x.store(site.counter as ArrayValue, [indexConst(0)], top);
  return x.load(site.array, [top], hint);
}

/** Where this iteration's value stands, in an unpacked row if it is a bit; null on a stack. */
function placeOf(
  x: Builder,
  { array, rank, bits }: Site,
  resolve: Resolve,
): { readonly array: ArrayValue; readonly index: readonly Operand[] } | null {
  if (rank === null) return null;
  // The last offset is the number of the innermost loop's trip.
  if (bits !== null) return { array: bits.row, index: [emitSum(x, rank.offsets.slice(-1), resolve)] };
  return { array, index: [emitSum(x, rank.offsets, resolve)] };
}
