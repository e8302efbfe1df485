/** Bugs to be planted in compiled programs, to see that they are found. */
import type { Binary, Block, Expr, Module, Stmt } from "../../compiler/ir/ir.ts";
import { isFloat } from "../../compiler/ir/ir.ts";
import { mapBlocks, mapBodies, mapStmts } from "../../compiler/ir/walk.ts";

/** Wrong code for a float operation; null where it does not apply. */
export type Bug = (e: Binary) => Expr | null;
const onAdd =
  (f: (e: Binary) => Expr): Bug =>
  (e) =>
    e.op === "add" || e.op === "sub" ? f(e) : null;
export const bugs: Readonly<Record<string, Bug>> = {
  "a term is dropped": onAdd((e) => ({
    kind: "binary",
    op: "add",
    a: e.a,
    b: { ...zero, type: e.a.type },
    mode: e.mode,
  })),
  "a sum is a difference": onAdd((e) => ({ ...e, op: e.op === "add" ? "sub" : "add" })),
  "a product is a sum": (e) => (e.op === "mul" ? { ...e, op: "add" } : null),
  "the operands of a quotient are exchanged": (e) => (e.op === "div" ? { ...e, a: e.b, b: e.a } : null),
};
const zero = { kind: "const", type: "f64", value: 0 } as const;

/** The module with the bug in the `which`th operation that can have it; null where there are fewer. */
export function planted(m: Module, bug: Bug, which: number): Module | null {
  let left = which;
  const stmt = (s: Stmt): Stmt => {
    if (s.kind !== "let" || s.expr.kind !== "binary" || !isFloat(s.expr.a.type)) return mapBlocks(s, block);
    const wrong = bug(s.expr);
    return wrong === null || left-- !== 0 ? s : { ...s, expr: wrong };
  };
  const block = (b: Block): Block => ({ ...b, stmts: b.stmts.map(stmt) });
  const changed = mapBodies(m, block);
  return left < 0 ? changed : null;
}

/** Statements of a gradient that it may not do without. */
export const gradientParts: Readonly<Record<string, (s: Stmt) => boolean>> = {
  "an adjoint is not passed on": (s) => s.kind === "accum" && s.loc.role === "adjoint",
  "the adjoint of what was overwritten stays": (s) =>
    s.kind === "store" && s.loc.role === "adjoint" && s.value.kind === "const",
  "an old value is not restored": (s) => s.kind === "store" && s.loc.role === "tape" && s.index.length > 0,
};

/** The module without the `which`th statement of that kind; null where there are fewer. */
export function dropped(m: Module, is: (s: Stmt) => boolean, which: number): Module | null {
  let left = which;
  const changed = mapBodies(m, (b) => ({ ...b, stmts: mapStmts(b, (s) => (is(s) && left-- === 0 ? [] : s)).stmts }));
  return left < 0 ? changed : null;
}
