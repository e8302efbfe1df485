/**
 * Kernel files as trees that can be shrunk: text with expressions and blocks in it, and nothing that needs a parser.
 *
 * What a tree means is TypeScript's business: the shrinker may try any edit, for a tree that no longer compiles, runs
 * outside of an array or does not end is thrown away.
 */

import type { Traits } from "./scope.ts";

/** `real` is a float by inference; `number` may be an integer or float; `subscript` is inside of some axis. */
export type Kind = "real" | "number" | "int" | "bool" | "subscript" | "value";

export interface Expr {
  readonly kind: Kind;
  readonly parts: readonly (string | Expr)[];
  /** The function called; the parts that are expressions are then its arguments. */
  readonly callee?: string;
  /** Integers only: never negative. */
  readonly natural?: boolean;
}
export interface Block {
  readonly kind: "block";
  readonly stmts: readonly Stmt[];
}
export interface Stmt {
  readonly kind: "stmt";
  readonly parts: readonly (string | Expr | Block)[];
  /** A loop's first trip, as declarations: `const i = 0;`. */
  readonly once?: string;
}
export interface Param {
  readonly name: string;
  readonly type: string;
}
export interface Func {
  readonly name: string;
  readonly exported: boolean;
  /** `<T extends f64 | f32>`, or nothing. */
  readonly generics: string;
  readonly params: readonly Param[];
  readonly result: string;
  readonly body: Block;
}
export interface Program {
  readonly seed: number;
  /** Module constants, interfaces and type aliases. */
  readonly decls: readonly string[];
  readonly funcs: readonly Func[];
  readonly traits: Traits;
  /** Whether declarations and helpers stand in a file of their own, which the kernels' file imports. */
  readonly split: boolean;
}

export const expr = (kind: Kind, ...parts: readonly (string | Expr)[]): Expr => ({ kind, parts });
export const natural = (...parts: readonly (string | Expr)[]): Expr => ({ kind: "int", parts, natural: true });
export const block = (stmts: readonly Stmt[]): Block => ({ kind: "block", stmts });
export const stmt = (...parts: Stmt["parts"]): Stmt => ({ kind: "stmt", parts });
/** A call whose arguments are expressions. */
export function callOf(kind: Kind, callee: string, args: readonly Expr[]): Expr {
  const parts = args.flatMap((a, k) => (k === 0 ? [a] : [", ", a]));
  return { kind, callee, parts: [`${callee}(`, ...parts, ")"] };
}

export const printExpr = (e: Expr): string => e.parts.map((p) => (typeof p === "string" ? p : printExpr(p))).join("");

export function printStmt(s: Stmt, indent: string): string {
  const text = s.parts.map((p) => {
    if (typeof p === "string") return p;
    return p.kind === "block" ? printBlock(p, indent) : printExpr(p);
  });
  return `${indent}${text.join("")}\n`;
}

function printBlock(b: Block, indent: string): string {
  if (b.stmts.length === 0) return "{}";
  return `{\n${b.stmts.map((s) => printStmt(s, `${indent}  `)).join("")}${indent}}`;
}

function printFunc(f: Func): string {
  const params = f.params.map((p) => `${p.name}: ${p.type}`).join(", ");
  const head = `${f.exported ? "export " : ""}function ${f.name}${f.generics}(${params}): ${f.result}`;
  return `${head} ${printBlock(f.body, "")}\n`;
}

const scalarNames = ["f64", "f32", "i32", "u32", "index", "bool", "real"];
const helperNames = ["zeros", "stopGradient"];
/** The file that a split program imports. */
export const partFile = "part.ts";

/** A program's files: the kernels' own text, and those that it imports by their names. */
export interface Sources {
  readonly text: string;
  readonly imports: Readonly<Record<string, string>>;
}

export function printFiles(p: Program): Sources {
  if (!p.split) return { text: printProgram(p), imports: {} };
  const kernels = p.funcs.filter((f) => f.exported).map(printFunc);
  const shared = [...p.decls, ...p.funcs.filter((f) => !f.exported).map(printFunc)];
  const main = kernels.join("\n");
  const names = shared.flatMap((text) => {
    const [, word, name] = /^(interface|type|const|function) (\w+)/.exec(text) ?? [];
    if (name === undefined || !new RegExp(`\\b${name}\\b`).test(main)) return [];
    return [word === "interface" || word === "type" ? `type ${name}` : name];
  });
  const imported = names.length === 0 ? "" : `import { ${names.join(", ")} } from "./${partFile}";\n`;
  const part = withImports(shared.map((text) => `export ${text.trimEnd()}\n`).join("\n"));
  return { text: withImports(main, imported), imports: imported === "" ? {} : { [partFile]: part } };
}

/** The program as one file, with the imports that it needs. */
export function printProgram(p: Program): string {
  return withImports([...p.decls.map((d) => `${d}\n`), ...p.funcs.map(printFunc)].join("\n"));
}

function withImports(body: string, more = ""): string {
  const types = scalarNames.filter((name) => new RegExp(`\\b${name}\\b`).test(body.replaceAll(/"[^"]*"/g, "")));
  const helpers = helperNames.filter((name) => body.includes(`${name}(`));
  const imports = [
    types.length > 0 ? `import type { ${types.join(", ")} } from "tsgpu";\n` : "",
    helpers.length > 0 ? `import { ${helpers.join(", ")} } from "tsgpu/kernel";\n` : "",
    more,
  ].join("");
  return `${imports}${imports === "" ? "" : "\n"}${body}`;
}
