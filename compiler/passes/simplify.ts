/**
 * Replaces what has a simpler equal: constants are folded, rules applied, branches and loops that are decided unfolded.
 *
 *   %a: f64 = mul 1.0f64, %x
 *   %r: f64 = if true {                      =>     %t: f64 = add %x, %y
 *     %t: f64 = add %a, %y
 *     yield %t
 *   } else { … }
 *
 * Rules are tables, a file for each family (`simplify-int.ts`, `simplify-float.ts`, …); this file walks, folds and does
 * what concerns whole statements. Only exact operations are folded: a library function's value is the platform's to say.
 * Functions are simplified until nothing changes, so running the pass twice is running it once.
 *
 * Needs nothing. Leaves values that nobody reads any more to `dce`, and equal expressions to `cse`.
 */
import { bug } from "../diagnostic.ts";
import { typeOf } from "../ir/build.ts";
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../ir/eval.ts";
import { type Block, type Const, constant, type Expr, isConst, isFloat, isInt, type Operand } from "../ir/ir.ts";
import { binaryOps, commutes, unaryOps } from "../ir/ops.ts";
import { operandsOf } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { boolBinary, boolUnary, selectRules } from "./simplify-bool.ts";
import { castRules } from "./simplify-cast.ts";
import { compareRules } from "./simplify-compare.ts";
import { floatBinary, floatUnary } from "./simplify-float.ts";
import { intBinary, intUnary } from "./simplify-int.ts";
import type { DefOf, Rule } from "./simplify-rule.ts";
import { simplifyBlock } from "./simplify-stmt.ts";

export const simplify: Pass = funcPass("simplify", "replaces what has a simpler equal", (f) => {
  let body: Block = f.body;
  // A round leaves the next one something only where a value turned out to be known after it was passed.
  for (let round = 0; ; round++) {
    const next = simplifyBlock(body, simplifyExpr);
    if (next === body) break;
    if (round > 1000) bug(`simplifying @${f.name} does not end`);
    body = next;
  }
  return body === f.body ? f : { ...f, body };
});

/** The simplest equal: an operand, another expression, or `e` itself. */
export function simplifyExpr(e: Expr, def: DefOf): Operand | Expr {
  for (;;) {
    const next = fold(e) ?? constantsSecond(e) ?? firstRule(e, def);
    if (next === null) return e;
    if (next.kind === "const" || next.kind === "value") return next;
    e = next;
  }
}

function firstRule(e: Expr, def: DefOf): Operand | Expr | null {
  switch (e.kind) {
    case "unary": {
      const { type } = e.a;
      const rules = isFloat(type) ? floatUnary : type === "bool" ? boolUnary : intUnary;
      return apply(rules[e.op], e, def);
    }
    case "binary": {
      const { type } = e.a;
      const rules = isFloat(type) ? floatBinary : type === "bool" ? boolBinary : intBinary;
      return apply(rules[e.op], e, def);
    }
    case "compare":
      return apply(compareRules, e, def);
    case "select":
      return apply(selectRules, e, def);
    case "cast":
      return apply(castRules, e, def);
    case "load":
      return null;
  }
}

function apply<E extends Expr>(rules: readonly Rule<E>[] | undefined, e: E, def: DefOf): Operand | Expr | null {
  for (const rule of rules ?? []) {
    const out = rule(e, def);
    if (out !== null) return out;
  }
  return null;
}

// c + x = x + c
function constantsSecond(e: Expr): Expr | null {
  if (e.kind !== "binary" || !commutes(e.op, e.a.type) || !isConst(e.a) || isConst(e.b)) return null;
  return { ...e, a: e.b, b: e.a };
}

/** What an expression on constants comes to, where that is the same everywhere. */
function fold(e: Expr): Const | null {
  const [a, b] = operandsOf(e).map((o) => (isConst(o) ? o.value : null));
  if (e.kind === "load" || a === undefined || a === null || b === null) return null;
  const at = e.kind === "select" ? null : e.a.type;
  switch (e.kind) {
    case "unary":
      return unaryOps[e.op].math ? null : result(typeOf(e), unaryEval(e.op, e.a.type)(a));
    case "cast":
      return constant(e.to, castTo(e.to, e.a.type, a));
    case "binary":
      if (binaryOps[e.op].math || b === undefined) return null;
      // An integer division by zero has no value.
      if (isInt(e.a.type) && (e.op === "floordiv" || e.op === "rem") && b === 0) return null;
      return result(typeOf(e), binaryEval(e.op, e.a.type)(a, b));
    case "compare":
      return at === null || b === undefined ? null : constant("bool", compareEval(e.op)(a, b));
    case "select":
      return null;
  }
}

/** Index arithmetic beyond the exact integers is left alone. */
const result = (type: Const["type"], v: Datum): Const | null =>
  type === "index" && !Number.isSafeInteger(v) ? null : constant(type, v);
