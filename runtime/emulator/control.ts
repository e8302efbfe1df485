/** Branches, calls, barriers, and what threads of a warp do together. */
import { type Emitter, type Family, leaveImport, u32 } from "./emitter.ts";
import type { Form } from "./form.ts";
import { type Operand, type PtxFunction, refuse, typeOf, type Variable } from "./ptx.ts";

/** What control instructions ask of the function that they are in. */
export interface Jumps {
  readonly f: PtxFunction;
  /** Goes to the block of a label. */
  goTo(label: string): void;
  /** Lets other threads run; the launcher decides when this one goes on, with the next block. */
  suspend(): void;
  /** The functions of the module. */
  readonly functions: ReadonlyMap<string, PtxFunction>;
}

export type ControlFamily = (e: Emitter, form: Form, jumps: Jumps) => void;

const label = (form: Form, operand: Operand): string =>
  operand.kind === "name" ? operand.name : form.refuse("a label is expected");

const branch: ControlFamily = (_, form, jumps) => {
  form.flag("uni");
  const [to] = form.end(1) as [Operand];
  jumps.goTo(label(form, to));
};

/** `brx.idx`: to the label of that number in a list; numbers beyond it end the launch. */
const branchTable: ControlFamily = (e, form, jumps) => {
  form.need("idx");
  form.flag("uni");
  const [index, list] = form.end(2) as [Operand, Operand];
  const targets = jumps.f.tables.get(label(form, list)) ?? form.refuse("there is no such .branchtargets");
  const { code } = e;
  const at = e.temp("i32");
  e.push(index, u32);
  code.set(at);
  for (const [k, target] of targets.entries()) {
    code.get(at).i32(k).op("i32.eq").if();
    jumps.goTo(target);
    code.end();
  }
  code.get(at).op("i64.extend_i32_u");
  e.fault("table");
};

const leave =
  (op: "ret" | "exit"): ControlFamily =>
  (e, form, { f }) => {
    if (op === "ret") form.flag("uni");
    form.end(0);
    if (f.isKernel) e.code.i32(0).op("return");
    else if (op === "ret") e.code.op("return");
    else e.code.call(leaveImport).op("unreachable");
  };

const trap: ControlFamily = (e, form) => {
  form.end(0);
  e.code.i64(0n);
  e.fault("trap");
};

/** `call (results), function, (arguments)`: parameters are copied from and to those of the function. */
const call: ControlFamily = (e, form, { functions }) => {
  form.flag("uni");
  const operands = [...form.end(form.operands.length)];
  const results = operands[0]?.kind === "list" ? operands.shift() : undefined;
  const [name, given, extra] = operands;
  if (name?.kind !== "name" || extra !== undefined) return form.refuse("only calls of functions by name are emulated");
  const f = functions.get(name.name);
  const index = e.shared.functionIndex(name.name);
  if (f === undefined || index === undefined || f.isKernel)
    return form.refuse(`there is no function ${name.name} here`);
  const inputs = variables(form, given, f.params);
  const outputs = variables(form, results, f.results);
  for (const [k, v] of inputs.entries()) copy(e, v, f.params[k]!);
  e.code.get(e.frame).callOwn(index);
  for (const [k, v] of outputs.entries()) copy(e, f.results[k]!, v);
};

function variables(form: Form, list: Operand | undefined, expected: readonly Variable[]): readonly Variable[] {
  const given =
    list === undefined ? [] : list.kind === "list" ? list.elements : form.refuse("arguments in parentheses expected");
  if (given.length !== expected.length)
    form.refuse(`${expected.length} parameters are declared, ${given.length} given`);
  return given.map((operand, k) => {
    if (operand.kind !== "variable" || operand.variable.space !== "param")
      return form.refuse("arguments are .param variables");
    if (operand.variable.size !== expected[k]!.size)
      form.refuse(`${operand.variable.name} is not as large as declared`);
    return operand.variable;
  });
}

function copy(e: Emitter, from: Variable, to: Variable): void {
  const { code, shared } = e;
  const [source, target] = [shared.layout.param(from), shared.layout.param(to)];
  for (let at = 0; at < from.size; ) {
    const size = [8, 4, 2, 1].find((n) => n <= from.size - at)!;
    const [load, store] = {
      8: ["i64.load", "i64.store"],
      4: ["i32.load", "i32.store"],
      2: ["i32.load16_u", "i32.store16"],
      1: ["i32.load8_u", "i32.store8"],
    }[size] as [string, string];
    code
      .get(e.base(target.base))
      .get(e.base(source.base))
      .memory(load, source.offset + at);
    code.memory(store, target.offset + at);
    at += size;
  }
}

/** What waits for other threads must be able to let them run, which calls cannot. */
function mustBeKernel(form: Form, { f }: Jumps): void {
  if (!f.isKernel) form.refuse("waiting for other threads is emulated in kernels, not in functions that they call");
  const { guard } = form.instruction;
  if (guard !== null)
    refuse(form.instruction, "waiting for other threads under a predicate is not emulated: branch around it");
}

const barrier: ControlFamily = (e, form, jumps) => {
  mustBeKernel(form, jumps);
  form.flag("cta");
  if (form.flag("warp")) {
    form.need("sync");
    const [mask] = form.end(1) as [Operand];
    read(e, mask);
  } else {
    form.need("sync");
    form.flag("aligned");
    if (form.operands.length > 1) form.refuse("barriers of some of the threads are not emulated");
    const [id] = form.end(1) as [Operand];
    if (id.kind !== "integer" || id.value < 0n || id.value > 15n) form.refuse("the number of a barrier is 0 to 15");
    e.count("barriers");
  }
  jumps.suspend();
};

/** The launcher reads the operand in the thread's frame. */
function read(e: Emitter, operand: Operand): void {
  if (operand.kind === "integer") return;
  if (operand.kind !== "register") return e.refuse("a register or a number is expected");
  e.registerLocal(operand.register);
  e.onUse(operand.register, false);
}

/** The launcher writes the operand there. */
function written(e: Emitter, operand: Operand, type: string): void {
  if (operand.kind === "sink") return;
  if (operand.kind !== "register" || operand.register.type.bits !== typeOf(type).bits)
    return e.refuse(`a .${type} register is expected`);
  e.registerLocal(operand.register);
  e.onUse(operand.register, true);
}

const shuffle: ControlFamily = (e, form, jumps) => {
  mustBeKernel(form, jumps);
  form.need("sync");
  form.need("up", "down", "bfly", "idx");
  form.need("b32");
  const [d, ...sources] = form.end(5) as [Operand, ...Operand[]];
  for (const operand of sources) read(e, operand);
  if (d.kind === "pair") {
    written(e, d.first, "b32");
    written(e, d.second, "pred");
  } else written(e, d, "b32");
  jumps.suspend();
};

const vote: ControlFamily = (e, form, jumps) => {
  mustBeKernel(form, jumps);
  form.need("sync");
  const result = form.need("all", "any", "uni", "ballot") === "ballot" ? "b32" : "pred";
  form.need(result);
  const [d, ...sources] = form.end(3) as [Operand, ...Operand[]];
  for (const operand of sources) read(e, operand);
  written(e, d, result);
  jumps.suspend();
};

/** Threads run one at a time and see all that others wrote: fences have nothing to do. */
const membar: Family = (_, form) => {
  form.need("cta", "gl", "sys");
  form.end(0);
};
const fence: Family = (_, form) => {
  form.take("sc", "acq_rel", "acquire", "release");
  form.need("cta", "cluster", "gpu", "sys");
  form.end(0);
};

export const controlFamilies: Readonly<Record<string, ControlFamily>> = {
  bra: branch,
  brx: branchTable,
  ret: leave("ret"),
  exit: leave("exit"),
  trap,
  call,
  bar: barrier,
  barrier,
  shfl: shuffle,
  vote,
};
export const fenceFamilies: Readonly<Record<string, Family>> = { membar, fence };
