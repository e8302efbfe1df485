/**
 * The types of a function's variables: each is the join of all that is assigned to it, found by walking the body until
 * nothing changes. The walk also checks that statements belong to the kernel language.
 *
 * Types only grow and their order is finite but for ranges; a variable whose range still grows after a few rounds
 * becomes a float, which computes whole numbers as JavaScript does. Counters, which only move by constants, would
 * never settle and have a bound of their own (`counterReach`).
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import { readType } from "./annotations.ts";
import type { Code } from "./codes.ts";
import { ExprInference } from "./infer-expr.ts";
import { checkJump, checkOuter, indicesOf } from "./infer-parallel.ts";
import { checkFresh, checkSecondName, checkWritable } from "./infer-structs.ts";
import { atPath, partAt, reach, settleDeep, widen, withRanges } from "./infer-types.ts";
import { type CountedLoop, countedLoop, isCounter, stepOf, type Test, testsOf } from "./loops.ts";
import { type ParallelLoop, parallelLoop } from "./parallel.ts";
import { combine, counterReach, exactLimit, fixed, isExact, type Range } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import type { Instance, Session, Variable } from "./session.ts";
import { compoundOperators, isAssignment, isJump, isUpdate, jumpTarget, nodes, rootName, strip } from "./syntax.ts";
import {
  holdsArray,
  int,
  isNumber,
  isWhole,
  join,
  literal,
  nameOf,
  rangeOf,
  sameTy,
  settle,
  type Ty,
  tyOf,
  voidTy,
  whole64,
} from "./types.ts";
import { unsupportedStatement } from "./unsupported.ts";

const K = ts.SyntaxKind;
const settleRounds = 6;
const restingRounds = 12;
const mostRounds = 20;

/** Fills in `vars`, `types`, `calls` and `result` of an instance. */
export function infer(session: Session, instance: Instance): void {
  new Inference(session, instance).run();
}

class Inference {
  readonly session: Session;
  readonly instance: Instance;
  readonly exprs: ExprInference;
  private changed = false;
  private round = 0;
  /** Variables that only move by constants, with the sum of the steps' signs that occur. */
  private readonly counters = new Map<ts.Symbol, { down: boolean; up: boolean }>();
  /** Variables whose range their counted loop gives. */
  private readonly counted = new Set<ts.Symbol>();
  private readonly loops = new Map<ts.ForStatement, CountedLoop | null>();

  constructor(session: Session, instance: Instance) {
    this.session = session;
    this.instance = instance;
    this.exprs = new ExprInference(session, instance);
    this.exprs.assignment = (e) => this.assignment(e);
  }

  run(): void {
    const { instance } = this;
    this.findCounters();
    for (const p of instance.params) {
      const declared = p.source;
      const counter = this.counters.get(p.symbol);
      const ty = counter !== undefined && p.ty.kind === "int" ? int(reach(p.ty.range, counter)) : p.ty;
      instance.vars.set(p.symbol, { symbol: p.symbol, name: p.name, declared, isConst: false, ty });
    }
    let result: SourceType | null = null;
    if (instance.decl.type !== undefined && instance.decl.type.kind !== K.VoidKeyword) {
      const at = instance.decl.type;
      const declared = this.guarded(() => readType(at, instance.context));
      if (declared?.kind === "array") {
        this.session.reporter.report(at, "TG1038", "a kernel cannot return an array");
      }
      result = declared;
    }
    do {
      this.changed = false;
      this.round++;
      this.block(instance.decl.body.statements);
    } while (this.changed && this.round < mostRounds);
    // Where no `return` was understood, callers go by what is declared.
    if (instance.result.kind === "void" && result !== null) instance.result = tyOf(result);
  }

  private refuse(node: ts.Node, code: Code, message: string, help?: string): never {
    return this.session.reporter.refuse(node, code, message, help);
  }

  /** The value of `f`, or null when it gave up (after a report). */
  private guarded<T>(f: () => T): T | null {
    try {
      return f();
    } catch (error) {
      if (!(error instanceof Unlowerable)) throw error;
      if (this.session.reporter.isEmpty) bug(`\`${this.instance.name}\` has a part that is refused without a reason`);
      return null;
    }
  }

  private block(statements: readonly ts.Statement[]): void {
    for (const s of statements) this.guarded(() => this.statement(s));
  }

  private statement(s: ts.Statement): void {
    if (ts.isBlock(s)) return this.block(s.statements);
    if (ts.isVariableStatement(s)) return this.declarations(s.declarationList);
    if (ts.isExpressionStatement(s)) return void this.expressionStatement(s.expression);
    if (ts.isIfStatement(s)) {
      this.guarded(() => this.exprs.condition(s.expression));
      this.guarded(() => this.statement(s.thenStatement));
      if (s.elseStatement !== undefined) this.statement(s.elseStatement);
      return;
    }
    if (ts.isForStatement(s)) return this.forLoop(s);
    const parallel = parallelLoop(this.session, s);
    if (parallel !== null) return this.parallelLoop(parallel);
    if (ts.isWhileStatement(s) || ts.isDoStatement(s)) {
      this.guarded(() => this.exprs.condition(s.expression));
      return this.statement(s.statement);
    }
    if (isJump(s)) checkJump(this.session, s);
    if (ts.isReturnStatement(s)) return this.returned(s);
    if (ts.isLabeledStatement(s)) return this.statement(s.statement);
    if (isJump(s) && !ts.isReturnStatement(s)) {
      if (jumpTarget(s) === null) this.refuse(s, "TG1050", "a jump that leads to no loop");
      return;
    }
    if (s.kind === K.EmptyStatement) return;
    this.refuse(s, ...unsupportedStatement(s));
  }

  private expressionStatement(e: ts.Expression): void {
    const n = strip(e);
    if (ts.isBinaryExpression(n) && n.operatorToken.kind === K.CommaToken) {
      this.expressionStatement(n.left);
      return this.expressionStatement(n.right);
    }
    this.exprs.type(e);
  }

  private checkKeyword(list: ts.VariableDeclarationList): void {
    const keyword = list.flags & ts.NodeFlags.BlockScoped;
    if (keyword === ts.NodeFlags.Const || keyword === ts.NodeFlags.Let) return;
    const name = list.getText().split(/\s/)[0];
    this.session.reporter.report(list, "TG1007", `a variable declared with \`${name}\``);
  }

  private declarations(list: ts.VariableDeclarationList): void {
    this.checkKeyword(list);
    const isConst = (list.flags & ts.NodeFlags.Const) !== 0;
    for (const d of list.declarations) {
      const init = d.initializer;
      const declared =
        d.type === undefined ? null : this.guarded(() => readType(d.type as ts.TypeNode, this.instance.context));
      const ty = init === undefined ? null : this.guarded(() => this.exprs.type(init));
      // Where the declared type was refused, the value is no better.
      const typed = d.type === undefined || declared !== null;
      const known = !typed
        ? undefined
        : init === undefined || ty !== null
          ? ty
          : declared === null
            ? undefined
            : tyOf(declared);
      const bound = known === undefined ? null : this.guarded(() => this.bind(d.name, isConst, declared, known, d));
      if (bound === null) this.leaveAlone(d.name);
    }
  }

  /** Notes that what a name or pattern binds was refused. */
  private leaveAlone(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) {
      const symbol = this.session.symbol(name);
      if (symbol !== undefined) this.instance.refused.add(symbol);
      return;
    }
    for (const element of name.elements) if (ts.isBindingElement(element)) this.leaveAlone(element.name);
  }

  /** Declares what a name or pattern binds, as holding a value of the type. */
  private bind(name: ts.BindingName, isConst: boolean, declared: SourceType | null, ty: Ty | null, at: ts.Node): void {
    if (ts.isIdentifier(name)) {
      const symbol = this.session.symbol(name);
      if (symbol === undefined) throw new Unlowerable();
      const known = this.instance.vars.get(symbol);
      const v: Variable = known ?? { symbol, name: name.text, declared, isConst, ty: null };
      this.instance.vars.set(symbol, v);
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
    const counter = this.counters.get(v.symbol);
    if (counter !== undefined && before === null && after.kind === "int") after = int(reach(after.range, counter));
    if (before !== null && sameTy(before, after)) return;
    if (before !== null && this.round > settleRounds) after = this.widened(before, after);
    v.ty = after;
    this.changed = true;
  }

  private widened(before: Ty, after: Ty): Ty {
    return widen(before, after, this.round > restingRounds);
  }

  /** The type of an assignment, whose target's variable takes up the type assigned. */
  private assignment(e: ts.Expression): Ty {
    if (isUpdate(e)) {
      const target = strip(e.operand);
      const old = this.exprs.number(target);
      const op = e.operator === K.PlusPlusToken ? K.PlusToken : K.MinusToken;
      return this.into(target, this.exprs.arithmetic(op, old, literal(1)), e);
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
    return this.into(target, this.exprs.arithmetic(op, old, this.exprs.number(e.right)), e);
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
      if (this.counted.has(v.symbol) && v.ty !== null) return v.ty;
      if (this.counters.has(v.symbol) && stepOf(at, this.session.names)?.symbol === v.symbol && v.ty?.kind === "int")
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

  private returned(s: ts.ReturnStatement): void {
    const declared = this.instance.decl.type;
    const want =
      declared === undefined || declared.kind === K.VoidKeyword
        ? null
        : tyOf(readType(declared, this.instance.context));
    // A declared array was refused where it is declared.
    if (want?.kind === "array") throw new Unlowerable();
    const ty = s.expression === undefined ? voidTy : settleDeep(this.exprs.type(s.expression));
    if (ty.kind === "array" || holdsArray(ty)) this.refuse(s, "TG1038", "a kernel cannot return an array");
    let result: Ty = ty;
    if (want !== null) {
      if (want.kind === "int" && isNumber(ty) && !isWhole(ty)) {
        this.refuse(s, "TG1032", `an integer is declared as the result and ${nameOf(ty)} is returned`);
      }
      if (join(want, ty) === null)
        this.refuse(s, "TG1101", `${nameOf(want)} is declared as the result and ${nameOf(ty)} is returned`);
      result = withRanges(want, ty);
    }
    const before = this.instance.result;
    const after: Ty =
      (before.kind === "void" ? result : join(before, result)) ??
      this.refuse(s, "TG1101", `returns both ${nameOf(before)} and ${nameOf(result)}`);
    if (!sameTy(before, after)) {
      this.instance.result = this.round > settleRounds ? this.widened(before, after) : after;
      this.changed = true;
    }
  }

  private forLoop(s: ts.ForStatement): void {
    const loop = this.loops.get(s) ?? null;
    if (s.initializer !== undefined && ts.isVariableDeclarationList(s.initializer)) this.checkKeyword(s.initializer);
    if (loop === null || !this.guarded(() => this.countedRanges(s, loop))) {
      if (s.initializer !== undefined) {
        if (ts.isVariableDeclarationList(s.initializer)) this.declarations(s.initializer);
        else this.guarded(() => this.expressionStatement(s.initializer as ts.Expression));
      }
      // As a `while`, its variables are ordinary ones.
      for (const c of loop?.counters ?? []) this.counted.delete(c.symbol);
    }
    const { condition, incrementor } = s;
    if (condition !== undefined) this.guarded(() => this.exprs.condition(condition));
    const tests = testsOf(s, this.session.names);
    if (incrementor !== undefined) this.guarded(() => this.tested(tests, () => this.expressionStatement(incrementor)));
    this.tested(tests, () => this.statement(s.statement));
  }

  private parallelLoop(loop: ParallelLoop): void {
    for (const { name, range } of indicesOf(this.exprs, loop)) {
      const symbol = this.session.symbol(name);
      if (symbol === undefined) throw new Unlowerable();
      const known = this.instance.vars.get(symbol);
      const v: Variable = known ?? { symbol, name: name.text, declared: null, isConst: true, ty: null };
      this.instance.vars.set(symbol, v);
      this.grow(v, int(range), name);
      this.instance.types.set(name, v.ty as Ty);
    }
    this.guarded(() => this.statement(loop.statement.statement));
    checkOuter(this.exprs, loop);
  }

  /** Types what `f` walks knowing that the variables are where the tests say. */
  private tested(tests: readonly Test[], f: () => void): void {
    const { narrowed } = this.exprs;
    const before = new Map(narrowed);
    for (const { symbol, op, bound } of tests) {
      const ty = this.instance.types.get(bound);
      const range = ty === undefined || !isNumber(ty) ? null : rangeOf(ty);
      const strict = op.length === 1 ? 1 : 0;
      if (range === null) continue;
      const far = fixed(-exactLimit, exactLimit);
      const held = narrowed.get(symbol) ?? far;
      const within = combine(held, range, (a, b) =>
        op.startsWith("<")
          ? { lo: a.lo, hi: Math.min(a.hi, b.hi - strict) }
          : { lo: Math.max(a.lo, b.lo + strict), hi: a.hi },
      );
      narrowed.set(symbol, within);
    }
    try {
      f();
    } finally {
      narrowed.clear();
      for (const [symbol, range] of before) narrowed.set(symbol, range);
    }
  }

  /** Gives the counters of a counted loop their ranges; false where a counter or bound is no integer. */
  private countedRanges(s: ts.ForStatement, loop: CountedLoop): boolean {
    const inits = loop.counters.map((c) => rangeOf(this.exprs.type(c.init)));
    if (inits.some((r) => r === null) || this.declaredFloat(s)) return false;
    const start = inits[loop.counters.indexOf(loop.tested)] as Range;
    const bound = isCounter(loop.bound)
      ? (inits[loop.counters.indexOf(loop.bound)] as Range)
      : this.boundRange(loop, loop.bound);
    if (bound === null) return false;
    const up = loop.op.startsWith("<");
    const strict = loop.op.length === 1 ? 1 : 0;
    // From where the tested counter starts to the last value with which the body runs.
    const span = combine(start, bound, (a, b) =>
      up ? { lo: a.lo, hi: Math.max(a.lo, b.hi - strict) } : { lo: Math.min(a.hi, b.lo + strict), hi: a.hi },
    );
    loop.counters.forEach((c, k) => {
      const init = inits[k] as Range;
      const range =
        c === loop.tested
          ? span
          : combine(init, span, (own, t) => {
              const far = Math.ceil((t.hi - t.lo) / Math.abs(loop.tested.step || 1)) * c.step;
              return { lo: own.lo + Math.min(0, far), hi: own.hi + Math.max(0, far) };
            });
      const ty = isExact(range) ? int(range) : whole64;
      const known = this.instance.vars.get(c.symbol);
      const v: Variable = known ?? { symbol: c.symbol, name: c.name.text, declared: null, isConst: false, ty: null };
      this.instance.vars.set(c.symbol, v);
      this.grow(v, ty, c.name);
      this.instance.types.set(c.name, v.ty as Ty);
    });
    return loop.counters.every((c) => this.instance.vars.get(c.symbol)?.ty?.kind === "int");
  }

  private boundRange(loop: CountedLoop, bound: ts.Expression): Range | null {
    const ty = this.exprs.number(bound);
    const range = rangeOf(ty);
    if (range !== null) return range;
    // A loop cannot count further than this before anybody stops it; downwards a float has no such end.
    return loop.op.startsWith("<") ? fixed(-counterReach, counterReach) : null;
  }

  private declaredFloat(s: ts.ForStatement): boolean {
    const list = s.initializer;
    if (list === undefined || !ts.isVariableDeclarationList(list)) return true;
    return list.declarations.some((d) => {
      if (d.type === undefined) return false;
      const ty = tyOf(readType(d.type, this.instance.context));
      return ty.kind !== "int" && d.type.kind !== K.NumberKeyword;
    });
  }

  /** Finds the variables that are only ever moved by constants, apart from being set to what does not depend on them. */
  private findCounters(): void {
    for (const n of nodes(this.instance.decl.body)) {
      if (!ts.isForStatement(n)) continue;
      const loop = countedLoop(n, this.session.names);
      this.loops.set(n, loop);
      for (const c of loop?.counters ?? []) this.counted.add(c.symbol);
    }
    for (const n of nodes(this.instance.decl.body)) {
      if (!isAssignment(n) && !isUpdate(n)) continue;
      const step = stepOf(n, this.session.names);
      if (step === null || Math.abs(step.by) > 1024 || this.counted.has(step.symbol)) continue;
      const known = this.counters.get(step.symbol) ?? { down: false, up: false };
      this.counters.set(step.symbol, { down: known.down || step.by < 0, up: known.up || step.by > 0 });
    }
  }
}
