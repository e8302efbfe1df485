/**
 * Exponentials, logarithms, powers and hyperbolic functions: special values as JavaScript's own `Math` gives them, results that are
 * exact, values at the ends of the range (from MPFR), and what neighbouring arguments and signs owe each other.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as library from "../../kernels/math/index.ts";

type Unary = (x: number) => number;
type UnaryName =
  | "acosh"
  | "asinh"
  | "atanh"
  | "cosh"
  | "exp"
  | "expm1"
  | "log"
  | "log10"
  | "log1p"
  | "log2"
  | "sinh"
  | "tanh";

const math: Readonly<Record<UnaryName | `${UnaryName}f`, Unary>> = library;
const { pow, powf } = library;
const { MAX_VALUE, MIN_VALUE } = Number;
const text = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** `actual` is `expected`, where NaN is NaN and -0 is not 0. */
function same(actual: number, expected: number, call: string): void {
  assert.ok(Object.is(actual, expected), `${call} is ${text(actual)}, not ${text(expected)}`);
}

/** Arguments whose results are zero, infinite, NaN or a small integer. */
const specials: Readonly<Record<UnaryName, readonly number[]>> = {
  exp: [0, -0, Infinity, -Infinity, NaN, 710, 1e300, MAX_VALUE, -746, -1e300, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  expm1: [0, -0, Infinity, -Infinity, NaN, 710, MAX_VALUE, -40, -746, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  log: [0, -0, 1, Infinity, -Infinity, NaN, -1, -MIN_VALUE, -MAX_VALUE],
  log1p: [0, -0, -1, Infinity, -Infinity, NaN, -1.0000000000000002, -2, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  log2: [0, -0, 1, 2, 8, 0.5, Infinity, -Infinity, NaN, -1, -MIN_VALUE],
  log10: [0, -0, 1, 10, 1000, Infinity, -Infinity, NaN, -1, -MIN_VALUE],
  sinh: [0, -0, Infinity, -Infinity, NaN, 711, -711, MAX_VALUE, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  cosh: [0, -0, Infinity, -Infinity, NaN, 711, -711, MAX_VALUE, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  tanh: [0, -0, Infinity, -Infinity, NaN, 22, -22, 711, MAX_VALUE, -MAX_VALUE, MIN_VALUE, -MIN_VALUE],
  asinh: [0, -0, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE],
  acosh: [1, 0, -0, 0.9999999999999999, -1, Infinity, -Infinity, NaN, -MAX_VALUE],
  atanh: [0, -0, 1, -1, 1.0000000000000002, -1.0000000000000002, 2, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE],
};

const unary = Object.keys(specials) as readonly UnaryName[];

for (const name of unary) {
  test(`${name}: special values are JavaScript's`, () => {
    for (const x of specials[name]) same(math[name](x), Math[name](x), `${name}(${text(x)})`);
  });

  test(`${name}f: special values are JavaScript's, rounded`, () => {
    const f = math[`${name}f`];
    // What is not a float of 32 bits is rounded first, as an f32 argument is.
    for (const x of specials[name].map(Math.fround)) {
      same(f(x), Math.fround(Math[name](x)), `${name}f(${text(x)})`);
    }
  });
}

/** From MPFR, correctly rounded; computed ones may be the neighbours of these. */
const values: readonly (readonly [UnaryName, x: number, value: number])[] = [
  ["exp", 1, Math.E],
  ["exp", -708.5, 2.006132305331306e-308],
  ["exp", -745.1332191019411, 5e-324],
  ["exp", 709.782712893384, 1.7976931348622732e308],
  ["exp", 2 ** -53, 1.0000000000000002],
  ["expm1", 2 ** -40, 9.094947017733418e-13],
  ["expm1", 0.5, 0.6487212707001282],
  ["expm1", 709.782712893384, 1.7976931348622732e308],
  ["log", MIN_VALUE, -744.4400719213812],
  ["log", MAX_VALUE, 709.782712893384],
  ["log", 0.9999999999999999, -1.1102230246251565e-16],
  ["log", 1.0000000000000002, 2.2204460492503128e-16],
  ["log1p", 1e-300, 1e-300],
  ["log1p", -0.9999999999999999, -36.7368005696771],
  ["log1p", 2 ** -30, 9.313225741817976e-10],
  ["log2", 1.0000000000000002, 3.203426503814917e-16],
  ["log2", 3, 1.584962500721156],
  ["log10", MIN_VALUE, -323.3062153431158],
  ["log10", 2, 0.3010299956639812],
  ["log10", 0.9999999999999999, -4.821637332766436e-17],
  ["sinh", 2 ** -28, 3.725290298461914e-9],
  ["sinh", 710.4758600739439, 1.7976931348621744e308],
  ["sinh", 22, 1792456423.065796],
  ["cosh", 710.4758600739439, 1.7976931348621744e308],
  ["cosh", 0.5, 1.1276259652063807],
  ["tanh", 2 ** -20, 9.536743164059608e-7],
  ["tanh", 19, 0.9999999999999999],
  ["tanh", 0.5, 0.46211715726000974],
  ["asinh", 2 ** -20, 9.536743164061055e-7],
  ["asinh", 1e300, 691.4686750787737],
  ["asinh", 0.5, 0.48121182505960347],
  ["acosh", 1.0000000000000002, 2.1073424255447014e-8],
  ["acosh", 1.5, 0.9624236501192069],
  ["acosh", MAX_VALUE, 710.475860073944],
  ["atanh", 0.9999999999999999, 18.714973875118524],
  ["atanh", 2 ** -30, 9.313225746154785e-10],
  ["atanh", 0.5, 0.5493061443340549],
];

const bits = new BigInt64Array(1);
const float = new Float64Array(bits.buffer);
/** The float that lies `steps` floats above a positive one. */
function step(x: number, steps: number): number {
  float[0] = x;
  bits[0] = (bits[0] as bigint) + BigInt(steps);
  return float[0] as number;
}
const distance = (a: number, b: number): number => {
  float[0] = Math.abs(a);
  const first = bits[0] as bigint;
  float[0] = Math.abs(b);
  return Math.sign(a) === Math.sign(b) ? Math.abs(Number(first - (bits[0] as bigint))) : Infinity;
};

test("values at the ends of ranges and near the hard places", () => {
  for (const [name, x, value] of values) {
    const y = math[name](x);
    assert.ok(distance(y, value) <= 1, `${name}(${x}) is ${y}, not ${value}`);
  }
});

test("exp: overflow and underflow begin where they must", () => {
  assert.is(math.exp(step(709.782712893384, 1)), Infinity);
  assert.is(math.exp(-step(745.1332191019411, 1)), 0);
  assert.is(math.expm1(step(709.782712893384, 1)), Infinity);
  for (const f of [math.sinh, math.cosh]) assert.is(f(step(710.4758600739439, 1)), Infinity);
  assert.is(math.expf(88.72283172607422), Math.fround(Math.exp(88.72283172607422)));
  assert.is(math.expf(88.72283935546875), Infinity);
  assert.is(math.expf(-103.97207641601562), 2 ** -149);
  assert.is(math.expf(-103.97208404541016), 0);
  assert.is(math.coshf(89.41598510742188), Math.fround(Math.cosh(89.41598510742188)));
  assert.is(math.coshf(89.41600036621094), Infinity);
});

test("log2 is exact for every power of two, log10 for every power of ten that is a float", () => {
  for (let k = -1074; k <= 1023; k++) same(math.log2(2 ** k), k, `log2(2 ** ${k})`);
  for (let k = -149; k <= 127; k++) same(math.log2f(2 ** k), k, `log2f(2 ** ${k})`);
  for (let k = 0; k <= 22; k++) same(math.log10(Number(`1e${k}`)), k, `log10(1e${k})`);
  for (let k = 0; k <= 10; k++) same(math.log10f(10 ** k), k, `log10f(1e${k})`);
});

test("odd functions are odd, cosh is even, in every bit", () => {
  const odd = ["sinh", "tanh", "asinh", "atanh", "sinhf", "tanhf", "asinhf", "atanhf"] as const;
  for (let k = 0; k < 2000; k++) {
    const x = Math.fround(2 ** (-30 + (k * 36) / 2000));
    for (const name of odd) same(math[name](-x), -math[name](x), `${name}(${-x})`);
    for (const name of ["cosh", "coshf"] as const) same(math[name](-x), math[name](x), `${name}(${-x})`);
  }
});

/** Arguments next to which the reduction changes k, or the function its formula. */
const joints: readonly (readonly [UnaryName, readonly number[]])[] = [
  ["exp", [0.5, 1.5, 2.5, 100.5].map((k) => k * Math.LN2)],
  ["expm1", [0.5, 1.5, 2.5, 54.5, 60.5].map((k) => k * Math.LN2)],
  ["log", [Math.SQRT1_2, Math.SQRT2, 2 * Math.SQRT2, 2 ** -1022]],
  ["log1p", [Math.SQRT2 - 1, 2 * Math.SQRT2 - 1, 1, 1e30]],
  ["log2", [Math.SQRT1_2, Math.SQRT2, 2 * Math.SQRT2, 2 ** -1022]],
  ["log10", [Math.SQRT1_2, Math.SQRT2, 2 * Math.SQRT2, 2 ** -1022]],
  ["sinh", [0.5, 1.5, 2.5, 26.5, 30.5].map((k) => k * Math.LN2)],
  ["cosh", [0.5, 1.5, 2.5, 26.5, 30.5].map((k) => k * Math.LN2)],
  ["tanh", [0.5, 1.5, 2.5, 26.5, 30.5].map((k) => k * Math.LN2)],
  ["asinh", [0.35355339059327379, 1.5, 2 ** 28]],
  ["acosh", [1.0606601717798212, 1.5, 2 ** 28]],
  ["atanh", [0.17157287525380988, 0.47759225007251715, 0.5]],
];

test("nothing falls where the formula changes", () => {
  for (const [name, centres] of joints) {
    for (const centre of centres) {
      // From one float to the next the result may waver by its last bit; over 64 floats it must not.
      for (const stride of [1, 64]) {
        const ys = Array.from({ length: 400 }, (_, k) => math[name](step(centre, (k - 200) * stride)));
        for (const [k, y] of ys.slice(1).entries()) {
          const before = ys[k] as number;
          const fine = y >= before || (stride === 1 && distance(y, before) <= 1);
          assert.ok(fine, `${name} falls near ${centre}: ${before}, then ${y}`);
        }
      }
    }
  }
});

const bases = [0, -0, 1, -1, 0.5, -0.5, 2, -2, Infinity, -Infinity, NaN, MIN_VALUE, -MIN_VALUE, MAX_VALUE, -MAX_VALUE];
const exponents = [
  ...[0, -0, 1, -1, 3, -3, 2, -2, 0.5, -0.5, 1.5, -1.5, Infinity, -Infinity, NaN],
  ...[2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1 - 2 ** 53, 1e300, -1e300, MAX_VALUE, -MAX_VALUE],
];

test("pow: special values are JavaScript's", () => {
  let count = 0;
  for (const x of bases) {
    for (const y of exponents) {
      const expected = x ** y;
      // The others are for the accuracy to settle.
      if (Number.isFinite(expected) && expected !== 0 && Math.abs(expected) !== 1) continue;
      same(pow(x, y), expected, `pow(${text(x)}, ${text(y)})`);
      count++;
    }
  }
  assert.ok(count > 200, `only ${count} of these are special`);
});

test("powf: special values are JavaScript's", () => {
  for (const x of bases.map(Math.fround)) {
    for (const y of exponents.map(Math.fround)) {
      const expected = Math.fround(x ** y);
      if (Number.isFinite(expected) && expected !== 0 && Math.abs(expected) !== 1) continue;
      same(powf(x, y), expected, `powf(${text(x)}, ${text(y)})`);
    }
  }
});

test("pow: whole powers are exact where they are floats", () => {
  let count = 0;
  for (let base = 2; base <= 400; base++) {
    for (let exponent = 1, value = BigInt(base); value < 2n ** 53n; exponent++, value *= BigInt(base)) {
      same(pow(base, exponent), Number(value), `pow(${base}, ${exponent})`);
      same(pow(-base, exponent), exponent % 2 === 1 ? -Number(value) : Number(value), `pow(-${base}, ${exponent})`);
      if (value < 2n ** 24n) same(powf(base, exponent), Number(value), `powf(${base}, ${exponent})`);
      count++;
    }
  }
  assert.ok(count > 2000);
  for (let k = 0; k <= 22; k++) same(pow(10, k), Number(`1e${k}`), `pow(10, ${k})`);
  for (let k = -1074; k <= 1023; k++) same(pow(2, k), Number(`${2 ** k}`), `pow(2, ${k})`);
  for (let k = -149; k <= 127; k++) same(powf(2, k), 2 ** k, `powf(2, ${k})`);
});

test("pow: squares, square roots, the number and its inverse, in every bit", () => {
  let x = 0.7;
  for (let k = 0; k < 20000; k++) {
    x = (x * 3.9 * (1 - x)) % 1;
    const b = x * 2 ** ((k % 600) - 300);
    same(pow(b, 2), b * b, `pow(${b}, 2)`);
    same(pow(-b, 2), b * b, `pow(${-b}, 2)`);
    same(pow(b, 0.5), Math.sqrt(b), `pow(${b}, 0.5)`);
    same(pow(b, 1), b, `pow(${b}, 1)`);
    assert.ok(distance(pow(b, -1), 1 / b) <= 1, `pow(${b}, -1)`);
    const f = Math.fround(x * 2 ** ((k % 60) - 30));
    same(powf(f, 2), Math.fround(f * f), `powf(${f}, 2)`);
    same(powf(f, 0.5), Math.fround(Math.sqrt(f)), `powf(${f}, 0.5)`);
    same(powf(f, 1), f, `powf(${f}, 1)`);
  }
});

/** From MPFR: near 1 to large powers, at the ends of the range, subnormal arguments and results. */
const powers: readonly (readonly [x: number, y: number, value: number])[] = [
  [1.0000000000000002, 2 ** 60, 1.5114276650040605e111],
  [0.9999999999999999, 2 ** 60, 2.5722093726423967e-56],
  [1.0000001, 1e9, 2.6881038582144647e43],
  [0.5, 1074.3, 5e-324],
  [2, 1023.9999999999999, 1.7976931348621742e308],
  [MIN_VALUE, 0.3, 1.018908996936868e-97],
  [MAX_VALUE, -1.02, 3.80355875e-315],
  [-1.5, 7, -17.0859375],
  [-2.5, -301, -1.6598062275523973e-120],
  [10, -320, 1e-320],
  [1.1, 7000, 5.607846372419733e289],
  [0.1, 3, 0.0010000000000000002],
  [9.3, 0.3333333333333333, 2.1029437174614203],
];

test("pow: values at the ends of its range and near 1", () => {
  for (const [x, y, value] of powers) {
    const z = pow(x, y);
    assert.ok(distance(z, value) <= 1, `pow(${x}, ${y}) is ${z}, not ${value}`);
  }
});

test("f32: results are of the type, rounded as the f64 functions' are", () => {
  let x = 0.3;
  for (const name of unary) {
    const f = math[`${name}f`];
    let different = 0;
    for (let k = 0; k < 4000; k++) {
      x = (x * 3.9 * (1 - x)) % 1;
      const at = Math.fround(
        name === "acosh" ? 1 + 50 * x : name === "atanh" ? x : (name.startsWith("log") ? 9 : 40 * (x - 0.5)) * x,
      );
      const y = f(at);
      same(y, Math.fround(y), `${name}f(${at})`);
      if (!Object.is(y, Math.fround(math[name](at)))) different++;
    }
    assert.ok(different <= 2, `${name}f differs from the rounded ${name} at ${different} of 4000 points`);
  }
});

test.run();
