/** A kernel file as what it also is: JavaScript, with its types stripped and nothing else done to it. */
import ts from "typescript";
import * as helpers from "../../kernel.ts";

export type PlainFunction = (...args: unknown[]) => unknown;

/** The exports of the file when Node runs it. */
export function plainModule(text: string): Readonly<Record<string, PlainFunction>> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported: Record<string, PlainFunction> = {};
  // Only `tsgpu/kernel` has values to import.
  new Function("exports", "require", outputText)(exported, () => helpers);
  return exported;
}
