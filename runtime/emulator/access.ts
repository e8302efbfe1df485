/**
 * The check before every access: that all its bytes belong to the state space that the instruction names, that they are
 * aligned, and that what is read has been written. It leaves the offset in the WebAssembly memory in a local.
 */
import { type Emitter, u32 } from "./emitter.ts";
import { deviceBase, mark } from "./memory.ts";
import { type Operand, type Space, typeOf } from "./ptx.ts";
import { frame } from "./record.ts";

export type AccessSpace = Exclude<Space, "param"> | "generic";

export interface Access {
  readonly space: AccessSpace;
  readonly bytes: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** By `ld.global.nc`. */
  readonly constant: boolean;
}

const u64 = typeOf("u64");

/** The address in its state space, as an i64 on the stack. */
function pushAddress(e: Emitter, operand: Operand, space: AccessSpace): void {
  if (operand.kind !== "address") return e.refuse("an address in brackets is expected");
  const { base, offset } = operand;
  if (base === null) e.code.i64(offset);
  else if (base.kind === "variable") {
    const own = base.variable.space;
    if (own !== space && !(space === "generic" && own === "global")) {
      e.refuse(`${base.variable.name} is in .${own}, which this instruction does not access`);
    }
    e.push({ ...base, offset }, u64);
  } else if (base.kind === "register") {
    const narrow = base.register.type.bits === 32 && (space === "shared" || space === "local");
    e.push(base, narrow ? u32 : u64);
    if (narrow) e.code.op("i64.extend_i32_u");
    if (offset !== 0n) e.code.i64(offset).op("i64.add");
    if (narrow) e.code.i64(0xffffffffn).op("i64.and");
  } else e.refuse("an address is a register or a variable, plus an offset");
}

/** Checks an access; returns the local with the offset of its first byte. */
export function checked(e: Emitter, operand: Operand, access: Access): number {
  const { code } = e;
  const address = e.temp("i64", "address");
  const at = e.temp("i32", "at");
  pushAddress(e, operand, access.space);
  code.set(address).block();
  const ok = code.depth - 1;
  code.block();
  const bad = code.depth - 1;
  locate(e, access, address, at, bad);
  if (access.bytes > 1)
    code
      .get(at)
      .i32(access.bytes - 1)
      .op("i32.and")
      .brIf(bad);
  if (access.space === "generic") checkGeneric(e, access, at, bad);
  else checkMarks(e, access, at, bad);
  code.br(ok).end().get(address);
  e.fault("address");
  code.end();
  return at;
}

/** From an address to an offset; leaves for `bad` what is outside of the window of its space. */
function locate(e: Emitter, { space }: Access, address: number, at: number, bad: number): void {
  const { code } = e;
  if (space === "shared" || space === "local") {
    code.get(address);
    if (space === "shared") code.get(e.base("sharedBytes")).op("i64.extend_i32_u");
    else code.i64(BigInt(e.shared.layout.local.size));
    code.op("i64.ge_u").brIf(bad);
    if (space === "shared") code.get(e.base("shared"));
    else code.get(e.frame).memory("i32.load", frame.local);
    code.get(address).op("i32.wrap_i64", "i32.add").set(at);
    return;
  }
  const x = e.temp("i64", "offset");
  code.get(address).i64(deviceBase).op("i64.sub").tee(x);
  code.get(e.base("shadow")).op("i64.extend_i32_u", "i64.ge_u").brIf(bad);
  code.get(x).op("i32.wrap_i64").set(at);
}

/** The same byte many times. */
const repeated = (byte: number, bytes: number): bigint =>
  BigInt(`0x${byte.toString(16).padStart(2, "0").repeat(bytes)}`);

/** Calls `emit` for each piece of up to eight bytes of an access, with its type and the name of its load. */
function pieces(bytes: number, emit: (offset: number, size: number, t: "i32" | "i64", load: string) => void): void {
  const size = Math.min(bytes, 8);
  const load = { 1: "i32.load8_u", 2: "i32.load16_u", 4: "i32.load", 8: "i64.load" }[size]!;
  for (let offset = 0; offset < bytes; offset += size) emit(offset, size, size === 8 ? "i64" : "i32", load);
}

const constant = (e: Emitter, t: "i32" | "i64", n: bigint) =>
  t === "i64" ? e.code.i64(n) : e.code.i32(Number(BigInt.asIntN(32, n)));

function pushShadow(e: Emitter, at: number): void {
  e.code.get(at).get(e.base("shadow")).op("i32.add");
}

function checkMarks(e: Emitter, access: Access, at: number, bad: number): void {
  const { code } = e;
  const own = mark[access.space as Exclude<AccessSpace, "generic">];
  const wanted = own | (access.reads ? mark.written : 0);
  const unwanted = access.constant ? mark.changed : access.writes && access.space === "global" ? mark.constant : 0;
  const store = { 1: "i32.store8", 2: "i32.store16", 4: "i32.store", 8: "i64.store" };
  const shadow = e.temp("i32", "shadow");
  pushShadow(e, at);
  code.set(shadow);
  pieces(access.bytes, (offset, size, t, load) => {
    code.get(shadow).memory(load, offset);
    constant(e, t, repeated(wanted | unwanted, size)).op(`${t}.and`);
    constant(e, t, repeated(wanted, size)).op(`${t}.ne`).brIf(bad);
  });
  const after = access.writes
    ? own | mark.written | (access.space === "global" ? mark.changed : 0)
    : access.constant
      ? own | mark.written | mark.constant
      : 0;
  if (after === 0) return;
  pieces(access.bytes, (offset, size, t) => {
    code.get(shadow);
    constant(e, t, repeated(after, size)).memory(store[size as 1 | 2 | 4 | 8], offset);
  });
}

/** The first byte's shadow says in which space the access is; the other bytes must be in the same. */
function checkGeneric(e: Emitter, access: Access, at: number, bad: number): void {
  const { code } = e;
  const spaces = mark.global | mark.shared | mark.local | (access.writes ? 0 : mark.const);
  const own = e.temp("i32", "space");
  const shadow = e.temp("i32", "shadow");
  pushShadow(e, at);
  code.tee(shadow).memory("i32.load8_u").i32(spaces).op("i32.and").tee(own).op("i32.eqz").brIf(bad);
  // Local memory is the thread's own.
  code.get(own).i32(mark.local).op("i32.eq").get(at).get(e.frame).memory("i32.load", frame.local).op("i32.sub");
  code.i32(e.shared.layout.local.size).op("i32.ge_u", "i32.and").brIf(bad);
  const replicated = (t: "i32" | "i64", extra: number, size: number): void => {
    code.get(own).i32(extra).op("i32.or");
    if (t === "i64") code.op("i64.extend_i32_u");
    constant(e, t, repeated(1, size)).op(`${t}.mul`);
  };
  const needs = access.reads ? mark.written : 0;
  pieces(access.bytes, (offset, size, t, load) => {
    code.get(shadow).memory(load, offset);
    replicated(t, needs | (access.writes ? mark.constant : 0), size);
    code.op(`${t}.and`);
    replicated(t, needs, size);
    code.op(`${t}.ne`).brIf(bad);
  });
  if (!access.writes) return;
  const store = { 1: "i32.store8", 2: "i32.store16", 4: "i32.store", 8: "i64.store" };
  code.get(own).get(own).i32(mark.global).op("i32.and").i32(3).op("i32.shl", "i32.or").set(own);
  pieces(access.bytes, (offset, size, t) => {
    code.get(shadow);
    replicated(t, mark.written, size);
    code.memory(store[size as 1 | 2 | 4 | 8], offset);
  });
}
