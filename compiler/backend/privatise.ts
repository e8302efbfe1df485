/**
 * Keeps for each thread what only it touches of an array that its workgroup shares:
 *
 *   %sum: f64[16, 16, 4]@shared = alloc                  %sum: f64[4]@local = alloc            each thread has one
 *   for %y in threads.y(0, 16) {                         for %y in threads.y(0, 16) {
 *     for %x in threads.x(0, 16) {              =>         for %x in threads.x(0, 16) {
 *       store %sum[%y, %x, 0], %v                            store %sum[0], %v
 *
 * Iteration t of a threads loop from 0 to a constant is run by the thread at place t, always the same. So where the first subscripts of every
 * access are the indices of all threads loops around it, along the same axes, no thread sees what another has there, and no barrier
 * has to come between. Needs as many threads as the loops have trips; a loop that runs in steps shares.
 */

import { accessOf } from "../analysis/bounds.ts";
import { type Axis, axes, axisOf, deviceKernel, isThreads } from "../analysis/device-kernel.ts";
import { arrayType } from "../ir/build.ts";
import { type ArrayValue, type Block, type For, type Func, indexConst, type Operand, type Stmt } from "../ir/ir.ts";
import { blocksOf, mapStmts, Substitution } from "../ir/walk.ts";

/** The kernel with arrays of single threads in their own memory; itself where there are none. */
export function privatise(kernel: Func): Func {
  const shape = deviceKernel(kernel);
  if (shape === null) return kernel;
  const found = new Map<ArrayValue, string | null>();
  const made: ArrayValue[] = [];
  const visit = (b: Block, around: readonly For[]): void => {
    for (const s of b.stmts) {
      if (s.kind === "alloc" && s.result.type.space === "shared") made.push(s.result);
      const access = accessOf(s);
      if (access !== null && access.array.type.space === "shared") {
        const place = ownPlace(access.index, around, shape.workgroup);
        const known = found.get(access.array);
        found.set(access.array, known === undefined || known === place ? place : null);
      }
      for (const inner of blocksOf(s)) visit(inner, isThreads(s) ? [...around, s] : around);
    }
  };
  visit(kernel.body, []);
  const own = made.filter((a) => (found.get(a) ?? null) !== null);
  if (own.length === 0) return kernel;
  const lead = (a: ArrayValue): number => (found.get(a) as string).length;
  return { ...kernel, body: rewritten(kernel.body, own, lead) };
}

/** The axes of the threads around, in the order in which the first subscripts are their indices; null where these are others. */
function ownPlace(index: readonly Operand[], around: readonly For[], workgroup: readonly number[]): string | null {
  if (around.length === 0 || index.length < around.length) return null;
  const places = index.slice(0, around.length).map((o): Axis | null => {
    const loop = around.find((l) => l.index === o);
    if (loop === undefined || loop.lo.kind !== "const" || loop.lo.value !== 0 || loop.hi.kind !== "const") return null;
    const axis = axisOf(loop);
    return Number(loop.hi.value) <= (workgroup[axes.indexOf(axis)] as number) ? axis : null;
  });
  return places.includes(null) || new Set(places).size < places.length ? null : places.join("");
}

/** An array has one axis at least. */
const rest = (index: readonly Operand[], lead: number): readonly Operand[] =>
  index.length > lead ? index.slice(lead) : [indexConst(0)];

function rewritten(body: Block, own: readonly ArrayValue[], lead: (a: ArrayValue) => number): Block {
  const subst = new Substitution();
  for (const a of own) {
    const dims = a.type.dims.slice(lead(a));
    const type = arrayType(a.type.elem, dims.length > 0 ? dims : [indexConst(1)], "local");
    subst.setArray(a, { ...a, type });
  }
  const shorter = <T extends { readonly array: ArrayValue; readonly index: readonly Operand[] }>(s: T): T =>
    own.includes(s.array) ? { ...s, array: subst.array(s.array), index: rest(s.index, lead(s.array)) } : s;
  return mapStmts(body, (s): Stmt => {
    if (s.kind === "alloc" && own.includes(s.result)) return { ...s, result: subst.array(s.result) };
    if (s.kind === "store") return shorter(s);
    if (s.kind === "accum" && own.includes(s.array)) {
      const { atomic: _, ...alone } = shorter(s);
      return alone;
    }
    return s.kind === "let" && s.expr.kind === "load" ? { ...s, expr: shorter(s.expr) } : s;
  });
}
