/** Reads a kernel file and what it imports with the TypeScript compiler, and reports what its checker finds. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { type Reporter, spanOf } from "./codes.ts";
import { libFile, libText, modules } from "./lib.ts";

export interface Program {
  readonly checker: ts.TypeChecker;
  readonly file: ts.SourceFile;
  /** The user's files: the kernel file and all that it imports. */
  readonly files: readonly ts.SourceFile[];
}

const options: ts.CompilerOptions = {
  strict: true,
  // A path that returns nothing would yield `undefined`, which no result can hold.
  noImplicitReturns: true,
  noLib: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  types: [],
};

/** Files of our own are parsed once a process: they never change. */
const ownFiles = new Map<string, ts.SourceFile>();
function ownFile(name: string): ts.SourceFile | undefined {
  const text = name === libFile ? libText : [...modules.values()].find((m) => m.file === name)?.text;
  if (text === undefined) return undefined;
  const known = ownFiles.get(name) ?? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  ownFiles.set(name, known);
  return known;
}

/** Parses and type-checks `file` (`text` in place of its content, when given). @throws Error when it cannot be read. */
export function readProgram(file: string, text: string | undefined, reporter: Reporter): Program {
  const main = path.resolve(file);
  const read = (name: string): string | undefined => {
    if (name === main && text !== undefined) return text;
    return existsSync(name) ? readFileSync(name, "utf8") : undefined;
  };
  const host: ts.CompilerHost = {
    getSourceFile: (name, language) => {
      const own = ownFile(name);
      if (own !== undefined) return own;
      const content = read(name);
      return content === undefined ? undefined : ts.createSourceFile(name, content, language, true);
    },
    getDefaultLibFileName: () => libFile,
    writeFile: () => {},
    getCurrentDirectory: () => process.cwd(),
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (name) => ownFile(name) !== undefined || read(name) !== undefined,
    readFile: read,
    resolveModuleNameLiterals: (literals, containing) =>
      literals.map((literal) => {
        const own = modules.get(literal.text);
        if (own === undefined) return ts.resolveModuleName(literal.text, containing, options, host);
        return { resolvedModule: { resolvedFileName: own.file, extension: ts.Extension.Dts } };
      }),
  };
  const program = ts.createProgram({ rootNames: [libFile, main], options, host });
  const source = program.getSourceFile(main);
  if (source === undefined) throw new Error(`cannot read ${file}`);
  const files = program.getSourceFiles().filter((f) => ownFile(f.fileName) === undefined);
  for (const f of files) for (const d of program.getSyntacticDiagnostics(f)) reportTypeScript(d, f, reporter);
  // Types of what cannot be read would be guesses.
  const parsed = reporter.diagnostics.length === 0;
  for (const f of parsed ? files : [])
    for (const d of program.getSemanticDiagnostics(f)) reportTypeScript(d, f, reporter);
  return { checker: program.getTypeChecker(), file: source, files };
}

function reportTypeScript(d: ts.Diagnostic, file: ts.SourceFile, reporter: Reporter): void {
  if (d.category !== ts.DiagnosticCategory.Error) return;
  const start = d.start ?? 0;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  reporter.add({
    kind: "error",
    code: `TS${d.code}`,
    message: ts.flattenDiagnosticMessageText(d.messageText, " ").replace(/\s+/g, " ").replace(/\.$/, ""),
    at: {
      ...spanOf(file, file),
      line: line + 1,
      column: character + 1,
      start,
      end: start + (d.length ?? 1),
    },
  });
}
