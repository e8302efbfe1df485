import type { f64 } from "tsgpu";

/** Names that C's libraries know as well. */
export function write(a: f64[]): void {
  a[0] = 1;
}
export function read(a: f64[]): void {
  a[0] += 1;
}
export function floor(double: f64[], int: f64): void {
  double[0] = Math.floor(double[0]) + int;
}
export function memset(a: f64[]): void {
  for (let i = 0; i < a.length; i++) a[i] = 0;
}
export function memcpy(a: f64[], b: f64[]): void {
  for (let i = 0; i < a.length; i++) a[i] = b[i];
}
export function main(args: f64[], error: f64): void {
  args[0] = error;
}
