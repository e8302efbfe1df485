/** The refusals of differentiation, by code, as frontend/codes.ts has them for the language. */
import type { Diagnostic } from "../compiler/diagnostic.ts";

interface CodeInfo {
  readonly kind: Diagnostic["kind"];
  readonly title: string;
  readonly help: string;
}
const error = (title: string, help: string): CodeInfo => ({ kind: "error", title, help });

export const adCodes = {
  TG2001: error(
    "derivative by, or of, what the kernel does not have",
    "name parameters of the kernel, and `return` for its result",
  ),
  TG2002: error(
    "derivative by, or of, integers",
    "only `f64` and `f32` carry derivatives; leave the name out, or compute in floats",
  ),
  TG2003: error("nothing to differentiate by", "let the kernel read an array or a scalar of floats"),
  TG2004: error("nothing to differentiate", "let the kernel write an array of floats, or return a float"),
  TG2005: error(
    "a gradient that keeps more than its `tapeBudget`, whatever the sizes",
    "raise `tapeBudget`, or let the gradient keep less: by `undo: true`, by loops that can run again from snapshots, by `stopGradient`",
  ),
  TG2006: error(
    "a gradient on a GPU whose threads would have to count what they keep",
    "give the loop a bound that follows from sizes and scalar parameters, or take a target that is no GPU",
  ),
} as const satisfies Record<string, CodeInfo>;
export type AdCode = keyof typeof adCodes;
