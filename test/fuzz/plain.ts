/** A kernel file as what it also is: JavaScript, with its types stripped and nothing else done to it. */
import ts from "typescript";
import * as helpers from "../../kernel.ts";
import type { Sources } from "./tree.ts";

export type PlainFunction = (...args: unknown[]) => unknown;

/** The exports of the file when Node runs it. */
export function plainModule({ text, imports }: Sources): Readonly<Record<string, PlainFunction>> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported: Record<string, PlainFunction> = {};
  const required = (name: string): unknown => {
    const part = imports[name.replace("./", "")];
    return part === undefined ? helpers : plainModule({ text: part, imports });
  };
  new Function("exports", "require", outputText)(exported, required);
  return exported;
}
