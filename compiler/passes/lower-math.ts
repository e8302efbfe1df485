/**
 * Gives mathematical functions their bodies: the one place where they come from, so that they have JavaScript's meaning
 * and the same bits on every platform.
 *
 *   %y: f32 = exp %x            =>     %y: f32 = exp %x        with `func @math.expf(%x: f32) -> f32 { … }` in the module
 *   %z: f64 = round %x          =>     what rounding is in terms of `floor`
 *
 * An operator that the math library computes stays where it is, which passes and printers know how to treat; what it means
 * from here on is the function that the module now holds (ir/library.ts). All arithmetic put in is strict, whatever the
 * program's mode: these bodies are exact as they stand.
 *
 * Needs: to stand after differentiation and scheduling, which know functions by name.
 */

import { bug } from "../diagnostic.ts";
import { Builder, floatConst } from "../ir/build.ts";
import type { Block, Expr, Let, Module, Stmt, Unary } from "../ir/ir.ts";
import { libraryFunc, neededBy, type Precision } from "../ir/library.ts";
import { mapBodies, mapStmts } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";

export const lowerMath: Pass = lowering("lower-math", "double");
/** The same for targets without f64: functions of f32 are those that compute in f32 alone. */
export const lowerMathSingle: Pass = lowering("lower-math-single", "single");

function lowering(name: string, precision: Precision): Pass {
  const lowered = (body: Block): Block => mapStmts(body, (s) => (s.kind === "let" ? lowerLet(s) : s));
  return {
    name,
    summary: "gives mathematical functions their bodies",
    run: (m) => withLibrary(mapBodies(m, lowered), precision),
  };
}

/** The module with the functions that compute its operators, and those that compute theirs. */
export function withLibrary(m: Module, precision: Precision = "double"): Module {
  const funcs = [...m.funcs];
  const names = new Set(m.funcs.map((f) => f.name));
  // The list grows while it is walked.
  for (const f of funcs) {
    for (const name of neededBy(f, precision)) {
      if (names.has(name)) continue;
      names.add(name);
      funcs.push(libraryFunc(name) ?? bug(`the math library has no ${name}`));
    }
  }
  return funcs.length === m.funcs.length ? m : { ...m, funcs };
}

function lowerLet(s: Let): Stmt | readonly Stmt[] {
  const b = new Builder(s.loc, "strict");
  const expr = lower(s.expr, b);
  return expr === s.expr ? s : [...b.stmts, { ...s, expr }];
}

/** What computes `e`, after what `b` got; `e` itself where the platform has it as it should be. */
function lower(e: Expr, b: Builder): Expr {
  if (e.kind !== "unary") return e;
  return e.op === "round" ? round(e, b) : e.op === "sign" ? sign(e, b) : e;
}

/**
 * The nearest integer, ties up. Both `floor` and the fraction are exact (or at least one half when x is in [-0.5, 0)), so
 * 0.49999999999999994 stays 0. `ceil` rather than adding one: it keeps the -0 of [-0.5, -0]. A NaN or an infinity
 * has no fraction and takes `floor`'s way.
 */
function round({ a: x }: Unary, b: Builder): Expr {
  const low = b.unary("floor", x, "low");
  const up = b.compare("ge", b.binary("sub", x, low, "fraction"), floatConst(x.type, 0.5), "up");
  return { kind: "select", cond: up, a: b.unary("ceil", x, "high"), b: low };
}

/** 1 or -1; zeros and NaN stay as they are. */
function sign({ a: x }: Unary, b: Builder): Expr {
  const below = b.select(b.compare("lt", x, floatConst(x.type, 0)), floatConst(x.type, -1), x, "below");
  return { kind: "select", cond: b.compare("gt", x, floatConst(x.type, 0)), a: floatConst(x.type, 1), b: below };
}
