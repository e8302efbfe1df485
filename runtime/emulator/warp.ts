/** What the threads of a warp do together: shuffles and votes, once all that take part are there. */

import type { Instruction, Operand, Register } from "./ptx.ts";
import { slotBytes, warpSize } from "./record.ts";

/** The saved registers of a waiting thread. */
export class Frame {
  private readonly view: DataView;
  private readonly start: number;
  private readonly slots: ReadonlyMap<Register, number>;

  constructor(view: DataView, start: number, slots: ReadonlyMap<Register, number>) {
    this.view = view;
    this.start = start;
    this.slots = slots;
  }

  /** The low 32 bits of an operand. */
  read(operand: Operand): number {
    if (operand.kind === "integer") return Number(BigInt.asUintN(32, operand.value));
    if (operand.kind !== "register") throw new Error("operands of warp instructions are registers and numbers");
    const value = this.view.getUint32(this.start + this.slots.get(operand.register)!, true);
    return operand.negated ? 1 - value : value;
  }

  /** A result that nobody reads has no place. */
  write(operand: Operand, value: number): void {
    const at = operand.kind === "register" ? this.slots.get(operand.register) : undefined;
    if (at === undefined) return;
    for (let k = 0; k < slotBytes; k += 4) this.view.setUint32(this.start + at + k, k === 0 ? value : 0, true);
  }
}

/** The threads of its warp that the operand of an instruction names. */
export function maskOf(i: Instruction, own: Frame): number {
  return own.read(i.operands.at(-1)!);
}

type Fail = (message: string) => never;

/** Carries out an instruction for the threads of one warp, which are given by their lanes. */
export function together(i: Instruction, frames: ReadonlyMap<number, Frame>, fail: Fail): void {
  if (i.op[0] === "shfl") shuffle(i, frames, fail);
  else if (i.op[0] === "vote") vote(i, frames);
}

/** `shfl.sync.mode.b32 d|p, a, b, c, mask`, by the manual's pseudocode. */
function shuffle(i: Instruction, frames: ReadonlyMap<number, Frame>, fail: Fail): void {
  const [d, a, b, c] = i.operands as [Operand, Operand, Operand, Operand];
  const mode = i.op[2]!;
  const values = new Map([...frames].map(([lane, frame]) => [lane, frame.read(a)]));
  const results = [...frames].map(([lane, frame]): [Frame, number, boolean] => {
    const by = frame.read(b) & 31;
    const bound = frame.read(c) & 31;
    const segment = (frame.read(c) >> 8) & 31;
    const most = (lane & segment) | (bound & ~segment);
    const least = lane & segment;
    let from: number;
    let inside: boolean;
    if (mode === "up") {
      from = lane - by;
      inside = from >= most;
    } else {
      from = mode === "down" ? lane + by : mode === "bfly" ? lane ^ by : least | (by & ~segment);
      inside = from <= most;
    }
    if (!inside) from = lane;
    return [frame, values.get(from) ?? fail(`lane ${lane} reads from lane ${from}, which takes no part`), inside];
  });
  for (const [frame, value, inside] of results) {
    frame.write(d.kind === "pair" ? d.first : d, value);
    if (d.kind === "pair") frame.write(d.second, inside ? 1 : 0);
  }
}

function vote(i: Instruction, frames: ReadonlyMap<number, Frame>): void {
  const [d, a] = i.operands as [Operand, Operand];
  const votes = [...frames].map(([lane, frame]): [number, boolean] => [lane, frame.read(a) !== 0]);
  const mode = i.op[2]!;
  const yes = votes.filter(([, v]) => v);
  const ballot = yes.reduce((bits, [lane]) => bits | (1 << lane), 0);
  const all = yes.length === votes.length;
  const value = { all, any: yes.length > 0, uni: all || yes.length === 0, ballot }[mode as "all"];
  for (const frame of frames.values()) frame.write(d, Number(value) >>> 0);
}

export const lanesOf = (mask: number): number[] =>
  Array.from({ length: warpSize }, (_, lane) => lane).filter((lane) => (mask >>> lane) & 1);
