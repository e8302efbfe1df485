/** What WebAssembly has no instruction for: functions that the translated code calls, by name. */
import * as exact from "./exact.ts";
import type { Signature, WasmType } from "./wasm.ts";

export interface Helper {
  readonly name: string;
  readonly signature: Signature;
  readonly run: (...args: never[]) => number | bigint;
}

const wide = new Float64Array(1);
const halves = new Int32Array(wide.buffer);
/** Which half of a double has its last bit depends on the machine. */
const low = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/**
 * `x + y` rounded to odd: the exact sum when f64 holds it, else that of its two neighbours whose last bit is one. A sum
 * rounded so may be rounded again to at least two bits less, and nothing was lost (Boldo and Melquiond, "Emulation of
 * FMA and correctly rounded sums", 2008).
 */
function addToOdd(x: number, y: number): number {
  const sum = x + y;
  const part = sum - x;
  const error = x - (sum - part) + (y - part);
  if (error === 0) return sum;
  wide[0] = sum;
  if ((halves[low]! & 1) === 0) {
    // Away from zero where the exact sum is further out; an even number has no carry there.
    if (error > 0 === sum > 0) halves[low]! |= 1;
    else {
      if (halves[low] === 0) halves[1 - low]!--;
      halves[low]!--;
    }
  }
  return wide[0];
}

/** Where splitting and the error of the product neither overflow nor lose bits. */
const isTame = (x: number): boolean => {
  const magnitude = Math.abs(x);
  return magnitude > 2 ** -450 && magnitude < 2 ** 480;
};

const splitter = 2 ** 27 + 1;

/** Fused multiply-add in f64 by error-free transformations, with the algorithm of the same paper. */
export function fma64(a: number, b: number, c: number): number {
  if (!isTame(a) || !isTame(b) || Math.abs(c) > 2 ** 1000) return exact.fma(exact.f64, "rn", a, b, c);
  const product = a * b;
  // Veltkamp's splitting and Dekker's product: `product + rest` is `a * b`.
  const aBig = splitter * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = splitter * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  const rest = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  // Knuth's sums: `low + lowRest` is `c + rest`, `high + highRest` is `product + low`.
  const low = c + rest;
  const lowPart = low - c;
  const lowRest = c - (low - lowPart) + (rest - lowPart);
  const high = product + low;
  const highPart = high - product;
  const highRest = product - (high - highPart) + (low - highPart);
  // Zero only where nothing is left to add; its sign is right then, and adding +0 would lose it.
  if (highRest === 0 && lowRest === 0) return high;
  return high + addToOdd(lowRest, highRest);
}

/** Fused multiply-add in f32: the product is exact in f64, the sum is rounded to odd there. */
export const fma32 = (a: number, b: number, c: number): number => {
  const product = a * b;
  const sum = product + c;
  if (!Number.isFinite(sum) || sum === 0) return sum;
  return Math.fround(addToOdd(product, c));
};

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);

/** The bytes of two words, picked by the nibbles of a third; the top bit of a nibble asks for copies of the sign. */
function permute(a: number, b: number, selector: number): number {
  let result = 0;
  for (let k = 0; k < 4; k++) {
    const nibble = (selector >> (4 * k)) & 15;
    const byte = ((nibble & 4 ? b : a) >> (8 * (nibble & 3))) & 255;
    result |= (nibble & 8 ? (byte & 128 ? 255 : 0) : byte) << (8 * k);
  }
  return result;
}

function reverse(bits: number, x: bigint): bigint {
  let result = 0n;
  for (let k = 0; k < bits; k++) result |= ((x >> BigInt(k)) & 1n) << BigInt(bits - 1 - k);
  return result;
}

/** A field of `length` bits from `start`; of a signed number, its top bit fills the rest. */
function extract(bits: number, isSigned: boolean, value: bigint, start: number, length: number): bigint {
  const [from, count] = [start & 255, length & 255];
  const x = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  // The shift brings in the sign beyond the last bit, as the manual wants.
  const field = x >> BigInt(from);
  return isSigned && count > 0 ? BigInt.asIntN(count, field) : BigInt.asUintN(count, field);
}

function insert(bits: number, field: bigint, into: bigint, start: number, length: number): bigint {
  const [from, count] = [BigInt(start & 255), length & 255];
  const mask = BigInt.asUintN(bits, ((1n << BigInt(count)) - 1n) << from);
  return BigInt.asUintN(bits, (into & ~mask) | ((field << from) & mask));
}

function findTop(bits: number, isSigned: boolean, value: bigint): number {
  const x = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const magnitude = x < 0n ? ~x : x;
  return magnitude === 0n ? -1 : magnitude.toString(2).length - 1;
}

const formats = { f16: exact.f16, f32: exact.f32, f64: exact.f64 } as const;
type FloatName = keyof typeof formats;

const helper = (params: string, result: WasmType, run: Helper["run"]): Omit<Helper, "name"> => ({
  signature: { params: params === "" ? [] : (params.split(" ") as WasmType[]), results: [result] },
  run,
});

/** Float operations in a rounding mode, as in `add.rz.f32`. */
function rounded(op: string, mode: exact.Rounding, type: "f32" | "f64"): Omit<Helper, "name"> | null {
  const format = formats[type];
  const two = `${type} ${type}`;
  switch (op) {
    case "add":
      return helper(two, type, (a: number, b: number) => exact.fma(format, mode, a, 1, b));
    case "sub":
      return helper(two, type, (a: number, b: number) => exact.fma(format, mode, a, 1, -b));
    case "mul": {
      // The addend is a zero of the product's sign, which leaves a product of zero its own.
      const times = (a: number, b: number): number =>
        exact.fma(format, mode, a, b, exact.isNegative(a) !== exact.isNegative(b) ? -0 : 0);
      return helper(two, type, times);
    }
    case "fma":
      return helper(`${two} ${type}`, type, (a: number, b: number, c: number) => exact.fma(format, mode, a, b, c));
    case "div":
      return helper(two, type, (a: number, b: number) => exact.divide(format, mode, a, b));
    case "rcp":
      return helper(type, type, (a: number) => exact.divide(format, mode, 1, a));
    case "sqrt":
      return helper(type, type, (a: number) => exact.squareRoot(format, mode, a));
    default:
      return null;
  }
}

/** Conversions that WebAssembly lacks: to f16 and from it, and in directed rounding. `cvt.rz.f32.f64` and the like. */
function converted(mode: exact.Rounding, to: FloatName, from: string): Omit<Helper, "name"> | null {
  const result = (x: number): number => (to === "f16" ? exact.toHalf(mode, x) : exact.round(formats[to], mode, x));
  const type = to === "f16" ? "i32" : to;
  if (from === "f16") return helper("i32", type, (bits: number) => result(exact.fromHalf(bits)));
  if (from === "f32" || from === "f64") return helper(from, type, result);
  // Integers come widened to 64 bits.
  const whole = (n: bigint): number => {
    const x = exact.fromInteger(formats[to], mode, from === "u64" ? u64(n) : n);
    return to === "f16" ? exact.toHalf(mode, x) : x;
  };
  return helper("i64", type, whole);
}

const fixed: Readonly<Record<string, Omit<Helper, "name">>> = {
  "fma.rn.f64": helper("f64 f64 f64", "f64", fma64),
  "fma.rn.f32": helper("f32 f32 f32", "f32", fma32),
  "prmt.b32": helper("i32 i32 i32", "i32", permute),
  "brev.b32": helper("i32", "i32", (x: number) => Number(reverse(32, BigInt(x >>> 0)))),
  "brev.b64": helper("i64", "i64", (x: bigint) => reverse(64, u64(x))),
};
for (const [name, bits, isSigned] of [
  ["u32", 32, false],
  ["s32", 32, true],
  ["u64", 64, false],
  ["s64", 64, true],
] as const) {
  const type = bits === 32 ? "i32" : "i64";
  const give = (x: bigint): number | bigint => (bits === 32 ? Number(BigInt.asIntN(32, x)) : x);
  const table = fixed as Record<string, Omit<Helper, "name">>;
  table[`bfe.${name}`] = helper(`${type} i32 i32`, type, (x: bigint | number, start: number, length: number) =>
    give(extract(bits, isSigned, BigInt(x), start, length)),
  );
  table[`bfind.${name}`] = helper(type, "i32", (x: bigint | number) => findTop(bits, isSigned, BigInt(x)));
  table[`bfi.b${bits}`] = helper(
    `${type} ${type} i32 i32`,
    type,
    (field: bigint | number, into: bigint | number, start: number, length: number) =>
      give(insert(bits, BigInt(field), BigInt(into), start, length)),
  );
}

/** The helper of a name: an opcode with its rounding mode and types. */
export function helperOf(name: string): Helper {
  const known = fixed[name];
  if (known !== undefined) return { name, ...known };
  const [op, mode, to, from] = name.split(".") as [string, exact.Rounding, FloatName, string?];
  const made = op === "cvt" ? converted(mode, to, from!) : rounded(op, mode, to as "f32" | "f64");
  if (made === null) throw new Error(`there is no helper ${name}`);
  return { name, ...made };
}
