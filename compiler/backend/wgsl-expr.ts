/**
 * Expressions as WGSL. What they mean is eval.ts's; what WGSL leaves open or has otherwise goes through a helper.
 *
 * An index is an i32 or, where analysis/index-widths.ts says so, a `wide` of two words. Constant expressions that overflow are errors in WGSL,
 * so operations on constants alone are computed here.
 */
import { bug } from "../diagnostic.ts";
import { binaryEval, castTo, compareEval, unaryEval } from "../ir/eval.ts";
import type { ArrayValue, Const, Expr, Operand, ScalarType } from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { libraryName } from "../ir/library.ts";
import { type BinaryOp, type CompareOp, isMath, type MathOp, resultType, type UnaryOp } from "../ir/ops.ts";
import {
  call,
  combine,
  comparisons,
  infix,
  type Level,
  level,
  type Piece,
  plain,
  prefix,
  rowMajor,
  tight,
  within,
} from "./text.ts";
import type { HelperName } from "./wgsl-helpers.ts";
import { readElement, type Storage } from "./wgsl-memory.ts";
import { literal, wgslType, wideLiteral } from "./wgsl-text.ts";

/** What expressions need of the function around them. */
export interface ExprContext {
  /** How a use refers to a value. */
  readonly ref: (o: Operand) => Piece;
  readonly isWide: (o: Operand) => boolean;
  readonly storage: (a: ArrayValue) => Storage;
  /** What WGSL calls a function of the module. */
  readonly functionName: (name: string) => string;
  /** Helpers used so far. */
  readonly helpers: Set<HelperName>;
}

/** The value of an operand; of an index the low 32 bits, as i32. */
export function low(c: ExprContext, o: Operand): Piece {
  if (o.kind === "const") return literal(o, c.helpers);
  const p = c.ref(o);
  return c.isWide(o) ? call("bitcast<i32>", [{ ...p, text: `${within(p, level.primary)}.x` }]) : p;
}

/** All 64 bits of an index. */
export function wide(c: ExprContext, o: Operand): Piece {
  if (o.kind === "const") return wideLiteral(Number(o.value), c.helpers);
  return c.isWide(o) ? c.ref(o) : helper(c, "wide_from_i32", [c.ref(o)]);
}

/** The operand as a value that is held so. */
export const as = (c: ExprContext, isWide: boolean, o: Operand): Piece => (isWide ? wide(c, o) : low(c, o));

/** The bound of a loop: an index as i32, the nearest where it is none. */
export const bound = (c: ExprContext, o: Operand): Piece =>
  c.isWide(o) ? helper(c, "wide_to_bound", [wide(c, o)]) : low(c, o);

/** The text of an expression whose result is held as `isWide` says. */
export function expr(c: ExprContext, e: Expr, isWide: boolean): Piece {
  const folded = fold(e);
  if (folded !== null) return as(c, isWide, folded);
  switch (e.kind) {
    case "unary":
      if (isMath(e.op)) return libraryCall(c, e.op, [low(c, e.a)]);
      if (e.a.type === "index") return indexUnary(c, e.op, e.a, isWide);
      return (unaryRules[e.op] as UnaryRule)(c, e.a.type, low(c, e.a));
    case "binary":
      if (isMath(e.op)) return libraryCall(c, e.op, [low(c, e.a), low(c, e.b)]);
      if (e.a.type === "index") return indexBinary(c, e.op, e.a, e.b, isWide);
      return binary(c, e.op, e.a.type, low(c, e.a), low(c, e.b), e.b);
    case "compare":
      return compare(c, e.op, e.a, e.b);
    case "select":
      return call("select", [as(c, isWide, e.b), as(c, isWide, e.a), c.ref(e.cond)]);
    case "cast":
      return cast(c, e.to, e.a, isWide);
    case "load":
      return load(c, e.array, e.index, !isWide);
  }
}

/** What constants alone give. */
function fold(e: Expr): Const | null {
  const result = (type: ScalarType, value: number | boolean): Const => ({ kind: "const", type, value });
  if (e.kind === "unary" && e.a.kind === "const" && !isMath(e.op)) {
    return result(resultType(e.op, e.a.type), unaryEval(e.op, e.a.type)(e.a.value));
  }
  if (e.kind === "binary" && e.a.kind === "const" && e.b.kind === "const" && !isMath(e.op)) {
    return result(e.a.type, binaryEval(e.op, e.a.type)(e.a.value, e.b.value));
  }
  if (e.kind === "compare" && e.a.kind === "const" && e.b.kind === "const") {
    return result("bool", compareEval(e.op)(e.a.value, e.b.value));
  }
  if (e.kind === "cast" && e.a.kind === "const") return result(e.to, castTo(e.to, e.a.type, e.a.value));
  return null;
}

function helper(c: ExprContext, name: HelperName, args: readonly Piece[]): Piece {
  c.helpers.add(name);
  return call(name, args);
}

/** An operation that stands in parentheses wherever it is part of another. */
const loose = (op: string, a: Piece, b: Piece): Piece => infix(op, level.or, tight(a), tight(b));

type UnaryRule = (c: ExprContext, type: ScalarType, a: Piece) => Piece;
type BinaryRule = (c: ExprContext, type: ScalarType, a: Piece, b: Piece, right: Operand) => Piece;

const builtin =
  (name: string): UnaryRule =>
  (_, _type, a) =>
    call(name, [a]);
const none: UnaryRule = () => bug("an operator of f64");

/** A call of the math library, whose functions the module holds. */
const libraryCall = (c: ExprContext, op: MathOp, args: readonly Piece[]): Piece =>
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

/** `a op b` of two that are no indices; `right` is the operand that `b` is. Updates use it as well. */
export const binary = (c: ExprContext, op: BinaryOp, type: ScalarType, a: Piece, b: Piece, right: Operand): Piece =>
  isMath(op) ? libraryCall(c, op, [a, b]) : (binaryRules[op] as BinaryRule)(c, type, a, b, right);

function indexUnary(c: ExprContext, op: UnaryOp, a: Operand, isWide: boolean): Piece {
  if (op === "neg") return isWide ? helper(c, "wide_neg", [wide(c, a)]) : prefix("-", low(c, a));
  if (op !== "abs") return bug(`${op} of an index`);
  if (!isWide && !c.isWide(a)) return call("abs", [low(c, a)]);
  return narrowed(helper(c, "wide_abs", [wide(c, a)]), isWide);
}

const wideRules: Partial<Record<BinaryOp, HelperName>> = {
  add: "wide_add",
  sub: "wide_sub",
  mul: "wide_mul",
  min: "wide_min",
  max: "wide_max",
  floordiv: "wide_floordiv",
  rem: "wide_rem",
};

/** Sums and products take the low bits of their operands where only those of the result count, the others their whole value. */
export function indexBinary(c: ExprContext, op: BinaryOp, a: Operand, b: Operand, isWide: boolean): Piece {
  const ring = op === "add" || op === "sub" || op === "mul";
  if (!isWide && (ring || (!c.isWide(a) && !c.isWide(b)))) return narrowBinary(c, op, a, b);
  const name = wideRules[op] ?? bug(`${op} of indices`);
  return narrowed(helper(c, name, [wide(c, a), wide(c, b)]), isWide);
}

function narrowBinary(c: ExprContext, op: BinaryOp, a: Operand, b: Operand): Piece {
  const right = b.kind === "const" ? { ...b, value: Number(b.value) } : b;
  // `i + -1` reads better as `i - 1`.
  const flips = op === "add" && right.kind === "const" && right.value < 0 && right.value > -(2 ** 31);
  if (flips) return infix("-", level.sum, low(c, a), low(c, { ...right, value: -right.value }));
  return binary(c, op, "i32", low(c, a), low(c, b), b);
}

const narrowed = (p: Piece, isWide: boolean): Piece =>
  isWide ? p : call("bitcast<i32>", [{ ...p, text: `${p.text}.x` }]);

function compare(c: ExprContext, op: CompareOp, a: Operand, b: Operand): Piece {
  if (!c.isWide(a) && !c.isWide(b)) {
    // Floats that are not ordered are unequal; `!=` may take it that they are.
    const negated = op === "ne" && isFloat(a.type);
    const test = infix(comparisons[negated ? "eq" : op], level.relation, sumOf(low(c, a)), sumOf(low(c, b)));
    return negated ? prefix("!", test) : test;
  }
  const [x, y] = [wide(c, a), wide(c, b)];
  switch (op) {
    case "eq":
      return call("all", [infix("==", level.relation, x, y)]);
    case "ne":
      return call("any", [infix("!=", level.relation, x, y)]);
    case "lt":
      return helper(c, "wide_lt", [x, y]);
    case "gt":
      return helper(c, "wide_lt", [y, x]);
    case "le":
      return prefix("!", helper(c, "wide_lt", [y, x]));
    case "ge":
      return prefix("!", helper(c, "wide_lt", [x, y]));
  }
}

/** An operand of a comparison, which are comparisons and shifts in parentheses only. */
export const sumOf = (p: Piece): Piece => (p.level < level.sum ? tight(p) : p);

function cast(c: ExprContext, to: ScalarType, from: Operand, isWide: boolean): Piece {
  const type = from.type;
  if (to === type) return as(c, isWide, from);
  if (to === "bool") return toBool(c, from);
  if (to === "index") return toIndex(c, from, isWide);
  if (to === "f32") {
    return c.isWide(from) ? helper(c, "wide_to_f32", [wide(c, from)]) : call("f32", [low(c, from)]);
  }
  if (isFloat(type)) {
    const word = helper(c, "to_i32", [low(c, from)]);
    return to === "u32" ? call("bitcast<u32>", [word]) : word;
  }
  if (type === "index" && to === "i32") return low(c, from);
  return call(wgslType[to as keyof typeof wgslType], [low(c, from)]);
}

function toBool(c: ExprContext, from: Operand): Piece {
  if (from.type === "f32") {
    // Neither zero nor NaN: by its bits, as a comparison may take it that there is no NaN.
    const size = loose("&", call("bitcast<u32>", [low(c, from)]), plain("0x7fffffffu"));
    return infix("<", level.relation, infix("-", level.sum, tight(size), plain("1u")), plain("0x7f800000u"));
  }
  if (c.isWide(from)) return call("any", [infix("!=", level.relation, wide(c, from), wideLiteral(0, c.helpers))]);
  return infix("!=", level.relation, sumOf(low(c, from)), plain(from.type === "u32" ? "0u" : "0"));
}

function toIndex(c: ExprContext, from: Operand, isWide: boolean): Piece {
  const p = low(c, from);
  switch (from.type) {
    case "f32":
      return narrowed(helper(c, "wide_from_f32", [p]), isWide);
    case "u32":
      return isWide ? helper(c, "wide_from_u32", [p]) : call("bitcast<i32>", [p]);
    default: {
      const word = from.type === "bool" ? call("i32", [p]) : p;
      return isWide ? helper(c, "wide_from_i32", [word]) : word;
    }
  }
}

function load(c: ExprContext, array: ArrayValue, index: readonly Operand[], lowOnly: boolean): Piece {
  const s = c.storage(array);
  const at = position(c, array, index);
  if (array.type.elem === "index" && !lowOnly) c.helpers.add("wide");
  const text = readElement(s, at.text, lowOnly);
  const piece = combine(text, array.type.elem === "bool" ? level.relation : level.primary, [at]);
  return { ...piece, loads: new Set([...piece.loads, array]) };
}

/** Where the element stands in its array. */
export function position(c: ExprContext, array: ArrayValue, index: readonly Operand[]): Piece {
  const [first, ...rest] = index.map((o) => low(c, o));
  if (first === undefined) return bug(`%${array.hint} has no axis`);
  return rowMajor(
    [first, ...rest],
    array.type.dims.slice(1).map((d) => low(c, d)),
  );
}
