/**
 * The loops at the top of a parallel nest that may become workgroups and threads, with bounds that are known before the nest.
 *
 *   for %i in par(0, %n) {
 *     %last: index = add %i, 1
 *     for %j in par(0, %last) {       a band of two: %i from 0 to %n, %j from 0 to %n, guarded by its own bounds
 *       for %k in seq(0, %m) { … }
 */
import { accessOf } from "../analysis/bounds.ts";
import { writtenWithin } from "../analysis/effects.ts";
import { addScaled, type Forms, plus, scale, split } from "../analysis/polynomial.ts";
import type { Builder } from "../ir/build.ts";
import { type For, indexConst, type Let, type Operand, type Polynomial, type Scalar, type Stmt } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import type { Sources } from "./kernel-func.ts";

/** A loop that threads run, with bounds that the launch program knows. */
export interface Dim {
  readonly loop: For;
  readonly lo: Operand;
  readonly hi: Operand;
  /** The loop's own bounds are narrower. */
  readonly guarded: boolean;
  /** Values beside the loop, in the body of which it is the last. */
  readonly lets: readonly Let[];
}

/** A device has so many axes. */
const mostDims = 3;

type ParallelLoop = For & { readonly mode: "par" };

/** Is it a parallel loop that carries nothing? */
export const isParallel = (s: Stmt): s is ParallelLoop =>
  s.kind === "for" && s.mode === "par" && s.carried.length === 0;

/** The parallel loops that threads run, outermost first. */
export function bandOf(
  root: For,
  forms: Forms,
  sources: Pick<Sources, "isKnown" | "learn">,
  x: Builder,
): readonly Dim[] {
  const dims: Dim[] = [];
  for (let loop = root; ; ) {
    const bounds =
      dims.length === 0 ? { lo: loop.lo, hi: loop.hi, guarded: false } : boundsOf(loop, dims, forms, sources, x);
    if (bounds === null) break;
    const next = dims.length + 1 < mostDims ? nextDim(loop, root) : null;
    dims.push({ loop, ...bounds, lets: next === null ? [] : (loop.body.stmts.slice(0, -1) as Let[]) });
    if (next === null) return dims;
    loop = next;
  }
  // The last one's body begins with what would have stood beside the loop that cannot be mapped.
  const last = dims.pop() as Dim;
  return [...dims, { ...last, lets: [] }];
}

/** The loops of a nest that its threads may share. */
export function nestDims(root: For): readonly For[] {
  const dims = [root];
  for (let next = nextDim(root, root); next !== null && dims.length < mostDims; next = nextDim(next, root)) {
    dims.push(next);
  }
  return dims;
}

/** The parallel loop that a parallel loop of the nest has in its body, with nothing but values beside it; null where there is none. */
export function nextDim(loop: For, root: For): For | null {
  const written = writtenWithin(root);
  const isValue = (s: Stmt): boolean => s.kind === "let" && (s.expr.kind !== "load" || !written.has(s.expr.array));
  const next = loop.body.stmts.at(-1);
  const isNext = next?.kind === "for" && next.mode === "par" && loop.body.stmts.slice(0, -1).every(isValue);
  return isNext && passesOn(loop, next) ? next : null;
}

/** Does all that the loop carries go through the one inside, and nothing else? */
const passesOn = (loop: For, next: For): boolean =>
  next.carried.length === loop.carried.length &&
  loop.body.yields.every((o, k) => {
    const at = next.results.indexOf(o as Scalar);
    return at >= 0 && next.inits[at] === loop.carried[k];
  });

/** Bounds that hold in every iteration of the loops around; null where the launch program knows none. */
function boundsOf(
  loop: For,
  around: readonly Dim[],
  forms: Forms,
  sources: Pick<Sources, "isKnown" | "learn">,
  x: Builder,
): Omit<Dim, "loop" | "lets"> | null {
  const isKnown = (o: Operand): boolean => o.kind === "const" || sources.isKnown(o);
  if (isKnown(loop.lo) && isKnown(loop.hi)) return { lo: loop.lo, hi: loop.hi, guarded: false };
  const ranges = around.map(({ loop: l }) => ({
    index: l.index,
    first: forms.of(l.lo),
    last: plus(forms.of(l.hi), -1),
  }));
  const lo = extreme(forms.of(loop.lo), -1, ranges);
  const hi = extreme(forms.of(loop.hi), 1, ranges);
  if (lo === null || hi === null) return null;
  const values = [lo, hi].flatMap((p) => p.terms.flatMap((t) => t.values));
  if (!values.every((v) => sources.isKnown(v))) return null;
  const before = x.stmts.length;
  const bounds = { lo: emit(x, lo), hi: emit(x, hi), guarded: true };
  for (const s of x.stmts.slice(before)) if (s.kind === "let") sources.learn(s.result);
  return bounds;
}

/** The values that an index may have: all from the first to the last, which may depend on indices of ranges before. */
export interface Range {
  readonly index: Scalar;
  readonly first: Polynomial;
  readonly last: Polynomial;
}

/** The form where it is largest (sign 1) or smallest (-1) in the ranges, outermost first; null where that is not seen. */
export function extreme(form: Polynomial, sign: 1 | -1, ranges: readonly Range[]): Polynomial | null {
  for (const { index, first, last } of ranges.toReversed()) {
    const parts = split(form, index);
    if (parts === null || parts.coefficient.terms.length > 0) return null;
    const by = parts.coefficient.constant;
    if (by !== 0) form = addScaled(parts.rest, scale(by * sign > 0 ? last : first, by));
  }
  return form;
}

/** Computes the form. */
export function emit(x: Builder, { constant, terms }: Polynomial): Operand {
  let sum: Operand = indexConst(constant);
  for (const { values, factor } of terms) {
    const product = values.reduce<Operand>(
      (p, v) => (p.kind === "const" && p.value === 1 ? v : x.binary("mul", p, v, "bound")),
      indexConst(factor),
    );
    sum = sum.kind === "const" && sum.value === 0 ? product : x.binary("add", sum, product, "bound");
  }
  return sum;
}

/** The numbers of the dimensions, the one for x first: along whose index most accesses walk through rows. */
export function alongRows(dims: readonly Dim[], forms: Forms): readonly number[] {
  const gain = dims.map(({ loop }) => {
    let n = 0;
    for (const s of walk((dims[0] as Dim).loop.body)) {
      const access = accessOf(s);
      if (access === null) continue;
      const steps = access.index.map((o) => split(forms.of(o), loop.index)?.coefficient ?? null);
      const moves = steps.map((c) => c === null || c.terms.length > 0 || c.constant !== 0);
      if (!moves.some(Boolean)) continue;
      const last = steps.at(-1);
      const isRow = !moves.slice(0, -1).some(Boolean) && last?.terms.length === 0 && Math.abs(last.constant) === 1;
      n += isRow ? 1 : -1;
    }
    return n;
  });
  return dims.map((_, n) => n).sort((a, b) => (gain[b] as number) - (gain[a] as number) || b - a);
}
