/**
 * Values of the primal in the reverse sweep, as plan.ts says: taken from the tape, loaded, or computed anew. What is there once stands
 * in a scope, one for each block of the sweep.
 */
import { bug } from "../compiler/diagnostic.ts";
import type { Builder } from "../compiler/ir/build.ts";
import type { ArrayValue, For, If, Operand, Scalar, Stmt, While } from "../compiler/ir/ir.ts";
import { mapOperands } from "../compiler/ir/walk.ts";
import { induction } from "./access.ts";
import type { Plan } from "./plan.ts";
import { branchYields, isLoad, loadOf, type Program } from "./program.ts";
import { type Kept, pop, type Site } from "./tape.ts";

export interface PrimalSource {
  readonly program: Program;
  readonly plan: Plan;
  readonly sites: ReadonlyMap<Kept, Site>;
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

export class PrimalValues {
  private readonly on: PrimalSource;
  /** Where the sweep is written. */
  x: Builder;
  private scope = new Scope(null);
  /** The number of the trip, of loops around. */
  readonly tripOf = new Map<For | While, () => Operand>();
  /** Arrays that iterations of parallel loops have to themselves, as the sweep makes them. */
  readonly arrays = new Map<ArrayValue, ArrayValue>();

  constructor(on: PrimalSource, x: Builder) {
    this.on = on;
    this.x = x;
  }

  /** Writes to `x` what `f` writes, in a scope of its own. */
  inside<T>(x: Builder, f: () => T): T {
    const saved = { x: this.x, scope: this.scope };
    this.x = x;
    this.scope = new Scope(saved.scope);
    const result = f();
    ({ x: this.x, scope: this.scope } = saved);
    return result;
  }

  isKnown(v: Scalar): boolean {
    return this.scope.get(v) !== undefined;
  }
  give(v: Scalar, as: Operand): void {
    this.scope.set(v, as);
  }
  /** The array as the sweep reads it. */
  arrayOf(a: ArrayValue): ArrayValue {
    return this.arrays.get(a) ?? a;
  }

  values(list: readonly Operand[], at: Stmt): readonly Operand[] {
    return list.map((o) => this.value(o, at));
  }

  /** The value as `at` finds it. */
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
    const branch =
      (o: Operand) =>
      (x: Builder): readonly Operand[] =>
        this.inside(x, () => [this.value(o, at)]);
    return this.x.if(cond, branch(a), branch(b), [v.hint])[0] as Scalar;
  }
}
