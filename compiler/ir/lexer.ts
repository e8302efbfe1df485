/** Splits IR text into tokens, reads them one after another, and says where in the text something is wrong. */
import { codeFrame, type Span } from "../diagnostic.ts";

export type TokenKind = "value" | "func" | "number" | "string" | "loc" | "word" | "mark" | "end";

/** `text` is the name without its sigil for values and functions, the content for strings, else as written. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** The text is no IR: where, what stands there, and what should. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  readonly at: Span;
  constructor(problem: string, at: Span, source: string) {
    super([`${at.file || "<ir>"}:${at.line}:${at.column}: ${problem}`, ...codeFrame(source, at)].join("\n"));
    this.at = at;
  }
}

const name = String.raw`[\p{ID_Start}_$][\p{ID_Continue}$.']*`;
const quoted = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"`;
const rules: readonly (readonly [TokenKind | "space", string])[] = [
  ["space", String.raw`\s+|#[^\n]*`],
  ["value", `%${name}`],
  ["func", `@(?:${name}|${quoted})`],
  ["number", String.raw`-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity|NaN)(?:f64|f32|i32|u32)?(?![\p{ID_Continue}$.'])`],
  ["string", quoted],
  ["loc", String.raw`!(?:[^\n"#]|${quoted})*`],
  ["word", name],
  ["mark", String.raw`->|>=|[()[\]{},:=*+-]`],
];
const pattern = new RegExp(rules.map(([, rule]) => `(${rule})`).join("|"), "uy");

/** All tokens of the text; the last is of kind `end`. Throws a ParseError at a character that begins none. */
export function tokenize(source: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  while (at < source.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    const here = { line, column: at - lineStart + 1, start: at };
    if (match === null) {
      const problem = `${JSON.stringify(source.charAt(at))} begins nothing that IR text has`;
      throw new ParseError(problem, { file, ...here, end: at + 1 }, source);
    }
    const raw = match[0];
    const kind = rules[match.slice(1).findIndex((group) => group !== undefined)]?.[0];
    at += raw.length;
    if (kind === "space") {
      for (let i = raw.indexOf("\n"); i >= 0; i = raw.indexOf("\n", i + 1)) {
        line++;
        lineStart = here.start + i + 1;
      }
    } else if (kind !== undefined) {
      tokens.push({ kind, text: contentOf(kind, raw), ...here, end: at });
    }
  }
  tokens.push({ kind: "end", text: "", line, column: at - lineStart + 1, start: at, end: at });
  return tokens;
}

function contentOf(kind: TokenKind, raw: string): string {
  const text = kind === "value" || kind === "func" || kind === "loc" ? raw.slice(1) : raw;
  return text.startsWith('"') && kind !== "loc" ? (JSON.parse(text) as string) : text.trimEnd();
}

/** Reads tokens from left to right. What it cannot accept it reports with what it expected. */
export class Cursor {
  private readonly source: string;
  private readonly file: string;
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(source: string, file: string) {
    this.source = source;
    this.file = file;
    this.tokens = tokenize(source, file);
  }

  /** The next token. */
  get token(): Token {
    return this.tokens[this.position] as Token;
  }

  /** Where a statement stands that began with the token `first` and whose last token was read just now. */
  spanFrom(first: Token): Span {
    const last = this.tokens[Math.max(0, this.position - 1)] as Token;
    return { file: this.file, line: first.line, column: first.column, start: first.start, end: last.end };
  }

  /** Whether the next token is this mark or word. */
  at(text: string): boolean {
    const { kind } = this.token;
    return (kind === "mark" || kind === "word") && this.token.text === text;
  }

  /** Moves past the token. */
  next(): Token {
    const token = this.token;
    if (token.kind !== "end") this.position++;
    return token;
  }

  /** Moves past the mark or word if it is next, and says whether it was. */
  accept(text: string): boolean {
    const found = this.at(text);
    if (found) this.position++;
    return found;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail(`expected ${text}`);
  }

  /** The next token, which must be of that kind; `what` names it. */
  take(kind: TokenKind, what: string): Token {
    if (this.token.kind !== kind) this.fail(`expected ${what}`);
    return this.next();
  }

  /** The next token, which must be one of these words. */
  oneOf<T extends string>(words: readonly T[]): T {
    const { kind, text } = this.token;
    const found = kind === "word" ? words.find((word) => word === text) : undefined;
    if (found === undefined) return this.fail(`expected ${words.join(", ")}`);
    this.position++;
    return found;
  }

  /** Items separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(",")) items.push(item());
    return items;
  }

  /** Items separated by commas, between two marks; there may be none. */
  enclosed<T>(open: string, close: string, item: () => T): T[] {
    this.expect(open);
    const items = this.at(close) ? [] : this.list(item);
    this.expect(close);
    return items;
  }

  /** Reports what is wrong with the token, by default the next one. */
  fail(problem: string, token: Token = this.token): never {
    const { line, column, start, end } = token;
    const found = token.kind === "end" ? "the end of the text" : this.source.slice(start, end);
    const message = problem.startsWith("expected") ? `${problem}, found ${found}` : problem;
    throw new ParseError(message, { file: this.file, line, column, start, end }, this.source);
  }
}
