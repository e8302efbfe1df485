/**
 * The diagnostics of the kernel language, by code: what kind of fault each is and what to write instead. The message,
 * which speaks of the program at hand, is made where the fault is found. Codes are never reused, and each has a section in
 * docs/diagnostics.md.
 */
import type { Diagnostic } from "../diagnostic.ts";

interface CodeInfo {
  readonly kind: Diagnostic["kind"];
  readonly title: string;
  readonly help: string;
}
const unsupported = (title: string, help: string): CodeInfo => ({ kind: "unsupported", title, help });
const error = (title: string, help: string): CodeInfo => ({ kind: "error", title, help });

const statements = {
  TG1001: unsupported(
    "statement outside of the subset",
    "write loops, branches and assignments; see the language reference",
  ),
  TG1002: unsupported(
    "function inside a function",
    "move the function to the top of the file; kernels close over nothing but constants",
  ),
  TG1003: unsupported("class", "use an interface for the fields, and functions of the file for the methods"),
  TG1004: unsupported("`for … of` and `for … in` loops", "write a counted loop, `for (let i = 0; i < n; i++)`"),
  TG1005: unsupported("`switch`", "write `if` and `else if`"),
  TG1006: unsupported("exceptions", "return early, or write a status into an array"),
  TG1007: unsupported("`var` and `using`", "declare with `const` or `let`"),
  TG1009: unsupported("asynchronous code or generator", "a kernel runs from start to end; await its call instead"),
  TG1019: unsupported("type declared inside a kernel", "move it to the top of the file"),
  TG1050: unsupported(
    "jump that leads to no loop",
    "branch with `if`, or put the statements in a function and `return`",
  ),
  TG1051: unsupported("`with`", "name the fields, as in `p.x`"),
  TG1056: unsupported("`this`", "pass what the kernel works on as a parameter"),
} as const satisfies Record<string, CodeInfo>;

const declarations = {
  TG1008: unsupported("module variable that changes", "make it a `const`, or pass it as a parameter"),
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
  TG1018: unsupported(
    "statement outside of a function",
    "kernel files hold functions, types and constants; run other code elsewhere",
  ),
  TG1047: error("write to a constant of the module", "copy it into a local variable or array first"),
  TG1052: unsupported("enum", "write module constants, as in `const red = 0, green = 1;`"),
  TG1053: unsupported("namespace", "put its functions and constants at the top of a file, and import them from there"),
  TG1054: unsupported(
    "function with several signatures",
    "write one signature; a type parameter may stand for several types",
  ),
  TG1055: unsupported(
    "kernel exported under another name",
    "export it under its own name, as in `export function name(…) { … }`",
  ),
  TG1057: unsupported("decorator", "leave it out: every exported function of the file is a kernel"),
  TG1058: unsupported("`import … =` and `export =`", "write `import { f } from …` and `export function f(…)`"),
  TG1059: error("constant that is defined by itself", "give one of the constants a value of its own"),
} as const satisfies Record<string, CodeInfo>;

const expressions = {
  TG1020: unsupported("expression outside of the subset", "see the language reference for what kernels can compute"),
  TG1021: unsupported("array method", "write the loop"),
  TG1022: unsupported(
    "function that is not a kernel",
    "call functions of this file, imported kernel functions, or `Math`",
  ),
  TG1023: unsupported("function value", "call the function by its name"),
  TG1024: unsupported("string", "kernels compute on numbers and booleans; number the cases, as in `const add = 0;`"),
  TG1025: unsupported("`null` and `undefined`", "every value of a kernel is there; use a flag or a sentinel number"),
  TG1026: unsupported("`Math.random`", "pass random numbers in as an array"),
  TG1027: unsupported("spread", "write the elements or fields one by one"),
  TG1028: unsupported("operator outside of the subset", "use arithmetic, comparisons, bit operators, `&&`, `||`, `!`"),
  TG1029: unsupported(
    "logical operator on numbers",
    "compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`",
  ),
  TG1060: unsupported("template string", "return the numbers, and make the text where the kernel is called"),
  TG1061: unsupported("optional chaining", "leave out the `?`: arrays, structs and functions are always there"),
  TG1062: unsupported(
    "number of arguments of a `Math` function",
    "nest calls of two numbers, as in `Math.max(a, Math.max(b, c))`",
  ),
  TG1063: unsupported("rest, default or hole in a pattern", "name the parts one by one, as in `const a = t[0];`"),
  TG1064: unsupported("assignment to an object pattern", "assign field by field"),
  TG1065: unsupported("logical assignment", "write the branch, as in `if (x === 0) x = 1;`"),
  TG1066: unsupported(
    "`in` and `instanceof`",
    "compare numbers; what a value is, is known when the kernel is compiled",
  ),
  TG1067: unsupported("comma operator in a value", "write two statements"),
  TG1068: unsupported("`delete`", "write a value in its place; arrays and structs keep all their parts"),
  TG1069: unsupported("`typeof`", "leave it out: the type of every value is known when the kernel is compiled"),
  TG1070: unsupported("`new`", 'make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`'),
  TG1071: unsupported("regular expression", "match text where the kernel is called, and pass numbers in"),
  TG1072: unsupported("bigint", "write the number without `n`; integers are exact up to 2^53"),
  TG1073: unsupported(
    "method or accessor in an object",
    "write fields as `name: value`, and functions at the top of the file",
  ),
  TG1074: unsupported("field that is named by a string or an expression", "name the field, as in `{ x: 1 }` and `p.x`"),
  TG1075: unsupported("type assertion in angle brackets", "write it as `x as T`"),
  TG1076: unsupported("output", "return the value or write it into an array, and print it where the kernel is called"),
  TG1077: unsupported("`??`", "leave it out: every value of a kernel is there"),
} as const satisfies Record<string, CodeInfo>;

const types = {
  TG1030: unsupported(
    "type that kernels do not have",
    "use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these",
  ),
  TG1034: unsupported("array of more than six axes", "fold axes together: `A[i * n + j]`"),
  TG1035: unsupported("element type", "store f64, f32, f16, i32, u32 or bool; indices fit i32"),
  TG1036: error("type argument that does not fit", "choose one of the constraint's types"),
  TG1037: unsupported("generic constraint", "constrain by scalar types, as in `<T extends f64 | f32>`"),
  TG1080: unsupported(
    "union or intersection of types",
    "choose one type, or write a type parameter, as in `<T extends f64 | f32>`",
  ),
  TG1078: unsupported("f16 as the type of a value", "write `f32`; the elements of arrays may be `f16`"),
  TG1081: unsupported("function as a parameter", "call a function of the file by its name; write one kernel for each"),
  TG1082: unsupported(
    "part that may be left out or repeated",
    "declare all parts, and pass a flag for those that may be missing",
  ),
  TG1083: unsupported("struct or tuple that holds an array", "pass the array as a parameter of its own"),
  TG1084: unsupported("type that holds itself", "number the nodes, and keep their links in an `i32[]`"),
  TG1085: unsupported("struct or tuple without parts", "give it a field, or leave it out"),
  TG1086: unsupported("typed array as a type", "write `f64[]`; typed arrays are accepted where the kernel is called"),
  TG1087: unsupported("interface that extends another or is declared twice", "write all its fields in one interface"),
  TG1088: error("variable with neither a value nor a type", "give it a type, as in `let x: f64;`"),
  TG1089: error("type argument that nothing says", "write it at the call, as in `f<f64>(…)`"),
} as const satisfies Record<string, CodeInfo>;

const values = {
  TG1031: error("value of another kind", "give both sides the same kind of value"),
  TG1032: error("fraction where an integer is declared", "write `Math.floor(…)`, `Math.trunc(…)` or `| 0`"),
  TG1033: error("subscript or size that is no integer", "write `Math.floor(…)` around it"),
  TG1039: error("array used as a number", "subscript it down to an element"),
  TG1043: error("tuple subscript that is not a constant", "use an array for what is subscripted by a variable"),
  TG1049: unsupported("property of a number or bool", "only arrays, rows, structs and tuples have any"),
  TG1100: error("argument of another kind", "pass what the parameter declares"),
  TG1101: error("result of another kind", "return the same kind of value everywhere, the one that is declared"),
  TG1102: error(
    "comparison of what is no number",
    "compare numbers with numbers and bools with bools; arrays in a loop",
  ),
  TG1103: error("bool used as a number", "write `b ? 1 : 0`"),
  TG1104: error("condition that is no bool", "compare, as in `A.length > 0`"),
  TG1105: error("result of a function that returns nothing", "call it as a statement, or let it return a value"),
  TG1107: error(
    "pattern with a part that is not there",
    "take apart a tuple or a struct by the parts that it has; subscript arrays",
  ),
} as const satisfies Record<string, CodeInfo>;

const arrays = {
  TG1038: unsupported("array as a result", "pass the array in and write into it"),
  TG1040: unsupported(
    "array variable that is bound again",
    "use a `const` for each array, or copy the elements in a loop",
  ),
  TG1041: error("change of an array's length", "arrays keep the size they were made with; pass the size you need"),
  TG1042: unsupported(
    "write through a second name of a struct",
    "write through the first name, as in `points[i].x = …`",
  ),
  TG1044: unsupported("whole row or array assigned", "copy the elements in a loop"),
  TG1045: unsupported("array literal of this kind", "list numbers, or use `zeros(type, …)` and fill it"),
  TG1046: error("unknown element type in `zeros`", 'name it by a literal, as in `zeros("f64", n)`'),
  TG1048: unsupported("array chosen by a condition", "branch around the statements that use the array"),
  TG1110: error("rows of an array literal that differ in length", "make them equally long; fill up with zeros"),
  TG1111: error("array literal without elements, or with a hole", 'list every element, or write `zeros("f64", n)`'),
  TG1112: unsupported("write to a struct parameter", "return a struct with the new values"),
  TG1113: unsupported("struct stored in two places", "make a new one of its fields"),
  TG1114: unsupported("write to a value that has no name", "give it a name first, with `const`"),
  TG1115: unsupported("struct passed along with the array that it stands in", "pass the fields that are needed"),
  // Found when the program is planned.
  TG1090: unsupported(
    "local array whose size is not known before the kernel runs",
    "size it by parameters and array sizes",
  ),
  TG1091: error(
    "local array of a negative size",
    "sizes count from 0; subtract the other way round, or write `Math.abs(…)`",
  ),
} as const satisfies Record<string, CodeInfo>;

const derivatives = {
  TG1120: unsupported("`stopGradient` of an array", "stop what is read from it, as in `stopGradient(A[i])`"),
  TG1121: unsupported(
    "`customGradient` other than of two functions, in a constant of the module",
    "write `const f = customGradient(value, adjoint);` at the top of the file, `value` and `adjoint` declared as functions",
  ),
  TG1122: unsupported(
    "custom gradient of a function that has none of its own",
    "let it take scalars and arrays of scalars, floats among them, and return one f64 or f32",
  ),
  TG1123: error(
    "adjoint that does not fit its function",
    "take what the function takes, its result, the adjoint of the result, and an adjoint array for each float array; return a product for each float scalar",
  ),
  TG1124: error("write to an array that a custom gradient only reads", "copy it into a local array first"),
  TG1125: error("adjoint array that is not only added to", "add to its elements, as in `dx[i] += d * w[i]`"),
} as const satisfies Record<string, CodeInfo>;

const parallel = {
  TG1130: unsupported(
    "loop over `parallel`, `grid` or `threads` of another form",
    "write `for (const i of parallel(n))`, or `for (const [i, j] of parallel(n, m))` with a name for each of up to three sizes",
  ),
  TG1131: error(
    "`threads` loop outside of a `grid` loop",
    "put a loop over the workgroups around it, `for (const b of grid(n))`",
  ),
  TG1132: error(
    "`grid` or `threads` loop inside another one",
    "write one loop over several sizes, as in `for (const [i, j] of grid(n, m))`",
  ),
  TG1133: unsupported(
    "variable of outside assigned in a parallel loop",
    "reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array",
  ),
  TG1134: unsupported(
    "jump out of a parallel loop",
    "its iterations run in any order, and all of them run: `continue` ends one of them",
  ),
  TG1135: error(
    "`shared` array other than straight in a `grid` loop",
    'declare it in the body of the `grid` loop, as in `const tile = shared("f64", 16)`, beside the `threads` loops that use it',
  ),
  TG1136: unsupported(
    "`shared` array whose size is no constant",
    "write the size as a number, or as a `const` of the file",
  ),
} as const satisfies Record<string, CodeInfo>;

export const codes = {
  ...statements,
  ...declarations,
  ...expressions,
  ...types,
  ...values,
  ...arrays,
  ...derivatives,
  ...parallel,
};
export type Code = keyof typeof codes;
