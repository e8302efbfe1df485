/**
 * The nest of workgroups that a tiling describes (tile.ts):
 *
 *   for %gy in grid.y(0, …) { for %gx in grid.x(0, …) {
 *     %tile: f64[16, 65]@shared = alloc             one for each staged load, a column more than it needs against bank conflicts
 *     %sum: f64[16, 16, 16]@shared = alloc          elements of one thread each, which devices keep in registers (privatise.ts)
 *     for %ty in threads.y(0, 16) { for %tx in threads.x(0, 16) { the sums' first values } }
 *     for %step in seq(0, …) {
 *       for %ty … for %tx … { loads of the tiles }
 *       for %ty … for %tx … { for %k in seq(0, %trips) with 16 sums { … } }
 *     }
 *     for %ty … for %tx … { what comes after the reduction }
 *
 * Thread (tx, ty) has the points x = first + tx + 16 c and y = first + ty + 16 r of its workgroup's tile, for c, r below 4.
 */
import { zeroOf } from "../analysis/effects.ts";
import { type Forms, valuesOf } from "../analysis/polynomial.ts";
import type { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  indexConst,
  type Let,
  type Operand,
  type Polynomial,
  type Scalar,
  type ScalarType,
  type Stmt,
} from "../ir/ir.ts";
import { copyBlock, Substitution, usesOf } from "../ir/walk.ts";
import { type Dim, emit, extreme, type Range } from "./band.ts";
import { inThread } from "./gpu-grid.ts";
import { freeIn } from "./kernel-func.ts";
import { type DependsOn, dependences, type Side, type Staged, type Tiling, tripsOf } from "./tiling.ts";

/** Threads along each side of a workgroup, and how far one step goes along the reduction. */
const side = 16;
/** Sums of a thread along each side of its block, at most. */
const most = 4;
/** Elements of tiles in a workgroup: of f32 the 16 KiB that every device has, of f64 32 KiB. */
const mostElements = 4096;

/** Builds the nest, and before it what the launch program computes. */
export function tiledNest(t: Tiling, forms: Forms, x: Builder): void {
  new TiledNest(t, forms).build(x);
}

/** A point of a thread's block. */
interface Point {
  readonly r: number;
  readonly c: number;
}

class TiledNest {
  private readonly t: Tiling;
  private readonly forms: Forms;
  private readonly from: DependsOn;
  /** How many points a thread has along each side, and a workgroup so. */
  private readonly block: Readonly<Record<Side, number>>;
  /** The first and last index of the workgroup's tile. */
  private readonly first: Record<Side, Operand> = { x: indexConst(0), y: indexConst(0) };
  private batch: Operand | null = null;
  private ends: readonly [Operand, Operand] = [indexConst(0), indexConst(0)];
  private readonly tiles = new Map<Staged, ArrayValue>();
  private sums: readonly ArrayValue[] = [];

  constructor(t: Tiling, forms: Forms) {
    this.t = t;
    this.forms = forms;
    const body = t.reduction.body.stmts as readonly Let[];
    this.from = dependences([...t.before, ...body], [...t.dims.map((d) => d.loop), t.reduction]);
    const fitting = (n: number): number =>
      n > 1 && t.staged.length * side * (side * n + 1) > mostElements ? fitting(n / 2) : n;
    const needed = (d: Dim): number => Math.min(fitting(most), Math.ceil(tripsOf(d) / side));
    this.block = { x: needed(t.x), y: needed(t.y) };
  }

  build(x: Builder): void {
    const { t } = this;
    const groups = (d: Dim, s: Side): Operand => {
      const trips = x.binary("sub", d.hi, d.lo, "trips");
      const size = side * this.block[s];
      return x.binary("floordiv", x.binary("add", trips, indexConst(size - 1), "trips"), indexConst(size), "groups");
    };
    const [along, down] = [groups(t.x, "x"), groups(t.y, "y")];
    const plane = (y: Builder): void => {
      y.for("group", "grid.y", indexConst(0), down, [], (z, gy) => {
        z.for("group", "grid.x", indexConst(0), along, [], (w, gx) => {
          this.first.y = at(w, t.y.lo, w.binary("mul", gy, indexConst(side * this.block.y), "first"), "first");
          this.first.x = at(w, t.x.lo, w.binary("mul", gx, indexConst(side * this.block.x), "first"), "first");
          this.group(w);
          return [];
        });
        return [];
      });
    };
    const { batch } = t;
    if (batch === null) plane(x);
    else {
      const count = x.binary("sub", batch.hi, batch.lo, "groups");
      x.for("group", "grid.z", indexConst(0), count, [], (y, g) => {
        this.batch = at(y, batch.lo, g, batch.loop.index.hint);
        plane(y);
        return [];
      });
    }
  }

  /** What a workgroup does. */
  private group(x: Builder): void {
    const { t } = this;
    for (const s of t.staged) {
      const { array } = s.load.expr;
      const length = side * this.block[s.along] + 1;
      this.tiles.set(
        s,
        x.alloc(`${array.hint}_tile`, array.type.elem, [indexConst(side), indexConst(length)], "shared"),
      );
    }
    this.sums = t.reduction.carried.map((c) => {
      const points = this.block.x * this.block.y;
      return x.alloc(c.hint, c.type, [side, side, points].map(indexConst), "shared");
    });
    const active = this.activity(x);
    if (active === null) this.phases(x);
    else {
      x.if(active, (y) => {
        this.phases(y);
        return [];
      });
    }
  }

  private phases(x: Builder): void {
    const { t } = this;
    const [lo, hi] = [this.extremeOf(x, t.lo, -1), this.extremeOf(x, t.hi, 1)];
    this.ends = [lo, hi];
    this.threads(x, (y, ids) => this.start(y, ids));
    const trips = x.binary("sub", hi, lo, "trips");
    const steps = x.binary(
      "floordiv",
      x.binary("add", trips, indexConst(side - 1), "trips"),
      indexConst(side),
      "steps",
    );
    x.for("step", "seq", indexConst(0), steps, [], (y, step) => {
      const k = at(y, lo, y.binary("mul", step, indexConst(side), "first"), "first");
      this.threads(y, (z, ids) => {
        for (const s of t.staged) this.load(z, s, k, ids);
      });
      const left = y.binary("sub", hi, k, "left");
      const count = y.binary("min", left, indexConst(side), "trips");
      this.threads(y, (z, ids) => this.reduce(z, k, count, ids));
      return [];
    });
    this.threads(x, (y, ids) => this.finish(y, ids));
  }

  private threads(x: Builder, body: (y: Builder, ids: Readonly<Record<Side, Scalar>>) => void): void {
    x.for("thread", "threads.y", indexConst(0), indexConst(side), [], (y, ty) => {
      y.for("thread", "threads.x", indexConst(0), indexConst(side), [], (z, tx) => {
        body(z, { x: tx, y: ty });
        return [];
      });
      return [];
    });
  }

  private get points(): readonly Point[] {
    const range = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k);
    return range(this.block.y).flatMap((r) => range(this.block.x).map((c) => ({ r, c })));
  }

  /** Gives the indices of the parallel loops their values at a point. */
  private bind(x: Builder, ids: Readonly<Record<Side, Scalar>>, { r, c }: Point): Substitution {
    const { t } = this;
    const subst = new Substitution();
    const index = (s: Side, n: number): Operand =>
      at(x, this.first[s], at(x, ids[s], indexConst(side * n), "at"), t[s].loop.index.hint);
    subst.set(t.x.loop.index, index("x", c));
    subst.set(t.y.loop.index, index("y", r));
    if (t.batch !== null && this.batch !== null) subst.set(t.batch.loop.index, this.batch);
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
  private start(x: Builder, ids: Readonly<Record<Side, Scalar>>): void {
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
      this.sums.forEach((sum, k) => void x.store(sum, [ids.y, ids.x, indexConst(n)], values[k] as Operand));
    });
  }

  /** One tile's elements, from `k` on along the reduction; zeros where the loops make no trip. */
  private load(x: Builder, s: Staged, k: Operand, ids: Readonly<Record<Side, Scalar>>): void {
    const { t } = this;
    const tile = this.tiles.get(s) as ArrayValue;
    const d = t[s.along];
    const { array, index } = s.load.expr;
    const { result } = s.value;
    const zero = (): readonly Operand[] => [zeroOf(result.type)];
    x.for("n", "seq", indexConst(0), indexConst(this.block[s.along]), [], (y, n) => {
      // Threads side by side load what stands side by side.
      const [step, thread] = s.rowsAlongK ? [ids.x, ids.y] : [ids.y, ids.x];
      const along = y.binary("add", thread, y.binary("mul", n, indexConst(side), "at"), "at");
      const subst = new Substitution();
      const i = at(y, this.first[s.along], along, d.loop.index.hint);
      const now = at(y, k, step, t.reduction.index.hint);
      subst.set(d.loop.index, i);
      subst.set(t.reduction.index, now);
      if (t.batch !== null && this.batch !== null) subst.set(t.batch.loop.index, this.batch);
      const [own, one] = [y.compare("lt", i, d.hi, "inside"), y.compare("lt", now, this.ends[1], "inside")];
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
  private reduce(x: Builder, k: Operand, count: Operand, ids: Readonly<Record<Side, Scalar>>): void {
    const { t, points } = this;
    const { reduction } = t;
    const inits = points.flatMap((_, n) => this.sums.map((sum) => x.load(sum, [ids.y, ids.x, indexConst(n)])));
    const width = this.sums.length;
    const results = x.for(reduction.index.hint, "seq", indexConst(0), count, inits, (y, step, carried) => {
      const now = at(y, k, step, reduction.index.hint);
      const own = t.staged.map((s) => this.fromTile(y, s, step, ids));
      return points.flatMap((p, n) => this.step(y, p, now, own, ids, carried.slice(n * width, (n + 1) * width)));
    });
    points.forEach((_, n) => {
      this.sums.forEach(
        (sum, j) => void x.store(sum, [ids.y, ids.x, indexConst(n)], results[n * width + j] as Operand),
      );
    });
  }

  /** The elements of a tile that a thread takes in one step. */
  private fromTile(x: Builder, s: Staged, step: Scalar, ids: Readonly<Record<Side, Scalar>>): readonly Scalar[] {
    const tile = this.tiles.get(s) as ArrayValue;
    return Array.from({ length: this.block[s.along] }, (_, n) =>
      x.load(tile, [step, at(x, ids[s.along], indexConst(side * n), "at")], s.value.result.hint),
    );
  }

  /** One trip of the reduction at one point. */
  private step(
    x: Builder,
    p: Point,
    k: Operand,
    staged: readonly (readonly Scalar[])[],
    ids: Readonly<Record<Side, Scalar>>,
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
  private finish(x: Builder, ids: Readonly<Record<Side, Scalar>>): void {
    const { reduction, after } = this.t;
    this.points.forEach((p, n) => {
      const subst = this.bind(x, ids, p);
      this.inside(x, subst, (y) => {
        this.sums.forEach((sum, k) => {
          subst.set(reduction.results[k] as Scalar, y.load(sum, [ids.y, ids.x, indexConst(n)]));
        });
        this.copy(y, subst, [...freeIn(after).scalars]);
        y.stmts.push(...copyBlock(inThread({ stmts: after, yields: [] }), subst).stmts);
        return [];
      });
    });
  }

  /** Is there a point inside in the workgroup's tile? Null where there is in each. */
  private activity(x: Builder): Operand | null {
    let all: Operand | null = null;
    for (const d of this.t.dims) {
      if (!d.guarded) continue;
      const [low, high] = [
        this.extremeOf(x, this.forms.of(d.loop.lo), -1),
        this.extremeOf(x, this.forms.of(d.loop.hi), 1),
      ];
      const range = this.rangeOf(x, d);
      const fits = x.binary(
        "and",
        x.compare("lt", range.first, high, "active"),
        x.compare("le", low, range.last, "active"),
        "active",
      );
      all = all === null ? fits : x.binary("and", all, fits, "active");
    }
    return all;
  }

  /** The form's largest or smallest value in the workgroup's tile. */
  private extremeOf(x: Builder, form: Polynomial, sign: 1 | -1): Operand {
    const used = new Set(valuesOf(form));
    const ranges = this.t.dims
      .filter((d) => used.has(d.loop.index))
      .map((d): Range => {
        const { first, last } = this.rangeOf(x, d);
        return { index: d.loop.index, first: this.forms.of(first), last: this.forms.of(last) };
      });
    const found = extreme(form, sign, ranges);
    return emit(x, found ?? form);
  }

  /** The first and the last index of a loop in the workgroup's tile. */
  private rangeOf(x: Builder, d: Dim): { readonly first: Operand; readonly last: Operand } {
    if (d === this.t.batch) return { first: this.batch as Operand, last: this.batch as Operand };
    const s: Side = d === this.t.x ? "x" : "y";
    const end = at(x, this.first[s], indexConst(side * this.block[s]), "end");
    return { first: this.first[s], last: at(x, x.binary("min", end, d.hi, "end"), indexConst(-1), "last") };
  }
}

/** `a + b`. */
function at(x: Builder, a: Operand, b: Operand, hint: string): Operand {
  if (b.kind === "const" && b.value === 0) return a;
  if (a.kind === "const" && a.value === 0) return b;
  return x.binary("add", a, b, hint);
}
