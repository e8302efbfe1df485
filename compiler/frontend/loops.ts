/**
 * Which `for` statements count: their counters move by integer constants, and the test compares a counter with what
 * does not change in the loop (or two counters with each other), so that the number of trips is known on entry.
 */
import ts from "typescript";
import { isAssignment, isUpdate, nodes, rootName, strip, targetsIn } from "./syntax.ts";

export interface Counter {
  readonly symbol: ts.Symbol;
  readonly name: ts.Identifier;
  readonly init: ts.Expression;
  /** What the variable moves by after each trip; 0 when it does not move. */
  readonly step: number;
}

/** `for (let i = init, …; i op bound; …)`: runs while `i < bound` (or `<=`, `>`, `>=`). */
export interface CountedLoop {
  readonly counters: readonly Counter[];
  /** The counter that is tested. */
  readonly tested: Counter;
  readonly op: "<" | "<=" | ">" | ">=";
  /** An expression that does not change in the loop, or a counter that moves the other way. */
  readonly bound: ts.Expression | Counter;
}

export const isCounter = (b: ts.Expression | Counter): b is Counter => !("kind" in b);

/** Is the name only asked for a size, as in `A.length` and `A[0].length`? */
function isSizeOf(name: ts.Identifier): boolean {
  let n: ts.Node = name;
  while (ts.isElementAccessExpression(n.parent) && n.parent.expression === n) n = n.parent;
  return ts.isPropertyAccessExpression(n.parent) && n.parent.name.text === "length";
}

/** How names are resolved; arrays that are rows of others resolve to these. */
export interface Names {
  symbol(name: ts.Identifier): ts.Symbol | undefined;
  /** The integer that a constant expression stands for; null when it is none. */
  constant(e: ts.Expression): number | null;
  isArray(symbol: ts.Symbol): boolean;
  /** The symbol of the array whose memory the named array is (itself, unless it is a row of another). */
  root(symbol: ts.Symbol): ts.Symbol;
}

const comparisons = new Map<ts.SyntaxKind, { readonly op: CountedLoop["op"]; readonly mirrored: CountedLoop["op"] }>([
  [ts.SyntaxKind.LessThanToken, { op: "<", mirrored: ">" }],
  [ts.SyntaxKind.LessThanEqualsToken, { op: "<=", mirrored: ">=" }],
  [ts.SyntaxKind.GreaterThanToken, { op: ">", mirrored: "<" }],
  [ts.SyntaxKind.GreaterThanEqualsToken, { op: ">=", mirrored: "<=" }],
]);

/** The loop as a counted one, or null: then it is a `while`. */
export function countedLoop(s: ts.ForStatement, names: Names): CountedLoop | null {
  const { initializer, condition, incrementor } = s;
  if (initializer === undefined || !ts.isVariableDeclarationList(initializer)) return null;
  if (condition === undefined || incrementor === undefined) return null;
  const steps = stepsOf(incrementor, names);
  if (steps === null) return null;
  const written = new Set(
    [...targetsIn(s.statement)].map(rootName).map((n) => (n === null ? undefined : names.symbol(n))),
  );
  const counters: Counter[] = [];
  for (const d of initializer.declarations) {
    if (!ts.isIdentifier(d.name) || d.initializer === undefined) return null;
    const symbol = names.symbol(d.name);
    if (symbol === undefined || written.has(symbol)) return null;
    counters.push({ symbol, name: d.name, init: d.initializer, step: steps.get(symbol) ?? 0 });
  }
  for (const symbol of steps.keys()) if (!counters.some((c) => c.symbol === symbol)) return null;
  return testOf(s, strip(condition), counters, names);
}

/** `symbol op bound` holds in the body of a loop and where its step begins. */
export interface Test {
  readonly symbol: ts.Symbol;
  readonly op: CountedLoop["op"];
  readonly bound: ts.Expression;
}

/** What a loop's condition says of variables that the body leaves alone, and the step moves once, at its end. */
export function testsOf({ condition, incrementor, statement }: ts.ForStatement, names: Names): readonly Test[] {
  if (condition === undefined) return [];
  const writtenIn = (root: ts.Node): readonly (ts.Symbol | undefined)[] =>
    [...targetsIn(root)].map(rootName).map((n) => (n === null ? undefined : names.symbol(n)));
  const inBody = writtenIn(statement);
  const inStep = incrementor === undefined ? [] : writtenIn(incrementor);
  const isOneStep = inStep.length <= 1 && (incrementor === undefined || !isComma(strip(incrementor)));
  const tests: Test[] = [];
  const add = (e: ts.Expression, op: CountedLoop["op"], bound: ts.Expression): void => {
    const n = strip(e);
    const symbol = ts.isIdentifier(n) ? names.symbol(n) : undefined;
    if (symbol === undefined || inBody.includes(symbol)) return;
    if (isOneStep || !inStep.includes(symbol)) tests.push({ symbol, op, bound });
  };
  const visit = (e: ts.Expression): void => {
    const n = strip(e);
    if (!ts.isBinaryExpression(n)) return;
    if (n.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) {
      visit(n.left);
      visit(n.right);
    }
    const comparison = comparisons.get(n.operatorToken.kind);
    if (comparison === undefined) return;
    add(n.left, comparison.op, n.right);
    add(n.right, comparison.mirrored, n.left);
  };
  if (!writtenIn(condition).some((symbol) => symbol !== undefined)) visit(condition);
  return tests;
}
const isComma = (e: ts.Expression): boolean =>
  ts.isBinaryExpression(e) && e.operatorToken.kind === ts.SyntaxKind.CommaToken;

function testOf(
  s: ts.ForStatement,
  test: ts.Expression,
  counters: readonly Counter[],
  names: Names,
): CountedLoop | null {
  if (!ts.isBinaryExpression(test)) return null;
  const comparison = comparisons.get(test.operatorToken.kind);
  if (comparison === undefined) return null;
  const counterAt = (e: ts.Expression): Counter | undefined => {
    const n = strip(e);
    return ts.isIdentifier(n) ? counters.find((c) => c.symbol === names.symbol(n)) : undefined;
  };
  const left = counterAt(test.left);
  const right = counterAt(test.right);
  const towards = (c: Counter, op: CountedLoop["op"], against = 0): boolean =>
    op.startsWith("<") ? c.step - against > 0 : c.step - against < 0;
  if (left !== undefined && right !== undefined) {
    if (!towards(left, comparison.op, right.step)) return null;
    return { counters, tested: left, op: comparison.op, bound: right };
  }
  const [tested, op, bound] =
    left !== undefined ? [left, comparison.op, test.right] : [right, comparison.mirrored, test.left];
  if (tested === undefined || !towards(tested, op) || !isInvariant(bound, s, counters, names)) return null;
  return { counters, tested, op, bound };
}

/** What each variable moves by in an incrementor like `i++, j -= 2`; null when it does anything else. */
function stepsOf(incrementor: ts.Expression, names: Names): ReadonlyMap<ts.Symbol, number> | null {
  const steps = new Map<ts.Symbol, number>();
  const visit = (e: ts.Expression): boolean => {
    const n = strip(e);
    if (ts.isBinaryExpression(n) && n.operatorToken.kind === ts.SyntaxKind.CommaToken) {
      return visit(n.left) && visit(n.right);
    }
    const step = stepOf(n, names);
    if (step === null || steps.has(step.symbol)) return false;
    steps.set(step.symbol, step.by);
    return true;
  };
  return visit(incrementor) ? steps : null;
}

/** The constant that `i++`, `i -= 2` or `i = i + 3` moves its variable by; null when it is nothing of the kind. */
export function stepOf(e: ts.Node, names: Names): { readonly symbol: ts.Symbol; readonly by: number } | null {
  if (isUpdate(e)) {
    const n = strip(e.operand);
    const symbol = ts.isIdentifier(n) ? names.symbol(n) : undefined;
    return symbol === undefined ? null : { symbol, by: e.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1 };
  }
  if (!isAssignment(e)) return null;
  const target = strip(e.left);
  const symbol = ts.isIdentifier(target) ? names.symbol(target) : undefined;
  if (symbol === undefined) return null;
  const signed = (by: number | null, sign: number) => (by === null ? null : { symbol, by: sign * by });
  if (e.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken) return signed(names.constant(e.right), 1);
  if (e.operatorToken.kind === ts.SyntaxKind.MinusEqualsToken) return signed(names.constant(e.right), -1);
  const value = strip(e.right);
  if (e.operatorToken.kind !== ts.SyntaxKind.EqualsToken || !ts.isBinaryExpression(value)) return null;
  const isSelf = (x: ts.Expression): boolean => {
    const n = strip(x);
    return ts.isIdentifier(n) && names.symbol(n) === symbol;
  };
  const plus = value.operatorToken.kind === ts.SyntaxKind.PlusToken;
  if (isSelf(value.left) && (plus || value.operatorToken.kind === ts.SyntaxKind.MinusToken)) {
    return signed(names.constant(value.right), plus ? 1 : -1);
  }
  return plus && isSelf(value.right) ? signed(names.constant(value.left), 1) : null;
}

/** Does the expression have the same value at every test of the loop? */
function isInvariant(e: ts.Expression, loop: ts.ForStatement, counters: readonly Counter[], names: Names): boolean {
  const written = new Set<ts.Symbol>();
  for (const target of targetsIn(loop.statement)) {
    const name = rootName(target);
    const symbol = name === null ? undefined : names.symbol(name);
    if (symbol !== undefined) written.add(names.root(symbol));
  }
  // A called function may write any array that it is given.
  for (const n of nodes(loop.statement)) {
    if (!ts.isCallExpression(n)) continue;
    for (const arg of n.arguments) {
      const name = rootName(arg);
      const symbol = name === null ? undefined : names.symbol(name);
      if (symbol !== undefined && names.isArray(symbol)) written.add(names.root(symbol));
    }
  }
  for (const n of nodes(e)) {
    if (isAssignment(n) || isUpdate(n)) return false;
    if (
      ts.isCallExpression(n) &&
      !(ts.isPropertyAccessExpression(n.expression) && n.expression.getText().startsWith("Math."))
    ) {
      return false;
    }
    if (!ts.isIdentifier(n)) continue;
    const symbol = names.symbol(n);
    if (symbol === undefined) continue;
    if (counters.some((c) => c.symbol === symbol && c.step !== 0)) return false;
    // Sizes never change, whatever is written into the array.
    if (!isSizeOf(n) && written.has(names.root(symbol))) return false;
  }
  return true;
}
