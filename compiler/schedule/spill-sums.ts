/**
 * Keeps in memory the sums that nests of loops carry.
 *
 *   %s: f64 = for %i in seq(0, %n) with %a = %first {          %d: f64[1] = alloc
 *     %t: f64 = for %j in seq(0, %m) with %b = %a {            store %d[0], %first
 *       …                                                      for %i in seq(0, %n) {
 *       accum add %Y[%j], %x                          =>         for %j in seq(0, %m) {
 *       %c: f64 = add %b, %x                                       …
 *       yield %c                                                   accum add %Y[%j], %x
 *     }                                                            accum add %d[0], %x
 *     yield %t                                                   }
 *   }                                                          }
 *                                                              %s: f64 = load %d[0]
 *
 * A value that loops hand on ties all of the nest together; updates of an element fission can take apart from the rest. So the adjoints of
 * a function's scalars do not keep its nests in one piece. Free-order-sums has them in values again, nest by nest.
 *
 * Only sums whose mode lets their order go, and of nests that stand in no other loop: the element would be in the way of that.
 *
 * Needs: to stand before fission.
 */
import { type Reduction, reductionIn } from "../analysis/reduction.ts";
import { Builder, unaryExpr } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  isConst,
  type Let,
  type Operand,
  type Stmt,
} from "../ir/ir.ts";
import { mapBlocks, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const spillSums: Pass = funcPass("spill-sums", "keeps in memory the sums that nests carry", (f: Func) => {
  if (f.kind !== "func") return f;
  const body = inBlock(f.body);
  return body === f.body ? f : { ...f, body };
});

function inBlock(b: Block): Block {
  let changed = false;
  const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
    const out = s.kind === "for" ? spilled(s) : [s.kind === "if" ? mapBlocks(s, inBlock) : s];
    changed ||= out.length !== 1 || out[0] !== s;
    return out;
  });
  return changed ? { stmts, yields: b.yields } : b;
}

/** A reduction, and the element that it is done in. */
interface Spill extends Reduction {
  readonly cell: ArrayValue;
}

function spilled(loop: For): readonly Stmt[] {
  const isNest = [...walk(loop.body)].some((s) => s.kind === "for");
  if (loop.mode !== "seq" || !isNest) return [loop];
  const [before, after] = [new Builder(loop.loc), new Builder(loop.loc)];
  const spills = loop.carried.flatMap((c, k): readonly Spill[] => {
    const reduction = c.type === "bool" ? null : reductionIn(loop, k);
    if (reduction === null) return [];
    const cell = before.alloc(c.hint, c.type, [indexConst(1)]);
    const init = loop.inits[k] as Operand;
    if (!isConst(init, 0)) before.store(cell, [indexConst(0)], init);
    const expr = { kind: "load", array: cell, index: [indexConst(0)] } as const;
    after.stmts.push({ kind: "let", result: loop.results[k] as Let["result"], expr, loc: loop.loc });
    return [{ ...reduction, cell }];
  });
  if (spills.length === 0) return [loop];
  return [...before.stmts, without(loop, spills), ...after.stmts];
}

/** The loop with updates of elements for the operations of the reductions. */
function without(loop: For, spills: readonly Spill[]): For {
  const isOn = (o: Operand): boolean => spills.some((r) => r.values.has(o));
  const block = (b: Block): Block => ({ stmts: b.stmts.flatMap(stmt), yields: b.yields.filter((o) => !isOn(o)) });
  const stmt = (s: Stmt): readonly Stmt[] => {
    const own = spills.find((r) => r.stmts.has(s));
    if (s.kind === "let" && own !== undefined) return update(s, own);
    const made = mapBlocks(s, block);
    if (made.kind === "if") return [{ ...made, results: made.results.filter((r) => !isOn(r)) }];
    return [made.kind === "for" ? carryingLess(made, isOn) : made];
  };
  return carryingLess({ ...loop, body: block(loop.body) }, isOn);
}

function carryingLess(loop: For, isOn: (o: Operand) => boolean): For {
  const keep = <T>(list: readonly T[]): readonly T[] => list.filter((_, k) => !isOn(loop.carried[k] as Operand));
  return { ...loop, inits: keep(loop.inits), carried: keep(loop.carried), results: keep(loop.results) };
}

function update(s: Let, { op, values, cell }: Spill): readonly Stmt[] {
  if (s.expr.kind !== "binary") return [s];
  const { a, b, mode } = s.expr;
  const other = values.has(a) ? b : a;
  const { loc } = s;
  const accum = (v: Operand): Stmt => ({ kind: "accum", op, array: cell, index: [indexConst(0)], value: v, mode, loc });
  if (s.expr.op !== "sub") return [accum(other)];
  const result = { ...s.result };
  return [{ ...s, result, expr: unaryExpr("neg", other, mode) }, accum(result)];
}
