/**
 * Fixtures of diagnostics: TypeScript files in which every line that deserves one says so in a comment at its end.
 *
 *   row.map((x) => x * w); // TG1021 3-23 arrays have no `map`
 *
 * That is the code, the columns of the span (the last included; `3-` where it ends on a later line, `1` where it is empty)
 * and, where it matters, a part of the message; several are separated by ` | `. A line without a comment gets none.
 */

import { CompileError, type Diagnostic } from "../../compiler/diagnostic.ts";
import { diagnose, type FrontendOptions } from "../../compiler/frontend/frontend.ts";
import { emit } from "../../compiler/index.ts";

export interface Mark {
  readonly line: number;
  readonly code: string;
  readonly columns: string;
  /** Of an expected diagnostic: a part of it. */
  readonly message: string;
}

const comment = / \/\/ ((?:TG|TS)\d+ .*)$/;

/** What the comments of a fixture say. */
export const marksIn = (text: string): readonly Mark[] =>
  text.split("\n").flatMap((line, i) =>
    (comment.exec(line)?.[1] ?? "")
      .split(" | ")
      .filter((mark) => mark !== "")
      .map((mark) => {
        const [code = "", columns = "", ...message] = mark.split(" ");
        return { line: i + 1, code, columns, message: message.join(" ") };
      }),
  );

/** The diagnostics of a fixture; `// options {…}` in it are options of the frontend. */
export async function diagnosticsOf(file: string, text: string): Promise<readonly Mark[]> {
  const given: Partial<FrontendOptions> = JSON.parse(/^\/\/ options (.*)$/m.exec(text)?.[1] ?? "{}");
  const found = diagnose(file, text, { mode: "contract", real: "f64", ...given });
  const all = found.length > 0 ? found : await whenCompiled(file, text);
  return all.map((d) => ({ line: d.at.line, code: d.code, columns: columnsOf(d, text), message: d.message }));
}

/** What only the passes find. */
async function whenCompiled(file: string, text: string): Promise<readonly Diagnostic[]> {
  try {
    await emit({ file, text }, "ir", { target: "interp" });
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
}

function columnsOf({ at }: Diagnostic, text: string): string {
  if (text.slice(at.start, at.end).includes("\n")) return `${at.column}-`;
  const last = at.column + at.end - at.start - 1;
  return last > at.column ? `${at.column}-${last}` : `${at.column}`;
}
