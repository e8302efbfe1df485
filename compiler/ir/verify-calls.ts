/** What the verifier asks of calls and launches: that arguments fit parameters. */
import {
  type Arg,
  type ArrayType,
  type Call,
  type Func,
  isArray,
  isArrayType,
  type Launch,
  type Operand,
  type Stmt,
  type Value,
} from "./ir.ts";
import { printName } from "./print.ts";
import { axes, count, OperandVerifier, type Report } from "./verify-operands.ts";
import { walk } from "./walk.ts";

/** Checks calls of one function; knows the functions of the module. */
export class CallVerifier extends OperandVerifier {
  private readonly named: ReadonlyMap<string, Func>;

  constructor(func: Func, named: ReadonlyMap<string, Func>, report: Report) {
    super(func, report);
    this.named = named;
  }

  protected call(s: Call): void {
    const callee = this.callee(s, "func", "called");
    if (callee !== undefined) {
      this.args(s, callee);
      if (s.results.length !== callee.results.length) {
        const has = `${printName(s.callee)} has ${count(callee.results.length, "result")}`;
        this.fault(`${has}, the call ${s.results.length}`, s);
      }
      for (const [i, r] of s.results.entries()) {
        const type = callee.results[i];
        if (type !== undefined && type !== r.type) {
          this.fault(`${this.show(r)} is ${r.type}, result ${i} of ${printName(s.callee)} ${type}`, s);
        }
      }
    }
    for (const r of s.results) this.bind(r, s);
  }

  protected launch(s: Launch): void {
    const callee = this.callee(s, "kernel", "launched");
    if (callee === undefined) return;
    this.args(s, callee);
    for (const [i, a] of s.args.entries()) {
      if (!isArray(a) || s.args.indexOf(a) === i) continue;
      const params = callee.params.filter((_, k) => s.args[k] === a);
      if (params.some((p) => writes(callee, p))) {
        this.fault(`${printName(s.callee)} gets ${this.show(a)} twice and writes it`, s);
      }
    }
  }

  private callee(s: Call | Launch, kind: "func" | "kernel", verb: string): Func | undefined {
    for (const a of s.args) {
      if (a.kind !== "view") this.use(a, s);
      else {
        this.use(a.array, s);
        this.subscripts(a.array, a.prefix, s);
      }
    }
    const callee = this.named.get(s.callee);
    if (callee?.kind === kind) return callee;
    const name = printName(s.callee);
    this.fault(callee ? `${name} is a ${callee.kind}, only a ${kind} is ${verb}` : `there is no ${name}`, s);
    return undefined;
  }

  private args(s: Call | Launch, callee: Func): void {
    const name = printName(s.callee);
    if (s.args.length !== callee.params.length) {
      this.fault(`${name} takes ${count(callee.params.length, "argument")}, not ${s.args.length}`, s);
      return;
    }
    for (const [i, p] of callee.params.entries()) this.arg(s, s.args[i] as Arg, p, `%${p.hint} of ${name}`);
  }

  private arg(s: Stmt, a: Arg, p: Value, name: string): void {
    const array = a.kind === "view" ? a.array : isArray(a) ? a : null;
    if (array === null || !isArrayType(p.type)) {
      const is = array === null ? (a as Operand).type : "an array";
      const wants = isArrayType(p.type) ? "an array" : p.type;
      if (is !== wants) this.fault(`${name} is ${wants}, its argument ${is}`, s);
      return;
    }
    const { dims } = array.type;
    const prefix = a.kind === "view" ? a.prefix.length : 0;
    if (prefix > dims.length) {
      this.fault(`${this.show(array)} has ${axes(dims.length)}, its view indexes ${prefix}`, s);
      return;
    }
    if (p.type.space !== array.type.space) {
      this.fault(`${name} is ${p.type.space}, its argument ${this.show(array)} ${array.type.space}`, s);
    }
    this.sameArray(p.type, name, { ...array.type, dims: dims.slice(prefix) }, `its argument ${this.show(a)}`, s);
  }

  /** Element type, rank and constant sizes of two arrays. */
  protected sameArray(a: ArrayType, aName: string, b: ArrayType, bName: string, s: Stmt): void {
    if (a.elem !== b.elem) this.fault(`${aName} holds ${a.elem}, ${bName} ${b.elem}`, s);
    if (a.dims.length !== b.dims.length) {
      this.fault(`${aName} has ${axes(a.dims.length)}, ${bName} ${b.dims.length}`, s);
      return;
    }
    for (const [axis, d] of a.dims.entries()) {
      const e = b.dims[axis];
      if (d.kind === "const" && e?.kind === "const" && d.value !== e.value) {
        this.fault(`axis ${axis} of ${aName} has size ${d.value}, of ${bName} ${e.value}`, s);
      }
    }
  }
}

function writes(f: Func, array: Value): boolean {
  for (const s of walk(f.body)) if ((s.kind === "store" || s.kind === "accum") && s.array === array) return true;
  return false;
}
