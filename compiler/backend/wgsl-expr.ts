/**
 * Expressions as WGSL. What they mean is eval.ts's; wgsl-operators.ts has the operators.
 *
 * An index is an i32 or, where analysis/index-widths.ts says so, a `wide` of two words. Constant expressions that overflow are errors in WGSL,
 * so operations on constants alone are computed here.
 */
import { bug } from "../diagnostic.ts";
import { binaryEval, castTo, compareEval, unaryEval } from "../ir/eval.ts";
import type { ArrayValue, Const, Expr, Operand, ScalarType } from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { type BinaryOp, type CompareOp, isMath, resultType, type UnaryOp } from "../ir/ops.ts";
import {
  call,
  combine,
  comparisons,
  infix,
  level,
  type Piece,
  plain,
  prefix,
  rowMajor,
  tight,
  within,
} from "./text.ts";
import type { HelperName } from "./wgsl-helpers.ts";
import { readElement, readHelpers, type Storage } from "./wgsl-memory.ts";
import { binary, helper, loose, type NameContext, unary } from "./wgsl-operators.ts";
import { literal, wgslType, wideLiteral } from "./wgsl-text.ts";

/** What expressions need of the function around them. */
export interface ExprContext extends NameContext {
  /** How a use refers to a value. */
  readonly ref: (o: Operand) => Piece;
  readonly isWide: (o: Operand) => boolean;
  readonly storage: (a: ArrayValue) => Storage;
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
      if (e.a.type === "index") return indexUnary(c, e.op, e.a, isWide);
      return unary(c, e.op, e.a.type, low(c, e.a));
    case "binary":
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
  for (const name of readHelpers(s)) c.helpers.add(name);
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
