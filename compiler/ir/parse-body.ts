/** Statements and blocks of IR text. */
import { value } from "./build.ts";
import {
  type Block,
  type Expr,
  isArray,
  isScalar,
  type LoopMode,
  type Operand,
  type OpMode,
  type Scalar,
  type ScalarType,
  type Stmt,
  type Type,
  type Value,
} from "./ir.ts";
import type { Token } from "./lexer.ts";
import { binaryOps, compareOps, reduceOps, unaryOps } from "./ops.ts";
import { OperandParser } from "./parse-operands.ts";

const modes: readonly OpMode[] = ["strict", "contract", "reassociate", "fast"];
const loopModes: readonly LoopMode[] = [
  "seq",
  "par",
  "vector",
  "grid.x",
  "grid.y",
  "grid.z",
  "threads.x",
  "threads.y",
  "threads.z",
];
const keys = <T extends object>(table: T): (keyof T & string)[] => Object.keys(table) as (keyof T & string)[];
const has = <T extends object>(table: T, key: string): key is keyof T & string => Object.hasOwn(table, key);

/** Reads blocks; see parse.ts for the grammar. */
export class BodyParser extends OperandParser {
  /** What follows a `{`, up to and with the `}`. Names bound here are free again after it. */
  protected body(): Block {
    const mark = this.mark();
    const stmts: Stmt[] = [];
    while (!this.on.at("}") && !this.on.at("yield")) stmts.push(this.stmt());
    const yields = this.on.accept("yield") ? this.on.list(() => this.operand()) : [];
    this.on.expect("}");
    this.release(mark);
    return { stmts, yields };
  }

  private stmt(): Stmt {
    const first = this.on.token;
    const defined: { token: Token; type: Type }[] = [];
    if (first.kind === "value") {
      defined.push(
        ...this.on.list(() => {
          const token = this.on.take("value", "a name such as %x");
          this.on.expect(":");
          return { token, type: this.type() };
        }),
      );
      this.on.expect("=");
    }
    // Only what comes after the statement knows its results.
    const results = defined.map((d) => value(d.token.text, d.type));
    const s = this.operation(first, results);
    for (const [i, d] of defined.entries()) this.bind(d.token, results[i] as Value);
    return s;
  }

  private operation(first: Token, defined: readonly Value[]): Stmt {
    const token = this.on.token;
    if (token.kind !== "word") return this.on.fail("expected a statement");
    this.on.next();
    switch (token.text) {
      case "for":
        return this.for(first, this.scalars(defined, token));
      case "while":
        return this.while(first, this.scalars(defined, token));
      case "if":
        return this.if(first, this.scalars(defined, token));
      case "call": {
        const callee = this.on.take("func", "a name such as @f").text;
        const args = this.on.enclosed("(", ")", () => this.arg());
        const own = this.on.accept("adjoint") ? { adjoint: this.on.take("func", "a name such as @f_adj").text } : {};
        return { kind: "call", callee, args, ...own, results: this.scalars(defined, token), loc: this.locFrom(first) };
      }
    }
    const [result, more] = defined;
    if (result === undefined) return this.effect(first, token);
    if (more !== undefined) return this.on.fail(`${token.text} has one result`, first);
    if (token.text === "alloc") {
      if (!isArray(result)) return this.on.fail("alloc makes an array", first);
      return { kind: "alloc", result, loc: this.locFrom(first) };
    }
    if (!isScalar(result)) return this.on.fail(`the result of ${token.text} is a scalar`, first);
    return { kind: "let", result, expr: this.expr(token, result.type), loc: this.locFrom(first) };
  }

  /** A statement without results; its first word has been read. */
  private effect(first: Token, token: Token): Stmt {
    switch (token.text) {
      case "store": {
        const at = this.access();
        this.on.expect(",");
        return { kind: "store", ...at, value: this.operand(), loc: this.locFrom(first) };
      }
      case "accum": {
        const atomic = this.on.accept("atomic");
        const op = this.on.oneOf(keys(reduceOps));
        const mode = this.mode();
        const at = this.access();
        this.on.expect(",");
        return {
          kind: "accum",
          ...(atomic && { atomic }),
          op,
          ...at,
          value: this.operand(),
          mode,
          loc: this.locFrom(first),
        };
      }
      case "check": {
        const array = this.array();
        this.on.expect("axis");
        const axis = this.plainNumber();
        this.on.expect("at");
        return { kind: "check", array, axis, index: this.operand(), loc: this.locFrom(first) };
      }
      case "copy": {
        const from = this.region();
        this.on.expect("to");
        return { kind: "copy", from, to: this.region(), loc: this.locFrom(first) };
      }
      case "limit": {
        const bytes = this.operand();
        this.on.expect("to");
        const most = this.plainNumber();
        this.on.expect("else");
        const message = this.on.take("string", "a message in quotes").text;
        this.on.expect("help");
        const help = this.on.take("string", "a way out in quotes").text;
        return { kind: "limit", bytes, most, message, help, loc: this.locFrom(first) };
      }
      case "launch": {
        const callee = this.on.take("func", "a name such as @k").text;
        const args = this.on.enclosed("(", ")", () => {
          const at = this.on.token;
          const arg = this.arg();
          return arg.kind === "view" ? this.on.fail("a launch passes whole arrays", at) : arg;
        });
        return { kind: "launch", callee, args, loc: this.locFrom(first) };
      }
      default:
        return this.on.fail(`expected a statement such as store or for`, token);
    }
  }

  private expr(op: Token, to: ScalarType): Expr {
    const { text } = op;
    if (text === "cast") return { kind: "cast", to, a: this.operand() };
    if (text === "load") return { kind: "load", ...this.access() };
    if (text === "select") {
      const cond = this.operand();
      this.on.expect(",");
      return { kind: "select", cond, ...this.pair() };
    }
    if (has(compareOps, text)) return { kind: "compare", op: text, ...this.pair() };
    if (has(unaryOps, text)) {
      const mode = this.mode();
      return { kind: "unary", op: text, a: this.operand(), mode };
    }
    if (has(binaryOps, text)) {
      const mode = this.mode();
      return { kind: "binary", op: text, ...this.pair(), mode };
    }
    return this.on.fail("expected an operation such as add, load or for", op);
  }

  private for(first: Token, results: readonly Scalar[]): Stmt {
    const name = this.on.take("value", "the loop's index, such as %i");
    this.on.expect("in");
    const mode = this.on.oneOf(loopModes);
    this.on.expect("(");
    const lo = this.operand();
    this.on.expect(",");
    const hi = this.operand();
    this.on.expect(")");
    const start = this.with();
    this.on.expect("{");
    const loc = this.locFrom(first);
    const mark = this.mark();
    const index = this.bind(name, value(name.text, "index" as const));
    const carried = start.map(([token, init]) => this.bind(token, value(token.text, init.type)));
    const body = this.body();
    this.release(mark);
    return { kind: "for", mode, index, lo, hi, inits: start.map(([, init]) => init), carried, body, results, loc };
  }

  private while(first: Token, results: readonly Scalar[]): Stmt {
    const start = this.with();
    const max = this.on.accept("max") ? this.operand() : null;
    this.on.expect("{");
    const loc = this.locFrom(first);
    const mark = this.mark();
    const carried = start.map(([token, init]) => this.bind(token, value(token.text, init.type)));
    const cond = this.body();
    this.on.expect("do");
    this.on.expect("{");
    const body = this.body();
    this.release(mark);
    return { kind: "while", inits: start.map(([, init]) => init), carried, max, cond, body, results, loc };
  }

  private with(): [Token, Operand][] {
    if (!this.on.accept("with")) return [];
    return this.on.list((): [Token, Operand] => {
      const token = this.on.take("value", "a carried value such as %sum");
      this.on.expect("=");
      return [token, this.operand()];
    });
  }

  private if(first: Token, results: readonly Scalar[]): Stmt {
    const cond = this.operand();
    this.on.expect("{");
    const loc = this.locFrom(first);
    const then = this.body();
    let otherwise: Block = { stmts: [], yields: [] };
    if (this.on.accept("else")) {
      this.on.expect("{");
      otherwise = this.body();
    }
    return { kind: "if", cond, then, else: otherwise, results, loc };
  }

  private mode(): OpMode {
    return this.on.token.kind === "word" && modes.some((mode) => mode === this.on.token.text)
      ? this.on.oneOf(modes)
      : "contract";
  }

  private pair(): { readonly a: Operand; readonly b: Operand } {
    const a = this.operand();
    this.on.expect(",");
    return { a, b: this.operand() };
  }

  private scalars(values: readonly Value[], token: Token): readonly Scalar[] {
    return values.map((v) => (isScalar(v) ? v : this.on.fail(`${token.text} has scalar results`, token)));
  }
}
