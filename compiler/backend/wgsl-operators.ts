/** Operators of WGSL, but those on indices; what it leaves open or has otherwise goes through a helper. */
import { bug } from "../diagnostic.ts";
import type { Operand, ScalarType } from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { libraryName } from "../ir/library.ts";
import { type BinaryOp, isMath, type MathOp, type UnaryOp } from "../ir/ops.ts";
import { call, infix, type Level, level, type Piece, plain, prefix, tight } from "./text.ts";
import type { HelperName } from "./wgsl-helpers.ts";

/** What operators need of the module around them. */
export interface NameContext {
  /** What WGSL calls a function of the module. */
  readonly functionName: (name: string) => string;
  /** Helpers used so far. */
  readonly helpers: Set<HelperName>;
}

export function helper(c: NameContext, name: HelperName, args: readonly Piece[]): Piece {
  c.helpers.add(name);
  return call(name, args);
}

/** An operation that stands in parentheses wherever it is part of another. */
export const loose = (op: string, a: Piece, b: Piece): Piece => infix(op, level.or, tight(a), tight(b));

type UnaryRule = (c: NameContext, type: ScalarType, a: Piece) => Piece;
type BinaryRule = (c: NameContext, type: ScalarType, a: Piece, b: Piece, right: Operand) => Piece;

const builtin =
  (name: string): UnaryRule =>
  (_, _type, a) =>
    call(name, [a]);
const none: UnaryRule = () => bug("an operator of f64");

/** A call of the math library, whose functions the module holds. */
const libraryCall = (c: NameContext, op: MathOp, args: readonly Piece[]): Piece =>
  call(c.functionName(libraryName(op, "f32", "single")), args);

const unaryRules = {
  neg: (_, type, a) => (type === "u32" ? infix("-", level.sum, plain("0u"), a) : prefix("-", a)),
  abs: (_, type, a) => (type === "u32" ? a : call("abs", [a])),
  stop: (_, _type, a) => a,
  not: (_, type, a) => prefix(type === "bool" ? "!" : "~", a),
  clz: builtin("countLeadingZeros"),
  sqrt: builtin("sqrt"),
  floor: builtin("floor"),
  ceil: builtin("ceil"),
  trunc: builtin("trunc"),
  round: (c, _type, a) => helper(c, "round_f32", [a]),
  sign: (c, _type, a) => helper(c, "sign_f32", [a]),
  highword: none,
  lowword: none,
  word: builtin("bitcast<i32>"),
  fromword: builtin("bitcast<f32>"),
} satisfies Record<InstructionUnary, UnaryRule>;
type InstructionUnary = Exclude<UnaryOp, MathOp>;

const arithmetic =
  (op: string, at: Level): BinaryRule =>
  (_, _type, a, b) =>
    infix(op, at, a, b);
const bitwise =
  (op: "&" | "|" | "^"): BinaryRule =>
  (_, type, a, b) =>
    loose(type !== "bool" ? op : op === "^" ? "!=" : `${op}${op}`, a, b);
const extremum =
  (name: "min" | "max"): BinaryRule =>
  (c, type, a, b) =>
    isFloat(type) ? helper(c, `${name}_f32`, [a, b]) : call(name, [a, b]);
const shift =
  (op: string): BinaryRule =>
  (_, type, a, b, right) => {
    const count = type === "u32" ? b : call("u32", [b]);
    return loose(
      op,
      a,
      right.kind === "const" ? plain(`${Number(right.value) & 31}u`) : loose("&", count, plain("31u")),
    );
  };
/** What an integer divisor must not be; who writes it anyway never gets there. */
const isZero = (o: Operand): boolean => o.kind === "const" && o.value === 0;
const powerOfTwo = (o: Operand): number | null => {
  const x = o.kind === "const" ? Math.log2(Number(o.value)) : Number.NaN;
  return Number.isInteger(x) ? x : null;
};

const binaryRules = {
  add: arithmetic("+", level.sum),
  sub: arithmetic("-", level.sum),
  mul: arithmetic("*", level.product),
  div: arithmetic("/", level.product),
  floordiv(c, type, a, b, right) {
    if (isZero(right)) return a;
    const bits = powerOfTwo(right);
    if (bits !== null && bits < 31) return loose(">>", a, plain(`${bits}u`));
    return type === "u32" ? infix("/", level.product, a, b) : helper(c, "floordiv_i32", [a, b]);
  },
  rem(c, type, a, b, right) {
    if (isFloat(type)) return helper(c, "rem_f32", [a, b]);
    return isZero(right) ? a : infix("%", level.product, a, b);
  },
  min: extremum("min"),
  max: extremum("max"),
  and: bitwise("&"),
  or: bitwise("|"),
  xor: bitwise("^"),
  shl: shift("<<"),
  shr: shift(">>"),
  fromwords: none,
} satisfies Record<InstructionBinary, BinaryRule>;
type InstructionBinary = Exclude<BinaryOp, MathOp>;

/** `op a` of what is no index. */
export const unary = (c: NameContext, op: UnaryOp, type: ScalarType, a: Piece): Piece =>
  isMath(op) ? libraryCall(c, op, [a]) : (unaryRules[op] as UnaryRule)(c, type, a);

/** `a op b` of two that are no indices; `right` is the operand that `b` is. Updates use it as well. */
export const binary = (c: NameContext, op: BinaryOp, type: ScalarType, a: Piece, b: Piece, right: Operand): Piece =>
  isMath(op) ? libraryCall(c, op, [a, b]) : (binaryRules[op] as BinaryRule)(c, type, a, b, right);
