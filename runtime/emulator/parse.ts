/** PTX text to data: directives, variables, and the heads of functions; `parse-body.ts` reads what functions hold. */
import { Cursor } from "./lexer.ts";
import { parseBody, Scope } from "./parse-body.ts";
import { parseVariable, spaces } from "./parse-variable.ts";
import { PtxError, type PtxFunction, type PtxText, type Variable } from "./ptx.ts";

const linkage = new Set([".visible", ".extern", ".weak", ".common"]);

export function parseText(text: string): PtxText {
  const c = new Cursor(text);
  let version = "";
  let target = "";
  const variables: Variable[] = [];
  const functions = new Map<string, PtxFunction>();
  const files = new Map<number, string>();
  const scope = new Scope();
  while (c.token.kind !== "end") {
    if (c.accept(".version")) version = c.next().text;
    else if (c.accept(".target")) {
      target = c.next().text;
      while (c.accept(",")) c.next();
    } else if (c.accept(".address_size")) {
      const bits = c.count("a number of bits");
      if (bits !== 64) c.fail(`addresses of ${bits} bits: the emulator has 64-bit ones`);
    } else if (c.accept(".file")) {
      files.set(c.count("a file's number"), c.expectKind("string", "a file's name").text.slice(1, -1));
      // The time and size of the file, which some compilers give.
      while (c.accept(",")) c.next();
    } else if (c.accept(".section")) skipSection(c);
    else parseGlobal(c, scope, files, variables, functions);
  }
  if (version === "" || target === "") throw new PtxError(1, "no .version and .target: this is no PTX text");
  return { version, target, variables, functions };
}

function skipSection(c: Cursor): void {
  c.next();
  c.expect("{");
  while (c.token.kind !== "end" && c.token.text !== "}") c.next();
  c.expect("}");
}

function parseGlobal(
  c: Cursor,
  scope: Scope,
  files: ReadonlyMap<number, string>,
  variables: Variable[],
  functions: Map<string, PtxFunction>,
): void {
  let isExtern = false;
  while (linkage.has(c.token.text)) isExtern = c.next().text === ".extern" || isExtern;
  if (c.token.text === ".entry" || c.token.text === ".func") {
    const f = parseFunction(c, scope, files);
    // A declaration says no more than the definition that follows.
    if (f === null) return;
    if (functions.has(f.name)) throw new PtxError(f.line, `${f.name} is defined twice`);
    functions.set(f.name, f);
  } else if (spaces.has(c.token.text)) {
    const variable = parseVariable(c);
    if (variable.space === "local" || variable.space === "param") {
      throw new PtxError(variable.line, `.${variable.space} variables belong into functions`);
    }
    if (isExtern && variable.space !== "shared") {
      throw new PtxError(variable.line, `${variable.name} is defined elsewhere, and modules are not linked here`);
    }
    c.expect(";");
    scope.declare(variable);
    variables.push(variable);
  } else c.fail(`${c.token.text} is not known here`);
}

/** A function with its body; null for a declaration. */
function parseFunction(c: Cursor, outer: Scope, files: ReadonlyMap<number, string>): PtxFunction | null {
  const { line } = c;
  const isKernel = c.next().text === ".entry";
  const scope = new Scope(outer);
  const results = !isKernel && c.token.text === "(" ? parseParams(c, scope) : [];
  const { text: name } = c.expectKind("word", "a function's name");
  const params = c.token.text === "(" ? parseParams(c, scope) : [];
  let maxThreads: readonly number[] | null = null;
  let requiredThreads: readonly number[] | null = null;
  for (;;) {
    if (c.accept(".maxntid")) maxThreads = parseCounts(c);
    else if (c.accept(".reqntid")) requiredThreads = parseCounts(c);
    // How many blocks share a multiprocessor and how many registers a thread has is not the program's meaning.
    else if (c.accept(".minnctapersm") || c.accept(".maxnctapersm") || c.accept(".maxnreg")) parseCounts(c);
    else if (c.accept(".pragma")) c.expectKind("string", "a pragma");
    else if (!c.accept(".noreturn")) break;
  }
  if (c.accept(";")) return null;
  const body = parseBody(c, scope, files);
  return { name, isKernel, params, results, maxThreads, requiredThreads, line, ...body };
}

function parseParams(c: Cursor, scope: Scope): Variable[] {
  const params: Variable[] = [];
  c.expect("(");
  while (!c.accept(")")) {
    if (!c.at(".param")) c.fail(`expected .param, found ${c.token.text}`);
    const variable = parseVariable(c);
    scope.declare(variable);
    params.push(variable);
    if (c.token.text !== ")") c.expect(",");
  }
  return params;
}

function parseCounts(c: Cursor): number[] {
  const counts = [c.count("a count")];
  while (c.accept(",")) counts.push(c.count("a count"));
  return counts;
}
