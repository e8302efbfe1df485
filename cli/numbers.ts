/** Numbers for people. */
import type { Statements } from "../runtime/device.ts";

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

/** Three significant digits, without an exponent from a thousandth to a million. */
export function threeDigits(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return x.toExponential(2);
  return x.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

/** Which part of the statements ran in grid and threads loops of several iterations; 1 where none ran. */
export const parallelFraction = ({ parallel, sequential }: Statements): number =>
  parallel + sequential === 0 ? 1 : parallel / (parallel + sequential);

/** `1 kernel`, `2 kernels`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** `999 B`, `12.3 KiB`, `512 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const k = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)));
  const scaled = bytes / 2 ** (10 * k);
  return `${k === 0 || Number.isInteger(scaled) ? scaled : threeDigits(scaled)} ${units[k]}`;
}

/** How long ago a time (in milliseconds since 1970) was: `now`, `5 minutes ago`, `3 days ago`. */
export function formatAge(time: number, now = Date.now()): string {
  const seconds = (now - time) / 1000;
  const [size, unit] = (
    [
      [86400, "day"],
      [3600, "hour"],
      [60, "minute"],
    ] as const
  ).find(([s]) => seconds >= s) ?? [0, ""];
  return size === 0 ? "now" : `${counted(Math.floor(seconds / size), unit)} ago`;
}

/** The middle one, or half-way between the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
