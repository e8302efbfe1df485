/**
 * What has made gradients wrong in some system or other, each as a question to a node of a program's syntax: random programs
 * for differentiation (gradients.ts) hold all of it.
 */
import ts from "typescript";
import {
  callee,
  constructs,
  type Has,
  head,
  infix,
  inside,
  isAssigned,
  isCompound,
  isLoop,
  kind,
  math,
} from "./constructs.ts";

const K = ts.SyntaxKind;

const isElement = (n: ts.Node): n is ts.ElementAccessExpression => ts.isElementAccessExpression(n);
const functionOf = (n: ts.Node): ts.Node => {
  let at = n;
  while (at.parent !== undefined && !ts.isFunctionDeclaration(at)) at = at.parent;
  return at;
};
/** All nodes in the node, and itself. */
function* within(n: ts.Node): Generator<ts.Node> {
  yield n;
  const children: ts.Node[] = [];
  n.forEachChild((c) => void children.push(c));
  for (const c of children) yield* within(c);
}
const some = (n: ts.Node, has: Has): boolean => {
  for (const x of within(n)) if (has(x)) return true;
  return false;
};
const isNamed =
  (name: string): Has =>
  (n) =>
    ts.isIdentifier(n) && n.text === name;
/** An assignment to an element of an array. */
const isStore = (n: ts.Node): n is ts.BinaryExpression =>
  ts.isBinaryExpression(n) && isAssigned(n) && isElement(n.left);
/** Inside of brackets. */
const inSubscript: Has = (n) => {
  for (let at = n; at.parent !== undefined; at = at.parent) {
    if (isElement(at.parent) && at.parent.argumentExpression === at) return true;
  }
  return false;
};
/** In a kernel, before what all kernels do at their end. */
const ofKernel =
  (has: Has): Has =>
  (n) =>
    has(n) && !/\[e\d+\]/.test(n.getText()) && /^export/.test(functionOf(n).getText());
/** Reads of an element of an array of integers, among the arrays of kernels and their helpers. */
const hasDatum = (n: ts.Node): boolean => some(n, isElement);
const subscriptFromData: Has = (n) => isElement(n) && !/^[A-Z]{4,}/.test(n.getText()) && hasDatum(n.argumentExpression);
const isWhile: Has = (n) => ts.isWhileStatement(n) || ts.isDoStatement(n);
/** A loop whose trips are not known before it runs. */
const isDynamic: Has = (n) =>
  isWhile(n) || (ts.isForStatement(n) && n.condition !== undefined && hasDatum(n.condition));

/** A float's name that a loop before this place assigns, and the place reads. */
const readsAfterLoop: Has = (n) => {
  if (!ts.isIdentifier(n) || !/^(acc|w|v)\d+$/.test(n.text)) return false;
  const { parent } = n;
  if (ts.isVariableDeclaration(parent) && parent.name === n) return false;
  if (ts.isBinaryExpression(parent) && parent.left === n && parent.operatorToken.kind === K.EqualsToken) return false;
  const assigns: Has = (x) => ts.isBinaryExpression(x) && isCompound(x) && isNamed(n.text)(x.left);
  return some(functionOf(n), (l) => isLoop(l) && l.end <= n.pos && some(l, assigns));
};
/** A value made before a loop that both the loop and this place after it read. */
const heldAcross: Has = (n) =>
  ts.isIdentifier(n) &&
  /^h\d+$/.test(n.text) &&
  some(functionOf(n), (l) => isLoop(l) && l.end <= n.pos && some(l, isNamed(n.text)));

/** The array of an access. */
function arrayOf(n: ts.Node): string {
  let at = n;
  while (isElement(at)) at = at.expression;
  return at.getText();
}

const rows = (n: ts.Node): readonly string[] =>
  ts.isCallExpression(n) ? n.arguments.filter(isElement).map((a) => a.expression.getText()) : [];

/** A branch taken for a number away from 0, in which something is divided by that number. */
const guardedDivision: Has = (n) => {
  if (!ts.isConditionalExpression(n)) return false;
  const tested = /^Math\.abs\((.*)\) > 0\.25$/.exec(n.condition.getText())?.[1];
  return (
    tested !== undefined &&
    some(n.whenTrue, (x) => infix(K.SlashToken)(x) && (x as ts.BinaryExpression).right.getText() === tested)
  );
};

const isTie: Has = (n) => {
  if (!math("min", "max")(n) || inSubscript(n)) return false;
  const args = (n as ts.CallExpression).arguments.map((a) => a.getText());
  return new Set(args).size < args.length || args.some((a) => /^\(?-?(0|0\.5|1)\)?$/.test(a));
};

/** By name; each node of a program is asked. */
export const features: Readonly<Record<string, Has>> = {
  "read, then overwritten": ofKernel(
    (n) =>
      isStore(n) &&
      n.operatorToken.kind === K.EqualsToken &&
      some(n.right, (x) => isElement(x) && x.getText() === n.left.getText()),
  ),
  "*= in place": (n) => isStore(n) && n.operatorToken.kind === K.AsteriskEqualsToken,
  "/= in place": (n) => isStore(n) && n.operatorToken.kind === K.SlashEqualsToken,
  "accumulator used after its loop": readsAfterLoop,
  "value from before a loop, inside and after": heldAcross,
  "nested dynamic loops": inside(isDynamic, isDynamic),
  triangle: constructs["triangular loop"] as Has,
  continue: kind(K.ContinueStatement),
  break: kind(K.BreakStatement),
  "early return from a loop": constructs["return in a loop"] as Has,
  "while with trips from data": (n) =>
    ts.isWhileStatement(n) && some(n.expression, (x) => isElement(x) || math("abs")(x)),
  "do-while": kind(K.DoStatement),
  "bound from an array": (n) => ts.isForStatement(n) && n.condition !== undefined && hasDatum(n.condition),
  gather: (n) => subscriptFromData(n) && !(isStore(n.parent) && n.parent.left === n),
  scatter: (n) => isStore(n) && subscriptFromData(n.left),
  "repeated indices": (n) =>
    isStore(n) && isCompound(n) && subscriptFromData(n.left) && inside((x) => x === n, isLoop)(n),
  "row as an argument": (n) => rows(n).length > 0 && /^(helper|row)/.test(callee(n)),
  "two rows of one array": (n) => {
    const names = rows(n);
    return /^(helper|row)/.test(callee(n)) && new Set(names).size < names.length;
  },
  "component of a struct": (n) => ts.isBinaryExpression(n) && isAssigned(n) && ts.isPropertyAccessExpression(n.left),
  "copy with an offset": (n) => {
    if (!isStore(n) || n.operatorToken.kind !== K.EqualsToken || !isElement(n.right) || !isElement(n.left))
      return false;
    return n.left.argumentExpression.getText() !== n.right.argumentExpression.getText();
  },
  "division that a branch avoids": guardedDivision,
  "tie of min or max": isTie,
  "cast to an integer": (n) =>
    infix(K.BarToken)(n) && ts.isParenthesizedExpression(n.parent) && infix(K.AsteriskToken)(n.parent.parent),
  "Math.floor and its kin": (n) =>
    math("floor", "ceil", "round", "trunc", "sign")(n) && infix(K.AsteriskToken)(n.parent),
  "square root near 0": (n) => math("sqrt")(n) && ts.isConditionalExpression(n.parent),
  "power near 0": infix(K.AsteriskAsteriskToken),
  "function called twice": (n) =>
    ts.isFunctionDeclaration(n) && [...within(n)].filter((x) => callee(x) === "soft").length > 1,
  "array read and written": ofKernel((n) => {
    if (!isStore(n)) return false;
    const name = arrayOf(n.left);
    return /^A\d$/.test(name) && some(functionOf(n), (x) => isElement(x) && x !== n.left && arrayOf(x) === name);
  }),
  "loop of no or one trip": (n) => /< Math\.min\(1, |= 3; \w+ < /.test(head(n)),
  f32: (n) => n.kind === K.TypeReference && n.getText() === "f32",
  "local array in a loop": inside((n) => callee(n) === "zeros", isLoop),
  stopGradient: (n) => callee(n) === "stopGradient",
  "several results": (n) =>
    ts.isFunctionDeclaration(n) &&
    n.modifiers !== undefined &&
    n.type?.getText() !== "void" &&
    n.parameters.some((p) => /^(?!readonly).*f64\[/.test(p.type?.getText() ?? "")),
};
