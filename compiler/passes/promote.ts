/**
 * Turns small local arrays into scalars, where every access says with constants which element it means.
 *
 *   %w: f64[2] = alloc
 *   for %i in seq(0, %n) {                       %w_0: f64 = for %i in seq(0, %n) with %w_0 = 0.0f64 {
 *     %x: f64 = load %A[%i]                        %x: f64 = load %A[%i]
 *     accum add %w[0], %x                =>        %w_0_1: f64 = add %w_0, %x
 *   }                                              yield %w_0_1
 *   %s: f64 = load %w[0]                         }
 *
 * Each element becomes a value that flows through the program; loops carry those that they write, and branches yield
 * them. Such arrays come from array literals, structs and tuples in arrays, and unrolled loops.
 *
 * Needs: subscripts folded to constants, so simplify before it. An array stays memory when it is passed on, rounds what is
 * stored, or is written where no value can be carried out: in a parallel loop around which it lives, or in the test of a
 * `while`.
 */

import { isNegativeConst, readsOf, writesOf, writtenWithin, zeroOf } from "../analysis/effects.ts";
import { bug } from "../diagnostic.ts";
import { binaryExpr, value } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Block,
  type For,
  type If,
  isConst,
  isRounded,
  type Operand,
  type Scalar,
  type Stmt,
  valueType,
  type While,
} from "../ir/ir.ts";
import { blocksOf, mapList, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const promote: Pass = funcPass("promote", "turns small local arrays into scalars", (f) => {
  const chosen = candidates(f.body);
  return chosen.size === 0 ? f : { ...f, body: new Walk(chosen).block(f.body, []) };
});

/** With more elements, what loops would carry costs more than memory. */
const elementLimit = 32;

/** Which element constant subscripts mean, counted row by row; null when they are not constant or outside. */
function elementAt(array: ArrayValue, index: readonly Operand[]): number | null {
  let at = 0;
  for (const [axis, o] of index.entries()) {
    const size = array.type.dims[axis] as Operand;
    if (!isConst(o) || !isConst(size)) return null;
    const [i, n] = [Number(o.value), Number(size.value)];
    if (i < 0 || i >= n) return null;
    at = at * n + i;
  }
  return at;
}

const elementCount = (array: ArrayValue): number =>
  array.type.dims.reduce((n, d) => n * (isConst(d) ? Number(d.value) : Number.POSITIVE_INFINITY), 1);

function candidates(body: Block): ReadonlySet<ArrayValue> {
  const chosen = new Set<ArrayValue>();
  for (const s of walk(body)) {
    if (s.kind !== "alloc" || s.result.type.space === "shared" || isRounded(s.result)) continue;
    if (s.result.type.dims.some(isNegativeConst)) continue;
    if (elementCount(s.result) <= elementLimit) chosen.add(s.result);
  }
  if (chosen.size === 0) return chosen;
  for (const s of walk(body)) {
    for (const a of [...readsOf(s), ...writesOf(s)]) if (!isPlainAccess(s)) chosen.delete(a);
    if (s.kind === "check" && !isInside(s.array, s.axis, s.index)) chosen.delete(s.array);
    if (s.kind === "for" && s.mode !== "seq") removeOuter(s.body, chosen);
    if (s.kind === "while") removeOuter(s.cond, chosen);
  }
  return chosen;
}

function isPlainAccess(s: Stmt): boolean {
  if (s.kind === "store" || s.kind === "accum") return elementAt(s.array, s.index) !== null;
  return s.kind === "let" && s.expr.kind === "load" && elementAt(s.expr.array, s.expr.index) !== null;
}

function isInside(array: ArrayValue, axis: number, index: Operand): boolean {
  const size = array.type.dims[axis] as Operand;
  return isConst(index) && isConst(size) && Number(index.value) >= 0 && index.value < size.value;
}

/** Takes away the arrays that the block writes but does not make. */
function removeOuter(b: Block, chosen: Set<ArrayValue>): void {
  const made = new Set<ArrayValue>();
  for (const s of walk(b)) {
    if (s.kind === "alloc") made.add(s.result);
    for (const a of writesOf(s)) if (!made.has(a)) chosen.delete(a);
  }
}

/** One element of a promoted array. */
interface Slot {
  readonly array: ArrayValue;
  readonly at: number;
}

class Walk {
  private readonly chosen: ReadonlySet<ArrayValue>;
  private readonly subst = new Substitution();
  /** What the elements of the arrays hold at the current place. */
  private elements = new Map<ArrayValue, readonly Operand[]>();

  constructor(chosen: ReadonlySet<ArrayValue>) {
    this.chosen = chosen;
  }

  /** `more` are elements that the block yields after its own. */
  block(b: Block, more: readonly Slot[]): Block {
    const stmts: Stmt[] = [];
    let changed = false;
    for (const before of b.stmts) {
      const after = this.stmt(this.subst.stmt(before));
      if (after !== null) stmts.push(after);
      changed ||= after !== before;
    }
    const own = mapList(b.yields, this.subst.operand);
    const yields = more.length === 0 ? own : [...own, ...more.map((slot) => this.get(slot))];
    return changed || yields !== b.yields ? { stmts: changed ? stmts : b.stmts, yields } : b;
  }

  private stmt(s: Stmt): Stmt | null {
    switch (s.kind) {
      case "let": {
        const slot = s.expr.kind === "load" ? this.slotOf(s.expr.array, s.expr.index) : null;
        if (slot === null) return s;
        this.subst.set(s.result, this.get(slot));
        return null;
      }
      case "alloc":
        if (!this.chosen.has(s.result)) return s;
        this.elements.set(s.result, Array(elementCount(s.result)).fill(zeroOf(s.result.type.elem)));
        return null;
      case "store": {
        const slot = this.slotOf(s.array, s.index);
        if (slot === null) return s;
        this.set(slot, s.value);
        return null;
      }
      case "accum": {
        const slot = this.slotOf(s.array, s.index);
        return slot === null ? s : this.accum(s, slot);
      }
      case "check":
        return this.chosen.has(s.array) ? null : s;
      case "for":
      case "while":
        return this.loop(s);
      case "if":
        return this.if(s);
      default:
        return s;
    }
  }

  private accum(s: Accum, slot: Slot): Stmt {
    const result = elementValue(slot);
    const expr = binaryExpr(s.op, this.get(slot), s.value, s.mode);
    this.set(slot, result);
    return { kind: "let", result, expr, loc: s.loc };
  }

  private loop(s: For | While): Stmt {
    const slots = this.writtenSlots(s);
    const inits = slots.map((slot) => this.get(slot));
    const carried = slots.map(elementValue);
    const results = slots.map(elementValue);
    const before = this.elements;
    const inside = (b: Block, more: readonly Slot[]): Block => {
      this.elements = new Map(before);
      slots.forEach((slot, i) => {
        this.set(slot, carried[i] as Scalar);
      });
      return this.block(b, more);
    };
    const cond = s.kind === "while" ? inside(s.cond, []) : null;
    const body = inside(s.body, slots);
    this.after(before, slots, results);
    const more =
      slots.length === 0
        ? {}
        : { inits: [...s.inits, ...inits], carried: [...s.carried, ...carried], results: [...s.results, ...results] };
    if (s.kind === "while") {
      return cond === s.cond && body === s.body ? s : { ...s, ...more, cond: cond ?? s.cond, body };
    }
    return body === s.body ? s : { ...s, ...more, body };
  }

  private if(s: If): Stmt {
    const slots = this.writtenSlots(s);
    const results = slots.map(elementValue);
    const before = this.elements;
    const inside = (b: Block): Block => {
      this.elements = new Map(before);
      return this.block(b, slots);
    };
    const then = inside(s.then);
    const otherwise = inside(s.else);
    this.after(before, slots, results);
    if (then === s.then && otherwise === s.else) return s;
    return { ...s, then, else: otherwise, results: slots.length === 0 ? s.results : [...s.results, ...results] };
  }

  private after(before: Map<ArrayValue, readonly Operand[]>, slots: readonly Slot[], results: readonly Scalar[]): void {
    this.elements = before;
    slots.forEach((slot, i) => {
      this.set(slot, results[i] as Scalar);
    });
  }

  /** Elements alive before the statement that something in it writes. */
  private writtenSlots(s: Stmt): readonly Slot[] {
    const arrays = [...writtenWithin(s)].filter((a) => this.elements.has(a));
    const slots: Slot[] = [];
    for (const array of arrays) {
      const at = new Set<number>();
      for (const b of blocksOf(s)) {
        for (const t of walk(b)) {
          if ((t.kind === "store" || t.kind === "accum") && t.array === array) at.add(elementAt(array, t.index) ?? 0);
        }
      }
      for (const i of [...at].sort((a, b) => a - b)) slots.push({ array, at: i });
    }
    return slots;
  }

  private slotOf(array: ArrayValue, index: readonly Operand[]): Slot | null {
    return this.chosen.has(array) ? { array, at: elementAt(array, index) ?? bug(`%${array.hint} was chosen`) } : null;
  }

  private get({ array, at }: Slot): Operand {
    return this.elements.get(array)?.[at] ?? bug(`%${array.hint} has no element ${at}`);
  }

  private set({ array, at }: Slot, to: Operand): void {
    this.elements.set(array, this.elements.get(array)?.with(at, to) ?? bug(`%${array.hint} was never made`));
  }
}

const elementValue = ({ array, at }: Slot): Scalar => value(`${array.hint}_${at}`, valueType(array.type.elem));
