/**
 * The reverse sweep: the statements of the function in reverse, each as what it does to adjoints.
 *
 *   x = load A[i]           →  Ā[i] += x̄
 *   store A[i], v           →  v̄ += Ā[i]; Ā[i] = 0         (and A[i] gets its old value back, where that was recorded)
 *   accum add A[i], v       →  v̄ += Ā[i]
 *   r = op(a, b)            →  ā += r̄ ∂r/∂a, b̄ += r̄ ∂r/∂b   (rules.ts)
 *   for, while, if          →  the same over the reversed body; adjoints of outer values are carried through
 *   for … par, grid, threads   →  the same; adjoints of outer values are added up in arrays of one element
 *   alloc in such a loop    →  the array and its adjoint, made anew where the reversed body begins
 *
 * Primal values come as plan.ts says. What it computes anew stands in a scope, one for each block of the sweep.
 */
import { bug, type Loc } from "../compiler/diagnostic.ts";
import { Builder, floatConst } from "../compiler/ir/build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type Call,
  type For,
  type If,
  indexConst,
  isFloat,
  type Let,
  type LoopMode,
  type Operand,
  type OpMode,
  type Scalar,
  type Space,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { copyBlock, mapOperands, Substitution } from "../compiler/ir/walk.ts";
import { induction } from "./access.ts";
import type { Activity } from "./activity.ts";
import { unpackRows } from "./bits.ts";
import { emitAdjointCall, floatScalars } from "./custom.ts";
import { isEnd } from "./ends.ts";
import { isParallel } from "./hoist-allocs.ts";
import { maskedValues } from "./masked.ts";
import type { Plan } from "./plan.ts";
import { branchYields, isLoad, isWrite, loadOf, type Program, type Write } from "./program.ts";
import type { Replay } from "./replay.ts";
import { type Primal, zeroWins } from "./rules.ts";
import { keepSlice } from "./slice.ts";
import { onTape } from "./sweep.ts";
import { type Kept, packedIn, pop, type Site } from "./tape.ts";

export interface BackwardInput {
  readonly program: Program;
  readonly activity: Activity;
  readonly plan: Plan;
  readonly sites: ReadonlyMap<Kept, Site>;
  /** Of the function's arrays; the sweep adds those of arrays that it makes itself. */
  readonly adjoints: Map<ArrayValue, ArrayValue>;
  /** What the number of a `while`'s trip is called. */
  readonly trips: ReadonlyMap<While, Scalar>;
  readonly mode: OpMode;
}

/** Values of the primal, as a block of the sweep and those inside of it know them. */
class Scope {
  private readonly values = new Map<Scalar, Operand>();
  private readonly outer: Scope | null;
  constructor(outer: Scope | null) {
    this.outer = outer;
  }
  get(v: Scalar): Operand | undefined {
    return this.values.get(v) ?? this.outer?.get(v);
  }
  set(v: Scalar, to: Operand): void {
    this.values.set(v, to);
  }
}

const adjointLocs = new WeakMap<Loc, Loc>();
/** The place, as one of the adjoint. */
function inAdjoint(loc: Loc): Loc {
  const known = adjointLocs.get(loc);
  if (known !== undefined) return known;
  const made: Loc = { ...loc, role: "adjoint" };
  adjointLocs.set(loc, made);
  return made;
}

export class Backward {
  private readonly on: BackwardInput;
  private x: Builder;
  private scope = new Scope(null);
  /** Adjoints of scalars, as far as they have come together. */
  private adjoint = new Map<Scalar, Operand>();
  /** The number of the trip, of loops around. */
  private readonly tripOf = new Map<For | While, () => Operand>();
  private readonly masked: ReadonlySet<Scalar>;
  /** Arrays that iterations of parallel loops have to themselves, as the sweep makes them. */
  private readonly arrays = new Map<ArrayValue, ArrayValue>();
  /** Where parallel loops around add up adjoints of values outside of them. */
  private readonly sums = new Map<Scalar, ArrayValue>();
  /** The modes of the parallel loops around. */
  private readonly around: LoopMode[] = [];

  constructor(input: BackwardInput) {
    this.on = input;
    this.masked = maskedValues(input.program);
    this.x = new Builder(input.program.func.loc, input.mode);
  }

  /** Values that the sweep has from the start. */
  give(v: Scalar, as: Operand): void {
    this.scope.set(v, as);
  }
  get builder(): Builder {
    return this.x;
  }

  /**
   * Reverses the whole function; `seeds` are the adjoints of its results. Gives the adjoints of the scalar parameters in `starts`,
   * added to what they are there.
   */
  run(seeds: ReadonlyMap<number, Operand>, starts: ReadonlyMap<Scalar, Operand>): readonly Operand[] {
    const { body } = this.on.program.func;
    for (const [p, start] of starts) this.adjoint.set(p, start);
    for (const [i, d] of seeds) this.add(body.yields[i] as Operand, d);
    this.block(body);
    return [...starts].map(([p, start]) => this.take(p) ?? start);
  }

  /** Reverses a block; `loop` is the one whose body it is. */
  private block(b: Block, loop: For | While | null = null): void {
    if (b !== this.on.program.func.body) for (const s of b.stmts) if (s.kind === "alloc") this.alloc(s);
    if (loop !== null) for (const replay of this.on.plan.replays.get(loop) ?? []) this.replay(replay);
    this.popAll(b);
    for (const s of b.stmts.toReversed()) {
      if (!this.on.plan.needs.has(s) && !(isWrite(s) && this.on.plan.copies.has(s))) continue;
      this.x.loc = inAdjoint(s.loc);
      this.stmt(s);
    }
  }

  /** Takes from the stacks what the block kept in this run of it. */
  private popAll(b: Block): void {
    for (const [key, site] of this.on.sites) {
      if (key.kind !== "value" || site.rank !== null || this.on.program.blockOf(key) !== b) continue;
      this.x.loc = onTape(this.x.loc);
      this.scope.set(
        key,
        pop(this.x, site, () => bug("a stack has no rank")),
      );
    }
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        return this.let(s);
      case "store":
      case "accum":
        return this.write(s);
      case "for":
        return this.for(s);
      case "while":
        return this.while(s);
      case "if":
        return this.if(s);
      case "call":
        return this.call(s);
      default:
        return;
    }
  }

  /** The array as the sweep reads it, zero as it was after its end, and its adjoint. */
  private alloc(s: Alloc): void {
    const { result: array, loc } = s;
    const { hint, type } = array;
    this.x.loc = onTape(loc);
    const dims = type.dims.map((d) => this.value(d, s));
    this.arrays.set(array, this.x.alloc(hint, type.elem, dims, type.space));
    this.x.loc = inAdjoint(loc);
    if (this.on.activity.arrays.has(array)) {
      this.on.adjoints.set(array, this.x.alloc(`d_${hint}`, type.elem, dims, type.space));
    }
  }
  private arrayOf(a: ArrayValue): ArrayValue {
    return this.arrays.get(a) ?? a;
  }

  // Adjoints of scalars.

  private add(v: Operand, d: Operand): void {
    if (v.kind === "const" || !this.on.activity.isActive(v)) return;
    const known = this.adjoint.get(v);
    this.adjoint.set(v, known === undefined ? d : this.x.binary("add", known, d, `d_${v.hint}`));
  }
  private take(v: Scalar): Operand | undefined {
    const d = this.adjoint.get(v);
    this.adjoint.delete(v);
    return d;
  }

  private let(s: Let): void {
    const d = this.take(s.result);
    if (d === undefined) return;
    const e = s.expr;
    if (isLoad(s)) {
      const { array, index } = loadOf(s);
      const to = this.on.adjoints.get(array);
      if (to !== undefined) this.x.accum("add", to, this.values(index, s), d);
    } else if (e.kind === "select") {
      const cond = this.value(e.cond, s);
      const zero = floatConst(d.type, 0);
      if (this.on.activity.isActive(e.a)) this.add(e.a, this.x.select(cond, d, zero, "d"));
      if (this.on.activity.isActive(e.b)) this.add(e.b, this.x.select(cond, zero, d, "d"));
    } else if (e.kind === "cast") {
      if (isFloat(e.a.type)) this.add(e.a, this.x.cast(e.a.type, d, "d"));
    } else if (e.kind === "unary" || e.kind === "binary") {
      for (const { operand, by } of this.on.plan.needs.flowsOf(s)) {
        const b = e.kind === "binary" ? e.b : e.a;
        const get = (name: Primal, o: Operand): Operand =>
          by.uses.includes(name) ? this.value(o, s) : floatConst(d.type, 0);
        const product = by.emit(this.x, d, { a: get("a", e.a), b: get("b", b), r: get("r", s.result) });
        const isMasked = by.uses.length > 0 && this.masked.has(s.result);
        this.add(operand, isMasked ? zeroWins(this.x, d, product) : product);
      }
    }
  }

  private write(s: Write): void {
    const { plan, sites, activity } = this.on;
    const array = this.arrayOf(s.array);
    const index = this.values(s.index, s);
    for (const v of plan.copies.get(s) ?? []) {
      if (this.scope.get(v) === undefined) this.scope.set(v, this.x.load(array, index, v.hint));
    }
    const to = this.on.adjoints.get(s.array);
    if (to !== undefined && !isEnd(s)) {
      if (activity.isActive(s.value)) this.add(s.value, this.x.load(to, index, to.hint));
      if (s.kind === "store") this.x.store(to, index, floatConst(to.type.elem as "f64", 0));
    }
    const inverse = plan.undone.get(s);
    if (inverse !== undefined) {
      const by = this.value(inverse.by, s);
      this.x.loc = onTape(s.loc);
      this.x.accum("add", array, index, inverse.op === "add" ? by : this.x.unary("neg", by));
    }
    const site = sites.get(s);
    if (site === undefined) return;
    this.x.loc = onTape(s.loc);
    this.x.store(
      array,
      index,
      pop(this.x, site, (v) => this.value(v, s) as Scalar),
    );
  }

  private for(s: For): void {
    const lo = this.value(s.lo, s);
    const hi = this.value(s.hi, s);
    const { loc } = this.x;
    this.x.loc = onTape(s.loc);
    unpackRows(this.x, packedIn(s, this.on.sites.values()), lo, hi, (v) => this.value(v, s));
    this.x.loc = loc;
    const enter = (x: Builder, t: Scalar): (() => Operand) => {
      // From the last trip to the first.
      const last = x.binary("sub", hi, indexConst(1), "last");
      const index = x.binary("sub", last, x.binary("sub", t, lo, "done"), s.index.hint);
      this.scope.set(s.index, index);
      return () => this.x.binary("sub", index, lo, "trip");
    };
    if (isParallel(s)) this.parallel(s, lo, hi, enter);
    else this.loop(s, lo, hi, enter);
  }

  /**
   * The loop in the same mode over the reversed body. It carries nothing: adjoints of outer values add up in memory, where a loop
   * around has not made some already.
   */
  private parallel(s: For, lo: Operand, hi: Operand, enter: (x: Builder, t: Scalar) => () => Operand): void {
    const outer = [...this.on.plan.needs.reachedFrom(s)] as Scalar[];
    const own = outer.filter((v) => !this.sums.has(v));
    for (const v of own) {
      const sum = this.x.alloc(`d_${v.hint}`, v.type, [indexConst(1)], this.spaceHere());
      const start = this.adjoint.get(v);
      if (start !== undefined) this.x.store(sum, [indexConst(0)], start);
      this.sums.set(v, sum);
    }
    const saved = { x: this.x, scope: this.scope, adjoint: this.adjoint };
    this.around.push(s.mode);
    saved.x.for(s.index.hint, s.mode, lo, hi, [], (x, t) => {
      this.x = x;
      this.scope = new Scope(saved.scope);
      this.tripOf.set(s, enter(x, t));
      this.adjoint = new Map();
      this.block(s.body, s);
      for (const v of outer) {
        const d = this.adjoint.get(v);
        if (d !== undefined) this.x.accum("add", this.sums.get(v) as ArrayValue, [indexConst(0)], d);
      }
      return [];
    });
    this.around.pop();
    ({ x: this.x, scope: this.scope, adjoint: this.adjoint } = saved);
    for (const v of own) {
      this.adjoint.set(v, this.x.load(this.sums.get(v) as ArrayValue, [indexConst(0)], `d_${v.hint}`));
      this.sums.delete(v);
    }
  }

  /** Where something lives that the parallel loops around are to have. */
  private spaceHere(): Space {
    const isIn = (family: string): boolean => this.around.some((mode) => mode.startsWith(family));
    return isIn("threads") ? "local" : isIn("grid") ? "shared" : "global";
  }

  private while(s: While): void {
    const site = this.on.sites.get(s) ?? bug("the trips of a loop were not counted");
    const loc = this.x.loc;
    this.x.loc = onTape(s.loc);
    const trips = pop(this.x, site, (v) => this.value(v, s) as Scalar);
    this.x.loc = loc;
    this.loop(s, indexConst(0), trips, (x, t) => {
      const trip = x.binary("sub", x.binary("sub", trips, indexConst(1), "last"), t, "trip");
      const name = this.on.trips.get(s);
      if (name !== undefined) this.scope.set(name, trip);
      return () => trip;
    });
  }

  /** The loop over the reversed body. What it carries: adjoints of outer values, then those of what the loop itself carried. */
  private loop(s: For | While, lo: Operand, hi: Operand, enter: (x: Builder, t: Scalar) => () => Operand): void {
    const outer = [...this.on.plan.needs.reachedFrom(s)] as Scalar[];
    const own = s.carried.flatMap((c, i) => (this.on.activity.isActive(c) ? [i] : []));
    const own0 = own.map((i) => {
      const r = s.results[i] as Scalar;
      return this.take(r) ?? floatConst(r.type, 0);
    });
    const inits = [...outer.map((v) => this.adjoint.get(v) ?? floatConst(v.type, 0)), ...own0];
    const hints = [...outer, ...own.map((i) => s.carried[i] as Scalar)].map((v) => `d_${v.hint}`);
    const saved = { x: this.x, scope: this.scope, adjoint: this.adjoint };
    /** Those of `outer` that get something in a trip, and not in memory alone. */
    const moved = new Set<Scalar>();
    const results = saved.x.for(
      s.kind === "for" ? s.index.hint : "t",
      "seq",
      lo,
      hi,
      inits,
      (x, t, carried) => {
        this.x = x;
        this.scope = new Scope(saved.scope);
        this.tripOf.set(s, enter(x, t));
        this.adjoint = new Map(outer.map((v, i) => [v, carried[i] as Scalar]));
        own.forEach((i, k) => void this.add(s.body.yields[i] as Operand, carried[outer.length + k] as Scalar));
        this.block(s.body, s);
        outer.forEach((v, i) => void (this.adjoint.get(v) !== carried[i] && moved.add(v)));
        const zero = (v: Scalar): Operand => floatConst(v.type, 0);
        return [
          ...outer.map((v) => this.adjoint.get(v) ?? zero(v)),
          ...own.map((i) => this.adjoint.get(s.carried[i] as Scalar) ?? zero(s.carried[i] as Scalar)),
        ];
      },
      hints,
    );
    ({ x: this.x, scope: this.scope, adjoint: this.adjoint } = saved);
    outer.forEach((v, i) => void (moved.has(v) && this.adjoint.set(v, results[i] as Scalar)));
    own.forEach((i, k) => void this.add(s.inits[i] as Operand, results[outer.length + k] as Scalar));
  }

  /** Runs a part of the loop's body again. */
  private replay({ loop, slice, from }: Replay): void {
    const last = loop.body.stmts.at(-1) as Stmt;
    const subst = new Substitution();
    for (const [array, own] of this.arrays) subst.setArray(array, own);
    for (const v of from) subst.set(v, this.value(v, last));
    if (loop.kind === "for") subst.set(loop.index, this.value(loop.index, last));
    const again = copyBlock({ ...keepSlice(loop.body, slice), yields: [] }, subst, (s) => ({
      ...s,
      loc: onTape(s.loc),
    }));
    this.x.stmts.push(...again.stmts);
  }

  private if(s: If): void {
    const cond = this.value(s.cond, s);
    const outer = [...this.on.plan.needs.reachedFrom(s)] as Scalar[];
    const seeds = s.results.map((r) => this.take(r));
    const saved = { x: this.x, scope: this.scope, adjoint: this.adjoint };
    const moved = new Set<Scalar>();
    const branch =
      (b: Block) =>
      (x: Builder): readonly Operand[] => {
        this.x = x;
        this.scope = new Scope(saved.scope);
        this.adjoint = new Map(saved.adjoint);
        seeds.forEach((d, i) => {
          if (d !== undefined) this.add(b.yields[i] as Operand, d);
        });
        this.block(b);
        for (const v of outer) if (this.adjoint.get(v) !== saved.adjoint.get(v)) moved.add(v);
        return outer.map((v) => this.adjoint.get(v) ?? floatConst(v.type, 0));
      };
    const hints = outer.map((v) => `d_${v.hint}`);
    const results = saved.x.if(cond, branch(s.then), branch(s.else), hints);
    ({ x: this.x, scope: this.scope, adjoint: this.adjoint } = saved);
    outer.forEach((v, i) => void (moved.has(v) && this.adjoint.set(v, results[i] as Scalar)));
  }

  private call(s: Call): void {
    const d = s.results[0] === undefined ? undefined : this.take(s.results[0]);
    if (d === undefined) return;
    const products = emitAdjointCall(this.x, s, d, {
      value: (o) => this.value(o, s),
      array: (a) => this.arrayOf(a),
      adjoint: (a) => this.on.adjoints.get(a) ?? null,
    });
    floatScalars(s).forEach((o, i) => void this.add(o, products[i] as Scalar));
  }

  // Values of the primal.

  private values(list: readonly Operand[], at: Stmt): readonly Operand[] {
    return list.map((o) => this.value(o, at));
  }

  value(v: Operand, at: Stmt): Operand {
    if (v.kind === "const") return v;
    const known = this.scope.get(v);
    if (known !== undefined) return known;
    const made = this.made(v, at);
    this.scope.set(v, made);
    return made;
  }

  private made(v: Scalar, at: Stmt): Operand {
    const { program, plan, sites } = this.on;
    const site = sites.get(v);
    if (site !== undefined && site.rank === null) bug(`%${v.hint} was taken from its stack, and is needed elsewhere`);
    if (site !== undefined) return pop(this.x, site, (o) => this.value(o, at) as Scalar);
    const { lost, copy } = plan.access(v, at);
    if (copy !== null) return this.x.load(this.arrayOf(copy.array), this.values(copy.index, at), v.hint);
    if (lost !== null) bug(`%${v.hint} is needed, and lost`);
    const def = program.defOf(v);
    switch (def.kind) {
      case "param":
        return v;
      case "index":
        return bug(`%${v.hint} is needed outside of its loop`);
      case "let":
        if (isLoad(def.stmt)) {
          const { array, index } = loadOf(def.stmt);
          return this.x.load(this.arrayOf(array), this.values(index, at), v.hint);
        }
        return this.x.let(
          v.hint,
          mapOperands(def.stmt.expr, (o) => this.value(o, at)),
        );
      case "carried":
        return this.inducted(def.loop, def.at, at);
      case "result":
        return def.stmt.kind === "if" ? this.chosen(def.stmt, v, at) : bug(`%${v.hint} is needed, and lost`);
    }
  }

  private inducted(loop: For | While, i: number, at: Stmt): Operand {
    const { op, step } = induction(loop, i) ?? bug("a carried value without a formula");
    const trip = (this.tripOf.get(loop) ?? bug("a carried value outside of its loop"))();
    const moved = this.x.binary("mul", trip, step, "moved");
    return this.x.binary(op, this.value(loop.inits[i] as Operand, at), moved, (loop.carried[i] as Scalar).hint);
  }

  /** A value that an `if` yields, from what each branch yields. */
  private chosen(s: If, v: Scalar, at: Stmt): Operand {
    const cond = this.value(s.cond, at);
    const [a, b] = branchYields(s, s.results.indexOf(v));
    const saved = { x: this.x, scope: this.scope };
    const branch =
      (o: Operand) =>
      (x: Builder): readonly Operand[] => {
        this.x = x;
        this.scope = new Scope(saved.scope);
        return [this.value(o, at)];
      };
    const results = saved.x.if(cond, branch(a), branch(b), [v.hint]);
    ({ x: this.x, scope: this.scope } = saved);
    return results[0] as Scalar;
  }
}
