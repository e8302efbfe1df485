/**
 * Adjoints of scalars in the reverse sweep, as far as they have come together: values, and where parallel loops stand between a
 * scalar and what is said of it, arrays of one element in which their iterations add up.
 */
import { floatConst } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  indexConst,
  type LoopMode,
  type Operand,
  type Scalar,
  type Space,
} from "../compiler/ir/ir.ts";
import type { Activity } from "./activity.ts";
import type { PrimalValues } from "./primal-values.ts";

export class ScalarAdjoints {
  private readonly activity: Activity;
  /** Knows where the sweep is written. */
  private readonly at: Pick<PrimalValues, "x">;
  private known = new Map<Scalar, Operand>();
  /** Where parallel loops around add up adjoints of values outside of them. */
  private readonly sums = new Map<Scalar, ArrayValue>();
  /** The modes of the parallel loops around. */
  private readonly around: LoopMode[] = [];

  constructor(activity: Activity, at: Pick<PrimalValues, "x">) {
    this.activity = activity;
    this.at = at;
  }

  get(v: Scalar): Operand | undefined {
    return this.known.get(v);
  }
  set(v: Scalar, d: Operand): void {
    this.known.set(v, d);
  }
  orZero(v: Scalar): Operand {
    return this.known.get(v) ?? floatConst(v.type, 0);
  }
  all(): ReadonlyMap<Scalar, Operand> {
    return this.known;
  }

  add(v: Operand, d: Operand): void {
    if (v.kind === "const" || !this.activity.isActive(v)) return;
    const known = this.known.get(v);
    this.known.set(v, known === undefined ? d : this.at.x.binary("add", known, d, `d_${v.hint}`));
  }
  take(v: Scalar): Operand | undefined {
    const d = this.known.get(v);
    this.known.delete(v);
    return d;
  }

  /** Does `f` with the adjoints given, in place of those of here. */
  from<T>(known: Map<Scalar, Operand>, f: () => T): T {
    const saved = this.known;
    this.known = known;
    const result = f();
    this.known = saved;
    return result;
  }

  /** Before a parallel loop: makes arrays for the adjoints of outer values, where a loop around has not made some already. */
  openSums(outer: readonly Scalar[], mode: LoopMode): readonly Scalar[] {
    const own = outer.filter((v) => !this.sums.has(v));
    for (const v of own) {
      const sum = this.at.x.alloc(`d_${v.hint}`, v.type, [indexConst(1)], this.space());
      const start = this.known.get(v);
      if (start !== undefined) this.at.x.store(sum, [indexConst(0)], start);
      this.sums.set(v, sum);
    }
    this.around.push(mode);
    return own;
  }

  /** At the end of an iteration: adds what it has of outer values. */
  addUp(outer: readonly Scalar[]): void {
    for (const v of outer) {
      const d = this.known.get(v);
      if (d !== undefined) this.at.x.accum("add", this.sums.get(v) as ArrayValue, [indexConst(0)], d);
    }
  }

  /** After the loop: reads the sums that were made for it. */
  closeSums(own: readonly Scalar[]): void {
    this.around.pop();
    for (const v of own) {
      this.known.set(v, this.at.x.load(this.sums.get(v) as ArrayValue, [indexConst(0)], `d_${v.hint}`));
      this.sums.delete(v);
    }
  }

  /** Where something lives that the parallel loops around are to have. */
  private space(): Space {
    const isIn = (family: string): boolean => this.around.some((mode) => mode.startsWith(family));
    return isIn("threads") ? "local" : isIn("grid") ? "shared" : "global";
  }
}
