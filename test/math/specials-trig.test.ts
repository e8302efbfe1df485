/**
 * Trigonometric functions, their inverses, cbrt and hypot: special values as JavaScript's own `Math` gives them, and values
 * from MPFR where the arithmetic is hardest: next to multiples of π/2, where two ways of computing meet, at the ends of the range.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as library from "../../kernels/math/index.ts";

type Unary = "acos" | "asin" | "atan" | "cbrt" | "cos" | "sin" | "tan";
type Binary = "atan2" | "hypot";

const unary: Readonly<Record<Unary | `${Unary}f`, (x: number) => number>> = library;
const binary: Readonly<Record<Binary | `${Binary}f`, (x: number, y: number) => number>> = library;
const { MAX_VALUE, MIN_VALUE, EPSILON } = Number;
const MAX_F32 = 3.4028234663852886e38;
const MIN_F32 = 2 ** -149;

const text = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** `actual` is `expected`, where NaN is NaN and -0 is not 0. */
function same(actual: number, expected: number, call: string): void {
  assert.ok(Object.is(actual, expected), `${call} is ${text(actual)}, not ${text(expected)}`);
}

const bits = new BigInt64Array(1);
const float = new Float64Array(bits.buffer);
const bitsOf = (x: number): bigint => {
  float[0] = x;
  return bits[0]!;
};

/** `actual` is `rounded`, the correctly rounded value, or a float next to it. */
function close(actual: number, rounded: number, call: string): void {
  const apart = bitsOf(actual) - bitsOf(rounded);
  assert.ok(apart >= -1n && apart <= 1n, `${call} is ${text(actual)}, not ${text(rounded)}`);
}

/** Arguments whose results are special or exact, or where a float is its own sine, tangent and so on. */
const specials: Readonly<Record<Unary, readonly number[]>> = {
  sin: [0, -0, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, 2 ** -1022, 1e-9, -1e-9],
  cos: [0, -0, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, 1e-9],
  tan: [0, -0, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, 2 ** -1022, 1e-9, -1e-9],
  asin: [0, -0, 1, -1, 1 + EPSILON, -1 - EPSILON, 2, MAX_VALUE, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, 1e-9],
  acos: [0, -0, 1, -1, 1 + EPSILON, -1 - EPSILON, 2, MAX_VALUE, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, 1e-17],
  atan: [0, -0, 1, -1, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, MAX_VALUE, -MAX_VALUE, 1e17, 1e-9],
  cbrt: [0, -0, 1, -1, 8, -27, 0.125, 2 ** 300, -(2 ** -900), 2 ** -1074, Infinity, -Infinity, NaN],
};

test("special values of one argument are JavaScript's", () => {
  for (const name of Object.keys(specials) as Unary[]) {
    for (const x of specials[name]) {
      same(unary[name](x), Math[name](x), `${name}(${text(x)})`);
      const f = Math.fround(x);
      same(unary[`${name}f`](f), Math.fround(Math[name](f)), `${name}f(${text(f)})`);
    }
  }
});

test("special values of two arguments are JavaScript's", () => {
  const edges = [0, -0, Infinity, -Infinity, NaN];
  for (const name of ["atan2", "hypot"] as const) {
    for (const x of [...edges, 3, -3]) {
      for (const y of [...edges, ...(name === "atan2" ? [3, -3] : [4, -4])]) {
        const expected = Math[name](x, y);
        same(binary[name](x, y), expected, `${name}(${text(x)}, ${text(y)})`);
        same(binary[`${name}f`](x, y), Math.fround(expected), `${name}f(${text(x)}, ${text(y)})`);
      }
    }
  }
});

test("atan2: quotients past the ends of the range", () => {
  same(library.atan2(MIN_VALUE, MAX_VALUE), 0, "atan2(min, max)");
  same(library.atan2(-MIN_VALUE, MAX_VALUE), -0, "atan2(-min, max)");
  same(library.atan2(MIN_VALUE, -MAX_VALUE), Math.PI, "atan2(min, -max)");
  same(library.atan2(MAX_VALUE, MIN_VALUE), Math.PI / 2, "atan2(max, min)");
  same(library.atan2(-MAX_VALUE, -MIN_VALUE), -Math.PI / 2, "atan2(-max, -min)");
  same(library.atan2(MIN_VALUE, MIN_VALUE), Math.PI / 4, "atan2(min, min)");
  same(library.atan2(MAX_VALUE, -MAX_VALUE), (3 * Math.PI) / 4, "atan2(max, -max)");
  same(library.atan2(MAX_VALUE, Infinity), 0, "atan2(max, ∞)");
  same(library.atan2f(MIN_F32, MAX_F32), 0, "atan2f(min, max)");
  same(library.atan2f(-MIN_F32, MAX_F32), -0, "atan2f(-min, max)");
  same(library.atan2f(2 ** -149, 4), 0, "atan2f(min, 4)");
});

test("hypot: past the ends of the range", () => {
  same(library.hypot(MAX_VALUE, MAX_VALUE), Infinity, "hypot(max, max)");
  same(library.hypot(MAX_VALUE, 1), MAX_VALUE, "hypot(max, 1)");
  same(library.hypot(MIN_VALUE, 0), MIN_VALUE, "hypot(min, 0)");
  same(library.hypot(3 * MIN_VALUE, -4 * MIN_VALUE), 5 * MIN_VALUE, "hypot(3 min, -4 min)");
  same(library.hypot(3 * 2 ** 1020, 4 * 2 ** 1020), 5 * 2 ** 1020, "hypot(3, 4) · 2^1020");
  same(library.hypot(3 * 2 ** -600, 4 * 2 ** -600), 5 * 2 ** -600, "hypot(3, 4) · 2^-600");
  same(library.hypotf(MAX_F32, MAX_F32), Infinity, "hypotf(max, max)");
  same(library.hypotf(3 * MIN_F32, 4 * MIN_F32), 5 * MIN_F32, "hypotf(3 min, 4 min)");
});

/** x with its sine, cosine and tangent. The first six are the closest that floats come to odd and even multiples of π/2. */
const angles: readonly (readonly [x: number, sin: number, cos: number, tan: number])[] = [
  [6381956970095103 * 2 ** 797, 1, -4.687165924254628e-19, -2.133485385753704e18],
  [6411027962775774 * 2 ** -47, 1, -6.189806365883577e-19, -1.6155594228467482e18],
  [6381956970095103 * 2 ** 798, -9.374331848509255e-19, -1, 9.374331848509255e-19],
  [6411027962775774 * 2 ** -46, -1.2379612731767154e-18, -1, 1.2379612731767154e-18],
  [7763785107565477 * 2 ** -29, -1, -1.6985038298986004e-18, 5.88753456069451e17],
  [5916243447979695 * 2 ** 79, -1, -1.8208566377382172e-18, 5.4919205569206874e17],
  [Math.PI, 1.2246467991473532e-16, -1, -1.2246467991473532e-16],
  [Math.PI / 2, 1, 6.123233995736766e-17, 1.633123935319537e16],
  [(3 * Math.PI) / 4, Math.SQRT1_2, -0.7071067811865475, -1.0000000000000002],
  [0.7853981633974483, 0.7071067811865475, Math.SQRT1_2, 0.9999999999999999],
  [1, 0.8414709848078965, 0.5403023058681398, 1.5574077246549023],
  [355, -3.014435335948845e-5, -0.999999999545659, 3.0144353373184265e-5],
  [-1e6, 0.34999350217129294, 0.9367521275331447, 0.373624453987599],
  [2 ** 20, 0.3304931400217347, 0.943808393901312, 0.350169740126609],
  [2 ** 20 * (1 + EPSILON), 0.3304931402414822, 0.9438083938243631, 0.3501697403879891],
  [1e22, -0.8522008497671888, 0.523214785395139, -1.6287782256068988],
  [2 ** 120, 0.377820109360752, -0.9258790228548379, -0.40806638884180424],
  [MAX_VALUE, 0.004961954789184062, -0.9999876894265599, -0.004962015874444895],
];

test("sin, cos and tan: from next to multiples of π/2 to the largest floats", () => {
  for (const [x, sin, cos, tan] of angles) {
    close(library.sin(x), sin, `sin(${x})`);
    close(library.cos(x), cos, `cos(${x})`);
    close(library.tan(x), tan, `tan(${x})`);
  }
});

/** The same in f32; the powers of two are where the windows into 2/π meet. */
const singleAngles: readonly (readonly [x: number, sin: number, cos: number, tan: number])[] = [
  [16367173 * 2 ** 72, 1, -1.6147697623480894e-9, -619283328],
  [10741887 * 2 ** 11, 1, -2.0126460498204324e-9, -496858368],
  [16367173 * 2 ** 73, -3.229539524696179e-9, -1, 3.229539524696179e-9],
  [16573937 * 2 ** -16, 1, -4.185706892201324e-9, -238908272],
  [10057457 * 2 ** 62, 1, -6.467856916714254e-9, -154610720],
  [11617958 * 2 ** 17, -1, -6.9163599292210165e-9, 144584736],
  [2 ** 46, 0.9994730353355408, -0.03245947137475014, -30.791414260864258],
  [2 ** 67, -0.18768586218357086, 0.9822291135787964, -0.19108155369758606],
  [2 ** 88, -0.2787681519985199, 0.9603584408760071, -0.29027509689331055],
  [2 ** 109, -0.8165913820266724, -0.5772161483764648, 1.4147063493728638],
  [MAX_F32, -0.5218765139579773, 0.8530210256576538, -0.6117979288101196],
  [-100, 0.5063656568527222, 0.8623188734054565, 0.587213933467865],
  [355, -3.0144354241201654e-5, -1, 3.0144354241201654e-5],
  [1, 0.8414709568023682, 0.5403022766113281, 1.5574077367782593],
  [Math.fround(Math.PI), -8.742277657347586e-8, -1, 8.742277657347586e-8],
  [Math.fround(Math.PI / 2), 1, -4.371138828673793e-8, -22877332],
];

test("sinf, cosf and tanf: correctly rounded there too", () => {
  for (const [x, sin, cos, tan] of singleAngles) {
    same(Math.fround(x), x, "the argument");
    same(library.sinf(x), sin, `sinf(${x})`);
    same(library.cosf(x), cos, `cosf(${x})`);
    same(library.tanf(x), tan, `tanf(${x})`);
  }
});

const values: readonly (readonly [name: Unary, x: number, value: number])[] = [
  ["asin", 1e-8, 1e-8],
  ["asin", 0.3, 0.3046926540153975],
  ["asin", 0.5, 0.5235987755982989],
  ["asin", 0.5000000000000001, 0.523598775598299],
  ["asin", 0.7, 0.775397496610753],
  ["asin", 0.99, 1.4292568534704693],
  ["asin", 0.9999999999999999, 1.5707963118937354],
  ["asin", -0.75, -0.848062078981481],
  ["acos", 0.3, 1.2661036727794992],
  ["acos", 0.5, 1.0471975511965979],
  ["acos", 0.5000000000000001, 1.0471975511965976],
  ["acos", 0.99, 0.1415394733244273],
  ["acos", 0.9999999999999999, 1.4901161193847656e-8],
  ["acos", -0.5000000000000001, 2.0943951023931957],
  ["acos", -0.9999999999999999, 3.141592638688632],
  ["atan", 0.4375, 0.4124104415973873],
  ["atan", 0.6875, 0.6022873461349642],
  ["atan", 1.1875, 0.870903457075653],
  ["atan", 2.4375, 1.1814796049617557],
  ["atan", -1e10, -1.5707963266948965],
  ["cbrt", 2, 1.2599210498948732],
  ["cbrt", -9, -2.080083823051904],
  ["cbrt", 0.1, 0.4641588833612779],
  ["cbrt", MIN_VALUE, 1.7031839360032603e-108],
  ["cbrt", 2.2e-308, 2.8020393306553873e-103],
  ["cbrt", MAX_VALUE, 5.643803094122362e102],
];

const pairs: readonly (readonly [name: Binary, x: number, y: number, value: number])[] = [
  ["atan2", 1, 2, 0.4636476090008061],
  ["atan2", -3, -1, -1.892546881191539],
  ["atan2", 1e-300, -1e-300, 2.356194490192345],
  ["atan2", 5e-324, 1e-323, 0.4636476090008061],
  ["atan2", 3.502980754478355e-309, 7.179163917617698e-56, 4.879371462576617e-254],
  ["atan2", 1e-310, 1, 1e-310],
  ["atan2", 2.5e-308, 4, 6.25e-309],
  ["atan2", 1e308, -1e-308, 1.5707963267948966],
  ["hypot", 1e308, 1e308, 1.4142135623730951e308],
  ["hypot", 1e-310, 3e-310, 3.1622776601684e-310],
  ["hypot", 1, 1e-8, 1],
  ["hypot", 1e200, 1e-200, 1e200],
  ["hypot", 0.7, 0.9, 1.140175425099138],
  ["hypot", 3e-160, 5e-160, 5.8309518948453e-160],
];

test("inverses, cbrt and hypot: where the computation changes, and at the ends of the range", () => {
  for (const [name, x, value] of values) close(unary[name](x), value, `${name}(${x})`);
  for (const [name, x, y, value] of pairs) close(binary[name](x, y), value, `${name}(${x}, ${y})`);
});

test("cubes of integers have whole roots, Pythagorean triples whole lengths", () => {
  for (let k = 1; k <= 2000; k++) {
    same(library.cbrt(k * k * k), k, `cbrt(${k}³)`);
    same(library.cbrt(-k * k * k), -k, `cbrt(-${k}³)`);
    if (k <= 256) same(library.cbrtf(k * k * k), k, `cbrtf(${k}³)`);
    same(library.hypot(2 * k + 1, 2 * k * (k + 1)), 2 * k * (k + 1) + 1, `hypot(${2 * k + 1}, …)`);
  }
});

test("odd functions are odd, even ones even, to the bit", () => {
  for (let k = -300; k <= 300; k++) {
    const x = 1.2345678901234567 * 10 ** k;
    for (const name of ["sin", "tan", "atan", "cbrt", "asin"] as const) {
      same(unary[name](-x), -unary[name](x), `${name}(${-x})`);
      const f = Math.fround(x);
      same(unary[`${name}f`](-f), -unary[`${name}f`](f), `${name}f(${-f})`);
    }
    same(library.cos(-x), library.cos(x), `cos(${-x})`);
    same(library.hypot(x, -3 * x), library.hypot(3 * x, x), `hypot(${x}, …)`);
  }
});

test.run();
