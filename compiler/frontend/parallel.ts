/**
 * Questions about loops over `parallel`, `grid` and `threads`, asked of source text alone: which they are, what stands in
 * which of them, and what they do to variables of outside.
 */
import ts from "typescript";
import type { LoopMode } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import type { Session } from "./session.ts";
import { compoundOperators, isAssignment, isUpdate, nodes, rootName, strip, targetsIn } from "./syntax.ts";

export type Family = "parallel" | "grid" | "threads";

/** `for (const [i, j] of grid(n, m)) …` */
export interface ParallelLoop {
  readonly statement: ts.ForOfStatement;
  readonly family: Family;
  readonly call: ts.CallExpression;
}

const isFamily = (name: string | null): name is Family => name === "parallel" || name === "grid" || name === "threads";

/** What a call makes loops over: null for all but calls of the three helpers. */
export function familyOf(session: Session, e: ts.Expression): Family | null {
  const n = strip(e);
  const helper = ts.isCallExpression(n) ? session.helperOf(n.expression) : null;
  return isFamily(helper) ? helper : null;
}

/** The loop as one over indices; null for loops over anything else. */
export function parallelLoop(session: Session, s: ts.Node): ParallelLoop | null {
  if (!ts.isForOfStatement(s)) return null;
  const family = familyOf(session, s.expression);
  return family === null ? null : { statement: s, family, call: strip(s.expression) as ts.CallExpression };
}

/** The names of the loop's indices, outermost first; null where it does not name each of them, as constants. */
export function indexNames({ statement, call }: ParallelLoop): readonly ts.Identifier[] | null {
  const list = statement.initializer;
  if (!ts.isVariableDeclarationList(list) || !(list.flags & ts.NodeFlags.Const)) return null;
  const name = list.declarations[0]?.name;
  if (name === undefined || statement.awaitModifier !== undefined) return null;
  const count = call.arguments.length;
  if (ts.isIdentifier(name)) return count === 1 ? [name] : null;
  if (!ts.isArrayBindingPattern(name) || count === 1) return null;
  const names = name.elements.flatMap((e) =>
    ts.isBindingElement(e) && ts.isIdentifier(e.name) && !e.dotDotDotToken && !e.initializer ? [e.name] : [],
  );
  return names.length === name.elements.length && names.length === count ? names : null;
}

/** How the loops of each index run, outermost first: the last index is that of the x axis. */
export function modesOf({ family, call }: ParallelLoop): readonly LoopMode[] {
  const axes = (["z", "y", "x"] as const).slice(-call.arguments.length);
  return axes.map((axis): LoopMode => (family === "parallel" ? "par" : `${family}.${axis}`));
}

/** The parallel loops around a node, innermost first, within its function. */
export function* loopsAround(session: Session, node: ts.Node): Generator<ParallelLoop> {
  for (let n = node.parent; n !== undefined && !ts.isFunctionLike(n); n = n.parent) {
    const loop = parallelLoop(session, n);
    if (loop !== null) yield loop;
  }
}

/** An update that commutes with its like, whatever the order of iterations: `s += e`, `s *= e`, `s = Math.min(s, e)`, `s++`. */
export interface Reduction {
  readonly op: ReduceOp;
  /** What is combined with the old value; null where that is the number 1. */
  readonly value: ts.Expression | null;
  /** The operator of an `op=`, for the type of the result; null for `Math.min` and `Math.max`. */
  readonly operator: ts.SyntaxKind | null;
}

/** The operators whose `op=` is a reduction. */
export const compounds: ReadonlyMap<ts.SyntaxKind, ReduceOp> = new Map<ts.SyntaxKind, ReduceOp>([
  [ts.SyntaxKind.PlusToken, "add"],
  [ts.SyntaxKind.MinusToken, "add"],
  [ts.SyntaxKind.AsteriskToken, "mul"],
]);

/** The reduction that a statement's expression is; null for every other. */
export function reductionIn(
  session: Session,
  e: ts.Expression,
): (Reduction & { readonly target: ts.Expression }) | null {
  const n = strip(e);
  if (isUpdate(n)) {
    const operator = n.operator === ts.SyntaxKind.PlusPlusToken ? ts.SyntaxKind.PlusToken : ts.SyntaxKind.MinusToken;
    return { op: "add", value: null, operator, target: strip(n.operand) };
  }
  if (!isAssignment(n)) return null;
  const target = strip(n.left);
  const operator = compoundOperators.get(n.operatorToken.kind);
  if (operator !== undefined) {
    const op = compounds.get(operator);
    return op === undefined ? null : { op, value: n.right, operator, target };
  }
  const call = strip(n.right);
  const op = ts.isCallExpression(call) ? session.mathMember(call.expression) : null;
  if (!ts.isCallExpression(call) || (op !== "min" && op !== "max") || call.arguments.length !== 2) return null;
  const same = call.arguments.findIndex((a) => samePlace(session, strip(a), target));
  const value = call.arguments[1 - same];
  return same < 0 || value === undefined ? null : { op, value, operator: null, target };
}

/** Are the two expressions the same variable, or element by the same subscripts that nothing moves? */
function samePlace(session: Session, a: ts.Expression, b: ts.Expression): boolean {
  if (a.getText() !== b.getText()) return false;
  for (const n of nodes(a)) if (ts.isCallExpression(n) || isAssignment(n) || isUpdate(n)) return false;
  const [x, y] = [rootName(a), rootName(b)];
  return x !== null && y !== null && session.symbol(x) === session.symbol(y);
}

/** The variables of outside that a loop assigns, elements of arrays aside, each with the places where it does. */
export function outerTargets(session: Session, { statement }: ParallelLoop): ReadonlyMap<ts.Symbol, ts.Expression[]> {
  const out = new Map<ts.Symbol, ts.Expression[]>();
  for (const target of targetsIn(statement.statement)) {
    const name = rootName(target);
    const symbol = name === null ? undefined : session.symbol(name);
    const decl = symbol?.valueDeclaration;
    if (symbol === undefined || decl === undefined || isInside(decl, statement)) continue;
    if (target !== name && session.names.isArray(symbol)) continue;
    out.set(symbol, [...(out.get(symbol) ?? []), target]);
  }
  return out;
}

export function isInside(node: ts.Node, outer: ts.Node): boolean {
  for (let n: ts.Node | undefined = node; n !== undefined; n = n.parent) if (n === outer) return true;
  return false;
}

/** The one way in which a loop reduces into a variable of outside; null where it does anything else with it. */
export function reductionOf(session: Session, { statement }: ParallelLoop, symbol: ts.Symbol): ReduceOp | null {
  let op: ReduceOp | null = null;
  /** Names of the variable that are part of a reduction. */
  const known = new Set<ts.Node>();
  const isName = (n: ts.Node): n is ts.Identifier => ts.isIdentifier(n) && session.symbol(n) === symbol;
  for (const n of nodes(statement.statement)) {
    if (!ts.isExpressionStatement(n)) continue;
    const found = reductionIn(session, n.expression);
    if (found === null || !isName(found.target)) continue;
    if (op !== null && op !== found.op) return null;
    op = found.op;
    if (found.value !== null && [...nodes(found.value)].some(isName)) return null;
    for (const inner of nodes(n)) if (isName(inner)) known.add(inner);
  }
  for (const n of nodes(statement)) if (isName(n) && !known.has(n)) return null;
  return op;
}
