/** What every program gets, however broken it is: diagnostics, or code. */
import { check, emit, type Format } from "../../compiler/index.ts";

const formats: readonly Format[] = ["js", "c", "llvm"];
let turn = 0;

/** What is wrong with how the compiler takes the program; null when it is refused in order, or compiles. */
export async function fault(file: string, text: string): Promise<string | null> {
  try {
    const found = check({ file, text });
    if (found.length > 0) return found.every((d) => d.message !== "") ? null : "a diagnostic without a message";
    // What is checked compiles; one format a program is enough of many programs.
    turn = (turn + 1) % formats.length;
    await emit({ file, text }, formats[turn] as Format, { target: "interp" });
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
