// What TypeScript cannot parse.
import type { f64 } from "tsgpu";

export function broken(x: f64): f64 {
  return x + ; //! Expression expected
}
