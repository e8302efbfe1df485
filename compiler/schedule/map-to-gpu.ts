/**
 * Makes a launch program and kernels out of a function: what a GPU runs.
 *
 *   export func @f(…) {                             func @f_0(…) { for %b in grid.x … }
 *     for %t in seq(0, %steps) {                    func @f_1(…) { for %b in grid.x … }
 *       for %i in par(0, %n) { … }                  export host @f(…) {
 *       %s: f64 = for %i in par(0, %n) …     =>       for %t in seq(0, %steps) {
 *     }                                                 call @f_0(…)
 *   }                                                   call @f_1(…)
 *                                                   …
 *
 * A nest of parallel loops is a kernel over a grid (gpu-grid.ts). A loop that runs in order with such nests inside is the launch
 * program's. Whatever else stands between is done by one workgroup (gpu-workgroup.ts); where the loops around it make very many trips,
 * whose work in each is small, they run in there as well. Scalars that follow from parameters the launch program computes; others are
 * computed again by the kernel that takes them, from arrays that have not changed in between, or pass through arrays of one element.
 *
 * Which part of a function is what launch-level.ts decides, block by block.
 *
 * Needs: to stand after parallelise. Leaves: functions that hosts call and functions of scalars.
 */
import { calledByHosts } from "../analysis/calls.ts";
import { isGrid } from "../analysis/device-kernel.ts";
import { Forms } from "../analysis/polynomial.ts";
import { bug } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type For,
  type Func,
  indexConst,
  isArray,
  isScalar,
  type Let,
  type Module,
  type Operand,
  type Scalar,
  type Stmt,
  sizesOf,
} from "../ir/ir.ts";
import { resultsOf, usesOf, walk } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";
import { gridKernel, type NestKernel } from "./gpu-grid.ts";
import { folded, type ReducingLoop } from "./gpu-reduction.ts";
import { rowsKernel, walksAlongRows } from "./gpu-rows.ts";
import { workgroupKernel } from "./gpu-workgroup.ts";
import { freeIn, KernelFunc } from "./kernel-func.ts";
import { isOperandValue, type LaunchProgram, Level } from "./launch-level.ts";

export const mapToGpu: Pass = {
  name: "map-to-gpu",
  summary: "makes launch programs and kernels of workgroups and threads",
  run(m: Module): Module {
    const names = new Set(m.funcs.map((f) => f.name));
    const byHost = calledByHosts(m);
    const funcs = m.funcs.flatMap((f) => {
      if (f.kind !== "func" || !(f.exported || byHost.has(f.name))) return [f];
      const { host, kernels } = new Mapper(f, names).run();
      return [...kernels, host];
    });
    return { ...m, funcs };
  },
};

class Mapper implements LaunchProgram {
  private readonly f: Func;
  private readonly names: Set<string>;
  private readonly forms = new Forms();
  private readonly known = new Set<Scalar>();
  /** Values that kernels compute again, among them loads of arrays that have not changed since. */
  private readonly lets = new Map<Scalar, Let>();
  private readonly kernels: Func[] = [];
  /** Makes the arrays of one element. */
  private readonly cells: Builder;
  /** All values that follow from others without a load. */
  private readonly pure = new Map<Scalar, Let>();

  constructor(f: Func, names: Set<string>) {
    this.f = f;
    this.names = names;
    this.cells = new Builder(f.loc);
    for (const s of walk(f.body)) {
      this.forms.define(s);
      if (s.kind === "let" && s.expr.kind !== "load") this.pure.set(s.result, s);
    }
    for (const p of f.params) for (const v of isArray(p) ? sizesOf(p) : [p as Scalar]) this.known.add(v);
  }

  run(): { readonly host: Func; readonly kernels: readonly Func[] } {
    const x = new Builder(this.f.loc);
    const level = new Level(this, x, 0, new Set(this.f.body.yields.filter(isOperandValue)));
    level.stmts(this.f.body);
    level.flush();
    const yields = this.f.body.yields.map((o) => this.onHost(o, x));
    const body = { stmts: [...this.cells.stmts, ...x.stmts], yields };
    return { host: { ...this.f, kind: "host", body }, kernels: this.kernels };
  }

  isKnown(v: Scalar): boolean {
    return this.known.has(v);
  }
  learn(v: Scalar): void {
    this.known.add(v);
  }
  letOf(v: Scalar): Let {
    return this.lets.get(v) ?? bug(`%${v.hint} comes from nowhere that a kernel could take it from`);
  }
  isPending(v: Scalar): boolean {
    return this.lets.has(v);
  }
  later(s: Let): void {
    this.lets.set(s.result, s);
  }
  keep(v: Scalar, cell: ArrayValue): void {
    const loc = this.f.loc;
    this.lets.set(v, { kind: "let", result: v, expr: { kind: "load", array: cell, index: [indexConst(0)] }, loc });
  }

  inside(run: () => void): void {
    const before = [...this.lets];
    run();
    for (const [v, own] of before) this.lets.set(v, own);
  }

  cell(of: Scalar): ArrayValue {
    return this.cells.alloc(of.hint, of.type, [indexConst(1)]);
  }

  closure(values: Iterable<Scalar>, there?: ReadonlySet<Scalar>): ReadonlySet<Scalar> {
    const out = new Set<Scalar>();
    const visit = (v: Scalar): void => {
      if (out.has(v)) return;
      out.add(v);
      if (there?.has(v)) return;
      const s = this.lets.get(v);
      if (s !== undefined) for (const u of usesOf(s)) if (isOperandValue(u)) visit(u);
    };
    for (const v of values) visit(v);
    return out;
  }

  onHost(o: Operand, x: Builder): Operand {
    if (o.kind === "const" || this.known.has(o)) return o;
    const { expr, loc } = this.letOf(o);
    const at = (a: Operand): Operand => this.onHost(a, x);
    const result = { ...o };
    const own =
      expr.kind === "load"
        ? { ...expr, index: expr.index.map(at) }
        : expr.kind === "unary" || expr.kind === "cast"
          ? { ...expr, a: at(expr.a) }
          : expr.kind === "select"
            ? { ...expr, cond: at(expr.cond), a: at(expr.a), b: at(expr.b) }
            : { ...expr, a: at(expr.a), b: at(expr.b) };
    x.stmts.push({ kind: "let", result, expr: own, loc });
    this.known.add(result);
    return result;
  }

  grid(s: For, x: Builder): void {
    if (isGrid(s)) this.launch(this.asItStands(s), x);
    else this.nest(s, x);
  }

  reduction(s: ReducingLoop, x: Builder): Stmt {
    return folded(s, this.nest(s, x).parts ?? bug("a reduction of no parts"));
  }

  private nest(s: For, x: Builder): NestKernel {
    const before = x.stmts.length;
    // How many workgroups there are is the launch program's to know.
    const loop: For = { ...s, lo: this.onHost(s.lo, x), hi: this.onHost(s.hi, x) };
    const own = walksAlongRows(loop, this.forms)
      ? rowsKernel(loop, this.name(), this, x)
      : gridKernel(loop, this.name(), this.forms, this, x);
    for (const t of x.stmts.slice(before)) for (const v of resultsOf(t)) if (isScalar(v)) this.known.add(v);
    this.launch(own, x);
    return own;
  }

  workgroup(stmts: readonly Stmt[], x: Builder): void {
    this.launch(workgroupKernel(stmts, this.name(), this), x);
  }

  private launch({ func, kernel }: { readonly func: Func; readonly kernel: KernelFunc }, x: Builder): void {
    this.kernels.push(func);
    x.call(func.name, kernel.args, []);
  }

  /** A nest of grid loops: the user has written it, or tile.ts has made it. */
  private asItStands(s: For): { readonly func: Func; readonly kernel: KernelFunc } {
    const kernel = new KernelFunc(this);
    const free = freeIn([s]);
    kernel.takeArrays(free);
    const x = new Builder(s.loc);
    // What a grid's size follows from says more of the indices than the size itself.
    for (let loop: Stmt | undefined = s; loop !== undefined && isGrid(loop); loop = loop.body.stmts.at(-1)) {
      kernel.computeAgain(loop.lo, this.pure, x);
      kernel.computeAgain(loop.hi, this.pure, x);
    }
    kernel.takeScalars(free, x);
    const loop = kernel.subst.block({ stmts: [s], yields: [] });
    return { func: kernel.func(this.name(), { stmts: [...x.stmts, ...loop.stmts], yields: [] }, s.loc), kernel };
  }

  private name(): string {
    for (let i = this.kernels.length; ; i++) {
      const name = `${this.f.name}_${i}`;
      if (this.names.has(name)) continue;
      this.names.add(name);
      return name;
    }
  }
}
