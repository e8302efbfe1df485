/**
 * Random kernels whose floats can be differentiated: what is stored is a mean of other floats, or squashed into [-1, 1], so that
 * neither values nor derivatives grow without bounds, however often loops run. Floats decide branches, bounds and subscripts,
 * as derivatives follow the branch that is taken; kinks and poles are met on purpose, by `nearKinks`.
 */
import { isFloat, leafPaths } from "./expressions.ts";
import { type GenerateOptions, Generator } from "./generate.ts";
import type { ElemName, ResultType, Scope, StructDef, VarType } from "./scope.ts";
import type { Made } from "./statements.ts";
import { block, callOf, type Expr, expr, type Func, type Param, type Stmt, stmt } from "./tree.ts";

type Make = () => Expr;

/** What squashes a number, in files that call no library functions. */
const soft: Func = {
  name: "soft",
  exported: false,
  generics: "",
  params: [{ name: "soft_x", type: "f64" }],
  result: "f64",
  body: block([stmt("return soft_x / Math.sqrt(1 + soft_x * soft_x);")]),
};

export abstract class Smooth extends Generator {
  constructor(seed: number, options: GenerateOptions) {
    const { math = seed % 2 === 1, real = "f64" } = options;
    const hollow = seed % 7 === 3;
    super(seed, options, { plain: false, wild: false, tame: false, hollow, math, smooth: true, real });
    this.funcs.push(soft);
  }

  // Types: most is f64, every tenth program has f32 as well.

  private get mixed(): boolean {
    return this.seed % 10 === 4;
  }

  protected override get single(): boolean {
    return this.mixed;
  }

  protected override fieldType(): ElemName {
    return this.pick<ElemName>(["f64", "f64", this.mixed ? "f32" : "f64", "i32"]);
  }
  protected override elemName(number = 1): ElemName {
    if (this.mixed) return this.pick<ElemName>(number === 0 ? ["f64", "f32"] : ["f64", "f32", "f32", "i32"]);
    return number === 0 ? "f64" : this.pick<ElemName>(["f64", "f64", "f64", "f64", "i32", "i32", "u32", "bool"]);
  }
  protected override readonly scalarTypes: readonly (readonly [VarType, string])[] = [
    ...[["real", "f64"] as const, ["real", "number"] as const, ["real", "real"] as const],
    ...[["int", "i32"] as const, ["int", "index"] as const, ["bool", "boolean"] as const],
  ];
  protected override resultType(): ResultType {
    return this.weighted<ResultType>([
      [4, "void"],
      [5, "real"],
      [2, this.pick(this.structDefs)],
    ]);
  }
  /** A generic function does the same thing over and over: its values would grow. */
  protected override genericFunctions(): void {}

  // Values.

  /** Integers as floats are small. */
  override number(s: Scope, deep: number): Expr {
    if (this.once(5))
      return expr("real", "(", this.int(s, Math.min(deep, 1)), ` % 4 * ${this.pick(["0.25", "0.125"])})`);
    return this.real(s, deep);
  }
  /** A float, where anything may be asked for its bits. */
  protected override bits(s: Scope, deep: number): Expr {
    return this.once(2) ? this.int(s, deep) : this.real(s, deep);
  }
  override floatLiteral(): Expr {
    return expr("real", this.pick(["0.5", "0.25", "1", "1.5", "0.1", "(-0.5)", "(-0.75)", "0.3333333333333333"]));
  }

  /** Of any form; of a size that grows with its depth only. */
  override real(s: Scope, deep: number): Expr {
    if (deep <= 0) return this.leaf(s);
    const real = (): Expr => this.real(s, deep - 1);
    const infix =
      (op: string): Make =>
      () =>
        expr("real", "(", real(), ` ${op} `, real(), ")");
    return this.weighted<Make>([
      [4, () => this.leaf(s)],
      [4, infix("+")],
      [3, infix("-")],
      [6, infix("*")],
      [3, () => expr("real", "(", real(), " / ", this.away(real()), ")")],
      [1, () => expr("real", "(-", real(), ")")],
      [3, () => this.squashed(real())],
      [3, () => this.nearKinks(s, deep - 1)],
      [1, () => expr("real", "(", this.bool(s, deep - 1), " ? ", real(), " : ", real(), ")")],
      [1, () => callOf("real", "stopGradient", [real()])],
      [1, () => expr("real", "(", real(), " as f64)")],
      [this.traits.math ? 4 : 0, () => this.moderate(s, deep - 1)],
      [this.signatures.some((f) => f.result === "real") ? 2 : 0, () => this.called(s, deep - 1)],
    ])();
  }

  /** A float that is there already, without side effects: it may be written twice. */
  leaf(s: Scope): Expr {
    return super.real(s, 0);
  }

  /** Within [-1, 1] or little more. */
  protected squashed(e: Expr): Expr {
    if (!this.traits.math || this.once(3)) return callOf("real", "soft", [e]);
    return callOf("real", `Math.${this.pick(["sin", "cos", "tanh", "atan"])}`, [e]);
  }

  /** Library functions that are neither steep nor undefined. */
  private moderate(s: Scope, deep: number): Expr {
    const e = this.real(s, deep);
    const unary = (...names: readonly string[]): Expr => callOf("real", `Math.${this.pick(names)}`, [e]);
    const of = (name: string, arg: Expr): Expr => callOf("real", `Math.${name}`, [arg]);
    return this.weighted<Make>([
      [2, () => of(this.pick(["exp", "expm1", "sinh", "cosh"]), this.squashed(e))],
      [2, () => of(this.pick(["log", "log2", "log10", "log1p", "cbrt"]), this.away(e))],
      [1, () => of("acosh", expr("real", "(1 + ", this.away(e), ")"))],
      [1, () => unary("asinh", "atan")],
      [1, () => of(this.pick(["tan", "asin", "acos", "atanh"]), expr("real", "(0.5 * ", this.squashed(e), ")"))],
      [1, () => callOf("real", `Math.${this.pick(["atan2", "hypot"])}`, [e, this.away(this.real(s, deep))])],
      [1, () => expr("real", "(", this.away(e), ` ** ${this.pick(["0.5", "1.5", "(-1)", "2"])})`)],
      [1, () => expr("real", "(", this.away(this.squashed(e)), " ** ", this.squashed(this.real(s, deep)), ")")],
    ])();
  }

  private called(s: Scope, deep: number): Expr {
    const f = this.pick(this.signatures.filter((g) => g.result === "real"));
    return this.call(s, f, "real", deep) ?? this.leaf(s);
  }

  /** Where functions have no derivative, or none at the next number: inputs lie on a grid of halves now and then. */
  private nearKinks(s: Scope, deep: number): Expr {
    const a = this.leaf(s);
    const grid = this.pick(["0", "0.5", "(-0.5)", "1"]);
    const other = this.weighted<Make>([
      [2, () => a],
      [2, () => this.leaf(s)],
      [2, () => expr("real", grid)],
      [2, () => this.real(s, deep)],
    ])();
    const positive = callOf("real", "Math.max", [a, expr("real", "0")]);
    return this.weighted<Make>([
      [4, () => callOf("real", `Math.${this.pick(["min", "max"])}`, this.once(2) ? [a, other] : [other, a])],
      [1, () => callOf("real", `Math.${this.pick(["min", "max"])}`, [a, other, this.leaf(s)])],
      [2, () => callOf("real", "Math.abs", [a])],
      // The branch that is not taken would divide by zero.
      [2, () => expr("real", "(Math.abs(", a, ") > 0.25 ? ", this.real(s, deep), " / ", a, " : ", other, ")")],
      [2, () => expr("real", "(", a, " > 0 ? Math.sqrt(", a, ") : ", other, ")")],
      [1, () => callOf("real", "Math.sqrt", [expr("real", "(1e-3 + ", a, " * ", a, ")")])],
      [this.traits.math ? 2 : 0, () => expr("real", "(", this.pick([a, positive]), ` ** ${this.pick(["2", "3"])})`)],
      [this.traits.math ? 1 : 0, () => expr("real", "(", positive, ` ** ${this.pick(["1.5", "2.5"])})`)],
      [
        1,
        () => expr("real", `(Math.${this.pick(["floor", "ceil", "round", "trunc", "sign"])}(`, a, ") * ", other, ")"),
      ],
      [1, () => expr("real", "((", a, " | 0) * ", other, ")")],
      [1, () => expr("real", "(", a, " % 0.75)")],
    ])();
  }

  /** What may be stored over and over: the mean of what is there, or something squashed. */
  protected stored(s: Scope, deep = 2): Expr {
    return this.weighted<Make>([
      [3, () => expr("real", "(0.5 * ", this.leaf(s), " + 0.25 * ", this.leaf(s), ")")],
      [2, () => expr("real", "(0.6 * ", this.leaf(s), " - 0.3 * ", this.leaf(s), ")")],
      [1, () => expr("real", "(", this.squashed(this.real(s, deep)), " * ", this.leaf(s), ")")],
      [1, () => this.leaf(s)],
      [7, () => this.squashed(this.real(s, deep))],
    ])();
  }

  /** An update in place of a float. */
  protected updated(s: Scope): readonly (string | Expr)[] {
    return this.weighted<() => readonly (string | Expr)[]>([
      [5, () => [` ${this.pick(["+", "+", "-"])}= `, this.squashed(this.real(s, 2))]],
      [2, () => [` ${this.pick(["+", "-"])}= 0.3 * `, this.leaf(s)]],
      [3, () => [" *= 0.7 + 0.3 * ", this.squashed(this.real(s, 1))]],
      [1, () => [" *= ", this.squashed(this.real(s, 1))]],
      [3, () => [" /= ", expr("real", "(1.1 + Math.abs(", this.leaf(s), "))")]],
      [1, () => [" /= ", expr("real", "(1 + ", this.squared(this.leaf(s)), ")")]],
    ])();
  }
  private squared(e: Expr): Expr {
    return expr("real", e, " * ", e);
  }

  // Statements that write floats.

  protected override assignVariable(s: Scope): Made | null {
    const reals = s.vars.filter((v) => v.mutable && v.type === "real");
    if (reals.length === 0 || this.once(4)) {
      return super.assignVariable({ ...s, vars: s.vars.filter((v) => v.type === "int" || v.type === "bool") });
    }
    const { name } = this.pick(reals);
    if (this.once(2)) return this.only(s, stmt(`${name} = `, this.stored(s), ";"));
    return this.only(s, stmt(name, ...this.updated(s), ";"));
  }

  protected override intoElement(s: Scope, elem: ElemName, place: Expr): Stmt {
    if (!isFloat(elem)) return super.intoElement(s, elem, place);
    if (this.once(12)) {
      const reals = s.vars.filter((v) => v.mutable && v.type === "real");
      if (reals.length > 0 && elem === "f64")
        return stmt(`${this.pick(reals).name} = `, place, " = ", this.stored(s), ";");
    }
    if (this.once(2)) return stmt(place, " = ", this.stored(s), ";");
    return stmt(place, ...this.updated(s), ";");
  }

  protected override assignField(s: Scope): Made | null {
    const targets = [
      ...s.structs.filter((v) => v.mutable).map((v) => [v.def, () => expr("value", v.name)] as const),
      ...this.writableArrays(s).flatMap((a) =>
        typeof a.elem === "string" ? [] : [[a.elem as StructDef, () => this.place(s, a, 2)] as const],
      ),
    ];
    if (targets.length === 0) return null;
    const [def, target] = this.pick(targets);
    const [path, type] = this.pick(leafPaths(def));
    const place = expr("value", target(), path);
    if (isFloat(type)) return this.only(s, this.intoElement(s, type, place));
    return this.only(s, stmt(place, " = ", this.field(s, type, 2), ";"));
  }

  override field(s: Scope, type: ElemName, deep: number): Expr {
    return isFloat(type) ? this.stored(s, Math.min(deep, 1)) : super.field(s, type, deep);
  }

  override scalar(s: Scope, type: VarType, deep: number): Expr {
    return type === "real" || type === "f32" ? this.real(s, deep) : super.scalar(s, type, deep);
  }

  /** Every kernel reads floats, and writes what depends on them. */
  protected override atTheEnd(s: Scope): readonly Stmt[] {
    const a = s.arrays.find((x) => x.name === "A0");
    if (a === undefined) return [];
    const names = a.dims.map(() => this.fresh("e"));
    const path = typeof a.elem === "string" ? "" : leafPaths(a.elem).find(([, type]) => isFloat(type))?.[0];
    if (path === undefined) return [];
    const place = `A0${names.map((i) => `[${i}]`).join("")}${path}`;
    const inner: Scope = { ...s, facts: names.map((text, k) => ({ text, dim: a.dims[k] ?? "" })), depth: 9 };
    const other = this.leaf(inner);
    const update = stmt(`${place} = `, callOf("real", "soft", [expr("real", `${place} + 0.5 * `, other)]), ";");
    return [
      names.reduceRight<Stmt>(
        (body, i, k) => stmt(`for (let ${i} = 0; ${i} < ${a.dims[k]}; ${i}++) `, block([body])),
        update,
      ),
    ];
  }

  /** A function of the file that others call. */
  protected declare(name: string, params: readonly Param[], result: string, body: readonly Stmt[]): void {
    this.funcs.push({ name, exported: false, generics: "", params, result, body: block(body) });
  }
}
