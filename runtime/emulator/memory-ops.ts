/** Loads, stores, atomics, and addresses of one state space as those of another. */
import { type Access, type AccessSpace, checked } from "./access.ts";
import { type Emitter, type Family, pred, stackType } from "./emitter.ts";
import type { Form } from "./form.ts";
import { deviceBase } from "./memory.ts";
import { type Operand, type PtxType, typeOf } from "./ptx.ts";
import { frame } from "./record.ts";

const scopes = ["cta", "cluster", "gpu", "sys"] as const;
const cacheHints = ["ca", "cg", "cs", "lu", "cv", "wb", "wt"] as const;
/** What is said of caches changes no result. */
const levelHints = [
  "L1::evict_normal",
  "L1::evict_unchanged",
  "L1::evict_first",
  "L1::evict_last",
  "L1::no_allocate",
  "L2::64B",
  "L2::128B",
  "L2::256B",
] as const;
const elements = "b8 b16 b32 b64 u8 u16 u32 u64 s8 s16 s32 s64 f32 f64";
const spaceNames = [
  "global",
  "shared",
  "shared::cta",
  "local",
  "const",
  "param",
  "param::entry",
  "param::func",
] as const;

const u64 = typeOf("u64");

function takeOrder(form: Form, ...orders: readonly string[]): void {
  const order = form.take(...orders);
  if (order !== null && order !== "weak" && order !== "volatile") form.need(...scopes);
}

const takeSpace = (form: Form): AccessSpace | "param" =>
  (form.take(...spaceNames)?.replace(/::.*/, "") as AccessSpace | "param" | undefined) ?? "generic";

interface Transfer {
  readonly space: AccessSpace | "param";
  readonly constant: boolean;
  readonly type: PtxType;
  readonly count: number;
}

function readForm(form: Form, isLoad: boolean): Transfer {
  takeOrder(form, "weak", "volatile", "relaxed", isLoad ? "acquire" : "release");
  const space = takeSpace(form);
  form.take(...cacheHints);
  const constant = isLoad && space === "global" && form.flag("nc");
  while (form.take(...levelHints) !== null);
  const vector = form.take("v2", "v4");
  const type = form.type(elements);
  return { space, constant, type, count: vector === null ? 1 : Number(vector[1]) };
}

/** The operands that hold the elements. */
function elementsOf(form: Form, operand: Operand, count: number): readonly Operand[] {
  if (count === 1) return [operand];
  if (operand.kind !== "vector" || operand.elements.length !== count)
    return form.refuse(`${count} registers in braces expected`);
  return operand.elements;
}

const loadName = (t: PtxType): string => {
  if (t.bits >= 32) return `${stackType(t)}.load`;
  return `i32.load${t.bits}_${t.kind === "s" ? "s" : "u"}`;
};
const storeName = (t: PtxType): string => (t.bits >= 32 ? `${stackType(t)}.store` : `i32.store${t.bits}`);

/** Where the first byte is: a local to add to, and an offset. */
function place(
  e: Emitter,
  form: Form,
  operand: Operand,
  transfer: Transfer,
  writes: boolean,
): readonly [number, number] {
  const { space, type, count, constant } = transfer;
  const bytes = (count * type.bits) / 8;
  if (space === "param") return parameter(e, form, operand, bytes, writes);
  if (writes && space === "const") form.refuse("constant memory cannot be written");
  countBytes(e, space, bytes, writes);
  return [checked(e, operand, { space, bytes, reads: !writes, writes, constant }), 0];
}

/** Parameters lie at places that are known, so that this check needs no code. */
function parameter(
  e: Emitter,
  form: Form,
  operand: Operand,
  bytes: number,
  writes: boolean,
): readonly [number, number] {
  if (operand.kind !== "address" || operand.base?.kind !== "variable" || operand.base.variable.space !== "param") {
    return form.refuse("a parameter by its name is expected; addresses of parameters are not emulated");
  }
  const { variable } = operand.base;
  const offset = Number(operand.offset);
  if (offset < 0 || offset + bytes > variable.size) {
    form.refuse(`bytes ${offset} to ${offset + bytes} of ${variable.name}, which has ${variable.size}`);
  }
  if (offset % bytes !== 0) form.refuse(`${bytes} bytes at offset ${offset} are not aligned`);
  const found = e.shared.layout.param(variable);
  if (writes && found.base === "params") form.refuse("parameters of kernels cannot be written");
  return [e.base(found.base), found.offset + offset];
}

function countBytes(e: Emitter, space: AccessSpace, bytes: number, writes: boolean): void {
  if (space === "shared") e.count("sharedBytes", bytes);
  else if (space === "local") e.count("localBytes", bytes);
  else if (space !== "const") e.count(writes ? "globalStoreBytes" : "globalLoadBytes", bytes);
}

const load: Family = (e, form) => {
  const transfer = readForm(form, true);
  const [d, from] = form.end(2) as [Operand, Operand];
  const { type } = transfer;
  const targets = elementsOf(form, d, transfer.count);
  const [local, offset] = place(e, form, from, transfer, false);
  for (const [k, operand] of targets.entries()) {
    e.code.get(local).memory(loadName(type), offset + (k * type.bits) / 8);
    e.pop(operand, type, true);
  }
};

const store: Family = (e, form) => {
  const transfer = readForm(form, false);
  const [to, a] = form.end(2) as [Operand, Operand];
  const { type } = transfer;
  const sources = elementsOf(form, a, transfer.count);
  const [local, offset] = place(e, form, to, transfer, true);
  for (const [k, operand] of sources.entries()) {
    e.code.get(local);
    e.push(operand, type, true);
    e.code.memory(storeName(type), offset + (k * type.bits) / 8);
  }
};

/** Types of each atomic operation. */
const atomics: Readonly<Record<string, string>> = {
  add: "u32 s32 u64 f32 f64",
  min: "u32 s32 u64 s64",
  max: "u32 s32 u64 s64",
  inc: "u32",
  dec: "u32",
  and: "b32 b64",
  or: "b32 b64",
  xor: "b32 b64",
  exch: "b32 b64",
  cas: "b16 b32 b64",
};

/** Threads run one at a time, so that reading, computing and writing is already one step. */
const atomic =
  (returns: boolean): Family =>
  (e, form) => {
    const { code } = e;
    takeOrder(form, "relaxed", "acquire", "release", "acq_rel");
    form.take(...scopes);
    const space = takeSpace(form);
    if (space !== "generic" && space !== "global" && space !== "shared")
      return form.refuse("atomics are on global or shared memory");
    const op = form.need(...Object.keys(atomics));
    if (!returns && (op === "exch" || op === "cas")) form.refuse(`.${op} is not emulated in this instruction`);
    while (form.take(...levelHints) !== null);
    const type = form.type(atomics[op]!);
    const count = (op === "cas" ? 3 : 2) + (returns ? 1 : 0);
    const operands = form.end(count);
    const [address, b, c] = (returns ? operands.slice(1) : operands) as [Operand, Operand, Operand?];
    const bytes = type.bits / 8;
    const access: Access = { space, bytes, reads: true, writes: true, constant: false };
    const at = checked(e, address, access);
    const t = stackType(type);
    const [old, other] = [e.temp(t, "old"), e.temp(t, "other")];
    code.get(at).memory(loadName(type)).set(old);
    e.push(b, type);
    code.set(other).get(at);
    if (op === "cas") {
      e.push(c!, type);
      code.get(old).get(old).get(other).op(`${t}.eq`, "select");
    } else combine(e, op, type, old, other);
    code.memory(storeName(type));
    e.count("atomics");
    if (space !== "shared") {
      e.count("globalLoadBytes", bytes);
      e.count("globalStoreBytes", bytes);
    } else e.count("sharedBytes", 2 * bytes);
    if (type.kind === "f") e.count(type.bits === 32 ? "flops32" : "flops64");
    if (!returns) return;
    code.get(old);
    e.pop(operands[0]!, type);
  };

/** What is written, on the stack. */
function combine(e: Emitter, op: string, type: PtxType, old: number, other: number): void {
  const { code } = e;
  const t = stackType(type);
  if (op === "exch") code.get(other);
  else if (op === "min" || op === "max") {
    code.get(old).get(other).get(old).get(other);
    code.op(`${t}.${op === "min" ? "lt" : "gt"}_${type.kind === "s" ? "s" : "u"}`, "select");
  } else if (op === "inc") {
    code.i32(0).get(old).i32(1).op("i32.add").get(old).get(other).op("i32.ge_u", "select");
  } else if (op === "dec") {
    code.get(other).get(old).i32(1).op("i32.sub");
    code.get(old).op("i32.eqz").get(old).get(other).op("i32.gt_u", "i32.or", "select");
  } else code.get(old).get(other).op(`${t}.${op}`);
}

/** From the address of one state space to the generic one, or back (`.to`). Those of global memory are the same. */
const convertAddress: Family = (e, form) => {
  const { code } = e;
  const isBack = form.flag("to");
  const space = form.need("global", "shared", "shared::cta", "local", "const").replace(/::.*/, "");
  const type = form.type("u64");
  const [d, a] = form.end(2) as [Operand, Operand];
  e.push(a, type);
  if (space === "shared" || space === "local") {
    window(e, space);
    code.op(isBack ? "i64.sub" : "i64.add");
  }
  e.pop(d, type);
};

/** The generic address of where shared or local memory starts. */
function window(e: Emitter, space: "shared" | "local"): void {
  if (space === "shared") e.code.get(e.base("shared"));
  else e.code.get(e.frame).memory("i32.load", frame.local);
  e.code.op("i64.extend_i32_u").i64(deviceBase).op("i64.add");
}

const isInSpace: Family = (e, form) => {
  const { code } = e;
  const space = form.need("global", "shared", "shared::cta", "local").replace(/::.*/, "");
  const [d, a] = form.end(2) as [Operand, Operand];
  const within = (of: "shared" | "local"): void => {
    e.push(a, u64);
    window(e, of);
    code.op("i64.sub");
    if (of === "shared") code.get(e.base("sharedBytes")).op("i64.extend_i32_u");
    else code.i64(BigInt(e.shared.layout.local.size));
    code.op("i64.lt_u");
  };
  if (space !== "global") within(space as "shared" | "local");
  else {
    within("shared");
    within("local");
    code.op("i32.or", "i32.eqz");
  }
  e.pop(d, pred);
};

export const memoryFamilies: Readonly<Record<string, Family>> = {
  ld: load,
  st: store,
  atom: atomic(true),
  red: atomic(false),
  cvta: convertAddress,
  isspacep: isInSpace,
};
