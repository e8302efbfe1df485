/**
 * The diagnostics of the kernel language, by code: what kind of fault each is and what to write instead. The message,
 * which speaks of the program at hand, is made where the fault is found. Codes are never reused.
 */
import ts from "typescript";
import type { Diagnostic, Span } from "../diagnostic.ts";

interface CodeInfo {
  readonly kind: Diagnostic["kind"];
  readonly title: string;
  readonly help: string;
}
const unsupported = (title: string, help: string): CodeInfo => ({ kind: "unsupported", title, help });
const error = (title: string, help: string): CodeInfo => ({ kind: "error", title, help });

export const codes = {
  // Statements and declarations.
  TG1001: unsupported(
    "statement outside of the subset",
    "write loops, branches and assignments; see the language reference",
  ),
  TG1002: unsupported(
    "function inside a function",
    "move the function to the top of the file; kernels close over nothing but constants",
  ),
  TG1003: unsupported("class, enum or namespace", "use functions, interfaces and module constants"),
  TG1004: unsupported("`for … of` and `for … in` loops", "write a counted loop, `for (let i = 0; i < n; i++)`"),
  TG1005: unsupported("`switch`", "write `if` and `else if`"),
  TG1006: unsupported("exceptions", "return early, or write a status into an array"),
  TG1007: unsupported("`var`", "declare with `const` or `let`"),
  TG1008: unsupported("module variable that changes", "make it a `const`, or pass it as a parameter"),
  TG1009: unsupported("asynchronous code or generator", "a kernel runs from start to end; await its call instead"),
  TG1010: unsupported("optional, rest or defaulted parameter", "write one parameter for each argument"),
  TG1011: error("kernel without a body or a name", "write `export function name(…) { … }`"),
  TG1012: error("recursion", "write the recursion as a loop; a stack can be an array with a counter"),
  TG1013: unsupported("parameter that is destructured", "name the parameter and destructure it in the body"),
  TG1014: error("no kernel in the file", "export at least one function"),
  TG1015: error("no such kernel", "name one of the file's exported functions"),
  TG1016: unsupported(
    "function written as an expression",
    "write a function declaration, `function name(…) { … }`, at the top of the file",
  ),
  TG1017: unsupported("module namespace", "import the names that you need, as in `import { f } from …`"),
  // Expressions.
  TG1020: unsupported("expression outside of the subset", "see the language reference for what kernels can compute"),
  TG1021: unsupported("array method", "write the loop"),
  TG1022: unsupported(
    "function that is not a kernel",
    "call functions of this file, imported kernel functions, or `Math`",
  ),
  TG1023: unsupported("function value", "call the function by its name"),
  TG1024: unsupported("string", "kernels compute on numbers and booleans"),
  TG1025: unsupported(
    "`null`, `undefined` or optional chaining",
    "every value of a kernel is there; use a flag or a sentinel number",
  ),
  TG1026: unsupported("`Math` member that kernels do not have", "pass random numbers in as an array"),
  TG1027: unsupported("object or array spread", "write the elements one by one"),
  TG1028: unsupported("operator outside of the subset", "use arithmetic, comparisons, bit operators, `&&`, `||`, `!`"),
  TG1029: unsupported("logical operator on numbers", "compare first, as in `x !== 0`"),
  // Types.
  TG1030: unsupported(
    "type that kernels do not have",
    "use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these",
  ),
  TG1031: error("value of another kind", "give both sides the same kind of value"),
  TG1032: error("fraction where an integer is declared", "write `Math.floor(…)`, `Math.trunc(…)` or `| 0`"),
  TG1033: error("subscript that is no integer", "write `Math.floor(…)` around it"),
  TG1034: unsupported("array of more than six axes", "fold axes together: `A[i * n + j]`"),
  TG1035: unsupported("element type", "store f64, f32, i32, u32 or bool; indices fit i32"),
  TG1036: error("type argument that does not fit", "choose one of the constraint's types"),
  TG1037: unsupported("generic constraint", "constrain by scalar types, as in `<T extends f64 | f32>`"),
  TG1038: unsupported("array as a result", "pass the array in and write into it"),
  TG1039: error("array used as a number", "subscript it down to an element"),
  // Arrays and structs.
  TG1040: unsupported(
    "array variable that is bound again",
    "use a `const` for each array, or copy the elements in a loop",
  ),
  TG1041: error("change of an array's length", "arrays keep the size they were made with; pass the size you need"),
  TG1042: unsupported(
    "write through a second name of a struct",
    "write through the first name, as in `points[i].x = …`",
  ),
  TG1043: error("tuple subscript that is not a constant", "use an array for what is subscripted by a variable"),
  TG1044: unsupported("whole row or array assigned", "copy the elements in a loop"),
  TG1045: unsupported("array literal of this shape", "list numbers, or use `zeros(type, …)` and fill it"),
  TG1046: error("unknown element type in `zeros`", 'name it by a literal, as in `zeros("f64", n)`'),
  TG1047: error("write to a constant of the module", "copy it into a local variable or array first"),
  TG1048: unsupported("array chosen by a condition", "branch around the statements that use the array"),
  TG1049: unsupported("property of a number or bool", "only arrays, rows, structs and tuples have any"),
  // Programs that cannot be planned.
  TG1090: unsupported(
    "local array whose size is not known before the kernel runs",
    "size it by parameters and array sizes",
  ),
} as const satisfies Record<string, CodeInfo>;
export type Code = keyof typeof codes;

/** Thrown to leave a piece of source that cannot be lowered, after its diagnostic was reported. */
export class Unlowerable extends Error {}

export const spanOf = (node: ts.Node, file: ts.SourceFile = node.getSourceFile()): Span => {
  // What concerns a file as a whole stands at its beginning.
  if (ts.isSourceFile(node)) return { file: file.fileName, line: 1, column: 1, start: 0, end: 0 };
  const start = node.getStart(file);
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return { file: file.fileName, line: line + 1, column: character + 1, start, end: node.end };
};

/** Collects diagnostics; one place and code is reported once, however often the function it stands in is instantiated. */
export class Reporter {
  private readonly found = new Map<string, Diagnostic>();

  report(node: ts.Node, code: Code, message: string, help: string = codes[code].help): void {
    this.add({ kind: codes[code].kind, code, message, at: spanOf(node), help });
  }
  /** Reports, and gives up on the statement at hand. */
  refuse(node: ts.Node, code: Code, message: string, help: string = codes[code].help): never {
    this.report(node, code, message, help);
    throw new Unlowerable();
  }
  add(d: Diagnostic): void {
    this.found.set(`${d.at.file}:${d.at.start}:${d.code}`, this.found.get(`${d.at.file}:${d.at.start}:${d.code}`) ?? d);
  }
  /** All diagnostics, in the order of the source. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.found.values()].sort((a, b) => a.at.file.localeCompare(b.at.file) || a.at.start - b.at.start);
  }
}

/** What to report of a statement that kernels do not have: code, message, and help where the code's own is not enough. */
export function unsupportedStatement(s: ts.Statement): [Code, string, string?] {
  if (ts.isForOfStatement(s) || ts.isForInStatement(s)) return ["TG1004", "a loop over elements or keys"];
  if (ts.isSwitchStatement(s)) return ["TG1005", "a `switch`"];
  if (ts.isTryStatement(s) || ts.isThrowStatement(s)) return ["TG1006", "exceptions"];
  if (ts.isFunctionDeclaration(s)) return ["TG1002", "a function inside a kernel"];
  if (ts.isClassDeclaration(s) || ts.isEnumDeclaration(s)) return ["TG1003", "a class or enum inside a kernel"];
  if (ts.isInterfaceDeclaration(s) || ts.isTypeAliasDeclaration(s)) {
    return ["TG1001", "a type declared inside a kernel", "move it to the top of the file"];
  }
  return ["TG1001", `\`${s.getText().split("\n")[0]}\` is not part of the kernel language`];
}
