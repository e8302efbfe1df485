/** Basic blocks of a function, and which registers are needed where a thread may be suspended. */
import { type Instruction, type PtxFunction, type Register, refuse } from "./ptx.ts";

/** What ends a block: it goes somewhere else, or the thread waits and goes on with the next block. */
const ends = new Set(["bra", "brx", "ret", "exit", "trap", "bar", "barrier", "shfl", "vote"]);

export interface BasicBlock {
  readonly instructions: readonly Instruction[];
  readonly successors: Set<number>;
  /** Registers that it reads before it writes them, and those that it certainly writes. */
  readonly reads: Set<Register>;
  readonly writes: Set<Register>;
}

export interface Flow {
  readonly blocks: readonly BasicBlock[];
  /** The block that a label stands before. */
  target(label: string, from: Instruction): number;
}

export function flowOf(f: PtxFunction): Flow {
  const starts = new Set([0, ...f.labels.values()]);
  for (const [k, i] of f.body.entries()) if (ends.has(i.op[0]!)) starts.add(k + 1);
  const order = [...starts].sort((a, b) => a - b);
  // The last may be empty: a label before the closing brace, or nothing at all after a `ret`.
  if (order.length > 1 && order.at(-1) === f.body.length && ![...f.labels.values()].includes(f.body.length))
    order.pop();
  const blocks = order.map((start, k) => ({
    instructions: f.body.slice(start, order[k + 1]),
    successors: new Set<number>(),
    reads: new Set<Register>(),
    writes: new Set<Register>(),
  }));
  const numbers = new Map(order.map((start, k) => [start, k]));
  const target = (label: string, from: Instruction): number => {
    const at = f.labels.get(label);
    return at === undefined ? refuse(from, `there is no label ${label} in ${f.name}`) : numbers.get(at)!;
  };
  return { blocks, target };
}

/** For each block the registers whose values it, or what comes after it, may read. */
export function liveAtStart(blocks: readonly BasicBlock[]): readonly ReadonlySet<Register>[] {
  const live = blocks.map((b) => new Set(b.reads));
  for (let changed = true; changed; ) {
    changed = false;
    for (let k = blocks.length - 1; k >= 0; k--) {
      const { successors, writes } = blocks[k]!;
      const before = live[k]!.size;
      for (const next of successors) for (const r of live[next]!) if (!writes.has(r)) live[k]!.add(r);
      changed ||= live[k]!.size > before;
    }
  }
  return live;
}
