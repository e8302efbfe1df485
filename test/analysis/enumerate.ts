/**
 * Every access that a function makes at given sizes, by running its integers: what bounds.ts claims is held against it.
 * Unlike the interpreter it goes on after an access outside, so that each access can be looked at by itself.
 */
import { type Access, analyseBounds, type Verdict } from "../../compiler/analysis/bounds.ts";
import { binaryEval, castTo, compareEval, type Datum, evalPolynomial, unaryEval } from "../../compiler/ir/eval.ts";
import {
  type ArrayValue,
  type Block,
  type Expr,
  type Func,
  isArray,
  isScalar,
  type Operand,
  type Polynomial,
  type Requirement,
  type Scalar,
  type Stmt,
} from "../../compiler/ir/ir.ts";

export interface Claim extends Access {
  readonly verdict: Verdict;
}

export function claimsOf(f: Func): readonly Claim[] {
  const out: Claim[] = [];
  analyseBounds(f, (access, verdict) => {
    out.push({ ...access, verdict });
  });
  return out;
}

/** Values of sizes and scalar parameters by name, and what integer arrays hold (repeated). */
export interface Setting {
  readonly values: Readonly<Record<string, number>>;
  readonly data: readonly number[];
}

/** Axes of statements that were accessed outside, as `${axis}` of a statement. */
export class Enumeration {
  private readonly outside = new Map<Stmt, Set<number>>();
  private readonly env = new Map<Operand, Datum>();
  private readonly setting: Setting;
  private steps = 0;
  /** False where it was cut off: it says nothing then. */
  finished = true;

  constructor(f: Func, setting: Setting) {
    this.setting = setting;
    for (const p of f.params) {
      const values = isArray(p) ? p.type.dims : [p];
      for (const v of values) if (v.kind === "value" && isScalar(v)) this.env.set(v, this.given(v));
    }
    this.block(f.body);
  }

  wentOutside(c: Claim): boolean {
    return this.outside.get(c.stmt)?.has(c.axis) ?? false;
  }
  get anyOutside(): boolean {
    return this.outside.size > 0;
  }

  private given(v: Scalar): number {
    const x = this.setting.values[v.hint];
    if (x === undefined) throw new Error(`no value for %${v.hint}`);
    return x;
  }

  /** Is the form `>= 0`? */
  holds(e: Polynomial): boolean {
    return evalPolynomial(e, (v) => Number(this.env.get(v))) >= 0;
  }
  meets(requires: readonly Requirement[]): boolean {
    return requires.every((r) => this.holds(r.need));
  }

  private read(o: Operand): Datum {
    if (o.kind === "const") return o.value;
    const x = this.env.get(o);
    if (x === undefined) throw new Error(`%${o.hint} is read before it is bound`);
    return x;
  }
  private bind(to: readonly Scalar[], from: readonly Operand[]): void {
    const values = from.map((o) => this.read(o));
    for (const [i, v] of to.entries()) this.env.set(v, values[i] as Datum);
  }

  private block(b: Block): void {
    for (const s of b.stmts) this.stmt(s);
  }

  private stmt(s: Stmt): void {
    if (++this.steps > 20_000) {
      this.finished = false;
      return;
    }
    switch (s.kind) {
      case "let":
        this.env.set(s.result, this.expr(s.expr, s));
        return;
      case "store":
      case "accum":
        this.access(s.array, s.index, s);
        return;
      case "if":
        this.branch(this.read(s.cond) ? s.then : s.else, s.results);
        return;
      case "for":
        this.bind(s.carried, s.inits);
        for (let i = Number(this.read(s.lo)); i < Number(this.read(s.hi)) && this.finished; i++) {
          this.env.set(s.index, i);
          this.block(s.body);
          this.bind(s.carried, s.body.yields);
        }
        this.bind(s.results, s.carried);
        return;
      case "while":
        this.bind(s.carried, s.inits);
        for (this.block(s.cond); this.read(s.cond.yields[0] as Operand) && this.finished; this.block(s.cond)) {
          this.block(s.body);
          this.bind(s.carried, s.body.yields);
        }
        this.bind(s.results, s.carried);
        return;
      default:
        throw new Error(`no ${s.kind} in what is enumerated`);
    }
  }

  private branch(b: Block, results: readonly Scalar[]): void {
    this.block(b);
    this.bind(results, b.yields);
  }

  private access(array: ArrayValue, index: readonly Operand[], s: Stmt): number {
    let at = 0;
    for (const [axis, o] of index.entries()) {
      const i = Number(this.read(o));
      const extent = Number(this.read(array.type.dims[axis] as Operand));
      if (i < 0 || i >= extent) this.outside.set(s, (this.outside.get(s) ?? new Set()).add(axis));
      at = at * extent + i;
    }
    return at;
  }

  private expr(e: Expr, s: Stmt): Datum {
    switch (e.kind) {
      case "unary":
        return unaryEval(e.op, e.a.type)(this.read(e.a));
      case "binary":
        return binaryEval(e.op, e.a.type)(this.read(e.a), this.read(e.b));
      case "compare":
        return compareEval(e.op)(this.read(e.a), this.read(e.b));
      case "select":
        return this.read(this.read(e.cond) ? e.a : e.b);
      case "cast":
        return castTo(e.to, e.a.type, this.read(e.a));
      case "load": {
        const at = this.access(e.array, e.index, s);
        const { data } = this.setting;
        return e.array.type.elem === "f64" ? 1 : (data[Math.abs(at) % data.length] as number);
      }
    }
  }
}
