/**
 * The threads of one block: each runs until it waits or ends, one after the other; when none can run, those that wait for
 * each other go on, or the kernel is at fault.
 */
import type { Dim } from "./faults.ts";
import { type DeviceMemory, mark } from "./memory.ts";
import type { Instruction } from "./ptx.ts";
import { type Random, shuffled } from "./random.ts";
import { frame, warpSize } from "./record.ts";
import type { Kernel, PtxModule } from "./translate.ts";
import { Frame, lanesOf, maskOf, together } from "./warp.ts";

/** What a block needs of its launch. */
export interface Running {
  readonly module: PtxModule;
  readonly kernel: Kernel;
  readonly memory: DeviceMemory;
  readonly view: DataView;
  readonly size: Dim;
  readonly random: Random | null;
  /** Where frames and local memory of the threads start. */
  readonly frames: number;
  readonly locals: number;
  readonly localStride: number;
  /** The thread that runs. */
  thread: Dim | null;
  marksOf(space: number): number;
  resume(at: number): Instruction | null;
  fault(message: string, instruction: Instruction, thread: Dim | null): never;
}

/** `ready`: may run; `waiting` at an instruction; `ended`. */
type State = "ready" | "ended" | Instruction;

export function runBlock(run: Running): void {
  const threads = new Threads(run);
  while (threads.runAll()) threads.release();
}

class Threads {
  private readonly run: Running;
  private readonly states: State[];
  private readonly frameBytes: number;

  constructor(run: Running) {
    this.run = run;
    this.frameBytes = run.kernel.translated.frameBytes;
    const count = run.size[0] * run.size[1] * run.size[2];
    this.states = new Array<State>(count).fill("ready");
    run.memory.bytes(run.frames, count * this.frameBytes).fill(0);
    for (let k = 0; k < count; k++) this.prepare(k);
  }

  /** Who the thread is, and local memory that nobody has written. */
  private prepare(k: number): void {
    const { run } = this;
    const at = this.frame(k);
    const id = this.id(k);
    for (let axis = 0; axis < 3; axis++) run.view.setUint32(at + frame.tid + 4 * axis, id[axis]!, true);
    const local = run.locals + k * run.localStride;
    run.view.setUint32(at + frame.index, k, true);
    run.view.setUint32(at + frame.local, local, true);
    const { offsets } = run.module.layout.local;
    for (const [v, offset] of offsets) run.memory.setMarks(local + offset, v.size, run.marksOf(mark.local));
  }

  /** Runs each thread that can until it cannot; whether any of them waits then. */
  runAll(): boolean {
    const { run, states } = this;
    for (let again = true; again; ) {
      again = false;
      for (const k of shuffled(states.length, run.random)) {
        if (states[k] !== "ready") continue;
        run.thread = this.id(k);
        const at = run.resume(this.frame(k));
        // At a branch it has only given way to others.
        const gaveWay = at !== null && (at.op[0] === "bra" || at.op[0] === "brx");
        states[k] = gaveWay ? "ready" : (at ?? "ended");
        again ||= gaveWay;
      }
    }
    return states.some((s) => s !== "ended");
  }

  /** Lets those go on who have waited for each other. */
  release(): void {
    const released = this.releaseWarps();
    if (!released) this.releaseBarrier();
  }

  /** Warps whose threads are all at the instruction that they do together. */
  private releaseWarps(): boolean {
    const { states } = this;
    let released = false;
    for (let first = 0; first < states.length; first += warpSize) {
      for (let lane = 0; lane < warpSize; lane++) {
        const i = states[first + lane];
        if (typeof i !== "object" || isBarrier(i)) continue;
        this.releaseWarp(first, lane, i);
        released = true;
      }
    }
    return released;
  }

  private releaseWarp(first: number, lane: number, i: Instruction): void {
    const { states } = this;
    const asked = this.maskAt(first + lane, i);
    const mask = (asked & this.present(first)) >>> 0;
    const stuck = (k: number, why: string): never =>
      this.run.fault(
        `it waits for thread (${this.id(k).join(", ")}) of its warp, which ${why}`,
        i,
        this.id(first + lane),
      );
    if (((mask >>> lane) & 1) === 0)
      this.run.fault("a thread is not in the mask of its own instruction", i, this.id(first + lane));
    for (const other of lanesOf(mask)) {
      const state = states[first + other]!;
      if (state === "ended") stuck(first + other, "has ended");
      if (typeof state === "object" && state !== i)
        stuck(first + other, `waits at PTX line ${state.line}: ${state.text}`);
      if (this.maskAt(first + other, i) !== asked) stuck(first + other, "names other threads");
    }
    const frames = new Map(lanesOf(mask).map((other) => [other, this.saved(first + other)]));
    together(i, frames, (message) => this.run.fault(message, i, null));
    for (const other of lanesOf(mask)) states[first + other] = "ready";
  }

  private maskAt(k: number, i: Instruction): number {
    return maskOf(i, this.saved(k)) >>> 0;
  }

  /** The lanes of a warp that the block has. */
  private present(first: number): number {
    const count = Math.min(warpSize, this.states.length - first);
    return count === warpSize ? 0xffffffff : (1 << count) - 1;
  }

  /** All threads that have not ended are at a barrier: the same for all, and in a warp the same instruction. */
  private releaseBarrier(): void {
    const { states } = this;
    /** The first thread that waits, of the block and of the warp at hand. */
    let first = -1;
    let partner = -1;
    for (let k = 0; k < states.length; k++) {
      if (k % warpSize === 0) partner = -1;
      const at = states[k]!;
      if (typeof at !== "object") continue;
      if (first < 0) first = k;
      if (partner < 0) partner = k;
      if (at === states[partner] && at === states[first]) continue;
      const sameBarrier = idOf(at) === idOf(states[first] as Instruction);
      if (!sameBarrier) this.apart(k, first);
      if (isAligned(at) && at !== states[partner]) this.apart(k, partner);
    }
    for (let k = 0; k < states.length; k++) if (typeof states[k] === "object") states[k] = "ready";
  }

  private apart(k: number, other: number): never {
    const [at, there] = [this.states[k] as Instruction, this.states[other] as Instruction];
    const who = `thread (${this.id(other).join(", ")}) waits at PTX line ${there.line}: ${there.text}`;
    return this.run.fault(`not all threads reach this barrier: ${who}`, at, this.id(k));
  }

  private frame(k: number): number {
    return this.run.frames + k * this.frameBytes;
  }
  private saved(k: number): Frame {
    return new Frame(this.run.view, this.frame(k), this.run.kernel.translated.slots);
  }

  private id(k: number): Dim {
    const [nx, ny] = this.run.size;
    return [k % nx, Math.floor(k / nx) % ny, Math.floor(k / (nx * ny))];
  }
}

const isBarrier = (i: Instruction): boolean => (i.op[0] === "bar" || i.op[0] === "barrier") && !i.op.includes("warp");

const idOf = (i: Instruction): bigint => (i.operands[0]?.kind === "integer" ? i.operands[0].value : 0n);

/** `bar.sync` is short for `barrier.sync.aligned`: all threads of a warp execute the very same instruction. */
const isAligned = (i: Instruction): boolean => i.op[0] === "bar" || i.op.includes("aligned");
