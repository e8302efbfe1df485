/**
 * Deals out a block of a function to the launch program: what is a kernel of its own, what joins the work of one workgroup, and what the
 * launch program does itself. Map-to-gpu.ts says which is which.
 */
import { isGrid } from "../analysis/device-kernel.ts";
import { writesOf, writtenWithin } from "../analysis/effects.ts";
import { bug } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  indexConst,
  isScalar,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../ir/ir.ts";
import { resultsOf, usesOf } from "../ir/walk.ts";
import { isParallel } from "./band.ts";
import type { ReducingLoop } from "./gpu-reduction.ts";
import { freeIn, type Sources } from "./kernel-func.ts";
import { isGridReduction, isWorthLaunches } from "./launch-policy.ts";

/** The launch program as a whole: which scalars it knows, and the kernels that it launches. */
export interface LaunchProgram extends Sources {
  /** Is the scalar one that kernels compute again, or take from an array? */
  isPending(v: Scalar): boolean;
  /** Leaves the computation of a scalar to kernels. */
  later(s: Let): void;
  /** From now on the value is an array's element. */
  keep(v: Scalar, cell: ArrayValue): void;
  /** Values from before a loop or branch are after it where they were: what keeps them inside may not be there. */
  inside(run: () => void): void;
  /** The values with all those that they are computed from; not further than those that are `there` when they are taken. */
  closure(values: Iterable<Scalar>, there?: ReadonlySet<Scalar>): ReadonlySet<Scalar>;
  /** An array of one element, which the launch program makes before it launches anything. */
  cell(of: Scalar): ArrayValue;
  /** The operand as the launch program has it: elements are read back. */
  onHost(o: Operand, x: Builder): Operand;
  /** Launches a nest as a grid. */
  grid(s: For, x: Builder): void;
  /** Launches a nest that carries reductions as a grid; gives what combines the parts that its workgroups leave. */
  reduction(s: ReducingLoop, x: Builder): Stmt;
  /** Launches statements as the work of one workgroup. */
  workgroup(stmts: readonly Stmt[], x: Builder): void;
}

/** One block of the launch program, statement by statement. */
export class Level {
  private readonly map: LaunchProgram;
  private readonly x: Builder;
  /** How many loops of the launch program stand around. */
  private readonly depth: number;
  /** Values that are taken after the block. */
  private readonly after: ReadonlySet<Scalar>;
  /** Statements for one workgroup, not yet a kernel, and what they bind. */
  private group: Stmt[] = [];
  private bound = new Set<Scalar>();
  /** What is taken after the statement at hand. */
  private live: ReadonlySet<Scalar> = new Set();

  constructor(map: LaunchProgram, x: Builder, depth: number, after: ReadonlySet<Scalar>) {
    this.map = map;
    this.x = x;
    this.depth = depth;
    this.after = after;
  }

  stmts(b: Block): void {
    const live: ReadonlySet<Scalar>[] = [];
    let later = new Set<Scalar>([...this.after, ...b.yields.filter(isOperandValue)]);
    for (const s of b.stmts.toReversed()) {
      live.unshift(later);
      later = new Set([...later, ...freeIn([s]).scalars]);
    }
    b.stmts.forEach((s, k) => {
      this.live = live[k] as ReadonlySet<Scalar>;
      this.x.loc = s.loc;
      this.stmt(s);
    });
    this.live = new Set([...this.after, ...b.yields.filter(isOperandValue)]);
  }

  private stmt(s: Stmt): void {
    const { map, x } = this;
    if (s.kind === "let") {
      const used = usesOf(s).filter(isOperandValue);
      if (used.some((v) => this.bound.has(v))) this.join(s);
      else if (s.expr.kind !== "load" && used.every((v) => map.isKnown(v))) {
        x.stmts.push(s);
        map.learn(s.result);
      } else map.later(s);
    } else if (s.kind === "alloc") {
      this.flushBefore(s);
      const dims = s.result.type.dims.map((d) => map.onHost(d, x));
      if (dims.some((d, k) => d !== s.result.type.dims[k])) bug("an array's size is read back");
      x.stmts.push(s);
    } else if (s.kind === "limit") {
      this.flushFor(s);
      x.stmts.push({ ...s, bytes: map.onHost(s.bytes, x) });
    } else if (s.kind === "check") {
      this.flushFor(s);
      x.stmts.push({ ...s, index: map.onHost(s.index, x) });
    } else if (isParallel(s) || isGrid(s)) {
      this.settle(s);
      this.flushBefore(s);
      map.grid(s, x);
    } else if (isGridReduction(s)) {
      this.settle(s);
      this.flushBefore(s);
      this.join(map.reduction(s, x));
    } else if (isWorthLaunches(s, this.depth)) {
      this.settle(s);
      this.flushFor(s);
      this.onHost(s);
    } else {
      this.settle(s);
      this.join(s);
    }
  }

  /** Into the group, after what it takes. */
  private join(s: Stmt): void {
    const pull = (v: Scalar): void => {
      if (this.bound.has(v) || !this.map.isPending(v)) return;
      const own = this.map.letOf(v);
      for (const u of usesOf(own)) if (isOperandValue(u)) pull(u);
      this.bound.add(v);
      this.group.push(own);
    };
    for (const v of freeIn([s]).scalars) pull(v);
    this.group.push(s);
    for (const v of resultsOf(s)) if (isScalar(v)) this.bound.add(v);
  }

  /** What was loaded from an array that the statement overwrites, and is still taken, is computed before it does. */
  private settle(s: Stmt): void {
    const written = s.kind === "store" || s.kind === "accum" ? new Set(writesOf(s)) : writtenWithin(s);
    if (written.size === 0) return;
    const taken = this.map.closure([...this.live, ...freeIn([s]).scalars]);
    for (const v of taken) {
      if (this.bound.has(v) || !this.map.isPending(v)) continue;
      const own = this.map.letOf(v);
      if (own.expr.kind === "load" && written.has(own.expr.array)) this.join(own);
    }
  }

  /** Ends the group where the statement takes something of it, or one of the two writes what the other touches. */
  private flushBefore(s: Stmt): void {
    const { scalars, arrays } = freeIn([s]);
    const taken = this.map.closure(scalars);
    const [own, written] = [freeIn(this.group), writtenWithin(s)];
    const changed = new Set(this.group.flatMap((t) => [...writtenWithin(t)]));
    const isApart =
      ![...this.bound].some((v) => taken.has(v)) &&
      ![...written].some((a) => own.arrays.has(a)) &&
      ![...arrays, ...this.loadedBy(taken)].some((a) => changed.has(a));
    if (!isApart) this.flushFor(s);
  }

  /** The arrays from which kernels load the values again. */
  private loadedBy(values: Iterable<Scalar>): readonly ArrayValue[] {
    return [...values].flatMap((v) => {
      const own = this.map.isPending(v) && !this.map.isKnown(v) ? this.map.letOf(v) : null;
      return own?.expr.kind === "load" ? [own.expr.array] : [];
    });
  }

  /** Ends the group with what the statement, and those after it, take. */
  private flushFor(s: Stmt): void {
    const live = this.live;
    this.live = new Set([...live, ...freeIn([s]).scalars]);
    this.flush();
    this.live = live;
  }

  /** Makes a kernel of the group; what is taken of it later goes through arrays of one element. */
  flush(): void {
    if (this.group.length === 0) return;
    const { map, x } = this;
    const taken = map.closure(this.live, this.bound);
    const exported = [...this.bound].filter((v) => taken.has(v));
    const y = new Builder(this.group.at(-1)?.loc ?? x.loc);
    const cells = exported.map((v) => {
      const cell = map.cell(v);
      y.store(cell, [indexConst(0)], v);
      return cell;
    });
    const stmts = [...this.group, ...y.stmts];
    this.group = [];
    this.bound = new Set();
    if (stmts.some((s) => s.kind !== "let")) map.workgroup(stmts, x);
    exported.forEach((v, k) => void map.keep(v, cells[k] as ArrayValue));
  }

  /** A loop or branch of the launch program. */
  private onHost(s: Stmt): void {
    switch (s.kind) {
      case "for":
        return this.loop(s);
      case "while":
        return this.while(s);
      case "if": {
        const cells = s.results.map((r) => this.map.cell(r));
        const cond = this.map.onHost(s.cond, this.x);
        const branch = (b: Block) => (y: Builder) => {
          this.body(b, y, cells, this.depth);
          return [];
        };
        this.x.if(cond, branch(s.then), branch(s.else));
        s.results.forEach((r, k) => void this.map.keep(r, cells[k] as ArrayValue));
        return;
      }
      default:
        bug(`the launch program cannot ${s.kind}`);
    }
  }

  private loop(s: For): void {
    const { map, x } = this;
    const onHost = hostCarried(s, map);
    const kept = s.carried.flatMap((_, k) => (onHost.has(k) ? [] : [k]));
    const cells = this.cells(s, kept);
    const inits = [...onHost].map((k) => map.onHost(s.inits[k] as Operand, x));
    const [lo, hi] = [map.onHost(s.lo, x), map.onHost(s.hi, x)];
    const inner = new Builder(x.loc);
    map.learn(s.index);
    for (const k of onHost) map.learn(s.carried[k] as Scalar);
    kept.forEach((k, n) => void map.keep(s.carried[k] as Scalar, cells[n] as ArrayValue));
    const rest = { stmts: s.body.stmts, yields: s.body.yields };
    const yields = this.body(rest, inner, cells, this.depth + 1, kept);
    const carried = [...onHost].map((k) => s.carried[k] as Scalar);
    const results = [...onHost].map((k) => s.results[k] as Scalar);
    const next = [...onHost].map((k) => map.onHost(yields[k] as Operand, inner));
    x.stmts.push({ ...s, lo, hi, inits, carried, results, body: inner.block(next) });
    for (const r of results) map.learn(r);
    kept.forEach((k, n) => void map.keep(s.results[k] as Scalar, cells[n] as ArrayValue));
  }

  /** All that it carries is kept in arrays, and its test read back before each trip. */
  private while(s: While): void {
    const { map, x } = this;
    const all = s.carried.map((_, k) => k);
    const cells = this.cells(s, all);
    const keep = (): void => s.carried.forEach((c, k) => void map.keep(c, cells[k] as ArrayValue));
    keep();
    const test = new Builder(x.loc);
    const cond = new Level(map, test, this.depth + 1, new Set());
    cond.stmts(s.cond);
    cond.flush();
    const holds = map.onHost(s.cond.yields[0] as Operand, test);
    keep();
    const body = new Builder(x.loc);
    this.body(s.body, body, cells, this.depth + 1, all);
    const max = s.max === null ? null : map.onHost(s.max, x);
    x.stmts.push({ ...s, inits: [], carried: [], results: [], max, cond: test.block([holds]), body: body.block([]) });
    s.results.forEach((r, k) => void map.keep(r, cells[k] as ArrayValue));
  }

  /** Arrays of one element for what a loop carries, which hold what it starts from. */
  private cells(s: For | While, which: readonly number[]): readonly ArrayValue[] {
    const y = new Builder(s.loc);
    const cells = which.map((k) => {
      const c = s.carried[k] as Scalar;
      const cell = this.map.cell(c);
      y.store(cell, [indexConst(0)], s.inits[k] as Operand);
      return cell;
    });
    for (const t of y.stmts) this.join(t);
    this.live = new Set([...this.live, ...freeIn([s]).scalars]);
    this.flush();
    return cells;
  }

  /** A block inside, whose yields go into arrays of one element where these are given. */
  private body(
    b: Block,
    y: Builder,
    cells: readonly ArrayValue[],
    depth: number,
    which?: readonly number[],
  ): readonly Operand[] {
    const x = new Builder(y.loc);
    const yields = which === undefined ? b.yields : which.map((k) => b.yields[k] as Operand);
    // First all are taken, then all are stored: one may be another's old value.
    yields.forEach((o, k) => void x.store(cells[k] as ArrayValue, [indexConst(0)], o));
    // What is not stored the launch program takes itself.
    const taken = b.yields.filter(
      (o, k): o is Scalar => which !== undefined && !which.includes(k) && isOperandValue(o),
    );
    const level = new Level(this.map, y, depth, new Set(taken));
    this.map.inside(() => {
      level.stmts({ stmts: [...b.stmts, ...x.stmts], yields: [] });
      level.flush();
    });
    return b.yields;
  }
}

/** Which of the values that the loop carries follow from what the launch program knows. */
function hostCarried(s: For, map: LaunchProgram): ReadonlySet<number> {
  const isKnown = (o: Operand): boolean => o.kind === "const" || map.isKnown(o);
  const carried = new Set(s.carried.flatMap((_, k) => (isKnown(s.inits[k] as Operand) ? [k] : [])));
  for (;;) {
    const known = new Set<Operand>([s.index, ...[...carried].map((k) => s.carried[k] as Scalar)]);
    const has = (o: Operand | ArrayValue): boolean => known.has(o as Operand) || isKnown(o as Operand);
    for (const t of s.body.stmts) {
      if (t.kind === "let" && t.expr.kind !== "load" && usesOf(t).every(has)) known.add(t.result);
    }
    const wrong = [...carried].filter((k) => !has(s.body.yields[k] as Operand));
    if (wrong.length === 0) return carried;
    for (const k of wrong) carried.delete(k);
  }
}

export const isOperandValue = (v: Operand | ArrayValue): v is Scalar => v.kind === "value" && isScalar(v);
