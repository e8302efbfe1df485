/** Where things are in the source, and the three kinds of wrong: the user's, a limit of ours, a bug of ours. */

/** A span of source text. Lines and columns count from 1, `start` and `end` are character offsets. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** What a statement does for the program: its own work, part of a gradient, or keeping values for one. */
export type Role = "primal" | "adjoint" | "tape";

/** Where a statement comes from: its span, the calls it was inlined through (innermost first), and its role. */
export interface Loc {
  readonly span: Span;
  readonly inlinedAt?: Loc;
  readonly role: Role;
}

export const noSpan: Span = { file: "", line: 0, column: 0, start: 0, end: 0 };
/** The location of statements that no source stands behind (hand-written IR, launch programs). */
export const noLoc: Loc = { span: noSpan, role: "primal" };

/** One thing wrong with a user's program. `code` is stable (`TG1021`, or TypeScript's own `TS2322`). */
export interface Diagnostic {
  /** `error`: never valid here. `unsupported`: valid TypeScript that the kernel language does not have. */
  readonly kind: "error" | "unsupported";
  readonly code: string;
  /** A sentence about the user's program: lower case, no full stop. */
  readonly message: string;
  readonly at: Span;
  /** What to write instead. */
  readonly help?: string;
  /** Other places that matter, as the read that needs what the store at `at` destroys. */
  readonly related?: readonly { readonly message: string; readonly at: Span }[];
}

/** Thrown when a program cannot be compiled; carries every diagnostic found. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string> = new Map()) {
    super(diagnostics.map((d) => formatDiagnostic(d, (file) => sources.get(file))).join("\n\n"));
    this.diagnostics = diagnostics;
    // The message says them: whoever prints the error need not say them twice.
    Object.defineProperty(this, "diagnostics", { enumerable: false });
  }
}

/** An invariant of the compiler broke: never the user's fault. */
export class CompilerBug extends Error {
  override readonly name = "CompilerBug";
}

export function bug(message: string): never {
  throw new CompilerBug(`${message}\n(this is a bug in tsgpu, not in your program)`);
}

/** Ends a `switch` over a union: does not compile when a variant was forgotten. */
export function unreachable(x: never): never {
  return bug(`unexpected ${JSON.stringify(x)}`);
}

/**
 * `file:line:column: error TG1021: message`, the line with the span underlined, the same for places that it relates to, and
 * the help. `source` gives the text of a file, where it is at hand.
 */
export function formatDiagnostic(
  d: Diagnostic,
  source: (file: string) => string | undefined = () => undefined,
): string {
  const frame = (at: Span): string[] => {
    const text = source(at.file);
    return text === undefined ? [] : codeFrame(text, at);
  };
  const related = (d.related ?? []).flatMap((r) => [
    `  ${r.at.file}:${r.at.line}:${r.at.column}: ${r.message}`,
    ...frame(r.at),
  ]);
  const head = `${d.at.file}:${d.at.line}:${d.at.column}: ${d.kind} ${d.code}: ${d.message}`;
  const help = d.help === undefined ? [] : [`  help: ${d.help}`];
  return [head, ...frame(d.at), ...related, ...help].join("\n");
}

/** The first line of a span, numbered, with carets under the part that is meant. */
export function codeFrame(source: string, at: Span): string[] {
  const text = source.split(/\r?\n/)[at.line - 1];
  if (text === undefined) return [];
  const gutter = String(at.line).padStart(4);
  const width = Math.max(1, Math.min(at.end - at.start, text.length - at.column + 1));
  // Tabs stay tabs, so that the carets line up whatever the terminal's tab width is.
  const indent = text.slice(0, at.column - 1).replace(/[^\t]/g, " ");
  return [`${gutter} | ${text}`, `${" ".repeat(gutter.length)} | ${indent}${"^".repeat(width)}`];
}
