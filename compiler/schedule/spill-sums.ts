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
 * Sums that are for an element anyway go into that:
 *
 *   %s: f64 = for %j in seq(0, %m) with %a = 0.0f64 { … }      for %j in seq(0, %m) { …  accum add %X[%i], %x }
 *   accum add %X[%i], %s                                 =>
 *
 * Only sums whose mode lets their order go; the others of nests that stand in no other loop, for which a new element would be in the way.
 *
 * Needs: to stand before fission.
 */
import { readsOf, writesOf } from "../analysis/effects.ts";
import { identityOf, type Reduction, reductionIn } from "../analysis/reduction.ts";
import { Builder, unaryExpr } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Block,
  type Const,
  type For,
  type Func,
  indexConst,
  isConst,
  isRounded,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { mapBlocks, mapList, resultsOf, usesIn, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const spillSums: Pass = funcPass("spill-sums", "keeps in memory the sums that nests carry", (f: Func) => {
  if (f.kind !== "func") return f;
  const uses = usesIn(f.body);
  const body = topBlock(inElements(f.body, (v) => uses.get(v) ?? 0));
  return body === f.body ? f : { ...f, body };
});

/** A reduction, and the element that it is done in. */
interface Spill extends Reduction {
  readonly array: ArrayValue;
  readonly index: readonly Operand[];
}

/** The block with updates inside of loops for those after them. */
function inElements(b: Block, uses: (v: Operand) => number): Block {
  const stmts = [...mapList(b.stmts, (s) => mapBlocks(s, (inner) => inElements(inner, uses)))];
  let changed = stmts.some((s, k) => s !== b.stmts[k]);
  for (let at = 0; at < stmts.length; at++) {
    const s = stmts[at] as Stmt;
    if (s.kind !== "accum" || uses(s.value) !== 1) continue;
    const from = stmts.findIndex((t) => t.kind === "for" && t.results.includes(s.value as Scalar));
    const loop = stmts[from];
    if (loop?.kind !== "for" || loop.mode !== "seq") continue;
    const spill = spillInto(loop, s, stmts.slice(from, at));
    if (spill === null) continue;
    stmts[from] = without(loop, [spill]);
    stmts.splice(at--, 1);
    changed = true;
  }
  return changed ? { stmts, yields: b.yields } : b;
}

/** What the loop carries for the update, done in its element; null where it cannot be. `before` stands from the loop up to the update. */
function spillInto(loop: For, s: Accum, before: readonly Stmt[]): Spill | null {
  const k = loop.results.indexOf(s.value as Scalar);
  const reduction = reductionIn(loop, k);
  const first = loop.inits[k] as Operand;
  if (isRounded(s.array)) return null;
  const identity = identityOf(s.op, s.value.type);
  if (reduction?.op !== s.op || first.kind !== "const" || first.value !== (identity as Const).value) return null;
  const bound = new Set(before.flatMap(resultsOf));
  const touched = [...walk({ stmts: before, yields: [] })].some((t) =>
    [...readsOf(t), ...writesOf(t)].includes(s.array),
  );
  return touched || s.index.some((o) => bound.has(o as Value))
    ? null
    : { ...reduction, array: s.array, index: s.index };
}

/** The block with elements of their own for sums of the nests in it, other than those in loops. */
function topBlock(b: Block): Block {
  let changed = false;
  const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
    const out = s.kind === "for" ? spilled(s) : [s.kind === "if" ? mapBlocks(s, topBlock) : s];
    changed ||= out.length !== 1 || out[0] !== s;
    return out;
  });
  return changed ? { stmts, yields: b.yields } : b;
}

function spilled(loop: For): readonly Stmt[] {
  const isNest = [...walk(loop.body)].some((s) => s.kind === "for");
  if (loop.mode !== "seq" || !isNest) return [loop];
  const [before, after] = [new Builder(loop.loc), new Builder(loop.loc)];
  const index = [indexConst(0)];
  const spills = loop.carried.flatMap((c, k): readonly Spill[] => {
    const reduction = c.type === "bool" ? null : reductionIn(loop, k);
    if (reduction === null) return [];
    const array = before.alloc(c.hint, c.type, [indexConst(1)]);
    const init = loop.inits[k] as Operand;
    if (!isConst(init, 0)) before.store(array, index, init);
    const result = loop.results[k] as Scalar;
    after.stmts.push({ kind: "let", result, expr: { kind: "load", array, index }, loc: loop.loc });
    return [{ ...reduction, array, index }];
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

function update(s: Let, { op, values, array, index }: Spill): readonly Stmt[] {
  if (s.expr.kind !== "binary") return [s];
  const { a, b, mode } = s.expr;
  const other = values.has(a) ? b : a;
  const { loc } = s;
  const accum = (v: Operand): Stmt => ({ kind: "accum", op, array, index, value: v, mode, loc });
  if (s.expr.op !== "sub") return [accum(other)];
  const result = { ...s.result };
  return [{ ...s, result, expr: unaryExpr("neg", other, mode) }, accum(result)];
}
