/** Diagnostics for people, with code frames and colours, and for programs. */
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { CompileError, codeFrame, type Diagnostic, type Span } from "../compiler/diagnostic.ts";
import { type Colors, type JsonTo, writeJson } from "./output.ts";

/** Turns the absolute path of a diagnostic into what the user calls the file. */
export type ShowFile = (file: string) => string;

/** Relative to the working directory, for files inside it. */
export const shownFile: ShowFile = (file) => {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
};

interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Of the span, in characters; it may go on over the end of the line. */
  readonly length: number;
  readonly message: string;
}

/** A diagnostic as `--json` has it. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly kind: Diagnostic["kind"];
  /** Other places that matter, such as the read that needs what the store destroys. */
  readonly related: readonly JsonPlace[];
  /** Null where the message says it all. */
  readonly help: string | null;
  /** Where more is said of the code; null for TypeScript's own. */
  readonly docs: string | null;
}

const docs = "docs/diagnostics.md";
const docsOf = (code: string): string | null => (code.startsWith("TG") ? `${docs}#${code.toLowerCase()}` : null);

export const jsonDiagnostic = (d: Diagnostic, show: ShowFile = shownFile): JsonDiagnostic => ({
  code: d.code,
  kind: d.kind,
  ...jsonPlace(d, show),
  related: (d.related ?? []).map((r) => jsonPlace(r, show)),
  help: d.help ?? null,
  docs: docsOf(d.code),
});

const jsonPlace = ({ at, message }: Pick<Diagnostic, "at" | "message">, show: ShowFile): JsonPlace => ({
  file: show(at.file),
  line: at.line,
  column: at.column,
  length: at.end - at.start,
  message,
});

/** Where to read more of the diagnostics; empty where there is nothing. */
export function furtherReading(all: readonly Diagnostic[]): string {
  const codes = [...new Set(all.map((d) => d.code).filter((code) => docsOf(code) !== null))].sort();
  if (codes.length === 0) return "";
  const list = codes.length > 6 ? "these codes" : codes.join(", ");
  return `${docs} has a section with examples on ${codes.length === 1 ? list : `each of ${list}`}`;
}

/** All of them: file, line and column, the message, the line with the span underlined, the same of related places, and the help. */
export function formatDiagnostics(all: readonly Diagnostic[], colors: Colors, show: ShowFile = shownFile): string {
  const sources = new Map<string, string | undefined>();
  const sourceOf = (file: string): string | undefined => {
    if (!sources.has(file)) sources.set(file, read(file));
    return sources.get(file);
  };
  const frame = (at: Span, paint: (text: string) => string): string[] => {
    const source = sourceOf(at.file);
    const [line, carets] = source === undefined ? [] : codeFrame(source, at);
    return line === undefined || carets === undefined ? [] : [line, paint(carets)];
  };
  const placeOf = (at: Span): string => `${show(at.file)}:${at.line}:${at.column}`;
  return all
    .map((d) => {
      const paint = d.kind === "error" ? colors.red : colors.yellow;
      const head = `${colors.bold(placeOf(d.at))}: ${paint(d.kind)} ${d.code}: ${d.message}`;
      const related = (d.related ?? []).flatMap(({ message, at }) => [
        `  ${colors.bold(placeOf(at))}: ${message}`,
        ...frame(at, colors.cyan),
      ]);
      const help = d.help === undefined ? [] : [`  ${colors.cyan("help:")} ${d.help}`];
      return [head, ...frame(d.at, colors.red), ...related, ...help].join("\n");
    })
    .join("\n\n");
}

/** Does something that compiles; when that fails, the diagnostics are what `--json` gets. */
export async function orDiagnostics<T>(json: JsonTo, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CompileError)
      writeJson(json, { diagnostics: error.diagnostics.map((d) => jsonDiagnostic(d)) });
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
