/** Random statements but for loops: declarations, assignments of every form, branches, jumps, calls for their effect. */
import { Expressions, isFloat, leafPaths } from "./expressions.ts";
import {
  type ArrayVariable,
  type ElemName,
  type Scope,
  type StructDef,
  type StructVariable,
  sizeNames,
  type Variable,
  type VarType,
} from "./scope.ts";
import { type Block, block, type Expr, expr, type Stmt, stmt } from "./tree.ts";

/** A statement, and the scope of those that follow. */
export interface Made {
  readonly stmts: readonly Stmt[];
  readonly scope: Scope;
}
type Make = () => Made | null;

const typeNames: Readonly<Record<VarType, readonly string[]>> = {
  real: ["f64", "number", "real"],
  f32: ["f32"],
  int: ["i32", "index"],
  bool: ["bool", "boolean"],
};

export abstract class Statements extends Expressions {
  /** How many more statements the function may have. */
  protected budget = 0;

  abstract loop(s: Scope): Made;

  /** Whether variables may be f32. */
  protected get single(): boolean {
    return !this.plain;
  }

  /** Statements one after another. Where it `mayHide`, the block may declare a name of an outer one again. */
  block(scope: Scope, most: number, mayHide = true, least = 1): Block {
    const stmts: Stmt[] = [];
    let s: Scope = { ...scope, depth: scope.depth + 1 };
    const n = least + this.below(most);
    for (let i = 0; i < n && this.budget > 0; i++) {
      this.budget--;
      // A name is hidden in the whole block: only its first statement may do so.
      const made = i === 0 && mayHide && this.once(12) ? this.hiding(s) : this.statement(s);
      stmts.push(...made.stmts);
      s = made.scope;
    }
    return block(stmts);
  }

  private hiding(s: Scope): Made {
    const outer = s.vars.filter((v) => /^[vxu]\d/.test(v.name));
    if (s.depth < 1 || outer.length === 0) return this.statement(s);
    const { name } = this.pick(outer);
    return this.declaration({ ...s, vars: s.vars.filter((v) => v.name !== name) }, name);
  }

  protected statement(s: Scope): Made {
    for (;;) {
      const made = this.weighted<Make>([
        [4, () => this.declaration(s)],
        [3, () => this.assignVariable(s)],
        [9, () => this.assignElement(s)],
        [2, () => this.assignField(s)],
        [1, () => this.swap(s)],
        [1, () => this.destructure(s)],
        [1, () => this.localArray(s)],
        [1, () => this.rowView(s)],
        [2, () => this.localStruct(s)],
        [2, () => this.callForEffect(s)],
        [s.depth < 4 ? 3 : 0, () => this.branch(s)],
        [s.depth < 4 ? (s.depth < 2 ? 9 : 4) : 0, () => this.loop(s)],
        [1, () => this.jump(s)],
        [s.depth < 3 ? 1 : 0, () => ({ stmts: [stmt(this.block(s, 2))], scope: s })],
      ])();
      if (made !== null) return made;
    }
  }

  private declaration(s: Scope, name = this.fresh("v")): Made {
    const type = this.pick<VarType>(
      this.single ? ["real", "real", "f32", "int", "bool"] : ["real", "real", "int", "bool"],
    );
    const mutable = !this.once(3);
    const v: Variable = { name, type, mutable };
    const after: Scope = { ...s, vars: [...s.vars, v] };
    const value = this.scalar(s, type, 2);
    // Without an annotation an f32 variable is whatever it is given.
    const annotated = type === "f32" || (type === "real" && value.kind !== "real") || this.once(2);
    const annotation = annotated ? `: ${this.pick(typeNames[type])}` : "";
    if (mutable && this.once(8)) {
      const set = (e: Expr): Stmt => stmt(`${name} = `, e, ";");
      const both = [block([set(value)]), block([set(this.scalar(s, type, 1))])] as const;
      const choose = stmt("if (", this.bool(s, 1), ") ", both[0], " else ", both[1]);
      return { stmts: [stmt(`let ${name}: ${this.pick(typeNames[type])};`), choose], scope: after };
    }
    return { stmts: [stmt(`${mutable ? "let" : "const"} ${name}${annotation} = `, value, ";")], scope: after };
  }

  protected assignVariable(s: Scope): Made | null {
    const vars = s.vars.filter((v) => v.mutable);
    if (vars.length === 0) return null;
    const { name, type } = this.pick(vars);
    if (type === "bool") return this.only(s, stmt(`${name} = `, this.bool(s, 2), ";"));
    if (this.once(6)) return this.only(s, stmt(this.pick([`${name}++;`, `--${name};`, `${name} += 1;`])));
    if (this.once(2)) return this.only(s, stmt(`${name} = `, this.scalar(s, type, 3), ";"));
    if (type === "int") {
      const ops = ["+", "-", "&", "|", "^", "<<", ">>", ">>>", ...(this.plain ? [] : ["*", "%"])];
      return this.only(s, stmt(`${name} ${this.pick(ops)}= `, this.int(s, 2), ";"));
    }
    if (this.tame) {
      const op = this.pick(["+", "-", "*", "/"]);
      const operand = op === "/" ? this.away(this.number(s, 1)) : this.number(s, 2);
      return this.only(s, stmt(`${name} ${op}= `, operand, ";"));
    }
    const ops = ["+", "-", "*", "/", "%"];
    if (this.traits.math && this.once(8)) return this.only(s, stmt(`${name} **= `, this.number(s, 1), ";"));
    return this.only(s, stmt(`${name} ${this.pick(ops)}= `, this.number(s, 2), ";"));
  }

  protected only(scope: Scope, ...stmts: Stmt[]): Made {
    return { stmts, scope };
  }

  protected writableArrays(s: Scope): readonly ArrayVariable[] {
    return this.arraysIn(s).filter((a) => a.writable);
  }

  private assignElement(s: Scope): Made | null {
    const arrays = this.writableArrays(s);
    if (arrays.length === 0) return null;
    const a = this.pick(arrays);
    const place = this.place(s, a, 2);
    if (typeof a.elem !== "string") return this.only(s, stmt(place, " = ", this.struct(s, a.elem, 2, false), ";"));
    return this.only(s, this.intoElement(s, a.elem, place));
  }

  protected intoElement(s: Scope, elem: ElemName, place: Expr): Stmt {
    if (elem === "bool") return stmt(place, " = ", this.bool(s, 2), ";");
    const value = (): Expr => (isFloat(elem) ? this.number(s, 3) : this.int(s, 3));
    // An f32 element meets integers and constants in f32, which plain JavaScript does not.
    const mild = (op: string): Expr => {
      if (this.tame && !isFloat(elem))
        return op === "/" ? expr("int", "((", this.int(s, 2), " & 7) + 1)") : this.int(s, 2);
      if (this.tame && op === "/") return this.away(this.number(s, 1));
      return elem === "f32" && this.plain ? expr("real", "(", this.real(s, 2), " as f64)") : this.number(s, 2);
    };
    if (this.once(12)) return stmt(place, this.pick(["++;", "--;"]));
    if (this.once(10)) return this.chained(s, elem, place);
    if (this.once(2)) return stmt(place, " = ", this.once(4) && !this.tame ? this.number(s, 3) : value(), ";");
    const words = ["&", "|", "^", "<<", ">>", ">>>", "%"];
    const arithmetic = ["+", "+", "-", "*", "/"];
    const op = this.pick(isFloat(elem) || this.once(2) ? arithmetic : words);
    return stmt(place, ` ${op}= `, elem !== "f32" && (op === "+" || op === "-") ? value() : mild(op), ";");
  }

  /** `x = A[i] = value`: the variable gets the value, not what the element made of it. */
  private chained(s: Scope, elem: ElemName, place: Expr): Stmt {
    const type: VarType = elem === "f64" ? "real" : "int";
    const vars = s.vars.filter((v) => v.mutable && v.type === type);
    const target = vars.length === 0 || elem === "f32" ? "" : `${this.pick(vars).name} = `;
    return stmt(target, place, " = ", this.scalar(s, type, 2), ";");
  }

  protected assignField(s: Scope): Made | null {
    const local = s.structs.filter((v) => v.mutable);
    const arrays = this.writableArrays(s).filter((a) => typeof a.elem !== "string");
    if (local.length + arrays.length === 0) return null;
    const k = this.below(local.length + arrays.length);
    const v = local[k];
    const a = arrays[k - local.length];
    const [path, type] = this.pick(leafPaths(v?.def ?? (a?.elem as StructDef)));
    const target =
      v !== undefined ? expr("value", v.name + path) : expr("value", this.place(s, a as ArrayVariable), path);
    const operators = type === "f64" || (!this.plain && type !== "bool");
    if (operators && this.once(2)) {
      const value = type === "f64" || type === "f32" ? this.number(s, 2) : this.int(s, 2);
      return this.only(s, stmt(target, ` ${this.pick(["+", "-", "*"])}= `, value, ";"));
    }
    return this.only(s, stmt(target, " = ", this.field(s, type, 2), ";"));
  }

  private swap(s: Scope): Made | null {
    const places: (readonly [string, Expr])[] = s.vars
      .filter((v) => v.mutable)
      .map((v) => [v.type, expr("value", v.name)]);
    for (const a of this.writableArrays(s)) {
      if (typeof a.elem === "string") for (let i = 0; i < 2; i++) places.push([a.elem, this.place(s, a)]);
    }
    const [type] = places.length === 0 ? [""] : this.pick(places);
    const same = places.filter(([t]) => t === type);
    if (same.length < 2) return null;
    const [a, b] = [this.pick(same)[1], this.pick(same)[1]];
    return this.only(s, stmt("[", a, ", ", b, "] = [", b, ", ", a, "];"));
  }

  private destructure(s: Scope): Made | null {
    const defs = new Set([...s.structs.map((v) => v.def), ...this.signatures.map((f) => f.result)]);
    const flat = [...defs].filter((d): d is StructDef => typeof d === "object").filter((d) => d.fields.every(isScalar));
    if (flat.length === 0) return null;
    const def = this.pick(flat);
    const names = def.fields.map(() => this.fresh("u"));
    const pattern = def.fields.map((f, k) => (def.tuple ? names[k] : `${f.name}: ${names[k]}`)).join(", ");
    const value = this.struct(s, def, 1, true);
    const literal = value.callee === undefined && (value.parts[0] === "[" || value.parts[0] === "{ ");
    // A literal taken apart is typed by its parts alone; fields that are f32 or integers say so by their struct.
    if (literal) return null;
    const vars = def.fields.map(
      (f, k): Variable => ({ name: names[k] ?? "", type: varType(f.type as ElemName), mutable: false }),
    );
    const text = def.tuple ? `const [${pattern}] = ` : `const { ${pattern} } = `;
    return { stmts: [stmt(text, value, ";")], scope: { ...s, vars: [...s.vars, ...this.readable(vars)] } };
  }

  /** In plain programs f32 variables are not to be computed with. */
  private readable(vars: readonly Variable[]): readonly Variable[] {
    return this.plain ? vars.filter((v) => v.type !== "f32") : vars;
  }

  private localArray(s: Scope): Made | null {
    if (s.depth > 3) return null;
    const name = this.fresh("t");
    const elem = this.pick<ElemName>(["f64", "f64", this.single || this.plain ? "f32" : "f64", "i32", "u32", "bool"]);
    if (this.once(2)) {
      const rank = 1 + this.below(2);
      const sizes = Array.from({ length: rank }, () => this.localSize(s));
      const a: ArrayVariable = { name, elem, dims: sizes, writable: true };
      return {
        stmts: [stmt(`const ${name} = zeros("${elem}", ${sizes.join(", ")});`)],
        scope: { ...s, arrays: [...s.arrays, a] },
      };
    }
    return this.literalArray(s, name);
  }

  /** Sizes of local arrays are known when the kernel starts. */
  private localSize(s: Scope): string {
    const known = s.arrays.flatMap((a) => a.dims).filter((d) => sizeNames.includes(d));
    return known.length === 0 || this.once(2) ? this.pick(["2", "3", "4"]) : this.pick(known);
  }

  private literalArray(s: Scope, name: string): Made {
    const [rows, columns] = [1 + this.below(3), this.once(3) ? 2 : 0];
    // Plain JavaScript's literals are no typed rows: they store doubles, and integers only if nobody writes them.
    const int = this.once(3);
    const value = (): Expr => (int ? this.field(s, "i32", 1) : this.real(s, 1));
    const list = (n: number, make: () => Expr): Expr => {
      const parts = Array.from({ length: n }, (_, k) => (k === 0 ? [make()] : [", ", make()])).flat();
      return expr("value", "[", ...parts, "]");
    };
    const brackets = columns > 0 ? "[][]" : "[]";
    const text = `const ${name}: ${int ? "i32" : "f64"}${brackets} = `;
    const init = columns > 0 ? list(rows, () => list(columns, value)) : list(rows, value);
    const dims = columns > 0 ? [String(rows), String(columns)] : [String(rows)];
    const a: ArrayVariable = { name, elem: int ? "i32" : "f64", dims, writable: !(int && this.plain) };
    return { stmts: [stmt(text, init, ";")], scope: { ...s, arrays: [...s.arrays, a] } };
  }

  private rowView(s: Scope): Made | null {
    const arrays = s.arrays.filter((a) => a.dims.length > 1 && this.within(s, a.dims.slice(0, 1)));
    if (arrays.length === 0) return null;
    const a = this.pick(arrays);
    const name = this.fresh("r");
    const row: ArrayVariable = { ...a, name, dims: a.dims.slice(1) };
    return {
      stmts: [stmt(`const ${name} = `, this.place(s, a, 1, 1), ";")],
      scope: { ...s, arrays: [...s.arrays, row] },
    };
  }

  private localStruct(s: Scope): Made | null {
    if (this.structDefs.length === 0) return null;
    const def = this.pick(this.structDefs);
    const name = this.fresh("p");
    const v: StructVariable = { name, def, mutable: true };
    const text = `${this.pick(["const", "let"])} ${name}: ${def.name} = `;
    return {
      stmts: [stmt(text, this.struct(s, def, 2, false), ";")],
      scope: { ...s, structs: [...s.structs, v] },
    };
  }

  private callForEffect(s: Scope): Made | null {
    if (this.signatures.length === 0) return null;
    const f = this.pick(this.signatures);
    const call = this.call(s, f, "value", 1);
    return call === null ? null : this.only(s, stmt(call, ";"));
  }

  private branch(s: Scope): Made {
    const test = this.once(6) && s.arrays.length > 0 ? this.truthy(s) : this.bool(s, 2);
    if (this.once(4) && s.facts.length > 0) return this.guard(s);
    const parts: (string | Expr | Block)[] = ["if (", test, ") ", this.block(s, 3)];
    if (this.once(3)) parts.push(" else if (", this.bool(s, 1), ") ", this.block(s, 2));
    if (this.once(2)) parts.push(" else ", this.block(s, 2));
    return this.only(s, stmt(...parts));
  }

  /** A number as a condition. */
  private truthy(s: Scope): Expr {
    const number = (): Expr => (this.tame ? this.int(s, 1) : this.number(s, 1));
    return expr("bool", this.once(2) ? "!" : "", "(", this.tame ? number() : this.real(s, 1), " + ", number(), ")");
  }

  /** A branch in which a subscript is inside. */
  private guard(s: Scope): Made {
    const { text, dim } = this.pick(s.facts);
    const shift = this.pick(["1", "2"]);
    const base = text.includes(" ") ? `(${text})` : text;
    const [test, inside] = this.once(2)
      ? [`${base} + ${shift} < ${dim}`, `${base} + ${shift}`]
      : [`${base} >= ${shift}`, `${base} - ${shift}`];
    const inner: Scope = { ...s, facts: [...s.facts, { text: inside, dim }] };
    const parts: (string | Expr | Block)[] = [
      `if (${test}`,
      ...(this.once(3) ? [" && ", this.bool(inner, 1)] : []),
      ") ",
    ];
    parts.push(this.block(inner, 3));
    if (this.once(3)) parts.push(" else ", this.block(s, 2));
    return this.only(s, stmt(...parts));
  }

  /** A jump stands in a branch, so that what follows may run. */
  private jump(s: Scope): Made | null {
    const statement = this.jumpText(s);
    if (statement === null) return null;
    const parts: (string | Expr | Block)[] = ["if (", this.bool(s, 2), ") "];
    const before = this.once(3) ? this.block(s, 2, false).stmts : [];
    const jumping = block([...before, statement]);
    if (this.once(5)) parts.push(this.block(s, 2), " else ", jumping);
    else parts.push(jumping);
    return this.only(s, stmt(...parts));
  }

  private jumpText(s: Scope): Stmt | null {
    if (s.loops.length === 0 || this.once(5)) return s.depth > 1 || this.once(3) ? this.returned(s) : null;
    const word = this.pick(["break", "continue"]);
    const labels = s.loops.filter((l) => l.label !== null);
    if (labels.length > 0 && this.once(2)) return stmt(`${word} ${this.pick(labels).label};`);
    return stmt(`${word};`);
  }

  /** `return`, with a value of the function's result type. */
  returned(s: Scope): Stmt {
    const { result } = s;
    if (result === "void") return stmt("return;");
    if (typeof result === "object") return stmt("return ", this.struct(s, result, 1, false), ";");
    return stmt("return ", this.scalar(s, result, 2), ";");
  }
}

const isScalar = (f: StructDef["fields"][number]): boolean => typeof f.type === "string";
const varType = (e: ElemName): VarType => (e === "f64" ? "real" : e === "f32" || e === "bool" ? e : "int");
