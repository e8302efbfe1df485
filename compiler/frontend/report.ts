/** Collects what is wrong with a program: the subset's diagnostics and the type checker's, each fault once. */
import ts from "typescript";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { type Code, codes } from "./codes.ts";

/** Thrown to leave a piece of source that cannot be lowered, after its diagnostic was reported. */
export class Unlowerable extends Error {}

export const spanOf = (node: ts.Node, file: ts.SourceFile = node.getSourceFile()): Span => {
  // What concerns a file as a whole stands at its beginning.
  if (ts.isSourceFile(node)) return { file: file.fileName, line: 1, column: 1, start: 0, end: 0 };
  return spanBetween(file, node.getStart(file), node.end);
};

function spanBetween(file: ts.SourceFile, start: number, end: number): Span {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return { file: file.fileName, line: line + 1, column: character + 1, start, end };
}

/** One place and code is reported once, however often the function that it stands in is instantiated. */
export class Reporter {
  private readonly found = new Map<string, Diagnostic>();

  report(node: ts.Node, code: Code, message: string, help: string = codes[code].help): void {
    this.reportAt(spanOf(node), code, message, help);
  }
  reportAt(at: Span, code: Code, message: string, help: string = codes[code].help): void {
    this.add({ kind: codes[code].kind, code, message, at, help });
  }
  /** Reports, and gives up on the statement at hand. */
  refuse(node: ts.Node, code: Code, message: string, help: string = codes[code].help): never {
    this.report(node, code, message, help);
    throw new Unlowerable();
  }
  /** What TypeScript found in the file. */
  reportTypeScript(d: ts.Diagnostic, file: ts.SourceFile): void {
    if (d.category !== ts.DiagnosticCategory.Error) return;
    const start = d.start ?? 0;
    const message = ts.flattenDiagnosticMessageText(d.messageText, " ").replace(/\s+/g, " ").replace(/\.$/, "");
    this.add({ kind: "error", code: `TS${d.code}`, message, at: spanBetween(file, start, start + (d.length ?? 1)) });
  }
  private add(d: Diagnostic): void {
    const key = `${d.at.file}:${d.at.start}:${d.code}`;
    this.found.set(key, this.found.get(key) ?? d);
  }

  get isEmpty(): boolean {
    return this.found.size === 0;
  }

  /**
   * All diagnostics, in the order of the source. Where the type checker and the subset check speak of the same place, what
   * kernels do not have is said by the subset check, which knows the way out, and the rest by the type checker.
   */
  get diagnostics(): readonly Diagnostic[] {
    const all = [...this.found.values()];
    const isTypeScript = (d: Diagnostic): boolean => d.code.startsWith("TS");
    const isDuplicate = (d: Diagnostic): boolean =>
      all.some(
        (other) =>
          isTypeScript(other) !== isTypeScript(d) &&
          (isTypeScript(d) ? other.kind === "unsupported" : d.kind === "error") &&
          samePlace(d.at, other.at),
      );
    return all
      .filter((d) => !isDuplicate(d))
      .sort((a, b) => a.at.file.localeCompare(b.at.file) || a.at.start - b.at.start);
  }
}

/** Spans that overlap and begin on one line; a span of many lines holds other faults on the later ones. */
const samePlace = (a: Span, b: Span): boolean =>
  a.file === b.file &&
  a.line === b.line &&
  a.start < Math.max(b.end, b.start + 1) &&
  b.start < Math.max(a.end, a.start + 1);
