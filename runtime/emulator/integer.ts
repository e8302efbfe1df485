/** Integer arithmetic, logic and shifts; `bits.ts` has what looks at single bits. */
import { type Emitter, type Family, integerType, u32 } from "./emitter.ts";
import { type Operand, type PtxType, typeOf } from "./ptx.ts";

const integers = "u16 s16 u32 s32 u64 s64";

/** The type of a product that is kept whole. */
const doubled = (t: PtxType): PtxType => typeOf(`${t.kind}${2 * t.bits}`);

/** `op` on two operands of a type, for what wraps. */
const wrapping =
  (op: string): Family =>
  (e, form) => {
    const saturates = form.flag("sat");
    const type = form.type(saturates ? "s32" : integers);
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    e.push(a, type);
    if (saturates) e.code.op("i64.extend_i32_s");
    e.push(b, type);
    if (saturates) e.code.op("i64.extend_i32_s", `i64.${op}`);
    else e.code.op(`${integerType(type)}.${op}`);
    if (saturates) saturate(e);
    e.pop(d, type);
  };

/** An i64 on the stack as the nearest s32. */
function saturate(e: Emitter): void {
  const x = e.temp("i64");
  const clamp = (bound: bigint, op: string): void => {
    e.code.set(x).get(x).i64(bound).get(x).i64(bound).op(op, "select");
  };
  clamp(0x7fffffffn, "i64.lt_s");
  clamp(-0x80000000n, "i64.gt_s");
  e.code.op("i32.wrap_i64");
}

const multiply: Family = (e, form) => {
  const part = form.need("lo", "hi", "wide");
  const type = form.type(part === "wide" ? "u16 s16 u32 s32" : integers);
  const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
  product(e, part, type, a, b);
  e.pop(d, part === "wide" ? doubled(type) : type);
};

const multiplyAdd: Family = (e, form) => {
  const part = form.need("lo", "hi", "wide");
  const type = form.type(part === "wide" ? "u16 s16 u32 s32" : integers);
  const [d, a, b, c] = form.end(4) as [Operand, Operand, Operand, Operand];
  const result = part === "wide" ? doubled(type) : type;
  product(e, part, type, a, b);
  e.push(c, result);
  e.code.op(`${integerType(result)}.add`);
  e.pop(d, result);
};

function product(e: Emitter, part: "lo" | "hi" | "wide", type: PtxType, a: Operand, b: Operand): void {
  const { code } = e;
  const extend = type.kind === "s" ? "i64.extend_i32_s" : "i64.extend_i32_u";
  const whole = type.bits === 32 && part !== "lo";
  e.push(a, type);
  if (whole) code.op(extend);
  e.push(b, type);
  if (whole) code.op(extend);
  if (type.bits === 64 && part === "hi") return highProduct(e, type.kind === "s");
  code.op(whole ? "i64.mul" : `${integerType(type)}.mul`);
  if (part !== "hi") return;
  if (type.bits === 16) code.i32(16).op("i32.shr_u");
  else code.i64(32n).op("i64.shr_u", "i32.wrap_i64");
}

/** The upper half of a product of 64-bit numbers, from four products of their halves. */
function highProduct(e: Emitter, isSigned: boolean): void {
  const { code } = e;
  const [a, b, cross, low] = ["a", "b", "cross", "low"].map((name) => e.temp("i64", name)) as [
    number,
    number,
    number,
    number,
  ];
  const half = (x: number, upper: boolean): void => {
    code.get(x);
    if (upper) code.i64(32n).op("i64.shr_u");
    else code.i64(0xffffffffn).op("i64.and");
  };
  const times = (aUpper: boolean, bUpper: boolean): void => {
    half(a, aUpper);
    half(b, bUpper);
    code.op("i64.mul");
  };
  code.set(b).set(a);
  times(false, false);
  code.i64(32n).op("i64.shr_u");
  times(true, false);
  code.op("i64.add").set(cross);
  times(false, true);
  half(cross, false);
  code.op("i64.add").i64(32n).op("i64.shr_u").set(low);
  times(true, true);
  half(cross, true);
  code.op("i64.add").get(low).op("i64.add");
  if (!isSigned) return;
  for (const [sign, other] of [
    [a, b],
    [b, a],
  ] as const) {
    code.get(sign).i64(63n).op("i64.shr_s").get(other).op("i64.and", "i64.sub");
  }
}

/** Division by zero has no result that could be relied on: it ends the launch. */
const divide =
  (op: "div" | "rem"): Family =>
  (e, form) => {
    const { code } = e;
    const type = form.type(integers);
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    const t = integerType(type);
    const [x, y] = [e.temp(t, "a"), e.temp(t, "b")];
    e.push(a, type);
    e.push(b, type);
    code.set(y).set(x).get(y).op(`${t}.eqz`).if().i64(0n);
    e.fault("division");
    code.end();
    if (type.kind === "u") code.get(x).get(y).op(`${t}.${op}_u`);
    else {
      // The quotient of the least number by -1 wraps, where WebAssembly traps.
      constant(e, t, -1).get(y).op(`${t}.eq`).if(t);
      if (op === "div") constant(e, t, 0).get(x).op(`${t}.sub`);
      else constant(e, t, 0);
      code.else().get(x).get(y).op(`${t}.${op}_s`).end();
    }
    e.pop(d, type);
  };

/** A whole number on the stack. */
export const constant = (e: Emitter, t: "i32" | "i64", n: number) =>
  t === "i32" ? e.code.i32(n) : e.code.i64(BigInt(n));

const signed = "s16 s32 s64";

const absolute: Family = (e, form) => {
  const type = form.type(signed);
  const [d, a] = form.end(2) as [Operand, Operand];
  const t = integerType(type);
  const x = e.temp(t);
  e.push(a, type);
  e.code.set(x);
  constant(e, t, 0).get(x).op(`${t}.sub`).get(x).get(x);
  constant(e, t, 0).op(`${t}.lt_s`, "select");
  e.pop(d, type);
};

const negate: Family = (e, form) => {
  const type = form.type(signed);
  const [d, a] = form.end(2) as [Operand, Operand];
  const t = integerType(type);
  constant(e, t, 0);
  e.push(a, type);
  e.code.op(`${t}.sub`);
  e.pop(d, type);
};

const extreme =
  (op: "min" | "max"): Family =>
  (e, form) => {
    const type = form.type(integers);
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    const t = integerType(type);
    const [x, y] = [e.temp(t, "a"), e.temp(t, "b")];
    e.push(a, type);
    e.code.set(x);
    e.push(b, type);
    e.code.set(y).get(x).get(y).get(x).get(y);
    e.code.op(`${t}.${op === "min" ? "lt" : "gt"}_${type.kind === "s" ? "s" : "u"}`, "select");
    e.pop(d, type);
  };

const logic =
  (op: "and" | "or" | "xor"): Family =>
  (e, form) => {
    const type = form.type("pred b16 b32 b64");
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    e.push(a, type);
    e.push(b, type);
    e.code.op(`${integerType(type)}.${op}`);
    e.pop(d, type);
  };

const not: Family = (e, form) => {
  const type = form.type("pred b16 b32 b64");
  const [d, a] = form.end(2) as [Operand, Operand];
  const t = integerType(type);
  e.push(a, type);
  if (type.kind === "pred") e.code.op("i32.eqz");
  else constant(e, t, -1).op(`${t}.xor`);
  e.pop(d, type);
};

const isZero: Family = (e, form) => {
  const type = form.type("b16 b32 b64");
  const [d, a] = form.end(2) as [Operand, Operand];
  e.push(a, type);
  e.code.op(`${integerType(type)}.eqz`);
  if (type.bits === 64) e.code.op("i64.extend_i32_u");
  e.pop(d, type);
};

/** Shifts by as many bits as there are, or more, leave nothing, or the sign. */
const shift =
  (op: "shl" | "shr"): Family =>
  (e, form) => {
    const { code } = e;
    const type = form.type(op === "shl" ? "b16 b32 b64" : "b16 b32 b64 u16 u32 u64 s16 s32 s64");
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    const t = integerType(type);
    const by = e.temp("i32");
    const widen = (): void => {
      if (t === "i64") code.op("i64.extend_i32_u");
    };
    e.push(b, u32);
    code.set(by);
    e.push(a, type);
    if (type.kind === "s") {
      code
        .get(by)
        .i32(type.bits - 1)
        .get(by)
        .i32(type.bits - 1)
        .op("i32.lt_u", "select");
      widen();
      code.op(`${t}.shr_s`);
    } else {
      code.get(by);
      widen();
      code.op(op === "shl" ? `${t}.shl` : `${t}.shr_u`);
      constant(e, t, 0).get(by).i32(type.bits).op("i32.lt_u", "select");
    }
    e.pop(d, type);
  };

export const integerFamilies: Readonly<Record<string, Family>> = {
  add: wrapping("add"),
  sub: wrapping("sub"),
  mul: multiply,
  mad: multiplyAdd,
  div: divide("div"),
  rem: divide("rem"),
  abs: absolute,
  neg: negate,
  min: extreme("min"),
  max: extreme("max"),
  and: logic("and"),
  or: logic("or"),
  xor: logic("xor"),
  not,
  cnot: isZero,
  shl: shift("shl"),
  shr: shift("shr"),
};
