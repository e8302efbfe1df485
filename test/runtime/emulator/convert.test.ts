/** `cvt` in the PTX emulator: between all pairs of types, with rounding at halves, saturation and NaN. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkByPtxas, evaluate, table } from "./ptx.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test("floats round to whole numbers as told", () => {
  const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75];
  for (const [mode, expected] of [
    ["rni", [-2, -2, -0, 0, 2, 2, 3]],
    ["rzi", [-2, -1, -0, 0, 1, 2, 2]],
    ["rmi", [-3, -2, -1, 0, 1, 2, 2]],
    ["rpi", [-2, -1, -0, 1, 2, 3, 3]],
  ] as const) {
    for (const type of ["f32", "f64"]) {
      table(
        `cvt.${mode}.s32.${type} $d, $0;`,
        [type],
        "s32",
        halves.map((x, k) => [x, BigInt(expected[k]!)]),
      );
      table(
        `cvt.${mode}.s64.${type} $d, $0;`,
        [type],
        "s64",
        halves.map((x, k) => [x, BigInt(expected[k]!)]),
      );
      table(
        `cvt.${mode}.${type}.${type} $d, $0;`,
        [type],
        type,
        halves.map((x, k) => [x, expected[k]!]),
      );
    }
  }
});

test("floats beyond an integer type give its ends", () => {
  for (const type of ["f32", "f64"]) {
    for (const to of ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"]) {
      const bits = BigInt(to.slice(1));
      const [least, most] = to[0] === "s" ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
      const out = bits === 8n ? (to[0] === "s" ? "s16" : "u16") : to;
      table(`cvt.rzi.${to}.${type} $d, $0;`, [type], out, [
        [inf, most],
        [-inf, least],
        [1e30, most],
        [-1e30, least],
        [100, 100n],
        [-1, to[0] === "s" ? -1n : 0n],
      ]);
    }
  }
});

test("NaN gives 0, but the top bit alone where 64 bits are involved", () => {
  table("cvt.rzi.s32.f32 $d, $0;", ["f32"], "s32", [[nan, 0n]]);
  table("cvt.rzi.u16.f32 $d, $0;", ["f32"], "u16", [[nan, 0n]]);
  table("cvt.rzi.s32.f64 $d, $0;", ["f64"], "s32", [[nan, -(2n ** 31n)]]);
  table("cvt.rzi.u32.f64 $d, $0;", ["f64"], "u32", [[nan, 2n ** 31n]]);
  table("cvt.rzi.s64.f32 $d, $0;", ["f32"], "s64", [[nan, -(2n ** 63n)]]);
  table("cvt.rzi.u64.f64 $d, $0;", ["f64"], "u64", [[nan, 2n ** 63n]]);
});

test("integers become floats, rounded as told", () => {
  const big = 2n ** 24n + 1n;
  table("cvt.rn.f32.s32 $d, $0;", ["s32"], "f32", [
    [big, 2 ** 24],
    [big + 2n, 2 ** 24 + 4],
    [-big, -(2 ** 24)],
  ]);
  table("cvt.rz.f32.u32 $d, $0;", ["u32"], "f32", [[0xffffffffn, 2 ** 32 - 2 ** 8]]);
  table("cvt.rp.f32.s32 $d, $0;", ["s32"], "f32", [
    [big, 2 ** 24 + 2],
    [-big, -(2 ** 24)],
  ]);
  table("cvt.rm.f32.s64 $d, $0;", ["s64"], "f32", [
    [-big, -(2 ** 24) - 2],
    [0n, 0],
  ]);
  table("cvt.rn.f64.s64 $d, $0;", ["s64"], "f64", [
    [2n ** 53n + 1n, 2 ** 53],
    [-1n, -1],
  ]);
  table("cvt.rn.f64.u64 $d, $0;", ["u64"], "f64", [[2n ** 64n - 1n, 2 ** 64]]);
  table("cvt.rz.f64.u64 $d, $0;", ["u64"], "f64", [[2n ** 64n - 1n, 2 ** 64 - 2 ** 11]]);
  table("cvt.rn.f64.s32 $d, $0;", ["s32"], "f64", [[-7n, -7]]);
  table("cvt.rn.f32.u16 $d, $0;", ["u16"], "f32", [[65535n, 65535]]);
  table("cvt.rn.f32.s8 $d, $0;", ["s16"], "f32", [[0x00ffn, -1]]);
  table("cvt.rn.f32.u64 $d, $0;", ["u64"], "f32", [[2n ** 40n + 1n, 2 ** 40]]);
});

test("floats become narrower", () => {
  const e = 2 ** -24;
  table("cvt.rn.f32.f64 $d, $0;", ["f64"], "f32", [
    [1 + e, 1],
    [1 + 3 * e, 1 + 4 * e],
    [1e300, inf],
    [-1e-300, -0],
  ]);
  table("cvt.rz.f32.f64 $d, $0;", ["f64"], "f32", [
    [1 + 1.9 * e, 1],
    [1e300, 2 ** 128 - 2 ** 104],
    [nan, nan],
  ]);
  table("cvt.rp.f32.f64 $d, $0;", ["f64"], "f32", [
    [1 + 0.1 * e, 1 + 2 * e],
    [1e-300, 2 ** -149],
    [-1e300, -(2 ** 128 - 2 ** 104)],
  ]);
  table("cvt.rm.f32.f64 $d, $0;", ["f64"], "f32", [
    [1 - 0.1 * e, 1 - e],
    [-1e-300, -(2 ** -149)],
  ]);
  table("cvt.f64.f32 $d, $0;", ["f32"], "f64", [[Math.fround(0.1), Math.fround(0.1)]]);
  table("cvt.sat.f32.f32 $d, $0;", ["f32"], "f32", [
    [2, 1],
    [-2, 0],
    [nan, 0],
    [0.5, 0.5],
  ]);
});

test("half precision", () => {
  table("cvt.rn.f16.f32 $d, $0;", ["f32"], "u16", [
    [1, 0x3c00n],
    [65504, 0x7bffn],
    [65519, 0x7bffn],
    [65520, 0x7c00n],
    [2 ** -24, 1n],
    [2 ** -25, 0n],
    [2 ** -25 * 1.5, 1n],
    [-0, 0x8000n],
    [1 + 2 ** -11, 0x3c00n],
    [1 + 3 * 2 ** -11, 0x3c02n],
    [nan, 0x7fffn],
  ]);
  table("cvt.f32.f16 $d, $0;", ["u16"], "f32", [
    [0x3c00n, 1],
    [1n, 2 ** -24],
    [0xfc00n, -inf],
    [0x7e00n, nan],
    [0x03ffn, 1023 * 2 ** -24],
  ]);
  table("cvt.rn.f16.f64 $d, $0;", ["f64"], "u16", [[1 + 2 ** -11 + 2 ** -40, 0x3c01n]]);
  const all = Array.from({ length: 0x7c00 / 16 }, (_, k) => [BigInt(16 * k + (k % 16))]);
  const back = evaluate("cvt.f32.f16 %f1, $0; cvt.rn.f16.f32 $d, %f1;", ["u16"], "u16", all);
  assert.equal(
    back,
    all.map(([bits]) => bits),
  );
});

test("integers widen by sign or zeros, and narrow to their low bits", () => {
  table("cvt.s64.s32 $d, $0;", ["s32"], "s64", [[-1n, -1n]]);
  table("cvt.u64.u32 $d, $0;", ["u32"], "u64", [[0xffffffffn, 0xffffffffn]]);
  table("cvt.u32.u64 $d, $0;", ["u64"], "u32", [[0x123456789n, 0x23456789n]]);
  table("cvt.s32.s8 $d, $0;", ["u32"], "s32", [[0x180n, -128n]]);
  table("cvt.u32.u8 $d, $0;", ["u32"], "u32", [[0x180n, 0x80n]]);
  table("cvt.u64.u16 $d, $0;", ["u16"], "u64", [[0xffffn, 0xffffn]]);
  table("cvt.s16.s32 $d, $0;", ["s32"], "s16", [[0x18000n, -32768n]]);
  table("cvt.u16.u32 $d, $0;", ["u32"], "u16", [[0x18000n, 0x8000n]]);
});

test("or stop at the ends with .sat", () => {
  table("cvt.sat.s8.s32 $d, $0;", ["s32"], "s16", [
    [300n, 127n],
    [-300n, -128n],
    [5n, 5n],
  ]);
  table("cvt.sat.u8.s32 $d, $0;", ["s32"], "u16", [
    [300n, 255n],
    [-1n, 0n],
  ]);
  table("cvt.sat.s32.u32 $d, $0;", ["u32"], "s32", [[0xffffffffn, 2n ** 31n - 1n]]);
  table("cvt.sat.u32.s64 $d, $0;", ["s64"], "u32", [
    [-5n, 0n],
    [2n ** 40n, 2n ** 32n - 1n],
  ]);
  table("cvt.sat.s64.u64 $d, $0;", ["u64"], "s64", [[2n ** 64n - 1n, 2n ** 63n - 1n]]);
});

test("every pair of integer types agrees with whole numbers", () => {
  const types = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"];
  const as = (type: string, x: bigint): bigint =>
    type[0] === "s" ? BigInt.asIntN(Number(type.slice(1)), x) : BigInt.asUintN(Number(type.slice(1)), x);
  // The registers of 8-bit values have 16 bits, extended as the type says.
  const held = (type: string): string => (type.slice(1) === "8" ? `${type[0]}16` : type);
  const values = [
    0n,
    1n,
    127n,
    128n,
    255n,
    32768n,
    65535n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    0x123456789abcdefn,
  ];
  for (const from of types) {
    for (const to of types) {
      const rows = values.map((x) => [as(held(from), x), as(to, as(from, x))]);
      table(`cvt.${to}.${from} $d, $0;`, [held(from)], held(to), rows);
    }
  }
});

checkByPtxas("convert");
test.run();
