/**
 * A backward slice: of a block only what some of its statements depend on (Weiser 1984), loops and branches kept whole in shape.
 *
 * What a statement depends on: the statements that compute its operands, those that may write the arrays it loads from, and the
 * loops and branches around it with what decides them. Arrays count as wholes.
 */
import type { ArrayValue, Block, Operand, Scalar, Stmt, Value } from "../compiler/ir/ir.ts";
import { blocksOf, operandsOf, resultsOf, walk } from "../compiler/ir/walk.ts";
import { isWrite } from "./program.ts";

/** What is in a slice. */
export interface Slice {
  readonly stmts: ReadonlySet<Stmt>;
  readonly values: ReadonlySet<Value>;
}

/** All that `roots`, statements of the block, depend on within the block; `values` of it are wanted as well. */
export function sliceOf(block: Block, roots: Iterable<Stmt>, values: Iterable<Operand> = []): Slice {
  return new Slicer(block).run(roots, values);
}

class Slicer {
  private readonly stmts = new Set<Stmt>();
  private readonly values = new Set<Value>();
  private readonly arrays = new Set<ArrayValue>();
  private readonly outer = new Map<Stmt, Stmt>();
  /** What binds a value, and which of its operands the value depends on. */
  private readonly defs = new Map<Value, { readonly stmt: Stmt; readonly from: readonly Operand[] }>();
  private readonly writes = new Map<ArrayValue, Stmt[]>();
  /** By array: an access that is in the slice is as safe there as it was. */
  private readonly checks = new Map<ArrayValue, (Stmt & { readonly kind: "check" })[]>();
  private readonly work: Stmt[] = [];

  constructor(block: Block) {
    for (const s of walk(block)) {
      for (const b of blocksOf(s)) for (const inner of b.stmts) this.outer.set(inner, s);
      if (isWrite(s)) this.writes.set(s.array, [...(this.writes.get(s.array) ?? []), s]);
      if (s.kind === "check") this.checks.set(s.array, [...(this.checks.get(s.array) ?? []), s]);
      this.define(s);
    }
  }

  private define(s: Stmt): void {
    if (s.kind === "for" || s.kind === "while") {
      if (s.kind === "for") this.defs.set(s.index, { stmt: s, from: [] });
      s.carried.forEach((c, i) => {
        const from = [s.inits[i] as Operand, s.body.yields[i] as Operand];
        this.defs.set(c, { stmt: s, from });
        this.defs.set(s.results[i] as Scalar, { stmt: s, from: [c] });
      });
    } else if (s.kind === "if") {
      s.results.forEach((r, i) => {
        this.defs.set(r, { stmt: s, from: [s.then.yields[i] as Operand, s.else.yields[i] as Operand] });
      });
    } else for (const r of resultsOf(s)) this.defs.set(r, { stmt: s, from: [] });
  }

  run(roots: Iterable<Stmt>, values: Iterable<Operand>): Slice {
    for (const s of roots) this.add(s);
    for (const v of values) this.value(v);
    for (let s = this.work.pop(); s !== undefined; s = this.work.pop()) this.visit(s);
    return { stmts: this.stmts, values: this.values };
  }

  private add(s: Stmt): void {
    if (this.stmts.has(s)) return;
    this.stmts.add(s);
    this.work.push(s);
  }

  private value(o: Operand): void {
    if (o.kind === "const" || this.values.has(o)) return;
    this.values.add(o);
    const def = this.defs.get(o);
    if (def === undefined) return;
    this.add(def.stmt);
    for (const from of def.from) this.value(from);
  }

  private array(a: ArrayValue): void {
    if (this.arrays.has(a)) return;
    this.arrays.add(a);
    const def = this.defs.get(a);
    if (def !== undefined) this.add(def.stmt);
    for (const w of this.writes.get(a) ?? []) this.add(w);
  }

  private checked(array: ArrayValue, index: readonly Operand[]): void {
    for (const c of this.checks.get(array) ?? []) if (c.index === index[c.axis]) this.add(c);
  }

  private visit(s: Stmt): void {
    const outer = this.outer.get(s);
    if (outer !== undefined) this.add(outer);
    switch (s.kind) {
      case "let":
        for (const o of operandsOf(s.expr)) this.value(o);
        if (s.expr.kind !== "load") break;
        this.array(s.expr.array);
        this.checked(s.expr.array, s.expr.index);
        break;
      case "store":
      case "accum":
        for (const o of [...s.index, s.value]) this.value(o);
        this.array(s.array);
        this.checked(s.array, s.index);
        break;
      case "check":
        this.value(s.index);
        break;
      case "alloc":
        for (const o of s.result.type.dims) this.value(o);
        break;
      case "for":
        this.value(s.lo);
        this.value(s.hi);
        break;
      case "while":
        this.value(s.cond.yields[0] as Operand);
        if (s.max !== null) this.value(s.max);
        break;
      case "if":
        this.value(s.cond);
        break;
    }
  }
}

/** The block with only what is in the slice; loops and branches carry and yield only what is. */
export function keepSlice(b: Block, slice: Slice): Block {
  return { stmts: b.stmts.flatMap((s) => kept(s, slice)), yields: b.yields };
}

function kept(s: Stmt, slice: Slice): readonly Stmt[] {
  if (!slice.stmts.has(s)) return [];
  const pick = <T>(list: readonly T[], of: readonly Value[], more: readonly Value[] = []): readonly T[] =>
    list.filter((_, i) => slice.values.has(of[i] as Value) || slice.values.has(more[i] as Value));
  const inside = (b: Block, yields: readonly Operand[]): Block => ({ stmts: keepSlice(b, slice).stmts, yields });
  switch (s.kind) {
    case "for":
    case "while": {
      const of = s.carried;
      const more = s.results;
      const loop = {
        inits: pick(s.inits, of, more),
        carried: pick(s.carried, of, more),
        body: inside(s.body, pick(s.body.yields, of, more)),
        results: pick(s.results, of, more),
      };
      return [s.kind === "for" ? { ...s, ...loop } : { ...s, ...loop, cond: inside(s.cond, s.cond.yields) }];
    }
    case "if":
      return [
        {
          ...s,
          then: inside(s.then, pick(s.then.yields, s.results)),
          else: inside(s.else, pick(s.else.yields, s.results)),
          results: pick(s.results, s.results),
        },
      ];
    default:
      return [s];
  }
}
