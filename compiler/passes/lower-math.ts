/**
 * Gives mathematical functions JavaScript's meaning on every platform: the one place where their bodies come from.
 *
 *   %y: f32 = exp %x            =>     %x_1: f64 = cast %x
 *                                      %exp: f64 = exp %x_1
 *                                      %y: f32 = cast %exp
 *
 * Functions of f32 go through f64, so that rounding is the same everywhere; `round`, `sign` and `hypot` become
 * arithmetic; `pow` gets JavaScript's two exceptions. All arithmetic put in is strict, whatever the program's mode: these
 * bodies are exact as they stand.
 *
 * Needs: to stand after differentiation and scheduling, which know functions by name, and to run once: the functions
 * that stay (`exp`, `pow`, …) mean the platform's own from here on.
 */

import { Builder, floatConst } from "../ir/build.ts";
import { type Binary, constant, type Expr, type Let, type Operand, type Stmt, type Unary } from "../ir/ir.ts";
import { binaryOps, unaryOps } from "../ir/ops.ts";
import { mapBodies, mapStmts } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";

export const lowerMath: Pass = {
  name: "lower-math",
  summary: "gives mathematical functions JavaScript's meaning on every platform",
  run: (m) => mapBodies(m, (body) => mapStmts(body, (s) => (s.kind === "let" ? lowerLet(s) : s))),
};

function lowerLet(s: Let): Stmt | readonly Stmt[] {
  const b = new Builder(s.loc, "strict");
  const expr = lower(s.expr, b);
  return expr === s.expr ? s : [...b.stmts, { ...s, expr }];
}

/** What computes `e`, after what `b` got; `e` itself where the platform has it as it should be. */
function lower(e: Expr, b: Builder): Expr {
  if (e.kind === "unary") {
    if (e.a.type === "f32" && unaryOps[e.op].math) {
      return narrowed(e.op, { ...e, a: b.cast("f64", e.a) }, b);
    }
    if (e.op === "round") return round(e, b);
    if (e.op === "sign") return sign(e, b);
  }
  if (e.kind === "binary") {
    if (e.a.type === "f32" && binaryOps[e.op].math) {
      return narrowed(e.op, { ...e, a: b.cast("f64", e.a), b: b.cast("f64", e.b) }, b);
    }
    if (e.op === "hypot") return hypot(e, b);
    if (e.op === "pow") return pow(e, b);
  }
  return e;
}

const narrowed = (hint: string, wide: Expr, b: Builder): Expr => ({
  kind: "cast",
  to: "f32",
  a: b.let(hint, lower(wide, b)),
});

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

/** As V8 computes it: scaled by the larger, so that no square overflows. An infinity wins even over NaN. */
function hypot({ a: x, b: y }: Binary, b: Builder): Expr {
  const infinity = floatConst(x.type, Number.POSITIVE_INFINITY);
  const zero = floatConst(x.type, 0);
  const p = b.unary("abs", x);
  const q = b.unary("abs", y);
  const scale = b.binary("max", p, q, "scale");
  const u = b.binary("div", p, scale);
  const v = b.binary("div", q, scale);
  const root = b.unary("sqrt", b.binary("add", b.binary("mul", u, u), b.binary("mul", v, v)));
  const length = b.binary("mul", root, scale, "length");
  const finite = b.select(b.compare("eq", scale, zero, "none"), zero, length, "finite");
  const infinite = b.binary("or", b.compare("eq", p, infinity), b.compare("eq", q, infinity), "infinite");
  return { kind: "select", cond: infinite, a: infinity, b: finite };
}

/** The platform's, but NaN where JavaScript says so and C says 1: pow(±1, ±Infinity) and pow(1, NaN). */
function pow(e: Binary, b: Builder): Expr {
  if (e.b.kind === "const" && Number.isFinite(e.b.value)) return e;
  if (e.a.kind === "const" && Math.abs(Number(e.a.value)) !== 1) return e;
  const one = floatConst(e.a.type, 1);
  const infinity = floatConst(e.a.type, Number.POSITIVE_INFINITY);
  const unit = b.compare("eq", b.unary("abs", e.a), one, "unit");
  const finite = b.compare("lt", b.unary("abs", e.b), infinity, "finite");
  const exception: Operand = b.binary("and", unit, b.unary("not", finite), "exception");
  return { kind: "select", cond: exception, a: constant(e.a.type, Number.NaN), b: b.let("pow", e) };
}
