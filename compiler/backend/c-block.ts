/** Statements as C: those that reach memory, and how C declares and counts; structured-block.ts has the others. */
import { bug, unreachable } from "../diagnostic.ts";
import type { Accum, Block, Check, Const, Expr, For, If, Operand, Scalar, ScalarType, Store, While } from "../ir/ir.ts";
import { binary, type ExprContext, element, expr, held, toHold } from "./c-expr.ts";
import type { HelperName } from "./c-helpers.ts";
import { cType, literal } from "./c-text.ts";
import { type BlockContext, type OtherStmt, StructuredBlock, type Target } from "./structured-block.ts";
import type { Piece, Scope } from "./text.ts";

/** What the statements of one kernel share. */
export interface KernelContext extends BlockContext {
  readonly checks: ReadonlyMap<Check, number>;
  readonly helpers: Set<HelperName>;
  readonly mixed: boolean;
}

/** Prints one block: its lines go to `lines`, at its depth. */
export class BlockPrinter extends StructuredBlock<KernelContext> {
  protected readonly endless = { open: "for (;;) {", leave: "break;" };
  private readonly context: ExprContext;

  constructor(kernel: KernelContext, block: Block, names: Scope, depth: number, targets: readonly Target[]) {
    super(kernel, block, names, depth, targets);
    this.context = {
      ref: (o) => this.take(o),
      nameOf: (a) => (kernel.bound.get(a) ?? bug(`%${a.hint} is used where it is not bound`)).text,
      functionName: kernel.functionName,
      helpers: kernel.helpers,
      mixed: kernel.mixed,
    };
  }

  protected inner(b: Block, names: Scope, targets: readonly Target[]): BlockPrinter {
    return new BlockPrinter(this.f, b, names, this.depth + 1, targets);
  }

  protected literal(c: Const): Piece {
    return literal(c);
  }

  protected expression(_result: Scalar, e: Expr): Piece {
    return expr(this.context, e);
  }

  protected constantText(name: string, type: ScalarType, value: string): string {
    return `const ${cType[type]} ${name} = ${value};`;
  }

  protected variableText(name: string, v: Scalar, init: string | null): string {
    return `${cType[v.type]} ${name}${init === null ? "" : ` = ${init}`};`;
  }

  protected forText(index: string, lo: Piece, hi: Piece): string {
    return `for (int64_t ${index} = ${lo.text}; ${index} < ${hi.text}; ${index}++) {`;
  }

  protected override assignment(place: string, value: Piece): string {
    const { left, op, right } = value.parts ?? {};
    return left === place && op === "+" && right === "1" ? `${place}++;` : super.assignment(place, value);
  }

  protected other(s: OtherStmt): void {
    switch (s.kind) {
      case "store":
        return this.store(s);
      case "accum":
        return this.accum(s);
      case "check":
        return this.check(s);
      case "alloc":
      case "copy":
      case "launch":
      case "limit":
        return bug(`a kernel holds a statement of kind ${s.kind}`);
      default:
        return unreachable(s);
    }
  }

  private store(s: Store): void {
    const value = this.take(s.value);
    const at = element(this.context, s.array, s.index);
    this.settle(new Set([s.array]));
    this.line(this.assignment(at.text, toHold(this.context, s.array.type.elem, value)));
  }

  private accum(s: Accum): void {
    const at = element(this.context, s.array, s.index);
    const { elem } = s.array.type;
    const value = binary(this.context, s.op, s.value.type, held(this.context, elem, at), s.value, s.mode);
    this.settle(new Set([s.array]));
    this.line(this.assignment(at.text, toHold(this.context, elem, value)));
  }

  private check(s: Check): void {
    const index = this.repeatable(s.index);
    const extent = this.take(s.array.type.dims[s.axis] ?? bug("a check of an axis that is not there"));
    this.line(`if (${index.text} < 0 || ${index.text} >= ${extent.text}) {`);
    this.line(`  *error = ${index.text};`);
    this.line(`  return ${this.f.checks.get(s) ?? bug("a check without a number")};`);
    this.line("}");
  }

  /** An operand short enough to be written more than once. */
  private repeatable(o: Operand): Piece {
    const piece = this.take(o);
    if (o.kind === "const" || /^[\w +-]+$/.test(piece.text)) return piece;
    return this.named(o.hint, o.type, piece);
  }

  /**
   * The variable that the end of this block would copy a result to: the statement may use it itself, where nobody needs
   * what it holds until then. A loop changes it all the time, so only the initial value may read it; a branch, only
   * at its end.
   */
  protected override reusable(s: For | While | If, result: Scalar, init: Operand | null): Target | null {
    const { uses } = this.f;
    const place = this.block.yields.indexOf(result);
    const target = this.targets[place];
    if (target === undefined || uses.of(result).length !== 1) return null;
    if (target.holds === null) return target;
    const { first, last } = uses.span(s);
    const late = s.kind === "if" ? last : init === target.holds ? first : first - 1;
    return uses.of(target.holds).every((use) => use.at <= late) ? target : null;
  }
}
