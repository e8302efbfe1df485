/** The constructs of docs/language.md, each as a question to a node of a program's syntax: what random programs hold. */
import ts from "typescript";

const K = ts.SyntaxKind;
export type Has = (n: ts.Node) => boolean;

export const kind =
  (...kinds: readonly ts.SyntaxKind[]): Has =>
  (n) =>
    kinds.includes(n.kind);
export const infix =
  (...ops: readonly ts.SyntaxKind[]): Has =>
  (n) =>
    ts.isBinaryExpression(n) && ops.includes(n.operatorToken.kind);
const prefix =
  (op: ts.PrefixUnaryOperator): Has =>
  (n) =>
    ts.isPrefixUnaryExpression(n) && n.operator === op;
export const text =
  (is: Has, pattern: RegExp): Has =>
  (n) =>
    is(n) && pattern.test(n.getText());
export const callee = (n: ts.Node): string => (ts.isCallExpression(n) ? n.expression.getText() : "");
export const math =
  (...names: readonly string[]): Has =>
  (n) =>
    names.some((name) => callee(n) === `Math.${name}`);
export const typed = (pattern: RegExp): Has => text((n) => ts.isParameter(n) || ts.isVariableDeclaration(n), pattern);
/** Within a statement of the kind, in the same function. */
export const inside =
  (has: Has, outer: Has): Has =>
  (n) => {
    if (!has(n)) return false;
    let at = n.parent;
    while (at !== undefined && !ts.isFunctionDeclaration(at)) {
      if (outer(at)) return true;
      at = at.parent;
    }
    return false;
  };
export const isLoop: Has = (n) => ts.isForStatement(n) || ts.isWhileStatement(n) || ts.isDoStatement(n);
export const head = (n: ts.Node): string =>
  ts.isForStatement(n)
    ? [n.initializer, n.condition, n.incrementor].map((part) => part?.getText() ?? "").join("; ")
    : "";
export const loop =
  (pattern: RegExp): Has =>
  (n) =>
    pattern.test(head(n));
const module =
  (has: Has): Has =>
  (n) =>
    ts.isVariableStatement(n) && ts.isSourceFile(n.parent) && has(n.declarationList.declarations[0]?.initializer ?? n);

/** What every set of random programs must hold. */
export const constructs: Readonly<Record<string, Has>> = {
  // Files and functions.
  "imported function": (n) => ts.isImportDeclaration(n) && n.moduleSpecifier.getText().includes("./"),
  "generic entry": (n) => ts.isFunctionDeclaration(n) && isExported(n) && n.typeParameters !== undefined,
  "generic function": (n) => ts.isFunctionDeclaration(n) && !isExported(n) && n.typeParameters !== undefined,
  "call of a function": (n) => /^(helper|generic)\d+$/.test(callee(n)),
  "scalar result": (n) => ts.isFunctionDeclaration(n) && /^(f64|i32|bool)$/.test(n.type?.getText() ?? ""),
  "struct result": (n) => ts.isFunctionDeclaration(n) && /^(P|Q|Nested)$/.test(n.type?.getText() ?? ""),
  "tuple result": (n) => ts.isFunctionDeclaration(n) && n.type?.getText() === "Pair",
  "number constant": module((n) => ts.isNumericLiteral(n) || ts.isBinaryExpression(n)),
  "bool constant": module(kind(K.TrueKeyword, K.FalseKeyword)),
  "array constant": module(kind(K.ArrayLiteralExpression)),
  stopGradient: (n) => callee(n) === "stopGradient",
  // Types.
  f64: typed(/: (readonly )?f64/),
  number: typed(/: (readonly )?number/),
  real: typed(/: (readonly )?real/),
  f32: typed(/: (readonly )?f32/),
  i32: typed(/: (readonly )?i32/),
  u32: typed(/: (readonly )?u32/),
  index: typed(/: index/),
  bool: typed(/: (readonly )?bool(ean)?\b/),
  "readonly array": typed(/: readonly /),
  "array of rank 1": typed(/\w\[\]$/),
  "array of rank 2": typed(/\w\[\]\[\]$/),
  "array of rank 3": typed(/\w(\[\]){3}$/),
  "array of rank 4 and more": typed(/\w(\[\]){4,6}$/),
  "struct parameter": typed(/: (P|Q|Nested)$/),
  "array of structs": typed(/: (readonly )?(P|Q|Nested)\[\]$/),
  "array of tuples": typed(/: (readonly )?Pair\[\]$/),
  "as f64": text(kind(K.AsExpression), /as f64$/),
  // Arrays.
  "named row": text(kind(K.VariableDeclaration), /^r\d+ = /),
  "row as argument": (n) => ts.isElementAccessExpression(n) && /^helper|^generic/.test(callee(n.parent)),
  zeros: (n) => callee(n) === "zeros",
  "array literal": (n) => ts.isArrayLiteralExpression(n) && /^t\d+: /.test(n.parent.getText()),
  "struct literal": kind(K.ObjectLiteralExpression),
  "size of a row": text(kind(K.PropertyAccessExpression), /\[0\]\.length$/),
  "element written in place": (n) => ts.isBinaryExpression(n) && isCompound(n) && ts.isElementAccessExpression(n.left),
  "field written": (n) =>
    ts.isBinaryExpression(n) && isAssigned(n) && ts.isPropertyAccessExpression(n.left) && n.left.name.text !== "length",
  "subscript from data": inside(kind(K.ElementAccessExpression), kind(K.ElementAccessExpression)),
  // Statements.
  let: (n) => ts.isVariableDeclarationList(n) && (n.flags & ts.NodeFlags.Let) !== 0,
  "let without a value": (n) => ts.isVariableDeclaration(n) && n.initializer === undefined,
  destructuring: kind(K.ArrayBindingPattern, K.ObjectBindingPattern),
  swap: (n) => ts.isBinaryExpression(n) && ts.isArrayLiteralExpression(n.left),
  "chained assignment": inside(infix(K.EqualsToken), infix(K.EqualsToken)),
  "if with else": (n) => ts.isIfStatement(n) && n.elseStatement !== undefined,
  "loop up": loop(/< \w+; \+?\+?\w+(\+\+|$)/),
  "loop down": loop(/(--|-= )/),
  "loop by steps": loop(/[+-]= [23]$|\+ 3$/),
  "triangular loop": loop(/= [ij]\d+( [+-] 1)?;|<=? [ij]\d+;/),
  "several counters": loop(/, \w+ = /),
  "bound from data": loop(/< Math\.min/),
  "bound that moves": loop(/< limit/),
  "step from data": loop(/\+= 1 \+ /),
  "!== as a bound": loop(/!==/),
  while: kind(K.WhileStatement),
  do: kind(K.DoStatement),
  break: kind(K.BreakStatement),
  continue: kind(K.ContinueStatement),
  "labelled jump": (n) => (ts.isBreakStatement(n) || ts.isContinueStatement(n)) && n.label !== undefined,
  "early return": inside(kind(K.ReturnStatement), (n) => ts.isIfStatement(n) || isLoop(n)),
  "return in a loop": inside(kind(K.ReturnStatement), isLoop),
  "nest of three loops": inside(inside(isLoop, isLoop), (n) => isLoop(n) && inside(isLoop, isLoop)(n)),
  "++ and --": (n) =>
    (ts.isPrefixUnaryExpression(n) || ts.isPostfixUnaryExpression(n)) &&
    (n.operator === K.PlusPlusToken || n.operator === K.MinusMinusToken),
  // Expressions.
  "+=": infix(K.PlusEqualsToken),
  "*=": infix(K.AsteriskEqualsToken),
  "/=": infix(K.SlashEqualsToken),
  "%=": infix(K.PercentEqualsToken),
  "&= |= ^=": infix(K.AmpersandEqualsToken, K.BarEqualsToken, K.CaretEqualsToken),
  "<<= >>= >>>=": infix(
    K.LessThanLessThanEqualsToken,
    K.GreaterThanGreaterThanEqualsToken,
    K.GreaterThanGreaterThanGreaterThanEqualsToken,
  ),
  "?:": kind(K.ConditionalExpression),
  "&&": infix(K.AmpersandAmpersandToken),
  "||": infix(K.BarBarToken),
  "!": prefix(K.ExclamationToken),
  "-x": prefix(K.MinusToken),
  "+x": prefix(K.PlusToken),
  "~": prefix(K.TildeToken),
  "/": infix(K.SlashToken),
  "%": infix(K.PercentToken),
  "& | ^": infix(K.AmpersandToken, K.BarToken, K.CaretToken),
  "<< >> >>>": infix(K.LessThanLessThanToken, K.GreaterThanGreaterThanToken, K.GreaterThanGreaterThanGreaterThanToken),
  "=== !==": infix(K.EqualsEqualsEqualsToken, K.ExclamationEqualsEqualsToken),
  "== !=": infix(K.EqualsEqualsToken, K.ExclamationEqualsToken),
  "number as a condition": (n) =>
    ts.isIfStatement(n) && ts.isParenthesizedExpression(n.expression) && infix(K.PlusToken)(n.expression.expression),
  "Math.min, max": math("min", "max"),
  "Math.floor": math("floor"),
  "Math.ceil, round, trunc": math("ceil", "round", "trunc"),
  "Math.sign": math("sign"),
  "Math.abs": math("abs"),
  "Math.sqrt": math("sqrt"),
  "Math.fround": math("fround"),
  "Math.imul": math("imul"),
  "Math.clz32": math("clz32"),
  "Math constants": text(kind(K.PropertyAccessExpression), /^Math\.[A-Z]/),
  "Infinity, NaN": text(kind(K.Identifier), /^(Infinity|NaN)$/),
};

/** What programs hold where libraries are allowed. */
export const libraryConstructs: Readonly<Record<string, Has>> = {
  "**": infix(K.AsteriskAsteriskToken),
  "**=": infix(K.AsteriskAsteriskEqualsToken),
  "Math.pow, atan2, hypot": math("pow", "atan2", "hypot"),
  "Math.exp, log": math("exp", "expm1", "log", "log2", "log10", "log1p"),
  "Math.sin, cos, tan": math("sin", "cos", "tan", "asin", "acos", "atan"),
  "Math.sinh, cosh, tanh": math("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
  "Math.cbrt": math("cbrt"),
};

const isExported = (n: ts.FunctionDeclaration): boolean =>
  n.modifiers?.some((m) => m.kind === K.ExportKeyword) ?? false;
export const isCompound = (n: ts.BinaryExpression): boolean =>
  n.operatorToken.kind >= K.PlusEqualsToken && n.operatorToken.kind <= K.CaretEqualsToken;
export const isAssigned = (n: ts.BinaryExpression): boolean => isCompound(n) || n.operatorToken.kind === K.EqualsToken;

/** Which of the constructs the text holds. */
export function constructsIn(source: string, of: Readonly<Record<string, Has>>): ReadonlySet<string> {
  const found = new Set<string>();
  const file = ts.createSourceFile("program.ts", source, ts.ScriptTarget.ES2022, true);
  let left = Object.entries(of);
  const visit = (n: ts.Node): void => {
    for (const [name, has] of left) if (has(n)) found.add(name);
    if (left.some(([name]) => found.has(name))) left = left.filter(([name]) => !found.has(name));
    n.forEachChild(visit);
  };
  visit(file);
  return found;
}
