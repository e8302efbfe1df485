/**
 * Forward mode: `f` with the tangents of its values beside them. A tangent is the derivative of a value along one direction, the
 * tangents of the parameters.
 *
 *   func @f(%A: f64[%n]) {                    func @f_jvp(%A: f64[%n], %t_A: f64[%n]) {
 *     for %i in seq(0, %n) {                    for %i in seq(0, %n) {
 *       %a: f64 = load %A[%i]                     %a: f64 = load %A[%i]
 *       %e: f64 = exp %a                 =>       %t_a: f64 = load %t_A[%i]
 *       store %A[%i], %e                          %e: f64 = exp %a
 *     }                                           %t_e: f64 = mul %t_a, %e
 *   }                                             store %A[%i], %e
 *                                                 store %t_A[%i], %t_e
 *                                               }
 *                                             }
 *
 * Everything runs in the order of the program, so overwritten values are no matter here. Values that do not depend on the
 * direction have no tangent. Arrays have one as a whole: as a parameter where the request names them, as a local array that
 * starts at zero where something varied is written into them.
 */
import { bug, type Loc } from "../compiler/diagnostic.ts";
import { Builder, floatConst, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type Expr,
  type Func,
  isArray,
  isScalar,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Type,
  unrounded,
  type Value,
  valueType,
} from "../compiler/ir/ir.ts";
import { mapBlocks, mapStmts } from "../compiler/ir/walk.ts";
import { variedBy } from "./activity.ts";
import { tangentOfCall } from "./forward-call.ts";
import { spelledOut } from "./prepare.ts";
import { Program } from "./program.ts";
import { binaryRules, type Primal, unaryRules, type Ways } from "./rules.ts";
import { arraysOf, type Derived, scalarsOf, type Wanted } from "./wanted.ts";

/** @param name of the function made. */
export function forwardMode(f: Func, wanted: Wanted, name: string): Derived {
  // The tangent of a product or an extremum reads what it was made of.
  const body = mapStmts(f.body, (s) => (s.kind === "accum" && s.op !== "add" ? spelledOut(s) : s));
  const forward = new Forward({ ...f, body }, wanted);
  const { stmts, yields } = forward.body();
  const results = [...wanted.results].sort((a, b) => a - b);
  const func: Func = {
    ...f,
    name,
    params: [...f.params, ...forward.params.map((p) => forward.tangentParam(p))],
    results: [...f.results, ...results.map((i) => f.results[i] ?? bug(`@${f.name} has no result ${i}`))],
    body: { stmts, yields: [...yields, ...results.map((i) => forward.tangentOrZero(yields[i] as Operand))] },
  };
  return { func, extra: forward.params, results: results.map((result) => ({ result })) };
}

class Forward {
  /** The parameters that get tangents as parameters. */
  readonly params: readonly Value[];
  private readonly func: Func;
  /** Where what is varied goes. */
  private readonly varied: ReadonlySet<Value>;
  private readonly written: ReadonlySet<ArrayValue>;
  /** Tangents so far. Scalars that have none do not depend on the direction. */
  private readonly scalars = new Map<Value, Operand>();
  private readonly arrays = new Map<Value, ArrayValue>();

  constructor(func: Func, wanted: Wanted) {
    const named = new Set<Value>([...arraysOf(func, wanted), ...scalarsOf(func, wanted)]);
    this.func = func;
    this.params = func.params.filter((p) => named.has(p));
    // What is not asked for comes with tangents as well, though zero.
    ({ values: this.varied, arrays: this.written } = variedBy(new Program(func), named, (_, array) =>
      named.has(array),
    ));
    for (const p of this.params) {
      if (isArray(p)) this.arrays.set(p, tangentOf(p));
      else if (isScalar(p)) this.scalars.set(p, tangentOf(p));
    }
  }

  /** The parameter for the tangent of one of `params`. */
  tangentParam(p: Value): Value {
    return this.arrays.get(p) ?? (this.scalars.get(p) as Scalar);
  }
  tangentOrZero(o: Operand): Operand {
    return this.tangent(o) ?? floatConst(o.type, 0);
  }
  private tangent(o: Operand): Operand | undefined {
    return o.kind === "value" ? this.scalars.get(o) : undefined;
  }

  body(): Block {
    const b = new Builder(beside(this.func.loc));
    for (const p of this.func.params) {
      if (!isArray(p) || this.arrays.has(p) || !this.written.has(p)) continue;
      this.arrays.set(p, b.alloc(`t_${p.hint}`, valueType(p.type.elem), p.type.dims));
    }
    const { stmts, yields } = this.block(this.func.body);
    return { stmts: [...b.stmts, ...stmts], yields };
  }

  private block(b: Block): Block {
    return { stmts: b.stmts.flatMap((s) => this.stmt(s)), yields: b.yields };
  }

  /** The statement, with what computes tangents around it. */
  private stmt(s: Stmt): readonly Stmt[] {
    switch (s.kind) {
      case "let":
        return [s, ...this.let(s)];
      case "alloc": {
        if (!this.written.has(s.result)) return [s];
        const tangent = tangentOf(s.result);
        this.arrays.set(s.result, tangent);
        return [s, { ...s, result: tangent, loc: beside(s.loc) }];
      }
      case "store": {
        const array = this.arrays.get(s.array);
        return array === undefined ? [s] : [s, { ...s, array, value: this.tangentOrZero(s.value), loc: beside(s.loc) }];
      }
      case "accum": {
        const [array, tangent] = [this.arrays.get(s.array), this.tangent(s.value)];
        return array === undefined || tangent === undefined
          ? [s]
          : [s, { ...s, array, value: tangent, loc: beside(s.loc) }];
      }
      case "check":
      case "limit":
        return [s];
      case "for":
      case "while": {
        const inits = this.pick(s.carried, s.inits).map((o) => this.tangentOrZero(o));
        const carried = this.bind(s.carried);
        const inner = mapBlocks(s, (b) => this.block(b)) as typeof s;
        const { body } = inner;
        const yields = [...body.yields, ...this.pick(s.carried, body.yields).map((o) => this.tangentOrZero(o))];
        const results = this.bind(s.results);
        return [
          {
            ...inner,
            inits: [...s.inits, ...inits],
            carried: [...s.carried, ...carried],
            body: { stmts: body.stmts, yields },
            results: [...s.results, ...results],
          },
        ];
      }
      case "if": {
        const branch = (b: Block): Block => {
          const { stmts, yields } = this.block(b);
          return { stmts, yields: [...yields, ...this.pick(s.results, yields).map((o) => this.tangentOrZero(o))] };
        };
        const [then, otherwise] = [branch(s.then), branch(s.else)];
        return [{ ...s, then, else: otherwise, results: [...s.results, ...this.bind(s.results)] }];
      }
      case "call": {
        const [r] = s.results;
        if (r === undefined || !this.varied.has(r)) return [s];
        const b = new Builder(beside(s.loc));
        const tangents = { tangent: (o: Operand) => this.tangent(o), array: (a: ArrayValue) => this.arrays.get(a) };
        this.scalars.set(r, tangentOfCall(b, s, tangents));
        return [s, ...b.stmts];
      }
      case "copy":
      case "launch":
        return bug(`forward mode of a ${s.kind} in @${this.func.name}`);
    }
  }

  /** Of the values at the places of `of`, those where that is varied. */
  private pick(of: readonly Scalar[], values: readonly Operand[]): readonly Operand[] {
    return values.filter((_, i) => this.varied.has(of[i] as Scalar));
  }
  /** Tangents, as new values, of those that are varied. */
  private bind(list: readonly Scalar[]): readonly Scalar[] {
    return list
      .filter((v) => this.varied.has(v))
      .map((v) => {
        const tangent = tangentOf(v);
        this.scalars.set(v, tangent);
        return tangent;
      });
  }

  /** The statements that compute the tangent of what `s` binds. */
  private let(s: Let): readonly Stmt[] {
    if (!this.varied.has(s.result)) return [];
    const { expr } = s;
    const b = new Builder(beside(s.loc), "mode" in expr ? expr.mode : "strict");
    const tangent = this.expr(b, expr, s.result);
    const last = b.stmts.at(-1);
    if (last?.kind !== "let" || last.result !== tangent) {
      this.scalars.set(s.result, tangent);
      return b.stmts;
    }
    const result = tangentOf(s.result);
    this.scalars.set(s.result, result);
    return [...b.stmts.slice(0, -1), { ...last, result }];
  }

  private expr(b: Builder, e: Expr, r: Scalar): Operand {
    switch (e.kind) {
      case "load":
        return b.load(this.arrays.get(e.array) ?? bug(`%${e.array.hint} has no tangent`), e.index);
      case "cast":
        return b.cast(e.to, this.tangentOrZero(e.a));
      case "select":
        return b.select(e.cond, this.tangentOrZero(e.a), this.tangentOrZero(e.b));
      case "unary":
        return this.sum(b, [[e.a, unaryRules[e.op]]], { a: e.a, b: e.a, r });
      case "binary": {
        const { a, b: byB } = binaryRules[e.op];
        return this.sum(
          b,
          [
            [e.a, a],
            [e.b, byB],
          ],
          { a: e.a, b: e.b, r },
        );
      }
      case "compare":
        return bug(`%${r.hint} is no float and has no tangent`);
    }
  }

  /** What the operands' tangents contribute, each by the first of its ways: all that it may read is there. */
  private sum(
    b: Builder,
    operands: readonly (readonly [Operand, Ways])[],
    primals: Readonly<Record<Primal, Operand>>,
  ): Operand {
    const parts = operands.flatMap(([o, ways]) => {
      const [tangent, way] = [this.tangent(o), ways?.[0]];
      return tangent === undefined || way === undefined ? [] : [way.emit(b, tangent, primals)];
    });
    return parts.reduce((sum, part) => b.binary("add", sum, part));
  }
}

const tangentOf = <T extends Type>(v: Value<T>): Value<T> => value(`t_${v.hint}`, unrounded(v.type));
const beside = (loc: Loc): Loc => ({ ...loc, role: "adjoint" });
