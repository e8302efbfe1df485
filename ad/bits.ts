/**
 * Bools of the tape as bits, 32 to a word. To set a single bit is to read its word first, which would keep a loop from being
 * vectorised; so a run of a loop leaves its bools in a row of bytes, which is packed when the loop has ended, and unpacked before
 * the reversed loop runs:
 *
 *   for j in seq(lo, hi) { …; row[j − lo] = c; … }
 *   for w in seq(0, ⌈(hi − lo) / 32⌉) { words[at + w] = row[32 w] | row[32 w + 1] << 1 | … }
 *
 * With r the rank of the loop's first trip and q that of the row, `at` is ⌊r / 32⌋ + q. Rows do not meet: the next one begins at rank
 * r + t or later, where t are the trips, and ⌊(r + t) / 32⌋ + 1 ≥ ⌊r / 32⌋ + ⌈t / 32⌉. What a row holds of trips that kept nothing
 * does not matter.
 */
import { isConstant, plus } from "../compiler/analysis/polynomial.ts";
import { arrayType, type Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  constant,
  type For,
  indexConst,
  type Operand,
  type Scalar,
  type While,
} from "../compiler/ir/ir.ts";
import { add, emitSum, floorOf, type Resolve } from "./emit-form.ts";
import type { Quotient, Rank, Ranks } from "./rank.ts";

export interface Bits {
  /** The innermost loop around. */
  readonly loop: For;
  /** A byte for each trip, in whole words. One run of the loop after the other uses it. */
  readonly row: ArrayValue;
  /** How many words a row has at most. */
  readonly rowWords: Quotient;
  /** Of a row among all. */
  readonly rowRank: Rank;
}

/** An array of words with what is packed in it. */
export interface Packed {
  readonly array: ArrayValue;
  readonly rank: Rank;
  readonly bits: Bits;
}

const wordBits = 32;
/** A row of fewer takes as much in a word of its own, with what rounding adds. */
const fewestTrips = 8;

/**
 * How bools are packed that are kept in these loops, outermost first. Null where rows are short, where their length has no bound, and
 * where several are filled at the same time.
 */
export function bitsIn(ranks: Ranks, loops: readonly (For | While)[], hint: string): Bits | null {
  const loop = loops.at(-1);
  const rowRank = ranks.of(loops.slice(0, -1));
  const inTurn = loops.slice(0, -1).every((outer) => outer.kind === "while" || outer.mode === "seq");
  if (loop?.kind !== "for" || rowRank === null || !inTurn) return null;
  const most = ranks.mostTrips(loop);
  if (most === null || (isConstant(most) && most.constant < fewestTrips)) return null;
  const row = value(`row_${hint}`, arrayType("bool", [value(`${hint}_row`, "index" as const)]));
  return { loop, row, rowWords: { form: plus(most, wordBits - 1), divisor: wordBits }, rowRank };
}

/** What a row takes for each of its words. */
export const rowBytes = wordBits;

/** How many words there are: these, rounded down, and one for each row. */
export const wordsOf = (rank: Rank, { rowRank }: Bits): readonly [Quotient, Quotient] => [
  { form: rank.size.form, divisor: wordBits * rank.size.divisor },
  rowRank.size,
];

/** Packs the rows that a run of their loop, from `lo` to `hi`, has left. */
export function packRows(x: Builder, sites: readonly Packed[], lo: Operand, hi: Operand, resolve: Resolve): void {
  overWords(x, sites, lo, hi, resolve, (y, first, at) => {
    const words = y.for(
      "b",
      "seq",
      indexConst(0),
      indexConst(wordBits),
      sites.map(() => u32(0)),
      (z, b, packed) => {
        const from = z.binary("add", first, b, "trip");
        const shift = z.cast("u32", b);
        return sites.map(({ bits }, k) => {
          const bit = z.select(z.load(bits.row, [from]), u32(1), u32(0), "bit");
          return z.binary("or", packed[k] as Scalar, z.binary("shl", bit, shift), "word");
        });
      },
      sites.map(() => "word"),
    );
    sites.forEach(({ array }, k) => void y.store(array, [at], words[k] as Scalar));
  });
}

/** Gets back the rows of a run of their loop. */
export function unpackRows(x: Builder, sites: readonly Packed[], lo: Operand, hi: Operand, resolve: Resolve): void {
  overWords(x, sites, lo, hi, resolve, (y, first, at) => {
    const words = sites.map(({ array }) => y.load(array, [at], "word"));
    y.for("b", "seq", indexConst(0), indexConst(wordBits), [], (z, b) => {
      const to = z.binary("add", first, b, "trip");
      const shift = z.cast("u32", b);
      sites.forEach(({ bits }, k) => {
        const bit = z.binary("and", z.binary("shr", words[k] as Scalar, shift), u32(1), "bit");
        z.store(bits.row, [to], z.compare("ne", bit, u32(0)));
      });
      return [];
    });
  });
}

const u32 = (n: number): Operand => constant("u32", n);

/** For each word of the rows, which are of one loop: the trip of its first bit, and its place in the arrays. */
function overWords(
  x: Builder,
  sites: readonly Packed[],
  lo: Operand,
  hi: Operand,
  resolve: Resolve,
  body: (y: Builder, first: Operand, at: Operand) => void,
): void {
  const [site] = sites;
  if (site === undefined) return;
  const rank = emitSum(x, site.rank.offsets.slice(0, -1), resolve);
  const row = add(x, floorOf(x, rank, wordBits), emitSum(x, site.bits.rowRank.offsets, resolve));
  const trips = x.binary("sub", hi, lo, "trips");
  const words = floorOf(x, x.binary("add", trips, indexConst(wordBits - 1), "trips"), wordBits);
  x.for("w", "seq", indexConst(0), words, [], (y, w) => {
    body(y, y.binary("mul", w, indexConst(wordBits), "first"), add(y, row, w));
    return [];
  });
}
