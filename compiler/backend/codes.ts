/** What targets refuse, by code, as frontend/codes.ts has them for the language. */
import { CompileError, type Diagnostic, type Loc } from "../diagnostic.ts";

interface CodeInfo {
  readonly kind: Diagnostic["kind"];
  readonly title: string;
  readonly help: string;
}
const error = (title: string, help: string): CodeInfo => ({ kind: "error", title, help });

export const targetCodes = {
  TG4001: error(
    "f64 on WebGPU, which has no such type",
    'compile with `--real f32` (`real: "f32"`), which makes `real` single, write `real` or `f32` for `f64`, or take another target',
  ),
  TG4003: error(
    "updates of f16 elements by several threads of a GPU at the same time",
    "add up in an array of `f32`, and store what comes of it in the `f16` array",
  ),
} as const satisfies Record<string, CodeInfo>;
export type TargetCode = keyof typeof targetCodes;

/** @throws CompileError */
export function refuse(code: TargetCode, message: string, at: Loc): never {
  const { kind, help } = targetCodes[code];
  throw new CompileError([{ kind, code, message, at: at.span, help }]);
}
