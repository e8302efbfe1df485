/** Rules for truth values and for `select`. */
import { type Binary, constant, isConst, isFloat, isInt, type Operand } from "../ir/ir.ts";
import { compareOps } from "../ir/ops.ts";
import {
  associate,
  type BinaryRules,
  type DefOf,
  isUnary,
  type Rule,
  type SelectRules,
  same,
  type UnaryRules,
  unaryOf,
} from "./simplify-rule.ts";

const isNot = (a: Operand, b: Operand, def: DefOf): boolean => {
  const d = def(a);
  return isUnary(d, "not") && same(d.a, b);
};

export const boolUnary: UnaryRules = {
  not: [
    // !!x = x
    ({ a }, def) => {
      const d = def(a);
      return isUnary(d, "not") ? d.a : null;
    },
    // !(x < y) = x >= y, but for floats, where neither holds with a NaN; !(x == y) = x != y always
    ({ a }, def) => {
      const d = def(a);
      if (d?.kind !== "compare") return null;
      const total = !isFloat(d.a.type) || d.op === "eq" || d.op === "ne";
      return total ? { ...d, op: compareOps[d.op].negated } : null;
    },
  ],
};

/** `and` and `or` are each other with true and false exchanged; `unit` changes nothing, `zero` decides. */
const lattice = (unit: boolean): readonly Rule<Binary>[] => [
  // x && true = x
  ({ a, b }) => (isConst(b, unit) ? a : null),
  // x && false = false
  ({ b }) => (isConst(b, !unit) ? b : null),
  // x && x = x
  ({ a, b }) => (same(a, b) ? a : null),
  // x && !x = false
  ({ a, b }, def) => (isNot(a, b, def) || isNot(b, a, def) ? constant("bool", !unit) : null),
];

export const boolBinary: BinaryRules = {
  and: lattice(true),
  or: lattice(false),
  xor: [
    // x != false = x
    ({ a, b }) => (isConst(b, false) ? a : null),
    // x != true = !x
    (e) => (isConst(e.b, true) ? unaryOf("not", e.a, e) : null),
    // x != x = false
    ({ a, b }) => (same(a, b) ? constant("bool", false) : null),
    associate,
  ],
};

const logic = { mode: "contract" } as const;
const either = (op: "and" | "or", a: Operand, b: Operand): Binary => ({ kind: "binary", op, a, b, ...logic });

export const selectRules: SelectRules = [
  // true ? x : y = x, false ? x : y = y
  ({ cond, a, b }) => (cond.kind === "const" ? (cond.value === true ? a : b) : null),
  // c ? x : x = x
  ({ a, b }) => (same(a, b) ? a : null),
  // !c ? x : y = c ? y : x
  (e, def) => {
    const d = def(e.cond);
    return isUnary(d, "not") ? { ...e, cond: d.a, a: e.b, b: e.a } : null;
  },
  // c ? true : false = c, c ? false : true = !c
  ({ cond, a, b }) => (isConst(a, true) && isConst(b, false) ? cond : null),
  ({ cond, a, b }) => (isConst(a, false) && isConst(b, true) ? unaryOf("not", cond, logic) : null),
  // c ? true : x = c || x, c ? x : false = c && x, c ? c : x = c || x, c ? x : c = c && x
  ({ cond, a, b }) => (isConst(a, true) || (a.type === "bool" && same(cond, a)) ? either("or", cond, b) : null),
  ({ cond, a, b }) => (isConst(b, false) || (b.type === "bool" && same(cond, b)) ? either("and", cond, a) : null),
  // x < y ? x : y = min(x, y) and its like, x == y ? x : y = y; floats have NaN and two zeros
  ({ cond, a, b }, def) => {
    const d = def(cond);
    if (d?.kind !== "compare" || !isInt(a.type)) return null;
    const isStraight = same(d.a, a) && same(d.b, b);
    if (!isStraight && !(same(d.a, b) && same(d.b, a))) return null;
    if (d.op === "eq" || d.op === "ne") return d.op === "eq" ? b : a;
    const isLess = d.op === "lt" || d.op === "le";
    return { kind: "binary", op: isLess === isStraight ? "min" : "max", a, b, ...logic };
  },
  // c ? (c ? x : y) : z = c ? x : z, c ? x : (c ? y : z) = c ? x : z
  (e, def) => {
    const d = def(e.a);
    return d?.kind === "select" && same(d.cond, e.cond) ? { ...e, a: d.a } : null;
  },
  (e, def) => {
    const d = def(e.b);
    return d?.kind === "select" && same(d.cond, e.cond) ? { ...e, b: d.b } : null;
  },
];
