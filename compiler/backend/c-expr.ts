/** Expressions as C. What they mean to the bit is eval.ts's; what C leaves undefined goes through a helper. */
import { bug } from "../diagnostic.ts";
import type { ArrayValue, ElemType, Expr, Operand, OpMode, ScalarType } from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { libraryName } from "../ir/library.ts";
import { type BinaryOp, isMath, type MathOp, type UnaryOp } from "../ir/ops.ts";
import type { HelperName } from "./c-helpers.ts";
import { cType, literal } from "./c-text.ts";
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

/** What expressions need of the function around them. */
export interface ExprContext {
  /** How a use refers to a value. */
  readonly ref: (o: Operand) => Piece;
  readonly nameOf: (a: ArrayValue) => string;
  /** What C calls a function of the module. */
  readonly functionName: (name: string) => string;
  /** Helpers used so far. */
  readonly helpers: Set<HelperName>;
  /** Are there both strict operations and others, so that the strict ones must be told apart? */
  readonly mixed: boolean;
}

export function expr(c: ExprContext, e: Expr): Piece {
  switch (e.kind) {
    case "unary":
      if (isMath(e.op)) return libraryCall(c, e.op, e.a.type, [c.ref(e.a)]);
      return (unaryRules[e.op] as UnaryRule)(c, e.a.type, c.ref(e.a));
    case "binary":
      return binary(c, e.op, e.a.type, c.ref(e.a), e.b, e.mode);
    case "compare": {
      const [a, b] = [c.ref(e.a), c.ref(e.b)];
      return e.a.type === "bool"
        ? infix(comparisons[e.op], level.equality, tight(a), tight(b))
        : infix(comparisons[e.op], level.relation, a, b);
    }
    case "select": {
      const [cond, a, b] = [c.ref(e.cond), c.ref(e.a), c.ref(e.b)];
      // Compilers warn of bitwise operators there.
      const text = `${within(tight(cond), level.or)} ? ${within(a, level.or)} : ${within(b, level.conditional)}`;
      return combine(text, level.conditional, [cond, a, b]);
    }
    case "cast":
      return cast(c, e.to, e.a.type, c.ref(e.a));
    case "load":
      return load(c, e.array, e.index);
  }
}

function helper(c: ExprContext, name: HelperName, args: readonly Piece[]): Piece {
  c.helpers.add(name);
  return call(name, args);
}

const convert = (type: string, a: Piece): Piece => combine(`(${type})${within(a, level.unary)}`, level.unary, [a]);

type UnaryRule = (c: ExprContext, type: ScalarType, a: Piece) => Piece;
type BinaryRule = (c: ExprContext, type: ScalarType, a: Piece, b: Piece, constant: number | null) => Piece;

/** A function of <math.h> that has an exact float version. */
const exact =
  (name: string): UnaryRule =>
  (_, type, a) =>
    call(type === "f32" ? `${name}f` : name, [a]);

/** A call of the math library, whose functions the module holds. */
const libraryCall = (c: ExprContext, op: MathOp, type: ScalarType, args: readonly Piece[]): Piece =>
  call(c.functionName(libraryName(op, type)), args);

const unaryRules = {
  neg: (c, type, a) => (type === "i32" ? helper(c, "sub_i32", [plain("0"), a]) : prefix("-", a)),
  abs(c, type, a) {
    if (isFloat(type)) return call(type === "f32" ? "fabsf" : "fabs", [a]);
    return type === "u32" ? a : helper(c, type === "i32" ? "abs_i32" : "abs_index", [a]);
  },
  stop: (_, _type, a) => a,
  not: (_, type, a) => prefix(type === "bool" ? "!" : "~", a),
  clz: (c, type, a) => (type === "u32" ? convert("uint32_t", helper(c, "clz32", [a])) : helper(c, "clz32", [a])),
  sqrt: exact("sqrt"),
  floor: exact("floor"),
  ceil: exact("ceil"),
  trunc: exact("trunc"),
  round: (c, type, a) => helper(c, type === "f32" ? "round_f32" : "round_f64", [a]),
  sign: (c, type, a) => helper(c, type === "f32" ? "sign_f32" : "sign_f64", [a]),
  highword: (c, _, a) => helper(c, "highword", [a]),
  lowword: (c, _, a) => helper(c, "lowword", [a]),
  word: (c, _, a) => helper(c, "word", [a]),
  fromword: (c, _, a) => helper(c, "fromword", [a]),
} satisfies Record<InstructionUnary, UnaryRule>;
type InstructionUnary = Exclude<UnaryOp, MathOp>;

/** An operator of C; i32 goes through a helper, because signed overflow is undefined there. */
const arithmetic =
  (op: string, at: Level, wrapped: HelperName): BinaryRule =>
  (c, type, a, b) =>
    type === "i32" ? helper(c, wrapped, [a, b]) : infix(op, at, a, b);
const bitwise =
  (op: string, at: Level): BinaryRule =>
  (_, _type, a, b) =>
    infix(op, at, tight(a), tight(b));
const byType =
  (name: "min" | "max"): BinaryRule =>
  (c, type, a, b) =>
    helper(c, `${name}_${type}` as HelperName, [a, b]);

const shiftCount = (b: Piece, constant: number | null): Piece =>
  constant === null ? infix("&", level.and, tight(b), plain("31")) : plain(String(constant & 31));

const binaryRules = {
  add: arithmetic("+", level.sum, "add_i32"),
  sub: arithmetic("-", level.sum, "sub_i32"),
  mul: arithmetic("*", level.product, "mul_i32"),
  div: (_, _type, a, b) => infix("/", level.product, a, b),
  floordiv(c, type, a, b, constant) {
    if (type === "u32") return infix("/", level.product, a, b);
    const shift = constant === null || constant <= 0 ? Number.NaN : Math.log2(constant);
    if (Number.isInteger(shift)) return infix(">>", level.shift, tight(a), plain(String(shift)));
    return helper(c, type === "i32" ? "floordiv_i32" : "floordiv_index", [a, b]);
  },
  rem(c, type, a, b, constant) {
    if (isFloat(type)) return call(type === "f32" ? "fmodf" : "fmod", [a, b]);
    const safe = type !== "i32" || (constant !== null && constant !== -1);
    return safe ? infix("%", level.product, a, b) : helper(c, "rem_i32", [a, b]);
  },
  min: byType("min"),
  max: byType("max"),
  and: bitwise("&", level.and),
  or: bitwise("|", level.or),
  xor: bitwise("^", level.xor),
  shl(c, type, a, b, constant) {
    if (type === "i32") return helper(c, "shl_i32", [a, b]);
    return infix("<<", level.shift, tight(a), tight(shiftCount(b, constant)));
  },
  shr: (_, _type, a, b, constant) => infix(">>", level.shift, tight(a), tight(shiftCount(b, constant))),
  fromwords: (c, _, a, b) => helper(c, "fromwords", [a, b]),
} satisfies Record<InstructionBinary, BinaryRule>;
type InstructionBinary = Exclude<BinaryOp, MathOp>;

/** Strict operations that a compiler would fuse, or turn into a product with a reciprocal. */
const pinned: Partial<Record<BinaryOp, { readonly f64: HelperName; readonly f32: HelperName }>> = {
  add: { f64: "strict_add", f32: "strict_addf" },
  sub: { f64: "strict_sub", f32: "strict_subf" },
  mul: { f64: "strict_mul", f32: "strict_mulf" },
  div: { f64: "strict_div", f32: "strict_divf" },
};

/** `a op b`. Accumulations use it as well. */
export function binary(c: ExprContext, op: BinaryOp, type: ScalarType, a: Piece, b: Operand, mode: OpMode): Piece {
  const right = c.ref(b);
  if (isMath(op)) return libraryCall(c, op, type, [a, right]);
  const strict = pinned[op];
  if (c.mixed && mode === "strict" && isFloat(type) && strict !== undefined) return helper(c, strict[type], [a, right]);
  if (op === "sub" && isFloat(type) && mode !== "fast" && /^0\.0f?$/.test(a.text)) {
    return helper(c, type === "f32" ? "zero_minus_f32" : "zero_minus_f64", [right]);
  }
  const { value } = b.kind === "const" ? b : { value: Number.NaN };
  if (op === "add" && (type === "index" || isFloat(type)) && typeof value === "number" && value < 0) {
    return infix("-", level.sum, a, literal({ kind: "const", type, value: -value }));
  }
  // Two constants would be computed as ints.
  const left = type === "index" && b.kind === "const" && /^-?\d+$/.test(a.text) ? convert("int64_t", a) : a;
  return (binaryRules[op] as BinaryRule)(c, type, left, right, b.kind === "const" ? Number(b.value) : null);
}

function cast(c: ExprContext, to: ScalarType, from: ScalarType, a: Piece): Piece {
  if (to === from) return a;
  if (to === "bool") return isFloat(from) ? helper(c, "to_bool", [a]) : infix("!=", level.equality, a, plain("0"));
  if (!isFloat(from) || isFloat(to)) return convert(cType[to], a);
  if (to === "index") return helper(c, "to_index", [a]);
  const i32 = helper(c, "to_i32", [a]);
  return to === "u32" ? convert("uint32_t", i32) : i32;
}

function load(c: ExprContext, array: ArrayValue, index: readonly Operand[]): Piece {
  const at = element(c, array, index);
  const loads = new Set([...at.loads, array]);
  return { ...held(c, array.type.elem, at), loads };
}

/** The value of an element at a place. */
export function held(c: ExprContext, elem: ElemType, at: Piece): Piece {
  // Whatever is not 0 in a byte of a bool array is true.
  if (elem === "bool") return infix("!=", level.equality, at, plain("0"));
  return elem === "f16" ? helper(c, "half_to_f32", [at]) : at;
}

/** What a place holds to have the value. */
export const toHold = (c: ExprContext, elem: ElemType, value: Piece): Piece =>
  elem === "f16" ? helper(c, "f32_to_half", [value]) : value;

/** `A[(i * d1 + j) * d2 + k]`, as a place: what it reads is the subscript. */
export function element(c: ExprContext, array: ArrayValue, index: readonly Operand[]): Piece {
  const [first, ...rest] = index.map((o) => c.ref(o));
  if (first === undefined) return bug(`%${array.hint} has no axis`);
  const inner = array.type.dims.slice(1).map((d) => c.ref(d));
  const at = rowMajor([first, ...rest], inner, wide);
  return combine(`${c.nameOf(array)}[${at.text}]`, level.primary, [at]);
}

/** Sizes of constant arrays may have a product that no int holds. */
const wide = (a: Piece, b: Piece): Piece => (/^\d+$/.test(a.text) && /^\d+$/.test(b.text) ? convert("int64_t", a) : a);
