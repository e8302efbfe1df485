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
 * Primal values come as plan.ts says (primal-values.ts).
 */
import { bug } from "../compiler/diagnostic.ts";
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
  type Operand,
  type OpMode,
  type Scalar,
  type Stmt,
  valueType,
  type While,
} from "../compiler/ir/ir.ts";
import { copyBlock, Substitution } from "../compiler/ir/walk.ts";
import type { Activity } from "./activity.ts";
import { unpackRows } from "./bits.ts";
import { emitAdjointCall, floatScalars } from "./custom.ts";
import { isEnd } from "./ends.ts";
import { isParallel } from "./hoist-allocs.ts";
import { maskedValues } from "./masked.ts";
import { type PrimalSource, PrimalValues } from "./primal-values.ts";
import { isLoad, isWrite, loadOf, type Write } from "./program.ts";
import type { Replay } from "./replay.ts";
import { type Primal, zeroWins } from "./rules.ts";
import { ScalarAdjoints } from "./scalar-adjoints.ts";
import { keepSlice } from "./slice.ts";
import { inAdjoint, onTape } from "./sweep.ts";
import { packedIn, pop } from "./tape.ts";

export interface BackwardInput extends PrimalSource {
  readonly activity: Activity;
  /** Of the function's arrays; the sweep adds those of arrays that it makes itself. */
  readonly adjoints: Map<ArrayValue, ArrayValue>;
  /** What the number of a `while`'s trip is called. */
  readonly trips: ReadonlyMap<While, Scalar>;
  readonly mode: OpMode;
}

export class Backward {
  private readonly on: BackwardInput;
  private readonly primal: PrimalValues;
  private readonly scalars: ScalarAdjoints;
  private readonly masked: ReadonlySet<Scalar>;

  constructor(input: BackwardInput) {
    this.on = input;
    this.masked = maskedValues(input.program);
    this.primal = new PrimalValues(input, new Builder(input.program.func.loc, input.mode));
    this.scalars = new ScalarAdjoints(input.activity, this.primal);
  }

  /** Values that the sweep has from the start. */
  give(v: Scalar, as: Operand): void {
    this.primal.give(v, as);
  }
  get builder(): Builder {
    return this.x;
  }
  private get x(): Builder {
    return this.primal.x;
  }

  /**
   * Reverses the whole function; `seeds` are the adjoints of its results. Gives the adjoints of the scalar parameters in `starts`,
   * added to what they are there.
   */
  run(seeds: ReadonlyMap<number, Operand>, starts: ReadonlyMap<Scalar, Operand>): readonly Operand[] {
    const { body } = this.on.program.func;
    for (const [p, start] of starts) this.scalars.set(p, start);
    for (const [i, d] of seeds) this.scalars.add(body.yields[i] as Operand, d);
    this.block(body);
    return [...starts].map(([p, start]) => this.scalars.take(p) ?? start);
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
      this.primal.give(
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
    const dims = type.dims.map((d) => this.primal.value(d, s));
    this.primal.arrays.set(array, this.x.alloc(hint, type.elem, dims, type.space));
    this.x.loc = inAdjoint(loc);
    if (this.on.activity.arrays.has(array)) {
      this.on.adjoints.set(array, this.x.alloc(`d_${hint}`, valueType(type.elem), dims, type.space));
    }
  }

  /** Writes to `x` what `f` writes, where the adjoints of scalars are as given. */
  private inside<T>(x: Builder, scalars: Map<Scalar, Operand>, f: () => T): T {
    return this.primal.inside(x, () => this.scalars.from(scalars, f));
  }

  private let(s: Let): void {
    const d = this.scalars.take(s.result);
    if (d === undefined) return;
    const e = s.expr;
    if (isLoad(s)) {
      const { array, index } = loadOf(s);
      const to = this.on.adjoints.get(array);
      if (to !== undefined) this.x.accum("add", to, this.primal.values(index, s), d);
    } else if (e.kind === "select") {
      const cond = this.primal.value(e.cond, s);
      const zero = floatConst(d.type, 0);
      if (this.on.activity.isActive(e.a)) this.scalars.add(e.a, this.x.select(cond, d, zero, "d"));
      if (this.on.activity.isActive(e.b)) this.scalars.add(e.b, this.x.select(cond, zero, d, "d"));
    } else if (e.kind === "cast") {
      if (isFloat(e.a.type)) this.scalars.add(e.a, this.x.cast(e.a.type, d, "d"));
    } else if (e.kind === "unary" || e.kind === "binary") {
      for (const { operand, by } of this.on.plan.needs.flowsOf(s)) {
        const b = e.kind === "binary" ? e.b : e.a;
        const get = (name: Primal, o: Operand): Operand =>
          by.uses.includes(name) ? this.primal.value(o, s) : floatConst(d.type, 0);
        const product = by.emit(this.x, d, { a: get("a", e.a), b: get("b", b), r: get("r", s.result) });
        const isMasked = by.uses.length > 0 && this.masked.has(s.result);
        this.scalars.add(operand, isMasked ? zeroWins(this.x, d, product) : product);
      }
    }
  }

  private write(s: Write): void {
    const { plan, sites, activity } = this.on;
    const array = this.primal.arrayOf(s.array);
    const index = this.primal.values(s.index, s);
    for (const v of plan.copies.get(s) ?? []) {
      if (!this.primal.isKnown(v)) this.primal.give(v, this.x.load(array, index, v.hint));
    }
    const to = this.on.adjoints.get(s.array);
    if (to !== undefined && !isEnd(s)) {
      if (activity.isActive(s.value)) this.scalars.add(s.value, this.x.load(to, index, to.hint));
      if (s.kind === "store") this.x.store(to, index, floatConst(to.type.elem as "f64", 0));
    }
    const inverse = plan.undone.get(s);
    if (inverse !== undefined) {
      const by = this.primal.value(inverse.by, s);
      this.x.loc = onTape(s.loc);
      this.x.accum("add", array, index, inverse.op === "add" ? by : this.x.unary("neg", by));
    }
    const site = sites.get(s);
    if (site === undefined) return;
    this.x.loc = onTape(s.loc);
    this.x.store(
      array,
      index,
      pop(this.x, site, (v) => this.primal.value(v, s) as Scalar),
    );
  }

  private for(s: For): void {
    const lo = this.primal.value(s.lo, s);
    const hi = this.primal.value(s.hi, s);
    const { loc } = this.x;
    this.x.loc = onTape(s.loc);
    unpackRows(this.x, packedIn(s, this.on.sites.values()), lo, hi, (v) => this.primal.value(v, s));
    this.x.loc = loc;
    const enter = (x: Builder, t: Scalar): (() => Operand) => {
      // From the last trip to the first.
      const last = x.binary("sub", hi, indexConst(1), "last");
      const index = x.binary("sub", last, x.binary("sub", t, lo, "done"), s.index.hint);
      this.primal.give(s.index, index);
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
    const own = this.scalars.openSums(outer, s.mode);
    this.x.for(s.index.hint, s.mode, lo, hi, [], (x, t) =>
      this.inside(x, new Map(), () => {
        this.primal.tripOf.set(s, enter(x, t));
        this.block(s.body, s);
        this.scalars.addUp(outer);
        return [];
      }),
    );
    this.scalars.closeSums(own);
  }

  private while(s: While): void {
    const site = this.on.sites.get(s) ?? bug("the trips of a loop were not counted");
    const loc = this.x.loc;
    this.x.loc = onTape(s.loc);
    const trips = pop(this.x, site, (v) => this.primal.value(v, s) as Scalar);
    this.x.loc = loc;
    this.loop(s, indexConst(0), trips, (x, t) => {
      const trip = x.binary("sub", x.binary("sub", trips, indexConst(1), "last"), t, "trip");
      const name = this.on.trips.get(s);
      if (name !== undefined) this.primal.give(name, trip);
      return () => trip;
    });
  }

  /** The loop over the reversed body. What it carries: adjoints of outer values, then those of what the loop itself carried. */
  private loop(s: For | While, lo: Operand, hi: Operand, enter: (x: Builder, t: Scalar) => () => Operand): void {
    const outer = [...this.on.plan.needs.reachedFrom(s)] as Scalar[];
    const own = s.carried.flatMap((c, i) => (this.on.activity.isActive(c) ? [i] : []));
    const own0 = own.map((i) => {
      const r = s.results[i] as Scalar;
      return this.scalars.take(r) ?? floatConst(r.type, 0);
    });
    const inits = [...outer.map((v) => this.scalars.orZero(v)), ...own0];
    const hints = [...outer, ...own.map((i) => s.carried[i] as Scalar)].map((v) => `d_${v.hint}`);
    /** Those of `outer` that get something in a trip, and not in memory alone. */
    const moved = new Set<Scalar>();
    const reversed = (x: Builder, t: Scalar, carried: readonly Scalar[]): readonly Operand[] =>
      this.inside(x, new Map(outer.map((v, i) => [v, carried[i] as Scalar])), () => {
        this.primal.tripOf.set(s, enter(x, t));
        own.forEach((i, k) => void this.scalars.add(s.body.yields[i] as Operand, carried[outer.length + k] as Scalar));
        this.block(s.body, s);
        outer.forEach((v, i) => void (this.scalars.get(v) !== carried[i] && moved.add(v)));
        return [...outer, ...own.map((i) => s.carried[i] as Scalar)].map((v) => this.scalars.orZero(v));
      });
    const results = this.x.for(s.kind === "for" ? s.index.hint : "t", "seq", lo, hi, inits, reversed, hints);
    outer.forEach((v, i) => void (moved.has(v) && this.scalars.set(v, results[i] as Scalar)));
    own.forEach((i, k) => void this.scalars.add(s.inits[i] as Operand, results[outer.length + k] as Scalar));
  }

  /** Runs a part of the loop's body again. */
  private replay({ loop, slice, from }: Replay): void {
    const last = loop.body.stmts.at(-1) as Stmt;
    const subst = new Substitution();
    for (const [array, own] of this.primal.arrays) subst.setArray(array, own);
    for (const v of from) subst.set(v, this.primal.value(v, last));
    if (loop.kind === "for") subst.set(loop.index, this.primal.value(loop.index, last));
    const again = copyBlock({ ...keepSlice(loop.body, slice), yields: [] }, subst, (s) => ({
      ...s,
      loc: onTape(s.loc),
    }));
    this.x.stmts.push(...again.stmts);
  }

  private if(s: If): void {
    const cond = this.primal.value(s.cond, s);
    const outer = [...this.on.plan.needs.reachedFrom(s)] as Scalar[];
    const seeds = s.results.map((r) => this.scalars.take(r));
    const before = this.scalars.all();
    const moved = new Set<Scalar>();
    const branch =
      (b: Block) =>
      (x: Builder): readonly Operand[] =>
        this.inside(x, new Map(before), () => {
          seeds.forEach((d, i) => {
            if (d !== undefined) this.scalars.add(b.yields[i] as Operand, d);
          });
          this.block(b);
          for (const v of outer) if (this.scalars.get(v) !== before.get(v)) moved.add(v);
          return outer.map((v) => this.scalars.orZero(v));
        });
    const hints = outer.map((v) => `d_${v.hint}`);
    const results = this.x.if(cond, branch(s.then), branch(s.else), hints);
    outer.forEach((v, i) => void (moved.has(v) && this.scalars.set(v, results[i] as Scalar)));
  }

  private call(s: Call): void {
    const d = s.results[0] === undefined ? undefined : this.scalars.take(s.results[0]);
    if (d === undefined) return;
    const products = emitAdjointCall(this.x, s, d, {
      value: (o) => this.primal.value(o, s),
      array: (a) => this.primal.arrayOf(a),
      adjoint: (a) => this.on.adjoints.get(a) ?? null,
    });
    floatScalars(s).forEach((o, i) => void this.scalars.add(o, products[i] as Scalar));
  }
}
