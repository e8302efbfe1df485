/**
 * Lets values flow past memory: a load of what was just stored becomes the value, a store that is overwritten goes.
 *
 *   store %A[%i], %v                           store %A[%i], %v
 *   %a: f64 = load %A[%i]              =>      store %A[%k], %v
 *   store %A[%k], %a
 *
 * What elements are known to hold is followed forward through blocks and into blocks inside. A write to the same array
 * ends what is known, unless some subscript shows that it is another element: two constants, or one value plus two
 * different constants. Other arrays never overlap. In an array that is just made, all is known: zero. What elements hold
 * that round what is stored, loads alone tell.
 *
 * A store goes where a later one in its block overwrites the same element, and nothing in between may read the array
 * or end the function; or where it stores what the element holds already.
 *
 * Needs: to stand after inline. Finds more after simplify, which brings subscripts to the form `value + constant`.
 */

import { readsOf, writesOf, zeroOf } from "../analysis/effects.ts";
import {
  type ArrayValue,
  type Block,
  type Expr,
  isConst,
  isRounded,
  type Operand,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { blocksOf, mapBlocks, mapList, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isBinary, numberOf, same } from "./simplify-rule.ts";

export const forward: Pass = funcPass("forward", "loads what was just stored from the value itself", (f) => {
  let body = f.body;
  // A store that goes may have been all that hid an element from a load before it.
  for (let before: Block | null = null; before !== body; ) {
    before = body;
    body = new Walk().block(body);
  }
  return body === f.body ? f : { ...f, body };
});

type Index = readonly Operand[];
/** What one element holds. */
interface Element {
  readonly index: Index;
  readonly value: Operand;
}
/** What is known of one array. */
interface Content {
  readonly elements: readonly Element[];
  /** Every other element is zero. */
  readonly zero: boolean;
}
const nothing: Content = { elements: [], zero: false };

class Walk {
  private readonly subst = new Substitution();
  private readonly defs = new Map<Value, Expr>();
  private contents = new Map<ArrayValue, Content>();

  block(b: Block): Block {
    const stmts: Stmt[] = [];
    for (const before of b.stmts) {
      const after = this.stmt(this.subst.stmt(before));
      if (after !== null) stmts.push(after);
    }
    const kept = withoutOverwritten(stmts);
    const yields = mapList(b.yields, this.subst.operand);
    const unchanged = kept.length === b.stmts.length && kept.every((s, i) => s === b.stmts[i]);
    return unchanged && yields === b.yields ? b : { stmts: unchanged ? b.stmts : kept, yields };
  }

  private stmt(s: Stmt): Stmt | null {
    switch (s.kind) {
      case "let": {
        if (s.expr.kind !== "load") {
          this.defs.set(s.result, s.expr);
          return s;
        }
        const { array, index } = s.expr;
        const value = this.lookUp(array, index);
        if (value === null) {
          this.learn(array, { index, value: s.result });
          return s;
        }
        this.subst.set(s.result, value);
        return null;
      }
      case "alloc":
        this.contents.set(s.result, { elements: [], zero: true });
        return s;
      case "store": {
        const held = this.lookUp(s.array, s.index);
        if (held !== null && same(held, s.value)) return null;
        this.write(s.array, s.index);
        if (!isRounded(s.array)) this.learn(s.array, { index: s.index, value: s.value });
        return s;
      }
      case "accum":
        this.write(s.array, s.index);
        return s;
      default:
        return this.inside(s);
    }
  }

  private inside(s: Stmt): Stmt {
    // A loop's body also runs after itself.
    if (s.kind === "for" || s.kind === "while") this.writeAll(s);
    const atStart = this.contents;
    const out = mapBlocks(s, (b) => {
      this.contents = new Map(atStart);
      return this.block(b);
    });
    this.contents = atStart;
    this.writeAll(s);
    return out;
  }

  private lookUp(array: ArrayValue, index: Index): Operand | null {
    const { elements, zero } = this.contents.get(array) ?? nothing;
    const found = elements.find((e) => e.index.every((o, axis) => same(o, index[axis] as Operand)));
    if (found !== undefined) return found.value;
    return zero && elements.every((e) => this.differ(e.index, index)) ? zeroOf(array.type.elem) : null;
  }

  private learn(array: ArrayValue, element: Element): void {
    const { elements, zero } = this.contents.get(array) ?? nothing;
    this.contents.set(array, { elements: [...elements, element], zero });
  }

  /** Forgets what a write to that element may change. */
  private write(array: ArrayValue, index: Index): void {
    const known = this.contents.get(array);
    if (known === undefined) return;
    const elements = known.elements.filter((e) => this.differ(e.index, index));
    this.contents.set(array, { elements, zero: false });
  }

  /** Forgets what anything in the statement may change. */
  private writeAll(s: Stmt): void {
    const write = (t: Stmt): void => {
      if (t.kind === "store" || t.kind === "accum") this.write(t.array, t.index);
      else for (const a of writesOf(t)) this.contents.delete(a);
    };
    write(s);
    for (const b of blocksOf(s)) for (const t of walk(b)) write(t);
  }

  /** Surely two elements. */
  private differ(a: Index, b: Index): boolean {
    return a.some((o, axis) => {
      const [p, q] = [this.split(o), this.split(b[axis] as Operand)];
      return p.base === q.base && p.offset !== q.offset;
    });
  }

  /** An index as a value, or none, plus a constant. */
  private split(o: Operand): { readonly base: Value | null; readonly offset: number } {
    if (isConst(o)) return { base: null, offset: numberOf(o) };
    const d = this.defs.get(o as Value);
    if (isBinary(d, "add") && d.a.kind === "value" && isConst(d.b)) return { base: d.a, offset: numberOf(d.b) };
    return { base: o as Value, offset: 0 };
  }
}

/** Without stores that a later one overwrites unread. */
function withoutOverwritten(stmts: readonly Stmt[]): readonly Stmt[] {
  /** Stores of later statements whose element nothing has read yet, going backwards. */
  let pending: { readonly array: ArrayValue; readonly index: Index }[] = [];
  const dead = new Set<Stmt>();
  for (const s of stmts.toReversed()) {
    if (s.kind === "store") {
      const isOverwritten = pending.some(
        (p) => p.array === s.array && p.index.every((o, axis) => same(o, s.index[axis] as Operand)),
      );
      if (isOverwritten) dead.add(s);
      else pending.push(s);
      continue;
    }
    const inner = [s, ...blocksOf(s).flatMap((b) => [...walk(b)])];
    if (inner.some((t) => t.kind === "check" || t.kind === "call" || (t.kind === "while" && t.max === null))) {
      pending = [];
      continue;
    }
    const read = new Set(inner.flatMap(readsOf));
    if (read.size > 0) pending = pending.filter((p) => !read.has(p.array));
  }
  return dead.size === 0 ? stmts : stmts.filter((s) => !dead.has(s));
}
