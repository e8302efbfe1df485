/** What the verifier asks of statements and blocks. */
import { typeOf } from "./build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type For,
  type Func,
  type If,
  type LoopMode,
  type Operand,
  type Scalar,
  type Stage,
  type Stmt,
  valueType,
  type While,
} from "./ir.ts";
import { binaryOps } from "./ops.ts";
import { printName } from "./print.ts";
import { CallVerifier } from "./verify-calls.ts";
import { axes, count, type Report } from "./verify-operands.ts";

const familyOf = (mode: LoopMode): string => mode.replace(/\..$/, "");

/** Checks the body of one function whose parameters are bound. */
export class BodyVerifier extends CallVerifier {
  private readonly inStage: Stage;
  /** The loops around the statement at hand, outermost first. */
  private readonly loops: For[] = [];
  private readonly seen = new Set<Stmt>();
  /** For each local array, the innermost `threads` loop around its `alloc`. */
  private readonly threadOf = new Map<ArrayValue, For | undefined>();

  constructor(func: Func, inStage: Stage, named: ReadonlyMap<string, Func>, report: Report) {
    super(func, named, report);
    this.inStage = inStage;
  }

  run(): void {
    const { body, name, results } = this.func;
    this.block(body);
    if (body.yields.length !== results.length) {
      this.fault(`${printName(name)} has ${count(results.length, "result")}, its body yields ${body.yields.length}`);
    }
    for (const [i, y] of body.yields.entries()) {
      const type = results[i];
      if (type !== undefined && type !== y.type) {
        this.fault(`result ${i} of ${printName(name)} is ${type}, its body yields ${y.type}`);
      }
    }
  }

  /** Statements and yields, in a scope of their own. `owner` is the statement around. */
  private block(b: Block, owner: Stmt | null = null): void {
    this.scoped(() => {
      for (const s of b.stmts) this.stmt(s);
      for (const y of b.yields) this.use(y, owner);
    });
  }

  protected override use(o: Operand | ArrayValue, stmt: Stmt | null): void {
    super.use(o, stmt);
    if (!this.threadOf.has(o as ArrayValue)) return;
    if (this.threadOf.get(o as ArrayValue) !== this.thread()) {
      this.fault(`@local ${this.show(o)} is used by another thread than made it`, stmt);
    }
  }

  private thread(): For | undefined {
    return this.loops.findLast((l) => familyOf(l.mode) === "threads");
  }

  private stmt(s: Stmt): void {
    // Passes note statements by identity; two places that hold one node would be taken for one.
    if (this.seen.has(s)) this.fault("the statement stands in two places", s);
    this.seen.add(s);
    this.stage(s);
    switch (s.kind) {
      case "let": {
        this.expr(s.expr, s);
        const type = typeOf(s.expr);
        if (type !== s.result.type) this.fault(`${this.show(s.result)} is ${s.result.type}, its value ${type}`, s);
        this.bind(s.result, s);
        break;
      }
      case "alloc":
        this.alloc(s);
        break;
      case "store":
      case "accum": {
        this.access(s.array, s.index, s);
        this.use(s.value, s);
        const { elem } = s.array.type;
        const type = valueType(elem);
        if (s.value.type !== type) {
          const verb = s.kind === "store" ? "stored" : "accumulated";
          this.fault(`${this.show(s.array)} holds ${elem}, the value ${verb} is ${s.value.type}`, s);
        }
        if (s.kind === "accum") {
          this.domain(`accum ${s.op}`, binaryOps[s.op].on, s.array, type, s);
          this.mode(`accum ${s.op}`, type, s.mode, s);
          if (s.atomic && !this.loops.some((l) => l.mode === "par" || familyOf(l.mode) === "threads")) {
            this.fault("an atomic accum outside of parallel and threads loops", s);
          }
        }
        break;
      }
      case "check": {
        this.use(s.array, s);
        const rank = s.array.type.dims.length;
        if (!Number.isInteger(s.axis) || s.axis < 0 || s.axis >= rank) {
          this.fault(`${this.show(s.array)} has ${axes(rank)}, none is axis ${s.axis}`, s);
        }
        this.index(s.index, "subscript", s);
        break;
      }
      case "limit":
        this.index(s.bytes, "number of bytes", s);
        if (!Number.isSafeInteger(s.most) || s.most < 0) this.fault(`${s.most} is no number of bytes`, s);
        break;
      case "for":
        this.for(s);
        break;
      case "while":
        this.while(s);
        break;
      case "if":
        this.if(s);
        break;
      case "call":
        this.call(s);
        break;
      case "copy":
        this.copy(s);
        break;
      case "launch":
        this.launch(s);
        break;
    }
  }

  /** What the function's kind lets stand in it. */
  private stage(s: Stmt): void {
    const { kind } = this.func;
    const no = (what: string): void => this.fault(`a ${kind}${kind === "host" ? " function" : ""} ${what}`, s);
    if ((s.kind === "copy" || s.kind === "launch") && kind !== "host") no(`has no ${s.kind}, only a host function has`);
    if (kind === "host" && s.kind === "launch" && this.inStage === "loop") no("of stage loop has no launch, it calls");
    if (kind === "host" && s.kind === "call" && this.inStage === "kernel")
      no("of stage kernel has no call, it launches");
    if (kind === "kernel" && s.kind === "call") no("has no call");
    if (kind === "kernel" && s.kind === "limit") no("refuses no launch");
    if (kind === "func" && s.kind === "limit" && !this.func.body.stmts.includes(s))
      no("refuses no launch inside of loops and branches");
    if (kind === "host" && (s.kind === "store" || s.kind === "accum")) no(`has no ${s.kind}`);
    if (s.kind === "for" && s.mode !== "seq" && kind === "host") no(`runs its loops in order, not ${s.mode}`);
    if (s.kind !== "alloc") return;
    const { space } = s.result.type;
    if (kind === "kernel" && space === "global") no(`makes no global array such as ${this.show(s.result)}`);
    if (kind === "host" && space !== "global") no(`makes only global arrays, ${this.show(s.result)} is @${space}`);
  }

  private alloc(s: Alloc): void {
    const array = s.result;
    for (const d of array.type.dims) this.size(d, array, s);
    const inGrid = this.loops.some((l) => familyOf(l.mode) === "grid");
    const insideCaller = this.func.kind === "func" && !this.func.exported;
    if (array.type.space === "shared") {
      if (this.thread() !== undefined) this.fault(`@shared ${this.show(array)} is made inside a threads loop`, s);
      else if (!inGrid && !insideCaller) this.fault(`@shared ${this.show(array)} is made outside of a grid loop`, s);
    }
    this.bind(array, s);
    if (array.type.space === "local") this.threadOf.set(array, this.thread());
  }

  private for(s: For): void {
    this.index(s.lo, "bound", s);
    this.index(s.hi, "bound", s);
    if (s.index.type !== "index") this.fault(`the loop's index ${this.show(s.index)} is ${s.index.type}, not index`, s);
    const family = familyOf(s.mode);
    if ((family === "grid" || family === "threads") && s.carried.length > 0) {
      this.fault(`a ${s.mode} loop carries nothing, this one ${count(s.carried.length, "value")}`, s);
    }
    if (family === "grid" || family === "threads") {
      const around = this.loops.find((l) => l.mode === s.mode || (family === "grid" && familyOf(l.mode) === "threads"));
      if (around !== undefined) this.fault(`a ${s.mode} loop inside a ${around.mode} loop`, s);
    }
    if (family === "threads" && this.func.kind === "kernel" && !this.loops.some((l) => familyOf(l.mode) === "grid")) {
      this.fault(`a ${s.mode} loop outside of a grid loop`, s);
    }
    this.starts(s);
    this.loops.push(s);
    this.scoped(() => {
      this.bind(s.index, s);
      for (const c of s.carried) this.bind(c, s);
      this.block(s.body, s);
    });
    this.loops.pop();
    this.yields(s);
    for (const r of s.results) this.bind(r, s);
  }

  private while(s: While): void {
    if (s.max !== null) this.index(s.max, "bound", s);
    this.starts(s);
    this.scoped(() => {
      for (const c of s.carried) this.bind(c, s);
      this.block(s.cond, s);
      const [test, more] = s.cond.yields;
      if (test === undefined || more !== undefined) {
        this.fault(`the condition yields one bool, this one ${count(s.cond.yields.length, "value")}`, s);
      } else if (test.type !== "bool") {
        this.fault(`the condition yields one bool, ${this.show(test)} is ${test.type}`, s);
      }
      this.block(s.body, s);
    });
    this.yields(s);
    for (const r of s.results) this.bind(r, s);
  }

  private starts(s: For | While): void {
    for (const o of s.inits) this.use(o, s);
    this.matches(s, s.carried, s.inits, "it starts from");
  }

  private yields(s: For | While): void {
    this.matches(s, s.carried, s.body.yields, "the body yields");
    this.matches(s, s.carried, s.results, "it results in");
  }

  /** That `others` are as many and of the same types as `values`. */
  private matches(s: Stmt, values: readonly Scalar[], others: readonly Operand[], verb: string): void {
    if (values.length !== others.length) {
      const what = s.kind === "if" ? `the if has ${count(values.length, "result")}` : carries(values.length);
      this.fault(`${what}, ${verb} ${others.length}`, s);
      return;
    }
    for (const [i, v] of values.entries()) {
      const type = others[i]?.type;
      if (type !== v.type) this.fault(`${this.show(v)} is ${v.type}, ${verb} ${type}`, s);
    }
  }

  private if(s: If): void {
    this.bool(s.cond, "if", s);
    this.block(s.then, s);
    this.block(s.else, s);
    for (const r of s.results) this.bind(r, s);
    this.matches(s, s.results, s.then.yields, "its first branch yields");
    this.matches(s, s.results, s.else.yields, "its else yields");
  }
}

const carries = (n: number): string => `the loop carries ${count(n, "value")}`;
