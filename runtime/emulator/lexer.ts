/** PTX text as tokens, each with its line, and a cursor over them. */
import { PtxError } from "./ptx.ts";

export interface Token {
  /** `word`: names and opcodes with all their dots (`ld.global.f64`, `%tid.x`). `directive`: `.reg`. */
  readonly kind: "word" | "directive" | "number" | "string" | "mark" | "end";
  readonly text: string;
  readonly line: number;
  /** Where it starts in the text. */
  readonly at: number;
}

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+|//[^\n]*|/\*[^]*?\*/)`,
    String.raw`(?<number>0[fF][0-9a-fA-F]{8}|0[dD][0-9a-fA-F]{16}|0[xX][0-9a-fA-F]+U?|0[bB][01]+U?|\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+U?)`,
    String.raw`(?<word>[A-Za-z_$%][\w$]*(?:\.[\w$]+(?:::[\w$]+)*)*)`,
    String.raw`(?<directive>\.[A-Za-z_][\w$]*)`,
    String.raw`(?<string>"[^"\n]*")`,
    String.raw`(?<mark>[@!,;:{}()[\]<>=+\-|])`,
  ].join("|"),
  "y",
);

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  pattern.lastIndex = 0;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    const match = pattern.exec(text);
    if (match === null) throw new PtxError(line, `unexpected ${JSON.stringify(text[at])}`);
    const [kind, found] = Object.entries(match.groups!).find(([, value]) => value !== undefined)!;
    if (kind !== "space") tokens.push({ kind: kind as Token["kind"], text: found!, line, at });
    for (const c of found!) if (c === "\n") line++;
  }
  tokens.push({ kind: "end", text: "the end of the text", line, at: text.length });
  return tokens;
}

export class Cursor {
  readonly source: string;
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenise(source);
  }

  get token(): Token {
    return this.tokens[this.position]!;
  }
  get line(): number {
    return this.token.line;
  }

  peek(ahead: number): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== "end") this.position++;
    return token;
  }

  at(text: string): boolean {
    return this.token.text === text;
  }

  /** Takes the token if it reads so. */
  accept(text: string): boolean {
    const found = this.token.text === text && this.token.kind !== "string";
    if (found) this.position++;
    return found;
  }

  expect(text: string): Token {
    if (this.token.text !== text) this.fail(`expected "${text}", found ${this.token.text}`);
    return this.next();
  }

  expectKind(kind: Token["kind"], what: string): Token {
    if (this.token.kind !== kind) this.fail(`expected ${what}, found ${this.token.text}`);
    return this.next();
  }

  /** A whole number that is small enough to count with. */
  count(what: string): number {
    const token = this.expectKind("number", what);
    const value = Number(integer(token));
    if (!Number.isSafeInteger(value)) throw new PtxError(token.line, `${token.text} is too large for ${what}`);
    return value;
  }

  fail(message: string): never {
    throw new PtxError(this.line, message);
  }
}

export const isFloat = (token: Token): boolean =>
  /^0[fFdD]/.test(token.text) || (/[.eE]/.test(token.text) && !/^0[xX]/.test(token.text));

/** The value of an integer literal; a `0` in front means octal, as in C. */
export function integer(token: Token): bigint {
  const digits = token.text.replace(/U$/, "");
  if (isFloat(token)) throw new PtxError(token.line, `expected an integer, found ${token.text}`);
  if (!/^0\d/.test(digits)) return BigInt(digits);
  if (/[89]/.test(digits)) throw new PtxError(token.line, `${digits} is no octal number`);
  return BigInt(`0o${digits.slice(1)}`);
}
