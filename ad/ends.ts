/**
 * The end of arrays that each iteration of a parallel loop has to itself: what they hold then is lost to the reverse sweep, as if it
 * were overwritten. So that it can be kept, it is, by zeros.
 *
 *   for %b in grid.x(0, %n) {                  for %b in grid.x(0, %n) {
 *     %s: f64[64] @shared = alloc                %s: f64[64] @shared = alloc
 *     …                                =>        …
 *   }                                            for %t in threads.x(0, 64) {
 *                                                  store %s[%t], 0.0f64
 *                                                }
 *                                              }
 *
 * Only the plan sees these stores (plan.ts): they are where the tape of an iteration is written, in the forward sweep, and where the
 * reverse sweep finds the array as the iteration left it. Neither sweep runs them.
 */
import { zeroOf } from "../compiler/analysis/effects.ts";
import type { Loc } from "../compiler/diagnostic.ts";
import { Builder } from "../compiler/ir/build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Func,
  indexConst,
  isConst,
  type LoopMode,
  type Operand,
  type Stmt,
} from "../compiler/ir/ir.ts";
import { mapStmts, walk } from "../compiler/ir/walk.ts";
import { isParallel } from "./hoist-allocs.ts";

const ends = new WeakSet<Loc>();

/** Is it a store that stands for the end of its array? */
export const isEnd = (s: Stmt): boolean => ends.has(s.loc);

/** The function with the ends of its parallel loops' own arrays. */
export function withEnds(f: Func): Func {
  const read = new Set<ArrayValue>();
  for (const s of walk(f.body)) if (s.kind === "let" && s.expr.kind === "load") read.add(s.expr.array);
  const body = mapStmts(f.body, (s) => {
    if (!isParallel(s)) return s;
    const own = s.body.stmts.filter((a): a is Alloc => a.kind === "alloc" && read.has(a.result));
    if (own.length === 0) return s;
    return { ...s, body: { ...s.body, stmts: [...s.body.stmts, ...own.flatMap(endOf)] } };
  });
  return body === f.body ? f : { ...f, body };
}

/** A workgroup has at most so many threads. */
const mostThreads = 1024;

function endOf({ result: array, loc }: Alloc): readonly Stmt[] {
  const at: Loc = { ...loc };
  ends.add(at);
  const { dims, elem, space } = array.type;
  // The last axes belong to the threads, as many as there are threads for.
  const modes: LoopMode[] = dims.map(() => "seq");
  let threads = 1;
  for (let axis = dims.length - 1, k = 0; space === "shared" && axis >= 0 && k < 3; axis--, k++) {
    const size = dims[axis];
    threads *= size !== undefined && isConst(size) ? Number(size.value) : Number.POSITIVE_INFINITY;
    if (threads > mostThreads) break;
    modes[axis] = `threads.${(["x", "y", "z"] as const)[k] ?? "x"}`;
  }
  const b = new Builder(at);
  const fill = (x: Builder, index: readonly Operand[]): void => {
    const size = dims[index.length];
    if (size === undefined) return x.store(array, index, zeroOf(elem));
    x.for("ijklmn"[index.length] ?? "i", modes[index.length] ?? "seq", indexConst(0), size, [], (inner, i) => {
      fill(inner, [...index, i]);
      return [];
    });
  };
  fill(b, []);
  return b.stmts;
}
