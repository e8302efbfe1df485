/**
 * Which shared arrays have to be set to zero where they are made. `alloc` gives zeros, which a workgroup would have to write; it
 * need not where all elements are written before any is read, as in
 *
 *   %tile: f64[16, 16]@shared = alloc
 *   for %y in threads.y(0, 16) {
 *     for %x in threads.x(0, 16) {
 *       store %tile[%y, %x], %v          indices that run over whole axes, under no condition
 */
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type For,
  isConst,
  type Operand,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { blocksOf, walk } from "../ir/walk.ts";
import type { DeviceKernel } from "./device-kernel.ts";
import { readsOf } from "./effects.ts";

/** The shared arrays' `alloc`s whose zeros may be read. */
export function zeroedAllocs({ body }: DeviceKernel): ReadonlySet<Alloc> {
  const found = new Set<Alloc>();
  const visit = (b: Block): void => {
    for (const [k, s] of b.stmts.entries()) {
      if (s.kind === "alloc" && s.result.type.space === "shared") {
        const rest = { stmts: b.stmts.slice(k + 1), yields: b.yields };
        if (firstTouch(rest, s.result, new Map()) === "read") found.add(s);
      }
      if (s.kind !== "for" || !s.mode.startsWith("threads")) blocksOf(s).forEach(visit);
    }
  };
  visit(body);
  return found;
}

/** What comes first: a read of some element, or a write of all; `none` where neither is certain to. */
type Touch = "read" | "written" | "none";

/** `trips` has the loops around that surely run from 0 on, by their indices, with how often. */
function firstTouch(b: Block, array: ArrayValue, trips: ReadonlyMap<Value, number>): Touch {
  for (const s of b.stmts) {
    const touch = touchOf(s, array, trips);
    if (touch !== "none") return touch;
  }
  return "none";
}

function touchOf(s: Stmt, array: ArrayValue, trips: ReadonlyMap<Value, number>): Touch {
  switch (s.kind) {
    case "store":
      return s.array === array && runsOverAll(array, s.index, trips) ? "written" : "none";
    case "if": {
      const [a, b] = [s.then, s.else].map((side) => firstTouch(side, array, trips));
      return a === "read" || b === "read" ? "read" : a === b ? (a as Touch) : "none";
    }
    case "for": {
      const count = tripsOf(s);
      const within = firstTouch(s.body, array, count === null ? trips : new Map([...trips, [s.index, count]]));
      if (within !== "written" || count === null || count === 0) return within === "read" ? "read" : "none";
      // Each thread writes its elements at once; a loop in a thread has still to write those of later iterations.
      if (s.mode.startsWith("threads") || !reads(s.body, array)) return "written";
      return firstTouch(s.body, array, trips) === "written" ? "written" : "read";
    }
    case "while": {
      const tested = firstTouch(s.cond, array, trips);
      if (tested !== "none") return tested;
      return firstTouch(s.body, array, trips) === "read" ? "read" : "none";
    }
    default:
      return readsOf(s).includes(array) ? "read" : "none";
  }
}

/** Is each subscript the index of a loop of its own that runs over the whole axis? */
function runsOverAll(array: ArrayValue, index: readonly Operand[], trips: ReadonlyMap<Value, number>): boolean {
  const distinct = new Set(index.filter((o) => o.kind === "value")).size;
  const constants = index.filter((o) => o.kind === "const").length;
  const whole = index.every((o, axis) => {
    const size = array.type.dims[axis];
    if (size?.kind !== "const") return false;
    return o.kind === "const" ? size.value === 1 : trips.get(o) === size.value;
  });
  return whole && distinct + constants === index.length;
}

const tripsOf = ({ lo, hi }: For): number | null =>
  isConst(lo, 0) && hi.kind === "const" ? Math.max(0, Number(hi.value)) : null;

function reads(b: Block, array: ArrayValue): boolean {
  for (const s of walk(b)) if (readsOf(s).includes(array)) return true;
  return false;
}
