/** What schedules refuse, by code, as frontend/codes.ts has them for the language. */
import type { Diagnostic } from "../diagnostic.ts";

interface CodeInfo {
  readonly kind: Diagnostic["kind"];
  readonly title: string;
  readonly help: string;
}
const error = (title: string, help: string): CodeInfo => ({ kind: "error", title, help });

export const scheduleCodes = {
  TG4002: error(
    "threads of a `grid` loop that add floats to one element, under `deterministic`",
    "let each thread write an element of its own and add these up in halves, or in one thread; write ordinary or `parallel` loops, which can run in order; or compile without `deterministic`",
  ),
} as const satisfies Record<string, CodeInfo>;
