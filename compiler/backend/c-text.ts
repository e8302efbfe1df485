/** Words of C: types, literals, and names that are taken. */
import type { Const, ElemType, ScalarType } from "../ir/ir.ts";
import { level, type Piece, plain, shortestFloat, words } from "./text.ts";

/** How C holds a scalar. */
export const cType: Readonly<Record<ScalarType, string>> = {
  f64: "double",
  f32: "float",
  i32: "int32_t",
  u32: "uint32_t",
  index: "int64_t",
  bool: "int",
};

/** How C holds an element of an array: of a half, the bits. */
export const elemType = (type: ElemType): string =>
  type === "bool" ? "uint8_t" : type === "f16" ? "uint16_t" : cType[type];

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
export const reservedInC: readonly string[] = [
  ...words(`auto break case char const continue default do double else enum extern float for goto if inline int long
  register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true
  false main args slot NAN INFINITY isinf isnan isfinite isnormal signbit signgam fpclassify abs div labs exit free malloc
  memcpy memset printf asm typeof unix linux toascii index rindex`),
  ...mathFunctions,
];
