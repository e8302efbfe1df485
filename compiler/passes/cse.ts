/**
 * Computes equal things once.
 *
 *   %a: f64 = load %A[%i]                     %a: f64 = load %A[%i]
 *   %p: f64 = mul %a, %x                      %p: f64 = mul %a, %x
 *   for %j in seq(0, %n) {              =>    for %j in seq(0, %n) {
 *     %b: f64 = load %A[%i]                     store %C[%j], %p
 *     %q: f64 = mul %x, %b                    }
 *     store %C[%j], %q
 *   }
 *
 * An expression replaces equal ones after it, in its block and in blocks inside. Two operations are equal when kind,
 * operator, operands and arithmetic mode are. A load is equal to an earlier one as long as nothing between them can have
 * written the array; what a loop writes, it may have written before its body begins.
 *
 * Needs: distinct arrays that never overlap, hence to stand after inline. Finds more after simplify, which writes equal
 * things equally.
 */

import { writtenWithin } from "../analysis/effects.ts";
import type { ArrayValue, Block, Expr, Operand, Stmt, Value } from "../ir/ir.ts";
import { commutes, compareOps } from "../ir/ops.ts";
import { mapBlocks, mapList, Substitution } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const cse: Pass = funcPass("cse", "computes equal things once", (f) => {
  const body = new Walk().block(f.body);
  return body === f.body ? f : { ...f, body };
});

class Walk {
  private readonly subst = new Substitution();
  private readonly ids = new Map<Value, number>();
  /** What was computed so far and dominates the current place; inner blocks add to it and take away again. */
  private readonly known = new Map<string, Operand>();
  /** How the content of an array is called: a new number each time something may have written it. */
  private contents = new Map<ArrayValue, number>();
  private writes = 0;

  block(b: Block): Block {
    const added: string[] = [];
    const stmts: Stmt[] = [];
    let changed = false;
    for (const before of b.stmts) {
      const s = this.subst.stmt(before);
      if (s.kind === "let") {
        const key = this.key(s.expr);
        const earlier = this.known.get(key);
        if (earlier !== undefined) {
          this.subst.set(s.result, earlier);
          changed = true;
          continue;
        }
        this.known.set(key, s.result);
        added.push(key);
      }
      const after = this.inside(s);
      changed ||= after !== before;
      stmts.push(after);
    }
    const yields = mapList(b.yields, this.subst.operand);
    for (const key of added) this.known.delete(key);
    return changed || yields !== b.yields ? { stmts: changed ? stmts : b.stmts, yields } : b;
  }

  private inside(s: Stmt): Stmt {
    const written = writtenWithin(s);
    // A loop's body also runs after itself.
    if (s.kind === "for" || s.kind === "while") this.forget(written);
    const atStart = this.contents;
    const out = mapBlocks(s, (b) => {
      // Each branch starts from what was before the branch; a while's test and body are never in the middle of each other.
      this.contents = new Map(atStart);
      return this.block(b);
    });
    this.contents = atStart;
    this.forget(written);
    return out;
  }

  private forget(written: ReadonlySet<ArrayValue>): void {
    for (const a of written) this.contents.set(a, ++this.writes);
  }

  /** Text that equal expressions share. */
  private key(e: Expr): string {
    switch (e.kind) {
      case "unary":
        return `${e.op} ${e.mode} ${this.name(e.a)}`;
      case "binary": {
        const [a, b] = [this.name(e.a), this.name(e.b)];
        const swap = commutes(e.op, e.a.type) && a > b;
        return `${e.op} ${e.mode} ${swap ? b : a} ${swap ? a : b}`;
      }
      case "compare": {
        const [a, b] = [this.name(e.a), this.name(e.b)];
        return a > b ? `${compareOps[e.op].commuted} ${b} ${a}` : `${e.op} ${a} ${b}`;
      }
      case "select":
        return `select ${this.name(e.cond)} ${this.name(e.a)} ${this.name(e.b)}`;
      case "cast":
        return `cast ${e.to} ${this.name(e.a)}`;
      case "load": {
        const content = this.contents.get(e.array) ?? 0;
        return `load ${this.id(e.array)} ${content} ${e.index.map((o) => this.name(o)).join(" ")}`;
      }
    }
  }

  private name(o: Operand): string {
    if (o.kind === "value") return `%${this.id(o)}`;
    return Object.is(o.value, -0) ? `-0${o.type}` : `${o.value}${o.type}`;
  }

  private id(v: Value): number {
    const known = this.ids.get(v);
    if (known !== undefined) return known;
    this.ids.set(v, this.ids.size);
    return this.ids.size - 1;
  }
}
