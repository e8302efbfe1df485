/**
 * Turns loops that scatter into the neighbours of an element into loops that gather from them: the reflected stencil.
 *
 *   for %i in seq(1, %m) {                    for %i in seq(0, 2) { … what reaches only the first elements … }
 *     %d: f64 = load %D[%i]                   for %i in seq(2, %m - 1) {
 *     %l: index = add %i, -1                    %l: f64 = load %D[%i - 1]
 *     accum add %A[%l], %d             =>       %r: f64 = load %D[%i + 1]
 *     %r: index = add %i, 1                     %s: f64 = add %r, %l
 *     accum add %A[%r], %d                      accum add %A[%i], %s
 *   }                                         }
 *                                             for %i in seq(%m - 1, %m + 1) { … only the last … }
 *
 * That is how the adjoint of a stencil comes out of reverse mode; its updates of neighbours keep a compiler from vector code. Each
 * update is moved to the iteration that has the index of its element: there is one for each element, all updates of it meet in it.
 * At the borders, where some have none, they stand under conditions.
 *
 * Legal where nothing else in the loops touches what they add to, and where what they read is not written earlier in the loops (so
 * that what else the loops write may be written after all of it was read). Adjoints sum in any order (order.ts).
 */
import { readsOf, writesOf } from "../analysis/effects.ts";
import { Forms } from "../analysis/polynomial.ts";
import { Builder } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
} from "../ir/ir.ts";
import { copyBlock, mapBlocks, mapStmts, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isRectangular, isSameShape, type Nest, nestOf, type Offset, offsetOf, sliceOf } from "./nest.ts";
import { isUnordered, Order } from "./order.ts";

export const gather: Pass = funcPass("gather", "gathers from neighbours what loops scatter into them", (f: Func) => {
  const forms = new Forms();
  for (const s of walk(f.body)) forms.define(s);
  const body = inBlock(f.body, forms, new Order(f));
  return body === f.body ? f : { ...f, body };
});

function inBlock(b: Block, forms: Forms, order: Order): Block {
  let changed = false;
  const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
    const found = s.kind === "for" ? scatterOf(s, forms, order) : null;
    const out = found === null ? [mapBlocks(s, (inner) => inBlock(inner, forms, order))] : gathered(found);
    changed ||= out.length !== 1 || out[0] !== s;
    return out;
  });
  return changed ? { stmts, yields: b.yields } : b;
}

/** One update: where its element is, and the values that it takes. */
interface Update extends Offset {
  readonly accum: Accum;
  readonly slice: readonly Let[];
}
interface Scatter {
  readonly nest: Nest;
  readonly updates: readonly Update[];
}

function scatterOf(loop: For, forms: Forms, order: Order): Scatter | null {
  const nest = nestOf(loop);
  if (nest === null || !isRectangular(nest)) return null;
  const byArray = new Map<ArrayValue, Update[] | null>();
  for (const s of nest.stmts) {
    const array = writesOf(s)[0] ?? readsOf(s)[0];
    if (array === undefined) continue;
    const offset = isUnordered(s) ? offsetOf(nest, s, forms) : null;
    const known = byArray.get(array);
    if (offset === null || s.kind !== "accum" || known === null) byArray.set(array, null);
    else byArray.set(array, [...(known ?? []), { ...offset, accum: s, slice: sliceOf(nest, [...s.index, s.value]) }]);
  }
  const groups = [...byArray.values()].filter((g) => g !== null);
  const isNeighbour = (a: Update, b: Update): boolean => isSameShape(a, b) && a.shift.join() !== b.shift.join();
  const isWorthIt = groups.some((g) => g.some((a) => g.some((b) => isNeighbour(a, b))));
  const scatter = { nest, updates: groups.flat() };
  return isWorthIt && areReadsFirst(scatter, order) ? scatter : null;
}

/** Is everything that the updates read still unwritten when all the other writes of the nest come after them? */
function areReadsFirst({ nest, updates }: Scatter, order: Order): boolean {
  const own = new Set<Stmt>(updates.map((u) => u.accum));
  const writes = nest.stmts.filter((s) => writesOf(s).length > 0 && !own.has(s));
  const reads = new Set(updates.flatMap((u) => u.slice.filter((s) => s.expr.kind === "load")));
  for (const write of writes) {
    for (const read of reads) {
      if (!readsOf(read).includes(writesOf(write)[0] as ArrayValue)) continue;
      if (nest.stmts.indexOf(read) > nest.stmts.indexOf(write)) return false;
      if (nest.loops.some((loop) => order.whyCarried(read, write, loop) !== null)) return false;
    }
  }
  return true;
}

function gathered({ nest, updates }: Scatter): readonly Stmt[] {
  const [outer] = nest.loops as [For];
  const x = new Builder({ ...outer.loc, role: "adjoint" });
  new Gather(nest).loops(
    x,
    0,
    updates.map((update) => ({ update, at: [] })),
  );
  const own = new Set<Stmt>(updates.map((u) => u.accum));
  const isEmpty = nest.stmts.every((s) => s.kind === "let" || own.has(s));
  if (isEmpty) return x.stmts;
  const rest = mapStmts({ stmts: [outer], yields: [] }, (s) => (own.has(s) ? null : s));
  return [...x.stmts, ...rest.stmts];
}

/** An update, in which iteration of the outer loops it is wanted. */
interface Placed {
  readonly update: Update;
  readonly at: readonly Operand[];
}

class Gather {
  private readonly nest: Nest;
  constructor(nest: Nest) {
    this.nest = nest;
  }

  loops(x: Builder, level: number, placed: readonly Placed[]): void {
    const loop = this.nest.loops[level];
    if (loop === undefined) return this.together(x, placed);
    const shifts = placed.map((p) => p.update.shift[level] as number);
    const [least, most] = [Math.min(...shifts), Math.max(...shifts)];
    const { lo, hi, index } = loop;
    const ahead = (o: Operand, by: number): Operand => (by === 0 ? o : x.binary("add", o, indexConst(by), index.hint));
    const inside = (from: Operand, to: Operand): void => {
      x.for(index.hint, "seq", from, to, [], (y, i) => {
        const next = placed.map((p, k) => ({ ...p, at: [...p.at, back(y, i, shifts[k] as number)] }));
        this.loops(y, level + 1, next);
        return [];
      });
    };
    if (least === most) return inside(ahead(lo, least), ahead(hi, least));
    // Between these all updates of an element take place; beside them, even where nothing is between, what is left.
    const first = ahead(lo, most);
    const last = x.binary("max", first, ahead(hi, least), "last");
    this.borders(x, level, placed, [ahead(lo, least), first, last, ahead(hi, most)]);
    inside(first, ahead(hi, least));
  }

  /** The updates of each iteration by themselves, where it is one: from the first end to the second, then from the third to the fourth. */
  private borders(x: Builder, level: number, placed: readonly Placed[], ends: readonly Operand[]): void {
    const { lo, hi, index } = this.nest.loops[level] as For;
    const [lowest, first, last, highest] = ends as [Operand, Operand, Operand, Operand];
    const low = x.binary("sub", first, lowest, "low");
    const count = x.binary("add", low, x.binary("sub", highest, last, "high"), "count");
    const shiftIn = (p: Placed): number => p.update.shift[level] as number;
    x.for("b", "seq", indexConst(0), count, [], (y, b) => {
      const [below, above] = [y.binary("add", lowest, b), y.binary("add", last, y.binary("sub", b, low))];
      const i = y.select(y.compare("lt", b, low), below, above, index.hint);
      for (const shift of new Set(placed.map(shiftIn))) {
        const own = back(y, i, shift);
        const isOne = y.binary("and", y.compare("ge", own, lo), y.compare("lt", own, hi), "inside");
        const here = placed.filter((p) => shiftIn(p) === shift).map((p) => ({ ...p, at: [...p.at, own] }));
        y.if(isOne, (z) => {
          this.apart(z, level + 1, here);
          return [];
        });
      }
      return [];
    });
  }

  private apart(x: Builder, level: number, placed: readonly Placed[]): void {
    const loop = this.nest.loops[level];
    if (loop === undefined) return this.together(x, placed);
    for (const p of placed) {
      x.for(loop.index.hint, "seq", loop.lo, loop.hi, [], (y, i) => {
        this.apart(y, level + 1, [{ ...p, at: [...p.at, i] }]);
        return [];
      });
    }
  }

  /** The updates of one iteration, those of one element as one. */
  private together(x: Builder, placed: readonly Placed[]): void {
    const sums: { readonly of: Update; readonly index: readonly Operand[]; sum: Operand }[] = [];
    for (const { update, at } of placed) {
      const { accum, slice } = update;
      const subst = new Substitution();
      this.nest.loops.forEach((l, k) => void subst.set(l.index, at[k] as Operand));
      const { stmts, yields } = copyBlock({ stmts: slice, yields: [...accum.index, accum.value] }, subst);
      x.stmts.push(...stmts);
      const term = yields.at(-1) as Operand;
      const known = sums.find(({ of }) => of.accum.array === accum.array && isSameShape(of, update));
      if (known === undefined) sums.push({ of: update, index: yields.slice(0, -1), sum: term });
      else known.sum = x.binary("add", known.sum, term, "sum");
    }
    for (const { of, index, sum } of sums) x.stmts.push({ ...of.accum, index, value: sum });
  }
}

/** The iteration in which an update reaches what `i` is ahead to. */
const back = (x: Builder, i: Scalar, by: number): Operand =>
  by === 0 ? i : x.binary("add", i, indexConst(-by), i.hint);
