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
 */
import { type Axis, axes } from "../analysis/device-kernel.ts";
import type { Forms } from "../analysis/polynomial.ts";
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
import { copyBlock, mapBlocks, Substitution } from "../ir/walk.ts";
import { alongRows, bandOf, type Dim } from "./band.ts";
import { freeIn, KernelFunc, type Sources } from "./kernel-func.ts";

/** Threads of a workgroup, by how many loops are mapped: along x, y, z. */
const shapes = [[256], [32, 8], [32, 4, 2]] as const;

/** The kernel of a nest, and what to launch it with; `x` builds what the launch program computes before. */
export function gridKernel(
  root: For,
  name: string,
  forms: Forms,
  sources: Sources,
  x: Builder,
): { func: Func; kernel: KernelFunc } {
  const dims = bandOf(root, forms, sources, x);
  const inner = (dims.at(-1) as Dim).loop.body;
  const kernel = new KernelFunc(sources);
  const free = freeIn([root]);
  kernel.takeArrays(free);
  const shape = shapes[dims.length - 1] as readonly number[];
  const order = alongRows(dims, forms);

  const k = new Builder(root.loc);
  const bounds = dims.map((d) => ({ lo: kernel.scalar(d.lo, k), hi: kernel.scalar(d.hi, k) }));
  const sizes = dims.map((_, n) => shape[order.indexOf(n)] as number);
  const groups = bounds.map(({ lo, hi }, n) => {
    const trips = k.binary("sub", hi, lo, "trips");
    return k.binary(
      "floordiv",
      k.binary("add", trips, indexConst((sizes[n] as number) - 1), "trips"),
      indexConst(sizes[n] as number),
      "groups",
    );
  });
  const axis = (n: number): Axis => axes[order.indexOf(n)] as Axis;
  // From z to x, so that x is the innermost.
  const outside = order.toReversed();
  const nest = (b: Builder, at: number, blocks: ReadonlyMap<number, Scalar>): void => {
    const n = outside[at];
    if (n === undefined) {
      threads(b, 0, blocks, new Map());
      return;
    }
    b.for("group", `grid.${axis(n)}`, indexConst(0), groups[n] as Operand, [], (inside, g) => {
      nest(inside, at + 1, new Map([...blocks, [n, g]]));
      return [];
    });
  };
  const threads = (
    b: Builder,
    at: number,
    blocks: ReadonlyMap<number, Scalar>,
    ids: ReadonlyMap<number, Scalar>,
  ): void => {
    const n = outside[at];
    if (n === undefined) {
      body(b, blocks, ids);
      return;
    }
    b.for("thread", `threads.${axis(n)}`, indexConst(0), indexConst(sizes[n] as number), [], (inside, t) => {
      threads(inside, at + 1, blocks, new Map([...ids, [n, t]]));
      return [];
    });
  };
  const body = (b: Builder, blocks: ReadonlyMap<number, Scalar>, ids: ReadonlyMap<number, Scalar>): void => {
    const index = dims.map((_, n) => {
      const first = b.binary("mul", blocks.get(n) as Scalar, indexConst(sizes[n] as number), "at");
      const at = b.binary("add", first, ids.get(n) as Scalar, "at");
      return b.binary("add", at, (bounds[n] as { lo: Operand }).lo, (dims[n] as Dim).loop.index.hint);
    });
    const level = (y: Builder, n: number): void => {
      const d = dims[n];
      if (d === undefined) {
        y.stmts.push(...copyBlock(inThread(inner), kernel.subst).stmts);
        return;
      }
      const i = index[n] as Scalar;
      kernel.subst.set(d.loop.index, i);
      y.if(y.compare("lt", i, (bounds[n] as { hi: Operand }).hi, "inside"), (z) => {
        if (n === 0) kernel.takeScalars(freeIn([root]), z);
        const rest = (w: Builder): void => {
          w.stmts.push(...copyBlock({ stmts: d.lets, yields: [] }, kernel.subst).stmts);
          level(w, n + 1);
        };
        if (!d.guarded) rest(z);
        else {
          const [lo, hi] = [kernel.subst.operand(d.loop.lo), kernel.subst.operand(d.loop.hi)];
          z.if(z.compare("le", lo, i, "inside"), (w) => {
            w.if(w.compare("lt", i, hi, "inside"), (v) => {
              rest(v);
              return [];
            });
            return [];
          });
        }
        return [];
      });
    };
    level(b, 0);
  };
  nest(k, 0, new Map());
  return { func: kernel.func(name, k.block([]), root.loc), kernel };
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
