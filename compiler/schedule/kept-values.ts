/**
 * The nests that a split makes of one, with what one computes for others kept in between (scalar expansion; Allen and Kennedy, as above
 * in fission.ts): in an array with an element for each iteration, or where the nest stores it anyway.
 *
 *   for %i in seq(0, %n) {                             for %i in seq(0, %n) {
 *     %s: f64 = for %j in seq(0, %m) … { … }             %s: f64 = for %j in seq(0, %m) … { … }
 *     for %j in seq(0, %m) {                             store %s_each[%i], %s
 *       accum add %y[%j], %s                           }
 *     }                                       =>       for %i in seq(0, %n) {
 *   }                                                    %s: f64 = load %s_each[%i]
 *                                                        for %j in seq(0, %m) {
 *                                                          accum add %y[%j], %s
 *
 * An element that is pinned is loaded again all the same by parts before which nothing of the array is written.
 */
import { writesOf } from "../analysis/effects.ts";
import { bug } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import type { ArrayValue, Block, For, Scalar, Stmt, Store, Value } from "../ir/ir.ts";
import { resultsOf, usesOf, walk } from "../ir/walk.ts";
import { freeIn } from "./kernel-func.ts";
import {
  type IsValue,
  isPlain,
  type Nest,
  type NestParts,
  type Part,
  plainLoops,
  usedBy,
  valuesBut,
} from "./nest-parts.ts";
import { elementAt, type TripArrays } from "./trip-arrays.ts";

/** Where a value is kept: in an array of its own, or in the element that a statement stores it to. */
type Cell = { readonly array: ArrayValue; readonly loops: readonly For[] } | { readonly store: Store };

/** A part with what it takes. */
interface Taker {
  readonly part: Part;
  readonly isValue: IsValue;
  readonly used: ReadonlySet<Value>;
}

export class KeptValues {
  private readonly nest: Nest;
  private readonly takers: readonly Taker[];
  private readonly cells = new Map<Value, Cell>();
  /** What the statements of the nest bind, by value. */
  private readonly binders: ReadonlyMap<Value, Stmt>;

  /** The arrays are made by `arrays`. */
  constructor(nest: Nest, { parts, pinned }: NestParts, around: readonly For[], arrays: TripArrays) {
    this.nest = nest;
    const inside = [...walk(nest.root.body)];
    this.binders = new Map(inside.flatMap((s) => resultsOf(s).map((v) => [v, s] as const)));
    const takers = parts.map((part, k): Taker => {
      const written = new Set(parts.slice(0, k).flatMap((p) => [...p].flatMap(writesOf)));
      const isAgain = (s: Stmt): boolean => s.kind === "let" && s.expr.kind === "load" && !written.has(s.expr.array);
      const isValue = valuesBut(new Set([...pinned].filter((s) => part.has(s) || !isAgain(s))));
      return { part, isValue, used: usedBy(nest.root, part, isValue) };
    });
    for (const loops of plainLoops(nest.root)) {
      for (const s of (loops.at(-1) as For).body.stmts) {
        for (const v of resultsOf(s) as readonly Scalar[]) {
          if (!takers.some((t) => t.used.has(v) && !t.part.has(s) && !t.isValue(s))) continue;
          const owner = takers.find(({ part }) => part.has(s)) ?? bug(`%${v.hint} is in no part`);
          const store = this.storeOf(v, s, owner.part, loops);
          const array = store === null ? arrays.make(`${v.hint}_each`, v.type, loops, around, s.loc) : null;
          if (store !== null) this.cells.set(v, { store });
          else this.cells.set(v, { array: array ?? bug(`%${v.hint} cannot be kept`), loops });
        }
      }
    }
    // Loads of what has been stored take subscripts.
    this.takers = takers.map((t) => {
      const reloads = [...this.cells].flatMap(([v, c]) => ("store" in c && t.used.has(v) ? [c.store] : []));
      return { ...t, used: usedBy(nest.root, new Set([...t.part, ...reloads]), t.isValue) };
    });
  }

  /** The nest with nothing in it but the part, and values; empty where it has nothing to do. */
  restricted(k: number): readonly Stmt[] {
    const { root } = this.nest;
    const body = this.block(root.body, this.takers[k] as Taker);
    return hasEffect(body) ? [{ ...root, body }] : [];
  }

  private block(b: Block, t: Taker): Block {
    return { stmts: b.stmts.flatMap((s) => this.stmt(s, t)), yields: b.yields };
  }

  private stmt(s: Stmt, t: Taker): readonly Stmt[] {
    const x = new Builder(s.loc);
    if (t.part.has(s)) {
      x.stmts.push(s);
      for (const v of resultsOf(s) as readonly Scalar[]) {
        const cell = this.cells.get(v);
        if (cell !== undefined && "array" in cell) x.store(cell.array, elementAt(x, cell.loops), v);
      }
    } else if (t.isValue(s)) {
      if (t.used.has(s.result)) x.stmts.push(s);
    } else if (isPlain(s)) {
      const body = this.block(s.body, t);
      if (hasEffect(body)) x.stmts.push({ ...s, body });
    } else {
      for (const v of resultsOf(s) as readonly Scalar[]) {
        const cell = this.cells.get(v);
        if (t.used.has(v) && cell !== undefined && "array" in cell) load(x, v, cell.array, elementAt(x, cell.loops));
      }
      if (s.kind !== "store") return x.stmts;
      const cell = s.value.kind === "value" ? this.cells.get(s.value) : undefined;
      if (cell !== undefined && "store" in cell && cell.store === s && t.used.has(s.value as Scalar)) {
        load(x, s.value as Scalar, s.array, s.index);
      }
    }
    return x.stmts;
  }

  /** The statement that stores the value where it stays: before others take it, to an element that nothing else in the nest writes. */
  private storeOf(v: Scalar, s: Stmt, owner: Part, loops: readonly For[]): Store | null {
    const { stmts } = (loops.at(-1) as For).body;
    const next = stmts.slice(stmts.indexOf(s) + 1).find((t) => freeIn([t]).scalars.has(v));
    if (next?.kind !== "store" || next.value !== v || !owner.has(next)) return null;
    if (next.index.includes(v) || !next.index.every((o) => this.isComputable(o as Value))) return null;
    const writers = [...walk(this.nest.root.body)].filter((t) => writesOf(t).includes(next.array));
    return writers.length === 1 && this.nest.loops.analysis.injective(next, loops).holds ? next : null;
  }

  /** May any part compute it, wherever it runs? */
  private isComputable(v: Value): boolean {
    const s = this.binders.get(v);
    if (s === undefined) return true;
    return s.kind === "let" && s.expr.kind !== "load" && usesOf(s).every((o) => this.isComputable(o as Value));
  }
}

const hasEffect = (b: Block): boolean => b.stmts.some((s) => s.kind !== "let");

const load = (x: Builder, result: Scalar, array: ArrayValue, index: Store["index"]): void => {
  x.stmts.push({ kind: "let", result, expr: { kind: "load", array, index }, loc: x.loc });
};
