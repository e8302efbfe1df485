/** C functions for operators that C does not have, or has with another meaning; each is printed only where it is used. */

/** A helper's text, with the names of those that it calls in turn. */
interface Helper {
  readonly text: string;
  readonly needs?: readonly string[];
}

const i32Wrap = (name: string, op: string): Helper => ({
  text: `static inline int32_t ${name}(int32_t a, int32_t b) { return (int32_t)((uint32_t)a ${op} (uint32_t)b); }`,
});

/** JavaScript's Math.min and Math.max: NaN wins, and -0 is less than +0. */
const extremum = (name: string, type: string, less: "<" | ">"): Helper => {
  const zero = less === "<" ? "signbit(a)" : "!signbit(a)";
  return {
    text: `static inline ${type} ${name}(${type} a, ${type} b) {
  if (a != a || b != b) return a + b;
  return a ${less} b || (a == b && ${zero}) ? a : b;
}`,
  };
};

const intExtremum = (name: string, type: string, less: "<" | ">"): Helper => ({
  text: `static inline ${type} ${name}(${type} a, ${type} b) { return a ${less} b ? a : b; }`,
});

const round = (name: string, type: string, suffix: string): Helper => ({
  text: `/* JavaScript's Math.round: halves go up, a zero keeps its sign. */
static inline ${type} ${name}(${type} x) {
  const ${type} down = floor${suffix}(x);
  return copysign${suffix}(x - down >= 0.5${suffix} ? down + 1.0${suffix} : down, x);
}`,
});

/** gcc 12 takes `0.0 - x` for `-x` where x cannot be -0, an integer converted say, and forgets that it may be +0. */
const zeroMinus = (name: string, type: string, suffix: string): Helper => ({
  text: `static inline ${type} ${name}(${type} x) { return x == 0.0${suffix} ? 0.0${suffix} : -x; }`,
});

const sign = (name: string, type: string, suffix: string): Helper => ({
  text: `static inline ${type} ${name}(${type} x) { return x > 0.0${suffix} ? 1.0${suffix} : x < 0.0${suffix} ? -1.0${suffix} : x; }`,
});

const floorDivide = (name: string, type: string): Helper => ({
  text: `/* Division toward minus infinity. */
static inline ${type} ${name}(${type} a, ${type} b) {
  const ${type} quotient = a / b, rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
}`,
});

/**
 * An operation that is never fused with another, whatever the compiler is told about the rest of the file. clang reads the
 * pragma (but under -ffp-contract=fast, which ignores pragmas; say fast-honor-pragmas). gcc does not, and loses its barrier
 * when it vectorises: there the attribute SOME_STRICT keeps the whole kernel from fusing.
 */
const pinned = (name: string, type: string, op: "+" | "-" | "*"): Helper => ({
  needs: ["fence"],
  text: `static inline ${type} ${name}(${type} a, ${type} b) {
  UNFUSED
  return ${op === "*" ? "FENCE(a * b)" : `FENCE(a) ${op} FENCE(b)`};
}`,
});

/** A quotient that is never a product with a reciprocal. gcc needs SOME_STRICT on the whole kernel for that. */
const quotient = (name: string, type: string): Helper => ({
  needs: ["fence"],
  text: `SOME_STRICT static inline ${type} ${name}(${type} a, ${type} b) {
  NO_RECIPROCALS
  return a / b;
}`,
});

const helpers = {
  fence: {
    text: `#if defined(__GNUC__) && !defined(__clang__)
#define SOME_STRICT __attribute__((optimize("fp-contract=off", "no-reciprocal-math")))
#define UNFUSED
#define NO_RECIPROCALS
#if __GNUC__ >= 12
#define FENCE(x) __builtin_assoc_barrier(x)
#else
#define FENCE(x) (x)
#endif
#else
#define SOME_STRICT
#define UNFUSED _Pragma("STDC FP_CONTRACT OFF")
#if defined(__clang__) && __clang_major__ >= 18
#define NO_RECIPROCALS _Pragma("clang fp reciprocal(off)")
#else
#define NO_RECIPROCALS
#endif
#define FENCE(x) (x)
#endif`,
  },
  strict_add: pinned("strict_add", "double", "+"),
  strict_sub: pinned("strict_sub", "double", "-"),
  strict_mul: pinned("strict_mul", "double", "*"),
  strict_addf: pinned("strict_addf", "float", "+"),
  strict_subf: pinned("strict_subf", "float", "-"),
  strict_mulf: pinned("strict_mulf", "float", "*"),
  strict_div: quotient("strict_div", "double"),
  strict_divf: quotient("strict_divf", "float"),
  add_i32: i32Wrap("add_i32", "+"),
  sub_i32: i32Wrap("sub_i32", "-"),
  mul_i32: i32Wrap("mul_i32", "*"),
  abs_i32: {
    text: "static inline int32_t abs_i32(int32_t a) { return a < 0 ? sub_i32(0, a) : a; }",
    needs: ["sub_i32"],
  },
  abs_index: { text: "static inline int64_t abs_index(int64_t a) { return a < 0 ? -a : a; }" },
  shl_i32: {
    text: "static inline int32_t shl_i32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a << (b & 31)); }",
  },
  rem_i32: { text: "static inline int32_t rem_i32(int32_t a, int32_t b) { return b == -1 ? 0 : a % b; }" },
  floordiv_i32: {
    text: `static inline int32_t floordiv_i32(int32_t a, int32_t b) { return (int32_t)floordiv_index(a, b); }`,
    needs: ["floordiv_index"],
  },
  floordiv_index: floorDivide("floordiv_index", "int64_t"),
  min_i32: intExtremum("min_i32", "int32_t", "<"),
  max_i32: intExtremum("max_i32", "int32_t", ">"),
  min_u32: intExtremum("min_u32", "uint32_t", "<"),
  max_u32: intExtremum("max_u32", "uint32_t", ">"),
  min_index: intExtremum("min_index", "int64_t", "<"),
  max_index: intExtremum("max_index", "int64_t", ">"),
  min_f64: extremum("min_f64", "double", "<"),
  max_f64: extremum("max_f64", "double", ">"),
  min_f32: extremum("min_f32", "float", "<"),
  max_f32: extremum("max_f32", "float", ">"),
  round_f64: round("round_f64", "double", ""),
  round_f32: round("round_f32", "float", "f"),
  sign_f64: sign("sign_f64", "double", ""),
  sign_f32: sign("sign_f32", "float", "f"),
  zero_minus_f64: zeroMinus("zero_minus_f64", "double", ""),
  zero_minus_f32: zeroMinus("zero_minus_f32", "float", "f"),
  to_bool: { text: "static inline int to_bool(double x) { return x < 0.0 || x > 0.0; }" },
  clz32: {
    text: `static inline int32_t clz32(uint32_t a) {
#if defined(__GNUC__)
  return a == 0 ? 32 : __builtin_clz(a);
#else
  int32_t n = 32;
  for (; a != 0; a >>= 1) n--;
  return n;
#endif
}`,
  },
  double_bits: { text: "union double_bits { double value; uint64_t bits; };" },
  highword: {
    text: "static inline int32_t highword(double x) { return (int32_t)(uint32_t)((union double_bits){ x }.bits >> 32); }",
    needs: ["double_bits"],
  },
  lowword: {
    text: "static inline int32_t lowword(double x) { return (int32_t)(uint32_t)(union double_bits){ x }.bits; }",
    needs: ["double_bits"],
  },
  fromwords: {
    text: `static inline double fromwords(int32_t high, int32_t low) {
  return (union double_bits){ .bits = (uint64_t)(uint32_t)high << 32 | (uint32_t)low }.value;
}`,
    needs: ["double_bits"],
  },
  float_bits: { text: "union float_bits { float value; uint32_t bits; };" },
  word: {
    text: "static inline int32_t word(float x) { return (int32_t)(union float_bits){ x }.bits; }",
    needs: ["float_bits"],
  },
  fromword: {
    text: "static inline float fromword(int32_t word) { return (union float_bits){ .bits = (uint32_t)word }.value; }",
    needs: ["float_bits"],
  },
  to_i32: {
    text: `/* JavaScript's x | 0: modulo 2^32; NaN and infinities give 0. */
static inline int32_t to_i32(double x) {
  if (fabs(x) < 9223372036854775808.0) return (int32_t)(uint32_t)(uint64_t)(int64_t)x;
  if (!(fabs(x) < INFINITY)) return 0;
  const double low = fmod(x, 4294967296.0);
  return (int32_t)(uint32_t)(uint64_t)(int64_t)low;
}`,
  },
  half_to_f32: {
    text: `/* The number that the 16 bits of a half stand for. */
static inline float half_to_f32(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, size = half & 0x7fffu;
  const uint32_t large = (size << 13) + (size >= 0x7c00u ? 0x70000000u : 0x38000000u);
  const union float_bits small = { (float)(int32_t)size * 5.9604644775390625e-08f };
  return (union float_bits){ .bits = sign | (size < 0x0400u ? small.bits : large) }.value;
}`,
    needs: ["float_bits"],
  },
  f32_to_half: {
    text: `/* The bits of the half nearest to x, ties to even. 0.5 + x has as many bits as a half below the normal ones. */
static inline uint16_t f32_to_half(float value) {
  const uint32_t bits = (union float_bits){ value }.bits;
  const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
  const uint32_t normal = (size - 0x37fff001u + (size >> 13 & 1u)) >> 13;
  const union float_bits sum = { (union float_bits){ .bits = size }.value + 0.5f };
  const uint32_t finite = size < 0x38800000u ? sum.bits - 0x3f000000u : normal;
  const uint32_t special = size > 0x7f800000u ? 0x7e00u : 0x7c00u;
  return (uint16_t)(sign | (size < 0x47800000u ? finite : special));
}`,
    needs: ["float_bits"],
  },
  to_index: {
    text: `/* A float as an index: exact, or far outside of every array. */
static inline int64_t to_index(double x) {
  if (fabs(x) <= 9007199254740992.0) {
    const int64_t whole = (int64_t)x;
    return (double)whole == x ? whole : -4611686018427387904;
  }
  return x > 0.0 ? 4611686018427387904 : -4611686018427387904;
}`,
  },
} satisfies Record<string, Helper>;
export type HelperName = keyof typeof helpers;

/** The names that helpers take in a file. */
export const helperNames: readonly string[] = [
  ...Object.keys(helpers),
  "KERNEL",
  "SOME_STRICT",
  "UNFUSED",
  "NO_RECIPROCALS",
  "FENCE",
  "LIBRARY",
  "RARE",
];

/** The text of the helpers asked for, and of those that they need, each after what it calls. */
export function helperText(used: Iterable<HelperName>): string {
  const done = new Set<HelperName>();
  const texts: string[] = [];
  const add = (name: HelperName): void => {
    if (done.has(name)) return;
    done.add(name);
    const helper: Helper = helpers[name];
    for (const needed of helper.needs ?? []) add(needed as HelperName);
    texts.push(helper.text);
  };
  for (const name of used) add(name);
  return texts.join("\n");
}
