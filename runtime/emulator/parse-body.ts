/** The bodies of functions: registers, variables, labels, instructions and their operands, with nested scopes. */
import { type Cursor, integer, isFloat } from "./lexer.ts";
import { floatLiteral, parseVariable } from "./parse-variable.ts";
import {
  type Instruction,
  type Operand,
  PtxError,
  type PtxFunction,
  type Register,
  types,
  type Variable,
} from "./ptx.ts";

/** What names mean: registers and variables, innermost braces first. */
export class Scope {
  private readonly names = new Map<string, Register | Variable>();
  private readonly outer: Scope | null;
  constructor(outer: Scope | null = null) {
    this.outer = outer;
  }
  declare(what: Register | Variable): void {
    this.names.set(what.name, what);
  }
  find(name: string): Register | Variable | undefined {
    return this.names.get(name) ?? this.outer?.find(name);
  }
}

const isVariable = (x: Register | Variable): x is Variable => "space" in x;

type Body = Pick<PtxFunction, "variables" | "body" | "labels" | "tables">;

export function parseBody(c: Cursor, scope: Scope, files: ReadonlyMap<number, string>): Body {
  const reader = new BodyReader(c, files);
  c.expect("{");
  reader.statements(scope);
  return reader;
}

class BodyReader implements Body {
  readonly variables: Variable[] = [];
  readonly body: Instruction[] = [];
  readonly labels = new Map<string, number>();
  readonly tables = new Map<string, readonly string[]>();
  private readonly c: Cursor;
  private readonly files: ReadonlyMap<number, string>;
  private source: string | null = null;

  constructor(c: Cursor, files: ReadonlyMap<number, string>) {
    this.c = c;
    this.files = files;
  }

  /** What stands up to the closing brace. */
  statements(scope: Scope): void {
    const { c } = this;
    while (!c.accept("}")) {
      if (c.accept("{")) this.statements(new Scope(scope));
      else if (c.accept(";")) continue;
      else if (c.token.kind === "directive") this.directive(scope);
      else if (c.token.kind === "word" && c.peek(1).text === ":") this.label();
      else if (c.token.kind === "word" || c.token.text === "@") this.instruction(scope);
      else c.fail(`expected an instruction, found ${c.token.text}`);
    }
  }

  private directive(scope: Scope): void {
    const { c } = this;
    if (c.accept(".reg")) return this.registers(scope);
    if (c.accept(".loc")) return this.location();
    if (c.accept(".pragma")) {
      c.expectKind("string", "a pragma");
    } else if ([".local", ".shared", ".param"].includes(c.token.text)) {
      const variable = parseVariable(c);
      scope.declare(variable);
      this.variables.push(variable);
    } else c.fail(`${c.token.text} is not known in a function`);
    c.expect(";");
  }

  /** `.reg .b32 %r<9>, %x;`: the first declares `%r0` to `%r8`. */
  private registers(scope: Scope): void {
    const { c } = this;
    const type = types.get(c.next().text.slice(1));
    if (type === undefined) return c.fail("a register of a type that is not known");
    do {
      const { text } = c.expectKind("word", "a register's name");
      if (c.accept("<")) {
        const count = c.count("a number of registers");
        c.expect(">");
        for (let k = 0; k < count; k++) scope.declare({ name: text + k, type });
      } else scope.declare({ name: text, type });
    } while (c.accept(","));
    c.expect(";");
  }

  /** `.loc file line column` and, for inlined code, `, function_name label, inlined_at file line column`. */
  private location(): void {
    const { c } = this;
    const file = c.count("a file's number");
    const line = c.count("a line");
    c.count("a column");
    while (c.accept(",")) {
      if (c.accept("function_name")) {
        c.expectKind("word", "a label");
        if (c.accept("+")) c.count("an offset");
      } else {
        c.expect("inlined_at");
        for (let k = 0; k < 3; k++) c.count("a place");
      }
    }
    this.source = `${this.files.get(file) ?? `file ${file}`}:${line}`;
  }

  private label(): void {
    const { c } = this;
    const { text, line } = c.next();
    c.expect(":");
    if (c.accept(".branchtargets")) {
      const targets = [c.expectKind("word", "a label").text];
      while (c.accept(",")) targets.push(c.expectKind("word", "a label").text);
      c.expect(";");
      this.tables.set(text, targets);
      return;
    }
    if (this.labels.has(text)) throw new PtxError(line, `label ${text} stands twice`);
    this.labels.set(text, this.body.length);
  }

  private instruction(scope: Scope): void {
    const { c } = this;
    const start = c.token;
    let guard: Instruction["guard"] = null;
    if (c.accept("@")) {
      const negated = c.accept("!");
      const predicate = scope.find(c.expectKind("word", "a predicate").text);
      if (predicate === undefined || isVariable(predicate) || predicate.type.kind !== "pred") {
        return c.fail("an instruction is guarded by what is no predicate");
      }
      guard = { register: predicate, negated };
    }
    const op = c.expectKind("word", "an instruction").text.split(".");
    const operands: Operand[] = [];
    while (c.token.text !== ";") {
      operands.push(this.operand(scope));
      if (c.token.text !== ";") c.expect(",");
    }
    const text = c.source.slice(start.at, c.token.at).replace(/\s+/g, " ").trim();
    c.expect(";");
    this.body.push({ op, operands, guard, line: start.line, text: `${text};`, source: this.source });
  }

  private operand(scope: Scope): Operand {
    const { c } = this;
    if (c.accept("{")) return { kind: "vector", elements: this.list(scope, "}") };
    if (c.accept("(")) return { kind: "list", elements: this.list(scope, ")") };
    if (c.accept("[")) {
      const base = c.token.kind === "number" || c.token.text === "-" ? null : this.name(scope);
      const offset = base === null || c.token.text !== "]" ? this.offset() : 0n;
      c.expect("]");
      return { kind: "address", base, offset };
    }
    const first = this.plain(scope);
    return c.accept("|") ? { kind: "pair", first, second: this.plain(scope) } : first;
  }

  private list(scope: Scope, close: string): Operand[] {
    const elements: Operand[] = [];
    while (!this.c.accept(close)) {
      elements.push(this.plain(scope));
      if (this.c.token.text !== close) this.c.expect(",");
    }
    return elements;
  }

  private plain(scope: Scope): Operand {
    const { c } = this;
    if (c.accept("!")) {
      const of = this.name(scope);
      if (of.kind !== "register") return c.fail("! stands before what is no predicate");
      return { ...of, negated: true };
    }
    const negative = c.token.text === "-";
    if (c.token.kind !== "number" && !negative) {
      const name = this.name(scope);
      if (name.kind !== "variable" || c.token.text !== "+") return name;
      return { ...name, offset: this.offset() };
    }
    if (negative) c.next();
    const token = c.expectKind("number", "a number");
    if (!isFloat(token)) return { kind: "integer", value: negative ? -integer(token) : integer(token) };
    const { bits, width } = floatLiteral(token);
    return { kind: "float", bits: negative ? bits ^ (1n << BigInt(width - 1)) : bits, width };
  }

  /** `+8`, `-8` or, as LLVM prints it, `+-8`. */
  private offset(): bigint {
    this.c.accept("+");
    const negative = this.c.accept("-");
    const value = integer(this.c.expectKind("number", "an offset"));
    return negative ? -value : value;
  }

  private name(scope: Scope): Operand {
    const { text, line } = this.c.expectKind("word", "an operand");
    if (text === "_") return { kind: "sink" };
    const found = scope.find(text);
    if (found !== undefined) {
      if (isVariable(found)) return { kind: "variable", variable: found, offset: 0n };
      return { kind: "register", register: found, negated: false };
    }
    if (text.startsWith("%") || text === "WARP_SZ") return { kind: "special", name: text };
    if (text.includes(".")) throw new PtxError(line, `${text} is no operand that is known`);
    return { kind: "name", name: text };
  }
}
