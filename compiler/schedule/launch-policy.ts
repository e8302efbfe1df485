/** Which statements are kernels over grids, which the launch program's own, and which the work of one workgroup; and what to say of that. */
import { isGrid } from "../analysis/device-kernel.ts";
import { Forms } from "../analysis/polynomial.ts";
import type { Block, For, Func, Stmt } from "../ir/ir.ts";
import { blocksOf, walk } from "../ir/walk.ts";
import { isParallel, nestDims } from "./band.ts";
import { isReducing, type ReducingLoop } from "./gpu-reduction.ts";
import { walksAlongRows } from "./gpu-rows.ts";

/** Is it control flow of the launch program? Loops inside of its loops only where there is much to do in each trip. */
export function isWorthLaunches(s: Stmt, depth: number): boolean {
  if (s.kind !== "for" && s.kind !== "while" && s.kind !== "if") return false;
  if (s.kind === "for" && s.mode !== "seq") return false;
  // What a check says only the launch program can.
  if ([...walk({ stmts: [s], yields: [] })].some((t) => t.kind === "check")) return true;
  const work = workIn(s);
  return s.kind === "if" || depth === 0 ? work > 0 : work > 1;
}

/** How deep the deepest nest of a grid is that stands in the statement; 0 where there is none. */
function workIn(s: Stmt): number {
  // A reduction by itself one workgroup does as well, in a step of a loop that it runs.
  if (isReducing(s)) return depthOf(s) > 1 ? depthOf(s) : 0;
  if (isParallel(s)) return depthOf(s);
  if (isGrid(s)) return 3;
  return Math.max(0, ...blocksOf(s).flatMap((b) => b.stmts.map(workIn)));
}

/** Is it a reduction for many workgroups? */
export const isGridReduction = (s: Stmt): s is ReducingLoop => isReducing(s) && !isSmall(s);

/** Has the loop so few iterations, whatever the sizes, that one workgroup does them as fast? */
function isSmall(s: For): boolean {
  const inside = [...walk(s.body)].some((t) => t.kind === "for" || t.kind === "while");
  return !inside && s.lo.kind === "const" && s.hi.kind === "const" && Number(s.hi.value) - Number(s.lo.value) <= 1024;
}

const depthOf = (s: Stmt): number =>
  (s.kind === "for" || s.kind === "while" ? 1 : 0) + Math.max(0, ...blocksOf(s).flatMap((b) => b.stmts.map(depthOf)));

/** Of the parallel loops of a nest those that threads share, if it becomes a kernel; others each thread runs for itself. */
export function threadLoops(root: For, forms: Forms): ReadonlySet<For> {
  if (!isMapped(root)) return new Set();
  if (!walksAlongRows(root, forms)) return new Set(nestDims(root));
  const inside = (b: Block): readonly For[] =>
    b.stmts.flatMap((s) => (isMapped(s) ? [s] : blocksOf(s).flatMap(inside)));
  return new Set([root, ...inside(root.body)]);
}
const isMapped = (s: Stmt): s is For => s.kind === "for" && s.mode === "par";

/** A loop in which threads work together on values, and how. */
export interface Shared {
  readonly loop: For;
  readonly how: string;
}

/** Those of a function for `map-to-gpu`: reductions, and loops of which each iteration is a workgroup's. */
export function sharedLoops(f: Func): readonly Shared[] {
  const forms = new Forms();
  for (const s of walk(f.body)) forms.define(s);
  const out: Shared[] = [];
  const visit = (b: Block, depth: number): void => {
    for (const s of b.stmts) {
      if (isParallel(s) || isGridReduction(s)) {
        const rows = walksAlongRows(s, forms);
        if (rows) out.push({ loop: s, how: "a workgroup has an iteration, its threads walk along rows" });
        if (isReducing(s))
          out.push({ loop: s, how: "a reduction by all workgroups; one of them combines their parts" });
      } else if (isWorthLaunches(s, depth)) {
        for (const inner of blocksOf(s)) visit(inner, s.kind === "if" ? depth : depth + 1);
      } else {
        for (const t of walk({ stmts: [s], yields: [] })) {
          if (isReducing(t)) out.push({ loop: t, how: "a reduction by the threads of one workgroup" });
        }
      }
    }
  };
  visit(f.body, 0);
  return out;
}
