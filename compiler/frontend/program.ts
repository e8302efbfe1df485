/** Reads a kernel file and what it imports with the TypeScript compiler, and reports what its checker finds. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { libFile, libText, modules } from "./lib.ts";
import type { Reporter } from "./report.ts";

export interface Program {
  readonly checker: ts.TypeChecker;
  readonly file: ts.SourceFile;
  /** The user's files: the kernel file and all that it imports. */
  readonly files: readonly ts.SourceFile[];
  /** Whether all of it could be read; only then is it looked at further. */
  readonly parsed: boolean;
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

/** The text of a file; undefined where there is none. */
export type ReadFile = (file: string) => string | undefined;

const readFromDisk: ReadFile = (file) =>
  existsSync(file) && statSync(file).isFile() ? readFileSync(file, "utf8") : undefined;

/**
 * Parses and type-checks `file` (`text` in place of its content, when given). All that is known of the file system comes
 * through `readFile`: what it is asked, and what it answers, decides the program.
 *
 * @throws Error when the file cannot be read.
 */
export function readProgram(
  file: string,
  text: string | undefined,
  reporter: Reporter,
  readFile: ReadFile = readFromDisk,
): Program {
  const main = path.resolve(file);
  const read: ReadFile = (name) => (name === main && text !== undefined ? text : readFile(name));
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
  for (const f of files) for (const d of program.getSyntacticDiagnostics(f)) reporter.reportTypeScript(d, f);
  // Types of what cannot be read would be guesses.
  const parsed = reporter.isEmpty;
  for (const f of parsed ? files : [])
    for (const d of program.getSemanticDiagnostics(f)) reporter.reportTypeScript(d, f);
  return { checker: program.getTypeChecker(), file: source, files, parsed };
}
