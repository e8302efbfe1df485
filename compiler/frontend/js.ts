/**
 * The checked TypeScript as JavaScript, one function for each instance. Control flow stays as it was written; what is
 * added are the conversions that typed values imply: `Math.fround` after f32 arithmetic, `+ 0` where an integer becomes a
 * float (an integer has no −0), and typed rows for local arrays, so that stores round and wrap.
 *
 * Two dialects of floats: numbers, for target `node`; dual numbers, for derivatives to check others against (js-dual.ts).
 *
 * The text is the body of a function of the value helpers of `tsgpu/kernel` (as `tsgpu`) that returns the entries.
 */
import ts from "typescript";
import { effectJs } from "./js-assign.ts";
import { dualFloats } from "./js-dual.ts";
import { customJs, expressionJs, resultJs } from "./js-expr.ts";
import { type Floats, plainFloats } from "./js-floats.ts";
import { converted, JsScope, jsName, jsVariable, numberJs } from "./js-scope.ts";
import { indexNames, parallelLoop } from "./parallel.ts";
import type { Session } from "./session.ts";
import { isAssignment, isUpdate, strip } from "./syntax.ts";
import { literal, type Ty } from "./types.ts";

/** The size of an axis, which the rows of an empty array cannot tell: the runtime notes it on the array. */
const sizeHelper = `const sizeOf = (a, axis) => {
  if (a.sizes !== undefined) return a.sizes[axis];
  let row = a;
  for (let k = 0; k < axis; k++) row = row[0] ?? [];
  return row.length;
};`;

export const printJs = (session: Session): string => printModule(session, plainFloats, [sizeHelper]);

/** The same functions on dual numbers; `tsgpu.dual` has the arithmetic, and `tsgpu.zeros` makes arrays of them. */
export const printDual = (session: Session): string =>
  printModule(session, dualFloats, ["const { dual } = tsgpu;", sizeHelper]);

function printModule(session: Session, floats: Floats, prelude: readonly string[]): string {
  const functions = session.instances.map((i) => new JsPrinter(session, i, floats).func());
  const entries = session.instances.filter((i) => i.exported).map((i) => `${i.name}: ${jsName(i)}`);
  return [...prelude, ...functions, `return { ${entries.join(", ")} };`].join("\n\n");
}

class JsPrinter extends JsScope {
  expression(e: ts.Expression, to?: Ty): string {
    return expressionJs(this, e, to);
  }

  func(): string {
    const { decl, params, custom } = this.instance;
    const names = params.map((p) => jsVariable(p.name));
    const body =
      custom === null
        ? this.block(decl.body.statements, "  ")
        : `  return ${customJs(this, custom.value, custom.adjoint, names)};\n`;
    const constants = [...this.constants.values()].map((c) => `  ${c}\n`).join("");
    return `function ${jsName(this.instance)}(${names.join(", ")}) {\n${constants}${body}}`;
  }

  private block(list: readonly ts.Statement[], indent: string): string {
    return list.map((s) => `${indent}${this.statement(s, indent)}\n`).join("");
  }

  private statement(s: ts.Statement, indent: string): string {
    const inner = `${indent}  `;
    if (ts.isBlock(s)) return `{\n${this.block(s.statements, inner)}${indent}}`;
    if (ts.isVariableStatement(s)) return `${this.declarations(s.declarationList)};`;
    if (ts.isExpressionStatement(s)) return `${this.effect(s.expression)};`;
    if (ts.isReturnStatement(s)) {
      if (s.expression === undefined) return "return;";
      return `return ${resultJs(this, s.expression)};`;
    }
    if (ts.isIfStatement(s)) {
      const otherwise = s.elseStatement === undefined ? "" : ` else ${this.statement(s.elseStatement, indent)}`;
      return `if (${numberJs(this, s.expression)}) ${this.statement(s.thenStatement, indent)}${otherwise}`;
    }
    if (ts.isForStatement(s)) {
      const { initializer: init, condition, incrementor } = s;
      const first =
        init === undefined ? "" : ts.isVariableDeclarationList(init) ? this.declarations(init) : this.effect(init);
      const test = condition === undefined ? "" : numberJs(this, condition);
      const after = incrementor === undefined ? "" : this.effect(incrementor);
      return `for (${first}; ${test}; ${after}) ${this.statement(s.statement, indent)}`;
    }
    const parallel = parallelLoop(this.session, s);
    if (parallel !== null) {
      const { family, call, statement } = parallel;
      const sizes = call.arguments.map((a) => numberJs(this, a)).join(", ");
      const names = (indexNames(parallel) ?? []).map((n) => jsVariable(n.text));
      const pattern = names.length === 1 ? names[0] : `[${names.join(", ")}]`;
      return `for (const ${pattern} of tsgpu.${family}(${sizes})) ${this.statement(statement.statement, indent)}`;
    }
    if (ts.isWhileStatement(s)) {
      return `while (${numberJs(this, s.expression)}) ${this.statement(s.statement, indent)}`;
    }
    if (ts.isDoStatement(s)) {
      return `do ${this.statement(s.statement, indent)} while (${numberJs(this, s.expression)});`;
    }
    if (ts.isLabeledStatement(s)) return `${s.label.text}: ${this.statement(s.statement, indent)}`;
    return s.getText();
  }

  private declarations(list: ts.VariableDeclarationList): string {
    const parts = list.declarations.map((d) => {
      const name = this.binding(d.name);
      if (d.initializer === undefined) return `${name} = ${this.zero(d.name)}`;
      return `${name} = ${this.expression(d.initializer, this.bound(d.name, d.initializer))}`;
    });
    // Every variable may be assigned by what the conversions add; `let` also serves a `const`.
    return `let ${parts.join(", ")}`;
  }

  /** A pattern without its types. */
  private binding(name: ts.BindingName): string {
    if (ts.isIdentifier(name)) return jsVariable(name.text);
    const isArray = ts.isArrayBindingPattern(name);
    const elements = name.elements.map((e) => {
      if (!ts.isBindingElement(e)) return "";
      const own = this.binding(e.name);
      const key = (e.propertyName ?? e.name).getText();
      return isArray || key === own ? own : `${key}: ${own}`;
    });
    return isArray ? `[${elements.join(", ")}]` : `{ ${elements.join(", ")} }`;
  }

  /** The type that the initial value is converted to: that of the variables it is bound to. */
  private bound(name: ts.BindingName, init: ts.Expression): Ty {
    if (ts.isIdentifier(name)) {
      const symbol = this.session.symbol(name);
      return (symbol === undefined ? undefined : this.instance.vars.get(symbol)?.ty) ?? this.type(init);
    }
    const of = this.type(init);
    const parts = name.elements.map((e, k): readonly [string, Ty] => {
      const key = ts.isBindingElement(e) ? (e.propertyName ?? e.name).getText() : String(k);
      const part = of.kind === "struct" ? of.fields.get(key) : of.kind === "tuple" ? of.elems[k] : undefined;
      if (!ts.isBindingElement(e) || !ts.isIdentifier(e.name)) return [key, part as Ty];
      const symbol = this.session.symbol(e.name);
      return [key, (symbol === undefined ? undefined : this.instance.vars.get(symbol)?.ty) ?? (part as Ty)];
    });
    if (of.kind === "tuple") return { kind: "tuple", elems: of.elems.map((t, k) => parts[k]?.[1] ?? t) };
    if (of.kind !== "struct") return of;
    const given = new Map(parts);
    return { kind: "struct", fields: new Map([...of.fields].map(([n, t]) => [n, given.get(n) ?? t])) };
  }

  private zero(name: ts.BindingName): string {
    const symbol = ts.isIdentifier(name) ? this.session.symbol(name) : undefined;
    const zero = (t: Ty): string => {
      if (t.kind === "bool") return "false";
      if (t.kind === "tuple") return `[${t.elems.map(zero).join(", ")}]`;
      if (t.kind === "struct") return `{ ${[...t.fields].map(([n, f]) => `${n}: ${zero(f)}`).join(", ")} }`;
      return converted(this, "0", literal(0), t);
    };
    const ty = symbol === undefined ? undefined : this.instance.vars.get(symbol)?.ty;
    return zero(ty ?? { kind: "void" });
  }

  /** An expression for its effect. */
  private effect(e: ts.Expression): string {
    const n = strip(e);
    if (ts.isBinaryExpression(n) && n.operatorToken.kind === ts.SyntaxKind.CommaToken) {
      return `${this.effect(n.left)}, ${this.effect(n.right)}`;
    }
    return isAssignment(n) || isUpdate(n) ? effectJs(this, n) : this.expression(n);
  }
}
