/** Values of a function as its source has them: `A[i][k + 1]`, `1 - x[i] * x[i]`. */
import { elementOf, textOf } from "../compiler/analysis/describe.ts";
import { Forms, valuesOf } from "../compiler/analysis/polynomial.ts";
import type { Span } from "../compiler/diagnostic.ts";
import {
  type ArrayValue,
  type Expr,
  type For,
  isInt,
  type Operand,
  type Scalar,
  type While,
} from "../compiler/ir/ir.ts";
import type { BinaryOp, CompareOp } from "../compiler/ir/ops.ts";
import { isLoad, isLoop, type Program, type Write } from "./program.ts";
import type { Kept } from "./tape.ts";

/** Operations inside of operations, and characters, beyond which a text says `…`. */
const mostDepth = 5;
const mostLength = 48;

/** How tightly operators bind. */
const binding = { select: 0, compare: 1, add: 2, mul: 3, unary: 4, call: 5 } as const;
const infix: Readonly<Partial<Record<BinaryOp, readonly [string, number]>>> = {
  mul: ["*", binding.mul],
  div: ["/", binding.mul],
  rem: ["%", binding.mul],
  add: ["+", binding.add],
  sub: ["-", binding.add],
};
const comparisons: Readonly<Record<CompareOp, string>> = {
  eq: "===",
  ne: "!==",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

/** A text and how tightly its outermost operator binds. */
type Text = readonly [text: string, binding: number];

export class SourceText {
  private readonly program: Program;
  private readonly forms = new Forms();
  /** What loops leave in values, by the store that puts it into memory at once. */
  private readonly stores = new Map<Operand, Write>();

  constructor(program: Program) {
    this.program = program;
    for (const s of program.stmts) {
      this.forms.define(s);
      if (s.kind === "store" && !this.stores.has(s.value)) this.stores.set(s.value, s);
    }
  }

  /** As deep as a line has room for. */
  of(o: Operand): string {
    for (let depth = mostDepth; ; depth--) {
      const [text] = this.text(o, depth);
      if (text.length <= mostLength || depth === 1) return text;
    }
  }

  element(array: ArrayValue, index: readonly Operand[], depth = mostDepth): string {
    return elementOf(
      array,
      index.map((o) => this.text(o, depth)[0]),
    );
  }

  /** What the tape keeps, and where it comes from. */
  kept(key: Kept): readonly [text: string, at: Span] {
    if (key.kind === "while") return ["trips", key.loc.span];
    if (key.kind !== "value") return [this.element(key.array, key.index), key.loc.span];
    return [this.of(key), this.spanOf(key)];
  }

  /** Where a value is bound; of a loop's index and of what it carries, where the loop begins. */
  spanOf(v: Scalar): Span {
    const def = this.program.defOf(v);
    switch (def.kind) {
      case "param":
        return this.program.func.loc.span;
      case "let":
      case "result":
        return def.stmt.loc.span;
      case "index":
      case "carried":
        return def.loop.loc.span;
    }
  }

  private text(o: Operand, depth: number): Text {
    if (o.kind === "const") return [String(o.value), Number(o.value) < 0 ? binding.unary : binding.call];
    const def = this.program.defOf(o);
    if (def.kind === "carried") return this.carried(def.loop, def.at, o, depth);
    if (def.kind === "result" && isLoop(def.stmt)) return this.carried(def.stmt, def.at, o, depth);
    if (def.kind === "result" && def.stmt.kind === "call") return [`${def.stmt.callee}(…)`, binding.call];
    if (def.kind !== "let") return [o.hint, binding.call];
    const form = this.forms.of(o);
    if (!isInt(o.type) || valuesOf(form).includes(o)) return this.expr(def.stmt.expr, depth);
    const isOne = form.terms.length === 1 && form.constant === 0;
    return [textOf(form, (v) => this.text(v, depth)[0]), isOne ? binding.mul : binding.add];
  }

  /** What a loop keeps in a value instead of an element (accumulators.ts) is called after the element. */
  private carried(loop: For | While, at: number, v: Scalar, depth: number): Text {
    const store = this.stores.get(loop.results[at] as Scalar);
    if (store !== undefined && v.hint === store.array.hint.toLowerCase()) {
      return [this.element(store.array, store.index, depth), binding.call];
    }
    const init = loop.inits[at] as Operand;
    const def = init.kind === "value" ? this.program.defOf(init) : null;
    // The load has the place of the update that it stands for, which is inside of the loop.
    const isElement = def?.kind === "let" && isLoad(def.stmt) && def.stmt.loc.span.start > loop.loc.span.start;
    return isElement ? this.text(init, depth) : [v.hint, binding.call];
  }

  private isOf(op: BinaryOp, o: Operand): boolean {
    const def = o.kind === "value" ? this.program.defOf(o) : null;
    return def?.kind === "let" && def.stmt.expr.kind === "binary" && def.stmt.expr.op === op;
  }

  private expr(e: Expr, depth: number): Text {
    if (e.kind === "load") return [this.element(e.array, e.index, depth), binding.call];
    if (e.kind === "cast") return this.text(e.a, depth);
    if (depth === 0) return ["…", binding.call];
    const inner = (o: Operand, least: number): string => {
      const [text, own] = this.text(o, depth - 1);
      return own < least ? `(${text})` : text;
    };
    const args = (list: readonly Operand[]): string => list.map((o) => inner(o, 0)).join(", ");
    switch (e.kind) {
      case "unary":
        if (e.op === "neg") return [`-${inner(e.a, binding.unary)}`, binding.unary];
        if (e.op === "not" && e.a.type === "bool") return [`!${inner(e.a, binding.unary)}`, binding.unary];
        return [`${e.op}(${args([e.a])})`, binding.call];
      case "binary": {
        const known = infix[e.op];
        if (known === undefined) return [`${e.op}(${args([e.a, e.b])})`, binding.call];
        const [sign, own] = known;
        if (e.op === "add" && e.b.kind === "const" && Number(e.b.value) < 0) {
          return [`${inner(e.a, own)} - ${-Number(e.b.value)}`, own];
        }
        // `a - (b - c)` and `a * (b / c)`, but `a + b + c` and `a * b * c`.
        const right = (e.op === "add" || e.op === "mul") && this.isOf(e.op, e.b) ? own : own + 1;
        return [`${inner(e.a, own)} ${sign} ${inner(e.b, right)}`, own];
      }
      case "compare":
        return [`${inner(e.a, binding.add)} ${comparisons[e.op]} ${inner(e.b, binding.add)}`, binding.compare];
      case "select":
        return [
          `${inner(e.cond, binding.compare)} ? ${inner(e.a, binding.compare)} : ${inner(e.b, binding.compare)}`,
          binding.select,
        ];
    }
  }
}
