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

/** `1.23 s`, `12.3 ms`, `4.56 µs`, `120 ns`: three digits. */
export function formatSeconds(seconds: number): string {
  const [unit, scale] = (
    [
      ["s", 1],
      ["ms", 1e3],
      ["µs", 1e6],
    ] as const
  ).find(([, factor]) => seconds * factor >= 0.9995) ?? ["ns", 1e9];
  return `${threeDigits(seconds * scale)} ${unit}`;
}

/** Three significant digits, without an exponent up to a million. */
export function threeDigits(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return x.toExponential(2);
  return x.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

/** `1 kernel`, `2 kernels`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
