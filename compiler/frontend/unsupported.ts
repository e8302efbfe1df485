/** What to say of syntax and of functions that kernels do not have: the code, the message, and help where the code's own is not enough. */
import ts from "typescript";
import type { Code } from "./codes.ts";

const K = ts.SyntaxKind;
export type Refusal = readonly [code: Code, message: string, help?: string | undefined];

export const firstLine = (n: ts.Node): string => n.getText().split("\n")[0] ?? "";

export function unsupportedStatement(s: ts.Statement): Refusal {
  if (ts.isForOfStatement(s)) return ["TG1004", "a loop over elements"];
  if (ts.isForInStatement(s)) return ["TG1004", "a loop over keys"];
  if (ts.isSwitchStatement(s)) return ["TG1005", "a `switch`"];
  if (ts.isTryStatement(s)) return ["TG1006", "`try` in a kernel"];
  if (ts.isThrowStatement(s)) return ["TG1006", "`throw` in a kernel"];
  if (ts.isFunctionDeclaration(s)) return ["TG1002", "a function inside a kernel"];
  if (ts.isClassDeclaration(s)) return ["TG1003", "a class inside a kernel"];
  if (ts.isEnumDeclaration(s)) return ["TG1052", "an enum inside a kernel"];
  if (ts.isInterfaceDeclaration(s) || ts.isTypeAliasDeclaration(s))
    return ["TG1019", "a type declared inside a kernel"];
  if (ts.isWithStatement(s)) return ["TG1051", "`with` in a kernel"];
  return ["TG1001", `\`${firstLine(s)}\` is not part of the kernel language`];
}

export function unsupportedExpression(e: ts.Expression): Refusal {
  switch (e.kind) {
    case K.NullKeyword:
      return ["TG1025", "kernels have no `null`"];
    case K.StringLiteral:
    case K.NoSubstitutionTemplateLiteral:
      return ["TG1024", "kernels have no strings"];
    case K.TemplateExpression:
    case K.TaggedTemplateExpression:
      return ["TG1060", "kernels make no text"];
    case K.ArrowFunction:
    case K.FunctionExpression:
      return ["TG1002", "a function inside a kernel"];
    case K.ClassExpression:
      return ["TG1003", "a class inside a kernel"];
    case K.SpreadElement:
      return ["TG1027", "an array is spread into another"];
    case K.ThisKeyword:
    case K.SuperKeyword:
      return ["TG1056", `kernels have no \`${e.getText()}\``];
    case K.AwaitExpression:
    case K.YieldExpression:
      return ["TG1009", `\`${firstLine(e)}\` waits inside a kernel`];
    case K.NewExpression:
      return ["TG1070", `\`${firstLine(e)}\` makes an object`];
    case K.RegularExpressionLiteral:
      return ["TG1071", "kernels have no regular expressions"];
    case K.BigIntLiteral:
      return ["TG1072", `\`${e.getText()}\` is a bigint`];
    case K.DeleteExpression:
      return ["TG1068", `\`${firstLine(e)}\` takes away a part of a value`];
    case K.TypeOfExpression:
      return ["TG1069", `\`${firstLine(e)}\` asks for a type while the kernel runs`];
    case K.VoidExpression:
      return [
        "TG1028",
        "the operator `void` is not part of the kernel language",
        "write the expression as a statement",
      ];
    case K.TypeAssertionExpression:
      return ["TG1075", `\`${firstLine(e)}\` is a type assertion in angle brackets`];
    default:
      return ["TG1020", `\`${firstLine(e)}\` is not part of the kernel language`];
  }
}

/** An operator between two operands that is no arithmetic, comparison or logic on bools. */
export function unsupportedOperator(op: ts.BinaryOperatorToken): Refusal {
  const text = `\`${op.getText()}\``;
  switch (op.kind) {
    case K.QuestionQuestionToken:
      return ["TG1077", "`??` in a kernel"];
    case K.QuestionQuestionEqualsToken:
    case K.BarBarEqualsToken:
    case K.AmpersandAmpersandEqualsToken:
      return ["TG1065", `the assignment ${text} in a kernel`];
    case K.InKeyword:
    case K.InstanceOfKeyword:
      return ["TG1066", `${text} asks what a value is`];
    case K.CommaToken:
      return ["TG1067", "a comma joins two expressions in a value"];
    default:
      return ["TG1028", `the operator ${text} is not part of the kernel language`];
  }
}

/** Methods that change an array's length. */
const resizing = new Set(["push", "pop", "shift", "unshift", "splice"]);
/** What to write in place of other array methods. */
const loops: Readonly<Record<string, string>> = {
  fill: "write the loop, `for (let i = 0; i < A.length; i++) A[i] = x;`",
  map: "write the loop, `for (let i = 0; i < A.length; i++) B[i] = …;`",
  forEach: "write the loop, `for (let i = 0; i < A.length; i++) …`",
  reduce: "write the loop, with a variable that takes up each element, as in `sum += A[i]`",
  slice: "pass the bounds along with the array, or copy the elements in a loop",
  subarray: "pass the bounds along with the array; a whole row can be named, as in `const row = A[i]`",
  set: "write the loop, `for (let i = 0; i < B.length; i++) A[i] = B[i];`",
  at: "subscript it, as in `A[A.length - 1]`",
};

/** A member of an array other than `length`. `what` is all that is written, `name` the member. */
export function unsupportedArrayMember(what: string, name: string): Refusal {
  if (resizing.has(name)) {
    const help = "arrays keep the size they were made with: write to an element, and count in a variable";
    return ["TG1041", `\`${what}\` changes the length of an array`, help];
  }
  return ["TG1021", `\`${what}\`: arrays have no \`${name}\` in the kernel language`, loops[name]];
}

/** What to write in place of functions that users may reach for. */
const otherCalls: Readonly<Record<string, string>> = {
  isNaN: "compare it with itself, as in `x !== x`",
  "Number.isNaN": "compare it with itself, as in `x !== x`",
  isFinite: "write `Math.abs(x) < Infinity`",
  "Number.isFinite": "write `Math.abs(x) < Infinity`",
  "Number.isInteger": "write `Math.floor(x) === x`",
  Number: "leave it out, or write `b ? 1 : 0` for a bool",
  "Array.from": 'make arrays by `zeros("f64", n)`, and fill them in a loop',
  "Array.of": "list the elements in brackets, as in `[1, 2, 3]`",
  Array: 'make arrays by `zeros("f64", n)`',
  parseFloat: "pass numbers in; text stays where the kernel is called",
  parseInt: "write `Math.trunc(x)`",
  "performance.now": "measure where the kernel is called",
  "Date.now": "measure where the kernel is called",
  eval: "write the code itself",
};

/** What to write in place of names that JavaScript declares everywhere. */
export const otherNames: Readonly<Record<string, string>> = {
  arguments: "name the parameters",
  globalThis: "write `Math`, `NaN` and `Infinity` by their own names",
};

/** What to write in place of constants other than those of `Math`. */
export const otherConstants: Readonly<Record<string, string>> = {
  "Number.MAX_VALUE": "write `Infinity`, or the number, 1.7976931348623157e308",
  "Number.MIN_VALUE": "write the number, 5e-324",
  "Number.EPSILON": "write `2 ** -52`",
  "Number.MAX_SAFE_INTEGER": "write `2 ** 53 - 1`",
  "Number.MIN_SAFE_INTEGER": "write `1 - 2 ** 53`",
  "Number.POSITIVE_INFINITY": "write `Infinity`",
  "Number.NEGATIVE_INFINITY": "write `-Infinity`",
  "Number.NaN": "write `NaN`",
};

export function unsupportedCall(callee: string): Refusal {
  if (callee.startsWith("console.")) return ["TG1076", `\`${callee}\` prints from a kernel`];
  return ["TG1022", `\`${callee}\` is not a function that kernels can call`, otherCalls[callee]];
}
