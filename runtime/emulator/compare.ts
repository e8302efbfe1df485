/** Comparisons, selections and tests of floats. */
import { type Emitter, type Family, integerType, pred, stackType } from "./emitter.ts";
import type { Form } from "./form.ts";
import { type Operand, type PtxType, typeOf } from "./ptx.ts";

const comparable = "b16 b32 b64 u16 u32 u64 s16 s32 s64 f32 f64";
const integerNames: Readonly<Record<string, string>> = { lo: "lt", ls: "le", hi: "gt", hs: "ge" };
const booleans = ["and", "or", "xor"] as const;

/** Leaves on the stack whether the comparison holds. Of floats, those that end in `u` hold for NaN as well. */
function compare(e: Emitter, form: Form, op: string, type: PtxType, a: Operand, b: Operand): void {
  const { code } = e;
  const t = stackType(type);
  if (type.kind !== "f") {
    const name = integerNames[op] ?? op;
    const known = ["eq", "ne", "lt", "le", "gt", "ge"].includes(name);
    if (!known || (type.kind === "b" && name !== "eq" && name !== "ne") || (op in integerNames && type.kind === "s")) {
      form.refuse(`.${op} does not compare .${type.name}`);
    }
    e.push(a, type);
    e.push(b, type);
    code.op(name === "eq" || name === "ne" ? `${t}.${name}` : `${t}.${name}_${type.kind === "s" ? "s" : "u"}`);
    return;
  }
  if (op in integerNames) form.refuse(`.${op} does not compare .${type.name}`);
  const [x, y] = [e.temp(t, "a"), e.temp(t, "b")];
  e.push(a, type);
  code.set(x);
  e.push(b, type);
  code.set(y);
  const isOrdered = (): void => {
    code.get(x).get(x).op(`${t}.eq`).get(y).get(y).op(`${t}.eq`, "i32.and");
  };
  if (op === "num" || op === "nan") {
    isOrdered();
    if (op === "nan") code.op("i32.eqz");
    return;
  }
  const unordered = op.endsWith("u");
  code
    .get(x)
    .get(y)
    .op(`${t}.${unordered ? op.slice(0, -1) : op}`);
  // WebAssembly's are false for NaN, but for `ne`.
  if (unordered && op !== "neu") {
    isOrdered();
    code.op("i32.eqz", "i32.or");
  } else if (op === "ne") {
    isOrdered();
    code.op("i32.and");
  }
}

const operators = "eq ne lt le gt ge lo ls hi hs equ neu ltu leu gtu geu num nan".split(" ");

const setPredicate: Family = (e, form) => {
  const { code } = e;
  const op = form.need(...operators);
  const joined = form.take(...booleans);
  const type = form.type(comparable);
  const [d, a, b, c] = form.end(joined === null ? 3 : 4) as [Operand, Operand, Operand, Operand?];
  const holds = e.temp("i32", "holds");
  const other = e.temp("i32", "other");
  compare(e, form, op, type, a, b);
  code.set(holds);
  // The predicate is read before the first result is written: they may be the same.
  if (joined !== null) {
    e.push(c!, pred);
    code.set(other);
  }
  const give = (to: Operand, isNot: boolean): void => {
    code.get(holds);
    if (isNot) code.op("i32.eqz");
    if (joined !== null) code.get(other).op(`i32.${joined}`);
    e.pop(to, pred);
  };
  if (d.kind !== "pair") return give(d, false);
  give(d.first, false);
  give(d.second, true);
};

/** As `setp`, with all ones or 1.0 for true. */
const setValue: Family = (e, form) => {
  const { code } = e;
  const op = form.need(...operators);
  const joined = form.take(...booleans);
  const result = form.type("u32 s32 f32");
  const type = form.type(comparable);
  const [d, a, b, c] = form.end(joined === null ? 3 : 4) as [Operand, Operand, Operand, Operand?];
  compare(e, form, op, type, a, b);
  if (joined !== null) {
    e.push(c!, pred);
    code.op(`i32.${joined}`);
  }
  if (result.kind === "f") code.op("f32.convert_i32_u");
  else {
    const holds = e.temp("i32", "holds");
    code.set(holds).i32(0).get(holds).op("i32.sub");
  }
  e.pop(d, result);
};

const select: Family = (e, form) => {
  const type = form.type(comparable);
  const [d, a, b, p] = form.end(4) as [Operand, Operand, Operand, Operand];
  e.push(a, type);
  e.push(b, type);
  e.push(p, pred);
  e.code.op("select");
  e.pop(d, type);
};

/** `slct`: the first where the third operand is at least zero, which a NaN is not. */
const selectBySign: Family = (e, form) => {
  const type = form.type(comparable);
  const by = form.type("s32 f32");
  const [d, a, b, c] = form.end(4) as [Operand, Operand, Operand, Operand];
  e.push(a, type);
  e.push(b, type);
  e.push(c, by);
  if (by.kind === "f") e.code.f32(0).op("f32.ge");
  else e.code.i32(0).op("i32.ge_s");
  e.code.op("select");
  e.pop(d, type);
};

const testProperty: Family = (e, form) => {
  const { code } = e;
  const property = form.need("finite", "infinite", "number", "notanumber", "normal", "subnormal");
  const type = form.type("f32 f64");
  const [d, a] = form.end(2) as [Operand, Operand];
  const bits = typeOf(`b${type.bits}`);
  const t = integerType(bits);
  const constant = (n: bigint): void => {
    if (t === "i64") code.i64(n);
    else code.i32(Number(BigInt.asIntN(32, n)));
  };
  const [infinity, least] = type.bits === 32 ? [0x7f800000n, 0x800000n] : [0x7ffn << 52n, 1n << 52n];
  const magnitude = e.temp(t, "magnitude");
  e.push(a, type);
  code.op(`${t}.reinterpret_${type.name}`);
  constant((1n << BigInt(type.bits - 1)) - 1n);
  code.op(`${t}.and`).set(magnitude);
  // Bits of magnitudes are in the order of what they mean.
  const test = (op: string, bound: bigint): void => {
    code.get(magnitude);
    constant(bound);
    code.op(`${t}.${op}`);
  };
  if (property === "finite") test("lt_u", infinity);
  else if (property === "infinite") test("eq", infinity);
  else if (property === "number") test("le_u", infinity);
  else if (property === "notanumber") test("gt_u", infinity);
  else if (property === "normal") {
    test("ge_u", least);
    test("lt_u", infinity);
    code.op("i32.and");
  } else {
    test("ne", 0n);
    test("lt_u", least);
    code.op("i32.and");
  }
  e.pop(d, pred);
};

export const compareFamilies: Readonly<Record<string, Family>> = {
  setp: setPredicate,
  set: setValue,
  selp: select,
  slct: selectBySign,
  testp: testProperty,
};
