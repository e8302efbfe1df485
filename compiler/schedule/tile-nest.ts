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
import { type Forms, valuesOf } from "../analysis/polynomial.ts";
import type { Builder } from "../ir/build.ts";
import { type ArrayValue, indexConst, type Operand, type Polynomial } from "../ir/ir.ts";
import { type Dim, emit, extreme, type Range } from "./band.ts";
import { side, sum, type ThreadIds, TileThreads, type Workplace } from "./tile-threads.ts";
import { type Side, type Staged, type Tiling, tripsOf } from "./tiling.ts";

/** Sums of a thread along each side of its block, at most. */
const most = 4;
/** Elements of tiles in a workgroup: of f32 the 16 KiB that every device has, of f64 32 KiB. */
const mostElements = 4096;

/** Builds the nest, and before it what the launch program computes. */
export function tiledNest(t: Tiling, forms: Forms, x: Builder): void {
  new TiledNest(t, forms).build(x);
}

class TiledNest {
  private readonly t: Tiling;
  private readonly forms: Forms;
  /** How many points a thread has along each side, and a workgroup so. */
  private readonly block: Readonly<Record<Side, number>>;
  /** The first index of the workgroup's tile along each side. */
  private readonly first: Record<Side, Operand> = { x: indexConst(0), y: indexConst(0) };
  private batch: Operand | null = null;

  constructor(t: Tiling, forms: Forms) {
    this.t = t;
    this.forms = forms;
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
          this.first.y = sum(w, t.y.lo, w.binary("mul", gy, indexConst(side * this.block.y), "first"), "first");
          this.first.x = sum(w, t.x.lo, w.binary("mul", gx, indexConst(side * this.block.x), "first"), "first");
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
        this.batch = sum(y, batch.lo, g, batch.loop.index.hint);
        plane(y);
        return [];
      });
    }
  }

  /** What a workgroup does. */
  private group(x: Builder): void {
    const { t, block } = this;
    const tiles = t.staged.map((s): [Staged, ArrayValue] => {
      const sizes = [side, side * block[s.along] + 1].map(indexConst);
      return [s, x.alloc(`${s.load.expr.array.hint}_tile`, s.value.result.type, sizes, "shared")];
    });
    const shape = [side, side, block.x * block.y].map(indexConst);
    const sums = t.reduction.carried.map((c) => x.alloc(c.hint, c.type, shape, "shared"));
    const phases = (y: Builder): void => this.phases(y, new Map(tiles), sums);
    const active = this.activity(x);
    if (active === null) phases(x);
    else {
      x.if(active, (y) => {
        phases(y);
        return [];
      });
    }
  }

  private phases(x: Builder, tiles: Workplace["tiles"], sums: Workplace["sums"]): void {
    const { t, block, first, batch } = this;
    const [lo, end] = [this.extremeOf(x, t.lo, -1), this.extremeOf(x, t.hi, 1)];
    const work = new TileThreads(t, { block, first, batch, end, tiles, sums });
    this.threads(x, (y, ids) => work.start(y, ids));
    const trips = x.binary("sub", end, lo, "trips");
    const rounded = x.binary("add", trips, indexConst(side - 1), "trips");
    const steps = x.binary("floordiv", rounded, indexConst(side), "steps");
    x.for("step", "seq", indexConst(0), steps, [], (y, step) => {
      const k = sum(y, lo, y.binary("mul", step, indexConst(side), "first"), "first");
      this.threads(y, (z, ids) => {
        for (const s of t.staged) work.load(z, s, k, ids);
      });
      const left = y.binary("sub", end, k, "left");
      const count = y.binary("min", left, indexConst(side), "trips");
      this.threads(y, (z, ids) => work.reduce(z, k, count, ids));
      return [];
    });
    this.threads(x, (y, ids) => work.finish(y, ids));
  }

  private threads(x: Builder, body: (y: Builder, ids: ThreadIds) => void): void {
    x.for("thread", "threads.y", indexConst(0), indexConst(side), [], (y, ty) => {
      y.for("thread", "threads.x", indexConst(0), indexConst(side), [], (z, tx) => {
        body(z, { x: tx, y: ty });
        return [];
      });
      return [];
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
    const end = sum(x, this.first[s], indexConst(side * this.block[s]), "end");
    return { first: this.first[s], last: sum(x, x.binary("min", end, d.hi, "end"), indexConst(-1), "last") };
  }
}
