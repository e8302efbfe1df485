/** Expressions as LLVM instructions. */
import { bug } from "../diagnostic.ts";
import type { Const, Expr, Operand, OpMode, ScalarType } from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { libraryName } from "../ir/library.ts";
import { type BinaryOp, type CompareOp, isMath, type MathOp, type UnaryOp } from "../ir/ops.ts";
import { floorDivide, remainder, round, sign, toIndex, toInt32 } from "./llvm-helpers.ts";
import { address, loadFrom } from "./llvm-memory.ts";
import { attribute, type FuncWriter, symbol } from "./llvm-writer.ts";

/** What a mode allows, as the flags of a float instruction. */
const flags: Readonly<Record<OpMode, string>> = {
  strict: "",
  contract: "contract ",
  reassociate: "reassoc contract ",
  fast: "fast ",
};

/** What an operation on that type may take for granted: index arithmetic never overflows, i32 and u32 wrap. */
export const flagsOf = (type: ScalarType, mode: OpMode, isExact: boolean): string =>
  isFloat(type) ? flags[mode] : type === "index" && isExact ? "nsw " : "";

/** Adds the instructions of `e` and returns the operand that holds its value. `isExact`: it is an index that has not wrapped. */
export function expr(w: FuncWriter, e: Expr, hint: string, isExact = true): string {
  switch (e.kind) {
    case "unary":
      if (isMath(e.op)) return libraryCall(w, e.op, e.a.type, [w.operand(e.a)], hint);
      if (e.op === "stop") return w.operand(e.a);
      return w.let(hint, unary(w, e.op, e.a.type, w.operand(e.a), flagsOf(e.a.type, e.mode, isExact)));
    case "binary":
      return binaryText(w, e.op, e.a.type, w.operand(e.a), e.b, flagsOf(e.a.type, e.mode, isExact), hint);
    case "compare":
      return w.let(hint, compare(w, e.op, e.a.type, w.operand(e.a), w.operand(e.b)));
    case "select":
      return w.let(hint, `select ${w.typed(e.cond)}, ${w.typed(e.a)}, ${w.typed(e.b)}`);
    case "cast":
      return cast(w, e.to, e.a, hint);
    case "load":
      return loadFrom(w, e.array.type.elem, address(w, e.array, e.index), hint);
  }
}

/** What each operator is: an instruction, an intrinsic, a helper or a library call; `null` where no type has it. */
type Rule = (w: FuncWriter, type: ScalarType, a: string, b: string, flags: string, constant: Const | null) => string;

const suffix = (w: FuncWriter, type: ScalarType): string => (isFloat(type) ? type : w.type(type));

/** An intrinsic of one or two operands, overloaded on the type. */
function intrinsic(w: FuncWriter, name: string, type: ScalarType, args: readonly string[], flags = ""): string {
  const t = w.type(type);
  w.module.declare(`declare ${t} @${name}.${suffix(w, type)}(${args.map(() => t).join(", ")})`);
  return `call ${flags}${t} @${name}.${suffix(w, type)}(${args.map((a) => `${t} ${a}`).join(", ")})`;
}

/** C's fmod, which for an f32 is exact in doubles: the platform's, or a helper where there is no library to link. */
function fmod(w: FuncWriter, type: ScalarType, args: readonly string[]): string {
  if (w.module.target.gpu === true) {
    w.module.helper("fmod", remainder);
    return inDouble(w, type, args, (wide) => `call double @tsgpu.fmod(${wide})`);
  }
  w.module.declare("declare double @fmod(double, double)");
  return inDouble(w, type, args, (wide) => `call double @fmod(${wide}) ${attribute.math} `);
}

/** `call`, which takes doubles and gives one, applied to arguments of either float type. */
function inDouble(w: FuncWriter, type: ScalarType, args: readonly string[], call: (args: string) => string): string {
  const wide = args.map((a) => `double ${type === "f32" ? w.let("wide", `fpext float ${a} to double`) : a}`);
  const text = call(wide.join(", "));
  return type === "f32" ? `fptrunc double ${w.let("wide", text)} to float` : text;
}

/** A call of the math library, whose functions the module holds. */
function libraryCall(w: FuncWriter, op: MathOp, type: ScalarType, args: readonly string[], hint: string): string {
  const t = w.type(type);
  const list = args.map((a) => `${t} ${a}`).join(", ");
  return w.let(hint, `call ${t} ${symbol(libraryName(op, type))}(${list})`);
}

const rounding =
  (name: string) =>
  (w: FuncWriter, type: ScalarType, a: string, flags: string): string =>
    intrinsic(w, name, type, [a], flags);

type UnaryRule = (w: FuncWriter, type: ScalarType, a: string, flags: string) => string;

const unaryRules = {
  neg: (w, type, a, flags) =>
    isFloat(type) ? `fneg ${flags}${w.type(type)} ${a}` : `sub ${flags}${w.type(type)} 0, ${a}`,
  abs(w, type, a, flags) {
    if (isFloat(type)) return intrinsic(w, "llvm.fabs", type, [a], flags);
    if (type === "u32") return `or i32 ${a}, 0`;
    const t = w.type(type);
    w.module.declare(`declare ${t} @llvm.abs.${t}(${t}, i1)`);
    return `call ${t} @llvm.abs.${t}(${t} ${a}, i1 ${type === "index"})`;
  },
  not: (w, type, a) => `xor ${w.type(type)} ${a}, ${type === "bool" ? "true" : "-1"}`,
  clz(w, type, a) {
    if (type === "index") bug("clz of an index");
    w.module.declare("declare i32 @llvm.ctlz.i32(i32, i1)");
    return `call i32 @llvm.ctlz.i32(i32 ${a}, i1 false)`;
  },
  sqrt: rounding("llvm.sqrt"),
  floor: rounding("llvm.floor"),
  ceil: rounding("llvm.ceil"),
  trunc: rounding("llvm.trunc"),
  round(w, type, a) {
    const t = type === "f32" ? "float" : "double";
    w.module.declare(`declare ${t} @llvm.floor.${type}(${t})`);
    w.module.declare(`declare ${t} @llvm.copysign.${type}(${t}, ${t})`);
    w.module.helper(`round.${type}`, () => round(t, type));
    return `call ${t} @tsgpu.round.${type}(${t} ${a})`;
  },
  sign(w, type, a) {
    const t = type === "f32" ? "float" : "double";
    w.module.helper(`sign.${type}`, () => sign(t, type));
    return `call ${t} @tsgpu.sign.${type}(${t} ${a})`;
  },
  highword: (w, _, a) => {
    const bits = w.let("bits", `bitcast double ${a} to i64`);
    return `trunc i64 ${w.let("high", `lshr i64 ${bits}, 32`)} to i32`;
  },
  lowword: (w, _, a) => `trunc i64 ${w.let("bits", `bitcast double ${a} to i64`)} to i32`,
  word: (_, _type, a) => `bitcast float ${a} to i32`,
  fromword: (_, _type, a) => `bitcast i32 ${a} to float`,
} satisfies Record<InstructionUnary, UnaryRule>;
type InstructionUnary = Exclude<UnaryOp, MathOp | "stop">;

const unary = (w: FuncWriter, op: InstructionUnary, type: ScalarType, a: string, flags: string): string =>
  (unaryRules[op] as UnaryRule)(w, type, a, flags);

const arithmetic =
  (float: string, int: string): Rule =>
  (w, type, a, b, flags) =>
    `${isFloat(type) ? float : int} ${flags}${w.type(type)} ${a}, ${b}`;
const extremum =
  (float: string, signed: string, unsigned: string): Rule =>
  (w, type, a, b, flags) =>
    isFloat(type)
      ? intrinsic(w, float, type, [a, b], flags)
      : intrinsic(w, type === "u32" ? unsigned : signed, type, [a, b]);
const bitwise =
  (name: string): Rule =>
  (w, type, a, b) =>
    `${name} ${w.type(type)} ${a}, ${b}`;

const binaryRules = {
  add: arithmetic("fadd", "add"),
  sub: arithmetic("fsub", "sub"),
  mul: arithmetic("fmul", "mul"),
  div: (w, type, a, b, flags) => `fdiv ${flags}${w.type(type)} ${a}, ${b}`,
  floordiv(w, type, a, b, _, constant) {
    const t = w.type(type);
    if (type === "u32") return `udiv i32 ${a}, ${b}`;
    const by = constant === null ? 0 : Number(constant.value);
    // A shift rounds down; LLVM would not see that the helper does just that.
    if (by > 0 && by < 2 ** 31 && Number.isInteger(Math.log2(by))) return `ashr ${t} ${a}, ${Math.log2(by)}`;
    if (type === "index" && t === "i32") {
      w.module.helper("floordiv.i32", () => floorDivide("i32", ".i32"));
      return `call i32 @tsgpu.floordiv.i32(i32 ${a}, i32 ${b})`;
    }
    w.module.helper("floordiv", () => floorDivide("i64"));
    if (t === "i64") return `call i64 @tsgpu.floordiv(i64 ${a}, i64 ${b})`;
    const wide = [a, b].map((x) => `i64 ${w.let("wide", `sext i32 ${x} to i64`)}`);
    return `trunc i64 ${w.let("wide", `call i64 @tsgpu.floordiv(${wide.join(", ")})`)} to i32`;
  },
  rem(w, type, a, b, _, constant) {
    if (isFloat(type)) return fmod(w, type, [a, b]);
    if (type === "u32") return `urem i32 ${a}, ${b}`;
    if (type === "index" || (constant !== null && constant.value !== -1)) return `srem ${w.type(type)} ${a}, ${b}`;
    // −2^31 % −1 is 0, but traps; the remainder by 1 is the same.
    const minus = w.let("minus", `icmp eq i32 ${b}, -1`);
    return `srem i32 ${a}, ${w.let("divisor", `select i1 ${minus}, i32 1, i32 ${b}`)}`;
  },
  min: extremum("llvm.minimum", "llvm.smin", "llvm.umin"),
  max: extremum("llvm.maximum", "llvm.smax", "llvm.umax"),
  and: bitwise("and"),
  or: bitwise("or"),
  xor: bitwise("xor"),
  shl: (w, _, a, b) => `shl i32 ${a}, ${shiftCount(w, b)}`,
  shr: (w, type, a, b) => `${type === "u32" ? "lshr" : "ashr"} i32 ${a}, ${shiftCount(w, b)}`,
  fromwords(w, _type, a, b) {
    const [high, low] = [a, b].map((x) => w.let("wide", `zext i32 ${x} to i64`));
    const upper = w.let("upper", `shl nuw i64 ${high}, 32`);
    return `bitcast i64 ${w.let("bits", `or i64 ${upper}, ${low}`)} to double`;
  },
} satisfies Record<InstructionBinary, Rule>;
type InstructionBinary = Exclude<BinaryOp, MathOp>;

/** The count of a shift, modulo 32. */
function shiftCount(w: FuncWriter, b: string): string {
  return /^-?\d+$/.test(b) ? String(Number(b) & 31) : w.let("count", `and i32 ${b}, 31`);
}

/** Adds `a op b` with the left operand as text, and returns the operand that holds it. Accumulations use it as well. */
export function binaryText(
  w: FuncWriter,
  op: BinaryOp,
  type: ScalarType,
  a: string,
  b: Operand,
  given: string,
  hint: string,
): string {
  if (isMath(op)) return libraryCall(w, op, type, [a, w.operand(b)], hint);
  const rule: Rule = binaryRules[op];
  return w.let(hint, rule(w, type, a, w.operand(b), given, b.kind === "const" ? b : null));
}

/** Integer predicates lack their sign: equality has none, the others are signed but on u32. */
const predicates = {
  eq: { float: "oeq", int: "eq", ordered: false },
  ne: { float: "une", int: "ne", ordered: false },
  lt: { float: "olt", int: "lt", ordered: true },
  le: { float: "ole", int: "le", ordered: true },
  gt: { float: "ogt", int: "gt", ordered: true },
  ge: { float: "oge", int: "ge", ordered: true },
} as const satisfies Record<CompareOp, unknown>;

function compare(w: FuncWriter, op: CompareOp, type: ScalarType, a: string, b: string): string {
  const { float, int, ordered } = predicates[op];
  if (isFloat(type)) return `fcmp ${float} ${w.type(type)} ${a}, ${b}`;
  const sign = !ordered ? "" : type === "u32" ? "u" : "s";
  return `icmp ${sign}${int} ${w.type(type)} ${a}, ${b}`;
}

/** Adds a conversion, where one is needed, and returns the operand that holds the result. */
function cast(w: FuncWriter, to: ScalarType, a: Operand, hint: string): string {
  const from = a.type;
  const [source, target] = [w.type(from), w.type(to)];
  const instruction = (name: string): string => w.let(hint, `${name} ${source} ${w.operand(a)} to ${target}`);
  if (source === target) return w.operand(a);
  if (to === "bool") {
    return w.let(hint, isFloat(from) ? `fcmp one ${w.typed(a)}, 0.0` : `icmp ne ${w.typed(a)}, 0`);
  }
  const unsigned = from === "bool" || from === "u32";
  if (isFloat(to)) {
    if (isFloat(from)) return instruction(to === "f64" ? "fpext" : "fptrunc");
    return instruction(unsigned ? "uitofp" : "sitofp");
  }
  if (!isFloat(from)) return instruction(from === "index" ? "trunc" : unsigned ? "zext" : "sext");
  const wide = from === "f32" ? w.let("wide", `fpext float ${w.operand(a)} to double`) : w.operand(a);
  w.module.declare("declare double @llvm.fabs.f64(double)");
  if (to === "index") {
    w.module.helper("index", toIndex);
    return w.let(hint, `call i64 @tsgpu.index(double ${wide})`);
  }
  w.module.helper("i32", toInt32);
  return w.let(hint, `call i32 @tsgpu.i32(double ${wide})`);
}
