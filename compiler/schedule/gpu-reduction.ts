/**
 * Reductions by the threads of a workgroup: what each thread has, in a shared array, is combined two by two, in an order that the number of
 * threads fixes.
 *
 *   for %t in threads.x(0, 256) { … store %partial[%t], %s }
 *   for %t in threads.x(0, 128) { %o = %t + 128    store %partial[%t], op(%partial[%t], %partial[%o]) }
 *   …
 *   for %t in threads.x(0, 1)   { %o = %t + 1      store %partial[%t], op(%partial[%t], %partial[%o]) }
 *   %s: f64 = load %partial[0]
 *
 * Threads along several axes fold the slowest one first.
 */
import { axes } from "../analysis/device-kernel.ts";
import { reductionOf } from "../analysis/reduction.ts";
import { bug } from "../diagnostic.ts";
import { Builder, binaryExpr, value } from "../ir/build.ts";
import { type ArrayValue, type For, indexConst, type Operand, type Scalar, type Stmt } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";

/** A parallel loop that carries reductions. */
export type ReducingLoop = For & { readonly mode: "par" };

export const isReducing = (s: Stmt): s is ReducingLoop => s.kind === "for" && s.mode === "par" && s.carried.length > 0;

/** By what the loop reduces each value that it carries. */
export const opsOf = (s: For): readonly ReduceOp[] =>
  s.carried.map((_, k) => reductionOf(s, k) ?? bug("a parallel loop carries more than reductions"));

/** How many threads along x, y and z. */
export type Shape = readonly number[];

/** Runs `body` in all threads of a workgroup; `ids` are those along x, y and z. */
export function overThreads(x: Builder, shape: Shape, body: (y: Builder, ids: readonly Scalar[]) => void): void {
  const level = (b: Builder, axis: number, ids: readonly Scalar[]): void => {
    if (axis < 0) {
      body(b, ids);
      return;
    }
    b.for("thread", `threads.${axes[axis] ?? "x"}`, indexConst(0), indexConst(shape[axis] as number), [], (y, t) => {
      level(y, axis - 1, [t, ...ids]);
      return [];
    });
  };
  level(x, shape.length - 1, []);
}

/** Shared arrays for what threads have to combine. */
export class Partials {
  /** Where a workgroup begins. */
  private readonly allocs: Builder;
  private readonly shape: Shape;
  private readonly known = new Map<string, ArrayValue>();

  constructor(allocs: Builder, shape: Shape) {
    this.allocs = allocs;
    this.shape = shape;
  }

  /** An array for each of the values, with an element for each thread. Those of one call differ from each other, not from those of another. */
  arrays(values: readonly Scalar[]): readonly ArrayValue[] {
    const taken = new Map<string, number>();
    return values.map(({ type }) => {
      const n = taken.get(type as string) ?? 0;
      taken.set(type as string, n + 1);
      const key = `${type} ${n}`;
      const dims = this.shape.toReversed().map(indexConst);
      const array = this.known.get(key) ?? this.allocs.alloc("partial", type, dims, "shared");
      this.known.set(key, array);
      return array;
    });
  }

  /** What all threads have stored, combined; `carried` name the values. */
  combined(
    x: Builder,
    arrays: readonly ArrayValue[],
    ops: readonly ReduceOp[],
    carried: readonly Scalar[],
  ): readonly Scalar[] {
    const first = this.shape.map(() => indexConst(0));
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      // Along slower axes one thread is left.
      const rest = this.shape.slice(0, axis);
      for (let half = (this.shape[axis] as number) / 2; half >= 1; half /= 2) {
        overThreads(x, [...rest, half], (y, ids) => {
          const tail = first.slice(axis + 1);
          const own = [...ids, ...tail].toReversed();
          const other = [
            ...ids.slice(0, axis),
            y.binary("add", ids[axis] as Scalar, indexConst(half), "other"),
            ...tail,
          ];
          arrays.forEach((array, k) => {
            const [a, b] = [y.load(array, own), y.load(array, other.toReversed())];
            y.store(array, own, joined(y, ops[k] as ReduceOp, a, b, carried[k] as Scalar));
          });
        });
      }
    }
    return arrays.map((array) => x.load(array, first, "sum"));
  }
}

/** One step of a reduction. */
export function joined(x: Builder, op: ReduceOp, a: Operand, b: Operand, like: Scalar): Scalar {
  const result = value(like.hint, like.type);
  x.stmts.push({ kind: "let", result, expr: binaryExpr(op, a, b, "contract"), loc: x.loc });
  return result;
}

/** What the workgroups of a launch have left of its reductions. */
export interface Parts {
  /** How many workgroups there are, as the launch program knows it. */
  readonly count: Operand;
  /** An array for each of the values, with an element for each workgroup. */
  readonly arrays: readonly ArrayValue[];
}

/** Arrays for what `count` workgroups leave of the reductions of a loop; `x` builds the launch program. */
export function allocParts(s: For, count: Operand, x: Builder): Parts {
  return { count, arrays: s.carried.map((c) => x.alloc(`${c.hint}_parts`, c.type, [count])) };
}

/** The loop that combines the parts with what the reductions start from; it gives what the loop did that they are of. */
export function folded(s: For, { count, arrays }: Parts): ReducingLoop {
  const ops = opsOf(s);
  const index = value("part", "index" as const);
  const carried = s.carried.map((c) => ({ ...c }));
  const x = new Builder(s.loc);
  const yields = arrays.map((array, k) => {
    const now = carried[k] as Scalar;
    return joined(x, ops[k] as ReduceOp, now, x.load(array, [index], "part"), now);
  });
  const body = x.block(yields);
  return { ...s, mode: "par", index, lo: indexConst(0), hi: count, carried, body };
}

/**
 * Threads of a workgroup for reductions of so many values at a time: as many as given, or fewer, so that their shared arrays are
 * of a size that every device has.
 */
export function threadsFor(values: readonly Scalar[], most: number): number {
  const bytes = values.reduce((n, v) => n + (v.type === "f64" || v.type === "index" ? 8 : 4), 0);
  let threads = most;
  while (threads > warp && threads * bytes > sharedBytes) threads /= 2;
  return threads;
}
/** Threads that run as one on most devices. */
export const warp = 32;
/** What WebGPU promises for the shared arrays of a workgroup. */
const sharedBytes = 16384;
