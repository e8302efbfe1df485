/** What the verifier asks of the leaves: names in scope, constants, operators, subscripts. */
import type { Loc } from "../diagnostic.ts";
import {
  type Arg,
  type ArrayValue,
  type Const,
  type Expr,
  type Func,
  isArray,
  isFloat,
  type Operand,
  type OpMode,
  type ScalarType,
  type Stmt,
  type Value,
} from "./ir.ts";
import { namesOf } from "./names.ts";
import { binaryOps, type Domain, unaryOps } from "./ops.ts";
import { printConst } from "./print.ts";

/** Notes one fault; the location defaults to the statement's. */
export type Report = (message: string, stmt: Stmt | null, loc?: Loc) => void;

export const domainTypes: Readonly<Record<Domain, readonly ScalarType[]>> = {
  float: ["f64", "f32"],
  int: ["i32", "u32", "index"],
  word: ["i32", "u32"],
  bits: ["bool", "i32", "u32"],
  number: ["f64", "f32", "i32", "u32", "index"],
  f64: ["f64"],
  f32: ["f32"],
  i32: ["i32"],
};

/** `1 axis`, `2 axes`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
export const axes = (n: number): string => count(n, "axis", "axes");

/** Checks operands and expressions of one function; knows what is in scope. */
export class OperandVerifier {
  protected readonly func: Func;
  private readonly report: Report;
  private names: ((v: Value) => string) | null = null;
  private readonly everBound = new Set<Value>();
  private readonly scope = new Set<Value>();
  private readonly order: Value[] = [];

  constructor(func: Func, report: Report) {
    this.func = func;
    this.report = report;
  }

  fault(message: string, stmt: Stmt | null = null, loc?: Loc): void {
    this.report(message, stmt, loc);
  }

  /** An argument as the text has it. */
  show(a: Arg): string {
    if (a.kind === "const") return printConst(a);
    this.names ??= namesOf(this.func);
    return a.kind === "view" ? `a view of %${this.names(a.array)}` : `%${this.names(a)}`;
  }

  bind(v: Value, stmt: Stmt | null): void {
    if (this.everBound.has(v)) this.fault(`${this.show(v)} is bound twice`, stmt);
    this.everBound.add(v);
    this.scope.add(v);
    this.order.push(v);
  }

  isBound(v: Value): boolean {
    return this.scope.has(v);
  }

  /** Runs `inside`, then forgets what it bound. */
  protected scoped(inside: () => void): void {
    const mark = this.order.length;
    inside();
    for (const v of this.order.splice(mark)) this.scope.delete(v);
  }

  /** An operand that is read: in scope, or a constant of its type. */
  protected use(o: Operand | ArrayValue, stmt: Stmt | null): void {
    if (o.kind === "const") {
      if (!holds(o)) this.fault(`${Object.is(o.value, -0) ? "-0" : o.value} is no ${o.type}`, stmt);
    } else if (!this.scope.has(o)) {
      this.fault(`${this.show(o)} is used where it is not defined`, stmt);
    }
  }

  /** An operand that must be of type index; `what` is its part in the statement. */
  protected index(o: Operand, what: string, stmt: Stmt): void {
    this.use(o, stmt);
    if (o.type !== "index") this.fault(`${what} ${this.show(o)} is ${o.type}, not index`, stmt);
  }

  /** A size of an array: an index, not negative. (An `alloc` that is never reached may have any; `outline` refuses the rest.) */
  size(d: Operand, array: ArrayValue, stmt: Stmt | null): void {
    this.use(d, stmt);
    if (d.type !== "index") this.fault(`size ${this.show(d)} of ${this.show(array)} is ${d.type}, not index`, stmt);
    else if (d.kind === "const" && !(Number(d.value) >= 0) && !(stmt?.kind === "alloc" && Number(d.value) < 0)) {
      this.fault(`size ${this.show(d)} of ${this.show(array)} is negative`, stmt);
    }
  }

  protected bool(o: Operand, what: string, stmt: Stmt): void {
    this.use(o, stmt);
    if (o.type !== "bool") this.fault(`${what} decides by a bool, ${this.show(o)} is ${o.type}`, stmt);
  }

  /** `array[index]` with as many subscripts as axes. */
  protected access(array: ArrayValue, index: readonly Operand[], stmt: Stmt): void {
    this.use(array, stmt);
    const rank = array.type.dims.length;
    if (index.length !== rank) {
      this.fault(`${this.show(array)} has ${axes(rank)}, indexed by ${index.length}`, stmt);
    }
    this.subscripts(array, index, stmt);
  }

  protected subscripts(array: ArrayValue, index: readonly Operand[], stmt: Stmt): void {
    for (const i of index) {
      this.use(i, stmt);
      if (i.type !== "index") {
        this.fault(`subscript ${this.show(i)} of ${this.show(array)} is ${i.type}, not index`, stmt);
      }
    }
  }

  protected domain(op: string, on: Domain, operand: Arg, type: ScalarType, stmt: Stmt): void {
    const types = domainTypes[on];
    if (types.includes(type)) return;
    const verb = isArray(operand) ? "holds" : "is";
    this.fault(`${op} takes ${types.join(", ")}; ${this.show(operand)} ${verb} ${type}`, stmt);
  }

  protected mode(op: string, type: ScalarType, mode: OpMode, stmt: Stmt): void {
    if (mode !== "contract" && !isFloat(type)) {
      this.fault(`${op} on ${type} is marked ${mode}, only float operations have a mode`, stmt);
    }
  }

  protected expr(e: Expr, stmt: Stmt): void {
    switch (e.kind) {
      case "unary":
        this.use(e.a, stmt);
        this.domain(e.op, unaryOps[e.op].on, e.a, e.a.type, stmt);
        this.mode(e.op, e.a.type, e.mode, stmt);
        break;
      case "binary":
        this.pair(e.op, e.a, e.b, stmt);
        this.domain(e.op, binaryOps[e.op].on, e.a, e.a.type, stmt);
        this.mode(e.op, e.a.type, e.mode, stmt);
        break;
      case "compare":
        this.pair(e.op, e.a, e.b, stmt);
        if (e.op !== "eq" && e.op !== "ne") this.domain(e.op, "number", e.a, e.a.type, stmt);
        break;
      case "select":
        this.bool(e.cond, "select", stmt);
        this.pair("select", e.a, e.b, stmt);
        break;
      case "cast":
        this.use(e.a, stmt);
        break;
      case "load":
        this.access(e.array, e.index, stmt);
        break;
    }
  }

  private pair(op: string, a: Operand, b: Operand, stmt: Stmt): void {
    this.use(a, stmt);
    this.use(b, stmt);
    if (a.type === b.type) return;
    this.fault(`${op} takes two of one type, ${this.show(a)} is ${a.type}, ${this.show(b)} is ${b.type}`, stmt);
  }
}

/** Whether the constant's value is one of its type. */
function holds({ type, value }: Const): boolean {
  if (typeof value === "boolean") return type === "bool";
  switch (type) {
    case "f64":
      return true;
    case "f32":
      return Object.is(Math.fround(value), value);
    case "i32":
      return Object.is(value | 0, value);
    case "u32":
      return Object.is(value >>> 0, value);
    case "index":
      return Number.isInteger(value) && !Object.is(value, -0);
    case "bool":
      return false;
  }
}
