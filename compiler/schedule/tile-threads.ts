/**
 * What the threads of a workgroup do that shares tiles (tile-nest.ts): they start their sums, load tiles, add up, and finish.
 */
import { zeroOf } from "../analysis/effects.ts";
import { valuesOf } from "../analysis/polynomial.ts";
import type { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  indexConst,
  type Let,
  type Operand,
  type Scalar,
  type ScalarType,
  type Stmt,
} from "../ir/ir.ts";
import { copyBlock, Substitution, usesOf } from "../ir/walk.ts";
import { inThread } from "./gpu-grid.ts";
import { freeIn } from "./kernel-func.ts";
import { type DependsOn, dependences, type Side, type Staged, type Tiling } from "./tiling.ts";

/** Threads along each side of a workgroup, and how far one step goes along the reduction. */
export const side = 16;

/** A workgroup's part of the work, and its shared arrays. */
export interface Workplace {
  /** How many points a thread has along each side. */
  readonly block: Readonly<Record<Side, number>>;
  /** The first index of the workgroup's along each side. */
  readonly first: Readonly<Record<Side, Operand>>;
  /** The index of the third parallel loop. */
  readonly batch: Operand | null;
  /** Past the last index of the reduction for any of its points. */
  readonly end: Operand;
  readonly tiles: ReadonlyMap<Staged, ArrayValue>;
  /** For each value that the reduction carries, those of all points. */
  readonly sums: readonly ArrayValue[];
}

/** A thread's place in its workgroup. */
export type ThreadIds = Readonly<Record<Side, Scalar>>;

/** A point of a thread's block. */
interface Point {
  readonly r: number;
  readonly c: number;
}

export class TileThreads {
  private readonly t: Tiling;
  private readonly at: Workplace;
  private readonly from: DependsOn;

  constructor(t: Tiling, place: Workplace) {
    this.t = t;
    this.at = place;
    const body = t.reduction.body.stmts as readonly Let[];
    this.from = dependences([...t.before, ...body], [...t.dims.map((d) => d.loop), t.reduction]);
  }

  private get points(): readonly Point[] {
    const range = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k);
    return range(this.at.block.y).flatMap((r) => range(this.at.block.x).map((c) => ({ r, c })));
  }

  /** Gives the indices of the parallel loops their values at a point. */
  private bind(x: Builder, ids: ThreadIds, { r, c }: Point): Substitution {
    const { t } = this;
    const subst = new Substitution();
    const index = (s: Side, n: number): Operand =>
      sum(x, this.at.first[s], sum(x, ids[s], indexConst(side * n), "at"), t[s].loop.index.hint);
    subst.set(t.x.loop.index, index("x", c));
    subst.set(t.y.loop.index, index("y", r));
    if (t.batch !== null && this.at.batch !== null) subst.set(t.batch.loop.index, this.at.batch);
    return subst;
  }

  /** Builds what only points inside of the loops' bounds do. */
  private inside(
    x: Builder,
    subst: Substitution,
    body: (y: Builder) => readonly Operand[],
    otherwise: readonly Operand[] = [],
  ): readonly Operand[] {
    const { dims } = this.t;
    const within = (y: Builder, n: number): readonly Operand[] => {
      const d = dims[n];
      if (d === undefined) return body(y);
      const i = subst.operand(d.loop.index);
      const upTo = (z: Builder): readonly Operand[] => {
        if (!d.guarded) return within(z, n + 1);
        this.copy(z, subst, [d.loop.lo, d.loop.hi]);
        const [lo, hi] = [subst.operand(d.loop.lo), subst.operand(d.loop.hi)];
        const fits = z.binary("and", z.compare("le", lo, i, "inside"), z.compare("lt", i, hi, "inside"), "inside");
        return z.if(
          fits,
          (w) => within(w, n + 1),
          () => otherwise,
        );
      };
      if (d === this.t.batch) return upTo(y);
      return y.if(y.compare("lt", i, d.hi, "inside"), upTo, () => otherwise);
    };
    return within(x, 0);
  }

  /** Computes those of the values before the reduction, and of `more`, that the operands take and that are not there yet. */
  private copy(x: Builder, subst: Substitution, operands: readonly Operand[], more: readonly Let[] = []): void {
    const needed = new Set<unknown>(operands);
    const own: Stmt[] = [];
    for (const s of [...this.t.before, ...more].toReversed()) {
      if (!needed.has(s.result) || subst.operand(s.result) !== s.result) continue;
      own.unshift(s);
      for (const o of usesOf(s)) needed.add(o);
    }
    x.stmts.push(...copyBlock({ stmts: own, yields: [] }, subst).stmts);
  }

  /** The first values of the sums. */
  start(x: Builder, ids: ThreadIds): void {
    const { inits } = this.t.reduction;
    this.points.forEach((p, n) => {
      const subst = this.bind(x, ids, p);
      const zeros = inits.map((o) => zeroOf(o.type as ScalarType));
      const varies = inits.some((o) => o.kind === "value");
      const values = varies
        ? this.inside(
            x,
            subst,
            (y) => {
              this.copy(y, subst, inits);
              return inits.map(subst.operand);
            },
            zeros,
          )
        : inits;
      this.at.sums.forEach((sum, k) => void x.store(sum, [ids.y, ids.x, indexConst(n)], values[k] as Operand));
    });
  }

  /** One tile's elements, from `k` on along the reduction; zeros where the loops make no trip. */
  load(x: Builder, s: Staged, k: Operand, ids: ThreadIds): void {
    const { t } = this;
    const tile = this.at.tiles.get(s) as ArrayValue;
    const d = t[s.along];
    const { array, index } = s.load.expr;
    const { result } = s.value;
    const zero = (): readonly Operand[] => [zeroOf(result.type)];
    x.for("n", "seq", indexConst(0), indexConst(this.at.block[s.along]), [], (y, n) => {
      // Threads side by side load what stands side by side.
      const [step, thread] = s.rowsAlongK ? [ids.x, ids.y] : [ids.y, ids.x];
      const along = y.binary("add", thread, y.binary("mul", n, indexConst(side), "at"), "at");
      const subst = new Substitution();
      const i = sum(y, this.at.first[s.along], along, d.loop.index.hint);
      const now = sum(y, k, step, t.reduction.index.hint);
      subst.set(d.loop.index, i);
      subst.set(t.reduction.index, now);
      if (t.batch !== null && this.at.batch !== null) subst.set(t.batch.loop.index, this.at.batch);
      const [own, one] = [y.compare("lt", i, d.hi, "inside"), y.compare("lt", now, this.at.end, "inside")];
      const v = y.if(
        y.binary("and", own, one, "inside"),
        (z) => {
          this.copy(z, subst, index, t.reduction.body.stmts as readonly Let[]);
          const place = index.map(subst.operand);
          const exists = this.exists(z, array, place);
          const computed = (w: Builder): readonly Operand[] => {
            this.copy(w, subst, [result], t.reduction.body.stmts as readonly Let[]);
            return [subst.operand(result)];
          };
          return exists === null ? computed(z) : z.if(exists, computed, zero);
        },
        zero,
      );
      y.store(tile, [step, along], v[0] as Operand);
      return [];
    });
  }

  /** Where bounds depend on indices, some elements of a tile belong to no trip, and need not be there. */
  private exists(x: Builder, array: ArrayValue, place: readonly Operand[]): Operand | null {
    if (!this.hasCorners) return null;
    return place
      .map((o, axis) => {
        const size = array.type.dims[axis] as Operand;
        return x.binary(
          "and",
          x.compare("le", indexConst(0), o, "exists"),
          x.compare("lt", o, size, "exists"),
          "exists",
        );
      })
      .reduce((a, b) => x.binary("and", a, b, "exists"));
  }

  /** Do bounds of a loop depend on the index of another one? */
  private get hasCorners(): boolean {
    return this.t.dims.some((d) => d.guarded) || this.isSkewed;
  }
  private get isSkewed(): boolean {
    const own = new Set(this.t.dims.map((d) => d.loop.index));
    return [this.t.lo, this.t.hi].some((f) => valuesOf(f).some((v) => own.has(v)));
  }

  /** The steps from `k` on, for all points of a thread. */
  reduce(x: Builder, k: Operand, count: Operand, ids: ThreadIds): void {
    const { t, points } = this;
    const { reduction } = t;
    const inits = points.flatMap((_, n) => this.at.sums.map((sum) => x.load(sum, [ids.y, ids.x, indexConst(n)])));
    const width = this.at.sums.length;
    const results = x.for(reduction.index.hint, "seq", indexConst(0), count, inits, (y, step, carried) => {
      const now = sum(y, k, step, reduction.index.hint);
      const own = t.staged.map((s) => this.fromTile(y, s, step, ids));
      return points.flatMap((p, n) => this.step(y, p, now, own, ids, carried.slice(n * width, (n + 1) * width)));
    });
    points.forEach((_, n) => {
      this.at.sums.forEach(
        (sum, j) => void x.store(sum, [ids.y, ids.x, indexConst(n)], results[n * width + j] as Operand),
      );
    });
  }

  /** The elements of a tile that a thread takes in one step. */
  private fromTile(x: Builder, s: Staged, step: Scalar, ids: ThreadIds): readonly Scalar[] {
    const tile = this.at.tiles.get(s) as ArrayValue;
    return Array.from({ length: this.at.block[s.along] }, (_, n) =>
      x.load(tile, [step, sum(x, ids[s.along], indexConst(side * n), "at")], s.value.result.hint),
    );
  }

  /** One trip of the reduction at one point. */
  private step(
    x: Builder,
    p: Point,
    k: Operand,
    staged: readonly (readonly Scalar[])[],
    ids: ThreadIds,
    carried: readonly Scalar[],
  ): readonly Operand[] {
    const { t } = this;
    const { reduction } = t;
    const subst = this.bind(x, ids, p);
    subst.set(reduction.index, k);
    reduction.carried.forEach((c, n) => void subst.set(c, carried[n] as Scalar));
    t.staged.forEach((s, n) => void subst.set(s.value.result, staged[n]?.[s.along === "x" ? p.c : p.r] as Scalar));
    const trip = (y: Builder): readonly Operand[] => {
      const { yields } = reduction.body;
      this.copy(y, subst, yields, reduction.body.stmts as readonly Let[]);
      return yields.map(subst.operand);
    };
    const inTrips = (y: Builder): readonly Operand[] => {
      if (!this.isSkewed) return trip(y);
      this.copy(y, subst, [reduction.lo, reduction.hi]);
      const [lo, hi] = [subst.operand(reduction.lo), subst.operand(reduction.hi)];
      const fits = y.binary("and", y.compare("le", lo, k, "inside"), y.compare("lt", k, hi, "inside"), "inside");
      return y.if(fits, trip, () => carried);
    };
    return this.loadsOutside || this.isSkewed ? this.inside(x, subst, inTrips, carried) : inTrips(x);
  }

  /** Does a trip load elements that depend on a point, other than from tiles? */
  private get loadsOutside(): boolean {
    const { t } = this;
    const staged = new Set<unknown>(t.staged.map((s) => s.value));
    const needed = new Set<unknown>(t.reduction.body.yields);
    const own = new Set<unknown>([t.x.loop.index, t.y.loop.index]);
    for (const s of [...t.before, ...(t.reduction.body.stmts as readonly Let[])].toReversed()) {
      if (!needed.has(s.result) || staged.has(s)) continue;
      if (s.expr.kind === "load" && [...this.from(s.result)].some((v) => own.has(v))) return true;
      for (const o of usesOf(s)) needed.add(o);
    }
    return false;
  }

  /** What comes after the reduction. */
  finish(x: Builder, ids: ThreadIds): void {
    const { reduction, after } = this.t;
    this.points.forEach((p, n) => {
      const subst = this.bind(x, ids, p);
      this.inside(x, subst, (y) => {
        this.at.sums.forEach((sum, k) => {
          subst.set(reduction.results[k] as Scalar, y.load(sum, [ids.y, ids.x, indexConst(n)]));
        });
        this.copy(y, subst, [...freeIn(after).scalars]);
        y.stmts.push(...copyBlock(inThread({ stmts: after, yields: [] }), subst).stmts);
        return [];
      });
    });
  }
}

/** `a + b`. */
export function sum(x: Builder, a: Operand, b: Operand, hint: string): Operand {
  if (b.kind === "const" && b.value === 0) return a;
  if (a.kind === "const" && a.value === 0) return b;
  return x.binary("add", a, b, hint);
}
