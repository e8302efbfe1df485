/**
 * Kernels of a GPU as LLVM IR, in the words of LLVM's NVPTX back end. analysis/device-kernel.ts says what they look like.
 *
 *   kernel @k(%A: f64[%n]) {                     define ptx_kernel void @k(ptr addrspace(1) %A, i64 %n) {
 *     for %b in grid.x(0, %m) {                    for (b = ctaid.x; b < m; b += nctaid.x)
 *       for %t in threads.x(0, 100) { … }    =>      { if (tid.x < 100) { … }  barrier }
 *
 * Every thread runs the whole function; what stands outside of threads loops, all of them do alike. The kernel's parameters
 * are `kernelParams` (artifact.ts) in order: addresses, and values as in the argument block.
 *
 * Barriers stand where analysis/barriers.ts puts them; shared arrays are set to zero where analysis/zeroing.ts asks for it.
 *
 * Aliasing. `noalias` on a parameter says that nobody else touches the array, barriers included, and LLVM moves its
 * accesses across them. So only arrays that nobody writes have it (which makes their loads `ld.global.nc`); of the others
 * each access says that those of other arrays are elsewhere.
 */

import { barriersOf } from "../analysis/barriers.ts";
import {
  type Axis,
  axes as allAxes,
  axisOf,
  type DeviceKernel,
  deviceKernel,
  isGrid,
  isThreads,
} from "../analysis/device-kernel.ts";
import { zeroedAllocs } from "../analysis/zeroing.ts";
import { elemBytes, type KernelParam, kernelParams, kernelSymbol } from "../artifact.ts";
import { indexLimit } from "../artifact-wgsl.ts";
import { bug } from "../diagnostic.ts";
import {
  type Alloc,
  type ArrayValue,
  type ElemType,
  type For,
  type Func,
  isFloat,
  type Scalar,
  type Stmt,
} from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import { type ArrayAccess, arrayAccess, mayNotEnd, refuseAtomicHalves } from "./kernel.ts";
import { atomicAccum } from "./llvm-atomic.ts";
import { type BodyScope, block, forLoop, loop } from "./llvm-block.ts";
import { indexForm } from "./llvm-index.ts";
import { pointerType, storeTo } from "./llvm-memory.ts";
import { ThreadRegisters } from "./llvm-threads.ts";
import { type Attributes, attribute, FuncWriter, type ModuleWriter, memoryType } from "./llvm-writer.ts";

export function printDeviceKernel(module: ModuleWriter, kernel: Func): readonly string[] {
  refuseAtomicHalves(kernel);
  const shape = deviceKernel(kernel) ?? bug(`@${kernel.name} is no kernel of a GPU: it has no grid`);
  const writer = new DeviceWriter(module, kernel, shape);
  return writer.print();
}

/** Alignment that the memory of every device gives to an array, and so to the first of its elements. */
const arrayAlignment = 16;

class DeviceWriter {
  private readonly w: FuncWriter;
  private readonly name: string;
  private readonly kernel: Func;
  private readonly shape: DeviceKernel;
  private readonly access: ArrayAccess;
  private readonly barriers: ReadonlyMap<Stmt, unknown>;
  private readonly zeroed: ReadonlySet<Stmt>;
  private readonly scope: BodyScope;
  private readonly here: ThreadRegisters;
  /** Definitions of shared arrays. */
  private readonly shared: string[] = [];
  /** Axes of the threads loops around the statement at hand, and of all loops in the outermost of them. */
  private readonly inside = new Set<Axis>();
  private nest: ReadonlySet<Axis> = new Set();

  constructor(module: ModuleWriter, kernel: Func, shape: DeviceKernel) {
    this.w = new FuncWriter(module, indexForm(kernel));
    this.name = kernelSymbol(kernel.name);
    this.kernel = kernel;
    this.shape = shape;
    this.here = new ThreadRegisters(this.w, shape.workgroup);
    this.access = arrayAccess(kernel);
    this.barriers = barriersOf(shape);
    this.zeroed = zeroedAllocs(shape);
    this.scope = { w: this.w, checks: new Map(), failures: [], fail: "", device: (s) => this.stmt(s) };
  }

  print(): readonly string[] {
    const { w, kernel } = this;
    const params = kernelParams(kernel).map((p) => this.param(p));
    this.separateWritten();
    block(this.scope, kernel.body);
    w.line("ret void");
    const [x, y, z] = this.shape.workgroup;
    const sizes = `!"reqntidx", i32 ${x}, !"reqntidy", i32 ${y}, !"reqntidz", i32 ${z}`;
    w.module.annotate("nvvm.annotations", `ptr @${this.name}, ${sizes}`);
    const group: Attributes = mayNotEnd(kernel) ? "openKernel" : "kernel";
    const head = `define ptx_kernel void @${this.name}(${params.join(", ")}) ${attribute[group]}`;
    const body = [...this.here.entry.map((line) => `  ${line}`), ...w.lines];
    return [...this.shared, `${head} {\nentry:\n${body.join("\n")}\n}`];
  }

  /** Binds a parameter and returns its declaration. */
  private param({ kind, value }: KernelParam): string {
    const { w } = this;
    const name = `%${w.names.fresh(value.hint)}`;
    w.bind(value, name);
    if (kind === "array") {
      const only = this.access.written.has(value) ? "" : "noalias readonly ";
      return `${pointerType(w, value)} ${only}noundef align ${arrayAlignment} ${name}`;
    }
    if (value.type === "index") {
      if (this.w.index.type === "i32")
        w.bind(value, this.here.first(`${value.hint}.narrow`, `trunc i64 ${name} to i32`));
      const least = kind === "size" ? 0 : -indexLimit;
      return `i64 noundef range(i64 ${least}, ${indexLimit + 1}) ${name}`;
    }
    if (value.type === "bool") w.bind(value, this.here.first(`${value.hint}.bit`, `icmp ne i8 ${name}, 0`));
    return `${memoryType(value.type)} noundef ${name}`;
  }

  /** Notes for each written array of the kernel's that its elements are no other's. */
  private separateWritten(): void {
    const { module, aliasing } = this.w;
    const written = this.kernel.params.filter((p) => this.access.written.has(p));
    if (written.length < 2) return;
    const domain = module.distinct([]);
    const scopes = written.map(() => module.distinct([domain]));
    written.forEach((array, k) => {
      const others = scopes.filter((_, other) => other !== k);
      const [own, rest] = [module.node(scopes[k]!), module.node(others.join(", "))];
      aliasing.set(array, `, !alias.scope ${own}, !noalias ${rest}`);
    });
  }

  /** Adds a statement that means more where many threads run it; returns whether it is one. */
  private stmt(s: Stmt): boolean {
    if (this.barriers.has(s)) this.barrier();
    switch (s.kind) {
      case "alloc":
        if (s.result.type.space === "shared") this.allocShared(s);
        else this.allocLocal(s);
        return true;
      case "for":
        if (isGrid(s)) this.grid(s);
        else if (isThreads(s)) this.threads(s);
        else return false;
        return true;
      case "store":
        if (this.isUniform) bug(`@${this.kernel.name} stores to %${s.array.hint} outside of threads loops`);
        return false;
      case "accum":
        this.accumulatesOnce(s.array);
        if (!s.atomic || s.array.type.space === "local") return false;
        atomicAccum(this.w, s);
        return true;
      case "check":
        return bug(`@${this.kernel.name} checks a subscript; on GPUs that is a store of what failed`);
      default:
        return false;
    }
  }

  /** Do all threads do what comes now? */
  private get isUniform(): boolean {
    return this.inside.size === 0;
  }

  /** Where a threads loop has statements besides an inner one, the threads along the inner axis all run them. */
  private accumulatesOnce({ hint, type: { space } }: ArrayValue): void {
    const once =
      !this.isUniform && [...this.nest].every((axis) => this.inside.has(axis) || this.here.extent(axis) === 1);
    if (!once && space !== "local") bug(`several threads run one accum of %${hint} in @${this.kernel.name}`);
  }

  private grid(s: For): void {
    const axis = axisOf(s);
    const start = this.past(s, this.here.register(`ctaid.${axis}`, 2 ** 31 - 1));
    const step = this.here.register(`nctaid.${axis}`, 2 ** 31);
    // It runs once but for grids beyond what a device launches.
    forLoop(this.scope, s, { start, next: this.further(step), metadata: ['!"llvm.loop.unroll.disable"'] });
  }

  /** So much further, or as far as the type goes where that is nearer: past the end of the loop in any case. */
  private further(step: string): (index: string) => string {
    if (this.t === "i64") return (index) => `add nsw i64 ${index}, ${step}`;
    this.w.module.declare("declare i32 @llvm.sadd.sat.i32(i32, i32)");
    return (index) => `call i32 @llvm.sadd.sat.i32(i32 ${index}, i32 ${step})`;
  }

  /** How indices are held. */
  private get t(): "i32" | "i64" {
    return this.w.index.type;
  }

  /** The index `id` places past a loop's first. */
  private past({ lo, index }: For, id: string): string {
    if (lo.kind === "const" && lo.value === 0) return id;
    return id === "0"
      ? this.w.operand(lo)
      : this.w.let(`${index.hint}.first`, `add nsw ${this.t} ${this.w.operand(lo)}, ${id}`);
  }

  private threads(s: For): void {
    if (!this.isUniform) {
      this.share(s);
      return;
    }
    this.nest = axesIn(s);
    const idle = allAxes.filter((axis) => !this.nest.has(axis) && this.here.extent(axis) > 1);
    const alone = idle.map((axis) => this.w.let("first", `icmp eq ${this.t} ${this.here.thread(axis)}, 0`));
    this.onlyIf(alone, () => this.share(s));
  }

  /** Gives the iterations of a threads loop to the threads along its axis. */
  private share(s: For): void {
    const axis = axisOf(s);
    const [count, trips, id] = [this.here.extent(axis), constantTrips(s), this.here.thread(axis)];
    this.inside.add(axis);
    if (trips === null || trips > count) {
      const steps = (index: string): string => `add nsw ${this.t} ${index}, ${count}`;
      const next = this.w.index.hasRoom(s.hi, count) ? steps : this.further(String(count));
      forLoop(this.scope, s, { start: this.past(s, id), next });
    } else {
      const guard = trips === count ? [] : [this.w.let("has", `icmp slt ${this.t} ${id}, ${trips}`)];
      this.onlyIf(guard, () => {
        this.w.bind(s.index, this.past(s, id));
        block(this.scope, s.body);
      });
    }
    this.inside.delete(axis);
  }

  /** Adds what runs where all conditions hold. */
  private onlyIf(conditions: readonly string[], body: () => void): void {
    const { w } = this;
    if (conditions.length === 0) {
      body();
      return;
    }
    const all = conditions.reduce((a, b) => w.let("all", `and i1 ${a}, ${b}`));
    const [then, join] = [w.names.fresh("then"), w.names.fresh("join")];
    w.line(`br i1 ${all}, label %${then}, label %${join}`);
    w.open(then);
    body();
    w.line(`br label %${join}`);
    w.open(join);
  }

  private barrier(): void {
    if (this.shape.workgroup.every((n) => n === 1)) return;
    this.w.module.declare("declare void @llvm.nvvm.barrier0()");
    this.w.line("call void @llvm.nvvm.barrier0()");
  }

  /** Makes a workgroup's array, which all threads together set to zero where that is seen. */
  private allocShared(s: Alloc): void {
    const { w } = this;
    const { elem } = s.result.type;
    const length = lengthOf(s.result);
    const name = `@${this.name}_${w.names.fresh(s.result.hint).replace(/\./g, "_")}`;
    const type = memoryType(elem);
    this.shared.push(`${name} = internal addrspace(3) global [${length} x ${type}] undef, align ${arrayAlignment}`);
    w.bind(s.result, name);
    if (!this.zeroed.has(s)) return;
    const [x, y, z] = this.shape.workgroup;
    const index: Scalar = { kind: "value", type: "index", hint: "zero" };
    loop(w, "zero", [index], [this.here.number()], {
      test: () => w.let("more", `icmp ult ${this.t} ${w.ref(index)}, ${length}`),
      body: () => {
        const pointer = `ptr addrspace(3) ${w.let("at", `getelementptr inbounds ${type}, ptr addrspace(3) ${name}, ${this.t} ${w.ref(index)}`)}`;
        storeTo(w, elem, { pointer, aliasing: "" }, zeroOf(elem));
        return [w.let("zero.next", `add nuw nsw ${this.t} ${w.ref(index)}, ${x * y * z}`)];
      },
      metadata: [],
    });
  }

  /** Zeroed at every pass of the statement; LLVM sees where that is in vain. */
  private allocLocal({ result }: Alloc): void {
    const { elem } = result.type;
    const length = lengthOf(result);
    const place = this.here.first(result.hint, `alloca [${length} x ${memoryType(elem)}], align ${arrayAlignment}`);
    this.w.bind(result, place);
    // LLVM finds the space of loads and stores by itself.
    const own = this.here.first(`${result.hint}.local`, `addrspacecast ptr ${place} to ptr addrspace(5)`);
    const bytes = length * elemBytes[elem];
    this.w.module.declare("declare void @llvm.memset.p5.i64(ptr addrspace(5), i8, i64, i1)");
    const to = `ptr addrspace(5) align ${arrayAlignment} ${own}`;
    this.w.line(`call void @llvm.memset.p5.i64(${to}, i8 0, i64 ${bytes}, i1 false)`);
  }
}

const zeroOf = (elem: ElemType): string => (isFloat(elem) ? "0.0" : elem === "bool" ? "false" : "0");

function axesIn(nest: For): ReadonlySet<Axis> {
  const inner = [...walk(nest.body)].filter(isThreads);
  return new Set([nest, ...inner].map(axisOf));
}

const constantTrips = ({ lo, hi }: For): number | null =>
  lo.kind === "const" && hi.kind === "const" ? Math.max(0, Number(hi.value) - Number(lo.value)) : null;

/** The elements of an array whose sizes have to be constants. */
function lengthOf({ hint, type }: ArrayValue): number {
  const size = (k: number): number => {
    const d = type.dims[k]!;
    return d.kind === "const" ? Number(d.value) : bug(`@${type.space} %${hint} has no constant size`);
  };
  return type.dims.reduce((n, _, k) => n * size(k), 1);
}
