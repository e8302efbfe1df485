/** What commands write: colours where they are seen, files that are whole or not there, and numbers for people. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** Whether escape sequences reach someone's terminal. */
const colored = (stream: { readonly isTTY?: boolean }): boolean => {
  if (process.env.NO_COLOR) return false;
  return process.env.FORCE_COLOR ? true : stream.isTTY === true && process.env.TERM !== "dumb";
};

/** Colours for each stream. */
export const paint: { readonly stdout: Colors; readonly stderr: Colors } = {
  stdout: pc.createColors(colored(process.stdout)),
  stderr: pc.createColors(colored(process.stderr)),
};

/** Writes a file so that nobody ever sees half of it: beside its place, then moved there. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const path = resolve(file);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Where `--json [FILE]` writes: `true` and `-` are stdout. */
export type JsonTo = string | true | undefined;

export const jsonOnStdout = (to: JsonTo): boolean => to === true || to === "-";

/** Writes what `--json` asks for, if it does. */
export function writeJson(to: JsonTo, value: unknown): void {
  if (to === undefined) return;
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (jsonOnStdout(to)) process.stdout.write(text);
  else writeWhole(to as string, text);
}

/** Options of cli-table3 for tables without lines: those would take more room than the numbers. */
export const plainTable = {
  chars: Object.fromEntries(
    ["middle", ...["top", "bottom", "mid", "left", "right"].flatMap((side) => [side, `${side}-mid`])]
      .concat(["top-left", "top-right", "bottom-left", "bottom-right"])
      .map((name) => [name, ""]),
  ),
  style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
};

/** Whether the spinner works: it goes by stdout, not by its stream, and loops for ever on a terminal without columns. */
export function canSpin(): boolean {
  const { stdout, stderr, env } = process;
  return stdout.isTTY && stderr.isTTY && stderr.columns > 0 && env.TERM !== "dumb" && !("CI" in env);
}
