/**
 * A parallel loop as a kernel with a workgroup for each iteration, whose threads share what is parallel in there.
 *
 *   for %i in par(0, %n) {                              for %i in grid.x(0, %n) {
 *     %s: f64 = for %j in par(0, %m)                      for %t in threads.x(0, 256) { … load %A[%i, %j] … store %partial[%t], … }
 *       with %a = 0.0f64 { … load %A[%i, %j] … }    =>    …
 *     store %y[%i], %s                                    for %t in threads.x(0, 1) { store %y[%i], %s }
 *   }                                                   }
 *
 * Threads of iterations side by side would be a row apart; so they walk along it. What else stands in the iteration is done as in
 * gpu-workgroup.ts.
 */
import { accessOf } from "../analysis/bounds.ts";
import { type Forms, split } from "../analysis/polynomial.ts";
import { identityOf } from "../analysis/reduction.ts";
import { Builder } from "../ir/build.ts";
import { type Block, type For, indexConst, type Operand, type Scalar, type Stmt } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { blocksOf, walk } from "../ir/walk.ts";
import { nextDim } from "./band.ts";
import type { NestKernel } from "./gpu-grid.ts";
import { allocParts, opsOf, overThreads, type Parts, warp } from "./gpu-reduction.ts";
import { hasParallel, threadsIn, Workgroup } from "./gpu-workgroup.ts";
import { freeIn, KernelFunc, type Sources } from "./kernel-func.ts";

/** So many workgroups at most leave parts of a reduction. */
const mostGroups = 1024;
const mostThreads = 256;

/** Do threads with an iteration each take elements far apart, which threads that share one would take side by side? */
export function walksAlongRows(root: For, forms: Forms): boolean {
  if (nextDim(root, root) !== null) return false;
  const loops = parallelIn(root.body);
  if (loops === null || loops.length === 0 || loops.every(({ loop }) => tripsOf(loop) < warp)) return false;
  const strided = (of: (at: { readonly loop: For }) => For): number =>
    loops.reduce((n, at) => n + stridesIn(at.loop.body, of(at).index, forms), 0);
  return strided(() => root) > strided(({ loop }) => loop);
}

/** The outermost parallel loops of the block; null where it holds what a workgroup as a whole cannot do. */
function parallelIn(b: Block): readonly { readonly loop: For }[] | null {
  const found: { readonly loop: For }[] = [];
  for (const s of b.stmts) {
    if (s.kind === "for" && s.mode === "par") {
      found.push({ loop: s });
      continue;
    }
    if (s.kind === "alloc" || (s.kind === "while" && hasParallel([s]))) return null;
    for (const inner of blocksOf(s)) {
      const own = parallelIn(inner);
      if (own === null) return null;
      found.push(...own);
    }
  }
  return found;
}

const tripsOf = ({ lo, hi }: For): number =>
  lo.kind === "const" && hi.kind === "const" ? Number(hi.value) - Number(lo.value) : Number.POSITIVE_INFINITY;

/** How many accesses in the block the index moves, but not along a row. */
function stridesIn(b: Block, index: Scalar, forms: Forms): number {
  let n = 0;
  for (const s of walk(b)) {
    const steps = accessOf(s)?.index.map((o) => split(forms.of(o), index)?.coefficient ?? null) ?? [];
    const moves = steps.map((c) => c === null || c.terms.length > 0 || c.constant !== 0);
    const last = steps.at(-1);
    const isRow = !moves.slice(0, -1).some(Boolean) && last?.terms.length === 0 && Math.abs(last.constant) === 1;
    if (moves.some(Boolean) && !isRow) n++;
  }
  return n;
}

/** The kernel of the loop; `x` builds what the launch program computes before. */
export function rowsKernel(root: For, name: string, sources: Sources, x: Builder): NestKernel {
  const kernel = new KernelFunc(sources);
  const parts = root.carried.length > 0 ? partsOnHost(root, sources, x) : null;
  const free = freeIn([root]);
  kernel.takeArrays(free);
  const k = new Builder(root.loc);
  const [lo, hi] = [kernel.scalar(root.lo, k), kernel.scalar(root.hi, k)];
  const trips = k.binary("sub", hi, lo, "trips");
  const groups = parts === null ? trips : kernel.scalar(parts.count, k);
  k.for("group", "grid.x", indexConst(0), groups, [], (b, group) => {
    const work = new Workgroup(kernel.subst, threadsIn(root.body.stmts, threadsFor(root.body.stmts)));
    const body = b.inner();
    kernel.takeScalars(free, body);
    const iteration = (y: Builder, at: Scalar, carried: readonly Operand[]): readonly Operand[] => {
      kernel.subst.set(root.index, y.binary("add", at, lo, root.index.hint));
      return work.inner(root.body, root.carried, carried, y);
    };
    if (parts === null) iteration(body, group, []);
    else {
      // Each workgroup has several iterations, and adds up.
      const ops = opsOf(root);
      const left = body.binary("sub", trips, group, "left");
      const rounded = body.binary("add", left, body.binary("sub", groups, indexConst(1)), "left");
      const own = body.binary("floordiv", rounded, groups, "trips");
      const inits = root.carried.map((c, n) => identityOf(ops[n] as ReduceOp, c.type));
      const run = (y: Builder, n: Scalar, carried: readonly Scalar[]): readonly Operand[] =>
        iteration(y, y.binary("add", group, y.binary("mul", n, groups, "at"), "at"), carried);
      const hints = root.carried.map((c) => c.hint);
      const sums = body.for("n", "seq", indexConst(0), own, inits, run, hints);
      overThreads(body, [1], (y) => {
        parts.arrays.forEach((array, n) => void y.store(kernel.array(array), [group], sums[n] as Scalar));
      });
    }
    b.stmts.push(...work.allocs.stmts, ...body.stmts);
    return [];
  });
  return { func: kernel.func(name, k.block([]), root.loc), kernel, parts };
}

/** A workgroup for each iteration, or as many as keep a GPU busy. */
function partsOnHost(root: For, sources: Sources, x: Builder): Parts {
  const trips = x.binary("max", x.binary("sub", root.hi, root.lo, "trips"), indexConst(0), "trips");
  const count = x.binary("min", trips, indexConst(mostGroups), "groups");
  sources.learn(trips);
  sources.learn(count);
  return allocParts(root, count, x);
}

/** As many as the longest of the loops has iterations, where that is known. */
function threadsFor(stmts: readonly Stmt[]): number {
  const loops = parallelIn({ stmts, yields: [] }) ?? [];
  const most = Math.max(...loops.map(({ loop }) => tripsOf(loop)));
  let threads = mostThreads;
  while (threads > warp && threads / 2 >= most) threads /= 2;
  return threads;
}
