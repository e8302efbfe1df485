/**
 * A nest of parallel loops as a kernel: up to three of the loops become workgroups of threads, what is inside runs in one thread.
 *
 *   for %i in par(0, %n) {                      for %by in grid.y(0, %rows) {             %rows = (%n + 7) / 8
 *     for %j in par(0, %m) {                      for %bx in grid.x(0, %columns) {        %columns = (%m + 31) / 32
 *       …                               =>          for %ty in threads.y(0, 8) {
 *     }                                               for %tx in threads.x(0, 32) {
 *   }                                                   %i = 8 %by + %ty, %j = 32 %bx + %tx
 *                                                       if %i < %n { if %j < %m { … } }
 *
 * The loop along whose index most accesses walk through rows runs along x, where threads stand side by side. Where an inner loop's bounds
 * depend on an outer index (a triangle), it gets as many threads as it may need in any iteration, and a guard.
 *
 * A nest that carries reductions has no more workgroups than it takes to keep a GPU busy. Each thread adds up over its iterations, a tree
 * over the threads of a workgroup leaves one part of each reduction, and who launches the kernel combines the parts: an order that
 * sizes alone fix.
 */
import { type Axis, axes } from "../analysis/device-kernel.ts";
import type { Forms } from "../analysis/polynomial.ts";
import { identityOf } from "../analysis/reduction.ts";
import { bug } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  type Operand,
  type Scalar,
  type Stmt,
} from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { copyBlock, mapBlocks, Substitution } from "../ir/walk.ts";
import { alongRows, bandOf, type Dim } from "./band.ts";
import { allocParts, opsOf, overThreads, Partials, type Parts, type Shape, threadsFor } from "./gpu-reduction.ts";
import { freeIn, KernelFunc, type Sources } from "./kernel-func.ts";

/** Threads of a workgroup, by how many loops are mapped: along x, y, z. */
const shapes = [[256], [32, 8], [32, 4, 2]] as const;

/** A kernel, what to launch it with, and what it leaves of the reductions that its nest carries. */
export interface NestKernel {
  readonly func: Func;
  readonly kernel: KernelFunc;
  readonly parts: Parts | null;
}

/** The kernel of a nest; `x` builds what the launch program computes before. */
export function gridKernel(root: For, name: string, forms: Forms, sources: Sources, x: Builder): NestKernel {
  const dims = bandOf(root, forms, sources, x);
  const nest = new GridNest(root, dims, alongRows(dims, forms), new KernelFunc(sources));
  const grid = root.carried.length > 0 ? nest.gridOnHost(sources, x) : null;
  nest.kernel.takeArrays(freeIn([root]));
  const k = new Builder(root.loc);
  nest.groups(k, grid);
  return { func: nest.kernel.func(name, k.block([]), root.loc), kernel: nest.kernel, parts: grid?.parts ?? null };
}

/** How many workgroups a nest has that carries reductions, for each of its dimensions, and what they leave. */
interface Grid {
  readonly counts: readonly Operand[];
  readonly parts: Parts;
}

/** So many workgroups at most leave parts of a reduction, or as many as one row of a grid has along its faster axes. */
const mostGroups = 1024;
/** So many iterations a thread has at least, where one is but an element of a reduction. */
const fewestIterations = 4;

class GridNest {
  readonly kernel: KernelFunc;
  private readonly root: For;
  private readonly dims: readonly Dim[];
  /** The numbers of the dimensions from x to z. */
  private readonly order: readonly number[];
  /** Threads along each dimension. */
  private readonly sizes: readonly number[];
  private readonly shape: Shape;
  private bounds: readonly { readonly lo: Operand; readonly hi: Operand }[] = [];

  constructor(root: For, dims: readonly Dim[], order: readonly number[], kernel: KernelFunc) {
    this.root = root;
    this.dims = dims;
    this.order = order;
    this.kernel = kernel;
    this.shape = shapeFor(root, dims.length);
    this.sizes = dims.map((_, n) => this.shape[order.indexOf(n)] as number);
  }

  /** Is each iteration but an element of a reduction? */
  private get isSingle(): boolean {
    const { stmts } = this.root.body;
    return this.dims.length === 1 && !stmts.some((s) => s.kind === "for" || s.kind === "while");
  }

  /** Computes in the launch program how many workgroups there are. What is beyond the last along the slowest axis they do in steps. */
  gridOnHost(sources: Sources, x: Builder): Grid {
    const from = x.stmts.length;
    const counts: Operand[] = [];
    let faster: Operand | null = null;
    for (const [axis, n] of this.order.entries()) {
      const { lo, hi } = this.dims[n] as Dim;
      const each = (this.sizes[n] as number) * (this.isSingle ? fewestIterations : 1);
      const trips = x.binary("max", x.binary("sub", hi, lo, "trips"), indexConst(0), "trips");
      const rounded = x.binary("add", trips, indexConst(each - 1), "trips");
      let count = x.binary("floordiv", rounded, indexConst(each), "groups");
      if (axis === this.order.length - 1) {
        const room = (f: Operand): Operand =>
          x.binary("floordiv", indexConst(mostGroups), x.binary("max", f, indexConst(1), "most"), "most");
        const most = faster === null ? indexConst(mostGroups) : x.binary("max", room(faster), indexConst(1), "most");
        count = x.binary("min", count, most, "groups");
      }
      counts[n] = count;
      faster = faster === null ? count : x.binary("mul", faster, count, "groups");
    }
    const all = faster ?? bug("a nest of no loops");
    for (const s of x.stmts.slice(from)) if (s.kind === "let") sources.learn(s.result);
    return { counts, parts: allocParts(this.root, all, x) };
  }

  /** The loops over workgroups and threads, the innermost along x. */
  groups(k: Builder, grid: Grid | null): void {
    const { kernel, dims, sizes } = this;
    this.bounds = dims.map((d) => ({ lo: kernel.scalar(d.lo, k), hi: kernel.scalar(d.hi, k) }));
    const counts = this.bounds.map(({ lo, hi }, n) => {
      const known = grid?.counts[n];
      if (known !== undefined) return kernel.scalar(known, k);
      const size = sizes[n] as number;
      const trips = k.binary("sub", hi, lo, "trips");
      return k.binary("floordiv", k.binary("add", trips, indexConst(size - 1), "trips"), indexConst(size), "groups");
    });
    const nest = (b: Builder, at: number, blocks: ReadonlyMap<number, Scalar>): void => {
      const n = this.order[at];
      if (n === undefined) {
        if (grid === null) this.threads(b, blocks);
        else this.reduction(b, blocks, counts, grid.parts);
        return;
      }
      b.for("group", `grid.${axes[at] as Axis}`, indexConst(0), counts[n] as Operand, [], (inside, g) => {
        nest(inside, at - 1, new Map([...blocks, [n, g]]));
        return [];
      });
    };
    nest(k, this.order.length - 1, new Map());
  }

  /** Each thread has one iteration. */
  private threads(b: Builder, blocks: ReadonlyMap<number, Scalar>): void {
    overThreads(b, this.shape, (y, ids) => {
      const at = this.dims.map((_, n) => this.first(y, n, blocks, ids));
      this.level(y, 0, at, [], null);
    });
  }

  /** Each thread has iterations along the slowest axis, and adds up; then the threads of the workgroup do. */
  private reduction(b: Builder, blocks: ReadonlyMap<number, Scalar>, counts: readonly Operand[], parts: Parts): void {
    const { root, kernel, shape } = this;
    const ops = opsOf(root);
    const partials = new Partials(b, shape);
    const arrays = partials.arrays(root.carried);
    const slowest = this.order.at(-1) as number;
    const size = indexConst(this.sizes[slowest] as number);
    const { hi } = this.bounds[slowest] as { hi: Operand };
    overThreads(b, shape, (y, ids) => {
      kernel.takeScalars(freeIn([root]), y);
      const at = this.dims.map((_, n) => this.first(y, n, blocks, ids));
      const first = at[slowest] as Scalar;
      const step = y.binary("mul", counts[slowest] as Operand, size, "step");
      const left = y.binary("add", y.binary("sub", hi, first, "left"), y.binary("sub", step, indexConst(1)), "left");
      const trips = y.binary("floordiv", left, step, "trips");
      const inits = root.carried.map((c, k) => identityOf(ops[k] as ReduceOp, c.type));
      const run = (z: Builder, n: Scalar, carried: readonly Scalar[]): readonly Operand[] => {
        const own = z.binary("add", first, z.binary("mul", n, step, "at"), first.hint);
        return this.level(z, 0, at.with(slowest, own), carried, slowest);
      };
      const hints = root.carried.map((c) => c.hint);
      const sums = y.for("n", "seq", indexConst(0), trips, inits, run, hints);
      const own = ids.toReversed();
      sums.forEach((v, k) => void y.store(arrays[k] as ArrayValue, own, v));
    });
    const sums = partials.combined(b, arrays, ops, root.carried);
    const group = this.order.toReversed().reduce<Operand>((at, n) => {
      const own = blocks.get(n) as Scalar;
      return at.kind === "const"
        ? own
        : b.binary("add", b.binary("mul", at, counts[n] as Operand, "group"), own, "group");
    }, indexConst(0));
    overThreads(b, [1], (y) => {
      parts.arrays.forEach((array, k) => void y.store(kernel.array(array), [group], sums[k] as Scalar));
    });
  }

  /** A thread's iteration, or its first, of the loop of a dimension. */
  private first(y: Builder, n: number, blocks: ReadonlyMap<number, Scalar>, ids: readonly Scalar[]): Scalar {
    const first = y.binary("mul", blocks.get(n) as Scalar, indexConst(this.sizes[n] as number), "at");
    const at = y.binary("add", first, ids[this.order.indexOf(n)] as Scalar, "at");
    return y.binary("add", at, (this.bounds[n] as { lo: Operand }).lo, (this.dims[n] as Dim).loop.index.hint);
  }

  /**
   * The iteration `at` of the loops from the n-th inwards, where they have it; what they carry after it. That of the dimension `stepped` is
   * below its bound.
   */
  private level(
    y: Builder,
    n: number,
    at: readonly Scalar[],
    carried: readonly Operand[],
    stepped: number | null,
  ): readonly Operand[] {
    const { subst } = this.kernel;
    const { loop, guarded } = this.dims[n] as Dim;
    const i = at[n] as Scalar;
    subst.set(loop.index, i);
    this.bind(loop.carried, carried);
    const tests: ((z: Builder) => Scalar)[] = [];
    const { hi } = this.bounds[n] as { hi: Operand };
    if (n !== stepped) tests.push((z) => z.compare("lt", i, hi, "inside"));
    if (guarded) {
      tests.push((z) => z.compare("le", subst.operand(loop.lo), i, "inside"));
      tests.push((z) => z.compare("lt", i, subst.operand(loop.hi), "inside"));
    }
    const inside = (z: Builder, k: number): readonly Operand[] => {
      const test = tests[k];
      if (test === undefined) {
        if (n === 0) this.kernel.takeScalars(freeIn([this.root]), z);
        return this.iteration(z, n, at, stepped);
      }
      const hints = loop.carried.map((c) => c.hint);
      return z.if(
        test(z),
        (w) => inside(w, k + 1),
        () => carried,
        hints,
      );
    };
    return inside(y, 0);
  }

  /** The body of the n-th loop, with one iteration of the one inside if that has a dimension as well. */
  private iteration(y: Builder, n: number, at: readonly Scalar[], stepped: number | null): readonly Operand[] {
    const { subst } = this.kernel;
    const { loop, lets } = this.dims[n] as Dim;
    const next = this.dims[n + 1]?.loop;
    if (next === undefined) {
      const own = copyBlock(inThread(loop.body), subst);
      y.stmts.push(...own.stmts);
      return own.yields;
    }
    y.stmts.push(...copyBlock({ stmts: lets, yields: [] }, subst).stmts);
    this.bind(next.results, this.level(y, n + 1, at, next.inits.map(subst.operand), stepped));
    return loop.body.yields.map(subst.operand);
  }

  private bind(from: readonly Scalar[], to: readonly Operand[]): void {
    from.forEach((v, k) => void this.kernel.subst.set(v, to[k] as Operand));
  }
}

/** As many threads as have room in shared memory for what they reduce, fewer along the slowest axes. */
function shapeFor(root: For, rank: number): Shape {
  const shape: number[] = [...(shapes[rank - 1] as Shape)];
  const threads = (): number => shape.reduce((a, b) => a * b, 1);
  for (let most = threadsFor(root.carried, threads()); threads() > most; ) {
    const axis = shape.findLastIndex((n) => n > 1);
    shape[axis] = (shape[axis] as number) / 2;
  }
  return shape;
}

/** What one thread runs, in order; arrays made in there are its own. */
export function inThread(b: Block): Block {
  const own = new Substitution();
  const visit = (block: Block): Block => ({
    stmts: block.stmts.map((s): Stmt => {
      if (s.kind === "alloc" && s.result.type.space === "global") {
        const result: ArrayValue = { ...s.result, type: { ...s.result.type, space: "local" } };
        own.setArray(s.result, result);
        return { ...s, result };
      }
      const inner = mapBlocks(s, visit);
      return inner.kind === "for" && inner.mode === "par" ? { ...inner, mode: "seq" } : inner;
    }),
    yields: block.yields,
  });
  const made = visit(b);
  return own.empty ? made : own.block(made);
}
