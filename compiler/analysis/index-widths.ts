/**
 * Which `index` values of a function need 64 bits on a GPU, whose registers have 32 (and the integers of WGSL no more).
 *
 * A value is held as i32 where its range fits; also where nobody asks for more than its low 32 bits: sums and products of
 * subscripts, which lie inside of their arrays in the end, may wrap on the way there. What is compared, divided, converted,
 * stored in an array of indices, or bounds a loop is asked for as a whole, and with it what it is computed from.
 *
 *   %s: index = add %a, %b            two i32 from arrays: 33 bits
 *   %c: bool = lt %s, %best           64 bits, as %c depends on all of them
 *   %x: f32 = load %A[%s]             32 bits, as it is below the size of %A
 *
 * Sizes and index parameters are below `indexLimit` (artifact-wgsl.ts), which the device checks at the launch.
 */
import { indexLimit } from "../artifact-wgsl.ts";
import {
  type Block,
  type Expr,
  type For,
  type Func,
  type If,
  type IntType,
  isArray,
  isInt,
  type Operand,
  type Scalar,
  type ScalarType,
  type Stmt,
  type Value,
  valueType,
  type While,
} from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";

interface Range {
  readonly lo: number;
  readonly hi: number;
}
const most = 2 ** 53;
const anything: Range = { lo: -most, hi: most };
const word: Range = { lo: -(2 ** 31), hi: 2 ** 31 - 1 };
const limit: Range = { lo: -indexLimit, hi: indexLimit };
const isIn = (a: Range, b: Range): boolean => a.lo >= b.lo && a.hi <= b.hi;
const both = (a: Range, b: Range): Range => ({ lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) });
const clamp = (a: Range, to: Range): Range => ({
  lo: Math.min(Math.max(a.lo, to.lo), to.hi),
  hi: Math.max(Math.min(a.hi, to.hi), to.lo),
});
const hull = (...ends: readonly number[]): Range => ({ lo: Math.min(...ends), hi: Math.max(...ends) });

const lowEnds = [0, word.lo, -most];
const highEnds = [word.hi, most];

/** What casts to index make of other types. */
const ofType: Readonly<Record<ScalarType, Range>> = {
  f64: anything,
  f32: anything,
  i32: word,
  u32: { lo: 0, hi: 2 ** 32 - 1 },
  index: anything,
  bool: { lo: 0, hi: 1 },
};

/** What an operation on `type` gives whose mathematical result is in `r`: 32-bit integers wrap. */
function within(type: IntType, r: Range): Range {
  if (type === "index") return clamp(r, anything);
  return isIn(r, ofType[type]) ? r : ofType[type];
}

/** Operations whose low 32 bits depend on no more than those of their operands. */
const ring: ReadonlySet<string> = new Set(["add", "sub", "mul", "neg"]);

/** Where the integers of a function lie, and which of its indices are wide. */
export class IndexWidths {
  private readonly ranges = new Map<Value, Range>();
  /** Values that are asked for as a whole. */
  private readonly whole = new Set<Scalar>();
  /** Whoever is wide asks for these as a whole. */
  private readonly parts = new Map<Scalar, Operand[]>();

  constructor(func: Func) {
    for (const p of func.params) {
      // The math library's own parameters are 32-bit integers.
      if (!isArray(p))
        this.ranges.set(p, p.type !== "index" ? ofType[p.type as ScalarType] : func.kind === "func" ? word : limit);
      else for (const d of p.type.dims) if (d.kind === "value") this.ranges.set(d, { lo: 0, hi: indexLimit });
    }
    this.block(func.body);
    for (const s of walk(func.body)) this.ask(s);
    if (func.kind === "func") for (const o of func.body.yields) this.need(o);
    // The set grows while it is walked.
    for (const v of this.whole) if (this.isWide(v)) for (const o of this.parts.get(v) ?? []) this.need(o);
  }

  /** Whether the operand, an index, is held in 64 bits. */
  isWide(o: Operand | Scalar): boolean {
    if (o.type !== "index") return false;
    if (o.kind === "const") return !isIn(this.range(o), word);
    return this.whole.has(o) && !isIn(this.range(o), word);
  }

  /** Where the operand lies. */
  range(o: Operand): Range {
    if (o.kind === "const") return { lo: Number(o.value), hi: Number(o.value) };
    return this.ranges.get(o) ?? ofType[o.type];
  }

  private block(b: Block): void {
    for (const s of b.stmts) this.stmt(s);
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        if (isInt(s.result.type)) this.ranges.set(s.result, within(s.result.type, this.exprRange(s.expr)));
        return;
      case "for": {
        // Bounds are taken to the nearest i32.
        const [lo, hi] = [clamp(this.range(s.lo), word), clamp(this.range(s.hi), word)];
        this.ranges.set(s.index, { lo: lo.lo, hi: Math.max(lo.lo, hi.hi - 1) });
        return this.carried(s, () => this.block(s.body));
      }
      case "while":
        return this.carried(s, () => {
          this.block(s.cond);
          this.block(s.body);
        });
      case "if":
        this.block(s.then);
        this.block(s.else);
        s.results.forEach((r, k) => {
          const [a, b] = [s.then.yields[k] as Operand, s.else.yields[k] as Operand];
          this.ranges.set(r, both(this.range(a), this.range(b)));
        });
        return;
      default:
        return;
    }
  }

  /** What is carried: as it starts, and as the body yields it; an end that moves goes to the next of a few places, in the end anywhere. */
  private carried(s: For | While, body: () => void): void {
    const indices = s.carried.flatMap((v, k) => (isInt(v.type) ? [{ v, k }] : []));
    for (const { v, k } of indices) this.ranges.set(v, this.range(s.inits[k] as Operand));
    for (;;) {
      body();
      let moved = false;
      for (const { v, k } of indices) {
        const before = this.range(v);
        const after = both(before, this.range(s.body.yields[k] as Operand));
        if (isIn(after, before)) continue;
        moved = true;
        const lo = after.lo < before.lo ? (lowEnds.find((x) => x <= after.lo) ?? -most) : before.lo;
        const hi = after.hi > before.hi ? (highEnds.find((x) => x >= after.hi) ?? most) : before.hi;
        this.ranges.set(v, { lo, hi });
      }
      if (!moved) break;
    }
    for (const { v, k } of indices) this.ranges.set(s.results[k] as Scalar, this.range(v));
  }

  private exprRange(e: Expr): Range {
    switch (e.kind) {
      case "unary": {
        const a = this.range(e.a);
        if (e.op === "neg") return { lo: -a.hi, hi: -a.lo };
        if (e.op !== "abs") return anything;
        return { lo: a.lo > 0 ? a.lo : a.hi < 0 ? -a.hi : 0, hi: Math.max(-a.lo, a.hi) };
      }
      case "binary":
        return binaryRange(e.op, this.range(e.a), this.range(e.b));
      case "select":
        return both(this.range(e.a), this.range(e.b));
      case "cast":
        return isInt(e.a.type) || e.a.type === "bool" ? this.range(e.a) : anything;
      case "load":
        return ofType[valueType(e.array.type.elem)];
      case "compare":
        return anything;
    }
  }

  /** Notes what a statement asks of indices. */
  private ask(s: Stmt): void {
    switch (s.kind) {
      case "let":
        return this.askExpr(s.result, s.expr);
      case "store":
      case "accum":
        return this.need(s.value);
      case "for":
        this.need(s.lo);
        this.need(s.hi);
        return this.join(s);
      case "while":
        return this.join(s);
      case "if":
        return this.joinBranches(s);
      case "call":
        for (const a of s.args) if (a.kind !== "view" && !isArray(a)) this.need(a);
        return;
      default:
        return;
    }
  }

  private askExpr(result: Scalar, e: Expr): void {
    switch (e.kind) {
      case "unary":
        if (ring.has(e.op)) return this.from(result, [e.a]);
        return this.need(e.a);
      case "binary":
        if (ring.has(e.op)) return this.from(result, [e.a, e.b]);
        this.need(e.a);
        return this.need(e.b);
      case "compare":
        this.need(e.a);
        return this.need(e.b);
      case "select":
        return this.from(result, [e.a, e.b]);
      case "cast":
        // Words are taken modulo 2^32.
        if (e.to === "i32" || e.to === "u32") return;
        return this.from(result, [e.a], e.to !== "index");
      case "load":
        return;
    }
  }

  /** What a loop carries is one variable: all of it is wide, or nothing. */
  private join(s: For | While): void {
    s.carried.forEach((v, k) => {
      const result = s.results[k] as Scalar;
      this.from(v, [result, s.inits[k] as Operand, s.body.yields[k] as Operand]);
      this.from(result, [v]);
    });
  }
  private joinBranches(s: If): void {
    s.results.forEach((r, k) => {
      this.from(r, [s.then.yields[k] as Operand, s.else.yields[k] as Operand]);
    });
  }

  private from(result: Scalar, operands: readonly Operand[], always = false): void {
    if (always) for (const o of operands) this.need(o);
    else this.parts.set(result, [...(this.parts.get(result) ?? []), ...operands]);
  }

  private need(o: Operand): void {
    if (o.kind === "value" && o.type === "index") this.whole.add(o);
  }
}

function binaryRange(op: string, a: Range, b: Range): Range {
  switch (op) {
    case "add":
      return { lo: a.lo + b.lo, hi: a.hi + b.hi };
    case "sub":
      return { lo: a.lo - b.hi, hi: a.hi - b.lo };
    case "mul":
      return hull(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi);
    case "min":
      return { lo: Math.min(a.lo, b.lo), hi: Math.min(a.hi, b.hi) };
    case "max":
      return { lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
    case "floordiv":
      if (b.lo <= 0) return hull(-Math.abs(a.lo) - 1, Math.abs(a.lo), -Math.abs(a.hi) - 1, Math.abs(a.hi));
      return hull(...[a.lo, a.hi].flatMap((x) => [Math.floor(x / b.lo), Math.floor(x / b.hi)]));
    case "rem": {
      // The sign of the dividend, and less than the divisor.
      const size = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1;
      return { lo: a.lo < 0 ? Math.max(a.lo, -size) : 0, hi: a.hi > 0 ? Math.min(a.hi, size) : 0 };
    }
    case "and":
      return b.lo >= 0 ? { lo: 0, hi: b.hi } : a.lo >= 0 ? { lo: 0, hi: a.hi } : anything;
    case "shr":
      return b.lo === b.hi
        ? { lo: Math.floor(a.lo / 2 ** (b.lo & 31)), hi: Math.floor(a.hi / 2 ** (b.lo & 31)) }
        : both(a, { lo: 0, hi: 0 });
    default:
      return anything;
  }
}
