/**
 * A kernel of a GPU as a sequential one that does the same and keeps books: target simulator compiles it for the CPU.
 *
 *   kernel @k(%A: f64[%n])                        kernel @k(%A: f64[%n], %state: index[6], %orders: index[64],
 *                                                           %findings: index[2, 9], %A.shadow: index[%A.size, 12])
 *     for %b in grid.x(0, %m) {                     for … in seq(0, %m) with %at = … {            in a random order
 *       for %t in threads.x(0, 64) {                  accum add %state[0], 1                      a tick
 *         store %A[%i], %x                            for … in seq(0, 64) with %at = … {          in a random order
 *       }                                               if %inside {
 *     }                                                   …                                       what the shadow says
 *                                                         store %A[%i], %x
 *                                                       } else { … }                              a finding
 *
 * Workgroups run one after another, their threads from barrier to barrier; each loop over either in an order of its own. A kernel
 * with no findings is free of races on these arguments, whatever the order: two accesses of one element of which one writes
 * are by one thread, or a barrier or a launch stands between them, or both are atomic. What threads are to each other is decided
 * by their iterations: a race that a GPU would hide because it runs two of them in one thread is found as well.
 *
 * Shared and local arrays are parameters here, one for all workgroups and threads, which run one at a time.
 */
import { barriersOf } from "../analysis/barriers.ts";
import { axisOf, type DeviceKernel, deviceKernel } from "../analysis/device-kernel.ts";
import { zeroOf } from "../analysis/effects.ts";
import { zeroedAllocs } from "../analysis/zeroing.ts";
import { bug } from "../diagnostic.ts";
import { arrayType, Builder, value } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Block,
  type ElemType,
  type For,
  type Func,
  indexConst,
  isArray,
  type Let,
  type Load,
  type Module,
  type Operand,
  type Stmt,
  type Store,
} from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import { type Books, Watch } from "./books.ts";
import { everyThread, findingWords, orders, shadowWords, state, stateWords, threadUnit } from "./layout.ts";
import type { Actor } from "./shadow.ts";
import { type Site, sitesOf } from "./sites.ts";

/** What a simulated kernel takes besides what the kernel does. */
export interface Extra {
  readonly param: ArrayValue;
  /** `memory`: the elements of a shared or local array. `shadow`, `stamps`: the books of an array. The others are one each. */
  readonly role: "state" | "orders" | "findings" | "memory" | "shadow" | "stamps";
  /** The array that it is the memory or keeps the books of. */
  readonly of?: ArrayValue;
}

export interface Simulated {
  /** The sequential kernel: the parameters of the original, then those of `extra`. */
  readonly kernel: Func;
  readonly extra: readonly Extra[];
  /** By number, less one. */
  readonly sites: readonly Site[];
}

/** The module with its kernels simulated; what else it holds stays. */
export function simulateKernels(m: Module): Module {
  return { ...m, funcs: m.funcs.map((f) => (f.kind === "kernel" ? simulate(f).kernel : f)) };
}

export function simulate(kernel: Func): Simulated {
  const device = deviceKernel(kernel) ?? bug(`@${kernel.name} has no grid loop: it is no kernel of a GPU`);
  return new Simulation(kernel, device).result();
}

/** What statements are inside of. */
interface Scope extends Actor {
  /** How many workgroups there are, and how many threads in the threads loops around. */
  readonly workgroups: Operand;
  readonly threads: Operand;
  /** Which counter of the state counts statements. */
  readonly counter: Operand;
}

const n = indexConst;
/** Park and Miller's generator: from 1 to 2^31 - 2. */
const modulus = 2 ** 31 - 1;
const multiplier = 16807;

class Simulation {
  private readonly original: Func;
  private readonly device: DeviceKernel;
  private readonly sites: ReadonlyMap<Stmt, Site>;
  private readonly barriers: ReadonlySet<Stmt>;
  private readonly extra: Extra[] = [];
  private readonly books: Books;
  private readonly orders: ArrayValue;
  /** Where the elements of shared and local arrays are. */
  private readonly memory = new Map<ArrayValue, ArrayValue>();
  /** Of shared and local arrays, which one it is that the statements at hand see: as many were made before. */
  private readonly made = new Map<ArrayValue, Operand>();

  constructor(kernel: Func, device: DeviceKernel) {
    this.original = kernel;
    this.device = device;
    this.sites = sitesOf(kernel);
    this.barriers = new Set(barriersOf(device).keys());
    const shadows = new Map<ArrayValue, ArrayValue>();
    const stamps = new Map<ArrayValue, ArrayValue>();
    const zeroed = new Set([...zeroedAllocs(device)].map((s) => s.result));
    const findings = [n(this.sites.size + 1), n(findingWords)];
    this.books = {
      state: this.param("state", "state", "index", [n(stateWords)]),
      findings: this.param("findings", "findings", "index", findings),
      shadows,
      stamps,
      zeroed,
    };
    this.orders = this.param("orders", "orders", "index", [n(orders.length)]);
    for (const s of walk(kernel.body)) {
      if (s.kind !== "alloc") continue;
      const { type, hint } = s.result;
      const elements = n(type.dims.reduce((size, d) => size * constantSize(s.result, d), 1));
      this.memory.set(s.result, this.param(hint, "memory", type.elem, type.dims, s.result));
      stamps.set(s.result, this.param(`${hint}.stamps`, "stamps", "index", [elements], s.result));
      if (type.space === "local") zeroed.add(s.result);
      else shadows.set(s.result, this.shadow(s.result, elements));
    }
    const written = new Set([...this.sites.values()].filter(({ verb }) => verb !== "read").map(({ array }) => array));
    for (const p of kernel.params) {
      if (isArray(p) && written.has(p)) shadows.set(p, this.shadow(p, value(`${p.hint}.size`, "index")));
    }
  }

  result(): Simulated {
    const b = new Builder(this.original.loc);
    const launch = this.tick(b);
    this.block(b, this.original.body, {
      thread: n(everyThread),
      now: null,
      launch,
      group: launch,
      workgroup: n(0),
      workgroups: n(1),
      threads: n(1),
      counter: n(state.sequential),
    });
    const params = [...this.original.params, ...this.extra.map(({ param }) => param)];
    const kernel: Func = { ...this.original, params, body: b.block() };
    return { kernel, extra: this.extra, sites: [...this.sites.values()] };
  }

  private param(
    hint: string,
    role: Extra["role"],
    elem: ElemType,
    dims: readonly Operand[],
    of?: ArrayValue,
  ): ArrayValue {
    const param = value(hint, arrayType(elem, dims));
    this.extra.push({ param, role, ...(of && { of }) });
    return param;
  }
  private shadow(of: ArrayValue, elements: Operand): ArrayValue {
    return this.param(`${of.hint}.shadow`, "shadow", "index", [elements, n(shadowWords)], of);
  }

  private block(b: Builder, { stmts }: Block, scope: Scope): void {
    if (stmts.length > 0) b.accum("add", this.books.state, [scope.counter], n(stmts.length));
    for (const s of stmts) {
      b.loc = s.loc;
      if (this.barriers.has(s)) this.tick(b);
      this.stmt(b, s, scope);
    }
  }

  private inner(b: Builder, block: Block, scope: Scope): Block {
    const inside = b.inner();
    this.block(inside, block, scope);
    return inside.block(block.yields);
  }

  private stmt(b: Builder, s: Stmt, scope: Scope): void {
    switch (s.kind) {
      case "let":
        if (s.expr.kind === "load") this.load(b, s, s.expr, scope);
        else b.stmts.push(s);
        return;
      case "store":
      case "accum":
        return this.write(b, s, scope);
      case "alloc":
        b.accum("add", this.books.state, [n(state.arrays)], n(1));
        this.made.set(s.result, b.load(this.books.state, [n(state.arrays)], "made"));
        return;
      case "for":
        if (s.mode.startsWith("grid")) return this.grid(b, s, scope);
        if (s.mode.startsWith("threads")) return this.threads(b, s, scope);
        b.stmts.push({ ...s, body: this.inner(b, s.body, scope) });
        return;
      case "while":
        b.stmts.push({ ...s, cond: this.inner(b, s.cond, scope), body: this.inner(b, s.body, scope) });
        return;
      case "if":
        b.stmts.push({ ...s, then: this.inner(b, s.then, scope), else: this.inner(b, s.else, scope) });
        return;
      default:
        bug(`a kernel of a GPU holds a statement of kind ${s.kind}`);
    }
  }

  /** A new tick; every access so far is before it. */
  private tick(b: Builder): Operand {
    b.accum("add", this.books.state, [n(state.tick)], n(1));
    return b.load(this.books.state, [n(state.tick)], "tick");
  }

  private grid(b: Builder, loop: For, scope: Scope): void {
    this.shuffled(b, loop, (inside, at, trips) => {
      const workgroup = inside.binary("add", inside.binary("mul", scope.workgroup, trips), at, "workgroup");
      const workgroups = inside.binary("mul", scope.workgroups, trips, "workgroups");
      const counter = this.counter(inside, workgroups, scope.threads);
      const isInnermost = loop === this.device.grid.at(-1);
      const group = isInnermost ? this.tick(inside) : scope.group;
      this.block(inside, loop.body, { ...scope, workgroup, workgroups, counter, group });
    });
  }

  private threads(b: Builder, loop: For, scope: Scope): void {
    const isOutermost = scope.now === null;
    const now = scope.now ?? b.load(this.books.state, [n(state.tick)], "now");
    this.shuffled(b, loop, (inside, at, trips) => {
      const step = inside.binary("mul", at, n(threadUnit[axisOf(loop)]), "step");
      const thread = isOutermost ? step : inside.binary("add", scope.thread, step, "thread");
      const threads = inside.binary("mul", scope.threads, trips, "threads");
      const counter = this.counter(inside, scope.workgroups, threads);
      this.block(inside, loop.body, { ...scope, now, thread, threads, counter });
    });
  }

  private counter(b: Builder, workgroups: Operand, threads: Operand): Operand {
    const isParallel = b.compare("gt", b.binary("mul", workgroups, threads), n(1), "parallel");
    return b.select(isParallel, n(state.parallel), n(state.sequential), "counter");
  }

  /** The loop in a random order: from a random iteration on in steps of a random width, modulo the number of iterations. */
  private shuffled(b: Builder, loop: For, body: (b: Builder, at: Operand, trips: Operand) => void): void {
    const random = [n(state.random)];
    const next = b.binary("mul", b.load(this.books.state, random, "random"), n(multiplier));
    const drawn = b.binary("rem", next, n(modulus), "random");
    b.store(this.books.state, random, drawn);
    const trips = b.binary("max", b.binary("sub", loop.hi, loop.lo), n(0), "trips");
    const divisor = b.binary("max", trips, n(1));
    const factor = b.load(this.orders, [b.binary("rem", drawn, n(orders.length))], "factor");
    const width = b.binary("rem", factor, divisor, "width");
    const start = b.binary("rem", drawn, divisor, "start");
    b.for("k", "seq", n(0), trips, [start], (inside, _, [at]) => {
      if (at === undefined) return bug("a loop does not carry what it was given");
      inside.stmts.push({
        kind: "let",
        result: loop.index,
        expr: { kind: "binary", op: "add", a: loop.lo, b: at, mode: "contract" },
        loc: loop.loc,
      });
      body(inside, at, trips);
      const after = inside.binary("add", at, width, "after");
      return [inside.select(inside.compare("ge", after, trips), inside.binary("sub", after, trips), after, "at")];
    });
  }

  private load(b: Builder, s: Let, { array, index }: Load, scope: Scope): void {
    const watch = this.watch(s, scope);
    const then = b.inner();
    const unwritten = this.note(then, watch, array, index);
    const stored = then.load(this.memory.get(array) ?? array, index);
    const zero = zeroOf(array.type.elem);
    const loaded = unwritten === null ? stored : then.select(unwritten, zero, stored, stored.hint);
    const otherwise = b.inner();
    watch.outside(otherwise, index);
    b.stmts.push({
      kind: "if",
      cond: watch.inside(b, index),
      then: then.block([loaded]),
      else: otherwise.block([zero]),
      results: [s.result],
      loc: s.loc,
    });
  }

  private write(b: Builder, s: Store | Accum, scope: Scope): void {
    const watch = this.watch(s, scope);
    b.if(
      watch.inside(b, s.index),
      (then) => {
        const unwritten = this.note(then, watch, s.array, s.index);
        const array = this.memory.get(s.array) ?? s.array;
        if (s.kind === "store") {
          then.store(array, s.index, s.value);
          return [];
        }
        if (unwritten !== null) {
          then.if(unwritten, (first) => {
            first.store(array, s.index, zeroOf(array.type.elem));
            return [];
          });
        }
        const { atomic: _, ...plain } = s;
        then.stmts.push({ ...plain, array });
        return [];
      },
      (otherwise) => {
        watch.outside(otherwise, s.index);
        return [];
      },
    );
  }

  /** Keeps the books; whether a shared or local array's element is still the zero that it began as, null for global ones. */
  private note(b: Builder, watch: Watch, array: ArrayValue, index: readonly Operand[]): Operand | null {
    const at = watch.position(b, index);
    const made = this.made.get(array);
    const unwritten = made === undefined ? null : watch.unwritten(b, at, made);
    watch.race(b, at);
    return unwritten;
  }

  private watch(s: Stmt, scope: Scope): Watch {
    return new Watch(this.books, this.sites.get(s) ?? bug("an access without a number"), scope);
  }
}

function constantSize({ hint, type }: ArrayValue, d: Operand): number {
  return d.kind === "const"
    ? Number(d.value)
    : bug(`the @${type.space} array %${hint} has a size that is not constant`);
}
