/** Sizes of a function's local arrays, computed in its launch program. */

import { isSpeculable } from "../analysis/effects.ts";
import type { Builder } from "../ir/build.ts";
import { value } from "../ir/build.ts";
import { type Func, indexConst, isArray, type Let, type Operand, type Scalar, sizesOf, type Value } from "../ir/ir.ts";
import { mapOperands, operandsOf, type Substitution, walk } from "../ir/walk.ts";

/** A branch that something is inside of. */
export interface Guard {
  readonly cond: Operand;
  readonly holds: boolean;
}

export class HostSizes {
  private readonly defs = new Map<Value, Let>();
  /** Parameters and their sizes, which no array of the function has to compute. */
  private readonly bound = new Set<Value>();
  private readonly lengths = new Set<Operand>();
  private readonly host: Builder;
  private readonly toHost: Substitution;

  constructor(f: Func, host: Builder, toHost: Substitution) {
    this.host = host;
    this.toHost = toHost;
    for (const p of f.params) {
      this.bound.add(p);
      if (!isArray(p)) continue;
      for (const size of sizesOf(p)) {
        this.bound.add(size);
        this.lengths.add(toHost.operand(size));
      }
    }
    for (const s of walk(f.body)) if (s.kind === "let") this.defs.set(s.result, s);
  }

  /**
   * The sizes, computed in the host; null when they cannot be. Where the function may never get to the array, its sizes may
   * be nonsense: it gets none (by the conditions around it, as far as the host knows them) or at least no negative one.
   */
  of(dims: readonly Operand[], conditional: boolean, guards: readonly Guard[]): readonly Operand[] | null {
    const out: Operand[] = [];
    for (const d of dims) {
      if (!this.isComputable(d, conditional)) return null;
      out.push(this.compute(d));
    }
    if (!conditional) return out;
    const sane = out.map((d) =>
      d.kind === "const"
        ? indexConst(Math.max(0, Number(d.value)))
        : this.lengths.has(d)
          ? d
          : this.host.binary("max", d, indexConst(0), d.hint),
    );
    const first = sane[0];
    if (first === undefined || first.kind === "const") return sane;
    sane[0] = guards.reduce<Operand>((size, guard) => {
      if (!this.isComputable(guard.cond, true)) return size;
      const cond = this.compute(guard.cond);
      const none = indexConst(0);
      return guard.holds
        ? this.host.select(cond, size, none, first.hint)
        : this.host.select(cond, none, size, first.hint);
    }, first);
    return sane;
  }

  /** What the kernel calls a size that it knew as `size`, and the host as `inHost`. */
  kernelSize(size: Operand, inHost: Operand): Operand {
    if (size.kind === "const") return inHost;
    // A parameter's own size, or a scalar parameter: the kernel still sees that they are the same.
    if (this.bound.has(size) && this.toHost.operand(size) === inHost) return size;
    return value(size.hint, "index" as const);
  }

  private isComputable(o: Operand, speculated: boolean): boolean {
    if (o.kind === "const" || this.bound.has(o) || this.toHost.operand(o) !== o) return true;
    const expr = this.defs.get(o)?.expr;
    if (expr === undefined || expr.kind === "load") return false;
    if (speculated && !isSpeculable(expr)) return false;
    return operandsOf(expr).every((x) => this.isComputable(x, speculated));
  }

  /** Copies into the host what computes `o`, once. */
  private compute(o: Operand): Operand {
    const known = this.toHost.operand(o);
    if (o.kind === "const" || known !== o) return known;
    const s = this.defs.get(o) as Let;
    const expr = mapOperands(s.expr, (x) => this.compute(x));
    this.host.loc = s.loc;
    const copy: Scalar = this.host.let(o.hint, expr);
    this.toHost.set(o, copy);
    return copy;
  }
}
