/** Rules for conversions, and between which types they lose nothing. */
import { binaryExpr } from "../ir/build.ts";
import { castTo } from "../ir/eval.ts";
import { constant, type Operand, type ScalarType } from "../ir/ir.ts";
import type { CastRules, DefOf } from "./simplify-rule.ts";

/** From each type, the types that hold every value of it, so that nothing after the cast can tell. */
const exact: { readonly [from in ScalarType]: readonly ScalarType[] } = {
  bool: ["i32", "u32", "index", "f32", "f64"],
  i32: ["index", "f64"],
  u32: ["index", "f64"],
  index: ["f64"],
  f32: ["f64"],
  f64: [],
};

export const isExact = (from: ScalarType, to: ScalarType): boolean => exact[from].includes(to);

export const castRules: CastRules = [
  // (T) x = x where x is a T
  ({ to, a }) => (a.type === to ? a : null),
  // (U) (T) x = (U) x where T holds x exactly
  (e, def) => {
    const d = def(e.a);
    return d?.kind === "cast" && isExact(d.a.type, d.to) ? { ...e, a: d.a } : null;
  },
  // (u32) (i32) x = (u32) x: both count modulo 2^32
  (e, def) => {
    const d = def(e.a);
    return wraps(e.to) && d?.kind === "cast" && wraps(d.to) ? { ...e, a: d.a } : null;
  },
  // (i32) ((index) x + (index) y) = x + y, and so for - and *: the low bits come from the low bits
  ({ to, a }, def) => {
    const d = def(a);
    if (!wraps(to) || d?.kind !== "binary") return null;
    // A product of doubles may have been rounded.
    const isRing = d.op === "add" || d.op === "sub" || (d.op === "mul" && d.a.type === "index");
    const [x, y] = [before(d.a, to, def), before(d.b, to, def)];
    return isRing && x !== null && y !== null ? binaryExpr(d.op, x, y, "contract") : null;
  },
  // (T) (c ? (U) x : (U) y) = c ? x : y for an x and y of type T
  ({ to, a }, def) => {
    const d = def(a);
    if (d?.kind !== "select") return null;
    const [x, y] = [before(d.a, to, def), before(d.b, to, def)];
    return x !== null && y !== null ? { ...d, a: x, b: y } : null;
  },
  // (T) max((U) x, (U) y) = max(x, y): the order is the same in either type
  ({ to, a }, def) => {
    const d = def(a);
    if (to === "bool" || d?.kind !== "binary" || (d.op !== "min" && d.op !== "max")) return null;
    const [x, y] = [before(d.a, to, def), before(d.b, to, def)];
    const isOrdered = x !== null && y !== null && isSameNumber(x, d.a) && isSameNumber(y, d.b);
    return isOrdered ? binaryExpr(d.op, x, y, d.mode) : null;
  },
];

const wraps = (t: ScalarType): boolean => t === "i32" || t === "u32";

/** The value of type `from` that `o`, of a wider type, was made of. */
function before(o: Operand, from: ScalarType, def: DefOf): Operand | null {
  if (o.kind === "const") return Number.isSafeInteger(o.value) ? constant(from, castTo(from, o.type, o.value)) : null;
  const d = def(o);
  return d?.kind === "cast" && d.a.type === from && isExact(from, o.type) ? d.a : null;
}

/** Constants may have wrapped on the way. */
const isSameNumber = (x: Operand, y: Operand): boolean =>
  x.kind === "value" || y.kind === "value" || Object.is(Number(x.value), Number(y.value));
