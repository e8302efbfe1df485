/**
 * What a function does to its arrays at given sizes, run by run: what dependence.ts claims is held against it. Floats are all
 * 1; only integers are computed.
 */
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../../compiler/ir/eval.ts";
import {
  type ArrayValue,
  type Block,
  type Expr,
  type For,
  type Func,
  isArray,
  isScalar,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../../compiler/ir/ir.ts";

/** One iteration of a loop, or the whole function (loop null). */
export interface Iteration {
  readonly loop: For | While | null;
  /** Which run of the loop, and which trip of that. */
  readonly run: number;
  readonly trip: number;
  readonly index: number;
  readonly start: number;
  readonly around: Iteration | null;
}
/** One run of a statement. */
export interface Run {
  readonly stmt: Stmt;
  readonly start: number;
  end: number;
  readonly iteration: Iteration;
  /** The runs of blocks around it, outermost first, by number. */
  readonly blocks: readonly number[];
  /** The element that it touches; null for all of the array, and for statements that touch none. */
  readonly element: string | null;
  /** Which of the arrays that the alloc made. */
  readonly made: number;
}

export interface Setting {
  readonly values: Readonly<Record<string, number>>;
  /** What arrays of integers hold, repeated. */
  readonly data: readonly number[];
}

const mostSteps = 30_000;
/** Ends a run before its end: it was long enough, or an access would be outside. What happened until then counts. */
class Stop extends Error {}

export class Trace {
  readonly runs = new Map<Stmt, Run[]>();
  finished = true;
  private readonly env = new Map<Operand, Datum>();
  private readonly made = new Map<ArrayValue, number>();
  private readonly setting: Setting;
  private clock = 0;
  private loops = 0;
  private blocks = 0;

  constructor(f: Func, setting: Setting) {
    this.setting = setting;
    for (const p of f.params) {
      const values = isArray(p) ? p.type.dims : [p];
      for (const v of values) if (v.kind === "value" && isScalar(v)) this.env.set(v, this.given(v));
    }
    try {
      this.block(f.body, { loop: null, run: 0, trip: 0, index: 0, start: 0, around: null }, []);
    } catch (e) {
      if (!(e instanceof Stop)) throw e;
      this.finished = false;
    }
  }

  of(s: Stmt): readonly Run[] {
    return this.runs.get(s) ?? [];
  }

  private given(v: Scalar): number {
    const x = this.setting.values[v.hint];
    if (x === undefined) throw new Error(`no value for %${v.hint}`);
    return x;
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

  private block(b: Block, iteration: Iteration, around: readonly number[]): void {
    const blocks = [...around, this.blocks++];
    for (const s of b.stmts) {
      if (this.clock > mostSteps) throw new Stop();
      const array = touched(s);
      const element = array === null ? null : this.element(array.array, array.index);
      const start = this.clock++;
      const made = this.made.get(array?.array as ArrayValue) ?? -1;
      const run: Run = { stmt: s, start, end: start, iteration, blocks, element, made };
      const list = this.runs.get(s) ?? [];
      list.push(run);
      this.runs.set(s, list);
      this.stmt(s, run);
      run.end = this.clock++;
    }
  }

  private element(array: ArrayValue, index: readonly Operand[]): string {
    const at = index.map((o) => Number(this.read(o)));
    if (at.some((x, axis) => x < 0 || x >= Number(this.read(array.type.dims[axis] as Operand)))) throw new Stop();
    return at.join();
  }

  private stmt(s: Stmt, { iteration, blocks, start }: Run): void {
    switch (s.kind) {
      case "let":
        this.env.set(s.result, this.expr(s.expr));
        return;
      case "alloc":
        this.made.set(s.result, start);
        return;
      case "store":
      case "accum":
        return;
      case "if": {
        const taken = this.read(s.cond) ? s.then : s.else;
        this.block(taken, iteration, blocks);
        this.bind(s.results, taken.yields);
        return;
      }
      case "for":
      case "while":
        this.loop(s, iteration, blocks);
        return;
      default:
        throw new Error(`no ${s.kind} in what is traced`);
    }
  }

  private loop(s: For | While, around: Iteration, blocks: readonly number[]): void {
    const run = this.loops++;
    this.bind(s.carried, s.inits);
    const lo = s.kind === "for" ? Number(this.read(s.lo)) : 0;
    for (let trip = 0; ; trip++) {
      const index = lo + trip;
      if (s.kind === "for" && index >= Number(this.read(s.hi))) break;
      const inside = { loop: s, run, trip, index, start: this.clock, around };
      if (s.kind === "for") this.env.set(s.index, index);
      else {
        this.block(s.cond, inside, blocks);
        if (!this.read(s.cond.yields[0] as Operand)) break;
      }
      this.block(s.body, inside, blocks);
      this.bind(s.carried, s.body.yields);
    }
    this.bind(s.results, s.carried);
  }

  private expr(e: Expr): Datum {
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
        if (e.array.type.elem === "f64") return 1;
        const at = e.index.reduce((sum, o) => sum * 7 + Number(this.read(o)), 0);
        return this.setting.data[Math.abs(at) % this.setting.data.length] as number;
      }
    }
  }
}

function touched(s: Stmt): { readonly array: ArrayValue; readonly index: readonly Operand[] } | null {
  if (s.kind === "store" || s.kind === "accum") return s;
  return s.kind === "let" && s.expr.kind === "load" ? s.expr : null;
}

/** The iteration of `loop` that a run is in; of the whole function, where it is null. */
export function iterationOf(run: Run, loop: For | While | null): Iteration {
  let at: Iteration = run.iteration;
  while (at.loop !== loop) at = at.around as Iteration;
  return at;
}
