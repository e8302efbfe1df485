/** The leaves of IR text: names and their scope, types, constants, subscripts, locations. */
import { type Loc, noLoc, type Role } from "../diagnostic.ts";
import {
  type Arg,
  type ArrayValue,
  constant,
  type ElemType,
  isArray,
  isScalar,
  type Operand,
  type Region,
  type Scalar,
  type ScalarType,
  type Space,
  type Type,
  type Value,
} from "./ir.ts";
import type { Cursor, Token } from "./lexer.ts";

const scalarTypes: readonly ScalarType[] = ["f64", "f32", "i32", "u32", "index", "bool"];
const elemTypes: readonly ElemType[] = [...scalarTypes, "f16"];

/** Reads what statements are made of; see parse.ts for the grammar. */
export class OperandParser {
  protected readonly on: Cursor;
  private readonly place: boolean;
  private readonly scope = new Map<string, Value>();
  private readonly order: string[] = [];
  /** Equal locations are one object, as the frontend makes them. */
  private readonly locs = new Map<string, Loc>();

  /** With `place`, what has no location of its own gets its place in the text. */
  constructor(on: Cursor, place: boolean) {
    this.on = on;
    this.place = place;
  }

  /** Remembers which names are in scope; `release` forgets those bound since. */
  protected mark(): number {
    return this.order.length;
  }

  protected release(mark: number): void {
    for (const name of this.order.splice(mark)) this.scope.delete(name);
  }

  protected bind<T extends Value>(token: Token, v: T): T {
    if (this.scope.has(token.text)) this.on.fail(`%${token.text} is already defined here`, token);
    this.scope.set(token.text, v);
    this.order.push(token.text);
    return v;
  }

  protected known(what: string): Value {
    const token = this.on.token;
    if (token.kind !== "value") return this.on.fail(`expected ${what}`);
    const v = this.scope.get(token.text);
    if (v === undefined) return this.on.fail(`%${token.text} is not defined here`);
    this.on.next();
    return v;
  }

  protected scalar(): Scalar {
    const { token } = this.on;
    const v = this.known("a value");
    return isScalar(v) ? v : this.on.fail(`%${v.hint} is an array where a scalar belongs`, token);
  }

  protected array(): ArrayValue {
    const { token } = this.on;
    const v = this.known("an array");
    return isArray(v) ? v : this.on.fail(`%${v.hint} is a scalar where an array belongs`, token);
  }

  protected operand(): Operand {
    const { kind, text } = this.on.token;
    if (kind === "value") return this.scalar();
    if (kind === "number") return this.number();
    if (kind !== "word" || (text !== "true" && text !== "false")) return this.on.fail("expected a value or a constant");
    this.on.next();
    return constant("bool", text === "true");
  }

  protected number(): Operand {
    const { text } = this.on.token;
    const type = (["f64", "f32", "i32", "u32"] as const).find((t) => text.endsWith(t)) ?? "index";
    const x = Number(type === "index" ? text : text.slice(0, -3));
    if (type === "index" && !Number.isInteger(x)) this.on.fail("a number without a type is an index, a whole number");
    this.on.next();
    return constant(type, type === "f32" ? Math.fround(x) : x);
  }

  protected plainNumber(): number {
    const x = Number(this.on.token.text);
    if (Number.isNaN(x)) this.on.fail("expected a number without a type");
    this.on.next();
    return x;
  }

  protected access(): { readonly array: ArrayValue; readonly index: readonly Operand[] } {
    const array = this.array();
    return { array, index: this.on.enclosed("[", "]", () => this.operand()) };
  }

  protected arg(): Arg {
    const { kind, text } = this.on.token;
    const known = kind === "value" ? this.scope.get(text) : undefined;
    return known !== undefined && isArray(known) ? this.region() : this.operand();
  }

  protected region(): Region {
    const array = this.array();
    if (!this.on.at("[")) return array;
    return { kind: "view", array, prefix: this.on.enclosed("[", "]", () => this.operand()) };
  }

  protected scalarType(): ScalarType {
    return this.on.oneOf(scalarTypes);
  }

  /** A type; `size` makes the value for a size that is not known yet. */
  protected type(size?: (token: Token) => Scalar): Type {
    const elem = this.on.oneOf(elemTypes);
    if (!this.on.at("[")) return elem === "f16" ? this.on.fail("expected [: f16 is what arrays hold alone") : elem;
    const dims = this.on.enclosed("[", "]", (): Operand => {
      const { token } = this.on;
      const fresh = size !== undefined && token.kind === "value" && !this.scope.has(token.text);
      return fresh ? size(this.on.next()) : this.operand();
    });
    return { kind: "array", elem, dims, space: this.space() };
  }

  protected space(): Space {
    const { kind, text } = this.on.token;
    if (kind !== "func") return "global";
    if (text !== "shared" && text !== "local") return this.on.fail("expected @shared or @local");
    this.on.next();
    return text;
  }

  protected locFrom(first: Token): Loc {
    return this.loc(this.on.spanFrom(first));
  }

  /** The location written here, else the place in the text, else none. */
  protected loc(span: Loc["span"]): Loc {
    if (this.on.token.kind !== "loc") return this.place ? { span, role: "primal" } : noLoc;
    const token = this.on.next();
    const known = this.locs.get(token.text);
    if (known !== undefined) return known;
    const frames = token.text.split(" < ").map((frame) => frameOf(frame) ?? this.on.fail(badLoc, token));
    const loc = frames.reduceRight<Loc | null>((outer, f) => (outer === null ? f : { ...f, inlinedAt: outer }), null);
    if (loc === null) return this.on.fail(badLoc, token);
    this.locs.set(token.text, loc);
    return loc;
  }
}

const badLoc = "expected a location such as !gemm.ts:3:5:40-52";
const frame = /^("(?:[^"\\]|\\.)*"|[^\s"]+):(\d+):(\d+):(\d+)-(\d+)(?: (primal|adjoint|tape))?$/;

function frameOf(text: string): Loc | null {
  const match = frame.exec(text.trim());
  if (match === null) return null;
  const [, name = "", line, column, start, end, role] = match;
  const file = name.startsWith('"') ? (JSON.parse(name) as string) : name;
  const span = { file, line: Number(line), column: Number(column), start: Number(start), end: Number(end) };
  return { span, role: (role ?? "primal") as Role };
}
