/**
 * Brings a function into the form that reverse mode reads. What it does stays the same, to the bit.
 *
 * - `accum mul`, `min` and `max` are a load, an operation and a store: only sums have adjoints of their own.
 * - A `par` loop that reduces runs in order: what it overwrites may have to be kept, and is its own only then. Schedules find
 *   again what of it is parallel.
 * - Arrays are made where the function begins (hoist-allocs.ts).
 * - A `while` that halves a number knows how many trips it makes at most.
 * - The test of a `while` writes nothing: where it does, it runs before the loop and at the end of each trip.
 * - Elements that a loop keeps updating are values that it carries (accumulators.ts).
 */
import { halvings } from "../compiler/analysis/halving.ts";
import { binaryExpr, value } from "../compiler/ir/build.ts";
import {
  type Block,
  type For,
  type Func,
  indexConst,
  type Operand,
  type Scalar,
  type Stmt,
  valueType,
  type While,
} from "../compiler/ir/ir.ts";
import { copyBlock, mapStmts, Substitution, walk } from "../compiler/ir/walk.ts";
import { keepAccumulators } from "./accumulators.ts";
import { hoistAllocs } from "./hoist-allocs.ts";
import { isWrite, type Write } from "./program.ts";

/** The function in that form; all its statements are new. */
export function prepare(f: Func): Func {
  // Before updates are spelled out, of which loops around would know nothing.
  const fresh = mapStmts(copyBlock(f.body, new Substitution()), (s) =>
    s.kind === "for" && s.mode === "par" && reduces(s) ? { ...s, mode: "seq" } : s,
  );
  const spelled = mapStmts(fresh, (s) => {
    if (s.kind === "accum" && s.op !== "add") return spelledOut(s);
    if (s.kind !== "while") return s;
    if (writesSomething(s.cond)) return testedAtTheEnd(s);
    const most = s.max === null ? halvings(s) : null;
    return most === null ? s : { ...s, max: indexConst(most) };
  });
  return { ...f, body: keepAccumulators({ ...f, body: hoistAllocs(spelled) }) };
}

/** An update as a load, an operation and a store. */
export function spelledOut(s: Write & { readonly kind: "accum" }): readonly Stmt[] {
  const before = value(s.array.hint.toLowerCase(), valueType(s.array.type.elem));
  const after = value(s.array.hint.toLowerCase(), valueType(s.array.type.elem));
  const { array, index, loc } = s;
  return [
    { kind: "let", result: before, expr: { kind: "load", array, index }, loc },
    { kind: "let", result: after, expr: binaryExpr(s.op, before, s.value, s.mode), loc },
    { kind: "store", array, index, value: after, loc },
  ];
}

const reduces = (s: For): boolean => [...walk(s.body)].some((t) => t.kind === "accum");

const writesSomething = (b: Block): boolean => {
  for (const s of walk(b)) if (isWrite(s) || s.kind === "call" || s.kind === "alloc") return true;
  return false;
};

/** The loop with its test in a value that it carries. */
function testedAtTheEnd(s: While): readonly Stmt[] {
  const testOf = (values: readonly Operand[]): Block => {
    const subst = new Substitution();
    s.carried.forEach((c, i) => void subst.set(c, values[i] as Operand));
    return copyBlock(s.cond, subst);
  };
  const first = testOf(s.inits);
  const again = testOf(s.body.yields);
  const goesOn: Scalar = value("goes_on", "bool" as const);
  const loop: While = {
    ...s,
    inits: [...s.inits, ...first.yields],
    carried: [...s.carried, goesOn],
    cond: { stmts: [], yields: [goesOn] },
    body: { stmts: [...s.body.stmts, ...again.stmts], yields: [...s.body.yields, ...again.yields] },
    results: [...s.results, value("goes_on", "bool" as const)],
  };
  return [...first.stmts, loop];
}
