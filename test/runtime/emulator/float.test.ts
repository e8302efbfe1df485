/** Floats in the PTX emulator: arithmetic in all rounding modes, fused multiply-add against exact fractions, NaN and signs of zero. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fma32, fma64 } from "../../../runtime/emulator/helpers.ts";
import { checkByPtxas, evaluate, table } from "./ptx.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** A finite number as a fraction over a power of two: `n / 2^1074`. */
function scaled(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & (2n ** 52n - 1n);
  const magnitude = exponent === 0 ? fraction : (fraction + 2n ** 52n) << BigInt(exponent - 1);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** The neighbours of a finite number of a format, as fractions; past the largest, what the next one would be. */
function neighbours(x: number, bits: 32 | 64): readonly [bigint, bigint] {
  const unit = (m: bigint): bigint => {
    const digits = bits === 64 ? 53 : 24;
    const least = bits === 64 ? 0 : 1074 - 149;
    return 1n << BigInt(Math.max(least, m.toString(2).length - digits));
  };
  const n = scaled(x);
  const m = n < 0n ? -n : n;
  const up = m + unit(m);
  // Below a power of two the numbers are closer.
  const down = m === 0n ? -unit(0n) : m - unit(m - 1n > 0n ? m - 1n : 0n);
  return n < 0n ? [-up, -down] : [down, up];
}

/** Whether `x` is the exact value `n / 2^2148`, rounded to nearest with ties to even. */
function isNearest(x: number, n: bigint, bits: 32 | 64): boolean {
  const wide = (y: bigint): bigint => y << 1074n;
  const distance = (y: bigint): bigint => (wide(y) > n ? wide(y) - n : n - wide(y));
  const most = bits === 64 ? Number.MAX_VALUE : 2 ** 128 - 2 ** 104;
  if (!Number.isFinite(x)) {
    // Beyond half a unit past the largest number.
    const [, past] = neighbours(most, bits);
    const half = wide(scaled(most)) + ((wide(past) - wide(scaled(most))) >> 1n);
    return x > 0 ? n >= half : n <= -half;
  }
  const [down, up] = neighbours(x, bits);
  const own = distance(scaled(x));
  if (own > distance(down) || own > distance(up)) return false;
  const tie = own !== 0n && (own === distance(down) || own === distance(up));
  const unit = up - scaled(x) < scaled(x) - down ? up - scaled(x) : scaled(x) - down;
  return !tie || (scaled(x) / unit) % 2n === 0n;
}

let state = 12345;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Any number of a format, all exponents alike; a third of them close to `near`. */
function anyNumber(bits: 32 | 64, near?: number): number {
  const view = new DataView(new ArrayBuffer(8));
  if (near !== undefined && random() < 0.33) {
    const wiggled =
      near * (1 + (random() - 0.5) * 2 ** -Math.floor(random() * 60)) * 2 ** Math.floor((random() - 0.5) * 60);
    return bits === 32 ? Math.fround(wiggled) : wiggled;
  }
  if (bits === 32) {
    view.setUint32(0, Math.floor(random() * 2 ** 32));
    return view.getFloat32(0);
  }
  view.setUint32(0, Math.floor(random() * 2 ** 32));
  view.setUint32(4, random() < 0.3 ? Math.floor(random() * 4) : Math.floor(random() * 2 ** 32));
  return view.getFloat64(0);
}

for (const bits of [64, 32] as const) {
  const fma = bits === 64 ? fma64 : fma32;
  test(`fma of f${bits} is the exact value, rounded once`, () => {
    let subnormal = 0;
    let checked = 0;
    for (let k = 0; k < 12000; k++) {
      const a = anyNumber(bits);
      const b = k % 2 === 0 ? anyNumber(bits) : anyNumber(bits, 1 / a);
      // Often close to the product, so that much cancels; often tiny, so that it decides ties.
      const c = anyNumber(bits, -a * b);
      if (![a, b, c].every(Number.isFinite)) continue;
      const x = fma(a, b, c);
      const exact = scaled(a) * scaled(b) + (scaled(c) << 1074n);
      assert.ok(isNearest(x, exact, bits), `fma(${a}, ${b}, ${c}) is not ${x}`);
      checked++;
      if (x !== 0 && Math.abs(x) < (bits === 64 ? 2 ** -1022 : 2 ** -126)) subnormal++;
    }
    assert.ok(checked > 9000);
    assert.ok(subnormal > 20, `only ${subnormal} results were subnormal`);
  });

  test(`fma of f${bits}: ties, signs of zero, infinities`, () => {
    const e = bits === 64 ? 2 ** -52 : 2 ** -23;
    const most = bits === 64 ? Number.MAX_VALUE : 2 ** 128 - 2 ** 104;
    const type = `f${bits}`;
    table(`fma.rn.${type} $d, $0, $1, $2;`, [type, type, type], type, [
      [1 + e, 1 + e, -(1 + 2 * e), e * e],
      [1 + e, 1, e / 2, 1 + 2 * e],
      [1, 1, e / 2, 1],
      [-0, 0, -0, -0],
      [-0, 0, 0, 0],
      [1, 1, -1, 0],
      [most, 2, -most, most],
      [most, most, -inf, -inf],
      [inf, 0, 1, nan],
      [inf, 1, -inf, nan],
      [1, 2, nan, nan],
      [1, 0, -0, 0],
      [-1, bits === 64 ? 5e-324 : 2 ** -149, 0, bits === 64 ? -5e-324 : -(2 ** -149)],
    ]);
  });
}

test("sums, products, quotients and roots are rounded to nearest", () => {
  const f32 = ["f32", "f32"];
  table("add.rn.f32 $d, $0, $1;", f32, "f32", [
    [1, 2 ** -24, 1],
    [1 + 2 ** -23, 2 ** -24, 1 + 2 ** -22],
    [1, -1, 0],
    [-0, -0, -0],
  ]);
  table("add.f64 $d, $0, $1;", ["f64", "f64"], "f64", [
    [0.1, 0.2, 0.1 + 0.2],
    [inf, -inf, nan],
  ]);
  table("sub.rn.f64 $d, $0, $1;", ["f64", "f64"], "f64", [[1, 1e-16, 1 - 1e-16]]);
  table("mul.rn.f32 $d, $0, $1;", f32, "f32", [
    [Math.fround(0.1), 3, Math.fround(Math.fround(0.1) * 3)],
    [-1, 0, -0],
    [2 ** -149, 0.5, 0],
  ]);
  table("div.rn.f32 $d, $0, $1;", f32, "f32", [
    [1, 3, Math.fround(1 / 3)],
    [1, -0, -inf],
    [0, 0, nan],
    [2 ** -149, 2, 0],
  ]);
  table("div.rn.f64 $d, $0, $1;", ["f64", "f64"], "f64", [[1, 3, 1 / 3]]);
  table("sqrt.rn.f64 $d, $0;", ["f64"], "f64", [
    [2, Math.SQRT2],
    [-0, -0],
    [-1, nan],
  ]);
  table("rcp.rn.f32 $d, $0;", ["f32"], "f32", [
    [3, Math.fround(1 / 3)],
    [-0, -inf],
  ]);
  table("mad.rn.f32 $d, $0, $1, $2;", ["f32", "f32", "f32"], "f32", [
    [1 + 2 ** -23, 1 + 2 ** -23, -(1 + 2 ** -22), 2 ** -46],
  ]);
});

test("the other rounding modes", () => {
  const e = 2 ** -23;
  const ins = ["f32", "f32"];
  for (const [mode, up, down] of [
    ["rz", 1, -1],
    ["rm", 1, -1 - e],
    ["rp", 1 + e, -1],
  ] as const) {
    table(`add.${mode}.f32 $d, $0, $1;`, ins, "f32", [
      [1, e / 4, up],
      [-1, -e / 4, down],
      [1, -1, mode === "rm" ? -0 : 0],
    ]);
    table(`fma.${mode}.f64 $d, $0, $1, $2;`, ["f64", "f64", "f64"], "f64", [
      [1, 1, 2 ** -80, mode === "rp" ? 1 + 2 ** -52 : 1],
    ]);
  }
  table("mul.rz.f64 $d, $0, $1;", ["f64", "f64"], "f64", [
    [Number.MAX_VALUE, 2, Number.MAX_VALUE],
    [-0, 3, -0],
    [0, 3, 0],
  ]);
  table("mul.rp.f32 $d, $0, $1;", ins, "f32", [
    [2 ** -149, 2 ** -149, 2 ** -149],
    [-(2 ** -149), 2 ** -149, -0],
  ]);
  table("div.rp.f32 $d, $0, $1;", ins, "f32", [
    [1, 3, 11184811 * 2 ** -25],
    [-1, 3, -11184810 * 2 ** -25],
  ]);
  table("div.rm.f32 $d, $0, $1;", ins, "f32", [[1, 3, 11184810 * 2 ** -25]]);
  table("sqrt.rp.f32 $d, $0;", ["f32"], "f32", [
    [2, 11863284 * 2 ** -23],
    [4, 2],
  ]);
  table("sqrt.rm.f32 $d, $0;", ["f32"], "f32", [[2, 11863283 * 2 ** -23]]);
  table("rcp.rz.f64 $d, $0;", ["f64"], "f64", [[3, 0.3333333333333333]]);
  table("sub.rm.f64 $d, $0, $1;", ["f64", "f64"], "f64", [
    [1, 1, -0],
    [1, 2 ** -80, 1 - 2 ** -53],
  ]);
});

test("the helpers of directed rounding agree with the machine where nothing is rounded away", () => {
  // Every mode is within one unit of the nearest, and on its own side of the exact value.
  const rows = Array.from({ length: 64 }, () => [1 + random(), 1 + random()]);
  for (const op of ["add", "sub", "mul", "div"]) {
    const by = (mode: string) => evaluate(`${op}.${mode}.f64 $d, $0, $1;`, ["f64", "f64"], "f64", rows) as number[];
    const [nearest, down, up, zero] = [by("rn"), by("rm"), by("rp"), by("rz")];
    for (const [k] of rows.entries()) {
      const [n, d, u] = [nearest[k]!, down[k]!, up[k]!];
      assert.ok(d <= n && n <= u && (n === d || n === u), `${op} ${rows[k]}`);
      assert.ok(u - d <= Math.abs(n) * 2 ** -51);
      assert.is(zero[k], n < 0 ? u : d);
    }
  }
});

test("min and max skip NaN and know the zeros apart", () => {
  for (const type of ["f32", "f64"]) {
    table(`min.${type} $d, $0, $1;`, [type, type], type, [
      [1, nan, 1],
      [nan, 2, 2],
      [nan, nan, nan],
      [0, -0, -0],
      [-0, 0, -0],
      [1, 2, 1],
    ]);
    table(`max.${type} $d, $0, $1;`, [type, type], type, [
      [1, nan, 1],
      [nan, 2, 2],
      [0, -0, 0],
      [-0, 0, 0],
      [1, 2, 2],
    ]);
  }
  table("min.NaN.f32 $d, $0, $1;", ["f32", "f32"], "f32", [
    [1, nan, nan],
    [1, 2, 1],
  ]);
});

test("signs", () => {
  table("neg.f64 $d, $0;", ["f64"], "f64", [
    [0, -0],
    [-3, 3],
    [-inf, inf],
  ]);
  table("abs.f32 $d, $0;", ["f32"], "f32", [
    [-0, 0],
    [-3, 3],
  ]);
  table("copysign.f64 $d, $0, $1;", ["f64", "f64"], "f64", [
    [-0, 3, -3],
    [1, -3, 3],
  ]);
});

test("saturation is into 0 to 1, and NaN is 0", () => {
  table("add.rn.sat.f32 $d, $0, $1;", ["f32", "f32"], "f32", [
    [1, 1, 1],
    [-1, 0, 0],
    [0.25, 0.25, 0.5],
    [nan, 0, 0],
    [-0, -0, 0],
  ]);
  table("fma.rn.sat.f32 $d, $0, $1, $2;", ["f32", "f32", "f32"], "f32", [[2, 2, 2, 1]]);
});

test("comparisons with NaN", () => {
  const code = (op: string): string => `setp.${op}.f64 %p1, $0, $1; selp.u32 $d, 1, 0, %p1;`;
  const rows = [
    [1, 2],
    [2, 1],
    [1, 1],
    [nan, 1],
    [1, nan],
    [0, -0],
  ];
  const expected: Readonly<Record<string, readonly number[]>> = {
    eq: [0, 0, 1, 0, 0, 1],
    ne: [1, 1, 0, 0, 0, 0],
    lt: [1, 0, 0, 0, 0, 0],
    le: [1, 0, 1, 0, 0, 1],
    gt: [0, 1, 0, 0, 0, 0],
    ge: [0, 1, 1, 0, 0, 1],
    equ: [0, 0, 1, 1, 1, 1],
    neu: [1, 1, 0, 1, 1, 0],
    ltu: [1, 0, 0, 1, 1, 0],
    leu: [1, 0, 1, 1, 1, 1],
    gtu: [0, 1, 0, 1, 1, 0],
    geu: [0, 1, 1, 1, 1, 1],
    num: [1, 1, 1, 0, 0, 1],
    nan: [0, 0, 0, 1, 1, 0],
  };
  for (const [op, results] of Object.entries(expected)) {
    table(
      code(op),
      ["f64", "f64"],
      "u32",
      rows.map((row, k) => [...row, BigInt(results[k]!)]),
    );
    table(
      code(op).replace("f64", "f32"),
      ["f32", "f32"],
      "u32",
      rows.map((row, k) => [...row, BigInt(results[k]!)]),
    );
  }
  table("set.lt.f32.f32 $d, $0, $1;", ["f32", "f32"], "f32", [
    [1, 2, 1],
    [nan, 1, 0],
  ]);
  table("slct.f32.f32 $d, $0, $1, $2;", ["f32", "f32", "f32"], "f32", [
    [1, 2, -0, 1],
    [1, 2, nan, 2],
    [1, 2, -1, 2],
  ]);
  table("setp.lt.f32 %p1, $0, 0f3F800000; selp.f64 $d, 0d4000000000000000, 0dBFF0000000000000, %p1;", ["f32"], "f64", [
    [0.5, 2],
    [1, -1],
  ]);
});

test("what a float is", () => {
  const values = [0, 1, inf, nan, 2 ** -140, 2 ** -126];
  for (const [property, expected] of [
    ["finite", [1, 1, 0, 0, 1, 1]],
    ["infinite", [0, 0, 1, 0, 0, 0]],
    ["number", [1, 1, 1, 0, 1, 1]],
    ["notanumber", [0, 0, 0, 1, 0, 0]],
    ["normal", [0, 1, 0, 0, 0, 1]],
    ["subnormal", [0, 0, 0, 0, 1, 0]],
  ] as const) {
    table(
      `testp.${property}.f32 %p1, $0; selp.u32 $d, 1, 0, %p1;`,
      ["f32"],
      "u32",
      values.map((x, k) => [x, BigInt(expected[k]!)]),
    );
  }
  table("testp.subnormal.f64 %p1, $0; selp.u32 $d, 1, 0, %p1;", ["f64"], "u32", [
    [5e-324, 1n],
    [1, 0n],
    [2 ** -1022, 0n],
  ]);
});

test("bits move between registers unchanged", () => {
  table("mov.b64 $d, $0;", ["f64"], "u64", [
    [1, 0x3ff0000000000000n],
    [-0, 1n << 63n],
  ]);
  table("mov.b32 $d, $0;", ["u32"], "f32", [[0x3f800000n, 1]]);
  table("mov.b32 %f1, $0; mov.b32 $d, %f1;", ["u32"], "u32", [[0xffc12345n, 0xffc12345n]]);
});

checkByPtxas("float");
test.run();
