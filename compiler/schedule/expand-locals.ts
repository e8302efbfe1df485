/**
 * Gives each iteration of a parallel loop its part of one array, where it makes an array that is too large for a thread's own.
 *
 *   for %i in par(0, %n) {                      %e_all: f64[%n, %m] = alloc
 *     %e: f64[%m] = alloc                       for %i in par(0, %n) {
 *     store %e[%j], …                   =>        for %k in seq(0, %m) { store %e_all[%i, %k], 0.0f64 }
 *   }                                             store %e_all[%i, %j], …
 *                                               }
 *
 * The bounds of the loops around, from the outermost parallel one inwards, and the array's sizes must be known outside of that; where
 * they are not, the array stays, and what is to be a kernel is refused.
 *
 * Needs: to stand before parallelise, which gives threads the arrays that are small.
 */
import { isNegativeConst, zeroOf } from "../analysis/effects.ts";
import { bug, CompileError, type Diagnostic } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  type Operand,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { bindersOf, mapBlocks, resultsOf, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isSmall } from "./independence.ts";

export const expandLocals: Pass = funcPass(
  "expand-locals",
  "gives iterations parts of one array for arrays of their own",
  (f: Func) => {
    if (f.kind !== "func") return f;
    const work = new Expansion();
    const body = work.block(f.body, []);
    if (work.faults.length > 0) throw new CompileError(work.faults);
    return body === f.body ? f : { ...f, body };
  },
);

class Expansion {
  readonly faults: Diagnostic[] = [];

  /** `loops` are those around from the outermost parallel one inwards. */
  block(b: Block, loops: readonly For[]): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const isFirst = loops.length === 0 && s.kind === "for" && s.mode === "par";
      if (!isFirst) {
        const inside = s.kind === "for" && loops.length > 0 ? [...loops, s] : loops;
        const out = mapBlocks(s, (inner) => this.block(inner, inside));
        changed ||= out !== s;
        return [out];
      }
      const out = this.expanded(s);
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  /** The parallel loop with the arrays that stand before it now. */
  private expanded(root: For): readonly Stmt[] {
    const inside = new Set<Value>(bindersOf(root));
    for (const s of walk(root.body)) for (const v of [...bindersOf(s), ...resultsOf(s)]) inside.add(v);
    const before = new Builder(root.loc);
    const subst = new Substitution();
    const visit = (b: Block, loops: readonly For[]): Block => ({
      stmts: b.stmts.flatMap((s): readonly Stmt[] => {
        if (s.kind === "alloc" && s.result.type.space === "global" && !isSmall(s.result)) {
          return this.part(s, loops, inside, before, subst);
        }
        return [mapBlocks(s, (inner) => visit(inner, s.kind === "for" ? [...loops, s] : loops))];
      }),
      yields: b.yields,
    });
    const made = visit({ stmts: [root], yields: [] }, []);
    return subst.empty ? [root] : [...before.stmts, ...subst.block(made).stmts];
  }

  private part(
    s: Alloc,
    loops: readonly For[],
    inside: ReadonlySet<Value>,
    before: Builder,
    subst: Substitution,
  ): readonly Stmt[] {
    const { dims, elem } = s.result.type;
    const bounds = loops.filter((l) => l.mode === "par").flatMap((l) => [l.lo, l.hi]);
    if ([...dims, ...bounds].some((o) => inside.has(o as Value)) || dims.some(isNegativeConst)) {
      this.faults.push(unsized(s));
      return [s];
    }
    const own = loops.filter((l) => l.mode === "par");
    const trips = own.map(({ lo, hi }) =>
      before.binary("max", before.binary("sub", hi, lo, "trips"), indexConst(0), "trips"),
    );
    const all = before.alloc(`${s.result.hint}_all`, elem, [...trips, ...dims]);
    const x = new Builder(s.loc);
    const prefix = own.map((l) => x.binary("sub", l.index, l.lo, "at"));
    subst.setArray(s.result, all, prefix);
    fill(x, all, prefix, dims);
    return x.stmts;
  }
}

/** Zeros in all elements behind the prefix. */
function fill(x: Builder, array: ArrayValue, at: readonly Operand[], dims: readonly Operand[]): void {
  const [size, ...more] = dims;
  if (size === undefined) {
    x.store(array, at, zeroOf(array.type.elem));
    return;
  }
  x.for("k", "seq", indexConst(0), size, [], (y, k) => {
    fill(y, array, [...at, k], more);
    return [];
  });
}

const unsized = (s: Alloc): Diagnostic => ({
  kind: "unsupported",
  code: "TG1090",
  message: `a local array inside a parallel loop, of a size that the launch does not know`,
  at: s.loc.span ?? bug("an array that the source does not have"),
  help: "give it a constant size, or declare it before the loop, with one more axis for the loop's iterations",
});
