/**
 * One PTX function as one WebAssembly function.
 *
 * Basic blocks keep their order. Each ends one of nested `block`s, so that a branch forward is a `br`, and going on with the
 * next block costs nothing; a branch backward goes through a `loop` around all of them, which dispatches on a local.
 *
 *     loop
 *       block block block  br_table
 *       end  first block
 *       end  second block
 *       end  third block
 *     end
 *
 * A kernel's function takes the frame of a thread and runs it until it ends (0) or waits (the number of the instruction that
 * it waits at, plus one); then the registers that are still needed, and where to go on, are in the frame. A branch backward
 * uses up fuel, so that a thread which waits for another in a loop does not keep it from running.
 */
import { bitFamilies } from "./bits.ts";
import { compareFamilies } from "./compare.ts";
import { controlFamilies, fenceFamilies, type Jumps } from "./control.ts";
import { convertFamilies } from "./convert.ts";
import { Emitter, type Family, pred, type Shared, stackType, tickImport } from "./emitter.ts";
import { floatFamilies } from "./float.ts";
import { type BasicBlock, type Flow, flowOf, liveAtStart } from "./flow.ts";
import { Form } from "./form.ts";
import { integerFamilies } from "./integer.ts";
import { memoryFamilies } from "./memory-ops.ts";
import { type Instruction, type PtxFunction, type PtxText, type Register, refuse } from "./ptx.ts";
import { frame, record, slotBytes } from "./record.ts";
import { Code, type WasmFunction, type WasmType } from "./wasm.ts";

const families: Readonly<Record<string, Family>> = {
  ...integerFamilies,
  ...bitFamilies,
  ...compareFamilies,
  ...convertFamilies,
  ...memoryFamilies,
  ...fenceFamilies,
};

/** The family of an instruction: those that exist for integers and floats are told apart by their type. */
function familyOf(i: Instruction): Family | undefined {
  const op = i.op[0]!;
  return /^f\d+$/.test(i.op.at(-1)!) && op in floatFamilies ? floatFamilies[op] : families[op];
}

export interface Translated {
  readonly wasm: WasmFunction;
  /** Where the frame has the registers that a waiting thread keeps. */
  readonly slots: ReadonlyMap<Register, number>;
  readonly frameBytes: number;
}

export function translateFunction(f: PtxFunction, text: PtxText, shared: Shared): Translated {
  return new FunctionTranslator(f, text, shared).translate();
}

/** The outermost blocks, by how many are open around them. */
const suspendLevel = 0;
const loopLevel = 1;

class FunctionTranslator implements Jumps {
  readonly f: PtxFunction;
  readonly functions: ReadonlyMap<string, PtxFunction>;
  private readonly e: Emitter;
  private readonly flow: Flow;
  private readonly next: number;
  private readonly status: number;
  private current = 0;
  /** Blocks that a suspended thread may go on with. */
  private readonly resumed = new Set<number>();

  constructor(f: PtxFunction, text: PtxText, shared: Shared) {
    this.f = f;
    this.functions = text.functions;
    this.e = new Emitter(shared);
    this.flow = flowOf(f);
    this.next = this.e.local("i32");
    this.status = this.e.local("i32");
  }

  translate(): Translated {
    const { e, f } = this;
    const { code } = e;
    const { blocks } = this.flow;
    code.block().loop();
    for (let k = blocks.length - 1; k >= 0; k--) code.block();
    code.get(this.next).brTable(
      blocks.map((_, k) => this.level(k)),
      this.level(0),
    );
    for (const [k, block] of blocks.entries()) {
      code.end();
      this.current = k;
      this.block(block);
    }
    // The end of the body is a return.
    if (f.isKernel) code.i32(0);
    code.op("return").end().end();

    const slots = this.slots();
    if (f.isKernel) this.save(slots);
    const whole = this.head(slots).append(code);
    const signature = { params: ["i32"], results: f.isKernel ? ["i32"] : [] } satisfies WasmFunction["signature"];
    return {
      wasm: {
        signature: signature as WasmFunction["signature"],
        locals: e.locals,
        code: whole,
        exported: f.isKernel ? f.name : null,
      },
      slots,
      frameBytes: frame.registers + slots.size * slotBytes,
    };
  }

  /** The `block` whose end is the start of a basic block. */
  private level(k: number): number {
    return loopLevel + this.flow.blocks.length - k;
  }

  private block(block: BasicBlock): void {
    const { e } = this;
    let certain = true;
    e.onUse = (r, isWritten) => {
      if (!isWritten && !block.writes.has(r)) block.reads.add(r);
      if (isWritten && certain) block.writes.add(r);
    };
    const weights = this.counter();
    for (const i of block.instructions) {
      e.begin(i);
      e.weights = weights;
      e.count("instructions");
      certain = i.guard === null;
      if (i.guard === null) {
        this.instruction(i);
        continue;
      }
      e.push({ kind: "register", register: i.guard.register, negated: i.guard.negated }, pred);
      e.code.if();
      e.weights = this.counter();
      this.instruction(i);
      e.code.end();
    }
    const last = block.instructions.at(-1);
    const leaves =
      last !== undefined && last.guard === null && ["bra", "brx", "ret", "exit", "trap"].includes(last.op[0]!);
    if (!leaves && this.current + 1 < this.flow.blocks.length) block.successors.add(this.current + 1);
  }

  private instruction(i: Instruction): void {
    const form = new Form(i);
    const control = controlFamilies[i.op[0]!];
    if (control !== undefined) return control(this.e, form, this);
    const family = familyOf(i) ?? refuse(i, `${i.op[0]} is an instruction that is not emulated`);
    family(this.e, form);
  }

  /** Counts how often the code from here on runs; returns what each time is worth. */
  private counter(): Emitter["weights"] {
    const { e } = this;
    const weights: Emitter["weights"] = {};
    const at = 8 * (e.shared.counters.push(weights) - 1);
    const base = e.base("counters");
    e.code.get(base).get(base).memory("i64.load", at).i64(1n).op("i64.add").memory("i64.store", at);
    return weights;
  }

  goTo(label: string): void {
    const { e } = this;
    const { code } = e;
    const to = this.flow.target(label, e.instruction);
    this.flow.blocks[this.current]!.successors.add(to);
    if (to > this.current) {
      code.br(this.level(to));
      return;
    }
    const fuel = e.temp("i32", "fuel");
    code.i32(0).i32(0).memory("i32.load", record.fuel).i32(1).op("i32.sub").tee(fuel).memory("i32.store", record.fuel);
    code.get(fuel).op("i32.eqz").if();
    if (this.f.isKernel) this.waitFor(to);
    else code.i32(e.site()).call(tickImport);
    code.end().i32(to).set(this.next).br(loopLevel);
  }

  suspend(): void {
    if (this.current + 1 === this.flow.blocks.length) this.e.refuse(`${this.f.name} ends here, without ret`);
    this.waitFor(this.current + 1);
  }

  private waitFor(block: number): void {
    const { e } = this;
    this.resumed.add(block);
    e.code
      .i32(block)
      .set(this.next)
      .i32(e.site() + 1)
      .set(this.status)
      .br(suspendLevel);
  }

  /** What is live where threads go on, and what the instructions that they wait at read. */
  private slots(): ReadonlyMap<Register, number> {
    const live = liveAtStart(this.flow.blocks);
    const kept = new Set<Register>();
    for (const k of this.resumed) for (const r of live[k]!) kept.add(r);
    for (const { instructions } of this.flow.blocks) {
      for (const i of instructions.filter((x) => x.op[0] === "shfl" || x.op[0] === "vote" || x.op[1] === "warp")) {
        for (const o of i.operands) if (o.kind === "register") kept.add(o.register);
      }
    }
    return new Map([...kept].map((r, k) => [r, frame.registers + k * slotBytes]));
  }

  private save(slots: ReadonlyMap<Register, number>): void {
    const { code } = this.e;
    code.get(this.e.frame).get(this.next).memory("i32.store", frame.next);
    for (const [r, at] of slots) {
      code
        .get(this.e.frame)
        .get(this.e.registerLocal(r))
        .memory(`${stackType(r.type)}.store`, at);
    }
    code.get(this.status);
  }

  /** Fills the locals that hold fields of the launch record, and takes up where the thread has stopped. */
  private head(slots: ReadonlyMap<Register, number>): Code {
    const { e } = this;
    const head = new Code();
    for (const [field, local] of e.bases) head.i32(0).memory("i32.load", record[field]).set(local);
    if (!this.f.isKernel) return head;
    head.get(e.frame).memory("i32.load", frame.next).tee(this.next).if();
    for (const [r, at] of slots) {
      head
        .get(e.frame)
        .memory(`${stackType(r.type)}.load` satisfies `${WasmType}.load`, at)
        .set(e.registerLocal(r));
    }
    return head.end();
  }
}
