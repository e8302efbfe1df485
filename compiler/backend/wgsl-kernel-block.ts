/**
 * Statements of a kernel as WGSL: those that reach memory, and loops over workgroups and threads.
 *
 * Grid and threads loops take their indices from the number of the workgroup and of the thread, in steps where there are more. What is
 * loaded outside of threads loops decides where barriers are reached: a load of what the kernel also writes is done by one thread
 * and handed to all (`workgroupUniformLoad`), as WGSL asks.
 */
import type { Barrier } from "../analysis/barriers.ts";
import { type Axis, axisOf, type Extent, isGrid, isThreads } from "../analysis/device-kernel.ts";
import { bug, unreachable } from "../diagnostic.ts";
import type { Accum, Alloc, ArrayValue, Block, ElemType, Expr, For, Let, Scalar, Stmt, Store } from "../ir/ir.ts";
import { blocksOf } from "../ir/walk.ts";
import type { OtherStmt, Target } from "./structured-block.ts";
import { combine, level, type Piece, plain, type Scope } from "./text.ts";
import { writtenBy } from "./uses.ts";
import { BlockPrinter, type FunctionContext } from "./wgsl-block.ts";
import { type ExprContext, indexBinary, low, position, wide } from "./wgsl-expr.ts";
import { readElement, readHelpers, type Storage, writeElement, writeHelpers } from "./wgsl-memory.ts";
import { binary } from "./wgsl-operators.ts";

/** What the statements of one kernel share. */
export interface KernelContext extends FunctionContext {
  readonly arrays: Map<ArrayValue, Storage>;
  readonly kernel: KernelParts;
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

/** Prints one block of a kernel. */
export class KernelBlockPrinter extends BlockPrinter<KernelContext> {
  /** Whether the block runs inside of a threads loop. */
  private readonly inThreads: boolean;

  constructor(
    f: KernelContext,
    block: Block,
    names: Scope,
    depth: number,
    targets: readonly Target[] = [],
    inThreads = false,
  ) {
    super(f, block, names, depth, targets);
    this.inThreads = inThreads;
  }

  protected override inner(
    b: Block,
    names: Scope,
    targets: readonly Target[],
    inThreads = this.inThreads,
  ): KernelBlockPrinter {
    return new KernelBlockPrinter(this.f, b, names, this.depth + 1, targets, inThreads);
  }

  protected override storage(a: ArrayValue): Storage {
    return this.f.arrays.get(a) ?? bug(`%${a.hint} is used where it is not bound`);
  }

  protected override stmt(s: Stmt): void {
    this.barrier(s);
    super.stmt(s);
  }

  protected override other(s: OtherStmt): void {
    switch (s.kind) {
      case "alloc":
        return this.alloc(s);
      case "store":
        return this.store(s);
      case "accum":
        return this.accum(s);
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
    const barrier = this.f.kernel.barriers.get(s);
    if (barrier === undefined) return;
    // A storage barrier waits for the threads as well.
    if (barrier.global) this.line("storageBarrier();");
    if (barrier.shared) this.line("workgroupBarrier();");
  }

  protected override let(s: Let): void {
    const { result, expr: e } = s;
    if (e.kind === "load" && this.isShared(e) && this.f.uses.of(result).length > 0) this.handover(result, e);
    else super.let(s);
  }

  /** Must all threads be told what is loaded, as some of them may have written it? */
  private isShared(e: Extract<Expr, { kind: "load" }>): boolean {
    return !this.inThreads && this.f.kernel.written.has(e.array) && e.array.type.space !== "local";
  }

  /** A load by one thread, for all. */
  private handover(result: Scalar, e: Extract<Expr, { kind: "load" }>): void {
    // A bool is no type of memory that is shared with the host, but of memory that the workgroup shares.
    const through = this.f.kernel.handover(this.type(result));
    const piece = this.expression(result, e);
    this.line(`if (lane == 0u) { ${through} = ${piece.text}; }`);
    this.constant(result, plain(`workgroupUniformLoad(&${through})`));
  }

  /** An array of a thread is a variable, of a workgroup one of the module, which the threads together make zero. */
  private alloc(s: Alloc): void {
    const { elem, dims, space } = s.result.type;
    const length = dims.reduce(
      (n, d) => n * (d.kind === "const" ? Number(d.value) : bug("a size that is not constant")),
      1,
    );
    if (space === "shared") {
      if (this.inThreads) return bug(`%${s.result.hint} is shared by no workgroup`);
      const { kernel } = this.f;
      const storage = kernel.shared(s.result);
      this.f.arrays.set(s.result, storage);
      if (!kernel.zeroed.has(s)) return;
      const count = kernel.workgroup.reduce((n, size) => n * size, 1);
      const zero = this.zero(elem);
      const writes = this.writes(storage, "k", zero).join(" ");
      this.line(`for (var k = i32(lane); k < ${length}; k += ${count}) { ${writes} }`);
      return;
    }
    const name = this.names.fresh(s.result.hint);
    const storage = { name, elem, paired: false, atomic: false, offset: null };
    this.f.arrays.set(s.result, storage);
    // By WGSL it would be zeros without saying so; but in a loop, compilers of WGSL zero such a variable in the first trip alone.
    this.line(`var ${name} = array<${localType[elem as keyof typeof localType]}, ${Math.max(1, length)}>();`);
  }

  private zero(elem: ElemType): string {
    if (elem !== "index") return { f32: "0.0f", f16: "0.0f", i32: "0", u32: "0u", bool: "false", f64: "" }[elem];
    this.f.helpers.add("wide");
    return "wide(0u, 0u)";
  }

  private store(s: Store): void {
    const isIndex = s.array.type.elem === "index";
    const value = isIndex ? this.repeatable(wide(this.context, s.value)) : this.take(s.value);
    const at = position(this.context, s.array, s.index);
    this.settle(new Set([s.array]));
    for (const text of this.writes(this.storage(s.array), at.text, value.text)) this.line(text);
  }

  private writes(storage: Storage, at: string, value: string): readonly string[] {
    for (const name of writeHelpers(storage)) this.f.helpers.add(name);
    return writeElement(storage, at, value);
  }

  private accum(s: Accum): void {
    const { elem } = s.array.type;
    const storage = this.storage(s.array);
    const at = position(this.context, s.array, s.index);
    if (s.atomic === true) {
      const update = this.f.kernel.update(s, storage);
      const value = elem === "index" ? wide(this.context, s.value) : this.take(s.value);
      this.settle(new Set([s.array]));
      this.line(`${update}(${at.text}, ${value.text});`);
      return;
    }
    for (const name of readHelpers(storage)) this.f.helpers.add(name);
    const old = combine(readElement(storage, at.text, false), level.primary, [at]);
    const value =
      elem === "index"
        ? this.repeatable(this.updatedIndex(s, old))
        : binary(this.context, s.op, s.value.type, old, this.take(s.value), s.value);
    this.settle(new Set([s.array]));
    const plainly = storage.offset === null && !storage.atomic && (elem === "f32" || elem === "i32" || elem === "u32");
    if (plainly) this.line(this.assignment(old.text, value));
    else for (const text of this.writes(storage, at.text, value.text)) this.line(text);
  }

  /** What the update of an index gives where it was `old`. */
  private updatedIndex(s: Accum, old: Piece): Piece {
    const element: Scalar = { kind: "value", type: "index", hint: "element" };
    const context: ExprContext = {
      ...this.context,
      ref: (o) => (o === element ? old : this.take(o)),
      isWide: (o) => o === element || this.context.isWide(o),
    };
    return indexBinary(context, s.op, element, s.value, true);
  }

  /** A value short enough to be written more than once. */
  private repeatable(piece: Piece): Piece {
    return /^\w+$/.test(piece.text) ? piece : this.named("value", "index", piece);
  }

  protected override for(s: For): void {
    if (isGrid(s)) return this.grid(s);
    if (isThreads(s)) return this.threads(s);
    super.for(s);
  }

  /** `for (i = lo + group; i < hi; i += groups)` */
  private grid(s: For): void {
    const axis = axisOf(s);
    this.step(s, `i32(group.${axis})`, `i32(groups.${axis})`);
  }

  /** Once for each thread; in steps where there may be more iterations than threads. */
  private threads(s: For): void {
    const { workgroup } = this.f.kernel;
    const axis = axisOf(s);
    const count = workgroup["xyz".indexOf(axis)] as number;
    const idle = this.inThreads ? [] : idleAxes(s, workgroup);
    if (idle.length > 0) {
      // Threads along an axis over which the loop does not run would all do the same.
      this.line(`if (${idle.map((a) => `thread.${a} == 0u`).join(" && ")}) {`);
      const inner = this.inner({ stmts: [s], yields: [] }, this.names.inner(), [], true);
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
    const index = this.index(s, names);
    const lo = low(this.context, s.lo);
    const inner = this.inner(s.body, names, [], true);
    this.line(`  let ${index} = ${lo.text === "0" ? id : `${lo.text} + ${id}`};`);
    this.lines.push(...inner.all());
    this.line("}");
  }

  /** What waits here may be used inside of `inner`, which stands for a part of this very block. */
  private moveTo(inner: KernelBlockPrinter): void {
    for (const [v, piece] of this.waiting) inner.waiting.set(v, piece);
    this.waiting.clear();
  }

  private step(s: For, id: string, count: string): void {
    if (s.carried.length > 0) bug("a loop over workgroups or threads carries values");
    const lo = this.limit(s.lo);
    const hi = this.fixed(this.limit(s.hi));
    this.settle(writtenBy(s));
    const names = this.names.inner();
    const first = plain(lo.text === "0" ? id : `${lo.text} + ${id}`);
    this.line(this.forText(this.index(s, names), first, hi, ` += ${count}`));
    this.lines.push(...this.inner(s.body, names, [], isThreads(s) || this.inThreads).all());
    this.line("}");
  }
}

const localType = { f32: "f32", f16: "f32", i32: "i32", u32: "u32", bool: "u32", index: "vec2<u32>" } as const;

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
