/**
 * The tape: what the forward sweep keeps for the reverse sweep, an array for each statement or value that is kept.
 *
 * Where the loops around have a rank (rank.ts), an element stands at the rank of the iteration and the array's size is a formula.
 * Otherwise the array is a stack: a counter says how much is on it, the forward sweep pushes, the reverse sweep pops. Its size is
 * counted before (count.ts).
 */
import { arrayType, type Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type For,
  indexConst,
  type Operand,
  type Polynomial,
  type Scalar,
  type ScalarType,
  type While,
} from "../compiler/ir/ir.ts";
import type { Program, Write } from "./program.ts";
import type { Quotient, Rank, Ranks } from "./rank.ts";

/** What is kept: the old value at a store, a scalar, or how many trips a `while` made. */
export type Kept = Write | Scalar | While;

export interface Site {
  readonly key: Kept;
  readonly elem: ScalarType;
  readonly array: ArrayValue;
  /** Null for a stack. */
  readonly rank: Rank | null;
  /** How many elements are on the stack: an array of one. */
  readonly counter: ArrayValue | null;
}

type Resolve = (v: Scalar) => Operand;

export function siteFor(program: Program, ranks: Ranks, key: Kept): Site {
  const isScalar = key.kind === "value";
  const loops: readonly (For | While)[] = isScalar ? program.loopsOf(key) : program.loopsAround(key);
  const elem = isScalar ? key.type : key.kind === "while" ? "index" : key.array.type.elem;
  const hint = isScalar ? key.hint : key.kind === "while" ? "trips" : key.array.hint;
  const rank = ranks.of(loops);
  const array = value(`tape_${hint}`, arrayType(elem, [value(`${hint}_kept`, "index" as const)]));
  const counter = rank === null ? value(`top_${hint}`, arrayType("index", [indexConst(1)])) : null;
  return { key, elem, array, rank, counter };
}

/** Keeps a value. */
export function push(x: Builder, site: Site, v: Operand, resolve: Resolve): void {
  if (site.rank !== null) x.store(site.array, [emitRank(x, site.rank, resolve)], v);
  else {
    const top = x.load(site.counter as ArrayValue, [indexConst(0)], "top");
    x.store(site.array, [top], v);
    x.store(site.counter as ArrayValue, [indexConst(0)], x.binary("add", top, indexConst(1), "top"));
  }
}

/** The value that was kept at this place of the iteration. From a stack it is taken, once. */
export function pop(x: Builder, site: Site, resolve: Resolve): Scalar {
  const hint = site.array.hint.replace(/^tape_/, "").toLowerCase();
  if (site.rank !== null) return x.load(site.array, [emitRank(x, site.rank, resolve)], hint);
  const above = x.load(site.counter as ArrayValue, [indexConst(0)], "top");
  const top = x.binary("sub", above, indexConst(1), "top");
  x.store(site.counter as ArrayValue, [indexConst(0)], top);
  return x.load(site.array, [top], hint);
}

function emitRank(x: Builder, rank: Rank, resolve: Resolve): Operand {
  // Those of outer loops first: what they add up to is the same for all trips of inner ones.
  return rank.offsets.reduce<Operand>((sum, q) => add(x, sum, emitQuotient(x, q, resolve)), indexConst(0));
}

const isZero = (o: Operand): boolean => o.kind === "const" && o.value === 0;
const add = (x: Builder, a: Operand, b: Operand): Operand =>
  isZero(a) ? b : isZero(b) ? a : x.binary("add", a, b, "at");

export function emitQuotient(x: Builder, { form, divisor }: Quotient, resolve: Resolve): Operand {
  const product = emitForm(x, form, resolve);
  if (divisor === 1) return product;
  return x.binary("floordiv", product, indexConst(divisor), "at");
}

/** The value of a polynomial. */
export function emitForm(x: Builder, form: Polynomial, resolve: Resolve): Operand {
  let sum: Operand = indexConst(form.constant);
  for (const t of form.terms) {
    const product = t.values.map(resolve).reduce((a, b) => x.binary("mul", a, b, "at"));
    if (t.factor === 1) sum = add(x, sum, product);
    else if (t.factor === -1) sum = x.binary("sub", sum, product, "at");
    else sum = add(x, sum, x.binary("mul", product, indexConst(t.factor), "at"));
  }
  return sum;
}
