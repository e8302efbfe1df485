/**
 * Lets no two threads update one float, whose value would depend on who comes first.
 *
 *   for %i in par(0, %n) {                 for %i in seq(0, %n) {
 *     accum add %s[0], …            =>       accum add %s[0], …
 *
 * A `parallel` loop two of whose iterations may do so becomes an ordinary one, out of which the passes after this one make what is
 * parallel in a fixed order: sums over trees, loops inside. Workgroups and threads that the program names cannot be put in order:
 * there it is the user's error (TG4002). Integers, and the larger or smaller of values, come out the same in any order.
 *
 * Needs: everything inlined. Stands before what looks for parallel loops; runs where the compilation is to be deterministic.
 */
import { collision, isByThreads, isOrdered } from "../analysis/collisions.ts";
import { ArrayAnalysis } from "../analysis/dependence.ts";
import { CompileError, type Diagnostic, type Span } from "../diagnostic.ts";
import type { Accum, Block, For, Func, Stmt } from "../ir/ir.ts";
import { blocksOf, mapBlocks } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { scheduleCodes } from "./codes.ts";

export const orderUpdates: Pass = funcPass(
  "order-updates",
  "runs loops in order whose iterations update one float",
  (f: Func) => {
    if (f.kind !== "func") return f;
    const collisions = [...collisionsIn(f.body, [], new ArrayAnalysis(f))];
    const refused = collisions.filter(({ loop }) => loop.mode !== "par").map(refusal);
    if (refused.length > 0) throw new CompileError(refused.filter(isNew));
    const body = inOrder(f.body, new Set(collisions.map(({ loop }) => loop)));
    return body === f.body ? f : { ...f, body };
  },
);

/** An update, and one that may be of the same element in another iteration of a loop. */
interface Collision {
  readonly loop: For;
  readonly accum: Accum;
  readonly other: Accum;
}

/** `around` are the loops that threads run, from the outermost inwards. */
function* collisionsIn(b: Block, around: readonly For[], analysis: ArrayAnalysis): Generator<Collision> {
  for (const s of b.stmts) {
    const inside = isByThreads(s) ? [...around, s] : around;
    for (const inner of blocksOf(s)) yield* collisionsIn(inner, inside, analysis);
    if (s.kind !== "accum" || !isOrdered(s)) continue;
    for (const loop of around) {
      const other = collision(analysis, s, loop);
      if (other !== null) yield { loop, accum: s, other };
    }
  }
}

function inOrder(b: Block, found: ReadonlySet<Stmt>): Block {
  let changed = false;
  const stmts = b.stmts.map((s): Stmt => {
    const own = mapBlocks(s, (inner) => inOrder(inner, found));
    const out: Stmt = own.kind === "for" && found.has(s) ? { ...own, mode: "seq" } : own;
    changed ||= out !== s;
    return out;
  });
  return changed ? { stmts, yields: b.yields } : b;
}

function refusal({ loop, accum, other }: Collision): Diagnostic {
  const { kind, help } = scheduleCodes.TG4002;
  const message = `threads add to one element of ${arrayOf(accum)}, in an order that nobody knows`;
  const [at, also] = [accum, other].map((s) => (s.loc.span.line > 0 ? s.loc.span : loop.loc.span)) as [Span, Span];
  const related = also.start === at.start ? {} : { related: [{ message: "the same element as here", at: also }] };
  return { kind, code: "TG4002", message, at, help, ...related };
}

/** What the program calls the array that is updated. */
function arrayOf({ array: { hint }, loc }: Accum): string {
  const [, prefix, name] = /^(d_|t_)?(.*)$/.exec(hint) ?? [];
  if (loc.role !== "adjoint" || prefix === undefined) return `\`${hint}\``;
  return `the ${prefix === "d_" ? "adjoint" : "tangent"} of \`${name}\``;
}

/** Workgroups and threads may both be in the way of one update. */
const isNew = (d: Diagnostic, k: number, all: readonly Diagnostic[]): boolean =>
  all.findIndex((e) => e.at.start === d.at.start && e.message === d.message) === k;
