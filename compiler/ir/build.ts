/**
 * Builds statements one after another. A builder never simplifies; simplification is a pass.
 *
 *   const b = new Builder(loc);
 *   b.for("i", "seq", indexConst(0), n, [], (b, i) => {
 *     b.store(A, [i], b.binary("mul", b.load(A, [i]), alpha));
 *     return [];
 *   });
 *   const body = b.block();
 */
import { bug, type Loc } from "../diagnostic.ts";
import {
  type Arg,
  type ArrayType,
  type ArrayValue,
  type Block,
  type Const,
  constant,
  type ElemType,
  type Expr,
  isFloat,
  type Limit,
  type LoopMode,
  type Operand,
  type OpMode,
  type Region,
  type Scalar,
  type ScalarType,
  type Space,
  type Stmt,
  type Type,
  type Value,
  valueType,
} from "./ir.ts";
import { type BinaryOp, type CompareOp, type ReduceOp, resultType, type UnaryOp } from "./ops.ts";

export const value = <T extends Type>(hint: string, type: T): Value<T> => ({ kind: "value", type, hint });
export const arrayType = (elem: ElemType, dims: readonly Operand[], space: Space = "global"): ArrayType => ({
  kind: "array",
  elem,
  dims,
  space,
});

/** The type that an expression's value has. */
export function typeOf(e: Expr): ScalarType {
  switch (e.kind) {
    case "unary":
    case "binary":
      return resultType(e.op, e.a.type);
    case "select":
      return e.a.type;
    case "compare":
      return "bool";
    case "cast":
      return e.to;
    case "load":
      return valueType(e.array.type.elem);
  }
}

/** Integer and bool operations have no arithmetic mode; they all carry the default. */
const modeFor = (type: ElemType, mode: OpMode): OpMode => (isFloat(type) ? mode : "contract");
export const unaryExpr = (op: UnaryOp, a: Operand, mode: OpMode): Expr => ({
  kind: "unary",
  op,
  a,
  mode: modeFor(a.type, mode),
});
export const binaryExpr = (op: BinaryOp, a: Operand, b: Operand, mode: OpMode): Expr => ({
  kind: "binary",
  op,
  a,
  b,
  mode: modeFor(a.type, mode),
});

export class Builder {
  readonly stmts: Stmt[] = [];
  /** The location that the next statements get. */
  loc: Loc;
  readonly mode: OpMode;

  constructor(loc: Loc, mode: OpMode = "contract") {
    this.loc = loc;
    this.mode = mode;
  }

  /** What was built so far, as a block. */
  block(yields: readonly Operand[] = []): Block {
    return { stmts: this.stmts, yields };
  }

  /** A builder for a block inside, at the same location. */
  inner(): Builder {
    return new Builder(this.loc, this.mode);
  }

  let(hint: string, expr: Expr): Scalar {
    const result = value(hint, typeOf(expr));
    this.stmts.push({ kind: "let", result, expr, loc: this.loc });
    return result;
  }
  unary(op: UnaryOp, a: Operand, hint: string = op): Scalar {
    return this.let(hint, unaryExpr(op, a, this.mode));
  }
  binary(op: BinaryOp, a: Operand, b: Operand, hint: string = op): Scalar {
    return this.let(hint, binaryExpr(op, a, b, this.mode));
  }
  compare(op: CompareOp, a: Operand, b: Operand, hint: string = op): Scalar {
    return this.let(hint, { kind: "compare", op, a, b });
  }
  select(cond: Operand, a: Operand, b: Operand, hint = "select"): Scalar {
    return this.let(hint, { kind: "select", cond, a, b });
  }
  /** `a` as a `to`: itself when it is one, a constant when it is a constant integer that `to` holds. */
  cast(to: ScalarType, a: Operand, hint = a.kind === "value" ? a.hint : "cast"): Operand {
    return a.type === to ? a : this.let(hint, { kind: "cast", to, a });
  }
  load(array: ArrayValue, index: readonly Operand[], hint = array.hint.toLowerCase()): Scalar {
    return this.let(hint, { kind: "load", array, index });
  }

  store(array: ArrayValue, index: readonly Operand[], v: Operand): void {
    this.stmts.push({ kind: "store", array, index, value: v, loc: this.loc });
  }
  accum(op: ReduceOp, array: ArrayValue, index: readonly Operand[], v: Operand): void {
    const mode = modeFor(array.type.elem, this.mode);
    this.stmts.push({ kind: "accum", op, array, index, value: v, mode, loc: this.loc });
  }
  check(array: ArrayValue, axis: number, index: Operand): void {
    this.stmts.push({ kind: "check", array, axis, index, loc: this.loc });
  }
  alloc(hint: string, elem: ElemType, dims: readonly Operand[], space: Space = "global"): ArrayValue {
    const result = value(hint, arrayType(elem, dims, space));
    this.stmts.push({ kind: "alloc", result, loc: this.loc });
    return result;
  }
  copy(from: Region, to: Region): void {
    this.stmts.push({ kind: "copy", from, to, loc: this.loc });
  }
  launch(callee: string, args: readonly (Operand | ArrayValue)[]): void {
    this.stmts.push({ kind: "launch", callee, args, loc: this.loc });
  }
  limit(bytes: Operand, most: number, why: Pick<Limit, "message" | "help">): void {
    this.stmts.push({ kind: "limit", bytes, most, message: why.message, help: why.help, loc: this.loc });
  }
  call(callee: string, args: readonly Arg[], results: readonly ScalarType[], adjoint?: string): readonly Scalar[] {
    const values = results.map((t) => value(callee, t));
    const own = adjoint === undefined ? {} : { adjoint };
    this.stmts.push({ kind: "call", callee, args, ...own, results: values, loc: this.loc });
    return values;
  }

  /** A counted loop. `body` builds into the builder it is given and returns what the next iteration carries. */
  for(
    hint: string,
    mode: LoopMode,
    lo: Operand,
    hi: Operand,
    inits: readonly Operand[],
    body: (b: Builder, index: Scalar, carried: readonly Scalar[]) => readonly Operand[],
    hints: readonly string[] = [],
  ): readonly Scalar[] {
    const index = value(hint, "index" as const);
    const carried = inits.map((o, i) => value(hints[i] ?? hintOf(o), o.type));
    const b = this.inner();
    const yields = body(b, index, carried);
    const results = carried.map((c) => value(c.hint, c.type));
    this.stmts.push({
      kind: "for",
      mode,
      index,
      lo,
      hi,
      inits,
      carried,
      body: b.block(yields),
      results,
      loc: this.loc,
    });
    return results;
  }

  while(
    inits: readonly Operand[],
    cond: (b: Builder, carried: readonly Scalar[]) => Operand,
    body: (b: Builder, carried: readonly Scalar[]) => readonly Operand[],
    hints: readonly string[] = [],
    max: Operand | null = null,
  ): readonly Scalar[] {
    const carried = inits.map((o, i) => value(hints[i] ?? hintOf(o), o.type));
    const c = this.inner();
    const test = cond(c, carried);
    const b = this.inner();
    const yields = body(b, carried);
    const results = carried.map((v) => value(v.hint, v.type));
    this.stmts.push({
      kind: "while",
      inits,
      carried,
      max,
      cond: c.block([test]),
      body: b.block(yields),
      results,
      loc: this.loc,
    });
    return results;
  }

  if(
    cond: Operand,
    thenDo: (b: Builder) => readonly Operand[],
    elseDo: (b: Builder) => readonly Operand[] = () => [],
    hints: readonly string[] = [],
  ): readonly Scalar[] {
    const t = this.inner();
    const a = thenDo(t);
    const e = this.inner();
    const b = elseDo(e);
    if (a.length !== b.length) bug("the branches of an if yield different numbers of values");
    const results = a.map((o, i) => value(hints[i] ?? hintOf(o), o.type));
    const then = t.block(a);
    this.stmts.push({ kind: "if", cond, then, else: e.block(b), results, loc: this.loc });
    return results;
  }
}

const hintOf = (o: Operand): string => (o.kind === "value" ? o.hint : "v");
/** A float constant of either float type: rounded where the type is f32. */
export const floatConst = (type: ScalarType, x: number): Const => constant(type, type === "f32" ? Math.fround(x) : x);
