/** Moves, and instructions on single bits and bytes. */
import { type Emitter, type Family, integerType, u32 } from "./emitter.ts";
import type { Form } from "./form.ts";
import { constant } from "./integer.ts";
import { type Operand, type PtxType, typeOf } from "./ptx.ts";

const words = "b32 b64";

/** `shf`: 32 bits of a pair of words, shifted; by up to 32 (`clamp`) or by the amount modulo 32 (`wrap`). */
const funnel: Family = (e, form) => {
  const { code } = e;
  const left = form.need("l", "r") === "l";
  const wraps = form.need("wrap", "clamp") === "wrap";
  const type = form.type("b32");
  const [d, a, b, c] = form.end(4) as [Operand, Operand, Operand, Operand];
  const by = e.temp("i32");
  e.push(c, type);
  code.set(by);
  if (wraps) code.get(by).i32(31).op("i32.and");
  else code.get(by).i32(32).get(by).i32(32).op("i32.lt_u", "select");
  code.set(by);
  e.push(b, type);
  code.op("i64.extend_i32_u").i64(32n).op("i64.shl");
  e.push(a, type);
  code.op("i64.extend_i32_u", "i64.or").get(by).op("i64.extend_i32_u");
  if (left) code.op("i64.shl").i64(32n).op("i64.shr_u");
  else code.op("i64.shr_u");
  code.op("i32.wrap_i64");
  e.pop(d, type);
};

/** `lop3`: any function of three bits, by its table of eight: bit `4a + 2b + c` of the last operand. */
const lookUp: Family = (e, form) => {
  const { code } = e;
  const type = form.type("b32");
  const [d, a, b, c, table] = form.end(5) as [Operand, Operand, Operand, Operand, Operand];
  if (table.kind !== "integer") return form.refuse("the table of lop3 is a number");
  const inputs = [a, b, c].map((operand, k) => {
    const local = e.temp("i32", `lop${k}`);
    e.push(operand, type);
    code.set(local);
    return local;
  });
  code.i32(0);
  for (let row = 0; row < 8; row++) {
    if (((table.value >> BigInt(row)) & 1n) === 0n) continue;
    code.i32(-1);
    for (const [k, local] of inputs.entries()) {
      code.get(local);
      if (((row >> (2 - k)) & 1) === 0) code.i32(-1).op("i32.xor");
      code.op("i32.and");
    }
    code.op("i32.or");
  }
  e.pop(d, type);
};

/** Counts of bits, 32-bit whatever is counted. */
const countBits =
  (op: "popcnt" | "clz"): Family =>
  (e, form) => {
    const type = form.type(words);
    const [d, a] = form.end(2) as [Operand, Operand];
    e.push(a, type);
    e.code.op(`${integerType(type)}.${op}`);
    if (type.bits === 64) e.code.op("i32.wrap_i64");
    e.pop(d, u32);
  };

/** What a helper computes; 64-bit operands but for the counts, which are `.u32`. */
const byHelper =
  (name: string, typeNames: string, operandTypes: (t: PtxType) => readonly PtxType[]): Family =>
  (e, form) => {
    const type = form.type(typeNames);
    const wanted = operandTypes(type);
    const [d, ...sources] = form.end(wanted.length + 1) as [Operand, ...Operand[]];
    for (const [k, operand] of sources.entries()) e.push(operand, wanted[k]!);
    e.help(`${name}.${type.name}`);
    e.pop(d, type);
  };

const findBit: Family = (e, form) => {
  const asShift = form.flag("shiftamt");
  const type = form.type("u32 s32 u64 s64");
  const [d, a] = form.end(2) as [Operand, Operand];
  const found = e.temp("i32");
  e.push(a, type);
  e.help(`bfind.${type.name}`);
  // How far to shift left so that the bit comes to the top; none stays none.
  if (asShift)
    e.code
      .set(found)
      .i32(type.bits - 1)
      .get(found)
      .op("i32.sub")
      .i32(-1)
      .get(found)
      .i32(-1)
      .op("i32.ne", "select");
  e.pop(d, u32);
};

const move: Family = (e, form) => {
  const type = form.type("pred b16 b32 b64 u16 u32 u64 s16 s32 s64 f32 f64");
  const [d, a] = form.end(2) as [Operand, Operand];
  if (a.kind === "vector") return pack(e, form, type, d, a.elements);
  if (d.kind === "vector") return unpack(e, form, type, d.elements, a);
  e.push(a, type);
  e.pop(d, type);
};

const partOf = (form: Form, type: PtxType, count: number): PtxType => {
  const bits = type.bits / count;
  if (type.kind !== "b" || ![8, 16, 32].includes(bits)) form.refuse(`.${type.name} has no ${count} parts`);
  return typeOf(`b${bits}`);
};

/** `mov.b64 %rd, {%r1, %r2}`: the first is the lowest. */
function pack(e: Emitter, form: Form, type: PtxType, d: Operand, parts: readonly Operand[]): void {
  const part = partOf(form, type, parts.length);
  const t = integerType(type);
  constant(e, t, 0);
  for (const [k, operand] of parts.entries()) {
    e.push(operand, part, part.bits === 8);
    if (t === "i64") e.code.op("i64.extend_i32_u");
    constant(e, t, k * part.bits).op(`${t}.shl`, `${t}.or`);
  }
  e.pop(d, type);
}

function unpack(e: Emitter, form: Form, type: PtxType, parts: readonly Operand[], a: Operand): void {
  const part = partOf(form, type, parts.length);
  const t = integerType(type);
  const x = e.temp(t);
  e.push(a, type);
  e.code.set(x);
  for (const [k, operand] of parts.entries()) {
    e.code.get(x);
    constant(e, t, k * part.bits).op(`${t}.shr_u`);
    if (t === "i64") e.code.op("i32.wrap_i64");
    e.pop(operand, part, part.bits === 8);
  }
}

export const bitFamilies: Readonly<Record<string, Family>> = {
  shf: funnel,
  lop3: lookUp,
  popc: countBits("popcnt"),
  clz: countBits("clz"),
  brev: byHelper("brev", words, (t) => [t]),
  bfe: byHelper("bfe", "u32 s32 u64 s64", (t) => [t, u32, u32]),
  bfi: byHelper("bfi", words, (t) => [t, t, u32, u32]),
  prmt: byHelper("prmt", "b32", (t) => [t, t, t]),
  bfind: findBit,
  mov: move,
};
