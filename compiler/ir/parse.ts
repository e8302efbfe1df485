/**
 * Reads IR text, as print.ts writes it and people do. `#` starts a comment; line breaks mean nothing.
 *
 *   module   = "stage" ("loop" | "kernel") func*
 *   func     = "export"? ("func" | "kernel" | "host") @name "(" define,* ")" ("->" results)? requires* "{" body "}"
 *   results  = scalar | "(" scalar,+ ")"
 *   define   = %name ":" type
 *   type     = scalar | scalar "[" operand,* "]" ("@shared" | "@local")?
 *   requires = "requires" need ("when" ("always" | need,+))? access? "else" string       need = form ">=" "0"
 *   access   = "at" form "of" form                 form = sums and differences of: number, number "*" %name "*" …, %name "*" …
 *   body     = stmt* ("yield" operand,+)?
 *   stmt     = define "=" expr | define "=" "alloc" | (define,+ "=")? (loop | branch | call)
 *            | "store" at "," operand | "accum" "atomic"? op mode? at "," operand | "check" %array "axis" number "at" operand
 *            | "copy" region "to" region | "launch" @name "(" arg,* ")"
 *            | "limit" operand "to" number "else" string "help" string
 *   expr     = op mode? operand,+ | "select" operand "," operand "," operand | "cast" operand | "load" at
 *   loop     = "for" %name "in" who "(" operand "," operand ")" with? "{" body "}"
 *            | "while" with? ("max" operand)? "{" body "}" "do" "{" body "}"     with = "with" (%name "=" operand),+
 *   branch   = "if" operand "{" body "}" ("else" "{" body "}")?
 *   call     = "call" @name "(" arg,* ")" ("adjoint" @name)?   arg = operand | region       region = %array | at
 *   at       = %array "[" operand,* "]"
 *   operand  = %name | 3 (an index) | 3i32 | 3u32 | 1.5f64 | -Infinityf32 | NaNf64 | true | false
 *   mode     = "strict" | "contract" | "reassociate" | "fast"; "contract" where none stands
 *   who      = "seq" | "par" | "vector" | "grid.x" … "threads.z"
 *
 * Names have letters, digits and `_ $ . '`, and begin with no digit; another name of a function stands in quotes: `@"a b"`.
 *
 * A size in a parameter's type binds a new value, unless a parameter or size before it has that name already. Without
 * `when`, nothing makes the access certain; with `when always` it is certain by itself. A carried value has the type of
 * what it starts from. At the end of a statement's first line may stand where it comes from, innermost call first:
 * `!file:line:column:start-end role < caller:line:…`, the role only if it is `adjoint` or `tape`.
 */
import { value } from "./build.ts";
import type { Func, Module, Polynomial, Requirement, Scalar, ScalarType, Value } from "./ir.ts";
import { Cursor, type Token } from "./lexer.ts";
import { BodyParser } from "./parse-body.ts";

export { ParseError } from "./lexer.ts";

/**
 * The module that the text describes; throws a ParseError. Where `file` is given, what has no location of its own gets
 * its place in the text. The result is not verified.
 */
export function parse(text: string, file?: string): Module {
  return new Parser(new Cursor(text, file ?? ""), file !== undefined).module();
}

class Parser extends BodyParser {
  module(): Module {
    this.on.expect("stage");
    const stage = this.on.oneOf(["loop", "kernel"]);
    const funcs: Func[] = [];
    while (this.on.token.kind !== "end") funcs.push(this.func());
    return { stage, funcs };
  }

  private func(): Func {
    const first = this.on.token;
    const exported = this.on.accept("export");
    const inline = this.on.accept("noinline") ? { noinline: true as const } : {};
    const kind = this.on.oneOf(["func", "kernel", "host"]);
    const name = this.on.take("func", "a name such as @f").text;
    this.release(0);
    const params = this.on.enclosed("(", ")", () => this.param());
    const results = this.on.accept("->") ? this.resultTypes() : [];
    const at = this.on.spanFrom(first);
    const requires: Requirement[] = [];
    while (this.on.at("requires")) requires.push(this.requirement());
    this.on.expect("{");
    const loc = this.loc(at);
    return { kind, name, exported, ...inline, params, results, requires, body: this.body(), loc };
  }

  private param(): Value {
    const token = this.on.take("value", "a parameter such as %x: f64");
    this.on.expect(":");
    // The name comes before the sizes in the text, and so in the scope; the value needs its sizes first.
    const sizes: [string, Scalar, Token][] = [];
    const v = value(
      token.text,
      this.type((size) => {
        const known = sizes.find(([name]) => name === size.text)?.[1];
        if (known !== undefined) return known;
        const own = value(size.text, "index" as const);
        sizes.push([size.text, own, size]);
        return own;
      }),
    );
    this.bind(token, v);
    for (const [, own, at] of sizes) this.bind(at, own);
    return v;
  }

  private resultTypes(): ScalarType[] {
    return this.on.at("(") ? this.on.enclosed("(", ")", () => this.scalarType()) : [this.scalarType()];
  }

  private requirement(): Requirement {
    const first = this.on.next();
    const need = this.need();
    let when: Polynomial[] | null = null;
    if (this.on.accept("when")) when = this.on.accept("always") ? [] : this.on.list(() => this.need());
    let access: Requirement["access"] = null;
    if (this.on.accept("at")) {
      const index = this.polynomial();
      this.on.expect("of");
      access = { index, extent: this.polynomial() };
    }
    this.on.expect("else");
    const message = this.on.take("string", "a message in quotes").text;
    return { need, when, access, message, loc: this.loc(this.on.spanFrom(first)) };
  }

  private need(): Polynomial {
    const need = this.polynomial();
    this.on.expect(">=");
    const bound = this.on.take("number", "0");
    return bound.text === "0" ? need : this.on.fail("a requirement compares with 0", bound);
  }

  private polynomial(): Polynomial {
    let total = 0;
    const terms: { values: Scalar[]; factor: number }[] = [];
    let sign = this.on.accept("-") ? -1 : 1;
    for (;;) {
      const factor = this.on.token.kind === "number" ? this.plainNumber() : null;
      if (factor === null || this.on.accept("*")) {
        const values = [this.scalar()];
        while (this.on.accept("*")) values.push(this.scalar());
        terms.push({ values, factor: sign * (factor ?? 1) });
      } else total += sign * factor;
      if (this.on.accept("+")) sign = 1;
      else if (this.on.accept("-")) sign = -1;
      else return { constant: total, terms };
    }
  }
}
