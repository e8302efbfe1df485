/**
 * Writes as an update what loads an element, combines it with a value, and stores it again.
 *
 *   %x: f64 = load %X[%i]
 *   %a: f64 = load %A[%i, %j]                 %a: f64 = load %A[%i, %j]
 *   %s: f64 = add %x, %a              =>      accum add %X[%i], %a
 *   store %X[%i], %s
 *
 * Updates may change places with their like, and be added up in a value; a load and a store may not. Sums of floats in mode `strict` stay.
 *
 * Needs: to stand before fission and parallelise. Source lines `x += e` are updates from the start.
 */
import { writtenWithin } from "../analysis/effects.ts";
import { unaryExpr, value } from "../ir/build.ts";
import { type Block, type Expr, type Func, isFloat, type Let, type Operand, type Stmt, type Store } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { mapBlocks, usesIn } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const accumulate: Pass = funcPass("accumulate", "writes updates of elements as updates", (f: Func) => {
  const body = inBlock(f.body, usesIn(f.body));
  return body === f.body ? f : { ...f, body };
});

type Uses = ReadonlyMap<unknown, number>;

function inBlock(b: Block, uses: Uses): Block {
  let changed = false;
  const lets = new Map<Operand, Let>();
  const gone = new Set<Stmt>();
  const stmts = b.stmts.flatMap((s, at): readonly Stmt[] => {
    if (s.kind === "let") lets.set(s.result, s);
    const update = s.kind === "store" ? updateOf(s, b.stmts.slice(0, at), lets, uses) : null;
    if (update === null) {
      const out = mapBlocks(s, (inner) => inBlock(inner, uses));
      changed ||= out !== s;
      return [out];
    }
    changed = true;
    for (const t of update.instead) gone.add(t);
    return update.stmts;
  });
  return changed ? { stmts: stmts.filter((s) => !gone.has(s)), yields: b.yields } : b;
}

interface Update {
  readonly stmts: readonly Stmt[];
  /** The statements that it stands for, besides the store. */
  readonly instead: readonly Stmt[];
}

function updateOf(s: Store, before: readonly Stmt[], lets: ReadonlyMap<Operand, Let>, uses: Uses): Update | null {
  const whole = lets.get(s.value);
  const e = whole?.expr;
  if (whole === undefined || e?.kind !== "binary" || uses.get(whole.result) !== 1) return null;
  const op = operators[e.op];
  if (op === undefined || (isFloat(e.a.type) && e.mode === "strict")) return null;
  for (const [own, other] of e.op === "sub" ? [[e.a, e.b] as const] : [[e.a, e.b] as const, [e.b, e.a] as const]) {
    const load = lets.get(own);
    if (load === undefined || own === other || uses.get(own) !== 1 || !isOf(load.expr, s)) continue;
    const between = before.slice(before.indexOf(load) + 1);
    if (between.some((t) => writtenWithin(t).has(s.array))) continue;
    const accum = (v: Operand): Stmt => ({ ...s, kind: "accum", op, value: v, mode: e.mode });
    if (e.op !== "sub") return { stmts: [accum(other)], instead: [load, whole] };
    const negative = value("neg", whole.result.type);
    const neg: Let = { ...whole, result: negative, expr: unaryExpr("neg", other, e.mode) };
    return { stmts: [neg, accum(negative)], instead: [load, whole] };
  }
  return null;
}

const operators: Readonly<Record<string, ReduceOp>> = { add: "add", sub: "add", mul: "mul", min: "min", max: "max" };

/** Is it the load of the element that the store overwrites? */
const isOf = (e: Expr, s: Store): boolean =>
  e.kind === "load" && e.array === s.array && e.index.every((o, k) => isSame(o, s.index[k] as Operand));

const isSame = (a: Operand, b: Operand): boolean =>
  a === b || (a.kind === "const" && b.kind === "const" && a.value === b.value);
