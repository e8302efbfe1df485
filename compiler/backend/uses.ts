/** Who uses each value of a function, and where: what decides which values need no name of their own in printed text. */
import type { ArrayValue, Block, Expr, Func, Stmt, Value } from "../ir/ir.ts";
import { blocksOf, usesOf, walk } from "../ir/walk.ts";

/** One use: the block whose statement (or yield) makes it, and when, counted in program order. */
export interface Use {
  readonly block: Block;
  readonly at: number;
}

export class Uses {
  private readonly uses = new Map<Value, Use[]>();
  private readonly spans = new Map<Stmt, { readonly first: number; readonly last: number }>();

  constructor(f: Func) {
    this.visit(f.body, 0);
  }

  of(v: Value): readonly Use[] {
    return this.uses.get(v) ?? [];
  }

  /** All values that are used. */
  all(): Iterable<Value> {
    return this.uses.keys();
  }

  /** When a statement begins, and when the last of what is inside it ends. */
  span(s: Stmt): { readonly first: number; readonly last: number } {
    return this.spans.get(s) ?? { first: 0, last: 0 };
  }

  private visit(b: Block, from: number): number {
    let at = from;
    const use = (v: Value): void => {
      const list = this.uses.get(v);
      if (list === undefined) this.uses.set(v, [{ block: b, at }]);
      else list.push({ block: b, at });
    };
    for (const s of b.stmts) {
      const first = ++at;
      // Text has no use for the bound of a while's trips.
      for (const o of s.kind === "while" ? s.inits : usesOf(s)) if (o.kind === "value") use(o);
      for (const inner of blocksOf(s)) at = this.visit(inner, at);
      this.spans.set(s, { first, last: at });
    }
    at++;
    for (const o of b.yields) if (o.kind === "value") use(o);
    return at;
  }
}

/** Arrays that a statement, or anything inside it, writes. */
export function writtenBy(s: Stmt): ReadonlySet<ArrayValue> {
  const written = new Set<ArrayValue>();
  for (const inner of walk({ stmts: [s], yields: [] })) {
    if (inner.kind === "store" || inner.kind === "accum") written.add(inner.array);
  }
  return written;
}

/** `i + 1` and the like: people write it each time. */
export const isOffset = (e: Expr): boolean =>
  e.kind === "binary" &&
  e.a.type === "index" &&
  (e.op === "add" || e.op === "sub") &&
  (e.a.kind === "const") !== (e.b.kind === "const");
