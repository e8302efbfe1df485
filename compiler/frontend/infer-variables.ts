/**
 * The variables of a function: what each is given, by declarations, patterns, assignments and loops, and how its type grows
 * until nothing changes.
 *
 * Types only grow and their order is finite but for ranges; a variable whose range still grows after a few rounds
 * becomes a float, which computes whole numbers as JavaScript does. Counters, which only move by constants, would
 * never settle and have a bound of their own (`counterReach`).
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { Code } from "./codes.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import type { Counters } from "./infer-counters.ts";
import type { ExprInference } from "./infer-expr.ts";
import { checkFresh, checkSecondName, checkWritable } from "./infer-structs.ts";
import { atPath, partAt, reach, settleDeep, widen, withRanges } from "./infer-types.ts";
import { stepOf } from "./loops.ts";
import { Unlowerable } from "./report.ts";
import type { Instance, Session, Variable } from "./session.ts";
import { compoundOperators, isAssignment, isUpdate, rootName, strip } from "./syntax.ts";
import { holdsArray, int, isNumber, isWhole, join, literal, nameOf, sameTy, settle, type Ty, tyOf } from "./types.ts";

const K = ts.SyntaxKind;
const settleRounds = 6;
const restingRounds = 12;
const mostRounds = 20;

export class VariableInference {
  private readonly session: Session;
  private readonly instance: Instance;
  private readonly exprs: ExprInference;
  private readonly counters: Counters;
  private changed = false;
  private round = 0;

  constructor(exprs: ExprInference, counters: Counters) {
    this.session = exprs.session;
    this.instance = exprs.instance;
    this.exprs = exprs;
    this.counters = counters;
  }

  /** Walks until nothing changes any more. */
  settle(walk: () => void): void {
    do {
      this.changed = false;
      this.round++;
      walk();
    } while (this.changed && this.round < mostRounds);
  }

  private refuse(node: ts.Node, code: Code, message: string, help?: string): never {
    return this.session.reporter.refuse(node, code, message, help);
  }

  /** The variable of a name, which is made where it is not there yet. */
  variable(name: ts.Identifier, symbol: ts.Symbol, declared: SourceType | null, isConst: boolean): Variable {
    const known = this.instance.vars.get(symbol);
    const v = known ?? { symbol, name: name.text, declared, isConst, ty: null };
    this.instance.vars.set(symbol, v);
    return v;
  }

  /** Gives a loop's index its range. */
  index(name: ts.Identifier, symbol: ts.Symbol, ty: Ty, isConst: boolean): void {
    const v = this.variable(name, symbol, null, isConst);
    this.grow(v, ty, name);
    this.instance.types.set(name, v.ty as Ty);
  }

  /** Joins the type of a `return` into the function's result. */
  result(result: Ty, at: ts.Node): void {
    const before = this.instance.result;
    const after: Ty =
      (before.kind === "void" ? result : join(before, result)) ??
      this.refuse(at, "TG1101", `returns both ${nameOf(before)} and ${nameOf(result)}`);
    if (sameTy(before, after)) return;
    this.instance.result = this.widened(before, after);
    this.changed = true;
  }

  /** Notes that what a name or pattern binds was refused. */
  leaveAlone(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) {
      const symbol = this.session.symbol(name);
      if (symbol !== undefined) this.instance.refused.add(symbol);
      return;
    }
    for (const element of name.elements) if (ts.isBindingElement(element)) this.leaveAlone(element.name);
  }

  /** Declares what a name or pattern binds, as holding a value of the type. */
  bind(name: ts.BindingName, isConst: boolean, declared: SourceType | null, ty: Ty | null, at: ts.Node): void {
    if (ts.isIdentifier(name)) {
      const symbol = this.session.symbol(name);
      if (symbol === undefined) throw new Unlowerable();
      const v = this.variable(name, symbol, declared, isConst);
      if (ty === null && declared === null) {
        this.refuse(
          name,
          "TG1088",
          `\`${name.text}\` has neither a value nor a type`,
          `give it a type, as in \`let ${name.text}: f64;\``,
        );
      }
      if (ty === null) {
        const t = tyOf(declared as SourceType);
        if (t.kind !== "int") this.grow(v, t);
        return;
      }
      if (ty.kind === "array" && !isConst) {
        const message = `the array variable \`${name.text}\` can be bound again`;
        this.session.reporter.report(name, "TG1040", message, "declare it with `const`");
      }
      if (holdsArray(ty)) {
        const help = "give the array a name of its own";
        this.refuse(at, "TG1083", `\`${name.text}\` would be a struct or tuple that holds an array`, help);
      }
      if (ty.kind === "void")
        this.refuse(at, "TG1105", `\`${name.text}\` is given the result of a function that has none`);
      checkSecondName(this.session, this.instance, v, ty, at);
      return this.assign(v, ty, at);
    }
    for (const [k, element] of name.elements.entries()) {
      if (!ts.isBindingElement(element)) continue;
      if (element.dotDotDotToken !== undefined || element.initializer !== undefined) {
        this.refuse(element, "TG1063", "a rest or default in a pattern");
      }
      const part =
        ty === null
          ? null
          : ts.isArrayBindingPattern(name)
            ? partAt(ty, k)
            : ty.kind === "struct"
              ? ty.fields.get((element.propertyName ?? element.name).getText())
              : undefined;
      if (part === undefined)
        this.refuse(element, "TG1107", `${ty === null ? "nothing" : nameOf(ty)} has no such part`);
      this.bind(element.name, isConst, null, part, element);
    }
  }

  /** Joins the type into the variable's, minding what it is declared as. */
  private assign(v: Variable, ty: Ty, at: ts.Node): void {
    const declared = v.declared === null ? null : tyOf(v.declared);
    if (declared === null) {
      return this.grow(v, v.isConst && ty.kind === "literal" ? ty : settleDeep(ty), at);
    }
    if (declared.kind === "int") {
      if (!isNumber(ty)) this.refuse(at, "TG1031", `\`${v.name}\` is declared an integer and given ${nameOf(ty)}`);
      if (!isWhole(ty))
        this.refuse(at, "TG1032", `\`${v.name}\` is declared an integer and given a fraction, ${nameOf(ty)}`);
      return this.grow(v, settle(ty), at);
    }
    if (join(declared, ty) === null) {
      this.refuse(at, "TG1031", `\`${v.name}\` is declared ${nameOf(declared)} and given ${nameOf(ty)}`);
    }
    this.grow(v, withRanges(declared, ty), at);
  }

  private grow(v: Variable, ty: Ty, at?: ts.Node): void {
    const before = v.ty;
    const joined = before === null ? ty : join(before, ty);
    let after: Ty =
      joined ??
      this.refuse(at as ts.Node, "TG1031", `\`${v.name}\` is ${nameOf(before as Ty)} and given ${nameOf(ty)}`);
    const counter = this.counters.moved.get(v.symbol);
    if (counter !== undefined && before === null && after.kind === "int") after = int(reach(after.range, counter));
    if (before !== null && sameTy(before, after)) return;
    if (before !== null) after = this.widened(before, after);
    v.ty = after;
    this.changed = true;
  }

  private widened(before: Ty, after: Ty): Ty {
    return this.round > settleRounds ? widen(before, after, this.round > restingRounds) : after;
  }

  /** The type of an assignment, whose target's variable takes up the type assigned. */
  assignment(e: ts.Expression): Ty {
    if (isUpdate(e)) {
      const target = strip(e.operand);
      const old = this.exprs.number(target);
      const op = e.operator === K.PlusPlusToken ? K.PlusToken : K.MinusToken;
      return this.into(target, arithmeticTy(this.instance, op, old, literal(1)), e);
    }
    if (!isAssignment(e)) throw new Unlowerable();
    const target = strip(e.left);
    if (e.operatorToken.kind === K.EqualsToken) {
      const ty = this.exprs.type(e.right);
      this.pattern(target, ty, e);
      // No literal: what reads it must see the assignment.
      return settleDeep(ty);
    }
    const op = compoundOperators.get(e.operatorToken.kind) as ts.SyntaxKind;
    const old = this.exprs.number(target);
    return this.into(target, arithmeticTy(this.instance, op, old, this.exprs.number(e.right)), e);
  }

  private pattern(target: ts.Expression, ty: Ty, at: ts.Node): void {
    if (ts.isArrayLiteralExpression(target)) {
      for (const [k, element] of target.elements.entries()) {
        const place = strip(element);
        if (ts.isOmittedExpression(place)) this.refuse(target, "TG1063", "a pattern that leaves out a part");
        if (ts.isSpreadElement(place) || isAssignment(place))
          this.refuse(place, "TG1063", "a rest or default in a pattern");
        const part = partAt(ty, k) ?? this.refuse(element, "TG1107", `${nameOf(ty)} has no part ${k}`);
        this.pattern(place, part, at);
      }
      this.instance.types.set(target, ty);
      return;
    }
    if (ts.isObjectLiteralExpression(target)) this.refuse(target, "TG1064", "an assignment to an object pattern");
    this.into(target, ty, at);
  }

  /** Notes that the target takes a value of the type; gives the type it then has. */
  private into(target: ts.Expression, ty: Ty, at: ts.Node): Ty {
    if (ts.isIdentifier(target)) {
      const symbol = this.session.symbol(target);
      const v = symbol === undefined ? undefined : this.instance.vars.get(symbol);
      if (symbol === undefined || this.instance.refused.has(symbol)) throw new Unlowerable();
      if (v === undefined && !this.session.isOfModule(symbol)) throw new Unlowerable();
      if (v === undefined) this.refuse(target, "TG1008", `\`${target.text}\` is a variable of the module`);
      if (v.ty?.kind === "array" || ty.kind === "array") {
        this.refuse(at, "TG1040", `the array variable \`${target.text}\` is bound again`);
      }
      this.instance.types.set(target, v.ty ?? ty);
      checkFresh(this.session, this.instance, ty, at);
      // A counter's own steps are within its reach already.
      if (this.counters.counted.has(v.symbol) && v.ty !== null) return v.ty;
      if (
        this.counters.moved.has(v.symbol) &&
        stepOf(at, this.session.names)?.symbol === v.symbol &&
        v.ty?.kind === "int"
      )
        return v.ty;
      this.assign(v, ty, at);
      return v.ty ?? ty;
    }
    if (ts.isPropertyAccessExpression(target) && target.name.text === "length") {
      this.refuse(target, "TG1041", `\`${target.getText()}\` is assigned`);
    }
    const old = this.exprs.type(target);
    if (old.kind === "array") this.refuse(at, "TG1044", `the row \`${target.getText()}\` is assigned as a whole`);
    checkWritable(this.session, this.instance, target, at);
    checkFresh(this.session, this.instance, ty, at);
    if (join(old, ty) === null)
      this.refuse(at, "TG1031", `\`${target.getText()}\` is ${nameOf(old)} and given ${nameOf(ty)}`);
    const name = rootName(target);
    const v = name === null ? undefined : this.instance.vars.get(this.session.symbol(name) as ts.Symbol);
    // A component of a local struct: the variable's type grows at that component.
    if (v !== undefined && (v.ty?.kind === "struct" || v.ty?.kind === "tuple")) {
      this.grow(v, atPath(v.ty, target, settleDeep(ty), this.session), at);
    }
    return old;
  }
}
