/** Statements as WGSL: how it declares, computes and counts. wgsl-kernel-block.ts has what only kernels do. */
import type { IndexWidths } from "../analysis/index-widths.ts";
import { bug } from "../diagnostic.ts";
import type { ArrayValue, Block, Const, Expr, For, Operand, Scalar, ScalarType } from "../ir/ir.ts";
import { type BlockContext, type OtherStmt, StructuredBlock, type Target } from "./structured-block.ts";
import type { Piece, Scope } from "./text.ts";
import { as, bound, type ExprContext, expr, sumOf } from "./wgsl-expr.ts";
import type { HelperName } from "./wgsl-helpers.ts";
import type { Storage } from "./wgsl-memory.ts";
import { literal, wgslType } from "./wgsl-text.ts";

/** What the statements of one function share. */
export interface FunctionContext extends BlockContext {
  readonly widths: IndexWidths;
  readonly helpers: Set<HelperName>;
}

/** Prints one block: its lines go to `lines`, at its depth. */
export class BlockPrinter<F extends FunctionContext = FunctionContext> extends StructuredBlock<F> {
  protected readonly endless = { open: "loop {", leave: "{ break; }" };
  protected readonly context: ExprContext;

  constructor(f: F, block: Block, names: Scope, depth: number, targets: readonly Target[] = []) {
    super(f, block, names, depth, targets);
    this.context = {
      ref: (o) => this.take(o),
      isWide: (o) => f.widths.isWide(o),
      storage: (a) => this.storage(a),
      functionName: f.functionName,
      helpers: f.helpers,
    };
  }

  protected inner(b: Block, names: Scope, targets: readonly Target[]): BlockPrinter<F> {
    return new BlockPrinter(this.f, b, names, this.depth + 1, targets);
  }

  protected literal(c: Const): Piece {
    return literal(c, this.f.helpers);
  }

  protected expression(result: Scalar, e: Expr): Piece {
    return expr(this.context, e, this.f.widths.isWide(result));
  }

  protected constantText(name: string, _type: ScalarType, value: string): string {
    return `let ${name} = ${value};`;
  }

  protected variableText(name: string, v: Scalar, init: string | null): string {
    return `var ${name}: ${this.type(v)}${init === null ? "" : ` = ${init}`};`;
  }

  protected forText(index: string, lo: Piece, hi: Piece, next = "++"): string {
    return `for (var ${index} = ${lo.text}; ${index} < ${sumOf(hi).text}; ${index}${next}) {`;
  }

  protected override heldAs(v: Scalar, o: Operand): Piece {
    return as(this.context, this.f.widths.isWide(v), o);
  }

  protected override limit(o: Operand): Piece {
    return bound(this.context, o);
  }

  /** What takes the low word of a wide has a name of its own. */
  protected override mayMove(piece: Piece): boolean {
    return super.mayMove(piece) && !piece.text.includes(".x)");
  }

  protected type(v: Scalar): string {
    if (!this.f.widths.isWide(v)) return wgslType[v.type as keyof typeof wgslType] ?? bug("a value of type f64");
    this.f.helpers.add("wide");
    return "wide";
  }

  protected override for(s: For): void {
    if (s.mode !== "seq" && s.mode !== "vector") bug(`a kernel of a GPU has a loop of mode ${s.mode}`);
    super.for(s);
  }

  protected storage(a: ArrayValue): Storage {
    return bug(`%${a.hint} is an array in a function of scalars`);
  }

  protected other(s: OtherStmt): void {
    bug(`a function of scalars holds a statement of kind ${s.kind}`);
  }
}
