/**
 * The counting sweep: how much the forward sweep will push on each stack, found by running the part of the function that decides it,
 * on copies of what that part writes.
 */
import { arrayType, Builder, floatConst, value } from "../compiler/ir/build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type Func,
  indexConst,
  isArray,
  type Operand,
  type Stmt,
} from "../compiler/ir/ir.ts";
import { copyBlock, Substitution, walk } from "../compiler/ir/walk.ts";
import { isWrite } from "./program.ts";
import { keepSlice, sliceOf } from "./slice.ts";
import { forwardSweep, onTape } from "./sweep.ts";
import type { Kept, Site } from "./tape.ts";

/** A function of the same parameters that gives the sizes of the stacks, in the order of the sites; null where there are none. */
export function countingSweep(f: Func, sites: ReadonlyMap<Kept, Site>, name: string): Func | null {
  const stacks = new Map([...sites].filter(([, s]) => s.rank === null));
  if (stacks.size === 0) return null;
  // In floats, which are exact here: of integers LLVM makes closed forms, in 128 bits for a triangle, which wasm lacks.
  const counters = new Map(
    [...stacks.values()].map((s) => [s, value(s.array.hint, arrayType("f64", [indexConst(1)]))]),
  );
  const count = (x: Builder, site: Site): void => {
    x.accum("add", counters.get(site) as ArrayValue, [indexConst(0)], floatConst("f64", 1));
  };
  const body = forwardSweep(f.body, stacks, new Map(), count, () => {});
  const counts = new Set<ArrayValue>(counters.values());
  const roots = [...walk(body)].filter((s) => isWrite(s) && counts.has(s.array));
  const slice = keepSlice(body, sliceOf(body, roots));
  const x = new Builder(onTape(f.loc));
  const made: readonly Stmt[] = [...counts].map((a): Alloc => ({ kind: "alloc", result: a, loc: x.loc }));
  const { stmts, subst } = copiesOf(f, slice);
  const after = new Builder(x.loc);
  const results: Operand[] = [...counts].map((a) => after.cast("index", after.load(a, [indexConst(0)], "count")));
  const own = copyBlock({ stmts: [...made, ...slice.stmts, ...after.stmts], yields: results }, subst);
  return {
    ...f,
    name,
    exported: false,
    results: results.map(() => "index"),
    requires: [],
    body: { stmts: [...stmts, ...own.stmts], yields: own.yields },
  };
}

/** Local copies of the parameters that the block writes, filled from them. */
function copiesOf(f: Func, b: Block): { readonly stmts: readonly Stmt[]; readonly subst: Substitution } {
  const written = new Set<unknown>();
  for (const s of walk(b)) if (isWrite(s)) written.add(s.array);
  const x = new Builder(onTape(f.loc));
  const subst = new Substitution();
  for (const p of f.params) {
    if (!isArray(p) || !written.has(p)) continue;
    const own = x.alloc(p.hint, p.type.elem, p.type.dims);
    copyInto(x, p, own, []);
    subst.setArray(p, own);
  }
  return { stmts: x.stmts, subst };
}

/** Copies all elements. */
function copyInto(x: Builder, from: ArrayValue, to: ArrayValue, at: readonly Operand[]): void {
  const size = from.type.dims[at.length];
  if (size === undefined) x.store(to, at, x.load(from, at));
  else {
    x.for("ijklmn"[at.length] ?? "i", "seq", indexConst(0), size, [], (inner, i) => {
      copyInto(inner, from, to, [...at, i]);
      return [];
    });
  }
}
