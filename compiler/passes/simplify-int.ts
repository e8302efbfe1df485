/**
 * Rules for integers. `i32` and `u32` wrap, so sums and products obey all laws of a ring; `index` is mathematical. An
 * integer has no −0 and no NaN.
 */
import { type Binary, type Const, constant, isConst } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import {
  associate,
  type BinaryRules,
  combine,
  isBinary,
  isUnary,
  negated,
  numberOf,
  type Rule,
  same,
  typed,
  type UnaryRules,
  unaryOf,
  withNegated,
} from "./simplify-rule.ts";

export const intUnary: UnaryRules = {
  neg: [
    // --x = x
    ({ a }, def) => negated(def(a)),
    // -(x - y) = y - x
    ({ a }, def) => {
      const d = def(a);
      return isBinary(d, "sub") ? { ...d, a: d.b, b: d.a } : null;
    },
    // -(x + c) = -c - x
    ({ a }, def) => {
      const d = def(a);
      if (!isBinary(d, "add") || !isConst(d.b)) return null;
      const c = combine("sub", constant(d.b.type, 0), d.b);
      return c === null ? null : { ...d, op: "sub", a: c, b: d.a };
    },
  ],
  abs: [
    // |x| = x where x cannot be negative
    ({ a }, def) => (a.type === "u32" || isUnary(def(a), "abs") ? a : null),
    // |-x| = |x|
    (e, def) => withNegated(def(e.a), (a) => ({ ...e, a })),
  ],
  not: [
    // ~~x = x
    ({ a }, def) => {
      const d = def(a);
      return isUnary(d, "not") ? d.a : null;
    },
  ],
};

const minMax: readonly Rule<Binary>[] = [
  // min(x, x) = x
  ({ a, b }) => (same(a, b) ? a : null),
  // min(min(x, c), d) = min(x, min(c, d))
  associate,
  // min(min(x, y), y) = min(x, y)
  ({ op, a, b }, def) => {
    const d = def(a);
    return isBinary(d, op) && (same(d.a, b) || same(d.b, b)) ? a : null;
  },
];

export const intBinary: BinaryRules = {
  add: [
    // x + 0 = x
    ({ a, b }) => (isConst(b, 0) ? a : null),
    // (x + c) + d = x + (c + d)
    associate,
    // (c - x) + d = (c + d) - x
    (e, def) => {
      const d = def(e.a);
      if (!isConst(e.b) || !isBinary(d, "sub") || !isConst(d.a)) return null;
      const a = combine("add", d.a, e.b);
      return a === null ? null : { ...d, a };
    },
    // (x - y) + y = x, y + (x - y) = x
    ({ a, b }, def) => {
      const [p, q] = [def(a), def(b)];
      if (isBinary(p, "sub") && same(p.b, b)) return p.a;
      return isBinary(q, "sub") && same(q.b, a) ? q.a : null;
    },
    // x + -y = x - y
    (e, def) => withNegated(def(e.b), (b) => ({ ...e, op: "sub", b })),
    // -x + y = y - x
    (e, def) => withNegated(def(e.a), (a) => ({ ...e, op: "sub", a: e.b, b: a })),
  ],
  sub: [
    // x - x = 0
    ({ a, b }) => (same(a, b) ? typed(a, 0) : null),
    // x - c = x + -c; a u32 constant would only get longer
    (e) => {
      if (!isConst(e.b)) return null;
      if (e.b.type === "u32") return isConst(e.b, 0) ? e.a : null;
      const b = combine("sub", constant(e.b.type, 0), e.b);
      return b === null ? null : { ...e, op: "add", b };
    },
    // 0 - x = -x
    (e) => (isConst(e.a, 0) ? unaryOf("neg", e.b, e) : null),
    // x - -y = x + y
    (e, def) => withNegated(def(e.b), (b) => ({ ...e, op: "add", b })),
    // (x + y) - x = y, (x + y) - y = x
    ({ a, b }, def) => {
      const d = def(a);
      if (!isBinary(d, "add")) return null;
      return same(d.a, b) ? d.b : same(d.b, b) ? d.a : null;
    },
    // x - (x + y) = -y, x - (y + x) = -y
    (e, def) => {
      const d = def(e.b);
      if (!isBinary(d, "add")) return null;
      return same(d.a, e.a) ? unaryOf("neg", d.b, e) : same(d.b, e.a) ? unaryOf("neg", d.a, e) : null;
    },
    // (x + c) - (x + d) = c - d
    ({ a, b }, def) => {
      const [p, q] = [def(a), def(b)];
      if (!isBinary(p, "add") || !isBinary(q, "add") || !same(p.a, q.a)) return null;
      return isConst(p.b) && isConst(q.b) ? combine("sub", p.b, q.b) : null;
    },
    // c - (x + d) = (c - d) - x
    (e, def) => {
      const d = def(e.b);
      if (!isConst(e.a) || !isBinary(d, "add") || !isConst(d.b)) return null;
      const a = combine("sub", e.a, d.b);
      return a === null ? null : { ...e, a, b: d.a };
    },
    // c - (d - x) = x + (c - d)
    (e, def) => {
      const d = def(e.b);
      if (!isConst(e.a) || !isBinary(d, "sub") || !isConst(d.a)) return null;
      const b = combine("sub", e.a, d.a);
      return b === null ? null : { ...e, op: "add", a: d.b, b };
    },
    // x - (x - y) = y
    ({ a, b }, def) => {
      const d = def(b);
      return isBinary(d, "sub") && same(d.a, a) ? d.b : null;
    },
    // (x - y) - x = -y
    (e, def) => {
      const d = def(e.a);
      return isBinary(d, "sub") && same(d.a, e.b) ? unaryOf("neg", d.b, e) : null;
    },
  ],
  mul: [
    // x * 0 = 0
    ({ b }) => (isConst(b, 0) ? b : null),
    // x * 1 = x
    ({ a, b }) => (isConst(b, 1) ? a : null),
    // x * -1 = -x
    (e) => (isConst(e.b, -1) ? unaryOf("neg", e.a, e) : null),
    // (x * c) * d = x * (c * d)
    associate,
    // -x * -y = x * y
    (e, def) => withNegated(def(e.a), (a) => withNegated(def(e.b), (b) => ({ ...e, a, b }))),
    // -x * c = x * -c
    (e, def) =>
      withNegated(def(e.a), (a) => {
        const b = isConst(e.b) ? combine("sub", constant(e.b.type, 0), e.b) : null;
        return b === null ? null : { ...e, a, b };
      }),
  ],
  floordiv: [
    // x / 1 = x
    ({ a, b }) => (isConst(b, 1) ? a : null),
    // (x * c) / c = x; only where products do not wrap
    ({ a, b }, def) => {
      const d = def(a);
      return a.type === "index" && isConst(b) && b.value !== 0 && isBinary(d, "mul") && same(d.b, b) ? d.a : null;
    },
  ],
  rem: [
    // x % 1 = 0, x % -1 = 0
    ({ a, b }) => (isConst(b, 1) || isConst(b, -1) ? typed(a, 0) : null),
    // (x * c) % c = 0; only where products do not wrap
    ({ a, b }, def) => {
      const d = def(a);
      const multiple = a.type === "index" && isConst(b) && b.value !== 0 && isBinary(d, "mul") && same(d.b, b);
      return multiple ? typed(a, 0) : null;
    },
  ],
  min: minMax,
  max: minMax,
  and: [
    // x & x = x
    ({ a, b }) => (same(a, b) ? a : null),
    // x & 0 = 0
    ({ b }) => (isConst(b, 0) ? b : null),
    // x & ~0 = x
    ({ a, b }) => (isConst(b) && (numberOf(b) | 0) === -1 ? a : null),
    // (x & c) & d = x & (c & d)
    associate,
  ],
  or: [
    // x | x = x
    ({ a, b }) => (same(a, b) ? a : null),
    // x | 0 = x
    ({ a, b }) => (isConst(b, 0) ? a : null),
    // x | ~0 = ~0
    ({ b }) => (isConst(b) && (numberOf(b) | 0) === -1 ? b : null),
    // (x | c) | d = x | (c | d)
    associate,
  ],
  xor: [
    // x ^ x = 0
    ({ a, b }) => (same(a, b) ? typed(a, 0) : null),
    // x ^ 0 = x
    ({ a, b }) => (isConst(b, 0) ? a : null),
    // x ^ ~0 = ~x
    (e) => (isConst(e.b) && (numberOf(e.b) | 0) === -1 ? unaryOf("not", e.a, e) : null),
    // (x ^ c) ^ d = x ^ (c ^ d)
    associate,
  ],
  shl: [
    // x << 0 = x
    ({ a, b }) => (isConst(b) && (numberOf(b) & 31) === 0 ? a : null),
  ],
  shr: [
    // x >> 0 = x
    ({ a, b }) => (isConst(b) && (numberOf(b) & 31) === 0 ? a : null),
  ],
};

/** `array[…] op= v` changes no element, whatever it is. */
export const changesNoInt = (op: ReduceOp, v: Const): boolean =>
  (op === "add" && isConst(v, 0)) || (op === "mul" && isConst(v, 1));
