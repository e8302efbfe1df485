// What TypeScript cannot parse.
import type { f64 } from "tsgpu";

export function broken(x: f64): f64 {
  return x + ; // TS1109 14 Expression expected
}
