/**
 * What a kernel of a GPU looks like, and how many threads it wants.
 *
 *   kernel @k(%A: f64[%n], %i: index) {
 *     %m: index = floordiv %n, 16                     values of scalars and sizes: the host computes them as well
 *     for %b in grid.x(0, %m) {                       one nest of one to three grid loops, with values between them
 *       %tile: f64[16]@shared = alloc
 *       for %t in threads.x(0, 16) { … }              after each outermost threads loop: a barrier
 *       for %s in seq(0, %n) {                        loops and branches around threads loops decide the same in all threads
 *         for %t in threads.x(0, 16) { … }
 *       }
 *     }
 *   }
 *
 * Nothing outside of threads loops writes arrays. A grid loop of more iterations than there are workgroups, and a threads loop
 * of more than there are threads, are run in steps: `for (i = lo + id; i < hi; i += count)`. So any launch computes the right result.
 */

import { bug } from "../diagnostic.ts";
import type { Datum } from "../ir/eval.ts";
import { binaryEval, castTo, compareEval, unaryEval } from "../ir/eval.ts";
import type { Block, Expr, For, Func, Let, Operand, Stmt, Value } from "../ir/ir.ts";
import { blocksOf, usesOf } from "../ir/walk.ts";

export type Axis = "x" | "y" | "z";
export const axes: readonly Axis[] = ["x", "y", "z"];
/** How many along x, y and z. */
export type Extent = readonly [x: number, y: number, z: number];

export interface DeviceKernel {
  /** Values computed before and between the grid loops, of scalars and sizes alone. */
  readonly prefix: readonly Let[];
  /** Outermost first. */
  readonly grid: readonly For[];
  /** What a workgroup does. */
  readonly body: Block;
  /** Threads of a workgroup. */
  readonly workgroup: Extent;
}

export const isGrid = (s: Stmt): s is For => s.kind === "for" && s.mode.startsWith("grid");
export const isThreads = (s: Stmt): s is For => s.kind === "for" && s.mode.startsWith("threads");
/** The axis of a grid or threads loop. */
export const axisOf = (loop: For): Axis => loop.mode.at(-1) as Axis;

/** The kernel's parts; null where it is none of a GPU. */
export function deviceKernel(kernel: Func): DeviceKernel | null {
  const prefix: Let[] = [];
  const grid: For[] = [];
  let body = kernel.body;
  for (;;) {
    const last = body.stmts.at(-1);
    const before = body.stmts.slice(0, -1);
    if (last === undefined || !isGrid(last) || !before.every(isUniformValue)) break;
    prefix.push(...before);
    grid.push(last);
    body = last.body;
  }
  return grid.length === 0 ? null : { prefix, grid, body, workgroup: workgroupOf(body) };
}

const isUniformValue = (s: Stmt): s is Let => s.kind === "let" && s.expr.kind !== "load";

/** Along each axis the most constant trips of any threads loop; 256 along x where none is constant. */
function workgroupOf(body: Block): Extent {
  const most: Record<Axis, number> = { x: 1, y: 1, z: 1 };
  for (const loop of threadLoops(body)) {
    const axis = axisOf(loop);
    const isKnown = loop.lo.kind === "const" && loop.hi.kind === "const";
    const trips = isKnown ? Number(loop.hi.value) - Number(loop.lo.value) : axis === "x" ? unknownTrips : 1;
    most[axis] = Math.max(most[axis], Math.min(trips, limit[axis]));
  }
  return [most.x, most.y, most.z];
}

/** Threads for a loop whose trips are not constant, which then runs in steps. */
const unknownTrips = 256;
/** What every device can do. */
const limit: Readonly<Record<Axis, number>> = { x: 256, y: 256, z: 64 };

function* threadLoops(b: Block): Generator<For> {
  for (const s of b.stmts) {
    if (isThreads(s)) yield s;
    for (const inner of blocksOf(s)) yield* threadLoops(inner);
  }
}

/** How many workgroups a kernel wants, from what its scalar parameters and sizes are. */
export function gridExtent({ prefix, grid }: DeviceKernel, scalars: ReadonlyMap<Value, Datum>): Extent {
  const known = new Map(scalars);
  const operand = (o: Operand): Datum =>
    o.kind === "const" ? o.value : (known.get(o) ?? bug(`%${o.hint} has no value before the launch`));
  // Values between the loops may follow from a group's number, which is nobody's yet.
  const isKnown = (o: unknown): boolean => (o as Operand).kind === "const" || known.has(o as Value);
  for (const s of prefix) if (usesOf(s).every(isKnown)) known.set(s.result, evaluate(s.expr, operand));
  const trips: Record<Axis, number> = { x: 1, y: 1, z: 1 };
  for (const loop of grid) trips[axisOf(loop)] = Math.max(0, Number(operand(loop.hi)) - Number(operand(loop.lo)));
  return [trips.x, trips.y, trips.z];
}

function evaluate(e: Expr, operand: (o: Operand) => Datum): Datum {
  switch (e.kind) {
    case "unary":
      return unaryEval(e.op, e.a.type)(operand(e.a));
    case "binary":
      return binaryEval(e.op, e.a.type)(operand(e.a), operand(e.b));
    case "compare":
      return compareEval(e.op)(operand(e.a), operand(e.b));
    case "select":
      return operand(operand(e.cond) === true ? e.a : e.b);
    case "cast":
      return castTo(e.to, e.a.type, operand(e.a));
    case "load":
      return bug("a grid's size is read from an array");
  }
}
