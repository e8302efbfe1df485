/** Questions about source text alone: what a piece of it assigns, where its jumps lead, which loops count. */
import ts from "typescript";

/** Compound assignments, by the operator that they apply. */
export const compoundOperators: ReadonlyMap<ts.SyntaxKind, ts.BinaryOperator> = new Map([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken],
]);

export type UpdateExpression = ts.PrefixUnaryExpression | ts.PostfixUnaryExpression;
/** `++x`, `x++`, `--x`, `x--`. */
export const isUpdate = (n: ts.Node): n is UpdateExpression =>
  (ts.isPrefixUnaryExpression(n) || ts.isPostfixUnaryExpression(n)) &&
  (n.operator === ts.SyntaxKind.PlusPlusToken || n.operator === ts.SyntaxKind.MinusMinusToken);

export const isAssignment = (n: ts.Node): n is ts.BinaryExpression =>
  ts.isBinaryExpression(n) &&
  (n.operatorToken.kind === ts.SyntaxKind.EqualsToken || compoundOperators.has(n.operatorToken.kind));

/** Does the expression assign anything? */
export function assigns(e: ts.Node): boolean {
  for (const n of nodes(e)) if (isAssignment(n) || isUpdate(n)) return true;
  return false;
}

/** Drops parentheses, `as`, `satisfies` and `!`: what is left computes the same. */
export function strip(n: ts.Expression): ts.Expression {
  while (
    ts.isParenthesizedExpression(n) ||
    ts.isAsExpression(n) ||
    ts.isSatisfiesExpression(n) ||
    ts.isNonNullExpression(n)
  ) {
    n = n.expression;
  }
  return n;
}

export type Loop = ts.ForStatement | ts.ForOfStatement | ts.WhileStatement | ts.DoStatement;
export const isLoop = (n: ts.Node): n is Loop =>
  ts.isForStatement(n) || ts.isForOfStatement(n) || ts.isWhileStatement(n) || ts.isDoStatement(n);

/** Every node of a subtree, outer before inner. */
export function* nodes(root: ts.Node): Generator<ts.Node> {
  yield root;
  const children: ts.Node[] = [];
  root.forEachChild((c) => {
    children.push(c);
  });
  for (const c of children) yield* nodes(c);
}

/** The variable at the bottom of an assignment's target: `x` of `x`, `x[i][j]`, `x.field[0]`. */
export function rootName(target: ts.Expression): ts.Identifier | null {
  let n = strip(target);
  while (ts.isElementAccessExpression(n) || ts.isPropertyAccessExpression(n)) n = strip(n.expression);
  return ts.isIdentifier(n) ? n : null;
}

/** Does the expression name a value that stands somewhere, in a variable or an element? */
export const isPlace = (e: ts.Expression): boolean =>
  ts.isIdentifier(e) || ts.isElementAccessExpression(e) || ts.isPropertyAccessExpression(e);

/** All targets of assignments within the node, in order; destructuring patterns are taken apart. */
export function* targetsIn(root: ts.Node): Generator<ts.Expression> {
  for (const n of nodes(root)) {
    if (isUpdate(n)) yield strip(n.operand);
    else if (isAssignment(n)) yield* targetsOf(strip(n.left));
  }
}
function* targetsOf(target: ts.Expression): Generator<ts.Expression> {
  if (ts.isArrayLiteralExpression(target)) {
    for (const e of target.elements) yield* targetsOf(strip(e));
  } else if (ts.isObjectLiteralExpression(target)) {
    for (const p of target.properties) {
      if (ts.isShorthandPropertyAssignment(p)) yield p.name;
      if (ts.isPropertyAssignment(p)) yield* targetsOf(strip(p.initializer));
    }
  } else {
    yield target;
  }
}

/** Where `break` or `continue` leads: the statement that it ends or goes on with; a function body for `return`. */
export type Jump = ts.BreakStatement | ts.ContinueStatement | ts.ReturnStatement;
export const isJump = (n: ts.Node): n is Jump =>
  ts.isBreakStatement(n) || ts.isContinueStatement(n) || ts.isReturnStatement(n);

/** The loop that a `break` or `continue` names or stands in; null when it stands in none. */
export function jumpTarget(jump: ts.BreakStatement | ts.ContinueStatement): Loop | null {
  for (let n: ts.Node = jump.parent; n !== undefined && !ts.isFunctionLike(n); n = n.parent) {
    if (!isLoop(n)) continue;
    if (jump.label === undefined || labelsOf(n).includes(jump.label.text)) return n;
  }
  return null;
}
function labelsOf(loop: Loop): readonly string[] {
  const names: string[] = [];
  for (let n: ts.Node = loop.parent; ts.isLabeledStatement(n); n = n.parent) names.push(n.label.text);
  return names;
}

/** Does control never reach the end of the statement? (Every path through it jumps.) */
export function alwaysJumps(s: ts.Statement | undefined): boolean {
  if (s === undefined) return false;
  if (isJump(s)) return true;
  if (ts.isBlock(s)) return s.statements.some(alwaysJumps);
  return ts.isIfStatement(s) && alwaysJumps(s.thenStatement) && alwaysJumps(s.elseStatement);
}

/** Statements of a branch or body, whether or not it has braces. */
export const statementsOf = (s: ts.Statement | undefined): readonly ts.Statement[] =>
  s === undefined ? [] : ts.isBlock(s) ? s.statements : [s];
