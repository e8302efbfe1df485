/**
 * Fixtures of diagnostics: TypeScript files in which every line that deserves one says so in a comment at its end.
 *
 *   row.map((x) => x * w); // TG1021 3-23 arrays have no `map`
 *   // help: write the loop
 *
 * That is the code, the columns of the span (the last included; `3-` where it ends on a later line, `1` where it is empty)
 * and, where it matters, a part of the message; several are separated by ` | `. A line without a comment gets none. The
 * comments below the line, where there are any, are the whole of each one's help, in the same order.
 */

import type { Diagnostic } from "../../compiler/diagnostic.ts";
import { type CompileOptions, check } from "../../compiler/index.ts";

export interface Mark {
  readonly line: number;
  readonly code: string;
  readonly columns: string;
  /** Of an expected diagnostic: a part of it. */
  readonly message: string;
  /** Null where the fixture does not say. */
  readonly help: string | null;
}

const comment = / \/\/ ((?:TG|TS)\d+ .*)$/;
const helpComment = /^\s*\/\/ help: (.*)$/;

/** What the comments of a fixture say. */
export function marksIn(text: string): readonly Mark[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    let below = i + 1;
    return (comment.exec(line)?.[1] ?? "")
      .split(" | ")
      .filter((mark) => mark !== "")
      .map((mark) => {
        const [code = "", columns = "", ...message] = mark.split(" ");
        // TypeScript's own errors come without help.
        const help = code.startsWith("TS") ? null : (helpComment.exec(lines[below++] ?? "")?.[1] ?? null);
        return { line: i + 1, code, columns, message: message.join(" "), help };
      });
  });
}

/** The diagnostics of a fixture; `// options {…}` in it are options of the compiler. */
export function diagnosticsOf(file: string, text: string): readonly Mark[] {
  const options: Pick<CompileOptions, "kernels" | "types"> = JSON.parse(/^\/\/ options (.*)$/m.exec(text)?.[1] ?? "{}");
  return check({ file, text }, options).map((d) => ({
    line: d.at.line,
    code: d.code,
    columns: columnsOf(d, text),
    message: d.message,
    help: d.help ?? null,
  }));
}

function columnsOf({ at }: Diagnostic, text: string): string {
  if (text.slice(at.start, at.end).includes("\n")) return `${at.column}-`;
  const last = at.column + at.end - at.start - 1;
  return last > at.column ? `${at.column}-${last}` : `${at.column}`;
}

/**
 * The fixture with comments that say what was found: messages stay as they are written where they still hold. `withHelp`:
 * every diagnostic gets its line of help; otherwise only those that have one.
 */
export function blessed(text: string, found: readonly Mark[], withHelp: boolean): string {
  const expected = marksIn(text);
  const out: string[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (helpComment.test(line)) continue;
    const here = found.filter((d) => d.line === i + 1);
    const before = expected.filter((d) => d.line === i + 1);
    const marks = here.map((d) => {
      const kept = before.find((b) => b.code === d.code && b.message !== "" && d.message.includes(b.message));
      const bare = before.some((b) => b.code === d.code && b.message === "");
      return [d.code, d.columns, ...(bare ? [] : [kept?.message ?? d.message])].join(" ");
    });
    out.push(line.replace(comment, "") + (marks.length > 0 ? ` // ${marks.join(" | ")}` : ""));
    if (!withHelp && !before.some((b) => b.help !== null)) continue;
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    for (const d of here) if (d.help !== null) out.push(`${indent}// help: ${d.help}`);
  }
  return out.join("\n");
}
