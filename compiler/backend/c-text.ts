/** Words of C: types, literals, names, and expressions with what must be known to move them. */
import type { ArrayValue, Const, ScalarType } from "../ir/ir.ts";

/** How C holds a scalar. */
export const cType: Readonly<Record<ScalarType, string>> = {
  f64: "double",
  f32: "float",
  i32: "int32_t",
  u32: "uint32_t",
  index: "int64_t",
  bool: "int",
};

/** How C holds an element of an array. */
export const elemType = (type: ScalarType): string => (type === "bool" ? "uint8_t" : cType[type]);

/** How tightly an expression binds: the operators of C that are printed here, loosest first. */
export const level = {
  conditional: 1,
  or: 2,
  xor: 3,
  and: 4,
  equality: 5,
  relation: 6,
  shift: 7,
  sum: 8,
  product: 9,
  unary: 10,
  primary: 11,
} as const;
export type Level = (typeof level)[keyof typeof level];

/** An expression of C, and what it depends on between where it was made and where it is written. */
export interface Piece {
  readonly text: string;
  readonly level: Level;
  /** Arrays that it reads. */
  readonly loads: ReadonlySet<ArrayValue>;
  /** Variables it mentions that are assigned to more than once. */
  readonly vars: ReadonlySet<string>;
  /** `left op right`, where that is what it is: for `x = x + y` to become `x += y`. */
  readonly parts?: { readonly left: string; readonly op: string; readonly right: string };
}

const none: ReadonlySet<never> = new Set();

/** An expression that depends on nothing that changes. */
export const plain = (text: string, at: Level = level.primary): Piece => ({ text, level: at, loads: none, vars: none });

/** A variable that is assigned to again. */
export const variable = (name: string): Piece => ({
  text: name,
  level: level.primary,
  loads: none,
  vars: new Set([name]),
});

const union = <T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> => {
  const some = sets.filter((s) => s.size > 0);
  return some.length < 2 ? (some[0] ?? none) : new Set(some.flatMap((s) => [...s]));
};

/** An expression made of others. */
export const combine = (text: string, at: Level, from: readonly Piece[]): Piece => ({
  text,
  level: at,
  loads: union(from.map((p) => p.loads)),
  vars: union(from.map((p) => p.vars)),
});

/** The text of an operand, in parentheses where it binds less tightly than `at`. */
export const within = (p: Piece, at: Level): string => (p.level < at ? `(${p.text})` : p.text);

/** `a op b` of operators that group to the left. */
export function infix(op: string, at: Level, a: Piece, b: Piece): Piece {
  const text = `${within(a, at)} ${op} ${within(b, (at + 1) as Level)}`;
  return { ...combine(text, at, [a, b]), parts: { left: a.text, op, right: b.text } };
}

/** A constant. Decimals are the shortest that read back as the same number. */
export function literal(c: Const): Piece {
  if (typeof c.value === "boolean") return plain(c.value ? "1" : "0");
  const negative = c.value < 0 || Object.is(c.value, -0);
  return plain(literalText(c.type, c.value), negative ? level.unary : level.primary);
}

function literalText(type: ScalarType, x: number): string {
  switch (type) {
    case "u32":
      return `${x >>> 0}u`;
    case "i32":
      return x === -(2 ** 31) ? "(-2147483647 - 1)" : String(x);
    case "index":
      return String(BigInt(x));
    default: {
      if (Number.isNaN(x)) return type === "f32" ? "NAN" : "(double)NAN";
      if (Math.abs(x) === Number.POSITIVE_INFINITY) return x > 0 ? "INFINITY" : "-INFINITY";
      const digits = type === "f32" ? shortestFloat(x) : String(x);
      const text = /[.e]/.test(digits) ? digits : `${digits}.0`;
      return `${Object.is(x, -0) ? "-" : ""}${text}${type === "f32" ? "f" : ""}`;
    }
  }
}

function shortestFloat(x: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(x);
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

/** The functions of <math.h>, which come for double, float and long double; some older ones are there unasked. */
const mathFunctions =
  words(`acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 fabs fdim
  floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan
  nearbyint nextafter nexttoward pow remainder remquo rint round roundeven scalbln scalbn sin sinh sqrt tan tanh tgamma
  trunc j0 j1 jn y0 y1 yn gamma drem finite scalb significand pow10 sincos`).flatMap((name) => [
    name,
    `${name}f`,
    `${name}l`,
  ]);

/** Names that no variable or function may take: C's words, its library's, and those of the helpers (c-helpers.ts). */
const reserved = [
  ...words(`auto break case char const continue default do double else enum extern float for goto if inline int long
  register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true
  false main args slot NAN INFINITY isinf isnan isfinite isnormal signbit signgam fpclassify abs div labs exit free malloc
  memcpy memset printf asm typeof unix linux toascii index rindex`),
  ...mathFunctions,
];

/** Picks names that differ from all others in sight. Scopes nest; what two of them side by side declare may be the same. */
export class Scope {
  private readonly taken: Set<string>;
  private readonly outer: Scope | null;

  constructor(outer: Scope | null, taken: readonly string[] = []) {
    this.outer = outer;
    this.taken = new Set(outer === null ? [...reserved, ...taken] : taken);
  }

  /** A scope inside this one. */
  inner(): Scope {
    return new Scope(this);
  }

  has(name: string): boolean {
    return this.taken.has(name) || (this.outer?.has(name) ?? false);
  }

  fresh(hint: string): string {
    const base = hint
      .replace(/'+/g, (primes) => `_${primes.length + 1}`)
      .replace(/\W/g, "_")
      .replace(/^(?=\d|$)/, "v");
    let name = base;
    for (let n = 1; this.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}
