/**
 * The types of a function's variables: each is the join of all that is assigned to it, found by walking the body until
 * nothing changes (infer-variables.ts). The walk also checks that statements belong to the kernel language.
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import { readType } from "./annotations.ts";
import type { Code } from "./codes.ts";
import { type Counters, findCounters, rangesOf, tested } from "./infer-counters.ts";
import { ExprInference } from "./infer-expr.ts";
import { checkJump, checkOuter, indicesOf } from "./infer-parallel.ts";
import { reach, settleDeep, withRanges } from "./infer-types.ts";
import { VariableInference } from "./infer-variables.ts";
import { type CountedLoop, isCounter, testsOf } from "./loops.ts";
import { type ParallelLoop, parallelLoop } from "./parallel.ts";
import { counterReach, fixed, isExact, type Range } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import type { Instance, Session } from "./session.ts";
import { isJump, jumpTarget, strip } from "./syntax.ts";
import { holdsArray, int, isNumber, isWhole, join, nameOf, rangeOf, type Ty, tyOf, voidTy, whole64 } from "./types.ts";
import { unsupportedStatement } from "./unsupported.ts";

const K = ts.SyntaxKind;
/** Fills in `vars`, `types`, `calls` and `result` of an instance. */
export function infer(session: Session, instance: Instance): void {
  new Inference(session, instance).run();
}

class Inference {
  readonly session: Session;
  readonly instance: Instance;
  readonly exprs: ExprInference;
  private readonly counters: Counters;
  private readonly variables: VariableInference;

  constructor(session: Session, instance: Instance) {
    this.session = session;
    this.instance = instance;
    this.exprs = new ExprInference(session, instance);
    this.counters = findCounters(instance.decl.body, session.names);
    this.variables = new VariableInference(this.exprs, this.counters);
    this.exprs.assignment = (e) => this.variables.assignment(e);
  }

  run(): void {
    const { instance } = this;
    for (const p of instance.params) {
      const declared = p.source;
      const counter = this.counters.moved.get(p.symbol);
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
    this.variables.settle(() => this.block(instance.decl.body.statements));
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
      const bound =
        known === undefined ? null : this.guarded(() => this.variables.bind(d.name, isConst, declared, known, d));
      if (bound === null) this.variables.leaveAlone(d.name);
    }
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
    this.variables.result(result, s);
  }

  private forLoop(s: ts.ForStatement): void {
    const loop = this.counters.loops.get(s) ?? null;
    if (s.initializer !== undefined && ts.isVariableDeclarationList(s.initializer)) this.checkKeyword(s.initializer);
    if (loop === null || !this.guarded(() => this.countedRanges(s, loop))) {
      if (s.initializer !== undefined) {
        if (ts.isVariableDeclarationList(s.initializer)) this.declarations(s.initializer);
        else this.guarded(() => this.expressionStatement(s.initializer as ts.Expression));
      }
      // As a `while`, its variables are ordinary ones.
      for (const c of loop?.counters ?? []) this.counters.counted.delete(c.symbol);
    }
    const { condition, incrementor } = s;
    if (condition !== undefined) this.guarded(() => this.exprs.condition(condition));
    const tests = testsOf(s, this.session.names);
    if (incrementor !== undefined)
      this.guarded(() => tested(this.exprs, tests, () => this.expressionStatement(incrementor)));
    tested(this.exprs, tests, () => this.statement(s.statement));
  }

  private parallelLoop(loop: ParallelLoop): void {
    for (const { name, range } of indicesOf(this.exprs, loop)) {
      const symbol = this.session.symbol(name);
      if (symbol === undefined) throw new Unlowerable();
      this.variables.index(name, symbol, int(range), true);
    }
    this.guarded(() => this.statement(loop.statement.statement));
    checkOuter(this.exprs, loop);
  }

  /** Gives the counters of a counted loop their ranges; false where a counter or bound is no integer. */
  private countedRanges(s: ts.ForStatement, loop: CountedLoop): boolean {
    const inits = loop.counters.map((c) => rangeOf(this.exprs.type(c.init)));
    if (inits.some((r) => r === null) || this.declaredFloat(s)) return false;
    const bound = isCounter(loop.bound)
      ? (inits[loop.counters.indexOf(loop.bound)] as Range)
      : this.boundRange(loop, loop.bound);
    if (bound === null) return false;
    const ranges = rangesOf(loop, inits as readonly Range[], bound);
    for (const [k, { name, symbol }] of loop.counters.entries()) {
      const range = ranges[k] as Range;
      this.variables.index(name, symbol, isExact(range) ? int(range) : whole64, false);
    }
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
}
