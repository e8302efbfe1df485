/**
 * Rules for floats, and which of them an operation's mode allows; this is the one place that says so.
 *
 * `strict` and `contract` allow what gives the same bits for every operand, zeros of either sign, infinities and NaN
 * included (which NaN it is, no rule minds): `x + 0` is not `x` where x is −0, but `x + −0` always is; negation only
 * flips a bit and moves freely; a division by a power of two is an exact product. (`contract` allows a backend to fuse
 * a product into a sum; that is no rewrite of one expression.) `fast` allows what is right for real numbers: the rules
 * marked so. Where two operations become one, both must be fast.
 */
import { floatConst } from "../ir/build.ts";
import { type Binary, type Const, type Expr, isConst, isInt, type Operand, type OpMode, type Unary } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import {
  associate,
  type BinaryRules,
  type DefOf,
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

/** A rule that only `fast` operations obey. */
const fast =
  <E extends Unary | Binary>(rule: Rule<E>): Rule<E> =>
  (e, def) =>
    e.mode === "fast" ? rule(e, def) : null;

const isFast = (e: Unary | Binary): boolean => e.mode === "fast";
const isZero = (o: Operand): o is Const => isConst(o, 0) || isConst(o, -0);
const negatedConst = (c: Const): Const => typed(c, -numberOf(c));

/** The result of `op` is an integer, an infinity or NaN: rounding it does nothing. */
function isRounded(o: Operand, def: DefOf): boolean {
  const d = def(o);
  if (d?.kind === "cast") return isInt(d.a.type);
  return d?.kind === "unary" && rounding.has(d.op);
}
const rounding: ReadonlySet<string> = new Set(["floor", "ceil", "trunc", "round", "sign"]);
// floor(floor(x)) = floor(x), whichever two roundings
const rounded: readonly Rule<Unary>[] = [({ a }, def) => (isRounded(a, def) ? a : null)];

/** 1 / c where the quotient by c is the product by it: a power of two whose reciprocal is no subnormal. */
function exactReciprocal(c: Const): Const | null {
  const x = Math.abs(numberOf(c));
  const limit = c.type === "f32" ? 2 ** 126 : 2 ** 1022;
  const isPower = x > 0 && x <= limit && x >= 1 / limit && Number.isInteger(Math.log2(x)) && 2 ** Math.log2(x) === x;
  return isPower ? typed(c, 1 / numberOf(c)) : null;
}

/** 1 / c, rounded, where it is an ordinary number. */
function reciprocal(c: Const): Const | null {
  return isOrdinary(c) ? floatConst(c.type, 1 / numberOf(c)) : null;
}

/** Far from where either float type overflows or loses digits. */
const isOrdinary = (c: Const): boolean => Math.abs(numberOf(c)) > 1e-30 && Math.abs(numberOf(c)) < 1e30;

export const floatUnary: UnaryRules = {
  neg: [
    // --x = x
    ({ a }, def) => negated(def(a)),
    // fast: -(x - y) = y - x; for x = y the zeros differ
    fast((e, def) => {
      const d = def(e.a);
      return isBinary(d, "sub") && isFast(d) ? { ...d, a: d.b, b: d.a } : null;
    }),
  ],
  abs: [
    // ||x|| = |x|, |√x| = √x but for √−0, which is −0
    ({ a }, def) => (isUnary(def(a), "abs") ? a : null),
    // |-x| = |x|
    (e, def) => withNegated(def(e.a), (a) => ({ ...e, a })),
  ],
  floor: rounded,
  ceil: rounded,
  trunc: rounded,
  round: rounded,
};

/** min(x, x) = x and min(min(x, c), d) = min(x, min(c, d)): NaN wins in any order. */
const minMax = (neutral: number): readonly Rule<Binary>[] => [
  ({ a, b }) => (same(a, b) ? a : null),
  associate,
  // min(x, Infinity) = x, max(x, -Infinity) = x
  ({ a, b }) => (isConst(b, neutral) ? a : null),
];

export const floatBinary: BinaryRules = {
  add: [
    // x + -0 = x
    ({ a, b }) => (isConst(b, -0) ? a : null),
    // x + -y = x - y
    (e, def) => withNegated(def(e.b), (b) => ({ ...e, op: "sub", b })),
    // -x + y = y - x
    (e, def) => withNegated(def(e.a), (a) => ({ ...e, op: "sub", a: e.b, b: a })),
    // fast: x + 0 = x
    fast(({ a, b }) => (isConst(b, 0) ? a : null)),
    // fast: (x + c) + d = x + (c + d)
    fast(associateFast),
    // fast: (x - y) + y = x
    fast(({ a, b }, def) => {
      const d = def(a);
      return isBinary(d, "sub") && isFast(d) && same(d.b, b) ? d.a : null;
    }),
  ],
  sub: [
    // x - c = x + -c
    (e) => (isConst(e.b) ? { ...e, op: "add", b: negatedConst(e.b) } : null),
    // -0 - x = -x
    (e) => (isConst(e.a, -0) ? unaryOf("neg", e.b, e) : null),
    // x - -y = x + y
    (e, def) => withNegated(def(e.b), (b) => ({ ...e, op: "add", b })),
    // fast: 0 - x = -x
    fast((e) => (isConst(e.a, 0) ? unaryOf("neg", e.b, e) : null)),
    // fast: x - x = 0
    fast(({ a, b }) => (same(a, b) ? typed(a, 0) : null)),
    // fast: (x + y) - y = x, (x + y) - x = y
    fast(({ a, b }, def) => {
      const d = def(a);
      if (!isBinary(d, "add") || !isFast(d)) return null;
      return same(d.b, b) ? d.a : same(d.a, b) ? d.b : null;
    }),
  ],
  mul: [
    // x * 1 = x
    ({ a, b }) => (isConst(b, 1) ? a : null),
    // x * -1 = -x
    (e) => (isConst(e.b, -1) ? unaryOf("neg", e.a, e) : null),
    // -x * -y = x * y
    (e, def) => withNegated(def(e.a), (a) => withNegated(def(e.b), (b) => ({ ...e, a, b }))),
    // -x * c = x * -c
    (e, def) => withNegated(def(e.a), (a) => (isConst(e.b) ? { ...e, a, b: negatedConst(e.b) } : null)),
    // fast: x * 0 = 0
    fast(({ b }) => (isZero(b) ? typed(b, 0) : null)),
    // fast: (x * c) * d = x * (c * d)
    fast(associateFast),
    // fast: (x / y) * y = x
    fast(({ a, b }, def) => {
      const d = def(a);
      return isBinary(d, "div") && isFast(d) && same(d.b, b) ? d.a : null;
    }),
  ],
  div: [
    // x / 1 = x
    ({ a, b }) => (isConst(b, 1) ? a : null),
    // x / -1 = -x
    (e) => (isConst(e.b, -1) ? unaryOf("neg", e.a, e) : null),
    // -x / -y = x / y
    (e, def) => withNegated(def(e.a), (a) => withNegated(def(e.b), (b) => ({ ...e, a, b }))),
    // -x / c = x / -c
    (e, def) => withNegated(def(e.a), (a) => (isConst(e.b) ? { ...e, a, b: negatedConst(e.b) } : null)),
    // c / -x = -c / x
    (e, def) => withNegated(def(e.b), (b) => (isConst(e.a) ? { ...e, a: negatedConst(e.a), b } : null)),
    // x / c = x * (1 / c) for powers of two
    (e) => byReciprocal(e, exactReciprocal),
    // fast: x / c = x * (1 / c)
    fast((e) => byReciprocal(e, reciprocal)),
    // fast: x / x = 1
    fast(({ a, b }) => (same(a, b) ? typed(a, 1) : null)),
    // fast: (x * y) / y = x, (x * y) / x = y
    fast(({ a, b }, def) => {
      const d = def(a);
      if (!isBinary(d, "mul") || !isFast(d)) return null;
      return same(d.b, b) ? d.a : same(d.a, b) ? d.b : null;
    }),
  ],
  min: minMax(Number.POSITIVE_INFINITY),
  max: minMax(Number.NEGATIVE_INFINITY),
  pow: [
    // pow(x, 0) = 1, even of NaN
    ({ a, b }) => (isZero(b) ? typed(a, 1) : null),
    // pow(x, 1) = x
    ({ a, b }) => (isConst(b, 1) ? a : null),
    // pow(x, 2) = x * x, which is how the math library begins
    (e) => (isConst(e.b, 2) ? { ...e, op: "mul", b: e.a } : null),
    // fast: pow(x, -1) = 1 / x
    fast((e) => (isConst(e.b, -1) ? { ...e, op: "div", a: typed(e.a, 1), b: e.a } : null)),
    // fast: pow(x, 0.5) = √x; at -0 and -Infinity they differ
    fast((e) => (isConst(e.b, 0.5) ? unaryOf("sqrt", e.a, e) : null)),
  ],
};

function byReciprocal(e: Binary, of: (c: Const) => Const | null): Expr | null {
  const b = isConst(e.b) ? of(e.b) : null;
  return b === null ? null : { ...e, op: "mul", b };
}

function associateFast(e: Binary, def: DefOf): Expr | null {
  const inner = def(e.a);
  if (!isBinary(inner, e.op) || !isFast(inner)) return null;
  const out = associate(e, def);
  // Two ordinary constants may come to one that is none.
  return out?.kind === "binary" && isConst(out.b) && isOrdinary(out.b) ? out : null;
}

/** `array[…] op= v` changes no element, whatever it is. */
export function changesNoFloat(op: ReduceOp, v: Const, mode: OpMode): boolean {
  switch (op) {
    case "add":
      return isConst(v, -0) || (mode === "fast" && isConst(v, 0));
    case "mul":
      return isConst(v, 1);
    case "min":
      return isConst(v, Number.POSITIVE_INFINITY);
    case "max":
      return isConst(v, Number.NEGATIVE_INFINITY);
  }
}
