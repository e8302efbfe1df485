/**
 * Runs a module of stage `loop` as the interpreter does, and carries with every float how far other ways to compute it may
 * be away (approx.ts). Integers, bools and the way through the program are certain, or the run is given up as `Untame`.
 */
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../../compiler/ir/eval.ts";
import {
  type Arg,
  type ArrayValue,
  type Block,
  type Call,
  type Expr,
  type For,
  type Func,
  isArray,
  isFloat,
  type Module,
  type Operand,
  type Scalar,
  type ScalarType,
  type Stmt,
  type Value,
  valueType,
  type While,
} from "../../compiler/ir/ir.ts";
import { type Approx, Arithmetic, certain, compare, error, Untame } from "./approx.ts";

export type Shade = Approx | Datum;
/** The elements of `data` from `base` on, row-major. */
export interface ShadowArray {
  readonly data: Shade[];
  readonly base: number;
  readonly dims: readonly number[];
}
type Env = Map<Value, Shade | ShadowArray>;

export const isApprox = (x: Shade): x is Approx => typeof x === "object";
export const shade = (type: ScalarType, x: Datum): Shade => (isFloat(type) ? certain(Number(x)) : x);

/** Calls function `name`; arrays are written in place. `maxSteps` statements may run, loops counted by their trips. */
export function shadowRun(
  m: Module,
  name: string,
  args: readonly (Shade | ShadowArray)[],
  maxSteps: number,
): readonly Shade[] {
  return new Shadow(m, maxSteps).call(name, args);
}

class Shadow {
  private readonly module: Module;
  private readonly arithmetic = new Arithmetic();
  private left: number;

  constructor(m: Module, maxSteps: number) {
    this.module = m;
    this.left = maxSteps;
  }

  call(name: string, args: readonly (Shade | ShadowArray)[]): readonly Shade[] {
    const func = this.module.funcs.find((f) => f.name === name) as Func;
    const env: Env = new Map();
    func.params.forEach((p, i) => {
      const arg = args[i] as Shade | ShadowArray;
      env.set(p, arg);
      if (!isArray(p)) return;
      p.type.dims.forEach((d, axis) => {
        if (d.kind === "value") env.set(d, (arg as ShadowArray).dims[axis] as number);
      });
    });
    return this.block(func.body, env);
  }

  private block(b: Block, env: Env): readonly Shade[] {
    for (const s of b.stmts) this.stmt(s, env);
    return b.yields.map((y) => this.read(y, env));
  }

  private read(o: Operand, env: Env): Shade {
    return o.kind === "const" ? shade(o.type, o.value) : (env.get(o) as Shade);
  }

  private stmt(s: Stmt, env: Env): void {
    if (this.left-- <= 0) throw new Error("the step limit is reached");
    switch (s.kind) {
      case "let":
        env.set(s.result, this.expr(s.expr, env));
        return;
      case "alloc": {
        const { elem, dims } = s.result.type;
        const sizes = dims.map((d) => this.read(d, env) as number);
        const zero = shade(valueType(elem), elem === "bool" ? false : 0);
        const length = sizes.reduce((n, d) => n * d, 1);
        env.set(s.result, { data: Array.from({ length }, () => zero), base: 0, dims: sizes });
        return;
      }
      case "store":
        this.write(s.array, s.index, env, () => this.read(s.value, env));
        return;
      case "accum": {
        const elem = valueType(s.array.type.elem);
        const value = this.read(s.value, env);
        this.write(s.array, s.index, env, (old) =>
          isFloat(elem)
            ? this.arithmetic.binary(s.op, elem, s.mode, old as Approx, value as Approx)
            : binaryEval(s.op, elem)(old as Datum, value as Datum),
        );
        return;
      }
      case "for":
        return this.for(s, env);
      case "while":
        return this.while(s, env);
      case "if":
        return bind(s.results, this.block(this.read(s.cond, env) === true ? s.then : s.else, env), env);
      case "call":
        return this.callee(s, env);
      default:
        throw new Error(`${s.kind} before the passes`);
    }
  }

  private write(a: ArrayValue, index: readonly Operand[], env: Env, next: (old: Shade) => Shade): void {
    const { data } = env.get(a) as ShadowArray;
    const at = this.offset(a, index, env);
    data[at] = next(data[at] as Shade);
  }

  private offset(a: ArrayValue, index: readonly Operand[], env: Env): number {
    const { base, dims } = env.get(a) as ShadowArray;
    let at = 0;
    dims.forEach((size, axis) => {
      const o = index[axis];
      const x = o === undefined ? 0 : (this.read(o, env) as number);
      if (o !== undefined && !(x >= 0 && x < size)) throw new Error(`%${a.hint} axis ${axis}: ${x} is outside`);
      at = at * size + x;
    });
    return base + at;
  }

  private for(s: For, env: Env): void {
    bind(
      s.carried,
      s.inits.map((o) => this.read(o, env)),
      env,
    );
    const end = this.read(s.hi, env) as number;
    for (let i = this.read(s.lo, env) as number; i < end; i++) {
      env.set(s.index, i);
      bind(s.carried, this.block(s.body, env), env);
    }
    bind(
      s.results,
      s.carried.map((o) => this.read(o, env)),
      env,
    );
  }

  private while(s: While, env: Env): void {
    bind(
      s.carried,
      s.inits.map((o) => this.read(o, env)),
      env,
    );
    while (this.block(s.cond, env)[0] === true) bind(s.carried, this.block(s.body, env), env);
    bind(
      s.results,
      s.carried.map((o) => this.read(o, env)),
      env,
    );
  }

  private callee(s: Call, env: Env): void {
    const args = s.args.map((a: Arg): Shade | ShadowArray => {
      if (isArray(a)) return env.get(a) as ShadowArray;
      if (a.kind !== "view") return this.read(a, env);
      const { data, dims } = env.get(a.array) as ShadowArray;
      return { data, base: this.offset(a.array, a.prefix, env), dims: dims.slice(a.prefix.length) };
    });
    bind(s.results, this.call(s.callee, args), env);
  }

  private expr(e: Expr, env: Env): Shade {
    switch (e.kind) {
      case "unary": {
        const a = this.read(e.a, env);
        const { type } = e.a;
        return isFloat(type)
          ? this.arithmetic.unary(e.op, type, e.mode, a as Approx)
          : unaryEval(e.op, type)(a as Datum);
      }
      case "binary": {
        const [a, b] = [this.read(e.a, env), this.read(e.b, env)];
        const { type } = e.a;
        if (isFloat(type)) return this.arithmetic.binary(e.op, type, e.mode, a as Approx, b as Approx);
        return binaryEval(e.op, type)(a as Datum, b as Datum);
      }
      case "compare": {
        const [a, b] = [this.read(e.a, env), this.read(e.b, env)];
        return isApprox(a) && isApprox(b) ? compare(e.op, a, b) : compareEval(e.op)(a as Datum, b as Datum);
      }
      case "select":
        return this.read(this.read(e.cond, env) === true ? e.a : e.b, env);
      case "cast":
        return this.cast(e.to, e.a.type as ScalarType, this.read(e.a, env));
      case "load":
        return (env.get(e.array) as ShadowArray).data[this.offset(e.array, e.index, env)] as Shade;
    }
  }

  private cast(to: ScalarType, from: ScalarType, a: Shade): Shade {
    if (!isApprox(a)) return shade(to, castTo(to, from, a));
    if (isFloat(to)) return this.arithmetic.cast(to, a);
    const e = error(a);
    const value = castTo(to, from, a.value);
    // Exact conversions, and the question whether a number is zero, are decided only where every value in reach agrees.
    const ends = [a.value - e, a.value + e];
    const crosses = to === "bool" && Math.abs(a.value) <= e;
    if (e > 0 && (crosses || ends.some((x) => castTo(to, from, x) !== value))) {
      throw new Untame("undecided", `${a.value} ± ${e} as ${to}`);
    }
    return value;
  }
}

function bind(to: readonly Scalar[], values: readonly Shade[], env: Env): void {
  to.forEach((v, i) => {
    env.set(v, values[i] as Shade);
  });
}
