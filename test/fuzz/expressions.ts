/**
 * Random expressions. Their operands are in scope, their subscripts inside; what they compute is left to chance.
 *
 * In plain programs no integer may become −0 (which tsgpu's integers do not have) and no f32 may be computed with: there
 * products and remainders of integers are of natural numbers or cut by `| 0`, and f32 values are read `as f64`. In tame
 * programs nothing that is a float becomes an integer or bool; what floats are divided by, and roots are taken of, is not
 * close to zero.
 */
import { type ArrayVariable, Choices, type ElemName, type Scope, type Signature, type StructDef } from "./scope.ts";
import { callOf, type Expr, expr, type Kind, natural } from "./tree.ts";

type Make = () => Expr;
type Choice = readonly [number, Make];

/** In parentheses, where it is more than a name or number. */
const enclosed = (text: string): string => (text.includes(" ") ? `(${text})` : text);
export const isFloat = (e: ElemName): boolean => e === "f64" || e === "f32";
const isInt = (e: ElemName): boolean => e === "i32" || e === "u32";

const mathUnary = [
  ...["exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan"],
  ...["sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt"],
];
const mathPairs = ["pow", "atan2", "hypot"];
const mathConstants = ["PI", "E", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2"];

export class Expressions extends Choices {
  /** The arrays whose elements may be touched here. */
  arraysIn(s: Scope): readonly ArrayVariable[] {
    return this.traits.hollow ? s.arrays.filter((a) => this.within(s, a.dims)) : s.arrays;
  }

  /** Is the place inside loops over axes of these sizes, unless they are constants? */
  within(s: Scope, dims: readonly string[]): boolean {
    return !this.traits.hollow || dims.every((d) => /^\d+$/.test(d) || s.facts.some((f) => f.dim === d));
  }

  /** A number for operators that make integers of any: in tame programs no float. */
  protected bits(s: Scope, deep: number): Expr {
    return this.tame ? this.int(s, deep) : this.number(s, deep);
  }

  /** A number that is not close to zero. */
  protected away(e: Expr): Expr {
    return expr("real", "(Math.abs(", e, `) + ${this.pick(["0.5", "1.25", "2"])})`);
  }

  /** A place in an array: `A[i][j]`, with as many axes subscripted as asked for. */
  place(s: Scope, a: ArrayVariable, deep = 1, axes = a.dims.length): Expr {
    const parts = a.dims.slice(0, axes).flatMap((dim): (string | Expr)[] => ["[", this.subscript(s, dim, deep), "]"]);
    return expr("value", a.name, ...parts);
  }

  subscript(s: Scope, dim: string, deep: number): Expr {
    const facts = s.facts.filter((f) => f.dim === dim);
    const fact = (): string => (this.once(2) ? facts.at(-1) : this.pick(facts))?.text ?? "0";
    const sub = (...parts: (string | Expr)[]): Expr => expr("subscript", ...parts);
    if (facts.length > 0 && !this.once(3)) return sub(fact());
    const operand = (): string => enclosed(fact());
    const number = (): Expr => (deep > 0 ? this.int(s, deep - 1) : expr("int", "1"));
    const whole = (): Expr => (deep > 0 ? this.naturalInt(s, deep - 1) : expr("int", "1"));
    if (this.traits.wild && this.once(30)) return this.outside(s, dim, deep);
    const known = facts.length > 0 ? 2 : 0;
    return this.weighted<Make>([
      [2, () => sub("0")],
      [2, () => sub(`${dim} - 1`)],
      [1, () => sub("(", number(), ` >>> 0) % ${dim}`)],
      [1, () => sub("Math.min(", number(), ` & 7, ${dim} - 1)`)],
      [1, () => sub(`Math.max(0, Math.min(${dim} - 1, `, number(), " | 0))")],
      [1, () => sub("((", number(), ` | 0) % ${dim} + ${dim}) % ${dim}`)],
      [known, () => sub(`${dim} - 1 - ${operand()}`)],
      [known, () => sub(`(${operand()} + ${this.pick(["1", "2", operand()])}) % ${dim}`)],
      [known, () => sub(`(${operand()} + (`, whole(), ` >>> 0)) % ${dim}`)],
      [known, () => sub(`Math.floor(${operand()} / 2)`)],
      [known, () => sub(`(${operand()} + ${operand()}) >> 1`)],
      [known, () => sub(`Math.floor(${operand()} * ${operand()} / ${dim})`)],
      [known, () => this.flipped(enclosed(fact()), dim)],
    ])();
  }

  /** A subscript that may be outside, by a little or by far. */
  private outside(s: Scope, dim: string, deep: number): Expr {
    const near = this.pick([dim, `${dim} - 2`, "-1", "2", ...s.facts.map((f) => `${enclosed(f.text)} + 1`)]);
    if (deep === 0 || this.once(2)) return expr("subscript", near);
    return expr("subscript", this.int(s, deep - 1));
  }

  private flipped(fact: string, dim: string): Expr {
    return expr("subscript", `(${fact} ^ 1) < ${dim} ? ${fact} ^ 1 : 0`);
  }

  /** A number that is a float by inference, f32 or f64. */
  real(s: Scope, deep: number): Expr {
    const choices: Choice[] = [[1, () => this.floatLiteral()]];
    for (const v of s.vars) {
      if (v.type === "real" || (v.type === "f32" && !this.plain)) choices.push([3, () => expr("real", v.name)]);
    }
    const arrays = this.arraysIn(s).filter((a) => typeof a.elem === "string" && isFloat(a.elem));
    if (arrays.length > 0) choices.push([8, () => this.element(s, this.pick(arrays), "real", deep)]);
    this.fields(s, isFloat, "real", choices, deep);
    if (deep > 0) this.deepReal(s, deep - 1, choices);
    return this.weighted(choices)();
  }

  private deepReal(s: Scope, deep: number, choices: Choice[]): void {
    const real = (): Expr => this.real(s, deep);
    const any = (): Expr => this.number(s, deep);
    const infix =
      (op: string): Make =>
      () =>
        expr("real", "(", ...this.shuffled(real(), ` ${op} `, any()), ")");
    choices.push([5, infix("+")], [4, infix("-")], [this.tame ? 3 : 5, infix("*")]);
    if (this.tame) {
      const over =
        (op: string): Make =>
        () =>
          expr("real", "(", any(), ` ${op} `, this.away(any()), ")");
      choices.push([4, over("/")], [1, over("%")]);
      choices.push([2, () => callOf("real", "Math.sqrt", [this.away(real())])]);
    } else {
      choices.push([3, infix("/")], [1, infix("%")]);
      // `int / int` is a float whatever stands there.
      choices.push([1, () => expr("real", "(", any(), " / ", any(), ")")]);
    }
    choices.push([1, () => expr("real", "(-", real(), ")")]);
    choices.push([1, () => expr("real", "(+", real(), ")")]);
    choices.push([1, () => callOf("real", `Math.${this.pick(["min", "max"])}`, [real(), any()])]);
    choices.push([1, () => callOf("real", `Math.${this.pick(["min", "max"])}`, [any(), real(), any()])]);
    const steps = ["floor", "ceil", "round", "trunc", "sign"];
    const unary = this.pick(this.tame ? ["abs", "abs", "abs", "abs", this.pick(steps)] : ["abs", "sqrt", ...steps]);
    choices.push([3, () => callOf("real", `Math.${unary}`, [real()])]);
    if (this.traits.math) choices.push([6, () => this.library(s, deep)]);
    choices.push([1, () => callOf("real", "stopGradient", [real()])]);
    choices.push([1, () => this.rounded(callOf("real", "Math.fround", [any()]))]);
    choices.push([2, () => expr("real", "(", this.bool(s, deep), " ? ", real(), " : ", real(), ")")]);
    choices.push([1, () => expr("real", "(", any(), " as f64)")]);
    this.calls(s, (r) => r === "real", "real", deep, choices);
    const vars = s.vars.filter((v) => v.type === "real" && v.mutable);
    if (vars.length > 0 && this.once(3)) {
      const { name } = this.pick(vars);
      choices.push([1, () => expr("real", `(${name} = `, real(), ")")]);
      choices.push([1, () => expr("real", `(${name} ${this.pick(["+", "-", "*"])}= `, real(), ")")]);
      choices.push([1, () => expr("real", this.pick([`${name}++`, `(++${name})`, `${name}--`]))]);
    }
  }

  /** What a library computes; in tame programs where it is neither steep nor undefined. */
  private library(s: Scope, deep: number): Expr {
    const real = (): Expr => this.real(s, deep);
    const power = this.pick(["2", "3", "0.5", "(-1)", "1.5"]);
    if (!this.tame) {
      if (this.once(3)) return expr("real", "(", real(), " ** ", this.once(2) ? this.number(s, deep) : power, ")");
      if (this.once(3)) return callOf("real", `Math.${this.pick(mathPairs)}`, [real(), this.number(s, deep)]);
      return callOf("real", `Math.${this.pick(mathUnary)}`, [real()]);
    }
    const small = (): Expr => expr("real", "(", real(), " / ", this.away(real()), ")");
    const bounded = (): Expr =>
      callOf("real", "Math.max", [expr("real", "(-3)"), callOf("real", "Math.min", [real(), expr("real", "3")])]);
    return this.weighted<Make>([
      [3, () => callOf("real", `Math.${this.pick(["exp", "expm1", "sinh", "cosh"])}`, [bounded()])],
      [
        3,
        () =>
          callOf("real", `Math.${this.pick(["log", "log2", "log10", "log1p", "cbrt", "acosh"])}`, [
            expr("real", "(1 + ", this.away(real()), ")"),
          ]),
      ],
      [3, () => callOf("real", `Math.${this.pick(["sin", "cos", "atan", "tanh", "asinh"])}`, [real()])],
      [
        1,
        () =>
          callOf("real", `Math.${this.pick(["tan", "asin", "acos", "atanh"])}`, [
            expr("real", "Math.max((-0.5), Math.min(0.5, ", small(), "))"),
          ]),
      ],
      [1, () => callOf("real", "Math.atan2", [real(), this.away(real())])],
      [1, () => callOf("real", "Math.hypot", [real(), this.away(real())])],
      [2, () => expr("real", "(", this.away(bounded()), " ** ", power, ")")],
    ])();
  }

  /** Any number. */
  number(s: Scope, deep: number): Expr {
    if (!this.once(3)) return this.real(s, deep);
    return this.int(s, deep);
  }

  /** A whole number: an integer, or a float that happens to be one (or none at all). */
  int(s: Scope, deep: number): Expr {
    if (this.once(4)) return this.naturalInt(s, deep);
    const choices: Choice[] = [
      [1, () => expr("int", this.pick(["(-1)", "(-2)", "(-3)", "2147483647", "(-2147483648)", "4294967295", "65537"]))],
      [2, () => this.naturalInt(s, deep)],
    ];
    for (const v of s.vars) if (v.type === "int") choices.push([3, () => expr("int", v.name)]);
    const arrays = this.arraysIn(s).filter((a) => a.elem === "i32");
    if (arrays.length > 0) choices.push([6, () => this.element(s, this.pick(arrays), "int", deep)]);
    this.fields(s, (e) => e === "i32", "int", choices, deep);
    if (deep > 0) this.deepInt(s, deep - 1, choices);
    return this.weighted(choices)();
  }

  private deepInt(s: Scope, deep: number, choices: Choice[]): void {
    const int = (): Expr => this.int(s, deep);
    const infix =
      (op: string, make: Make = int): Make =>
      () =>
        expr("int", "(", make(), ` ${op} `, make(), ")");
    const cut = (e: Expr): Expr => (this.plain ? expr("int", "(", e, " | 0)") : e);
    choices.push([4, infix("+")], [4, infix("-")]);
    // Constants are folded, and `1 % 0` is no integer.
    const divisor = (): Expr =>
      this.tame ? expr("int", "((", this.int(s, deep), " & 7) + 1)") : expr("int", "(", this.int(s, deep), " | 0)");
    choices.push([3, () => cut(infix("*")())], [2, () => cut(expr("int", "(", int(), " % ", divisor(), ")"))]);
    // TypeScript itself takes `x << (((y > …` for type arguments: the plus keeps the bracket away.
    const left = (): Expr => expr("int", "(", int(), " << +", int(), ")");
    choices.push([1, infix("&")], [1, infix("|")], [1, infix("^")], [1, left], [1, infix(">>")]);
    // Bit operators take any number.
    choices.push([1, () => expr("int", "(~", this.bits(s, deep), ")")]);
    choices.push([2, () => expr("int", "(", this.bits(s, deep), " | 0)")]);
    choices.push([2, () => callOf("int", "Math.imul", [this.bits(s, deep), int()])]);
    choices.push([1, () => expr("int", "Math.floor(", int(), ` / ${this.pick(["2", "3", "7"])})`)]);
    if (!this.plain) {
      const constant = this.pick(["(-2)", "(-5)", "4294967296"]);
      choices.push([1, () => expr("int", "Math.floor(", int(), ` / ${constant})`)]);
      choices.push(
        [1, () => expr("int", "Math.trunc(", int(), " / ", divisor(), ")")],
        [1, () => expr("int", "(-", int(), ")")],
      );
    }
    const whole = `Math.${this.pick(["floor", "ceil", "round", "trunc"])}`;
    if (!this.tame) choices.push([1, () => callOf("int", whole, [this.real(s, deep)])]);
    choices.push([1, () => callOf("int", `Math.${this.pick(["abs", "sign", "floor"])}`, [int()])]);
    choices.push([2, () => callOf("int", `Math.${this.pick(["min", "max"])}`, [int(), int()])]);
    choices.push([2, () => expr("int", "(", this.bool(s, deep), " ? ", int(), " : ", int(), ")")]);
    this.calls(s, (r) => r === "int", "int", deep, choices);
    const vars = s.vars.filter((v) => v.type === "int" && v.mutable);
    if (vars.length > 0 && this.once(3)) {
      const { name } = this.pick(vars);
      choices.push([1, () => expr("int", `(${name} = `, int(), ")")]);
      choices.push([1, () => expr("int", `(${name} ${this.pick(["+", "-", "&", "|", ">>"])}= `, int(), ")")]);
      choices.push([1, () => expr("int", this.pick([`${name}++`, `(++${name})`, `${name}--`]))]);
    }
  }

  /** A whole number that is not negative. */
  naturalInt(s: Scope, deep: number): Expr {
    const choices: Choice[] = [[2, () => natural(this.pick(["0", "1", "2", "3", "5", "7"]))]];
    for (const f of s.facts.slice(-4)) choices.push([2, () => natural(enclosed(f.text))]);
    for (const f of s.facts.slice(-2)) choices.push([1, () => natural(f.dim)]);
    for (const c of this.constants) if (c.type === "int") choices.push([1, () => natural(c.name)]);
    const arrays = this.arraysIn(s).filter((a) => a.elem === "u32");
    if (arrays.length > 0)
      choices.push([3, () => ({ ...this.element(s, this.pick(arrays), "int", deep), natural: true })]);
    this.fields(s, (e) => e === "u32", "int", choices, deep);
    if (deep > 0) {
      const n = (): Expr => this.naturalInt(s, deep - 1);
      const infix =
        (op: string): Make =>
        () =>
          natural("(", n(), ` ${op} `, n(), ")");
      choices.push([3, infix("+")], [3, infix("*")]);
      choices.push([2, () => natural("(", n(), ` % ${this.pick(["2", "3", "5"])})`)]);
      const divisor = (): (string | Expr)[] => (this.tame ? ["((", n(), " & 7) + 2)"] : ["(", n(), " | 0)"]);
      choices.push([1, () => natural("(", n(), " % ", ...divisor(), ")")]);
      choices.push([1, () => natural("(", this.bits(s, deep - 1), " >>> 0)")]);
      choices.push([1, () => natural("(", this.int(s, deep - 1), ` & ${this.pick(["1", "3", "15", "255"])})`)]);
      choices.push([1, () => natural("Math.clz32(", this.bits(s, deep - 1), ")")]);
      choices.push([1, () => natural("Math.floor(", n(), ` / ${this.pick(["2", "3", "4"])})`)]);
      choices.push([1, () => natural("(", n(), ` >>> ${this.pick(["1", "2"])})`)]);
    }
    return this.weighted(choices)();
  }

  bool(s: Scope, deep: number): Expr {
    const compare =
      (op: string): Make =>
      () => {
        const of = (): Expr => (this.once(2) ? this.int(s, deep - 1) : this.bits(s, deep - 1));
        return expr("bool", "(", of(), ` ${op} `, of(), ")");
      };
    const choices: Choice[] = [
      [4, compare(this.pick(["<", "<=", ">", ">="]))],
      // The checker refuses to compare two literals, and remembers which literal an element was compared with.
      [
        2,
        () =>
          expr(
            "bool",
            "(",
            this.variableNumber(s, deep),
            ` ${this.pick(["===", "===", "!==", "!==", "==", "!="])} `,
            this.anyNumber(s, deep),
            ")",
          ),
      ],
    ];
    for (const v of s.vars) if (v.type === "bool") choices.push([3, () => expr("bool", v.name)]);
    const arrays = this.arraysIn(s).filter((a) => a.elem === "bool");
    if (arrays.length > 0) choices.push([4, () => this.element(s, this.pick(arrays), "bool", deep)]);
    this.fields(s, (e) => e === "bool", "bool", choices, deep);
    if (deep > 0) {
      const bool = (): Expr => this.bool(s, deep - 1);
      choices.push([2, () => expr("bool", "(", bool(), " && ", bool(), ")")]);
      choices.push([2, () => expr("bool", "(", bool(), " || ", bool(), ")")]);
      choices.push([1, () => expr("bool", "(!", bool(), ")")]);
      choices.push([1, () => expr("bool", "(", bool(), " ? ", bool(), " : ", bool(), ")")]);
      choices.push([2, () => this.guarded(s, deep)]);
      this.calls(s, (r) => r === "bool", "bool", deep - 1, choices);
    }
    return this.weighted(choices)();
  }

  /** `i + 1 < n && A[i + 1] > x`: an access that only the left side makes legal. */
  private guarded(s: Scope, deep: number): Expr {
    if (s.facts.length === 0) return this.bool(s, deep - 1);
    const open = this.pick(s.facts);
    const step = this.pick(["1", "2"]);
    const inner: Scope = { ...s, facts: [...s.facts, { text: `${enclosed(open.text)} + ${step}`, dim: open.dim }] };
    const text = enclosed(open.text);
    if (this.once(2)) return expr("bool", `(${text} + ${step} < ${open.dim} && `, this.bool(inner, deep - 1), ")");
    return expr("bool", `(${text} + ${step} >= ${open.dim} || `, this.bool(inner, deep - 1), ")");
  }

  private anyNumber(s: Scope, deep: number): Expr {
    return expr("number", "(", this.bits(s, deep - 1), " + ", this.int(s, deep - 1), ")");
  }

  /** A number that TypeScript's checker takes for any number. */
  private variableNumber(s: Scope, deep: number): Expr {
    const fits = (e: ArrayVariable["elem"]): boolean => typeof e === "string" && (this.tame ? isInt(e) : e !== "bool");
    const arrays = this.arraysIn(s).filter((a) => fits(a.elem));
    if (arrays.length > 0 && !this.once(3)) return this.element(s, this.pick(arrays), "number", deep);
    return expr("number", "(", this.int(s, deep - 1), " + ", this.naturalInt(s, deep - 1), ")");
  }

  element(s: Scope, a: ArrayVariable, kind: Kind, deep: number): Expr {
    const place = this.place(s, a, deep);
    return a.elem === "f32" ? this.rounded({ ...place, kind }) : { ...place, kind };
  }

  /** An f32 value as what the program may compute with. */
  private rounded(e: Expr): Expr {
    return this.plain ? expr("real", "(", e, " as f64)") : e;
  }

  floatLiteral(): Expr {
    const literals = ["0.5", "1.5", "0.1", "2.25", "1e-3", "(-0.75)", "0.3333333333333333"];
    if (this.once(8)) return expr("real", `Math.${this.pick(mathConstants)}`);
    if (this.tame) return expr("real", this.pick(literals));
    if (this.once(20)) return expr("real", this.pick(["NaN", "Infinity", "(-Infinity)"]));
    if (this.once(12)) return expr("real", `(${this.pick(["1 / 0", "0 / 0", "1e300", "1e-300"])} * 1.5)`);
    return expr("real", this.pick([...literals, "1e10"]));
  }

  /** Fields, in any depth, of the structs in scope and of elements of arrays of structs. */
  private fields(s: Scope, want: (e: ElemName) => boolean, kind: Kind, choices: Choice[], deep: number): void {
    for (const v of s.structs) {
      for (const [path, type] of leafPaths(v.def)) {
        if (want(type)) choices.push([1, () => this.ofElem(expr(kind, v.name + path), type)]);
      }
    }
    for (const a of this.arraysIn(s)) {
      if (typeof a.elem === "string") continue;
      const paths = leafPaths(a.elem).filter(([, type]) => want(type));
      if (paths.length === 0) continue;
      const [path, type] = this.pick(paths);
      choices.push([2, () => this.ofElem(expr(kind, this.place(s, a, deep), path), type)]);
    }
  }

  private ofElem(e: Expr, type: ElemName): Expr {
    if (type === "f32") return this.rounded(e);
    return type === "u32" ? { ...e, natural: true } : e;
  }

  private calls(
    s: Scope,
    want: (r: Signature["result"]) => boolean,
    kind: Kind,
    deep: number,
    choices: Choice[],
  ): void {
    for (const f of this.signatures) {
      if (!want(f.result)) continue;
      choices.push([1, () => this.call(s, f, kind, deep) ?? expr(kind, kind === "bool" ? "(1 < 2)" : "1")]);
    }
  }

  /** A call of the function with arguments in scope; null when some array it takes is not there. */
  call(s: Scope, f: Signature, kind: Kind, deep: number): Expr | null {
    const args: Expr[] = [];
    for (const p of f.params) {
      switch (p.kind) {
        case "scalar":
          args.push(this.scalar(s, p.type, Math.min(deep, 1)));
          break;
        case "struct":
          args.push(this.struct(s, p.def, Math.min(deep, 1), true));
          break;
        case "structs": {
          const arrays = s.arrays.filter((a) => a.elem === p.def && a.dims.length === 1);
          if (arrays.length === 0) return null;
          args.push(expr("value", this.pick(arrays).name));
          break;
        }
        case "array": {
          const fits = (a: ArrayVariable): boolean =>
            a.dims.length >= p.rank &&
            (p.elems as readonly unknown[]).includes(a.elem) &&
            (a.writable || !p.writable) &&
            this.within(s, a.dims.slice(0, a.dims.length - p.rank));
          const arrays = s.arrays.filter(fits);
          if (arrays.length === 0) return null;
          const a = this.pick(arrays);
          args.push(this.place(s, a, 0, a.dims.length - p.rank));
        }
      }
    }
    return callOf(kind, f.name, args);
  }

  scalar(s: Scope, type: "real" | "f32" | "int" | "bool", deep: number): Expr {
    if (type === "bool") return this.bool(s, deep);
    return type === "int" ? this.int(s, deep) : this.plain || this.once(2) ? this.real(s, deep) : this.number(s, deep);
  }

  /** A value for a field: in plain JavaScript fields are no typed storage, so integers are cut here. */
  field(s: Scope, type: ElemName, deep: number): Expr {
    if (type === "bool") return this.bool(s, deep);
    if (type === "f64") return this.plain ? this.real(s, deep) : this.number(s, deep);
    if (isInt(type) && this.plain) return expr("int", "(", this.int(s, deep), type === "i32" ? " | 0)" : " >>> 0)");
    return isInt(type) ? this.int(s, deep) : this.number(s, deep);
  }

  /** A struct value: a literal or a call; where it is only read, an existing one too. */
  struct(s: Scope, def: StructDef, deep: number, readOnly: boolean): Expr {
    const choices: Choice[] = [[3, () => this.structLiteral(s, def, deep)]];
    if (readOnly) {
      for (const v of s.structs) if (v.def === def) choices.push([4, () => expr("value", v.name)]);
      for (const a of this.arraysIn(s)) if (a.elem === def) choices.push([4, () => this.place(s, a, deep)]);
    }
    if (deep > 0) {
      for (const f of this.signatures) {
        if (f.result !== def) continue;
        choices.push([3, () => this.call(s, f, "value", deep - 1) ?? this.structLiteral(s, def, deep)]);
      }
    }
    return this.weighted(choices)();
  }

  private structLiteral(s: Scope, def: StructDef, deep: number): Expr {
    const parts = def.fields.flatMap((f, k): (string | Expr)[] => {
      const value = typeof f.type === "string" ? this.field(s, f.type, deep) : this.structLiteral(s, f.type, deep);
      return [`${k === 0 ? "" : ", "}${def.tuple ? "" : `${f.name}: `}`, value];
    });
    return def.tuple ? expr("value", "[", ...parts, "]") : expr("value", "{ ", ...parts, " }");
  }

  private shuffled(a: Expr, op: string, b: Expr): (string | Expr)[] {
    return this.once(2) ? [a, op, b] : [b, op, a];
  }
}

/** The scalars of a struct: `.p.x`, `[0]`. */
export function leafPaths(def: StructDef): readonly (readonly [string, ElemName])[] {
  return def.fields.flatMap((f): (readonly [string, ElemName])[] => {
    const step = def.tuple ? `[${f.name}]` : `.${f.name}`;
    if (typeof f.type === "string") return [[step, f.type]];
    return leafPaths(f.type).map(([path, type]) => [step + path, type]);
  });
}
