/** How commands fail: the exit codes, the errors that mean them, and what is printed for each. */
import { CompileError, CompilerBug } from "../compiler/diagnostic.ts";
import { formatDiagnostics } from "./diagnostics.ts";
import { paint } from "./output.ts";

/** `failed`: the program, the kernel or a check is wrong. `usage`: the command line is. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** The command line asks for what cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something else than the command line is wrong, and the message says all there is to say. */
export class Failure extends Error {
  override readonly name = "Failure";
}

const reportTo = "report it, with the file and the command, at the project's issue tracker";

/** Prints an error to stderr and gives the exit code. `verbose`: with its stack. */
export function report(error: unknown, verbose: boolean): number {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const label = paint.stderr.red("error:");
  if (error instanceof CompileError) {
    say(formatDiagnostics(error.diagnostics, paint.stderr));
    return exitCodes.failed;
  }
  if (!(error instanceof Error)) {
    say(`${label} ${String(error)}`);
    return exitCodes.failed;
  }
  if (error instanceof UsageError) {
    say(`${label} ${error.message}`);
    return exitCodes.usage;
  }
  const expected = error instanceof Failure || error.name === "LaunchError";
  if (expected || isSystemError(error)) say(`${label} ${error.message}`);
  else {
    const kind = error instanceof CompilerBug ? "the compiler is wrong, not your program" : "unexpected";
    say(`${label} ${kind}: ${error.message.split("\n")[0]}`);
    say(`  help: ${reportTo}; --verbose prints where it happened`);
  }
  if (verbose) say(error instanceof CompilerBug ? `${error.message}\n${error.stack}` : String(error.stack));
  return exitCodes.failed;
}

/** What the operating system refuses, such as a file that cannot be written: its message names the file. */
const isSystemError = (error: Error): boolean => "syscall" in error && "code" in error;
