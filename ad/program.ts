/** Where things stand in a function: each statement in its block, each value with what binds it. */
import { bug } from "../compiler/diagnostic.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  type If,
  isArray,
  isScalar,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  sizesOf,
  type While,
} from "../compiler/ir/ir.ts";
import { blocksOf, resultsOf } from "../compiler/ir/walk.ts";

export interface Place {
  readonly stmt: Stmt;
  readonly block: Block;
  /** Position in the block. */
  readonly at: number;
  /** The statement whose block it is; null for the function's body. */
  readonly outer: Place | null;
}

export type Definition =
  | { readonly kind: "param" }
  | { readonly kind: "let"; readonly stmt: Let }
  | { readonly kind: "index"; readonly loop: For }
  | { readonly kind: "carried"; readonly loop: For | While; readonly at: number }
  | { readonly kind: "result"; readonly stmt: Stmt; readonly at: number };

export class Program {
  readonly func: Func;
  /** In program order, outer before inner. */
  readonly stmts: readonly Stmt[];
  private readonly places = new Map<Stmt, Place>();
  private readonly defs = new Map<Scalar, Definition>();
  private readonly allocs = new Map<ArrayValue, Stmt>();

  constructor(func: Func) {
    this.func = func;
    for (const p of func.params) {
      if (isScalar(p)) this.defs.set(p, { kind: "param" });
      else if (isArray(p)) for (const size of sizesOf(p)) this.defs.set(size, { kind: "param" });
    }
    this.block(func.body, null);
    this.stmts = [...this.places.keys()];
  }

  private block(b: Block, outer: Place | null): void {
    b.stmts.forEach((stmt, at) => {
      const place = { stmt, block: b, at, outer };
      this.places.set(stmt, place);
      if (stmt.kind === "alloc") this.allocs.set(stmt.result, stmt);
      if (stmt.kind === "for") this.defs.set(stmt.index, { kind: "index", loop: stmt });
      if (stmt.kind === "for" || stmt.kind === "while") {
        stmt.carried.forEach((c, i) => void this.defs.set(c, { kind: "carried", loop: stmt, at: i }));
      }
      for (const inner of blocksOf(stmt)) this.block(inner, place);
      if (stmt.kind === "let") this.defs.set(stmt.result, { kind: "let", stmt });
      else {
        resultsOf(stmt).forEach((r, i) => {
          if (isScalar(r)) this.defs.set(r, { kind: "result", stmt, at: i });
        });
      }
    });
  }

  placeOf(s: Stmt): Place {
    return this.places.get(s) ?? bug(`a ${s.kind} statement of another function`);
  }
  defOf(v: Scalar): Definition {
    return this.defs.get(v) ?? bug(`%${v.hint} is bound nowhere`);
  }

  /** The block in whose scope the value is: null for parameters. */
  blockOf(v: Scalar): Block | null {
    const def = this.defOf(v);
    switch (def.kind) {
      case "param":
        return null;
      case "let":
      case "result":
        return this.placeOf(def.stmt).block;
      case "index":
      case "carried":
        return def.loop.body;
    }
  }

  /** The statements around a place, innermost first. */
  *around(s: Stmt): Generator<Stmt> {
    for (let p = this.placeOf(s).outer; p !== null; p = p.outer) yield p.stmt;
  }

  /** The loops around a statement, outermost first. */
  loopsAround(s: Stmt): readonly (For | While)[] {
    return [...this.around(s)].filter((o): o is For | While => o.kind === "for" || o.kind === "while").reverse();
  }

  /** Loops around a value's binding; the loop that carries it, or whose index it is, included. */
  loopsOf(v: Scalar): readonly (For | While)[] {
    const def = this.defOf(v);
    switch (def.kind) {
      case "param":
        return [];
      case "let":
      case "result":
        return this.loopsAround(def.stmt);
      case "index":
      case "carried":
        return [...this.loopsAround(def.loop), def.loop];
    }
  }

  /** The loop whose iterations each have an array of their own by that name; null for those of the function. */
  homeOf(a: ArrayValue): For | While | null {
    const made = this.allocs.get(a);
    return made === undefined ? null : (this.loopsAround(made).at(-1) ?? null);
  }

  /** Is `s` the statement itself, or inside of one of its blocks? */
  isInside(s: Stmt, outer: Stmt): boolean {
    if (s === outer) return true;
    for (const o of this.around(s)) if (o === outer) return true;
    return false;
  }

  /** The statement of `block` that is `s` or has it inside; null when it stands elsewhere. */
  within(s: Stmt, block: Block): Place | null {
    for (let p: Place | null = this.placeOf(s); p !== null; p = p.outer) if (p.block === block) return p;
    return null;
  }
}

/** The condition of a branch, as the reverse sweep asks for it. */
export const isLoop = (s: Stmt): s is For | While => s.kind === "for" || s.kind === "while";

/** Statements that write elements. */
export type Write = Stmt & { readonly kind: "store" | "accum" };
export const isWrite = (s: Stmt): s is Write => s.kind === "store" || s.kind === "accum";
export const isLoad = (s: Stmt): s is Let & { readonly expr: { readonly kind: "load" } } =>
  s.kind === "let" && s.expr.kind === "load";
export const loadOf = (s: Let): { readonly array: ArrayValue; readonly index: readonly Operand[] } =>
  s.expr.kind === "load" ? s.expr : bug(`%${s.result.hint} is no load`);
export const branchYields = (s: If, at: number): readonly [Operand, Operand] => [
  s.then.yields[at] ?? bug("an if yields too little"),
  s.else.yields[at] ?? bug("an if yields too little"),
];
