/** What the verifier asks of calls, launches and copies: that arguments fit parameters, and arrays each other. */
import {
  type Arg,
  type ArrayType,
  arrayIn,
  arrayOf,
  type Call,
  type Copy,
  type Func,
  isArray,
  isArrayType,
  isFloat,
  isScalar,
  type Launch,
  prefixOf,
  type Region,
  type Stmt,
  type Type,
  unrounded,
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
      if (this.func.kind === "host") this.launchable(s, callee);
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
      if (s.adjoint !== undefined) this.adjoint(s, callee, s.adjoint);
    }
    for (const r of s.results) this.bind(r, s);
  }

  /** That the call's adjoint takes and gives what the callee's signature says (`Call` in ir.ts). */
  private adjoint(s: Call, callee: Func, adjoint: string): void {
    const [f, name] = [printName(s.callee), printName(adjoint)];
    const [result, more] = callee.results;
    if (result === undefined || !isFloat(result) || more !== undefined) {
      this.fault(`${f} has an adjoint and gives ${callee.results.join(", ") || "nothing"}, not one float`, s);
      return;
    }
    const written = callee.params.find((p) => isArray(p) && this.writes(callee, p, new Set()));
    if (written !== undefined) this.fault(`${f} has an adjoint and writes its %${written.hint}`, s);
    const func = this.named.get(adjoint);
    if (func?.kind !== "func") {
      this.fault(func === undefined ? `there is no ${name}` : `${name} is a ${func.kind}, an adjoint is a func`, s);
      return;
    }
    const floats = callee.params.filter((p) => isFloat(isArray(p) ? p.type.elem : p.type));
    const params: Type[] = callee.params.map((p) => p.type);
    params.push(result, result, ...floats.filter(isArray).map((p) => unrounded(p.type)));
    const shown = (types: readonly Type[]): string => `(${types.map(shapeOf).join(", ")})`;
    const takes = shown(func.params.map((p) => p.type));
    if (takes !== shown(params)) this.fault(`${name} takes ${takes}, an adjoint of ${f} ${shown(params)}`, s);
    const results = shown(floats.filter(isScalar).map((p) => p.type));
    if (shown(func.results) !== results) {
      this.fault(`${name} gives ${shown(func.results)}, an adjoint of ${f} ${results}`, s);
    }
    const changed = func.params
      .slice(0, callee.params.length)
      .find((p) => isArray(p) && this.writes(func, p, new Set()));
    if (changed !== undefined) this.fault(`${name} is an adjoint and writes its %${changed.hint}`, s);
  }

  protected launch(s: Launch): void {
    const callee = this.callee(s, "kernel", "launched");
    if (callee === undefined) return;
    this.args(s, callee);
    this.launchable(s, callee);
  }

  protected copy(s: Copy): void {
    for (const r of [s.from, s.to]) this.arg(s, r);
    if (s.from === s.to) this.fault(`${this.show(s.from)} is copied to itself`, s);
    const from = this.typeOf(s, s.from);
    const to = this.typeOf(s, s.to);
    if (from === null || to === null) return;
    this.sameArray(from, this.show(s.from), to, this.show(s.to), s);
  }

  /** That what a device runs gets whole arrays, none of them twice where it writes it. */
  private launchable(s: Call | Launch, callee: Func): void {
    for (const [i, a] of s.args.entries()) {
      if (a.kind === "view") this.fault(`a host function passes whole arrays, not ${this.show(a)}`, s);
      if (!isArray(a) || s.args.indexOf(a) === i) continue;
      const params = callee.params.filter((_, k) => s.args[k] === a);
      if (params.some((p) => this.writes(callee, p, new Set()))) {
        this.fault(`${printName(s.callee)} gets ${this.show(a)} twice and writes it`, s);
      }
    }
  }

  /** Whether the function writes its parameter, itself or through what it calls. */
  private writes(f: Func, param: Value, seen: Set<Value>): boolean {
    if (seen.has(param)) return false;
    seen.add(param);
    for (const s of walk(f.body)) {
      if ((s.kind === "store" || s.kind === "accum") && s.array === param) return true;
      if (s.kind !== "call") continue;
      const callee = this.named.get(s.callee);
      const passed = callee?.params.filter((_, k) => arrayOf(s.args[k] as Arg) === param) ?? [];
      if (callee !== undefined && passed.some((p) => this.writes(callee, p, seen))) return true;
    }
    return false;
  }

  private callee(s: Call | Launch, kind: "func" | "kernel", verb: string): Func | undefined {
    for (const a of s.args) this.arg(s, a);
    const callee = this.named.get(s.callee);
    if (callee?.kind === kind) return callee;
    // A launch program may be made of others.
    if (callee?.kind === "host" && !callee.exported && this.func.kind === "host" && kind === "func") return callee;
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
    for (const [i, p] of callee.params.entries()) this.fits(s, s.args[i] as Arg, p, `%${p.hint} of ${name}`);
  }

  /** An argument by itself: what it reads is in scope. */
  private arg(s: Stmt, a: Arg): void {
    this.use(a.kind === "view" ? a.array : a, s);
    if (a.kind === "view") this.subscripts(a.array, a.prefix, s);
  }

  /** That an argument fits a parameter; `name` is the parameter's. */
  private fits(s: Stmt, a: Arg, p: Value, name: string): void {
    if (!isArrayType(p.type) || !isRegion(a)) {
      const is = isRegion(a) ? "an array" : a.type;
      const wants = isArrayType(p.type) ? "an array" : p.type;
      if (is !== wants) this.fault(`${name} is ${wants}, its argument ${is}`, s);
      return;
    }
    const type = this.typeOf(s, a);
    if (type === null) return;
    if (p.type.space !== type.space) {
      this.fault(`${name} is ${p.type.space}, its argument ${this.show(arrayIn(a))} ${type.space}`, s);
    }
    this.sameArray(p.type, name, type, `its argument ${this.show(a)}`, s);
  }

  /** The type of a region; null, and a fault, where it has more subscripts than its array axes. */
  private typeOf(s: Stmt, r: Region): ArrayType | null {
    const { type } = arrayIn(r);
    const prefix = prefixOf(r).length;
    if (prefix <= type.dims.length) return { ...type, dims: type.dims.slice(prefix) };
    this.fault(`${this.show(arrayIn(r))} has ${axes(type.dims.length)}, its view indexes ${prefix}`, s);
    return null;
  }

  /** Element type, rank and constant sizes of two arrays. */
  private sameArray(a: ArrayType, aName: string, b: ArrayType, bName: string, s: Stmt): void {
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

/** Element type and rank. */
const shapeOf = (t: Type): string => (isArrayType(t) ? `${t.elem}${"[]".repeat(t.dims.length)}` : t);
const isRegion = (a: Arg): a is Region => a.kind === "view" || isArray(a);
