/** Rules for comparisons. Constants stand second; floats keep theirs, since with a NaN only `ne` holds. */
import { castTo } from "../ir/eval.ts";
import { type Compare, type Const, constant, type Expr, isConst, isFloat, isInt, type Operand } from "../ir/ir.ts";
import { type CompareOp, compareOps } from "../ir/ops.ts";
import { isExact } from "./simplify-cast.ts";
import { type CompareRules, combine, type DefOf, isBinary, isUnary, numberOf, same, unaryOf } from "./simplify-rule.ts";

const isEquality = (op: CompareOp): boolean => op === "eq" || op === "ne";
/** Does `x op x` hold, for an x that is no NaN? */
const holdsOfEqual = (op: CompareOp): boolean => op === "eq" || op === "le" || op === "ge";

export const compareRules: CompareRules = [
  // c < x = x > c
  (e) => (isConst(e.a) && !isConst(e.b) ? { ...e, op: compareOps[e.op].commuted, a: e.b, b: e.a } : null),
  // x == x, x < x, …: known, but for floats only what a NaN makes false as well
  ({ op, a, b }) => {
    if (!same(a, b)) return null;
    if (!isFloat(a.type)) return constant("bool", holdsOfEqual(op));
    return op === "lt" || op === "gt" ? constant("bool", false) : null;
  },
  // x == true = x, x == false = !x, and x != … the other way
  (e) => {
    if (e.a.type !== "bool" || !isConst(e.b)) return null;
    return (e.op === "eq") === (e.b.value === true) ? e.a : unaryOf("not", e.a, { mode: "contract" });
  },
  // x >= 0 = true, x < 0 = false, where x cannot be negative
  ({ op, a, b }) => {
    if (a.type !== "u32" || !isConst(b, 0)) return null;
    return op === "ge" || op === "lt" ? constant("bool", op === "ge") : null;
  },
  // x + c < d = x < d - c; i32 and u32 wrap, so there only for equality
  (e, def) => {
    const d = def(e.a);
    if (!shiftable(e) || !isConst(e.b) || !isBinary(d, "add") || !isConst(d.b)) return null;
    const b = combine("sub", e.b, d.b);
    return b === null ? null : { ...e, a: d.a, b };
  },
  // c - x < d = x > c - d
  (e, def) => {
    const d = def(e.a);
    if (!shiftable(e) || !isConst(e.b) || !isBinary(d, "sub") || !isConst(d.a)) return null;
    const b = combine("sub", d.a, e.b);
    return b === null ? null : { ...e, op: compareOps[e.op].commuted, a: d.b, b };
  },
  // x + c < y + d = x < y where c = d
  (e, def) => {
    const [p, q] = [def(e.a), def(e.b)];
    if (!shiftable(e) || !isBinary(p, "add") || !isBinary(q, "add")) return null;
    return isConst(p.b) && same(p.b, q.b) ? { ...e, a: p.a, b: q.a } : null;
  },
  // x + c < x = c < 0, and x < x + c = 0 < c
  ({ op, a, b }, def) => known(op, a, b, def) ?? known(compareOps[op].commuted, b, a, def),
  // x - y < 0 = x < y
  (e, def) => {
    const d = def(e.a);
    return shiftable(e) && isConst(e.b, 0) && isBinary(d, "sub") ? { ...e, a: d.a, b: d.b } : null;
  },
  // -x < c = x > -c
  (e, def) => {
    const d = def(e.a);
    if (!isConst(e.b) || !isUnary(d, "neg") || !(isFloat(e.b.type) || shiftable(e))) return null;
    const b = isFloat(e.b.type) ? constant(e.b.type, -numberOf(e.b)) : combine("sub", constant(e.b.type, 0), e.b);
    return b === null ? null : { ...e, op: compareOps[e.op].commuted, a: d.a, b };
  },
  // (T) x < (T) y = x < y, where T holds every value exactly
  (e, def) => {
    const [p, q] = [def(e.a), def(e.b)];
    if (p?.kind !== "cast" || q?.kind !== "cast" || p.a.type !== q.a.type || !isExact(p.a.type, p.to)) return null;
    return comparable(e, p.a) ? { ...e, a: p.a, b: q.a } : null;
  },
  // (T) x < c = x < (S) c, where T holds every value of x's type S exactly, and S holds c
  (e, def) => {
    const d = def(e.a);
    if (!isConst(e.b) || d?.kind !== "cast" || !isExact(d.a.type, d.to) || !comparable(e, d.a)) return null;
    const b = exactly(e.b, d.a);
    return b === null ? null : { ...e, a: d.a, b };
  },
];

/** May a number be taken from both sides? */
const shiftable = (e: Compare): boolean => e.a.type === "index" || (isInt(e.a.type) && isEquality(e.op));

/** Bools have no order. */
const comparable = (e: Compare, a: Operand): boolean => a.type !== "bool" || isEquality(e.op);

function known(op: CompareOp, a: Operand, b: Operand, def: DefOf): Const | null {
  const d: Expr | undefined = def(a);
  if (a.type !== "index" || !isBinary(d, "add") || !isConst(d.b) || !same(d.a, b)) return null;
  const c = numberOf(d.b);
  const holds = { eq: c === 0, ne: c !== 0, lt: c < 0, le: c <= 0, gt: c > 0, ge: c >= 0 };
  return constant("bool", holds[op]);
}

/** The constant in the type of `like`, where that type has it. */
function exactly(c: Const, like: Operand): Const | null {
  const v = castTo(like.type, c.type, c.value);
  // Zeros compare equal, so that an integer's zero may stand for −0.
  return Number(v) === numberOf(c) ? constant(like.type, v) : null;
}
