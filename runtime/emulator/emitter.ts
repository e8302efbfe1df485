/**
 * What translating one function shares: its code so far, registers as locals, operands on WebAssembly's stack.
 *
 * A register is a local of its width: `f32` and `f64` for those declared as floats, `i64` for other 64-bit ones, `i32` for
 * the rest, where 8 and 16 bits are zero-extended and predicates are 0 or 1. An operand is read as a value of a PTX type, and
 * comes sign- or zero-extended as that type says.
 */
import type { Form } from "./form.ts";
import type { Layout } from "./layout.ts";
import { deviceBase } from "./memory.ts";
import { type Instruction, type Operand, type PtxType, type Register, refuse, typeOf, type Variable } from "./ptx.ts";
import { frame, record, warpSize } from "./record.ts";
import { Code, type WasmType } from "./wasm.ts";

/** How a value of a PTX type lies on the stack. */
export function stackType(t: PtxType): WasmType {
  if (t.kind === "f" && t.bits >= 32) return t.bits === 32 ? "f32" : "f64";
  return t.bits === 64 ? "i64" : "i32";
}
export const integerType = (t: PtxType): "i32" | "i64" => (t.bits === 64 ? "i64" : "i32");

/** What is counted, for reports. */
export const counted = [
  "instructions",
  "flops32",
  "flops64",
  "globalLoadBytes",
  "globalStoreBytes",
  "sharedBytes",
  "localBytes",
  "atomics",
  "barriers",
] as const;
export type Counted = (typeof counted)[number];
/** How much of each a run through a piece of code adds. */
export type Weights = Partial<Record<Counted, number>>;

/** Names and numbers that all functions of a module share. */
export interface Shared {
  readonly layout: Layout;
  /** The import of a helper, by its name. */
  readonly helper: (name: string) => number;
  /** A function of the module by name. */
  readonly functionIndex: (name: string) => number | undefined;
  /** Instructions that faults and suspended threads are known by. */
  readonly sites: Instruction[];
  /** What each counter counts. */
  readonly counters: Weights[];
}

/** Faults that translated code finds, by number. */
export const faultReasons = ["address", "division", "trap", "table"] as const;

/** Imports that come before all helpers: `fault(site, reason, address)` and `leave()`, neither of which returns. */
export const faultImport = 0;
export const leaveImport = 1;
export const tickImport = 2;

export class Emitter {
  readonly shared: Shared;
  readonly code = new Code();
  readonly locals: WasmType[] = [];
  /** Registers read or written, with their locals. */
  readonly registers = new Map<Register, number>();
  /** Fields of the launch record, held in locals. */
  readonly bases = new Map<keyof typeof record, number>();
  /** Called for each register that an instruction reads or writes. */
  onUse: (register: Register, isWritten: boolean) => void = () => {};
  /** The weights of the piece of code being emitted. */
  weights: Weights = {};
  /** The instruction being translated. */
  private current: Instruction | null = null;
  private readonly temps = new Map<string, number>();

  constructor(shared: Shared) {
    this.shared = shared;
  }

  /** The frame of the thread. */
  readonly frame = 0;

  begin(instruction: Instruction): void {
    this.current = instruction;
  }

  get instruction(): Instruction {
    return this.current!;
  }

  refuse(message: string): never {
    return refuse(this.instruction, message);
  }

  /** A new local; the one parameter comes first. */
  local(type: WasmType): number {
    return this.locals.push(type);
  }

  /** A local for use within one instruction: the same for the same name. */
  temp(type: WasmType, name: string | number = 0): number {
    const key = `${type} ${name}`;
    const known = this.temps.get(key) ?? this.local(type);
    this.temps.set(key, known);
    return known;
  }

  registerLocal(r: Register): number {
    const known = this.registers.get(r) ?? this.local(stackType(r.type));
    this.registers.set(r, known);
    return known;
  }

  /** The local with a field of the launch record, which the head of the function fills. */
  base(field: keyof typeof record): number {
    const known = this.bases.get(field) ?? this.local("i32");
    this.bases.set(field, known);
    return known;
  }

  count(what: Counted, by = 1): void {
    this.weights[what] = (this.weights[what] ?? 0) + by;
  }

  /** The number of the current instruction among those that faults may name. */
  site(): number {
    const { sites } = this.shared;
    const last = sites.at(-1) === this.instruction ? sites.length : sites.push(this.instruction);
    return last - 1;
  }

  /** Ends the launch; expects the address, or whatever number the reason has, as an i64 on the stack. */
  fault(reason: (typeof faultReasons)[number]): void {
    const at = this.temp("i64", "fault");
    this.code.set(at).i32(this.site()).i32(faultReasons.indexOf(reason)).get(at).call(faultImport).op("unreachable");
  }

  /** Calls a helper on what is on the stack. */
  help(name: string): void {
    this.code.call(this.shared.helper(name));
  }

  /** Puts an operand on the stack as a value of a type. `wide`: a register may have more bits than the type. */
  push(operand: Operand, type: PtxType, wide = false): void {
    if (operand.kind === "register") this.pushRegister(operand.register, operand.negated, type, wide);
    else if (operand.kind === "integer") this.pushInteger(operand.value, type);
    else if (operand.kind === "float") this.pushFloat(operand.bits, operand.width, type);
    else if (operand.kind === "special") this.pushSpecial(operand.name, type);
    else if (operand.kind === "variable") {
      if (type.bits !== 64) this.refuse(`the address of ${operand.variable.name} has 64 bits`);
      this.pushAddress(operand.variable, operand.offset);
    } else this.refuse(`${type.name} operand expected`);
  }

  /** The address of a variable in its own state space. */
  private pushAddress(v: Variable, offset: bigint): void {
    const { layout } = this.shared;
    if (v.space === "shared" || v.space === "local") this.code.i64(BigInt(layout[v.space].offsets.get(v)!) + offset);
    else if (v.space === "param") this.refuse(`taking the address of parameter ${v.name} is not emulated`);
    else {
      const at = deviceBase + BigInt(layout.module.offsets.get(v)!) + offset;
      this.code.get(this.base("variables")).op("i64.extend_i32_u").i64(at).op("i64.add");
    }
  }

  private pushRegister(r: Register, negated: boolean, type: PtxType, wide: boolean): void {
    const { code } = this;
    this.onUse(r, false);
    code.get(this.registerLocal(r));
    if (type.kind === "pred" || r.type.kind === "pred") {
      if (type.kind !== r.type.kind) this.refuse(`${r.name} is .${r.type.name} where .${type.name} is expected`);
      if (negated) code.op("i32.eqz");
      return;
    }
    if (negated) this.refuse(`!${r.name} is no predicate`);
    this.checkWidth(r, type, wide);
    const [from, to] = [stackType(r.type), stackType(type)];
    const bits = integerType(r.type);
    if (from === to && type.bits >= 32) return;
    if (from !== bits) code.op(`${bits}.reinterpret_${from}`);
    if (bits === "i64" && type.bits < 64) code.op("i32.wrap_i64");
    if (to === "f32" || to === "f64") code.op(`${to}.reinterpret_${integerType(type)}`);
    else if (type.bits < 32 && (type.kind === "s" || r.type.bits > type.bits)) this.narrow(type);
  }

  private checkWidth(r: Register, type: PtxType, wide: boolean): void {
    const fits = wide ? r.type.bits >= type.bits : r.type.bits === type.bits;
    if (!fits) this.refuse(`${r.name} has ${r.type.bits} bits where .${type.name} is expected`);
  }

  /** Extends what is on the stack from the bits of a narrow type, as its kind says. */
  narrow(type: PtxType): void {
    if (type.bits >= 32) return;
    if (type.kind === "s") this.code.op(`i32.extend${type.bits}_s`);
    else this.code.i32(2 ** type.bits - 1).op("i32.and");
  }

  private pushInteger(value: bigint, type: PtxType): void {
    const { code } = this;
    const { bits } = type;
    if (type.kind === "f") this.refuse(`an integer where .${type.name} is expected`);
    if (type.kind === "pred") {
      code.i32(value === 0n ? 0 : 1);
      return;
    }
    if (value < -(2n ** BigInt(bits - 1)) || value >= 2n ** BigInt(bits)) {
      this.refuse(`${value} does not fit into .${type.name}`);
    }
    const wrapped = type.kind === "s" ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    if (bits === 64) code.i64(wrapped);
    else code.i32(Number(BigInt.asIntN(32, wrapped)));
  }

  private pushFloat(bits: bigint, width: 32 | 64, type: PtxType): void {
    const { code } = this;
    if (type.kind === "b" && type.bits === width) this.pushInteger(bits, type);
    else if (type.kind !== "f" || type.bits < 32) this.refuse(`a float where .${type.name} is expected`);
    else if (type.bits === 64 && width === 64) code.f64(bits);
    else if (type.bits === 32 && width === 32) code.f32(Number(bits));
    else if (type.bits === 32) {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, bits);
      view.setFloat32(0, view.getFloat64(0));
      code.f32(view.getUint32(0));
    } else this.refuse("a single-precision literal where .f64 is expected");
  }

  private pushSpecial(name: string, type: PtxType): void {
    const { code } = this;
    const [, field, axis] = /^%(tid|ntid|ctaid|nctaid)\.([xyz])$/.exec(name) ?? [];
    if (type.kind === "f" || type.bits < 32) this.refuse(`${name} has 32 bits`);
    if (field === "tid") code.get(this.frame).memory("i32.load", frame.tid + 4 * "xyz".indexOf(axis!));
    else if (field !== undefined) {
      code.i32(0).memory("i32.load", record[field as "ntid" | "nctaid" | "ctaid"] + 4 * "xyz".indexOf(axis!));
    } else if (name === "%laneid")
      code
        .get(this.frame)
        .memory("i32.load", frame.index)
        .i32(warpSize - 1)
        .op("i32.and");
    else if (name === "%warpid") code.get(this.frame).memory("i32.load", frame.index).i32(warpSize).op("i32.div_u");
    else if (name === "WARP_SZ") code.i32(warpSize);
    else this.refuse(`${name} is no register that is known`);
    if (type.bits === 64) code.op("i64.extend_i32_u");
  }

  /** Takes a value of a type from the stack into an operand. */
  pop(operand: Operand, type: PtxType, wide = false): void {
    const { code } = this;
    if (operand.kind === "sink") {
      code.op("drop");
      return;
    }
    if (operand.kind !== "register" || operand.negated) this.refuse("a result goes into a register");
    const r = operand.register;
    this.onUse(r, true);
    if (type.kind !== "pred" || r.type.kind !== "pred") {
      if ((type.kind === "pred") !== (r.type.kind === "pred"))
        this.refuse(`${r.name} is .${r.type.name}, not .${type.name}`);
      this.checkWidth(r, type, wide);
      const [from, to] = [stackType(type), stackType(r.type)];
      const bits = integerType(type);
      if (from !== to || type.bits < 32) {
        if (from !== bits) code.op(`${bits}.reinterpret_${from}`);
        this.narrow(type);
        if (r.type.bits === 64 && type.bits < 64) code.op(type.kind === "s" ? "i64.extend_i32_s" : "i64.extend_i32_u");
        if (r.type.bits < 32) code.i32(2 ** r.type.bits - 1).op("i32.and");
        if (to === "f32" || to === "f64") code.op(`${to}.reinterpret_${integerType(r.type)}`);
      }
    }
    code.set(this.registerLocal(r));
  }
}

/** The families of instructions, by the first part of the opcode. */
export type Family = (e: Emitter, form: Form) => void;

export const u32 = typeOf("u32");
export const pred = typeOf("pred");
