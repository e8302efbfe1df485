/** Which files of a folder hold kernels. */
import ts from "typescript";
import { scalarNames } from "./annotations.ts";
import { modules } from "./lib.ts";

/**
 * Could the text be a kernel file? Not when it imports what kernels cannot: packages, Node's modules, or what else
 * `tsgpu` has than types of scalars. Those are programs that call kernels.
 */
export function mayHoldKernels(text: string): boolean {
  const file = ts.createSourceFile("file.ts", text, ts.ScriptTarget.ES2022);
  return file.statements.every((s) => !ts.isImportDeclaration(s) || mayImport(s));
}

function mayImport({ moduleSpecifier, importClause }: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(moduleSpecifier) || /^\.{0,2}\//.test(moduleSpecifier.text)) return true;
  if (!modules.has(moduleSpecifier.text)) return false;
  const names = importClause?.namedBindings;
  // Whether the names of `tsgpu/kernel` are there, the type checker says.
  if (moduleSpecifier.text !== "tsgpu" || names === undefined || !ts.isNamedImports(names)) return true;
  return names.elements.every((n) => scalarNames.has((n.propertyName ?? n.name).text));
}
