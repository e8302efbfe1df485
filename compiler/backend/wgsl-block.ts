/**
 * Statements as WGSL. A value that is used once, in the block that computes it, becomes part of the expression that uses it; the
 * others are `let`s. What a loop carries is a variable that the end of its body assigns to.
 *
 * Grid and threads loops take their indices from the number of the workgroup and of the thread, in steps where there are more. What is
 * loaded outside of threads loops decides where barriers are reached: a load of what the kernel also writes is done by one thread
 * and handed to all (`workgroupUniformLoad`), as WGSL asks.
 */
import type { Barrier } from "../analysis/barriers.ts";
import { type Axis, axisOf, type Extent, isGrid, isThreads } from "../analysis/device-kernel.ts";
import { bug, unreachable } from "../diagnostic.ts";
import type {
  Accum,
  Alloc,
  ArrayValue,
  Block,
  Expr,
  For,
  If,
  Let,
  Operand,
  Scalar,
  ScalarType,
  Stmt,
  Store,
  Value,
  While,
} from "../ir/ir.ts";
import { isFloat } from "../ir/ir.ts";
import { blocksOf } from "../ir/walk.ts";
import { type Uses, writtenBy } from "./c-uses.ts";
import { combine, level, type Piece, plain, type Scope, variable } from "./text.ts";
import {
  as,
  binary,
  bound,
  call,
  type ExprContext,
  expr,
  indexBinary,
  low,
  position,
  sumOf,
  wide,
} from "./wgsl-expr.ts";
import type { HelperName } from "./wgsl-helpers.ts";
import { readElement, type Storage, writeElement } from "./wgsl-memory.ts";
import { wgslType } from "./wgsl-text.ts";
import type { Widths } from "./wgsl-widths.ts";

/** What the statements of one function share. */
export interface FunctionContext {
  readonly uses: Uses;
  readonly widths: Widths;
  readonly functionName: (name: string) => string;
  readonly helpers: Set<HelperName>;
  /** What the name of every value in sight stands for. */
  readonly bound: Map<Value, Piece>;
  readonly arrays: Map<ArrayValue, Storage>;
  /** Null for functions of the math library. */
  readonly kernel: KernelParts | null;
}

/** What a kernel has besides its statements. */
export interface KernelParts {
  readonly workgroup: Extent;
  readonly barriers: ReadonlyMap<Stmt, Barrier>;
  /** Shared arrays whose zeros may be read. */
  readonly zeroed: ReadonlySet<Alloc>;
  /** Arrays that some statement of the kernel writes. */
  readonly written: ReadonlySet<ArrayValue>;
  /** Declares an array of workgroup memory. */
  readonly shared: (array: ArrayValue) => Storage;
  /** The name of a workgroup variable through which one thread hands a value to all. */
  readonly handover: (type: string) => string;
  /** The name of the function that updates an array atomically. */
  readonly update: (s: Accum, storage: Storage) => string;
}

/** Longer expressions are cut. */
const maxLength = 110;

/** Prints one block: its lines go to `lines`, at its depth. */
export class BlockPrinter {
  readonly lines: string[] = [];
  private readonly f: FunctionContext;
  private readonly block: Block;
  private readonly names: Scope;
  private readonly depth: number;
  /** The variables that take what the block yields. */
  private readonly targets: readonly string[];
  /** Whether the block runs inside of a threads loop. */
  private readonly inThreads: boolean;
  /** Values that wait for their one use. */
  private readonly waiting = new Map<Value, Piece>();
  private readonly context: ExprContext;

  constructor(
    f: FunctionContext,
    block: Block,
    names: Scope,
    depth: number,
    targets: readonly string[],
    inThreads: boolean,
  ) {
    this.f = f;
    this.block = block;
    this.names = names;
    this.depth = depth;
    this.targets = targets;
    this.inThreads = inThreads;
    this.context = {
      ref: (o) => this.take(o),
      isWide: (o) => f.widths.isWide(o),
      storage: (a) => this.storage(a),
      functionName: f.functionName,
      helpers: f.helpers,
    };
  }

  /** Prints the statements, then what the block yields into its targets; a target's `types` are those of its variable. */
  all(targetIsWide: readonly boolean[] = []): readonly string[] {
    this.statements();
    this.assign(this.block.yields.map((o, k) => as(this.context, targetIsWide[k] === true, o)));
    return this.lines;
  }

  /** Prints the statements alone. */
  statements(): void {
    for (const s of this.block.stmts) this.stmt(s);
  }

  /** The value of an operand, which is not used again if it waited for this. */
  take(o: Operand): Piece {
    if (o.kind === "const") return low(this.context, o);
    const piece = this.waiting.get(o);
    this.waiting.delete(o);
    return piece ?? this.f.bound.get(o) ?? bug(`%${o.hint} is used where it is not bound`);
  }

  private storage(a: ArrayValue): Storage {
    return this.f.arrays.get(a) ?? bug(`%${a.hint} is used where it is not bound`);
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  private inner(
    b: Block,
    targets: readonly string[],
    inThreads = this.inThreads,
    names = this.names.inner(),
  ): BlockPrinter {
    return new BlockPrinter(this.f, b, names, this.depth + 1, targets, inThreads);
  }

  private stmt(s: Stmt): void {
    this.barrier(s);
    switch (s.kind) {
      case "let":
        return this.let(s);
      case "alloc":
        return this.alloc(s);
      case "store":
        return this.store(s);
      case "accum":
        return this.accum(s);
      case "for":
        return isGrid(s) ? this.grid(s) : isThreads(s) ? this.threads(s) : this.for(s);
      case "while":
        return this.while(s);
      case "if":
        return this.if(s);
      case "call": {
        const [result] = s.results;
        if (result === undefined) return bug("a function of scalars has one result");
        const args = s.args.map((a) => this.take(a as Operand));
        return this.constant(result, call(this.f.functionName(s.callee), args));
      }
      case "check":
      case "copy":
      case "launch":
      case "limit":
        return bug(`a kernel of a GPU holds a statement of kind ${s.kind}`);
      default:
        return unreachable(s);
    }
  }

  private barrier(s: Stmt): void {
    const barrier = this.f.kernel?.barriers.get(s);
    if (barrier === undefined) return;
    // A storage barrier waits for the threads as well.
    if (barrier.global) this.line("storageBarrier();");
    if (barrier.shared) this.line("workgroupBarrier();");
  }

  private type(v: { readonly type: ScalarType }, isWide: boolean): string {
    if (!isWide) return wgslType[v.type as keyof typeof wgslType] ?? bug("a value of type f64");
    this.f.helpers.add("wide");
    return "wide";
  }

  private let({ result, expr: e }: Let): void {
    const uses = this.f.uses.of(result);
    if (uses.length === 0) return;
    if (e.kind === "load" && this.isShared(e)) return this.handover(result, e);
    const piece = expr(this.context, e, this.f.widths.isWide(result));
    const moves = uses.length === 1 && uses[0]?.block === this.block && piece.text.length <= maxLength;
    if (isOffset(e) && piece.vars.size === 0 && piece.loads.size === 0) this.f.bound.set(result, piece);
    else if (moves && !piece.text.includes(".x)")) this.waiting.set(result, piece);
    else this.constant(result, piece);
  }

  /** Must all threads be told what is loaded, as some of them may have written it? */
  private isShared(e: Extract<Expr, { kind: "load" }>): boolean {
    const { kernel } = this.f;
    return kernel !== null && !this.inThreads && kernel.written.has(e.array) && e.array.type.space !== "local";
  }

  /** A load by one thread, for all. */
  private handover(result: Scalar, e: Extract<Expr, { kind: "load" }>): void {
    const isWide = this.f.widths.isWide(result);
    // A bool is no type of memory that is shared with the host, but of memory that the workgroup shares.
    const through = this.f.kernel?.handover(this.type(result, isWide)) ?? bug("a function shares no memory");
    const piece = expr(this.context, e, isWide);
    this.line(`if (lane == 0u) { ${through} = ${piece.text}; }`);
    this.constant(result, plain(`workgroupUniformLoad(&${through})`));
  }

  private constant(v: Scalar, piece: Piece): void {
    const name = this.names.fresh(v.hint);
    this.line(`let ${name} = ${piece.text};`);
    this.f.bound.set(v, plain(name));
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

  /** An array of a thread is a variable, of a workgroup one of the module, which the threads together make zero. */
  private alloc(s: Alloc): void {
    const { elem, dims, space } = s.result.type;
    const length = dims.reduce(
      (n, d) => n * (d.kind === "const" ? Number(d.value) : bug("a size that is not constant")),
      1,
    );
    if (space === "shared") {
      const { kernel } = this.f;
      if (kernel === null || this.inThreads) return bug(`%${s.result.hint} is shared by no workgroup`);
      const storage = kernel.shared(s.result);
      this.f.arrays.set(s.result, storage);
      if (!kernel.zeroed.has(s)) return;
      const count = kernel.workgroup.reduce((n, size) => n * size, 1);
      const zero = this.zero(elem);
      const writes = writeElement(storage, "k", zero).join(" ");
      this.line(`for (var k = i32(lane); k < ${length}; k += ${count}) { ${writes} }`);
      return;
    }
    const name = this.names.fresh(s.result.hint);
    const storage = { name, elem, atomic: false, offset: null };
    this.f.arrays.set(s.result, storage);
    this.line(`var ${name}: array<${localType[elem as keyof typeof localType]}, ${Math.max(1, length)}>;`);
  }

  private zero(elem: ScalarType): string {
    if (elem !== "index") return { f32: "0.0f", i32: "0", u32: "0u", bool: "false", f64: "" }[elem];
    this.f.helpers.add("wide");
    return "wide(0u, 0u)";
  }

  private store(s: Store): void {
    const isIndex = s.array.type.elem === "index";
    const value = isIndex ? this.named(wide(this.context, s.value)) : this.take(s.value);
    const at = position(this.context, s.array, s.index);
    this.settle(new Set([s.array]));
    for (const text of writeElement(this.storage(s.array), at.text, value.text)) this.line(text);
  }

  private accum(s: Accum): void {
    const { elem } = s.array.type;
    const storage = this.storage(s.array);
    const isIndex = elem === "index";
    const at = position(this.context, s.array, s.index);
    if (s.atomic === true) {
      const update = this.f.kernel?.update(s, storage) ?? bug("a function updates no arrays");
      const value = isIndex ? wide(this.context, s.value) : this.take(s.value);
      this.settle(new Set([s.array]));
      this.line(`${update}(${at.text}, ${value.text});`);
      return;
    }
    const old = combine(readElement(storage, at.text, false), level.primary, [at]);
    const { context } = this;
    const value = isIndex
      ? this.named(
          indexBinary(
            {
              ...context,
              ref: (o) => (o === element ? old : context.ref(o)),
              isWide: (o) => o === element || context.isWide(o),
            },
            s.op,
            element,
            s.value,
            true,
          ),
        )
      : binary(context, s.op, elem, old, this.take(s.value), s.value);
    this.settle(new Set([s.array]));
    const plainly = storage.offset === null && !storage.atomic && (isFloat(elem) || elem === "i32" || elem === "u32");
    if (plainly) this.line(assignment(old.text, value));
    else for (const text of writeElement(storage, at.text, value.text)) this.line(text);
  }

  /** A value short enough to be written more than once. */
  private named(piece: Piece): Piece {
    if (/^\w+$/.test(piece.text)) return piece;
    const name = this.names.fresh("value");
    this.line(`let ${name} = ${piece.text};`);
    return plain(name);
  }

  /** `for (i = lo + group; i < hi; i += groups)` */
  private grid(s: For): void {
    const axis = axisOf(s);
    this.step(s, `i32(group.${axis})`, `i32(groups.${axis})`);
  }

  /** Once for each thread; in steps where there may be more iterations than threads. */
  private threads(s: For): void {
    const { workgroup } = this.f.kernel ?? bug("a function runs no threads");
    const axis = axisOf(s);
    const count = workgroup["xyz".indexOf(axis)] as number;
    const idle = this.inThreads ? [] : idleAxes(s, workgroup);
    if (idle.length > 0) {
      // Threads along an axis over which the loop does not run would all do the same.
      this.line(`if (${idle.map((a) => `thread.${a} == 0u`).join(" && ")}) {`);
      const inner = this.inner({ stmts: [s], yields: [] }, [], true);
      this.moveTo(inner);
      inner.threads(s);
      this.lines.push(...inner.lines);
      this.line("}");
      return;
    }
    const id = `i32(thread.${axis})`;
    const trips = s.lo.kind === "const" && s.hi.kind === "const" ? Number(s.hi.value) - Number(s.lo.value) : null;
    if (trips === null || trips > count) return this.step(s, id, String(count));
    if (s.carried.length > 0) bug("a threads loop carries values");
    this.settle(writtenBy(s));
    this.line(trips === count ? "{" : `if (${id} < ${Math.max(0, trips)}) {`);
    const names = this.names.inner();
    const index = names.fresh(s.index.hint);
    this.f.bound.set(s.index, plain(index));
    const lo = low(this.context, s.lo);
    const inner = this.inner(s.body, [], true, names);
    this.line(`  let ${index} = ${lo.text === "0" ? id : `${lo.text} + ${id}`};`);
    this.lines.push(...inner.all());
    this.line("}");
  }

  /** What waits here may be used inside of `inner`, which stands for a part of this very block. */
  private moveTo(inner: BlockPrinter): void {
    for (const [v, piece] of this.waiting) inner.waiting.set(v, piece);
    this.waiting.clear();
  }

  private step(s: For, id: string, count: string): void {
    if (s.carried.length > 0) bug("a loop over workgroups or threads carries values");
    const lo = bound(this.context, s.lo);
    const hi = this.end(s.hi);
    this.settle(writtenBy(s));
    const names = this.names.inner();
    const index = names.fresh(s.index.hint);
    this.f.bound.set(s.index, plain(index));
    const first = lo.text === "0" ? id : `${lo.text} + ${id}`;
    this.line(`for (var ${index} = ${first}; ${index} < ${hi.text}; ${index} += ${count}) {`);
    this.lines.push(...this.inner(s.body, [], isThreads(s) || this.inThreads, names).all());
    this.line("}");
  }

  private for(s: For): void {
    const lo = bound(this.context, s.lo);
    const hi = this.end(s.hi);
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.names.inner();
    const index = names.fresh(s.index.hint);
    this.f.bound.set(s.index, plain(index));
    this.line(`for (var ${index} = ${lo.text}; ${index} < ${hi.text}; ${index}++) {`);
    const isWide = s.carried.map((v) => this.f.widths.isWide(v));
    this.lines.push(...this.inner(s.body, carried, this.inThreads, names).all(isWide));
    this.line("}");
    this.finish(s.results, carried);
  }

  /** The upper bound of a loop, which is evaluated again for each iteration: it must stay what it is. */
  private end(o: Operand): Piece {
    const piece = bound(this.context, o);
    if (piece.loads.size === 0 && piece.vars.size === 0 && !piece.text.includes("(")) return sumOf(piece);
    const name = this.names.fresh("end");
    this.line(`let ${name} = ${piece.text};`);
    return plain(name);
  }

  private while(s: While): void {
    const carried = this.start(s, s.carried, s.inits);
    this.settle(writtenBy(s));
    const names = this.names.inner();
    const cond = this.inner(s.cond, [], this.inThreads, names);
    cond.statements();
    const test = cond.take(s.cond.yields[0] ?? bug("a while without a condition"));
    if (cond.lines.length === 0) {
      this.line(`while (${test.text}) {`);
    } else {
      this.line("loop {");
      this.lines.push(...cond.lines);
      this.line(`  if (!(${test.text})) { break; }`);
    }
    const isWide = s.carried.map((v) => this.f.widths.isWide(v));
    this.lines.push(...this.inner(s.body, carried, this.inThreads, names).all(isWide));
    this.line("}");
    this.finish(s.results, carried);
  }

  private if(s: If): void {
    const cond = this.take(s.cond);
    this.settle(writtenBy(s));
    const isWide = s.results.map((r) => this.f.widths.isWide(r));
    const targets = s.results.map((r, k) => {
      const name = this.names.fresh(r.hint);
      this.line(`var ${name}: ${this.type(r, isWide[k] === true)};`);
      return name;
    });
    const then = this.inner(s.then, targets).all(isWide);
    const otherwise = this.inner(s.else, targets).all(isWide);
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

  /** Declares what a loop carries and gives it its first value. */
  private start(s: For | While, carried: readonly Scalar[], inits: readonly Operand[]): readonly string[] {
    if (s.kind === "for" && s.mode !== "seq" && s.mode !== "vector")
      bug(`a kernel of a GPU has a loop of mode ${s.mode}`);
    const pieces = inits.map((o, k) => as(this.context, this.f.widths.isWide(carried[k] as Scalar), o));
    return carried.map((v, k) => {
      const name = this.names.fresh(v.hint);
      const init = pieces[k]?.text ?? bug("fewer values than are carried");
      this.line(`var ${name}: ${this.type(v, this.f.widths.isWide(v))} = ${init};`);
      this.f.bound.set(v, variable(name));
      return name;
    });
  }

  /** After the statement its variables hold its results, and no one assigns to them any more. */
  private finish(results: readonly Scalar[], targets: readonly string[]): void {
    results.forEach((r, k) => {
      this.f.bound.set(r, plain(targets[k] ?? bug("fewer variables than results")));
    });
  }

  /** Gives every target its value as if all at once. */
  private assign(values: readonly Piece[]): void {
    let left = this.targets.flatMap((name, k) => {
      const value = values[k] ?? bug("fewer values than variables");
      return value.text === name ? [] : [{ name, value }];
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
      this.line(`let ${next} = ${one.value.text};`);
      left = [...others, { ...one, value: plain(next) }];
    }
  }
}

/** What stands for the element that an update of an array of indices reads. */
const element: Scalar = { kind: "value", type: "index", hint: "element" };

const localType = { f32: "f32", i32: "i32", u32: "u32", bool: "u32", index: "vec2<u32>" } as const;

/** The axes along which there are several threads, though the loop and those inside it do not run over them. */
function idleAxes(s: For, workgroup: Extent): readonly Axis[] {
  const used = new Set<Axis>();
  const collect = (t: Stmt): void => {
    if (isThreads(t)) used.add(axisOf(t));
    for (const b of blocksOf(t)) for (const inner of b.stmts) collect(inner);
  };
  collect(s);
  return (["x", "y", "z"] as const).filter((a, k) => (workgroup[k] as number) > 1 && !used.has(a));
}

/** Operators that WGSL combines with an assignment. */
const compound = new Set(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);

/** `place = value`, or shorter. */
function assignment(place: string, { text, parts }: Piece): string {
  if (parts?.left !== place || !compound.has(parts.op)) return `${place} = ${text};`;
  return `${place} ${parts.op}= ${parts.right};`;
}

/** `i + 1` and the like: people write it each time. */
const isOffset = (e: Expr): boolean =>
  e.kind === "binary" &&
  e.a.type === "index" &&
  (e.op === "add" || e.op === "sub") &&
  (e.a.kind === "const") !== (e.b.kind === "const");
