/**
 * The derivatives of the operators: one table, which reverse and forward mode both read.
 *
 * An operation r = op(a, b) has for each operand a list of ways to multiply a derivative with ∂r/∂operand, best first; null
 * where the derivative is zero wherever it exists (floor, comparisons' kin), or where no operand is a float. Ways differ in
 * which primal values they read: what reads only the result can do with operands that are gone. Operations on integers
 * have no derivative, whatever the table says of the operator.
 *
 * Zero wins. Where ∂r/∂operand may be infinite or NaN (a division by 0, sqrt at 0), d = 0 still gives 0: such an operation
 * may have been computed only for a `select` to drop its result, and what does not count has no derivative. Linear rules
 * and those whose partials are finite at finite operands multiply as they are.
 *
 * Formulas are those of Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), tables 3.3 and 3.4, in forms that
 * neither overflow nor cancel where the derivative itself does not.
 */
import { type Builder, floatConst } from "../compiler/ir/build.ts";
import { type Const, isConst, type Operand } from "../compiler/ir/ir.ts";
import type { BinaryOp, UnaryOp } from "../compiler/ir/ops.ts";

/** A primal value of an operation: its operands, or its result. */
export type Primal = "a" | "b" | "r";
type Primals = Readonly<Record<Primal, Operand>>;

/** One way to get d · ∂r/∂operand. */
export interface Partial {
  /** What `emit` reads; it may touch nothing else of `v`. */
  readonly uses: readonly Primal[];
  readonly emit: (x: Builder, d: Operand, v: Primals) => Operand;
}

/** Ways to the derivative by one operand, best first; null where it is zero. */
export type Ways = readonly Partial[] | null;

type Emit = Partial["emit"];
/** From nothing, from one operand, from the result, from the named primal values. */
const linear = (emit: (x: Builder, d: Operand) => Operand): Partial => ({ uses: [], emit });
const byA = (emit: (x: Builder, d: Operand, a: Operand) => Operand): Partial => ({
  uses: ["a"],
  emit: (x, d, v) => emit(x, d, v.a),
});
const byResult = (emit: (x: Builder, d: Operand, r: Operand) => Operand): Partial => ({
  uses: ["r"],
  emit: (x, d, v) => emit(x, d, v.r),
});
const by = (uses: readonly Primal[], emit: Emit): Partial => ({ uses, emit });

/** A way that reads the result, then the same one after computing the result anew. */
const orAgain = (op: UnaryOp, way: Partial): readonly Partial[] => [
  way,
  byA((x, d, a) => way.emit(x, d, { a, b: a, r: x.unary(op, a) })),
];
const orAgain2 = (op: BinaryOp, way: Partial): readonly Partial[] => [
  way,
  by(["a", "b"], (x, d, { a, b }) => way.emit(x, d, { a, b, r: x.binary(op, a, b) })),
];

/** A constant of the type of `d`. */
const like = (d: Operand, value: number): Const => floatConst(d.type, value);
/** `product`, which has `d` as a factor, or 0 where `d` is 0. */
export const zeroWins = (x: Builder, d: Operand, product: Operand): Operand =>
  x.select(x.compare("eq", d, like(d, 0)), like(d, 0), product);
/** d / b. */
const over = (x: Builder, d: Operand, b: Operand): Operand => {
  const quotient = x.binary("div", d, b);
  return isConst(b) && b.value !== 0 ? quotient : zeroWins(x, d, quotient);
};
const times = (x: Builder, ...factors: readonly [Operand, ...Operand[]]): Operand =>
  factors.reduce((product, f) => x.binary("mul", product, f));
/** 1 − v². */
const oneMinusSquare = (x: Builder, v: Operand): Operand =>
  times(x, x.binary("sub", like(v, 1), v), x.binary("add", like(v, 1), v));

const same = linear((_, d) => d);
const opposite = linear((x, d) => x.unary("neg", d));

export const unaryRules: Readonly<Record<UnaryOp, Ways>> = {
  neg: [opposite],
  // The sign of 0 is 0: the middle of what the two sides say.
  abs: [byA((x, d, a) => times(x, d, x.unary("sign", a)))],
  stop: null,
  not: null,
  clz: null,
  floor: null,
  ceil: null,
  trunc: null,
  round: null,
  sign: null,
  highword: null,
  lowword: null,
  word: null,
  fromword: null,
  // 1 / 2r
  sqrt: orAgain(
    "sqrt",
    byResult((x, d, r) => over(x, d, x.binary("add", r, r))),
  ),
  // 1 / 3r²
  cbrt: orAgain(
    "cbrt",
    byResult((x, d, r) => over(x, d, times(x, like(d, 3), r, r))),
  ),
  exp: orAgain(
    "exp",
    byResult((x, d, r) => zeroWins(x, d, times(x, d, r))),
  ),
  expm1: [
    byResult((x, d, r) => zeroWins(x, d, times(x, d, x.binary("add", r, like(d, 1))))),
    byA((x, d, a) => zeroWins(x, d, times(x, d, x.unary("exp", a)))),
  ],
  log: [byA(over), byResult((x, d, r) => zeroWins(x, d, times(x, d, x.unary("exp", x.unary("neg", r)))))],
  log2: [byA((x, d, a) => over(x, times(x, d, like(d, Math.LOG2E)), a))],
  log10: [byA((x, d, a) => over(x, times(x, d, like(d, Math.LOG10E)), a))],
  log1p: [
    byA((x, d, a) => over(x, d, x.binary("add", like(d, 1), a))),
    byResult((x, d, r) => zeroWins(x, d, times(x, d, x.unary("exp", x.unary("neg", r))))),
  ],
  sin: [byA((x, d, a) => times(x, d, x.unary("cos", a)))],
  cos: [byA((x, d, a) => x.unary("neg", times(x, d, x.unary("sin", a))))],
  // 1 + r²
  tan: orAgain(
    "tan",
    byResult((x, d, r) => times(x, d, x.binary("add", like(d, 1), times(x, r, r)))),
  ),
  // 1 / √(1 − a²)
  asin: [byA((x, d, a) => over(x, d, x.unary("sqrt", oneMinusSquare(x, a))))],
  acos: [byA((x, d, a) => over(x, x.unary("neg", d), x.unary("sqrt", oneMinusSquare(x, a))))],
  atan: [byA((x, d, a) => x.binary("div", d, x.binary("add", like(d, 1), times(x, a, a))))],
  sinh: [
    byA((x, d, a) => zeroWins(x, d, times(x, d, x.unary("cosh", a)))),
    byResult((x, d, r) => zeroWins(x, d, times(x, d, x.binary("hypot", r, like(d, 1))))),
  ],
  cosh: [byA((x, d, a) => zeroWins(x, d, times(x, d, x.unary("sinh", a))))],
  // 1 − r²
  tanh: orAgain(
    "tanh",
    byResult((x, d, r) => times(x, d, oneMinusSquare(x, r))),
  ),
  // 1 / √(a² + 1)
  asinh: [
    byA((x, d, a) => x.binary("div", d, x.binary("hypot", a, like(d, 1)))),
    byResult((x, d, r) => x.binary("div", d, x.unary("cosh", r))),
  ],
  // 1 / √(a² − 1), where a ≥ 1
  acosh: [
    byA((x, d, a) => {
      const [below, above] = [x.binary("sub", a, like(d, 1)), x.binary("add", a, like(d, 1))];
      return over(x, d, times(x, x.unary("sqrt", below), x.unary("sqrt", above)));
    }),
    byResult((x, d, r) => over(x, d, x.unary("sinh", r))),
  ],
  // 1 / (1 − a²)
  atanh: [byA((x, d, a) => over(x, d, oneMinusSquare(x, a)))],
};

/** Of min and max: does the second operand count? Where neither is less the first does, as where it is NaN. */
const secondCounts = (x: Builder, firstCounts: Operand, a: Operand): Operand =>
  x.binary("and", x.unary("not", firstCounts), x.compare("eq", a, a));

function extremum(firstIf: "le" | "ge"): { readonly a: Ways; readonly b: Ways } {
  // The result equals the first operand unless the second has been taken.
  const second: readonly { readonly uses: readonly Primal[]; readonly cond: (x: Builder, v: Primals) => Operand }[] = [
    { uses: ["a", "b"], cond: (x, v) => secondCounts(x, x.compare(firstIf, v.a, v.b), v.a) },
    { uses: ["a", "r"], cond: (x, v) => secondCounts(x, x.compare("eq", v.a, v.r), v.a) },
  ];
  return {
    a: second.map(({ uses, cond }) => by(uses, (x, d, v) => x.select(cond(x, v), like(d, 0), d))),
    b: second.map(({ uses, cond }) => by(uses, (x, d, v) => x.select(cond(x, v), d, like(d, 0)))),
  };
}

export const binaryRules: Readonly<Record<BinaryOp, { readonly a: Ways; readonly b: Ways }>> = {
  add: { a: [same], b: [same] },
  sub: { a: [same], b: [opposite] },
  mul: {
    a: [by(["b"], (x, d, v) => times(x, d, v.b))],
    b: [by(["a"], (x, d, v) => times(x, d, v.a))],
  },
  // 1 / b and −r / b
  div: {
    a: [by(["b"], (x, d, v) => over(x, d, v.b))],
    b: orAgain2(
      "div",
      by(["b", "r"], (x, d, v) => zeroWins(x, d, x.binary("div", times(x, x.unary("neg", d), v.r), v.b))),
    ),
  },
  floordiv: { a: null, b: null },
  // a − b · trunc(a / b), where the quotient is (a − r) / b but for rounding
  rem: {
    a: [same],
    b: orAgain2(
      "rem",
      by(["a", "b", "r"], (x, d, { a, b, r }) => {
        const trips = x.binary("div", x.binary("sub", r, a), b);
        return zeroWins(x, d, times(x, d, trips));
      }),
    ),
  },
  min: extremum("le"),
  max: extremum("ge"),
  and: { a: null, b: null },
  or: { a: null, b: null },
  xor: { a: null, b: null },
  shl: { a: null, b: null },
  shr: { a: null, b: null },
  fromwords: { a: null, b: null },
  pow: {
    // b · a^(b − 1), 0 where b is
    a: [
      by(["a", "b"], (x, d, { a, b }) => {
        const factor = times(x, d, b);
        return zeroWins(x, factor, times(x, factor, x.binary("pow", a, x.binary("sub", b, like(d, 1)))));
      }),
    ],
    // r · log a, 0 where a or r is
    b: orAgain2(
      "pow",
      by(["a", "r"], (x, d, { a, r }) => {
        const factor = times(x, d, r);
        const product = zeroWins(x, factor, times(x, factor, x.unary("log", a)));
        return x.select(x.compare("eq", a, like(d, 0)), like(d, 0), product);
      }),
    ),
  },
  // b / (a² + b²) and −a / (a² + b²)
  atan2: {
    a: [by(["a", "b"], (x, d, { a, b }) => zeroWins(x, d, times(x, d, overSquares(x, b, a, b))))],
    b: [by(["a", "b"], (x, d, { a, b }) => zeroWins(x, d, times(x, x.unary("neg", d), overSquares(x, a, a, b))))],
  },
  // a / r and b / r, at the origin 0: the middle of what all directions say
  hypot: {
    a: orAgain2(
      "hypot",
      by(["a", "r"], (x, d, v) => ofDistance(x, d, v.a, v.r)),
    ),
    b: orAgain2(
      "hypot",
      by(["b", "r"], (x, d, v) => ofDistance(x, d, v.b, v.r)),
    ),
  },
};

/** v / (a² + b²), where the squares might overflow. */
function overSquares(x: Builder, v: Operand, a: Operand, b: Operand): Operand {
  const r = x.binary("hypot", a, b);
  return x.binary("div", x.binary("div", v, r), r);
}

/** d · v / r, or 0 where r is 0. */
function ofDistance(x: Builder, d: Operand, v: Operand, r: Operand): Operand {
  const product = times(x, d, x.binary("div", v, r));
  return x.select(x.compare("eq", r, like(d, 0)), like(d, 0), product);
}
