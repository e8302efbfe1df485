/**
 * Structs and tuples are values here, and objects in JavaScript. What would tell the two apart is refused: to write
 * through one of two names of an object, to store one object in two places, to pass it along with its array to who writes.
 */
import ts from "typescript";
import type { Instance, Session, Variable } from "./session.ts";
import { isAssignment, isPlace, nodes, rootName, strip, targetsIn } from "./syntax.ts";
import type { Ty } from "./types.ts";

const isComposite = (t: Ty | undefined): boolean => t?.kind === "struct" || t?.kind === "tuple";

/** Refuses writes through a name that is another struct's. */
export function checkWritable(session: Session, instance: Instance, target: ts.Expression, at: ts.Node): void {
  const name = rootName(target);
  const symbol = name === null ? undefined : session.symbol(name);
  if (name === null || symbol === undefined) {
    return session.reporter.refuse(at, "TG1114", "a write to a value that has no name");
  }
  const v = instance.vars.get(symbol);
  const constant = constantBehind(session, target);
  if (v === undefined || constant !== null) {
    const of = constant === null || constant.name === name.text ? "a constant" : `the constant \`${constant.name}\``;
    session.reporter.refuse(at, "TG1047", `\`${name.text}\` is ${of} of the module`);
  }
  if (!isComposite(v.ty ?? undefined)) return;
  if (instance.params.some((p) => p.symbol === symbol)) {
    const message = `the struct \`${v.name}\` is a parameter; a write to it would change the caller's`;
    session.reporter.refuse(at, "TG1112", message);
  }
  const init = initializerOf(symbol);
  if (init !== undefined && originsOf(session, instance, init).size > 0) {
    const first = init.getText();
    const whole = symbol.valueDeclaration !== undefined && ts.isVariableDeclaration(symbol.valueDeclaration);
    const place = `${first}${strip(target).getText().slice(name.text.length)}`;
    const help = whole && isPlace(strip(init)) ? `write through the first name, as in \`${place} = …\`` : undefined;
    session.reporter.refuse(at, "TG1042", `\`${v.name}\` is a second name of \`${first}\``, help);
  }
}

/** Refuses to store a struct that has a name: in JavaScript both places would then hold the same object. */
export function checkFresh(session: Session, instance: Instance, ty: Ty, at: ts.Node): void {
  if (!isComposite(ty) || !isAssignment(at)) return;
  const value = strip(at.right);
  if (originsOf(session, instance, value).size === 0 || permutes(strip(at.left), value)) return;
  const name = value.getText();
  const [field] = ty.kind === "struct" ? ty.fields.keys() : [];
  const copy = field === undefined ? `[${name}[0], …]` : `{ ${field}: ${name}.${field}, … }`;
  const help = isPlace(value) ? `write its parts, as in \`${copy}\`` : undefined;
  session.reporter.refuse(at, "TG1113", `stores \`${name}\` a second time`, help);
}

/** `[a[i], a[j]] = [a[j], a[i]]`: each object still stands in one place. */
function permutes(target: ts.Expression, value: ts.Expression): boolean {
  if (!ts.isArrayLiteralExpression(target) || !ts.isArrayLiteralExpression(value)) return false;
  const texts = (list: ts.ArrayLiteralExpression): string => String(list.elements.map((e) => e.getText()).sort());
  return texts(target) === texts(value);
}

/** A second name of a struct keeps its value only where nothing is written through the first. */
export function checkSecondName(session: Session, instance: Instance, v: Variable, ty: Ty, at: ts.Node): void {
  const init = initializerOf(v.symbol);
  if (init === undefined || !isComposite(ty)) return;
  for (const origin of originsOf(session, instance, init)) {
    if (!writes(session, instance, origin)) continue;
    const name = init.getText();
    const message = `\`${v.name}\` is a second name of \`${name}\`, which is written in this function`;
    const [field = "x"] = ty.kind === "struct" ? ty.fields.keys() : [];
    const of = isPlace(strip(init)) ? name : v.name;
    const help = `copy the fields that you need, as in \`const ${field} = ${of}.${field}\``;
    session.reporter.refuse(at, "TG1042", message, help);
  }
}

/** The constant of the module that an array or row belongs to, by whatever name it goes here. */
function constantBehind(session: Session, e: ts.Expression): ts.Symbol | null {
  const root = arrayRoot(session, e);
  return root !== undefined && session.moduleConstant(root) !== null ? root : null;
}

/** Refuses to pass a constant array of the module to a function that writes it. */
export function checkConstants(session: Session, e: ts.CallExpression, callee: Instance): void {
  e.arguments.forEach((arg, k) => {
    const param = callee.params[k];
    if (param?.source.kind !== "array" || constantBehind(session, arg) === null) return;
    if (!writes(session, callee, param.symbol)) return;
    const message = `\`${arg.getText()}\` is a constant of the module, and \`${callee.decl.name.text}\` writes to it`;
    session.reporter.refuse(arg, "TG1047", message);
  });
}

/** Refuses to pass a struct along with the array that it stands in, to a function that writes that array. */
export function checkArguments(session: Session, instance: Instance, e: ts.CallExpression, callee: Instance): void {
  for (const struct of e.arguments) {
    const origins = originsOf(session, instance, struct);
    e.arguments.forEach((arg, k) => {
      const param = callee.params[k];
      const root = arrayRoot(session, arg);
      if (param?.source.kind !== "array" || root === undefined || !origins.has(root)) return;
      if (!writes(session, callee, param.symbol)) return;
      const message = `\`${struct.getText()}\` is passed along with \`${arg.getText()}\`, which \`${callee.decl.name.text}\` writes`;
      session.reporter.refuse(struct, "TG1115", message);
    });
  }
}

function arrayRoot(session: Session, e: ts.Expression): ts.Symbol | undefined {
  const name = rootName(e);
  const symbol = name === null ? undefined : session.symbol(name);
  return symbol === undefined ? undefined : session.names.root(symbol);
}

/** The initial value of a variable, or of the pattern that it stands in. */
function initializerOf(symbol: ts.Symbol): ts.Expression | undefined {
  let decl: ts.Node | undefined = symbol.valueDeclaration;
  while (decl !== undefined && (ts.isBindingElement(decl) || ts.isBindingName(decl))) decl = decl.parent;
  return decl !== undefined && ts.isVariableDeclaration(decl) ? decl.initializer : undefined;
}

/** The variables and arrays whose objects, or parts of these, the value of an expression may be or hold. */
function originsOf(session: Session, instance: Instance, e: ts.Expression): ReadonlySet<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  const visit = (x: ts.Expression): void => {
    const n = strip(x);
    if (!isComposite(instance.types.get(n) ?? instance.types.get(x))) return;
    if (isPlace(n)) {
      const root = arrayRoot(session, n);
      if (root === undefined || found.has(root)) return;
      found.add(root);
      const init = initializerOf(root);
      if (init !== undefined) visit(init);
    } else if (ts.isConditionalExpression(n)) {
      visit(n.whenTrue);
      visit(n.whenFalse);
    } else if (ts.isArrayLiteralExpression(n)) n.elements.forEach(visit);
    else if (ts.isObjectLiteralExpression(n)) {
      for (const p of n.properties) {
        if (ts.isPropertyAssignment(p)) visit(p.initializer);
        else if (ts.isShorthandPropertyAssignment(p)) visit(p.name);
      }
    } else if (isAssignment(n)) {
      visit(n.left);
      visit(n.right);
    } else if (ts.isCallExpression(n)) {
      for (const arg of argumentsReturned(session, instance, n)) {
        const root = instance.types.get(arg)?.kind === "array" ? arrayRoot(session, arg) : undefined;
        if (root === undefined) visit(arg);
        else found.add(root);
      }
    }
  };
  visit(e);
  return found;
}

/** Arguments of which the called function may return an object. */
function argumentsReturned(session: Session, instance: Instance, e: ts.CallExpression): readonly ts.Expression[] {
  if (session.helperOf(e.expression) === "stopGradient") return e.arguments;
  const callee = instance.calls.get(e);
  if (callee === undefined) return [];
  const origins = new Set<ts.Symbol>();
  for (const n of nodes(callee.decl.body)) {
    if (!ts.isReturnStatement(n) || n.expression === undefined) continue;
    for (const origin of originsOf(session, callee, n.expression)) origins.add(origin);
  }
  return e.arguments.filter((_, k) => origins.has(callee.params[k]?.symbol as ts.Symbol));
}

/** Does the function write what the symbol stands for, itself or through what it calls? */
function writes(session: Session, instance: Instance, symbol: ts.Symbol): boolean {
  for (const target of targetsIn(instance.decl.body)) if (arrayRoot(session, target) === symbol) return true;
  for (const n of nodes(instance.decl.body)) {
    const callee = ts.isCallExpression(n) ? instance.calls.get(n) : undefined;
    if (callee === undefined || !ts.isCallExpression(n)) continue;
    const passed = n.arguments.findIndex((arg, k) => {
      const param = callee.params[k];
      if (param?.source.kind !== "array" || arrayRoot(session, arg) !== symbol) return false;
      return writes(session, callee, param.symbol);
    });
    if (passed >= 0) return true;
  }
  return false;
}
