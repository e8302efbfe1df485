/** Turns functions into JavaScript closures, once each, when they are first called. */
import { checkBounds, exprStep, offset, type Step } from "./interp-expr.ts";
import { type ArrayRef, elemArrays, Frame, InterpError } from "./interp-frame.ts";
import { binaryEval } from "./ir/eval.ts";
import { halfBits, halfValue } from "./ir/half.ts";
import {
  type Accum,
  type Alloc,
  type Arg,
  arrayIn,
  type Binary,
  type Block,
  type Call,
  type Copy,
  type For,
  type Func,
  isArray,
  type Launch,
  type Let,
  type Module,
  type Operand,
  type Region,
  type Scalar,
  type Stmt,
  type Unary,
  valueType,
  type While,
} from "./ir/ir.ts";
import { libraryFunc, libraryName } from "./ir/library.ts";
import { isMath, type MathOp } from "./ir/ops.ts";

/** A module being run. */
export class Program {
  /** How many statements may still run. */
  readonly state = { left: Number.POSITIVE_INFINITY };
  readonly paranoid: boolean;
  private readonly funcs: ReadonlyMap<string, Func>;
  private readonly codes = new Map<string, Code>();

  constructor(m: Module, paranoid: boolean) {
    this.funcs = new Map(m.funcs.map((f) => [f.name, f]));
    this.paranoid = paranoid;
  }

  code(name: string): Code {
    let code = this.codes.get(name);
    if (code !== undefined) return code;
    const func = this.funcs.get(name) ?? libraryFunc(name);
    if (func === undefined) throw new InterpError("argument", `there is no @${name}`);
    code = new Code(func, this);
    this.codes.set(name, code);
    return code;
  }
}

/** One function: set its parameters, run it, read its results. */
export class Code {
  readonly frame: Frame;
  readonly run: Step;
  /** The slots of what the body yields. */
  readonly results: readonly number[];
  private readonly program: Program;
  private readonly bindSizes: readonly Step[];

  constructor(func: Func, program: Program) {
    this.program = program;
    this.frame = new Frame(func);
    this.bindSizes = this.sizes(func);
    const body = this.block(func.body);
    this.results = func.body.yields.map((y) => this.frame.slot(y));
    this.run = () => {
      for (const bind of this.bindSizes) bind();
      body();
    };
  }

  /** Puts sizes into their values; one that is known already must be the same. */
  private sizes(func: Func): Step[] {
    const { scalars: r, arrays } = this.frame;
    const known = new Set<Operand>(func.params.filter((p): p is Scalar => !isArray(p)));
    const steps: Step[] = [];
    for (const p of func.params) {
      if (!isArray(p)) continue;
      const array = this.frame.array(p);
      for (const [axis, d] of p.type.dims.entries()) {
        const slot = this.frame.slot(d);
        const binds = d.kind === "value" && !known.has(d);
        known.add(d);
        steps.push(() => {
          const size = (arrays[array] as ArrayRef).dims[axis] as number;
          if (binds) r[slot] = size;
          else if (r[slot] !== size) {
            const name = d.kind === "value" ? `%${d.hint} is ` : "it must be ";
            const detail = { array: p.hint, axis, extent: size, loc: func.loc };
            throw new InterpError("size", `axis ${axis} of %${p.hint} has size ${size}, ${name}${r[slot]}`, detail);
          }
        });
      }
    }
    return steps;
  }

  private block(b: Block): Step {
    const steps = b.stmts.map((s) => this.stmt(s));
    if (steps.length === 1) return steps[0] as Step;
    return () => {
      for (let i = 0; i < steps.length; i++) (steps[i] as Step)();
    };
  }

  private stmt(s: Stmt): Step {
    const { frame } = this;
    const { scalars: r, arrays } = frame;
    switch (s.kind) {
      case "let":
        if ((s.expr.kind === "unary" || s.expr.kind === "binary") && isMath(s.expr.op)) return this.math(s, s.expr);
        return exprStep(frame, s.expr, frame.slot(s.result), this.program.paranoid, s.loc);
      case "alloc":
        return this.alloc(s);
      case "store": {
        const array = frame.array(s.array);
        const at = offset(frame, s.array, s.index, s.loc);
        const value = frame.slot(s.value);
        if (s.array.type.elem === "f16") {
          return () => {
            (arrays[array] as ArrayRef).data[at()] = halfBits(r[value] as number);
          };
        }
        return () => {
          (arrays[array] as ArrayRef).data[at()] = r[value] as number;
        };
      }
      case "accum":
        return this.accum(s);
      case "check": {
        const array = frame.array(s.array);
        const index = frame.slot(s.index);
        return () => checkBounds("check", s.array, arrays[array] as ArrayRef, s.axis, r[index] as number, s.loc);
      }
      case "limit": {
        const bytes = frame.slot(s.bytes);
        return () => {
          const taken = r[bytes] as number;
          if (taken > s.most) throw new InterpError("limit", `${taken} bytes ${s.message}`, { loc: s.loc });
        };
      }
      case "for":
        return this.for(s);
      case "while":
        return this.while(s);
      case "if": {
        const cond = frame.slot(s.cond);
        const then = this.branch(s.then, s.results);
        const otherwise = this.branch(s.else, s.results);
        return () => (r[cond] !== 0 ? then() : otherwise());
      }
      case "call":
      case "launch":
        return this.call(s);
      case "copy":
        return this.copy(s);
    }
  }

  private alloc(s: Alloc): Step {
    const { scalars: r, arrays } = this.frame;
    const array = this.frame.array(s.result);
    const { elem } = s.result.type;
    const slots = s.result.type.dims.map((d) => this.frame.slot(d));
    return () => {
      const dims = slots.map((slot) => r[slot] as number);
      const length = dims.reduce((n, d) => n * d, 1);
      if (dims.some((d) => !(d >= 0)) || length > 2 ** 32) {
        const problem = `%${s.result.hint} cannot have the sizes ${dims.join(" x ")}`;
        throw new InterpError("size", problem, { array: s.result.hint, loc: s.loc });
      }
      arrays[array] = { data: new elemArrays[elem](length), base: 0, dims };
    };
  }

  private accum(s: Accum): Step {
    const { scalars: r, arrays } = this.frame;
    const array = this.frame.array(s.array);
    const at = offset(this.frame, s.array, s.index, s.loc);
    const value = this.frame.slot(s.value);
    const { elem } = s.array.type;
    const f = binaryEval(s.op, valueType(elem));
    if (elem === "f16") {
      return () => {
        const { data } = arrays[array] as ArrayRef;
        const i = at();
        data[i] = halfBits(f(halfValue(data[i] as number), r[value] as number) as number);
      };
    }
    return () => {
      const { data } = arrays[array] as ArrayRef;
      const i = at();
      data[i] = f(data[i] as number, r[value] as number) as number;
    };
  }

  private for(s: For): Step {
    const { scalars: r } = this.frame;
    const index = this.frame.slot(s.index);
    const lo = this.frame.slot(s.lo);
    const hi = this.frame.slot(s.hi);
    const start = this.move(s.inits, s.carried);
    const body = this.block(s.body);
    const next = this.move(s.body.yields, s.carried);
    const finish = this.move(s.carried, s.results);
    const tick = this.tick(s.body.stmts.length, s);
    return () => {
      start();
      const end = r[hi] as number;
      for (let i = r[lo] as number; i < end; i++) {
        tick();
        r[index] = i;
        body();
        next();
      }
      finish();
    };
  }

  private while(s: While): Step {
    const { scalars: r } = this.frame;
    const start = this.move(s.inits, s.carried);
    const cond = this.block(s.cond);
    const test = this.frame.slot(s.cond.yields[0] as Operand);
    const body = this.block(s.body);
    const next = this.move(s.body.yields, s.carried);
    const finish = this.move(s.carried, s.results);
    const tick = this.tick(s.cond.stmts.length + s.body.stmts.length, s);
    return () => {
      start();
      for (cond(); r[test] !== 0; cond()) {
        tick();
        body();
        next();
      }
      finish();
    };
  }

  private branch(b: Block, results: readonly Scalar[]): Step {
    const body = this.block(b);
    const finish = this.move(b.yields, results);
    if (results.length === 0) return body;
    return () => {
      body();
      finish();
    };
  }

  /** Takes an iteration's statements off what may still run. */
  private tick(stmts: number, s: Stmt): Step {
    const { state } = this.program;
    return () => {
      state.left -= 1 + stmts;
      if (state.left < 0) throw new InterpError("steps", "the step limit is reached", { loc: s.loc });
    };
  }

  /** Moves all of `from` into `to` at once: what is read may be among what is written. */
  private move(from: readonly Operand[], to: readonly Scalar[]): Step {
    const { scalars: r } = this.frame;
    const sources = from.map((o) => this.frame.slot(o));
    const targets = to.map((o) => this.frame.slot(o));
    const [source = 0, more] = sources;
    const [target = 0] = targets;
    if (sources.length === 0) return () => {};
    if (more === undefined) {
      return () => {
        r[target] = r[source] as number;
      };
    }
    const held = new Float64Array(sources.length);
    return () => {
      for (let i = 0; i < sources.length; i++) held[i] = r[sources[i] as number] as number;
      for (let i = 0; i < targets.length; i++) r[targets[i] as number] = held[i] as number;
    };
  }

  /** An operator of the math library: a call of its function, whether the module holds it already or not. */
  private math(s: Let, e: Unary | Binary): Step {
    const args = e.kind === "unary" ? [e.a] : [e.a, e.b];
    const callee = libraryName(e.op as MathOp, e.a.type);
    return this.call({ kind: "call", callee, args, results: [s.result], loc: s.loc });
  }

  private call(s: Call | Launch): Step {
    const { scalars: r } = this.frame;
    const callee = this.program.code(s.callee);
    const { func, scalars } = callee.frame;
    const passes = func.params.map((p, i) => {
      const arg = s.args[i] as Arg;
      if (isArray(p)) {
        const into = callee.frame.arrays;
        const array = callee.frame.array(p);
        const region = this.region(arg as Region, s);
        return () => {
          into[array] = region();
        };
      }
      const from = this.frame.slot(arg as Operand);
      const to = callee.frame.slot(p as Scalar);
      return () => {
        scalars[to] = r[from] as number;
      };
    });
    const results = s.kind === "call" ? s.results.map((v) => this.frame.slot(v)) : [];
    return () => {
      for (let i = 0; i < passes.length; i++) (passes[i] as Step)();
      callee.run();
      for (let i = 0; i < results.length; i++) {
        r[results[i] as number] = scalars[callee.results[i] as number] as number;
      }
    };
  }

  private region(r: Region, s: Stmt): () => ArrayRef {
    const { arrays } = this.frame;
    const slot = this.frame.array(arrayIn(r));
    if (r.kind !== "view") return () => arrays[slot] as ArrayRef;
    const at = offset(this.frame, r.array, r.prefix, s.loc);
    const axes = r.prefix.length;
    return () => {
      const { data, dims } = arrays[slot] as ArrayRef;
      return { data, base: at(), dims: dims.slice(axes) };
    };
  }

  private copy(s: Copy): Step {
    const from = this.region(s.from, s);
    const to = this.region(s.to, s);
    return () => {
      const a = from();
      const b = to();
      if (a.dims.some((d, axis) => d !== b.dims[axis])) {
        const [x, y] = [arrayIn(s.from).hint, arrayIn(s.to).hint];
        const sizes = `%${x} is ${a.dims.join(" x ")}, %${y} ${b.dims.join(" x ")}`;
        throw new InterpError("size", `a copy needs equal sizes, ${sizes}`, { array: y, loc: s.loc });
      }
      const length = a.dims.reduce((n, d) => n * d, 1);
      b.data.set(a.data.subarray(a.base, a.base + length), b.base);
    };
  }
}
