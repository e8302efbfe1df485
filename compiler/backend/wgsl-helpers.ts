/**
 * WGSL functions for operators that WGSL does not have, or has with another meaning; each is printed only where it is used.
 *
 * `wide` is a 64-bit integer: its low and its high word. NaNs are told by their bits, as implementations of WGSL may assume that
 * there are none; so are infinities.
 */

/** A helper's text, with the names of those that it calls in turn. */
interface Helper {
  readonly text: string;
  readonly needs?: readonly string[];
}

/** JavaScript's Math.min and Math.max: NaN wins, and -0 is less than +0. */
const extremum = (name: string, less: "<" | ">", zeros: "|" | "&"): Helper => ({
  needs: ["is_nan", "nan"],
  text: `fn ${name}(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return nan(); }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) ${zeros} bitcast<u32>(b)); }
  return select(b, a, a ${less} b);
}`,
});

const helpers = {
  nan: { text: "fn nan() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }" },
  infinity: { text: "fn infinity() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }" },
  is_nan: { text: "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }" },
  min_f32: extremum("min_f32", "<", "|"),
  max_f32: extremum("max_f32", ">", "&"),
  round_f32: {
    text: `// JavaScript's Math.round: halves go up, a zero keeps its sign.
fn round_f32(x: f32) -> f32 {
  let low = floor(x);
  return select(low, ceil(x), x - low >= 0.5f);
}`,
  },
  sign_f32: { text: "fn sign_f32(x: f32) -> f32 { return select(select(x, -1.0f, x < 0.0f), 1.0f, x > 0.0f); }" },
  rem_f32: {
    needs: ["is_nan", "nan"],
    text: `// JavaScript's %, exactly: what is left of the integer x when its multiples of y, a power of two at a time, are taken away.
fn rem_f32(x: f32, y: f32) -> f32 {
  let sign = bitcast<u32>(x) & 0x80000000u;
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) { return nan(); }
  if (a < b) { return x; }
  var exponent = max(a >> 23u, 1u);
  let least = max(b >> 23u, 1u);
  var rest = (a & 0x7fffffu) | select(0u, 0x800000u, a >= 0x800000u);
  let divisor = (b & 0x7fffffu) | select(0u, 0x800000u, b >= 0x800000u);
  for (; exponent > least; exponent--) { rest = (rest % divisor) << 1u; }
  rest = rest % divisor;
  if (rest == 0u) { return bitcast<f32>(sign); }
  let up = min(countLeadingZeros(rest) - 8u, exponent - 1u);
  rest = rest << up;
  exponent = select(0u, exponent - up, rest >= 0x800000u);
  return bitcast<f32>(sign | (exponent << 23u) | (rest & 0x7fffffu));
}`,
  },
  half_to_f32: {
    text: `// The number that 16 bits stand for as a half.
fn half_to_f32(half: u32) -> f32 {
  let size = half & 0x7fffu;
  let large = (size << 13u) + select(0x38000000u, 0x70000000u, size >= 0x7c00u);
  let small = bitcast<u32>(f32(size) * 0x1p-24f);
  return bitcast<f32>(select(large, small, size < 0x400u) | ((half & 0x8000u) << 16u));
}`,
  },
  f32_to_half: {
    text: `// The bits of the half nearest to x, ties to even. Below the normal halves more bits go than 13.
fn f32_to_half(x: f32) -> u32 {
  let sign = (bitcast<u32>(x) >> 16u) & 0x8000u;
  let size = bitcast<u32>(x) & 0x7fffffffu;
  if (size >= 0x47800000u) { return sign | select(0x7c00u, 0x7e00u, size > 0x7f800000u); }
  if (size >= 0x38800000u) { return sign | ((size - 0x37fff001u + ((size >> 13u) & 1u)) >> 13u); }
  let mantissa = (size & 0x7fffffu) | 0x800000u;
  let gone = min(126u - (size >> 23u), 25u);
  return sign | ((mantissa + (1u << (gone - 1u)) - 1u + ((mantissa >> gone) & 1u)) >> gone);
}`,
  },
  half_in: {
    needs: ["half_to_f32"],
    text: `// The half at a place, of the word that it is in.
fn half_in(word: u32, at: i32) -> f32 { return half_to_f32(word >> (16u * (u32(at) & 1u))); }`,
  },
  half_change: {
    needs: ["f32_to_half"],
    text: `// The bits that change in a word where the half at a place becomes x.
fn half_change(word: u32, at: i32, x: f32) -> u32 {
  let place = 16u * (u32(at) & 1u);
  return (((word >> place) ^ f32_to_half(x)) & 0xffffu) << place;
}`,
  },
  floordiv_i32: {
    text: `// Division toward minus infinity.
fn floordiv_i32(a: i32, b: i32) -> i32 {
  let quotient = a / b;
  let rest = a - quotient * b;
  return select(quotient, quotient - 1, rest != 0 && (rest < 0) != (b < 0));
}`,
  },
  to_i32: {
    text: `// JavaScript's x | 0: modulo 2^32; NaN and infinities give 0.
fn to_i32(x: f32) -> i32 {
  let bits = bitcast<u32>(x);
  let exponent = i32((bits >> 23u) & 255u) - 150;
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  var size = 0u;
  if (exponent < 0) { size = select(0u, mantissa >> u32(-exponent & 31), exponent > -24); }
  else { size = select(0u, mantissa << u32(exponent & 31), exponent < 32); }
  return bitcast<i32>(select(size, 0u - size, (bits >> 31u) == 1u));
}`,
  },
  wide: { text: "// A 64-bit integer: low word, high word.\nalias wide = vec2<u32>;" },
  wide_from_i32: {
    text: "fn wide_from_i32(a: i32) -> wide { return wide(bitcast<u32>(a), bitcast<u32>(a >> 31u)); }",
    needs: ["wide"],
  },
  wide_from_u32: { text: "fn wide_from_u32(a: u32) -> wide { return wide(a, 0u); }", needs: ["wide"] },
  wide_from_f32: {
    needs: ["wide", "wide_neg"],
    text: `// A float as an index: exact, or far outside of every array.
fn wide_from_f32(x: f32) -> wide {
  let bits = bitcast<u32>(x);
  let exponent = i32((bits >> 23u) & 255u) - 150;
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let negative = (bits >> 31u) == 1u;
  let far = wide(0u, select(0x40000000u, 0xc0000000u, negative));
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return wide(0u, 0xc0000000u); }
  if ((bits & 0x7fffffffu) == 0u) { return wide(0u, 0u); }
  if (exponent > 30 || (exponent == 30 && mantissa != 0x800000u)) { return far; }
  var size = wide(0u, 0u);
  if (exponent < 0) {
    if (exponent < -23 || (mantissa & ((1u << u32(-exponent)) - 1u)) != 0u) { return wide(0u, 0xc0000000u); }
    size = wide(mantissa >> u32(-exponent), 0u);
  } else {
    size = wide(mantissa << u32(exponent), select(mantissa >> u32(32 - exponent), 0u, exponent == 0));
  }
  if (negative) { return wide_neg(size); }
  return size;
}`,
  },
  wide_to_f32: {
    needs: ["wide", "wide_abs"],
    text: `// Rounded once: what the first 26 bits leave out counts as half of the last of them.
fn wide_to_f32(a: wide) -> f32 {
  let size = wide_abs(a);
  if (size.y == 0u && size.x < 0x1000000u) { return select(f32(size.x), -f32(size.x), bitcast<i32>(a.y) < 0); }
  let zeros = select(countLeadingZeros(size.y), 32u + countLeadingZeros(size.x), size.y == 0u);
  var top = size.y;
  var left = size.x;
  if (zeros >= 32u) { top = left << (zeros - 32u); left = 0u; }
  else if (zeros > 0u) { top = (top << zeros) | (left >> (32u - zeros)); left = left << zeros; }
  let half = (top & 0x80u) != 0u;
  let rest = (top & 0x7fu) != 0u || left != 0u;
  let odd = (top & 0x100u) != 0u;
  let mantissa = (top >> 8u) + select(0u, 1u, half && (rest || odd));
  let bits = ((189u - zeros) << 23u) + mantissa;
  return bitcast<f32>(bits | (a.y & 0x80000000u));
}`,
  },
  wide_to_bound: {
    needs: ["wide"],
    text: `// The nearest i32.
fn wide_to_bound(a: wide) -> i32 {
  let low = bitcast<i32>(a.x);
  if (bitcast<i32>(a.y) == (low >> 31u)) { return low; }
  return select(2147483647, -2147483647 - 1, bitcast<i32>(a.y) < 0);
}`,
  },
  wide_add: {
    needs: ["wide"],
    text: `fn wide_add(a: wide, b: wide) -> wide {
  let low = a.x + b.x;
  return wide(low, a.y + b.y + select(0u, 1u, low < a.x));
}`,
  },
  wide_sub: {
    needs: ["wide"],
    text: "fn wide_sub(a: wide, b: wide) -> wide { return wide(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x)); }",
  },
  wide_neg: { needs: ["wide_sub"], text: "fn wide_neg(a: wide) -> wide { return wide_sub(wide(0u, 0u), a); }" },
  wide_abs: {
    needs: ["wide_neg"],
    text: "fn wide_abs(a: wide) -> wide { return select(a, wide_neg(a), bitcast<i32>(a.y) < 0); }",
  },
  wide_mul: {
    needs: ["wide"],
    text: `fn wide_mul(a: wide, b: wide) -> wide {
  let a0 = a.x & 0xffffu;
  let a1 = a.x >> 16u;
  let b0 = b.x & 0xffffu;
  let b1 = b.x >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let other = a0 * b1 + (middle & 0xffffu);
  return wide(a.x * b.x, a1 * b1 + (middle >> 16u) + (other >> 16u) + a.x * b.y + a.y * b.x);
}`,
  },
  wide_lt: {
    needs: ["wide"],
    text: `fn wide_lt(a: wide, b: wide) -> bool {
  return select(bitcast<i32>(a.y) < bitcast<i32>(b.y), a.x < b.x, a.y == b.y);
}`,
  },
  wide_min: {
    needs: ["wide_lt"],
    text: "fn wide_min(a: wide, b: wide) -> wide { return select(b, a, wide_lt(a, b)); }",
  },
  wide_max: {
    needs: ["wide_lt"],
    text: "fn wide_max(a: wide, b: wide) -> wide { return select(a, b, wide_lt(a, b)); }",
  },
  wide_rem: {
    needs: ["wide_abs", "wide_divide"],
    text: `// The sign is the dividend's.
fn wide_rem(a: wide, b: wide) -> wide {
  let rest = wide_divide(wide_abs(a), wide_abs(b)).zw;
  return select(rest, wide_neg(rest), bitcast<i32>(a.y) < 0);
}`,
  },
  wide_floordiv: {
    needs: ["wide_abs", "wide_divide", "wide_sub"],
    text: `// Toward minus infinity.
fn wide_floordiv(a: wide, b: wide) -> wide {
  let parts = wide_divide(wide_abs(a), wide_abs(b));
  if ((a.y ^ b.y) >> 31u == 0u) { return parts.xy; }
  let down = wide_neg(parts.xy);
  return select(down, wide_sub(down, wide(1u, 0u)), any(parts.zw != wide(0u, 0u)));
}`,
  },
  wide_divide: {
    needs: ["wide_sub"],
    text: `// Quotient and rest of integers below 2^63, a bit at a time where words do not suffice.
fn wide_divide(a: wide, b: wide) -> vec4<u32> {
  if (a.y == 0u && b.y == 0u) { return vec4<u32>(a.x / b.x, 0u, a.x % b.x, 0u); }
  var quotient = wide(0u, 0u);
  var rest = wide(0u, 0u);
  for (var k = 0u; k < 64u; k++) {
    let bit = (select(a.y << (k & 31u), a.x << (k & 31u), k >= 32u)) >> 31u;
    rest = wide((rest.x << 1u) | bit, (rest.y << 1u) | (rest.x >> 31u));
    quotient = wide(quotient.x << 1u, (quotient.y << 1u) | (quotient.x >> 31u));
    if (rest.y > b.y || (rest.y == b.y && rest.x >= b.x)) {
      rest = wide_sub(rest, b);
      quotient.x = quotient.x | 1u;
    }
  }
  return vec4<u32>(quotient, rest);
}`,
  },
} satisfies Record<string, Helper>;
export type HelperName = keyof typeof helpers;

/** The names that helpers take in a module. */
export const helperNames: readonly string[] = Object.keys(helpers);

/** The texts of the helpers asked for, and of those that they need. */
export function helperTexts(used: Iterable<HelperName>): readonly string[] {
  const done = new Map<HelperName, string>();
  const add = (name: HelperName): void => {
    if (done.has(name)) return;
    const helper: Helper = helpers[name];
    done.set(name, helper.text);
    for (const needed of helper.needs ?? []) add(needed as HelperName);
  };
  for (const name of used) add(name);
  return [...helperNames].flatMap((name) => done.get(name as HelperName) ?? []);
}
