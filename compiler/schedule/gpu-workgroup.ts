/**
 * Statements that run one after another as the kernel of a single workgroup: what is parallel in them is done by its threads, with a
 * barrier after each step, everything else by one thread, or, where it writes nothing, by all of them alike.
 *
 *   for %j in seq(0, %n) {                          for %j in seq(0, %n) {
 *     %s: f64 = for %k in par(0, %j)                  for %t in threads.x(0, 256) { … store %partial[%t], … }
 *       with %a = 0.0f64 { … }               =>       … seven steps more, each with half of the threads
 *     store %x[%j], %s                                %s: f64 = load %partial[0]
 *   }                                                 for %t in threads.x(0, 1) { store %x[%j], %s }
 *                                                   }
 *
 * A reduction is a sum of each thread over every 256th iteration, then a tree over threads (gpu-reduction.ts): an order that sizes alone fix.
 */

import { writesOf } from "../analysis/effects.ts";
import { identityOf } from "../analysis/reduction.ts";
import { bug, noLoc } from "../diagnostic.ts";
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
import { copyBlock, resultsOf, type Substitution, walk } from "../ir/walk.ts";
import { isParallel } from "./band.ts";
import { inThread } from "./gpu-grid.ts";
import { isReducing, joined, opsOf, overThreads, Partials, type ReducingLoop, threadsFor } from "./gpu-reduction.ts";
import { freeIn, KernelFunc, type Sources } from "./kernel-func.ts";

/** Threads of the workgroup. */
const size = 256;

/** Is there anything for several threads to do? */
export const hasParallel = (stmts: readonly Stmt[]): boolean =>
  [...walk({ stmts, yields: [] })].some((s) => s.kind === "for" && s.mode === "par");

/** The kernel of the statements. */
export function workgroupKernel(
  stmts: readonly Stmt[],
  name: string,
  sources: Sources,
): { func: Func; kernel: KernelFunc } {
  const kernel = new KernelFunc(sources);
  const free = freeIn(stmts);
  kernel.takeArrays(free);
  const loc = stmts[0]?.loc ?? bug("a kernel of no statements");
  const k = new Builder(loc);
  k.for("group", "grid.x", indexConst(0), indexConst(1), [], (g) => {
    if (hasParallel(stmts)) {
      const body = new Builder(loc);
      kernel.takeScalars(free, body);
      const work = new Workgroup(kernel.subst, threadsIn(stmts));
      work.stmts(stmts, body);
      g.stmts.push(...work.allocs.stmts, ...body.stmts);
    } else {
      g.for("thread", "threads.x", indexConst(0), indexConst(1), [], (t) => {
        kernel.takeScalars(free, t);
        t.stmts.push(...copyBlock(inThread({ stmts, yields: [] }), kernel.subst).stmts);
        return [];
      });
    }
    return [];
  });
  return { func: kernel.func(name, k.block([]), loc), kernel };
}

/** How many threads share the reductions in the statements. */
export function threadsIn(stmts: readonly Stmt[], most = size): number {
  const loops = [...walk({ stmts, yields: [] })].filter(isReducing);
  return Math.min(most, ...loops.map((s) => threadsFor(s.carried, most)));
}

/** Makes of statements what a workgroup does; `subst` are its own values for theirs. */
export class Workgroup {
  /** Shared arrays, made where the workgroup begins. */
  readonly allocs = new Builder(noLoc);
  private readonly subst: Substitution;
  private readonly threads: number;
  private readonly partials: Partials;

  constructor(subst: Substitution, threads: number) {
    this.subst = subst;
    this.threads = threads;
    this.partials = new Partials(this.allocs, [threads]);
  }

  stmts(stmts: readonly Stmt[], x: Builder): void {
    let alone: Stmt[] = [];
    const flush = (): void => {
      if (alone.length > 0) this.byOne(alone, x);
      alone = [];
    };
    for (const s of stmts) {
      x.loc = s.loc;
      const parallel = hasParallel([s]);
      if (!parallel && writes(s)) {
        // A result that others take has to come back from the thread that made it.
        if (resultsOf(s).length === 0) alone.push(s);
        else {
          flush();
          this.withResults(s, x);
        }
        continue;
      }
      // Values may stay between stores, as long as these do not change what they load.
      flush();
      if (!parallel) x.stmts.push(...copyBlock({ stmts: [s], yields: [] }, this.subst).stmts);
      else this.steps(s, x);
    }
    flush();
  }

  /** A statement with something parallel in it. */
  private steps(s: Stmt, x: Builder): void {
    if (isParallel(s)) {
      const [own] = copyBlock({ stmts: [{ ...s, body: inThread(s.body) }], yields: [] }, this.subst).stmts;
      x.stmts.push({ ...(own as For), mode: "threads.x" });
    } else if (isReducing(s)) this.reduction(s, x);
    else if (s.kind === "for") {
      const inits = s.inits.map(this.subst.operand);
      const hints = s.carried.map((c) => c.hint);
      const run = (y: Builder, i: Scalar, carried: readonly Scalar[]): readonly Operand[] => {
        this.subst.set(s.index, i);
        return this.inner(s.body, s.carried, carried, y);
      };
      const results = x.for(s.index.hint, "seq", this.subst.operand(s.lo), this.subst.operand(s.hi), inits, run, hints);
      this.bind(s.results, results);
    } else if (s.kind === "while") {
      const inits = s.inits.map(this.subst.operand);
      const results = x.while(
        inits,
        (y, carried) => this.inner(s.cond, s.carried, carried, y)[0] as Operand,
        (y, carried) => this.inner(s.body, s.carried, carried, y),
        s.carried.map((c) => c.hint),
        s.max === null ? null : this.subst.operand(s.max),
      );
      this.bind(s.results, results);
    } else if (s.kind === "if") {
      const results = x.if(
        this.subst.operand(s.cond),
        (y) => this.inner(s.then, [], [], y),
        (y) => this.inner(s.else, [], [], y),
        s.results.map((r) => r.hint),
      );
      this.bind(s.results, results);
    } else bug(`a ${s.kind} with a loop in it`);
  }

  /** A block that carries values in; what it yields. */
  inner(b: Block, carried: readonly Scalar[], now: readonly Operand[], x: Builder): readonly Operand[] {
    this.bind(carried, now);
    this.stmts(b.stmts, x);
    return b.yields.map(this.subst.operand);
  }

  private bind(from: readonly Scalar[], to: readonly Operand[]): void {
    from.forEach((v, k) => void this.subst.set(v, to[k] as Operand));
  }

  /** What the first thread does alone. */
  private byOne(stmts: readonly Stmt[], x: Builder, then: (y: Builder) => void = () => {}): void {
    x.for("thread", "threads.x", indexConst(0), indexConst(1), [], (y) => {
      y.stmts.push(...copyBlock(inThread({ stmts, yields: [] }), this.subst).stmts);
      then(y);
      return [];
    });
  }

  private withResults(s: Stmt, x: Builder): void {
    const results = resultsOf(s) as readonly Scalar[];
    const cells = results.map((r) => this.allocs.alloc(`${r.hint}_shared`, r.type, [indexConst(1)], "shared"));
    this.byOne([s], x, (y) => {
      results.forEach((r, k) => void y.store(cells[k] as ArrayValue, [indexConst(0)], this.subst.operand(r)));
    });
    this.bind(
      results,
      cells.map((c, k) => x.load(c, [indexConst(0)], results[k]?.hint)),
    );
  }

  private reduction(s: ReducingLoop, x: Builder): void {
    const ops = opsOf(s);
    const arrays = this.partials.arrays(s.carried);
    const size = this.threads;
    const [lo, hi] = [this.subst.operand(s.lo), this.subst.operand(s.hi)];
    overThreads(x, [size], (y, [t]) => {
      const thread = t as Scalar;
      const first = y.binary("add", lo, thread, "first");
      const left = y.binary("add", y.binary("sub", hi, first, "left"), indexConst(size - 1), "left");
      const trips = y.binary("floordiv", left, indexConst(size), "trips");
      const inits = s.carried.map((c, k) => identityOf(ops[k] as ReduceOp, c.type));
      const run = (z: Builder, n: Scalar, carried: readonly Scalar[]): readonly Operand[] => {
        const at = z.binary("add", first, z.binary("mul", n, indexConst(size), "at"), s.index.hint);
        this.subst.set(s.index, at);
        this.bind(s.carried, carried);
        const own = copyBlock(inThread(s.body), this.subst);
        z.stmts.push(...own.stmts);
        return own.yields;
      };
      const hints = s.carried.map((c) => c.hint);
      const sums = y.for("n", "seq", indexConst(0), trips, inits, run, hints);
      sums.forEach((v, k) => void y.store(arrays[k] as ArrayValue, [thread], v));
    });
    const sums = this.partials.combined(x, arrays, ops, s.carried);
    const results = sums.map((sum, k) => {
      const init = this.subst.operand(s.inits[k] as Operand);
      return joined(x, ops[k] as ReduceOp, init, sum, s.carried[k] as Scalar);
    });
    this.bind(s.results, results);
  }
}

const writes = (s: Stmt): boolean => [...walk({ stmts: [s], yields: [] })].some((t) => writesOf(t).length > 0);
