/**
 * Keeps what a loop updates over and over in one element of an array in a value that the loop carries.
 *
 *   for %k … { accum add %B[%i, %j], %p }       %b: f64 = load %B[%i, %j]
 *                                         =>    %s: f64 = for %k … with %b_1 = %b { … yield add %b_1, %p }
 *                                               store %B[%i, %j], %s
 *
 * What the loop overwrites so often would otherwise have to be kept as often. The element is one that nothing else in the loop
 * touches, and that may be read before the loop and written after it: the loop surely runs, or what stands beside it accesses the
 * element anyway. Innermost loops come first: what has moved out of one may move out of the next.
 */
import { Facts } from "../compiler/analysis/facts.ts";
import { plus, scale, sub } from "../compiler/analysis/polynomial.ts";
import { binaryExpr, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  isConst,
  isRounded,
  type Operand,
  type Stmt,
  type Value,
  valueType,
} from "../compiler/ir/ir.ts";
import { mapBlocks, Substitution, walk } from "../compiler/ir/walk.ts";
import { isParallel } from "./hoist-allocs.ts";
import { isWrite, type Write } from "./program.ts";

export function keepAccumulators(f: Func): Block {
  const facts = new Facts();
  facts.enter(f);
  return keepInValues(f.body, facts, null);
}

/** `home` is the body of the innermost parallel loop around; null where nothing runs at the same time. */
function keepInValues(b: Block, facts: Facts, home: Block | null): Block {
  const stmts: Stmt[] = [];
  b.stmts.forEach((s, at) => {
    facts.define(s);
    facts.enterLoop(s);
    if (s.kind === "for") {
      const trips = plus(sub(facts.forms.of(s.hi), facts.forms.of(s.lo)), -1);
      const loop = facts.assuming(
        [trips],
        () => mapBlocks(s, (inner) => keepInValues(inner, facts, isParallel(s) ? inner : home)) as For,
      );
      stmts.push(...withValues(loop, facts, [...stmts, ...b.stmts.slice(at + 1)], home));
    } else if (s.kind === "if") {
      const then = facts.assuming(facts.conditions(s.cond, true), () => keepInValues(s.then, facts, home));
      const otherwise = facts.assuming(facts.conditions(s.cond, false), () => keepInValues(s.else, facts, home));
      stmts.push(then === s.then && otherwise === s.else ? s : { ...s, then, else: otherwise });
    } else stmts.push(mapBlocks(s, (inner) => keepInValues(inner, facts, home)));
  });
  return stmts.length === b.stmts.length && stmts.every((s, i) => s === b.stmts[i]) ? b : { stmts, yields: b.yields };
}

/** The loop with each element that it keeps updating in a value; `beside` are the statements of its block. */
function withValues(loop: For, facts: Facts, beside: readonly Stmt[], home: Block | null): readonly Stmt[] {
  if (loop.mode !== "seq") return [loop];
  const element = candidate(loop, facts, beside, home);
  if (element === null) return [loop];
  const { array, index } = element;
  const at = (s: { readonly array: ArrayValue; readonly index: readonly Operand[] }): boolean =>
    s.array === array && sameIndex(s.index, index);
  const before = value(array.hint.toLowerCase(), valueType(array.type.elem));
  const carried = { ...before };
  const result = { ...before };
  const subst = new Substitution();
  let now: Operand = carried;
  const stmts = loop.body.stmts.flatMap((old): readonly Stmt[] => {
    const s = mapBlocks(subst.stmt(old), (inner) => subst.block(inner));
    if (s.kind === "let" && s.expr.kind === "load" && at(s.expr)) {
      subst.set(s.result, now);
      return [];
    }
    if (!isWrite(s) || !at(s)) return [s];
    if (s.kind === "store") {
      now = s.value;
      return [];
    }
    const sum = value(before.hint, before.type);
    const expr = binaryExpr(s.op, now, s.value, s.mode);
    now = sum;
    return [{ kind: "let", result: sum, expr, loc: s.loc }];
  });
  const loaded: Stmt = { kind: "let", result: before, expr: { kind: "load", array, index }, loc: element.loc };
  const kept: For = {
    ...loop,
    inits: [...loop.inits, before],
    carried: [...loop.carried, carried],
    body: { stmts, yields: [...loop.body.yields.map(subst.operand), now] },
    results: [...loop.results, result],
  };
  const stored: Stmt = { kind: "store", array, index, value: result, loc: element.loc };
  // Another element of it may do the same.
  const [first, ...rest] = [loaded, ...withValues(kept, facts, beside, home), stored];
  return [first as Stmt, ...rest];
}

const same = (a: Operand, b: Operand): boolean => a === b || (isConst(a) && isConst(b) && Object.is(a.value, b.value));
const sameIndex = (a: readonly Operand[], b: readonly Operand[]): boolean =>
  a.length === b.length && a.every((o, axis) => same(o, b[axis] as Operand));

/**
 * A write, straight in the loop's body, of an element that stays the same, that nothing else in the loop touches, and that does not
 * round what it is given.
 */
function candidate(loop: For, facts: Facts, beside: readonly Stmt[], home: Block | null): Write | null {
  const bound = new Set<Value>([loop.index, ...loop.carried]);
  for (const s of walk(loop.body)) {
    if (s.kind === "let") bound.add(s.result);
    if (s.kind === "for") bound.add(s.index);
    if (s.kind === "for" || s.kind === "while") for (const v of [...s.carried, ...s.results]) bound.add(v);
    if (s.kind === "if" || s.kind === "call") for (const v of s.results) bound.add(v);
    if (s.kind === "call" || s.kind === "alloc") return null;
  }
  const writes = loop.body.stmts.filter(isWrite);
  return (
    writes.find((w) => {
      if (w.index.some((o) => bound.has(o as Value)) || isShared(w, home) || isRounded(w.array)) return false;
      return isAlone(w, loop, facts) && isSafe(w, loop, facts, beside);
    }) ?? null
  );
}

/** May iterations of a parallel loop around update the element at the same time? Only what they have to themselves is surely theirs. */
const isShared = (w: Write, home: Block | null): boolean =>
  home !== null && w.kind === "accum" && !home.stmts.some((s) => s.kind === "alloc" && s.result === w.array);

/** Every other access of the loop to the array is at the very same subscripts in the body itself, or surely elsewhere. */
function isAlone(w: Write, loop: For, facts: Facts): boolean {
  const direct = new Set(loop.body.stmts);
  for (const s of walk(loop.body)) {
    const access = isWrite(s) ? s : s.kind === "let" && s.expr.kind === "load" ? s.expr : null;
    if (access === null || access.array !== w.array) continue;
    if (sameIndex(access.index, w.index)) {
      if (!direct.has(s)) return false;
      continue;
    }
    const apart = access.index.some((o, axis) => {
      const d = sub(facts.forms.of(o), facts.forms.of(w.index[axis] as Operand));
      return facts.shows(plus(d, -1)) || facts.shows(plus(scale(d, -1), -1));
    });
    if (!apart) return false;
  }
  return true;
}

/** The element may be read before the loop and written after it: the loop surely runs, or it is accessed beside it anyway. */
function isSafe(w: Write, loop: For, facts: Facts, beside: readonly Stmt[]): boolean {
  if (facts.shows(plus(sub(facts.forms.of(loop.hi), facts.forms.of(loop.lo)), -1))) return true;
  return beside.some((s) => {
    const access = isWrite(s) ? s : s.kind === "let" && s.expr.kind === "load" ? s.expr : null;
    return access !== null && access.array === w.array && sameIndex(access.index, w.index);
  });
}
