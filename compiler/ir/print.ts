/** Writes IR as text, which parse.ts reads back; the grammar is there. */
import type { Loc } from "../diagnostic.ts";
import { noSpan } from "../diagnostic.ts";
import {
  type Arg,
  type Block,
  type Call,
  type Const,
  type Expr,
  type Func,
  isArray,
  isArrayType,
  type Module,
  type Operand,
  type OpMode,
  type Polynomial,
  type Requirement,
  type Stmt,
  type Type,
  type Value,
} from "./ir.ts";
import { isIdentifier, namesOf } from "./names.ts";

export interface PrintOptions {
  /** Ends each line with where its statement comes from: `!gemm.ts:3:5:40-52`. */
  readonly spans?: boolean;
}

/** The module as text. Equal modules print equally; parsing the text and printing again gives the same text. */
export function print(m: Module, options: PrintOptions = {}): string {
  return `stage ${m.stage}\n${m.funcs.map((f) => `\n${printFunc(f, options)}`).join("")}`;
}

/** One function as text, ending in a newline. */
export function printFunc(f: Func, options: PrintOptions = {}): string {
  return new Printer(namesOf(f), options.spans === true).func(f);
}

/** `@name`, quoted where it is no identifier. */
export const printName = (name: string): string => `@${isIdentifier(name) ? name : JSON.stringify(name)}`;

/** A constant as text: bare integers are indices, other numbers carry their type. */
export function printConst(c: Const): string {
  if (typeof c.value === "boolean") return String(c.value);
  const text = Object.is(c.value, -0) ? "-0" : c.type === "f32" ? shortest(c.value) : String(c.value);
  return c.type === "index" ? text : `${text}${c.type}`;
}

/** The shortest decimal that rounds to the f32 `x`. */
function shortest(x: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = String(Number(x.toPrecision(digits)));
    if (Math.fround(Number(text)) === x) return text;
  }
  return String(x);
}

/** A type as text; `name` names the values among its sizes. */
export function printType(t: Type, name: (v: Value) => string): string {
  if (!isArrayType(t)) return t;
  const dims = t.dims.map((d) => (d.kind === "const" ? printConst(d) : `%${name(d)}`));
  return `${t.elem}[${dims.join(", ")}]${t.space === "global" ? "" : ` @${t.space}`}`;
}

const modeText = (mode: OpMode): string => (mode === "contract" ? "" : ` ${mode}`);

class Printer {
  private text = "";
  private depth = 0;
  private readonly name: (v: Value) => string;
  private readonly spans: boolean;

  constructor(name: (v: Value) => string, spans: boolean) {
    this.name = name;
    this.spans = spans;
  }

  func(f: Func): string {
    const results = f.results.length === 1 ? f.results[0] : `(${f.results.join(", ")})`;
    const head = [
      f.exported ? "export " : "",
      f.noinline === true ? "noinline " : "",
      `${f.kind} ${printName(f.name)}(${f.params.map((p) => this.define(p)).join(", ")})`,
      f.results.length === 0 ? "" : ` -> ${results}`,
    ].join("");
    if (f.requires.length === 0) this.line(`${head} {`, f.loc);
    else {
      this.line(head);
      this.depth++;
      for (const r of f.requires) this.line(this.requirement(r), r.loc);
      this.depth--;
      this.line("{", f.loc);
    }
    this.block(f.body);
    this.line("}");
    return this.text;
  }

  private line(text: string, loc?: Loc): void {
    const where = this.spans && loc !== undefined ? printLoc(loc) : "";
    this.text += `${"  ".repeat(this.depth)}${text}${where && `  ${where}`}\n`;
  }

  private block(b: Block): void {
    this.depth++;
    for (const s of b.stmts) this.stmt(s);
    if (b.yields.length > 0) this.line(`yield ${this.list(b.yields)}`);
    this.depth--;
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        this.line(`${this.define(s.result)} = ${this.expr(s.expr)}`, s.loc);
        break;
      case "alloc":
        this.line(`${this.define(s.result)} = alloc`, s.loc);
        break;
      case "store":
        this.line(`store ${this.at(s.array, s.index)}, ${this.operand(s.value)}`, s.loc);
        break;
      case "accum": {
        const op = `accum${s.atomic ? " atomic" : ""} ${s.op}${modeText(s.mode)}`;
        this.line(`${op} ${this.at(s.array, s.index)}, ${this.operand(s.value)}`, s.loc);
        break;
      }
      case "check":
        this.line(`check %${this.name(s.array)} axis ${s.axis} at ${this.operand(s.index)}`, s.loc);
        break;
      case "for": {
        const range = `${s.mode}(${this.operand(s.lo)}, ${this.operand(s.hi)})`;
        this.line(`${this.results(s.results)}for %${this.name(s.index)} in ${range}${this.carried(s)} {`, s.loc);
        this.block(s.body);
        this.line("}");
        break;
      }
      case "while": {
        const max = s.max === null ? "" : ` max ${this.operand(s.max)}`;
        this.line(`${this.results(s.results)}while${this.carried(s)}${max} {`, s.loc);
        this.block(s.cond);
        this.line("} do {");
        this.block(s.body);
        this.line("}");
        break;
      }
      case "if":
        this.line(`${this.results(s.results)}if ${this.operand(s.cond)} {`, s.loc);
        this.block(s.then);
        if (s.else.stmts.length > 0 || s.else.yields.length > 0) {
          this.line("} else {");
          this.block(s.else);
        }
        this.line("}");
        break;
      case "call":
        this.line(`${this.results(s.results)}${this.call(s)}`, s.loc);
        break;
      case "limit": {
        const [message, help] = [s.message, s.help].map((text) => JSON.stringify(text));
        this.line(`limit ${this.operand(s.bytes)} to ${s.most} else ${message} help ${help}`, s.loc);
        break;
      }
      case "copy":
        this.line(`copy ${this.list([s.from])} to ${this.list([s.to])}`, s.loc);
        break;
      case "launch":
        this.line(`launch ${printName(s.callee)}(${this.list(s.args)})`, s.loc);
        break;
    }
  }

  private call(s: Call): string {
    const adjoint = s.adjoint === undefined ? "" : ` adjoint ${printName(s.adjoint)}`;
    return `call ${printName(s.callee)}(${this.list(s.args)})${adjoint}`;
  }

  private expr(e: Expr): string {
    switch (e.kind) {
      case "unary":
        return `${e.op}${modeText(e.mode)} ${this.operand(e.a)}`;
      case "binary":
        return `${e.op}${modeText(e.mode)} ${this.operand(e.a)}, ${this.operand(e.b)}`;
      case "compare":
        return `${e.op} ${this.operand(e.a)}, ${this.operand(e.b)}`;
      case "select":
        return `select ${this.list([e.cond, e.a, e.b])}`;
      case "cast":
        return `cast ${this.operand(e.a)}`;
      case "load":
        return `load ${this.at(e.array, e.index)}`;
    }
  }

  private define(v: Value): string {
    return `%${this.name(v)}: ${printType(v.type, this.name)}`;
  }

  private results(values: readonly Value[]): string {
    return values.length === 0 ? "" : `${values.map((v) => this.define(v)).join(", ")} = `;
  }

  private carried(s: { readonly carried: readonly Value[]; readonly inits: readonly Operand[] }): string {
    if (s.carried.length === 0) return "";
    const pairs = s.carried.map((v, i) => {
      const init = s.inits[i];
      return `%${this.name(v)} = ${init === undefined ? "?" : this.operand(init)}`;
    });
    return ` with ${pairs.join(", ")}`;
  }

  private operand(o: Operand): string {
    return o.kind === "const" ? printConst(o) : `%${this.name(o)}`;
  }

  private at(array: Value, index: readonly Operand[]): string {
    return `%${this.name(array)}[${this.list(index)}]`;
  }

  private list(args: readonly Arg[]): string {
    return args
      .map((a) => {
        if (a.kind === "view") return this.at(a.array, a.prefix);
        return isArray(a) ? `%${this.name(a)}` : this.operand(a);
      })
      .join(", ");
  }

  private requirement(r: Requirement): string {
    const conditions = r.when?.map((w) => `${this.polynomial(w)} >= 0`).join(", ");
    const when = conditions === undefined ? "" : ` when ${conditions || "always"}`;
    const { access } = r;
    const at = access === null ? "" : ` at ${this.polynomial(access.index)} of ${this.polynomial(access.extent)}`;
    return `requires ${this.polynomial(r.need)} >= 0${when}${at} else ${JSON.stringify(r.message)}`;
  }

  /** Terms first, the constant last: `2 * %n - %m * %k + 1`. */
  private polynomial(p: Polynomial): string {
    let text = "";
    const add = (factor: number, rest: string | null): void => {
      const size = Math.abs(factor);
      const term = rest === null ? String(size) : size === 1 ? rest : `${size} * ${rest}`;
      const minus = factor < 0;
      text += text === "" ? `${minus ? "-" : ""}${term}` : ` ${minus ? "-" : "+"} ${term}`;
    };
    for (const t of p.terms) add(t.factor, t.values.map((v) => `%${this.name(v)}`).join(" * "));
    if (p.constant !== 0 || text === "") add(p.constant, null);
    return text;
  }
}

/** `!file:line:column:start-end role < …`, innermost call first; nothing for `noLoc`. */
function printLoc(loc: Loc): string {
  if (isNowhere(loc)) return "";
  const frames: string[] = [];
  for (let l: Loc | undefined = loc; l !== undefined; l = l.inlinedAt) {
    const { file, line, column, start, end } = l.span;
    const name = /^[^\s"<#]+$/.test(file) ? file : JSON.stringify(file);
    frames.push(`${name}:${line}:${column}:${start}-${end}${l.role === "primal" ? "" : ` ${l.role}`}`);
  }
  return `!${frames.join(" < ")}`;
}

function isNowhere(loc: Loc): boolean {
  const { file, line, start, end } = loc.span;
  const same = file === noSpan.file && line === noSpan.line && start === noSpan.start && end === noSpan.end;
  return same && loc.role === "primal" && loc.inlinedAt === undefined;
}
