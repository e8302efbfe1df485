/** The way in: a kernel file to IR (stage `loop`), the entries it exports, and the diagnostics it deserves. */
import ts from "typescript";
import type { Entry, SourceType } from "../artifact.ts";
import { bug, CompileError, type Span } from "../diagnostic.ts";
import type { Func, Mode, Module, ScalarType } from "../ir/ir.ts";
import { isOwn, resolveAlias } from "./annotations.ts";
import { checkCustom } from "./check-custom.ts";
import type { Code } from "./codes.ts";
import { infer } from "./infer.ts";
import { adjointOf, type Custom, customIn } from "./infer-custom.ts";
import { ExprInference } from "./infer-expr.ts";
import { printDual, printJs } from "./js.ts";
import { lowerFunction } from "./lower.ts";
import { type ReadFile, readProgram } from "./program.ts";
import { Reporter, spanOf, Unlowerable } from "./report.ts";
import { type FunctionWithBody, hasBody, type Instance, Session } from "./session.ts";
import { sourceOf } from "./types.ts";

export interface FrontendOptions {
  readonly mode: Mode;
  readonly real: "f64" | "f32";
  /** Exported functions to compile; all when not given. */
  readonly kernels?: readonly string[];
  readonly types?: Readonly<Record<string, Readonly<Record<string, ScalarType>>>>;
  /** Reads source files; from the disk when not given. */
  readonly readFile?: ReadFile;
}

export interface Lowered {
  readonly module: Module;
  /** The entries; `access` is not yet known. */
  readonly entries: readonly Omit<Entry, "params">[];
  readonly params: ReadonlyMap<string, readonly { readonly name: string; readonly type: SourceType }[]>;
  /** By entry, where its parameters are declared, and the type of its result, by the name `return`. */
  readonly declared: ReadonlyMap<string, ReadonlyMap<string, Span>>;
  /** The same functions as JavaScript, with the conversions that typed storage implies: what target `node` runs. */
  readonly js: () => string;
  /** The same functions on dual numbers, as JavaScript: what derivatives are checked against (see dual.ts). */
  readonly dual: () => string;
}

interface Analysis {
  readonly reporter: Reporter;
  readonly session: Session | null;
  readonly sources: ReadonlyMap<string, string>;
}

function analyse(file: string, text: string | undefined, options: FrontendOptions): Analysis {
  const reporter = new Reporter();
  const program = readProgram(file, text, reporter, options.readFile);
  const sources = new Map(program.files.map((f) => [f.fileName, f.text]));
  if (!program.parsed) return { reporter, session: null, sources };
  const session = new Session(program, reporter, options.real, infer);
  checkModule(session);
  const decls = exportedFunctions(session);
  if (decls.length === 0 && reporter.isEmpty) {
    reporter.report(program.file, "TG1014", "the file exports no function");
  }
  for (const name of options.kernels ?? []) {
    if (!decls.some((d) => d.name === name)) {
      const choice = decls.map((d) => d.name).join(", ");
      reporter.report(program.file, "TG1015", `the file exports no function \`${name}\``, `name one of: ${choice}`);
    }
  }
  for (const { name, decl, custom } of decls) {
    if (options.kernels !== undefined && !options.kernels.includes(name)) continue;
    try {
      const typeArgs = session.entryTypes(decl, options.types?.[name] ?? {});
      const entry = session.instance(decl, typeArgs, { exported: true, name, ints: [], maySmall: true }, decl);
      if (custom !== null) entry.custom = customEntry(session, entry, custom);
    } catch (error) {
      if (!(error instanceof Unlowerable)) throw error;
      if (reporter.isEmpty) bug(`\`${name}\` is refused without a reason`);
    }
  }
  return { reporter, session, sources };
}

/** Lowers a kernel file. @throws CompileError with all diagnostics. */
export function lower(file: string, text: string | undefined, options: FrontendOptions): Lowered {
  const { reporter, session, sources } = analyse(file, text, options);
  const fail = (): never => {
    throw new CompileError(reporter.diagnostics, sources);
  };
  if (session === null || !reporter.isEmpty) return fail();
  const funcs = lowerAll(session, options.mode);
  checkCustom(funcs, reporter);
  if (!reporter.isEmpty) fail();
  const exported = session.instances.filter((i) => i.exported);
  return {
    module: { stage: "loop", funcs },
    entries: exported.map((i) => ({ name: i.name, result: sourceOf(i.result) })),
    params: new Map(exported.map((i) => [i.name, i.params.map((p) => ({ name: p.name, type: p.source }))])),
    declared: new Map(exported.map((i) => [i.name, declarations(i)])),
    js: () => printJs(session),
    dual: () => printDual(session),
  };
}

function declarations({ decl, params }: Instance): ReadonlyMap<string, Span> {
  const places = decl.parameters.map((p, i) => [params[i]?.name ?? p.name.getText(), spanOf(p)] as const);
  return new Map([...places, ["return", spanOf(decl.type ?? decl.name)]]);
}

function lowerAll(session: Session, mode: Mode): readonly Func[] {
  return session.instances.flatMap((instance: Instance) => {
    try {
      return [lowerFunction(session, instance, mode)];
    } catch (error) {
      if (error instanceof Unlowerable) return [];
      throw error;
    }
  });
}

/** An exported function, under the name that it is exported by. */
interface Exported {
  readonly name: string;
  readonly decl: FunctionWithBody;
  /** What it is by `customGradient`, if it is that. */
  readonly custom: Custom | null;
}

/** The functions that the file exports, its own or others' that it passes on, in source order. */
function exportedFunctions(session: Session): readonly Exported[] {
  const { checker, file } = session.program;
  const symbol = checker.getSymbolAtLocation(file);
  const out: Exported[] = [];
  for (const s of symbol === undefined ? [] : checker.getExportsOfModule(symbol)) {
    const target = resolveAlias(s, checker);
    if (target === undefined || isOwn(target)) continue;
    const decls = (target.declarations ?? []).filter(ts.isFunctionDeclaration);
    const [decl] = decls;
    if (decl === undefined) {
      // No kernel, and would otherwise be passed over in silence.
      const value = target.valueDeclaration;
      if (value === undefined || !ts.isVariableDeclaration(value) || !ts.isIdentifier(value.name)) continue;
      const custom = exportedCustom(session, value);
      if (custom !== null && custom.name !== s.name) {
        session.reporter.report(value.name, "TG1055", `\`${custom.name}\` is exported as \`${s.name}\``);
      } else if (custom !== null) out.push({ name: s.name, decl: custom.value, custom });
      if (!session.isFunctionValue(value.name)) continue;
      session.reporter.report(value.name, "TG1016", `\`${s.name}\` is a function written as an expression`);
    } else if (decls.length > 1) {
      session.reporter.report(decl.name ?? decl, "TG1054", `\`${s.name}\` has several signatures`);
    } else if (!hasBody(decl)) {
      session.reporter.report(decl.name ?? decl, "TG1011", "a function without a body or a name");
    } else if (decl.name.text !== s.name) {
      session.reporter.report(decl.name, "TG1055", `\`${decl.name.text}\` is exported as \`${s.name}\``);
    } else out.push({ name: s.name, decl, custom: null });
  }
  return out;
}

function exportedCustom(session: Session, decl: ts.VariableDeclaration): Custom | null {
  try {
    return customIn(session, decl);
  } catch (error) {
    if (error instanceof Unlowerable) return null;
    throw error;
  }
}

/** What an entry with a custom gradient calls: an inner function has the gradient, so that a derivative of the entry has it. */
function customEntry(session: Session, entry: Instance, custom: Custom): NonNullable<Instance["custom"]> {
  const how = { exported: false, ints: [], maySmall: entry.maySmall };
  const value = session.instance(entry.decl, entry.context.typeArgs, how, entry.decl);
  return { value, adjoint: adjointOf(new ExprInference(session, entry), custom, value) };
}

/** Refuses what stands in the file besides imports, exports, functions, types and variables. */
function checkModule(session: Session): void {
  for (const s of session.program.file.statements) {
    const report = (node: ts.Node, code: Code, message: string): void => session.reporter.report(node, code, message);
    if (ts.isClassDeclaration(s)) report(s.name ?? s, "TG1003", "a class in a kernel file");
    else if (ts.isEnumDeclaration(s)) report(s.name, "TG1052", "an enum in a kernel file");
    else if (ts.isModuleDeclaration(s)) report(s.name, "TG1053", "a namespace in a kernel file");
    else if (ts.isImportEqualsDeclaration(s)) report(s, "TG1058", "`import … =` in a kernel file");
    else if (ts.isExportAssignment(s) && s.isExportEquals) report(s, "TG1058", "`export =` in a kernel file");
    else if (!moduleStatements.has(s.kind)) report(s, "TG1018", "a statement outside of a function");
    for (const m of ts.isFunctionDeclaration(s) ? (s.modifiers ?? []) : []) {
      if (ts.isDecorator(m)) report(m, "TG1057", `\`${m.getText()}\` in a kernel file`);
    }
  }
}
const moduleStatements: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.ExportAssignment,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.VariableStatement,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.EmptyStatement,
]);
