/**
 * The operators: one line each, with all the facts that more than one place needs.
 *
 * Every other table over operators (derivatives, printers) says `satisfies Record<BinaryOp, …>`, so that adding a line
 * here makes the compiler list what is left to do.
 */

/** What types an operator takes: floats, integers, 32-bit integers, these and bool, any number, or one type alone. */
export type Domain = "float" | "int" | "word" | "bits" | "number" | "f64" | "f32" | "i32";

export interface UnaryInfo {
  readonly on: Domain;
  /** Computed by a function of the math library rather than by instructions (`lower-math` brings its body). */
  readonly math: boolean;
  /** The type of the result; the operands' own where it is not given. */
  readonly to?: "i32" | "f64" | "f32";
}
export interface BinaryInfo extends UnaryInfo {
  readonly commutes: boolean;
}

type Instructions<Info> = Info & { readonly math: false };
const unary = (on: Domain): Instructions<UnaryInfo> => ({ on, math: false });
const unaryMath = { on: "float", math: true } as const;
const binary = (on: Domain, commutes = false): Instructions<BinaryInfo> => ({ on, commutes, math: false });
const binaryMath = { on: "float", commutes: false, math: true } as const;

export const unaryOps = {
  neg: unary("number"),
  abs: unary("number"),
  stop: unary("float"), // the operand itself, which differentiation takes for a constant
  not: unary("bits"), // bool: logical; i32, u32: bitwise
  clz: unary("word"), // leading zeros of 32 bits
  sqrt: unary("float"),
  floor: unary("float"),
  ceil: unary("float"),
  trunc: unary("float"),
  round: unary("float"), // JavaScript's: ties go up, and −0.5 gives −0
  sign: unary("float"), // JavaScript's: keeps ±0 and NaN
  highword: { on: "f64", math: false, to: "i32" }, // the upper 32 bits: sign, exponent, start of the fraction
  lowword: { on: "f64", math: false, to: "i32" },
  word: { on: "f32", math: false, to: "i32" }, // the 32 bits
  fromword: { on: "i32", math: false, to: "f32" }, // the float of these bits
  exp: unaryMath,
  expm1: unaryMath,
  log: unaryMath,
  log2: unaryMath,
  log10: unaryMath,
  log1p: unaryMath,
  sin: unaryMath,
  cos: unaryMath,
  tan: unaryMath,
  asin: unaryMath,
  acos: unaryMath,
  atan: unaryMath,
  sinh: unaryMath,
  cosh: unaryMath,
  tanh: unaryMath,
  asinh: unaryMath,
  acosh: unaryMath,
  atanh: unaryMath,
  cbrt: unaryMath,
} as const satisfies Record<string, UnaryInfo>;
export type UnaryOp = keyof typeof unaryOps;

export const binaryOps = {
  add: binary("number", true),
  sub: binary("number"),
  mul: binary("number", true),
  div: binary("float"),
  floordiv: binary("int"), // toward −∞; the divisor is not 0
  rem: binary("number"), // JavaScript's %: the sign of the dividend; an integer divisor is not 0
  min: binary("number", true), // JavaScript's: NaN wins, −0 < +0
  max: binary("number", true),
  and: binary("bits", true), // bool, i32, u32
  or: binary("bits", true),
  xor: binary("bits", true),
  shl: binary("word"), // the count is taken modulo 32
  shr: binary("word"), // i32: arithmetic, u32: logical
  fromwords: { on: "i32", commutes: false, math: false, to: "f64" }, // the float of an upper and a lower word
  pow: binaryMath, // JavaScript's: pow(±1, ±Infinity) is NaN
  atan2: binaryMath,
  hypot: { ...binaryMath, commutes: true },
} as const satisfies Record<string, BinaryInfo>;
export type BinaryOp = keyof typeof binaryOps;
/** May the operands, which are of that type, change places? Not of float `min` and `max`: at a tie, the derivative is the first's. */
export const commutes = (op: BinaryOp, type: string): boolean =>
  binaryOps[op].commutes && !((op === "min" || op === "max") && (type === "f64" || type === "f32"));

/** The operators that the math library computes. */
export type MathOp =
  | { [op in UnaryOp]: (typeof unaryOps)[op]["math"] extends true ? op : never }[UnaryOp]
  | { [op in BinaryOp]: (typeof binaryOps)[op]["math"] extends true ? op : never }[BinaryOp];
const infoOf = (op: UnaryOp | BinaryOp): UnaryInfo =>
  op in unaryOps ? unaryOps[op as UnaryOp] : binaryOps[op as BinaryOp];
/** Is that the name of one of them? */
export const isMath = (op: string): op is MathOp => mathNames.has(op);

/** The type of what `op` gives on operands of `type`. */
export const resultType = <T extends string>(op: UnaryOp | BinaryOp, type: T): T | "i32" | "f64" | "f32" =>
  infoOf(op).to ?? type;

/** All of them. */
export const mathOps: readonly MathOp[] = [...Object.entries(unaryOps), ...Object.entries(binaryOps)]
  .filter(([, info]) => info.math)
  .map(([op]) => op as MathOp);
const mathNames: ReadonlySet<string> = new Set(mathOps);

/** Floats compare as IEEE 754 says: with a NaN only `ne` holds. Bools know `eq` and `ne`. */
export const compareOps = {
  eq: { commuted: "eq", negated: "ne" },
  ne: { commuted: "ne", negated: "eq" },
  lt: { commuted: "gt", negated: "ge" },
  le: { commuted: "ge", negated: "gt" },
  gt: { commuted: "lt", negated: "le" },
  ge: { commuted: "le", negated: "lt" },
} as const;
export type CompareOp = keyof typeof compareOps;

/** What `accum` can do, with the value that changes nothing. */
export const reduceOps = {
  add: { identity: 0 },
  mul: { identity: 1 },
  min: { identity: Number.POSITIVE_INFINITY },
  max: { identity: Number.NEGATIVE_INFINITY },
} as const satisfies Partial<Record<BinaryOp, { readonly identity: number }>>;
export type ReduceOp = keyof typeof reduceOps;
