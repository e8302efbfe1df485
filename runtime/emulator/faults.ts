/** What can go wrong while a kernel runs, said with everything that is known of it. */
import type { AccessSpace } from "./access.ts";
import type { faultReasons } from "./emitter.ts";
import { type DeviceMemory, deviceBase, mark } from "./memory.ts";
import { type Instruction, types } from "./ptx.ts";

export type Dim = readonly [x: number, y: number, z: number];

/** Where a kernel was when it failed. */
export interface FaultPlace {
  readonly kernel: string;
  readonly instruction: Instruction;
  /** Null where no thread in particular is at fault. */
  readonly thread: Dim | null;
  readonly block: Dim;
}

/** Thrown by `launch` when a kernel does what it must not; what it has written until then stays. */
export class PtxFault extends Error {
  override readonly name = "PtxFault";
  readonly kernel: string;
  readonly line: number;
  readonly instruction: string;
  readonly thread: Dim | null;
  readonly block: Dim;

  constructor(message: string, { kernel, instruction, thread, block }: FaultPlace) {
    const who = thread === null ? "" : `thread (${thread.join(", ")}) of `;
    const source = instruction.source === null ? "" : `, from ${instruction.source}`;
    super(
      `${kernel}: ${message}\n  at PTX line ${instruction.line}${source}: ${instruction.text}\n  in ${who}block (${block.join(", ")})`,
    );
    this.kernel = kernel;
    this.line = instruction.line;
    this.instruction = instruction.text;
    this.thread = thread;
    this.block = block;
  }
}

/** The windows of shared and local memory at the time, as offsets. */
export interface Windows {
  readonly shared: number;
  readonly sharedBytes: number;
  readonly local: number;
  readonly localBytes: number;
}

/** What is wrong, for a reason that translated code gave. */
export function explain(
  reason: (typeof faultReasons)[number],
  detail: bigint,
  i: Instruction,
  memory: DeviceMemory,
  windows: Windows,
): string {
  switch (reason) {
    case "address":
      return explainAddress(BigInt.asUintN(64, detail), i, memory, windows);
    case "division":
      return "an integer is divided by zero, which has no defined result";
    case "trap":
      return "the kernel ends itself by trap";
    case "table":
      return `a branch to entry ${detail} of its table, which it does not have`;
  }
}

function explainAddress(address: bigint, i: Instruction, memory: DeviceMemory, w: Windows): string {
  const has = (part: string): boolean => i.op.includes(part);
  const bytes = (types.get(i.op.at(-1)!)!.bits / 8) * (has("v4") ? 4 : has("v2") ? 2 : 1);
  const space = (["global", "shared", "local", "const"] as const).find((s) => has(s) || has(`${s}::cta`)) ?? "generic";
  const writes = i.op[0] !== "ld";
  const what = `${bytes} bytes at ${space === "generic" ? "" : `${space} `}address 0x${address.toString(16)}`;
  if (address % BigInt(bytes) !== 0n) return `${what}, which is no multiple of ${bytes}: misaligned`;
  const [start, size] =
    { shared: [w.shared, w.sharedBytes], local: [w.local, w.localBytes] }[space as "shared" | "local"] ?? [];
  if (size !== undefined && address >= BigInt(size))
    return `${what}, beyond the ${size} bytes of .${space} memory: out of bounds`;
  const offset = start === undefined ? Number(address - deviceBase) : start + Number(address);
  const marks = Array.from({ length: bytes }, (_, k) => memory.marksAt(offset + k));
  const own = marksOf(space, marks[0]!);
  if (own === 0 || !marks.every((m) => (m & own) !== 0))
    return `${what}, which ${belonging(space, marks)}: out of bounds`;
  if (own === mark.local && !(offset >= w.local && offset < w.local + w.localBytes))
    return `${what}, which is local memory of another thread`;
  if (writes && own === mark.const) return `${what} are written, which are in constant memory`;
  if (i.op[0] !== "st" && !marks.every((m) => (m & mark.written) !== 0))
    return `${what} are read, which were never written`;
  if (writes) return `${what} are written, which this launch has read by ld.global.nc, as if they did not change`;
  return `${what} are read by ld.global.nc, as if they did not change, which this launch has written`;
}

/** The mark that the first byte has and that the instruction may access; 0 if none. */
function marksOf(space: AccessSpace, first: number): number {
  if (space !== "generic") return first & mark[space];
  return first & (mark.global | mark.shared | mark.local | mark.const);
}

function belonging(space: AccessSpace, marks: readonly number[]): string {
  const others = (["global", "shared", "local", "const"] as const).filter((s) => (marks[0]! & mark[s]) !== 0);
  if (others.length > 0 && space !== "generic" && !others.includes(space)) return `are in .${others[0]} memory`;
  return space === "shared" || space === "local" ? "belong to no variable" : "are in no allocation";
}
