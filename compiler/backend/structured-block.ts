/**
 * Statements as text of a language that has structured ones, as C and WGSL do. A value that is used once, in the block that computes
 * it, becomes part of the expression that uses it; the others are constants with names. What a loop carries and what a branch
 * gives is a variable that the end of each body assigns to.
 *
 * A language says how it declares, computes and counts, and prints the statements that are its own: those that reach memory.
 */
import { bug } from "../diagnostic.ts";
import type {
  ArrayValue,
  Block,
  Call,
  Const,
  Expr,
  For,
  If,
  Let,
  Operand,
  Scalar,
  ScalarType,
  Stmt,
  Value,
  While,
} from "../ir/ir.ts";
import { assignment, call, type Piece, plain, type Scope, variable } from "./text.ts";
import { isOffset, type Uses, writtenBy } from "./uses.ts";

/** A statement for which languages have their own ways, if any. */
export type OtherStmt = Exclude<Stmt, Let | For | While | If | Call>;

/** What the statements of one function share. */
export interface BlockContext {
  readonly uses: Uses;
  /** What the language calls a function of the module. */
  readonly functionName: (name: string) => string;
  /** What the name of every value in sight stands for. */
  readonly bound: Map<Value, Piece>;
}

/** A variable that the end of a block assigns to. */
export interface Target {
  readonly name: string;
  /** The value that it is declared for. */
  readonly of: Scalar;
  /** The value that it has until it is assigned to. */
  readonly holds: Scalar | null;
}

/** Longer expressions are cut. */
const maxLength = 110;

/** Prints one block: its lines go to `lines`, at its depth. */
export abstract class StructuredBlock<F extends BlockContext> {
  readonly lines: string[] = [];
  protected readonly f: F;
  protected readonly block: Block;
  protected readonly names: Scope;
  protected readonly depth: number;
  /** The variables that take what the block yields. */
  protected readonly targets: readonly Target[];
  /** Values that wait for their one use. */
  protected readonly waiting = new Map<Value, Piece>();

  constructor(f: F, block: Block, names: Scope, depth: number, targets: readonly Target[]) {
    this.f = f;
    this.block = block;
    this.names = names;
    this.depth = depth;
    this.targets = targets;
  }

  protected abstract literal(c: Const): Piece;
  protected abstract expression(result: Scalar, e: Expr): Piece;
  /** Declares what gets its value once. */
  protected abstract constantText(name: string, type: ScalarType, value: string): string;
  /** Declares what is assigned to again; without a first value where `init` is null. */
  protected abstract variableText(name: string, v: Scalar, init: string | null): string;
  /** The head of a loop, and what opens and leaves one that has no end of its own. */
  protected abstract forText(index: string, lo: Piece, hi: Piece): string;
  protected abstract readonly endless: { readonly open: string; readonly leave: string };
  protected abstract other(s: OtherStmt): void;
  /** What prints a block inside of this one. */
  protected abstract inner(b: Block, names: Scope, targets: readonly Target[]): StructuredBlock<F>;

  /** The operand as a value that the variable of `v` may take. */
  protected heldAs(_v: Scalar, o: Operand): Piece {
    return this.take(o);
  }

  /** The bound of a loop. */
  protected limit(o: Operand): Piece {
    return this.take(o);
  }

  /** May the expression stand elsewhere than where its value is computed? */
  protected mayMove(piece: Piece): boolean {
    return piece.text.length <= maxLength;
  }

  /** A variable that a statement may use for its result instead of one of its own; null for none. */
  protected reusable(_s: For | While | If, _result: Scalar, _init: Operand | null): Target | null {
    return null;
  }

  protected assignment(place: string, value: Piece): string {
    return assignment(place, value);
  }

  /** Prints the statements, then what the block yields into its targets. */
  all(): readonly string[] {
    this.statements();
    const yielded = (k: number): Operand => this.block.yields[k] ?? bug("fewer values than variables");
    this.assign(this.targets.map((t, k) => this.heldAs(t.of, yielded(k))));
    return this.lines;
  }

  /** Prints the statements alone. */
  statements(): void {
    for (const s of this.block.stmts) this.stmt(s);
  }

  /** The value of an operand, which is not used again if it waited for this. */
  take(o: Operand): Piece {
    if (o.kind === "const") return this.literal(o);
    const piece = this.waiting.get(o);
    this.waiting.delete(o);
    return piece ?? this.f.bound.get(o) ?? bug(`%${o.hint} is used where it is not bound`);
  }

  protected line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  protected stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        return this.let(s);
      case "for":
        return this.for(s);
      case "while":
        return this.while(s);
      case "if":
        return this.if(s);
      case "call":
        return this.call(s);
      default:
        return this.other(s);
    }
  }

  protected let({ result, expr }: Let): void {
    const uses = this.f.uses.of(result);
    if (uses.length === 0) return;
    const piece = this.expression(result, expr);
    const once = uses.length === 1 && uses[0]?.block === this.block;
    if (isOffset(expr) && piece.vars.size === 0 && piece.loads.size === 0) this.f.bound.set(result, piece);
    else if (once && this.mayMove(piece)) this.waiting.set(result, piece);
    else this.constant(result, piece);
  }

  private call(s: Call): void {
    const [result] = s.results;
    if (result === undefined) return bug("a function of scalars has one result");
    const args = s.args.map((a) => this.take(a as Operand));
    this.constant(result, call(this.f.functionName(s.callee), args));
  }

  /** Gives a value a name. */
  protected constant(v: Scalar, piece: Piece): void {
    this.f.bound.set(v, this.named(v.hint, v.type, piece));
  }

  /** Gives an expression a name. */
  protected named(hint: string, type: ScalarType, { text }: Piece): Piece {
    const name = this.names.fresh(hint);
    this.line(this.constantText(name, type, text));
    return plain(name);
  }

  /** Computes now what waits and depends on arrays or variables that are about to change. */
  protected settle(arrays: ReadonlySet<ArrayValue>, targets: readonly (Target | null)[] = []): void {
    for (const [v, piece] of [...this.waiting]) {
      const changes =
        [...piece.loads].some((a) => arrays.has(a)) || targets.some((t) => t !== null && piece.vars.has(t.name));
      if (!changes) continue;
      this.waiting.delete(v);
      this.constant(v as Scalar, piece);
    }
  }

  protected for(s: For): void {
    const lo = this.limit(s.lo);
    const hi = this.fixed(this.limit(s.hi));
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.names.inner();
    this.line(this.forText(this.index(s, names), lo, hi));
    this.lines.push(...this.inner(s.body, names, carried).all());
    this.line("}");
    this.finish(s.results, carried);
  }

  /** The name of a loop's index. */
  protected index(s: For, names: Scope): string {
    const name = names.fresh(s.index.hint);
    this.f.bound.set(s.index, plain(name));
    return name;
  }

  /** The upper bound of a loop, which is evaluated again for each iteration: it must stay what it is. */
  protected fixed(piece: Piece): Piece {
    if (piece.loads.size === 0 && piece.vars.size === 0 && !piece.text.includes("(")) return piece;
    return this.named("end", "index", piece);
  }

  private while(s: While): void {
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.names.inner();
    const cond = this.inner(s.cond, names, []);
    cond.statements();
    const test = cond.take(s.cond.yields[0] ?? bug("a while without a condition"));
    if (cond.lines.length === 0) {
      this.line(`while (${test.text}) {`);
    } else {
      this.line(this.endless.open);
      this.lines.push(...cond.lines);
      this.line(`  if (!(${test.text})) ${this.endless.leave}`);
    }
    this.lines.push(...this.inner(s.body, names, carried).all());
    this.line("}");
    this.finish(s.results, carried);
  }

  private if(s: If): void {
    const cond = this.take(s.cond);
    const reused = s.results.map((r) => this.reusable(s, r, null));
    this.settle(writtenBy(s), reused);
    const targets = s.results.map((r, k) => reused[k] ?? { name: this.variable(r, null), of: r, holds: null });
    const then = this.inner(s.then, this.names.inner(), targets).all();
    const otherwise = this.inner(s.else, this.names.inner(), targets).all();
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

  private variable(v: Scalar, init: string | null): string {
    const name = this.names.fresh(v.hint);
    this.line(this.variableText(name, v, init));
    return name;
  }

  /** Declares what a loop carries, or takes over a variable that is free, and gives it its first value. */
  private start(s: For | While, carried: readonly Scalar[], inits: readonly Operand[]): readonly Target[] {
    const pieces = carried.map((v, k) => this.heldAs(v, inits[k] ?? bug("fewer values than are carried")));
    const reused = s.results.map((r, k) => this.reusable(s, r, inits[k] ?? null));
    this.settle(new Set(), reused);
    return carried.map((v, k) => {
      const init = (pieces[k] as Piece).text;
      const name = reused[k]?.name ?? this.variable(v, init);
      if (reused[k] != null && name !== init) this.line(`${name} = ${init};`);
      this.f.bound.set(v, variable(name));
      return { name, of: v, holds: v };
    });
  }

  /** After the statement its variables hold its results, and no one assigns to them before those are used. */
  private finish(results: readonly Scalar[], targets: readonly Target[]): void {
    results.forEach((r, k) => {
      this.f.bound.set(r, plain(targets[k]?.name ?? bug("fewer variables than results")));
    });
  }

  /** Gives every target its value as if all at once. */
  private assign(values: readonly Piece[]): void {
    let left = this.targets.flatMap((target, k) => {
      const value = values[k] as Piece;
      return value.text === target.name ? [] : [{ name: target.name, type: target.of.type, value }];
    });
    while (left.length > 0) {
      const free = left.find((a) => left.every((b) => b === a || !b.value.vars.has(a.name)));
      if (free !== undefined) {
        this.line(this.assignment(free.name, free.value));
        left = left.filter((a) => a !== free);
        continue;
      }
      // Each waits for another: one value steps aside.
      const [one, ...others] = left as [(typeof left)[number], ...typeof left];
      left = [...others, { ...one, value: this.named(`${one.name}_next`, one.type, one.value) }];
    }
  }
}
