/** Values of a function as its source has them: `A[i][k + 1]`, `1 - x[i] * x[i]`. */
import type { Span } from "../compiler/diagnostic.ts";
import {
  type ArrayValue,
  type Expr,
  type For,
  isConst,
  isInt,
  type Operand,
  type Scalar,
  type While,
} from "../compiler/ir/ir.ts";
import type { BinaryOp, CompareOp } from "../compiler/ir/ops.ts";
import { isLoad, isLoop, type Program } from "./program.ts";
import type { Kept } from "./tape.ts";

/** Operations inside of operations, beyond which a text says `…`. */
const mostDepth = 4;

/** How tightly operators bind; functions bind tightest. */
const infix: Readonly<Partial<Record<BinaryOp, readonly [string, number]>>> = {
  mul: ["*", 3],
  div: ["/", 3],
  rem: ["%", 3],
  add: ["+", 2],
  sub: ["-", 2],
};
const comparisons: Readonly<Record<CompareOp, string>> = {
  eq: "===",
  ne: "!==",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};
const unaryBinding = 4;
const tightest = 5;

/** A text and how tightly its outermost operator binds. */
type Text = readonly [text: string, binding: number];

export class SourceText {
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  of(o: Operand): string {
    return this.text(o, mostDepth)[0];
  }

  /** `points[i].x` for the array `points.x`. */
  element(array: ArrayValue, index: readonly Operand[], depth = mostDepth): string {
    const [root, ...path] = array.hint.split(".");
    const subscripts = index.map((o) => `[${this.text(o, depth)[0]}]`).join("");
    return [`${root}${subscripts}`, ...path].join(".");
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
    if (o.kind === "const") return [String(o.value), Number(o.value) < 0 ? unaryBinding : tightest];
    const def = this.program.defOf(o);
    if (def.kind === "let") return this.expr(def.stmt.expr, o, depth);
    if (def.kind === "carried") return this.carried(def.loop, def.at, o, depth);
    if (def.kind === "result" && isLoop(def.stmt)) return this.carried(def.stmt, def.at, o, depth);
    return [o.hint, tightest];
  }

  /** What a loop keeps in a value instead of an element (accumulators.ts) is called after the element. */
  private carried(loop: For | While, at: number, v: Scalar, depth: number): Text {
    const init = loop.inits[at];
    const def = init?.kind === "value" && init.hint === v.hint ? this.program.defOf(init) : null;
    // The load has the place of the update that it replaces, which is inside of the loop.
    const isElement = def?.kind === "let" && isLoad(def.stmt) && def.stmt.loc.span.start > loop.loc.span.start;
    return isElement ? this.text(init as Operand, depth) : [v.hint, tightest];
  }

  private expr(e: Expr, result: Scalar, depth: number): Text {
    if (e.kind === "load") return [this.element(e.array, e.index, depth), tightest];
    if (e.kind === "cast") return this.text(e.a, depth);
    if (depth === 0) return ["…", tightest];
    const inner = (o: Operand, binding: number): string => {
      const [text, own] = this.text(o, depth - 1);
      return own < binding ? `(${text})` : text;
    };
    const args = (list: readonly Operand[]): string => list.map((o) => inner(o, 0)).join(", ");
    switch (e.kind) {
      case "unary":
        if (e.op === "neg") return [`-${inner(e.a, unaryBinding)}`, unaryBinding];
        if (e.op === "not" && e.a.type === "bool") return [`!${inner(e.a, unaryBinding)}`, unaryBinding];
        return [`${e.op}(${args([e.a])})`, tightest];
      case "binary": {
        const known = infix[e.op];
        if (known === undefined) return [`${e.op}(${args([e.a, e.b])})`, tightest];
        const [sign, binding] = known;
        // Sums of integers have the constant first: `i - 1` is what the source says.
        if (e.op === "add" && isInt(result.type) && isConst(e.a)) {
          const by = Number(e.a.value);
          return [`${inner(e.b, binding)} ${by < 0 ? "-" : "+"} ${Math.abs(by)}`, binding];
        }
        // `a - (b - c)`, but `a + b + c` and `a * b * c`.
        const right = e.op === "add" || e.op === "mul" ? binding : binding + 1;
        return [`${inner(e.a, binding)} ${sign} ${inner(e.b, right)}`, binding];
      }
      case "compare":
        return [`${inner(e.a, 2)} ${comparisons[e.op]} ${inner(e.b, 2)}`, 1];
      case "select":
        return [`${inner(e.cond, 1)} ? ${inner(e.a, 1)} : ${inner(e.b, 1)}`, 0];
    }
  }
}
