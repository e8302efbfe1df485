/**
 * Interprets launch programs: the host functions that allocate, copy, launch kernels and read single elements back.
 *
 * The interpreter is a generator that hands out its launches, so that the same code serves calls that wait for the
 * event loop and benchmarks that do not.
 */
import { funcNamed } from "../compiler/artifact.ts";
import { bug } from "../compiler/diagnostic.ts";
import { mathEval } from "../compiler/interp.ts";
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../compiler/ir/eval.ts";
import {
  type ArrayValue,
  arrayIn,
  type Block,
  type Check,
  type Copy,
  type Expr,
  type For,
  type Func,
  isArray,
  type Launch,
  type Load,
  type Module,
  type Operand,
  prefixOf,
  type Region,
  type Scalar,
  type Stmt,
  type Value,
  type While,
} from "../compiler/ir/ir.ts";
import { isMath } from "../compiler/ir/ops.ts";
import { walk } from "../compiler/ir/walk.ts";
import { maxSize, product } from "./array.ts";
import type { DeviceArray, KernelArg, KernelProgram, Outcome, Statements } from "./device.ts";
import { checkSizes, lastUses } from "./host-memory.ts";
import { LaunchError } from "./launch-error.ts";
import { lineOf, overBudget } from "./requirements.ts";

/** A launch program with what it needs to run. */
export interface HostRun {
  readonly module: Module;
  readonly host: Func;
  readonly program: KernelProgram;
  /** One for each parameter. */
  readonly args: readonly KernelArg[];
  /** What messages call the parameters. */
  readonly names: readonly string[];
}

export interface HostResult {
  readonly results: readonly Datum[];
  /** What the kernels alone took. */
  readonly seconds: number;
  /** What ran, on devices that count; the launch program's own statements are sequential. */
  readonly statements: Statements | null;
}

/** Runs a launch program off the event loop. @throws LaunchError when an access is out of bounds or memory runs out. */
export async function runHost(run: HostRun): Promise<HostResult> {
  const { program } = run;
  const steps = new HostInterpreter(run).run();
  let step = steps.next();
  while (step.done !== true) {
    const { kernel, args } = step.value;
    let answer: Answer;
    try {
      answer = kernel === null ? await program.read(...args) : await program.launch(kernel, args);
    } catch (error) {
      // Back into the interpreter, which frees what it has allocated.
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  const rest = await program.finish?.();
  return rest === undefined ? step.value : { ...step.value, seconds: step.value.seconds + rest };
}

/** Runs a launch program on the calling thread. @throws LaunchError as `runHost` does. */
export function runHostSync(run: HostRun): HostResult {
  const { program } = run;
  if (program.finish !== undefined) bug("a device that answers later runs nothing on the calling thread");
  const steps = new HostInterpreter(run).run();
  let step = steps.next();
  while (step.done !== true) {
    const { kernel, args } = step.value;
    let answer: Answer;
    try {
      answer = kernel === null ? (program.read(...args) as Datum) : program.launchSync(kernel, args);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

/** A launch, or an element to be read: what may take its time. */
type Request =
  | { readonly kernel: Func; readonly args: readonly KernelArg[] }
  | { readonly kernel: null; readonly args: readonly [array: DeviceArray, position: number] };
type Answer = Outcome | Datum;
type Steps<T> = Generator<Request, T, Answer>;

class HostInterpreter {
  private readonly on: HostRun;
  private readonly scalars = new Map<Value, Datum>();
  private readonly arrays = new Map<Value, DeviceArray>();
  private seconds = 0;
  /** Statements of the launch program, and of the kernels. */
  private own = 0;
  private counted: Statements | null = null;

  constructor(run: HostRun) {
    this.on = run;
    run.host.params.forEach((p, k) => {
      const arg = run.args[k];
      if (arg === undefined) bug(`@${run.host.name} lacks an argument for %${p.hint}`);
      if (!isArray(p)) {
        this.scalars.set(p, arg as Datum);
        return;
      }
      const array = arg as DeviceArray;
      this.arrays.set(p, array);
      p.type.dims.forEach((d, axis) => {
        if (d.kind === "value") this.scalars.set(d, array.shape[axis] as number);
      });
    });
  }

  *run(): Steps<HostResult> {
    const results = yield* this.block(this.on.host.body);
    const { seconds, counted } = this;
    const statements = counted && { ...counted, sequential: counted.sequential + this.own };
    return { results, seconds, statements };
  }

  /** Runs a block. What it allocates is freed after its last use, or when the block fails. */
  private *block(b: Block): Steps<readonly Datum[]> {
    const uses = lastUses(b);
    try {
      for (const s of b.stmts) {
        this.own++;
        yield* this.stmt(s);
        for (const a of uses.get(s) ?? []) this.free(a);
      }
      return b.yields.map((o) => this.operand(o));
    } finally {
      for (const s of b.stmts) if (s.kind === "alloc") this.free(s.result);
    }
  }

  private *stmt(s: Stmt): Steps<void> {
    switch (s.kind) {
      case "let":
        this.scalars.set(s.result, s.expr.kind === "load" ? yield* this.load(s.expr) : this.expr(s.expr));
        return;
      case "alloc":
        this.arrays.set(s.result, this.alloc(s.result));
        return;
      case "copy":
        return this.copy(s);
      case "check":
        return this.check(s);
      case "limit": {
        const { host, names } = this.on;
        const bytes = this.operand(s.bytes) as number;
        if (bytes > s.most) throw overBudget(host, s, bytes, names, this.scalars);
        return;
      }
      case "launch":
        return yield* this.launch(s);
      case "for":
        return yield* this.for(s);
      case "while":
        return yield* this.while(s);
      case "if": {
        const yields = yield* this.block(this.operand(s.cond) === true ? s.then : s.else);
        this.bind(s.results, yields);
        return;
      }
      default:
        bug(`a launch program cannot ${s.kind}`);
    }
  }

  private copy(s: Copy): void {
    const from = this.part(s.from);
    const to = this.part(s.to);
    const [a, b] = [from.shape.join(" × "), to.shape.join(" × ")];
    if (a !== b) bug(`a copy of ${a} elements of %${arrayIn(s.from).hint} to ${b} of %${arrayIn(s.to).hint}`);
    this.on.program.copy(from.array, from.at, to.array, to.at, product(from.shape));
  }

  private check(s: Check): void {
    const index = this.operand(s.index) as number;
    const extent = this.array(s.array).shape[s.axis] as number;
    if (!(index >= 0 && index < extent)) throw this.outsideOf(s, s.array, extent, index);
  }

  /** A region's array, from which element on it is, and its shape. */
  private part(r: Region): { readonly array: DeviceArray; readonly at: number; readonly shape: readonly number[] } {
    const array = this.array(arrayIn(r));
    const prefix = prefixOf(r);
    return { array, at: this.position(array, prefix), shape: array.shape.slice(prefix.length) };
  }

  private *launch(s: Launch): Steps<void> {
    const kernel = funcNamed(this.on.module, s.callee) ?? bug(`no kernel @${s.callee}`);
    const args = s.args.map((a) => (isArray(a) ? this.array(a) : this.operand(a)));
    checkSizes(kernel, args);
    const outcome = (yield { kernel, args }) as Outcome;
    this.seconds += outcome.seconds;
    if (outcome.status !== 0) throw this.outside(kernel, s, args, outcome);
    const { statements, finding } = outcome;
    if (finding !== undefined) throw new LaunchError(finding.code, this.on.host.name, finding.message);
    if (statements === undefined) return;
    const { parallel, sequential } = this.counted ?? { parallel: 0, sequential: 0 };
    this.counted = { parallel: parallel + statements.parallel, sequential: sequential + statements.sequential };
  }

  private *for(s: For): Steps<void> {
    const lo = this.operand(s.lo) as number;
    const hi = this.operand(s.hi) as number;
    let carried: readonly Datum[] = s.inits.map((o) => this.operand(o));
    for (let i = lo; i < hi; i++) {
      this.scalars.set(s.index, i);
      this.bind(s.carried, carried);
      carried = yield* this.block(s.body);
    }
    this.bind(s.results, carried);
  }

  private *while(s: While): Steps<void> {
    let carried: readonly Datum[] = s.inits.map((o) => this.operand(o));
    for (;;) {
      this.bind(s.carried, carried);
      const test = yield* this.block(s.cond);
      if (test[0] !== true) break;
      carried = yield* this.block(s.body);
    }
    this.bind(s.results, carried);
  }

  private *load({ array: from, index }: Load): Steps<Datum> {
    const array = this.array(from);
    return (yield { kernel: null, args: [array, this.position(array, index)] }) as Datum;
  }

  private expr(e: Exclude<Expr, Load>): Datum {
    switch (e.kind) {
      case "unary":
        if (isMath(e.op)) return mathEval(e.op, e.a.type)(Number(this.operand(e.a)));
        return unaryEval(e.op, e.a.type)(this.operand(e.a));
      case "binary":
        if (isMath(e.op)) {
          return mathEval(e.op, e.a.type)(Number(this.operand(e.a)), Number(this.operand(e.b)));
        }
        return binaryEval(e.op, e.a.type)(this.operand(e.a), this.operand(e.b));
      case "compare":
        return compareEval(e.op)(this.operand(e.a), this.operand(e.b));
      case "select":
        return this.operand(this.operand(e.cond) === true ? e.a : e.b);
      case "cast":
        return castTo(e.to, e.a.type, this.operand(e.a));
    }
  }

  /** Where the element stands in the array, row by row; of a prefix, where its first element does. */
  private position(array: DeviceArray, index: readonly Operand[]): number {
    return array.shape.reduce((at, size, axis) => {
      const o = index[axis];
      const i = o === undefined ? 0 : (this.operand(o) as number);
      if (o !== undefined && !(i >= 0 && i < size)) bug(`a launch program accesses ${i} of ${size} on axis ${axis}`);
      return at * size + i;
    }, 0);
  }

  private free(a: ArrayValue): void {
    const array = this.arrays.get(a);
    if (array === undefined) return;
    this.arrays.delete(a);
    this.on.program.free(array);
  }

  private alloc(result: ArrayValue): DeviceArray {
    const { elem, dims } = result.type;
    const shape = dims.map((d) => this.operand(d) as number);
    const size = shape.map(String).join(" × ");
    // A negative size is JavaScript's RangeError at this place: `new Float64Array(-1)`.
    if (shape.some((n) => !(n >= 0))) {
      throw new LaunchError("TG3012", this.on.host.name, `the local array ${result.hint} would have ${size} elements`);
    }
    if (shape.some((n) => n > maxSize)) {
      throw new LaunchError("TG3010", this.on.host.name, `the local array ${result.hint} would have ${size} elements`);
    }
    try {
      return this.on.program.alloc(elem, shape);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      const message = `no memory for the local array ${result.hint} of ${size} ${elem}`;
      throw new LaunchError("TG3014", this.on.host.name, message, undefined, { cause });
    }
  }

  /** The error for a failed check: which access, where, and what the array's size was. */
  private outside(kernel: Func, launch: Launch, args: readonly KernelArg[], { status, index }: Outcome): Error {
    const { host } = this.on;
    const checks = [...walk(kernel.body)].filter((s) => s.kind === "check");
    const check = checks[status - 1];
    if (check === undefined) return new LaunchError("TG3017", host.name, `@${kernel.name} returned status ${status}`);
    const at = kernel.params.indexOf(check.array);
    const dim = check.array.type.dims[check.axis];
    const extent = at >= 0 ? (args[at] as DeviceArray).shape[check.axis] : dim?.kind === "const" ? dim.value : "?";
    return this.outsideOf(check, launch.args[at] as Value | undefined, extent ?? "?", index);
  }

  /** `array` is what the launch program has of the array. */
  private outsideOf(check: Check, array: Value | undefined, extent: Datum | string, index: number): Error {
    const { host, names } = this.on;
    const param = array === undefined ? -1 : host.params.indexOf(array);
    const name = names[param] ?? check.array.hint;
    const subscript = `${name}${"[…]".repeat(check.axis)}[${sayIndex(index)}]`;
    const message = `${subscript} is outside of ${name}: axis ${check.axis} has length ${extent}${lineOf(check.loc)}`;
    return new LaunchError("TG3013", host.name, message, param < 0 ? undefined : name);
  }

  private operand(o: Operand): Datum {
    if (o.kind === "const") return o.value;
    return this.scalars.get(o) ?? bug(`%${o.hint} has no value`);
  }
  private array(a: ArrayValue): DeviceArray {
    return this.arrays.get(a) ?? bug(`%${a.hint} has no memory`);
  }
  private bind(values: readonly Scalar[], data: readonly Datum[]): void {
    values.forEach((v, k) => void this.scalars.set(v, data[k] as Datum));
  }
}

/** Floats that are no exact integer became indices that nobody would recognise (eval.ts). */
const sayIndex = (index: number): string =>
  Math.abs(index) < 2 ** 53 ? String(index) : index < 0 ? "NaN, or below -2^53" : "above 2^53";
