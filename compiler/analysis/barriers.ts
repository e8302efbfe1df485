/**
 * Where the threads of a workgroup wait for each other.
 *
 * What a kernel means: a barrier after each outermost threads loop, and what stands outside of threads loops is computed by all
 * threads at the same time. So no barrier is needed between two statements that touch no array in common, or only read it; and
 * one is needed where that meaning has none to spare:
 *
 *   %n: index = load %sizes[0]               all threads load; the fast ones are in the loop already while others still do
 *   for %t in threads.x(0, 64) {             a barrier before it, as it writes what they load
 *     store %sizes[0], %x
 *   }
 *
 * A workgroup that runs several iterations of its grid loops uses its shared arrays again: the first to touch one waits for the
 * last that did. Global elements need no such barrier: workgroups run in no order anyway.
 *
 *   const before = barriersOf(deviceKernel(kernel));
 *   const barrier = before.get(s);           // printing s, outside of threads loops
 *   if (barrier !== undefined) …             // bar.sync; or workgroupBarrier where barrier.shared, storageBarrier where .global
 */
import type { ArrayValue, Block, Stmt } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import type { DeviceKernel } from "./device-kernel.ts";
import { zeroedAllocs } from "./zeroing.ts";

/** The memory in which threads must see what the others have written before. */
export interface Barrier {
  readonly shared: boolean;
  readonly global: boolean;
}

/**
 * The statements right before which a barrier stands: outermost threads loops, `let`s outside of threads loops that load, and
 * `alloc`s of shared arrays that the threads set to zero (zeroing.ts). There are no others. All threads get there, since control flow outside of threads loops is the same in all of them.
 */
export function barriersOf(kernel: DeviceKernel): ReadonlyMap<Stmt, Barrier> {
  const placement = new Placement(zeroedAllocs(kernel));
  // Once more for the next iteration of the grid loops, for which only shared arrays are still the same.
  const end = placement.block(kernel.body, none);
  placement.block(kernel.body, end.filter(isShared));
  return placement.barriers;
}

/** What threads may do to an array that others do something to: atomic updates do not mind each other. */
type Verb = "read" | "write" | "update";
interface Access {
  readonly array: ArrayValue;
  readonly verb: Verb;
}
const isShared = ({ array }: Access): boolean => array.type.space === "shared";
const none: readonly Access[] = [];

const conflict = (a: Access, b: Access): boolean => a.array === b.array && (a.verb !== b.verb || a.verb === "write");
const includes = (list: readonly Access[], { array, verb }: Access): boolean =>
  list.some((a) => a.array === array && a.verb === verb);
const union = (a: readonly Access[], b: readonly Access[]): readonly Access[] => [
  ...a,
  ...b.filter((x) => !includes(a, x)),
];

class Placement {
  readonly barriers = new Map<Stmt, Barrier>();
  private readonly known = new Map<Stmt, readonly Access[]>();
  private readonly zeroed: ReadonlySet<Stmt>;

  constructor(zeroed: ReadonlySet<Stmt>) {
    this.zeroed = zeroed;
  }

  /** Walks a block after which `open` accesses no barrier has come yet, and returns those at its end. */
  block(b: Block, open: readonly Access[]): readonly Access[] {
    return b.stmts.reduce((before, s) => this.stmt(s, before), open);
  }

  private stmt(s: Stmt, open: readonly Access[]): readonly Access[] {
    switch (s.kind) {
      case "let":
        return s.expr.kind === "load" ? this.accesses(s, open) : open;
      case "alloc":
        return this.zeroed.has(s) ? this.accesses(s, open) : open;
      case "if":
        return union(this.block(s.then, open), this.block(s.else, open));
      case "for":
        if (s.mode.startsWith("threads")) return this.accesses(s, open);
        return this.loop(open, (before) => this.block(s.body, before));
      case "while": {
        const tested = (before: readonly Access[]): readonly Access[] => this.block(s.cond, before);
        return tested(this.loop(open, (before) => this.block(s.body, tested(before))));
      }
      default:
        return open;
    }
  }

  /** What is open before each iteration, and so after the last one: what was before the loop, or after some iteration. */
  private loop(open: readonly Access[], body: (before: readonly Access[]) => readonly Access[]): readonly Access[] {
    for (;;) {
      const after = union(open, body(open));
      if (after.length === open.length) return open;
      open = after;
    }
  }

  private accesses(s: Stmt, open: readonly Access[]): readonly Access[] {
    let own = this.known.get(s);
    if (own === undefined) {
      own = accessesIn(s);
      this.known.set(s, own);
    }
    const against = open.filter((a) => own.some((b) => conflict(a, b)));
    const before = this.barriers.get(s);
    if (against.length === 0 && before === undefined) return union(open, own);
    const shared = before?.shared === true || against.some(isShared);
    const global = before?.global === true || !against.every(isShared);
    this.barriers.set(s, { shared, global });
    // Whatever waits here has waited for all memory, or what is still open may be met again further down.
    return union(
      open.filter((a) => (isShared(a) ? !shared : !global)),
      own,
    );
  }
}

/** What a statement does to arrays that several threads see. */
function accessesIn(s: Stmt): readonly Access[] {
  const found: Access[] = [];
  for (const inner of walk({ stmts: [s], yields: [] })) {
    const access = accessOf(inner);
    if (access !== null && access.array.type.space !== "local" && !includes(found, access)) found.push(access);
  }
  return found;
}

function accessOf(s: Stmt): Access | null {
  if (s.kind === "let" && s.expr.kind === "load") return { array: s.expr.array, verb: "read" };
  if (s.kind === "alloc") return { array: s.result, verb: "write" };
  if (s.kind === "store") return { array: s.array, verb: "write" };
  return s.kind === "accum" ? { array: s.array, verb: s.atomic === true ? "update" : "write" } : null;
}
