/** Integer instructions of the PTX emulator, by tables of results from the PTX ISA manual's definitions. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkByPtxas, evaluate, table } from "./ptx.ts";

const least32 = -(2n ** 31n);
const most32 = 2n ** 31n - 1n;
const least64 = -(2n ** 63n);
const most64 = 2n ** 63n - 1n;

/** Numbers where carries, signs and widths show. */
const interesting = (bits: number): bigint[] => {
  const b = BigInt(bits);
  const edges = [
    0n,
    1n,
    2n,
    3n,
    7n,
    -1n,
    -2n,
    -3n,
    2n ** (b - 1n),
    2n ** (b - 1n) - 1n,
    2n ** (b - 1n) + 1n,
    2n ** (b / 2n),
    2n ** (b / 2n) - 1n,
  ];
  let state = 0x9e3779b97f4a7c15n;
  const random = Array.from({ length: 12 }, () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return (state ^ (state >> 29n)) >> BigInt(Number(state & 63n) % (bits / 2));
  });
  return [...edges, ...random];
};

/** Compares an instruction of two operands with a function on whole numbers, for all pairs. */
function agrees(
  code: string,
  type: string,
  meaning: (a: bigint, b: bigint) => bigint,
  out = type,
  second = type,
): void {
  const bits = Number(type.slice(1));
  const as = (t: string, x: bigint): bigint =>
    t[0] === "s" ? BigInt.asIntN(Number(t.slice(1)), x) : BigInt.asUintN(Number(t.slice(1)), x);
  const pairs = interesting(bits).flatMap((a) => interesting(bits).map((b) => [as(type, a), as(second, b)] as const));
  const results = evaluate(code, [type, second], out, pairs);
  for (const [k, [a, b]] of pairs.entries()) {
    assert.is(results[k], as(out, meaning(a, b)), `${code} of ${a}, ${b}`);
  }
}

for (const type of ["u16", "s16", "u32", "s32", "u64", "s64"]) {
  const bits = BigInt(type.slice(1));
  test(`add, sub, mul, min and max of ${type} wrap`, () => {
    agrees(`add.${type} $d, $0, $1;`, type, (a, b) => a + b);
    agrees(`sub.${type} $d, $0, $1;`, type, (a, b) => a - b);
    agrees(`mul.lo.${type} $d, $0, $1;`, type, (a, b) => a * b);
    agrees(`mul.hi.${type} $d, $0, $1;`, type, (a, b) => (a * b) >> bits);
    agrees(`mad.lo.${type} $d, $0, $1, $0;`, type, (a, b) => a * b + a);
    agrees(`min.${type} $d, $0, $1;`, type, (a, b) => (a < b ? a : b));
    agrees(`max.${type} $d, $0, $1;`, type, (a, b) => (a > b ? a : b));
  });

  test(`div and rem of ${type} truncate`, () => {
    const guarded = (op: string): string => `or.b${bits} $1, $1, 1; ${op}.${type} $d, $0, $1;`;
    const odd = (b: bigint): bigint => (type[0] === "s" ? BigInt.asIntN(Number(bits), b | 1n) : b | 1n);
    agrees(guarded("div"), type, (a, b) => a / odd(b));
    agrees(guarded("rem"), type, (a, b) => a % odd(b));
  });

  test(`shr of ${type} clamps the amount`, () => {
    const by = (b: bigint): bigint => (b > bits ? bits : b);
    agrees(`shr.${type} $d, $0, $1;`, type, (a, b) => a >> by(b), type, "u32");
    agrees(`shl.b${bits} $d, $0, $1;`, type, (a, b) => a << by(b), type, "u32");
  });
}

test("products keep both halves", () => {
  for (const type of ["u16", "s16", "u32", "s32"]) {
    const wide = `${type[0]}${2 * Number(type.slice(1))}`;
    agrees(`mul.wide.${type} $d, $0, $1;`, type, (a, b) => a * b, wide);
  }
  table("mad.wide.s32 $d, $0, $1, $2;", ["s32", "s32", "s64"], "s64", [
    [least32, least32, -1n, 2n ** 62n - 1n],
    [-3n, 5n, 2n ** 40n, 2n ** 40n - 15n],
  ]);
  table("mad.hi.u32 $d, $0, $1, $2;", ["u32", "u32", "u32"], "u32", [[0xffffffffn, 0xffffffffn, 3n, 1n]]);
});

test("saturating sums stop at the ends of s32", () => {
  table("add.sat.s32 $d, $0, $1;", ["s32", "s32"], "s32", [
    [most32, 1n, most32],
    [least32, -1n, least32],
    [most32, least32, -1n],
  ]);
  table("sub.sat.s32 $d, $0, $1;", ["s32", "s32"], "s32", [
    [least32, 1n, least32],
    [0n, least32, most32],
  ]);
});

test("the least number has no negative and no absolute value", () => {
  table("neg.s32 $d, $0;", ["s32"], "s32", [
    [least32, least32],
    [5n, -5n],
  ]);
  table("abs.s32 $d, $0;", ["s32"], "s32", [
    [least32, least32],
    [-5n, 5n],
  ]);
  table("abs.s64 $d, $0;", ["s64"], "s64", [
    [least64, least64],
    [-(2n ** 40n), 2n ** 40n],
  ]);
  table("neg.s16 $d, $0;", ["s16"], "s16", [
    [-32768n, -32768n],
    [1n, -1n],
  ]);
  table("div.s32 $d, $0, $1;", ["s32", "s32"], "s32", [[least32, -1n, least32]]);
  table("rem.s64 $d, $0, $1;", ["s64", "s64"], "s64", [[least64, -1n, 0n]]);
});

test("logic", () => {
  agrees("and.b32 $d, $0, $1;", "u32", (a, b) => a & b);
  agrees("or.b64 $d, $0, $1;", "u64", (a, b) => a | b);
  agrees("xor.b16 $d, $0, $1;", "u16", (a, b) => a ^ b);
  table("not.b64 $d, $0;", ["u64"], "u64", [[0n, 2n ** 64n - 1n]]);
  table("not.b16 $d, $0;", ["u16"], "u16", [[1n, 0xfffen]]);
  table("cnot.b32 $d, $0;", ["u32"], "u32", [
    [0n, 1n],
    [7n, 0n],
  ]);
  // a & (b ^ c) has the table 0x60: 1 for 101 and 110.
  table("lop3.b32 $d, $0, $1, $2, 0x60;", ["u32", "u32", "u32"], "u32", [
    [0xff00ff00n, 0xf0f0f0f0n, 0xccccccccn, 0x3c003c00n],
  ]);
});

test("funnel shifts", () => {
  const ins = ["u32", "u32", "u32"];
  table("shf.l.wrap.b32 $d, $0, $1, $2;", ins, "u32", [
    [0x89abcdefn, 0x01234567n, 8n, 0x23456789n],
    [0x89abcdefn, 0x01234567n, 32n, 0x01234567n],
  ]);
  table("shf.l.clamp.b32 $d, $0, $1, $2;", ins, "u32", [[0x89abcdefn, 0x01234567n, 40n, 0x89abcdefn]]);
  table("shf.r.wrap.b32 $d, $0, $1, $2;", ins, "u32", [[0x89abcdefn, 0x01234567n, 4n, 0x789abcden]]);
  table("shf.r.clamp.b32 $d, $0, $1, $2;", ins, "u32", [[0x89abcdefn, 0x01234567n, 33n, 0x01234567n]]);
});

test("bits are counted, found and reversed", () => {
  table("popc.b32 $d, $0;", ["u32"], "u32", [
    [0n, 0n],
    [0xf0f0f0f1n, 17n],
  ]);
  table("popc.b64 $d, $0;", ["u64"], "u32", [[2n ** 64n - 1n, 64n]]);
  table("clz.b32 $d, $0;", ["u32"], "u32", [
    [0n, 32n],
    [1n, 31n],
    [0x80000000n, 0n],
  ]);
  table("clz.b64 $d, $0;", ["u64"], "u32", [
    [0n, 64n],
    [1n, 63n],
  ]);
  table("brev.b32 $d, $0;", ["u32"], "u32", [
    [1n, 0x80000000n],
    [0x12345678n, 0x1e6a2c48n],
  ]);
  table("brev.b64 $d, $0;", ["u64"], "u64", [
    [1n, 2n ** 63n],
    [0x12345678n, 0x1e6a2c48n << 32n],
  ]);
  table("bfind.u32 $d, $0;", ["u32"], "u32", [
    [0n, 0xffffffffn],
    [0x80000000n, 31n],
    [9n, 3n],
  ]);
  table("bfind.s32 $d, $0;", ["s32"], "u32", [
    [-1n, 0xffffffffn],
    [-9n, 3n],
    [9n, 3n],
  ]);
  table("bfind.shiftamt.u32 $d, $0;", ["u32"], "u32", [
    [0n, 0xffffffffn],
    [9n, 28n],
  ]);
  table("bfind.u64 $d, $0;", ["u64"], "u32", [[2n ** 40n, 40n]]);
});

test("bit fields", () => {
  const ins = ["u32", "u32", "u32"];
  table("bfe.u32 $d, $0, $1, $2;", ins, "u32", [
    [0x12345678n, 8n, 8n, 0x56n],
    [0x12345678n, 28n, 8n, 1n],
    [0x12345678n, 40n, 8n, 0n],
    [0x12345678n, 8n, 0n, 0n],
  ]);
  table("bfe.s32 $d, $0, $1, $2;", ins, "s32", [
    [0x0000f000n, 12n, 4n, -1n],
    [0x80000000n, 30n, 8n, -2n],
    [0x80000000n, 60n, 3n, -1n],
    [0x80000000n, 60n, 0n, 0n],
  ]);
  table("bfe.u64 $d, $0, $1, $2;", ["u64", "u32", "u32"], "u64", [[0x123456789abcdef0n, 36n, 12n, 0x567n]]);
  table("bfi.b32 $d, $0, $1, $2, $3;", ["u32", "u32", "u32", "u32"], "u32", [
    [0xabn, 0xffffffffn, 8n, 8n, 0xffffabffn],
    [0xabcdn, 0n, 24n, 16n, 0xcd000000n],
    [0xabn, 5n, 40n, 8n, 5n],
  ]);
  table("bfi.b64 $d, $0, $1, $2, $3;", ["u64", "u64", "u32", "u32"], "u64", [[0xffn, 0n, 60n, 8n, 0xfn << 60n]]);
});

test("bytes are permuted", () => {
  table("prmt.b32 $d, $0, $1, $2;", ["u32", "u32", "u32"], "u32", [
    [0x03020100n, 0x07060504n, 0x3210n, 0x03020100n],
    [0x03020100n, 0x07060504n, 0x0123n, 0x00010203n],
    [0x03020100n, 0x07060504n, 0x7654n, 0x07060504n],
    // The top bit of a selector copies the sign of the byte.
    [0x00008000n, 0n, 0x9999n, 0xffffffffn],
    [0x00007f00n, 0n, 0x9999n, 0n],
  ]);
});

test("words are put together and taken apart, lowest first", () => {
  table("mov.b64 $d, {$0, $1};", ["u32", "u32"], "u64", [[1n, 2n, 0x200000001n]]);
  table("mov.b64 {%r3, $d}, $0;", ["u64"], "u32", [[0x200000001n, 2n]]);
  table("mov.b32 {$d, %h2}, $0;", ["u32"], "u16", [[0x12345678n, 0x5678n]]);
  table("mov.b32 $d, {$0, $1};", ["u16", "u16"], "u32", [[0x5678n, 0x1234n, 0x12345678n]]);
});

test("integers are compared as what they are", () => {
  const selected = (compare: string): string => `${compare} selp.u32 $d, 1, 0, %p1;`;
  for (const [op, meaning] of [
    ["eq", (a: bigint, b: bigint) => a === b],
    ["ne", (a: bigint, b: bigint) => a !== b],
    ["lt", (a: bigint, b: bigint) => a < b],
    ["le", (a: bigint, b: bigint) => a <= b],
    ["gt", (a: bigint, b: bigint) => a > b],
    ["ge", (a: bigint, b: bigint) => a >= b],
  ] as const) {
    for (const type of ["s32", "u32", "s64", "u64", "s16", "u16"]) {
      agrees(selected(`setp.${op}.${type} %p1, $0, $1;`), type, (a, b) => (meaning(a, b) ? 1n : 0n), "u32");
    }
  }
  table(selected("setp.lo.u32 %p1, $0, $1;"), ["u32", "u32"], "u32", [[1n, 0xffffffffn, 1n]]);
  table(selected("setp.hs.u64 %p1, $0, $1;"), ["u64", "u64"], "u32", [[1n, 2n ** 64n - 1n, 0n]]);
  table("set.lt.s32.s32 $d, $0, $1;", ["s32", "s32"], "s32", [
    [1n, 2n, -1n],
    [2n, 1n, 0n],
  ]);
  table("set.lt.f32.s32 $d, $0, $1;", ["s32", "s32"], "f32", [
    [1n, 2n, 1],
    [2n, 1n, 0],
  ]);
  table("slct.s32.s32 $d, $0, $1, $2;", ["s32", "s32", "s32"], "s32", [
    [1n, 2n, 0n, 1n],
    [1n, 2n, -1n, 2n],
  ]);
});

test("comparisons combine with predicates, and give their opposite too", () => {
  const code = (op: string, q: string): string =>
    `setp.ne.u32 %p2, $2, 0; setp.lt.${op}.s32 %p1|%p3, $0, $1, ${q}; selp.u32 %r3, 1, 0, %p1; selp.u32 %r4, 2, 0, %p3; or.b32 $d, %r3, %r4;`;
  const ins = ["s32", "s32", "u32"];
  table(code("and", "%p2"), ins, "u32", [
    [1n, 2n, 1n, 1n],
    [1n, 2n, 0n, 0n],
    [2n, 1n, 1n, 2n],
  ]);
  table(code("or", "%p2"), ins, "u32", [
    [1n, 2n, 0n, 1n],
    [2n, 1n, 1n, 3n],
    [2n, 1n, 0n, 2n],
  ]);
  table(code("xor", "!%p2"), ins, "u32", [
    [1n, 2n, 0n, 2n],
    [1n, 2n, 1n, 1n],
  ]);
  const logic =
    "setp.ne.u32 %p1, $0, 0; setp.ne.u32 %p2, $1, 0; xor.pred %p3, %p1, %p2; not.pred %p4, %p3; and.pred %p5, %p4, %p1; selp.u32 $d, 1, 0, %p5;";
  table(logic, ["u32", "u32"], "u32", [
    [1n, 1n, 1n],
    [1n, 0n, 0n],
    [0n, 0n, 0n],
  ]);
});

test("a guarded instruction runs where its predicate says", () => {
  table("mov.u32 $d, 5; setp.eq.u32 %p1, $0, 1; @%p1 add.u32 $d, $d, 1; @!%p1 add.u32 $d, $d, 2;", ["u32"], "u32", [
    [1n, 6n],
    [0n, 7n],
  ]);
});

test("64-bit numbers keep all their bits", () => {
  table("mad.lo.s64 $d, $0, $1, $2;", ["s64", "s64", "s64"], "s64", [[2n ** 53n + 1n, 3n, 1n, 3n * 2n ** 53n + 4n]]);
  table("add.s64 $d, $0, -1;", ["s64"], "s64", [[least64, most64]]);
});

checkByPtxas("integer");
test.run();
