/**
 * Statements as C. A value that is used once, in the block that computes it, becomes part of the expression that uses it;
 * the others become constants. What a loop carries is a variable that the end of its body assigns to.
 */
import { bug, unreachable } from "../diagnostic.ts";
import type {
  Accum,
  ArrayValue,
  Block,
  Check,
  Expr,
  For,
  If,
  Operand,
  Scalar,
  Stmt,
  Store,
  Value,
  While,
} from "../ir/ir.ts";
import { binary, type ExprContext, element, expr, call as functionCall } from "./c-expr.ts";
import type { HelperName } from "./c-helpers.ts";
import { cType, literal } from "./c-text.ts";
import { type Uses, writtenBy } from "./c-uses.ts";
import { type Piece, plain, type Scope, variable } from "./text.ts";

/** What the statements of one kernel share. */
export interface KernelContext {
  readonly uses: Uses;
  readonly checks: ReadonlyMap<Check, number>;
  readonly functionName: (name: string) => string;
  readonly helpers: Set<HelperName>;
  readonly mixed: boolean;
  /** What the name of every value in sight stands for. */
  readonly bound: Map<Value, Piece>;
}

/** A variable that the end of a block assigns to, and the value that it holds until then. */
interface Target {
  readonly name: string;
  readonly holds: Scalar | null;
}

/** Longer expressions are cut. */
const maxLength = 110;

/** Prints one block: its lines go to `lines`, at its depth. */
export class BlockPrinter {
  readonly lines: string[] = [];
  private readonly kernel: KernelContext;
  private readonly block: Block;
  private readonly names: Scope;
  private readonly depth: number;
  private readonly targets: readonly Target[];
  /** Values that wait for their one use. */
  private readonly waiting = new Map<Value, Piece>();
  private readonly context: ExprContext;

  constructor(kernel: KernelContext, block: Block, names: Scope, depth: number, targets: readonly Target[]) {
    this.kernel = kernel;
    this.block = block;
    this.names = names;
    this.depth = depth;
    this.targets = targets;
    this.context = {
      ref: (o) => this.take(o),
      nameOf: (a) => this.boundTo(a).text,
      functionName: kernel.functionName,
      helpers: kernel.helpers,
      mixed: kernel.mixed,
    };
  }

  /** Prints the statements, then what the block yields into its targets. */
  all(): readonly string[] {
    this.statements();
    const values = this.block.yields.map((o) => this.take(o));
    const types = this.block.yields.map((o) => cType[o.type]);
    this.assign(this.targets, values, types);
    return this.lines;
  }

  /** Prints the statements alone. */
  statements(): void {
    for (const s of this.block.stmts) this.stmt(s);
  }

  /** The value of an operand, which is not used again if it waited for this. */
  take(o: Operand): Piece {
    if (o.kind === "const") return literal(o);
    const piece = this.waiting.get(o);
    this.waiting.delete(o);
    return piece ?? this.boundTo(o);
  }

  private boundTo(v: Value): Piece {
    return this.kernel.bound.get(v) ?? bug(`%${v.hint} is used where it is not bound`);
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  private inner(b: Block, names: Scope, targets: readonly Target[]): BlockPrinter {
    return new BlockPrinter(this.kernel, b, names, this.depth + 1, targets);
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        this.let(s.result, s.expr);
        return;
      case "store":
        this.store(s);
        return;
      case "accum":
        this.accum(s);
        return;
      case "check":
        this.check(s);
        return;
      case "for":
        this.for(s);
        return;
      case "while":
        this.while(s);
        return;
      case "if":
        this.if(s);
        return;
      case "call": {
        const args = s.args.map((a) => this.take(a as Operand));
        const [result] = s.results;
        if (result === undefined) return bug("a function of scalars has one result");
        this.constant(result, functionCall(this.context.functionName(s.callee), args));
        return;
      }
      case "alloc":
      case "copy":
      case "launch":
      case "limit":
        bug(`a kernel holds a statement of kind ${s.kind}`);
        break;
      default:
        unreachable(s);
    }
  }

  private let(result: Scalar, e: Expr): void {
    const uses = this.kernel.uses.of(result);
    if (uses.length === 0) return;
    const piece = expr(this.context, e);
    const moves = uses.length === 1 && uses[0]?.block === this.block && piece.text.length <= maxLength;
    if (isOffset(e) && piece.vars.size === 0 && piece.loads.size === 0) this.kernel.bound.set(result, piece);
    else if (moves) this.waiting.set(result, piece);
    else this.constant(result, piece);
  }

  private constant(v: Scalar, piece: Piece): void {
    const name = this.names.fresh(v.hint);
    this.line(`const ${cType[v.type]} ${name} = ${piece.text};`);
    this.kernel.bound.set(v, plain(name));
  }

  /** Computes now what waits and depends on arrays or variables that are about to change. */
  private settle(arrays: ReadonlySet<ArrayValue>, names: readonly string[] = []): void {
    for (const [v, piece] of [...this.waiting]) {
      const changes = [...piece.loads].some((a) => arrays.has(a)) || names.some((name) => piece.vars.has(name));
      if (!changes) continue;
      this.waiting.delete(v);
      this.constant(v as Scalar, piece);
    }
  }

  private store(s: Store): void {
    const value = this.take(s.value);
    const at = element(this.context, s.array, s.index);
    this.settle(new Set([s.array]));
    this.line(assignment(at.text, value));
  }

  private accum(s: Accum): void {
    const at = element(this.context, s.array, s.index);
    const value = binary(this.context, s.op, s.array.type.elem, at, s.value, s.mode);
    this.settle(new Set([s.array]));
    this.line(assignment(at.text, value));
  }

  private check(s: Check): void {
    const index = this.named(s.index);
    const extent = this.take(s.array.type.dims[s.axis] ?? bug("a check of an axis that is not there"));
    this.line(`if (${index.text} < 0 || ${index.text} >= ${extent.text}) {`);
    this.line(`  *error = ${index.text};`);
    this.line(`  return ${this.kernel.checks.get(s) ?? bug("a check without a number")};`);
    this.line("}");
  }

  /** An operand short enough to be written more than once. */
  private named(o: Operand): Piece {
    const piece = this.take(o);
    if (o.kind === "const" || /^[\w +-]+$/.test(piece.text)) return piece;
    const name = this.names.fresh(o.hint);
    this.line(`const ${cType[o.type]} ${name} = ${piece.text};`);
    return plain(name);
  }

  private for(s: For): void {
    const lo = this.take(s.lo);
    const hi = this.bound(s.hi);
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.scope();
    const index = names.fresh(s.index.hint);
    this.kernel.bound.set(s.index, plain(index));
    this.line(`for (int64_t ${index} = ${lo.text}; ${index} < ${hi.text}; ${index}++) {`);
    this.lines.push(...this.inner(s.body, names, carried).all());
    this.line("}");
    this.finish(s.results, carried);
  }

  /** The upper bound of a loop, which C evaluates again for each iteration: it must stay what it is. */
  private bound(o: Operand): Piece {
    const piece = this.take(o);
    if (piece.loads.size === 0 && piece.vars.size === 0 && !piece.text.includes("(")) return piece;
    const name = this.names.fresh("end");
    this.line(`const int64_t ${name} = ${piece.text};`);
    return plain(name);
  }

  private while(s: While): void {
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.scope();
    const cond = this.inner(s.cond, names, []);
    cond.statements();
    const test = cond.take(s.cond.yields[0] ?? bug("a while without a condition"));
    if (cond.lines.length === 0) {
      this.line(`while (${test.text}) {`);
    } else {
      this.line("for (;;) {");
      this.lines.push(...cond.lines);
      this.line(`  if (!(${test.text})) break;`);
    }
    this.lines.push(...this.inner(s.body, names, carried).all());
    this.line("}");
    this.finish(s.results, carried);
  }

  private if(s: If): void {
    const cond = this.take(s.cond);
    const targets = s.results.map((r) => this.shared(s, r, null) ?? { name: this.names.fresh(r.hint), holds: null });
    this.settle(
      writtenBy(s),
      targets.map((t) => t.name),
    );
    s.results.forEach((r, k) => {
      if (!this.targets.some((t) => t.name === targets[k]?.name)) this.line(`${cType[r.type]} ${targets[k]?.name};`);
    });
    const then = this.inner(s.then, this.scope(), targets).all();
    const otherwise = this.inner(s.else, this.scope(), targets).all();
    if (then.length > 0 || otherwise.length === 0) {
      this.line(`if (${cond.text}) {`);
      this.lines.push(...then);
      if (otherwise.length > 0) this.line("} else {");
    } else {
      this.line(`if (!(${cond.text})) {`);
    }
    this.lines.push(...otherwise);
    this.line("}");
    this.finish(s.results, targets);
  }

  private scope(): Scope {
    return this.names.inner();
  }

  /** Declares what a loop carries, or takes over a variable that is free, and gives it its first value. */
  private start(s: For | While, carried: readonly Scalar[], inits: readonly Operand[]): readonly Target[] {
    const pieces = inits.map((o) => this.take(o));
    const shared = s.results.map((r, k) => this.shared(s, r, inits[k] ?? null));
    this.settle(
      new Set(),
      shared.flatMap((t) => (t === null ? [] : [t.name])),
    );
    return carried.map((v, k) => {
      const name = shared[k]?.name ?? this.names.fresh(v.hint);
      const init = pieces[k]?.text ?? bug("fewer values than are carried");
      if (shared[k] == null) this.line(`${cType[v.type]} ${name} = ${init};`);
      else if (name !== init) this.line(`${name} = ${init};`);
      this.kernel.bound.set(v, variable(name));
      return { name, holds: v };
    });
  }

  /** After the statement its variables hold its results, and no one assigns to them before those are used. */
  private finish(results: readonly Scalar[], targets: readonly Target[]): void {
    results.forEach((r, k) => {
      this.kernel.bound.set(r, plain(targets[k]?.name ?? bug("fewer variables than results")));
    });
  }

  /**
   * The variable that the end of this block would copy a result to: the statement may use it itself, where nobody needs
   * what it holds until then. A loop changes it all the time, so only the initial value may read it; a branch, only
   * at its end.
   */
  private shared(s: For | While | If, result: Scalar, init: Operand | null): Target | null {
    const { uses } = this.kernel;
    const place = this.block.yields.indexOf(result);
    const target = this.targets[place];
    if (target === undefined || uses.of(result).length !== 1) return null;
    if (target.holds === null) return target;
    const { first, last } = uses.span(s);
    const late = s.kind === "if" ? last : init === target.holds ? first : first - 1;
    return uses.of(target.holds).every((use) => use.at <= late) ? target : null;
  }

  /** Gives every target its value as if all at once. */
  private assign(targets: readonly Target[], values: readonly Piece[], types: readonly string[]): void {
    let left = targets.flatMap((target, k) => {
      const value = values[k] ?? bug("fewer values than variables");
      return value.text === target.name ? [] : [{ name: target.name, value, type: types[k] ?? "" }];
    });
    while (left.length > 0) {
      const free = left.find((a) => left.every((b) => b === a || !b.value.vars.has(a.name)));
      if (free !== undefined) {
        this.line(assignment(free.name, free.value));
        left = left.filter((a) => a !== free);
        continue;
      }
      // Each waits for another: one value steps aside.
      const [one, ...others] = left as [(typeof left)[number], ...typeof left];
      const next = this.names.fresh(`${one.name}_next`);
      this.line(`const ${one.type} ${next} = ${one.value.text};`);
      left = [...others, { ...one, value: plain(next) }];
    }
  }
}

/** Operators that C combines with an assignment. */
const compound = new Set(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);

/** `place = value`, or shorter. */
function assignment(place: string, { text, parts }: Piece): string {
  if (parts?.left !== place || !compound.has(parts.op)) return `${place} = ${text};`;
  return parts.op === "+" && parts.right === "1" ? `${place}++;` : `${place} ${parts.op}= ${parts.right};`;
}

/** `i + 1` and the like: people write it each time. */
const isOffset = (e: Expr): boolean =>
  e.kind === "binary" &&
  e.a.type === "index" &&
  (e.op === "add" || e.op === "sub") &&
  (e.a.kind === "const") !== (e.b.kind === "const");
