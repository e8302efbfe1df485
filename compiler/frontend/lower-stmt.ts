/** Statements: declarations, branches, loops, jumps. What a loop assigns it carries; what a branch assigns it yields. */
import ts from "typescript";
import { bug } from "../diagnostic.ts";
import { value } from "../ir/build.ts";
import { type Block, constant, indexConst, type Operand, type Scalar } from "../ir/ir.ts";
import { type CountedLoop, countedLoop } from "./loops.ts";
import { lowerAssignment } from "./lower-assign.ts";
import { tripsOf } from "./lower-counted.ts";
import { flagsSetIn, loopScope, lowerJump, mayJump, startTrip, stillGoing } from "./lower-jump.ts";
import { parallelFor } from "./lower-parallel.ts";
import { condition } from "./lower-scalar.ts";
import type { Lowering, Scope } from "./lower-state.ts";
import { parallelLoop } from "./parallel.ts";
import { anyRange } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import { alwaysJumps, isAssignment, isJump, isUpdate, nodes, statementsOf, strip } from "./syntax.ts";
import { int, type Ty } from "./types.ts";
import type { Cell, Val } from "./values.ts";

/** Lowers statements in order. After one that may have jumped, the rest runs only while control goes on. */
export function statements(x: Lowering, list: readonly ts.Statement[]): void {
  for (const [i, s] of list.entries()) {
    const rest = list.slice(i + 1);
    if (ts.isIfStatement(s) && rest.length > 0) {
      const thenJumps = alwaysJumps(s.thenStatement);
      const elseJumps = alwaysJumps(s.elseStatement);
      // Where one branch always jumps, what follows belongs to the other: no flag needs to be asked.
      if (thenJumps !== elseJumps) {
        const then = [...statementsOf(s.thenStatement), ...(thenJumps ? [] : rest)];
        const otherwise = [...statementsOf(s.elseStatement), ...(elseJumps ? [] : rest)];
        return x.at(s, () => branch(x, s.expression, then, otherwise));
      }
    }
    x.at(s, () => statement(x, s));
    if (isJump(s) || alwaysJumps(s)) return;
    if (rest.length > 0 && mayJump(s)) {
      const going = stillGoing(x);
      if (going === null) return bug("a jump leads out of a scope without a flag");
      x.branch(going, () => {
        statements(x, rest);
        return [];
      });
      return;
    }
  }
}

function statement(x: Lowering, s: ts.Statement): void {
  if (ts.isBlock(s)) return statements(x, s.statements);
  if (ts.isVariableStatement(s)) return declarations(x, s.declarationList);
  if (ts.isExpressionStatement(s)) return expressionStatement(x, s.expression);
  if (ts.isIfStatement(s)) {
    return branch(x, s.expression, statementsOf(s.thenStatement), statementsOf(s.elseStatement));
  }
  if (ts.isForStatement(s)) return forLoop(x, s);
  const parallel = parallelLoop(x.session, s);
  if (parallel !== null) return parallelFor(x, parallel, statements);
  if (ts.isWhileStatement(s)) return whileLoop(x, s, s.expression, null);
  if (ts.isDoStatement(s)) return doLoop(x, s);
  if (ts.isLabeledStatement(s)) return statement(x, s.statement);
  if (ts.isReturnStatement(s)) {
    if (s.expression !== undefined && x.result !== null) x.assignTree(x.result, x.expression(s.expression));
    return lowerJump(x, s);
  }
  if (ts.isBreakStatement(s) || ts.isContinueStatement(s)) return lowerJump(x, s);
  if (s.kind !== ts.SyntaxKind.EmptyStatement) throw new Unlowerable();
}

function expressionStatement(x: Lowering, e: ts.Expression): void {
  const n = strip(e);
  if (ts.isBinaryExpression(n) && n.operatorToken.kind === ts.SyntaxKind.CommaToken) {
    expressionStatement(x, n.left);
    return expressionStatement(x, n.right);
  }
  if (isAssignment(n) || isUpdate(n)) lowerAssignment(x, n, true);
  else x.expression(n);
}

function branch(
  x: Lowering,
  test: ts.Expression,
  then: readonly ts.Statement[],
  otherwise: readonly ts.Statement[],
): void {
  const run = (list: readonly ts.Statement[]) => () => {
    statements(x, list);
    return [];
  };
  x.branch(condition(x, test), run(then), run(otherwise));
}

function declarations(x: Lowering, list: ts.VariableDeclarationList): void {
  for (const d of list.declarations) {
    x.at(d, () => bind(x, d.name, d.initializer === undefined ? null : x.expression(d.initializer)));
  }
}

function bind(x: Lowering, name: ts.BindingName, val: Val | null): void {
  if (ts.isIdentifier(name)) {
    const symbol = x.session.symbol(name);
    if (symbol === undefined) throw new Unlowerable();
    const ty: Ty = x.instance.vars.get(symbol)?.ty ?? int(anyRange);
    return x.declare(symbol, name.text, ty, val);
  }
  for (const [k, element] of name.elements.entries()) {
    if (!ts.isBindingElement(element)) continue;
    const field = (element.propertyName ?? element.name).getText();
    const part = val?.kind === "tuple" ? val.elems[k] : val?.kind === "struct" ? val.fields.get(field) : undefined;
    bind(x, element.name, part ?? bug(`a pattern takes apart what has no part ${field}`));
  }
}

// Loops.

function forLoop(x: Lowering, s: ts.ForStatement): void {
  const loop = countedLoop(s, x.session.names);
  const counts = loop?.counters.every((c) => {
    const ty = x.instance.vars.get(c.symbol)?.ty;
    return ty?.kind === "int" && x.instance.types.get(c.name) !== undefined;
  });
  if (loop !== null && counts) return counted(x, s, loop);
  const { initializer } = s;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) declarations(x, initializer);
    else expressionStatement(x, initializer);
  }
  whileLoop(x, s, s.condition ?? null, s.incrementor ?? null);
}

/** A loop whose trips are known on entry: a `for`, or a `while` with that maximum where something leaves it early. */
function counted(x: Lowering, s: ts.ForStatement, loop: CountedLoop): void {
  const { lo, hi, bind: bindCounters } = tripsOf(x, loop);
  const scope = loopScope(x, s);
  const cells = carriedCells(x, s, scope, s.statement);
  const name = loop.tested.name.text;
  const b = x.b;
  if (scope.run === null) {
    const results = b.for(
      name,
      "seq",
      lo,
      hi,
      cells.map((c) => x.read(c)),
      (inner, i, carried) => {
        const env = new Map(x.env);
        cells.forEach((c, j) => {
          env.set(c, carried[j] as Operand);
        });
        const done = x.inside(env, () => {
          bindCounters(i);
          trip(x, s.statement, scope);
        });
        inner.stmts.push(...done.b.stmts);
        return cells.map((c) => done.env.get(c) as Operand);
      },
      cells.map((c) => c.hint),
    );
    cells.forEach((c, j) => {
      x.write(c, results[j] as Operand);
    });
    return;
  }
  const { run } = scope;
  const count: Cell = { hint: name, ty: int(anyRange) };
  x.write(count, lo);
  const max = x.b.binary("max", x.b.binary("sub", hi, lo), indexConst(0));
  const test = (): Operand => x.b.binary("and", x.read(run), x.b.compare("lt", x.read(count), hi));
  emitWhile(
    x,
    [count, ...cells],
    test,
    () => {
      const here = x.read(count);
      bindCounters(here);
      trip(x, s.statement, scope);
      x.write(count, x.b.binary("add", here, indexConst(1), name));
    },
    max,
  );
}

/** `while (test) body`, then `after` each trip; a null test is always true. */
function whileLoop(
  x: Lowering,
  s: ts.ForStatement | ts.WhileStatement,
  test: ts.Expression | null,
  after: ts.Expression | null,
): void {
  // A test that assigns cannot stand in the loop's own condition: it moves into the body and ends the loop by the flag.
  const assigns = test !== null && [...nodes(test)].some((n) => isAssignment(n) || isUpdate(n));
  const scope = loopScope(x, s, assigns);
  const cells = carriedCells(x, s, scope, s);
  const { run } = scope;
  const body = (): void => {
    trip(x, s.statement, scope);
    if (after === null) return;
    const advance = (): void => x.at(after, () => expressionStatement(x, after));
    if (run === null) return advance();
    x.branch(x.read(run), () => {
      advance();
      return [];
    });
  };
  const holds = (): Operand => (test === null ? constant("bool", true) : x.at(test, () => condition(x, test)));
  if (!assigns) {
    const whole = (): Operand => {
      if (run === null) return holds();
      if (test === null) return x.read(run);
      return x.branch(
        x.read(run),
        () => [holds()],
        () => [constant("bool", false)],
        ["run"],
      )[0] as Operand;
    };
    return emitWhile(x, cells, whole, body);
  }
  emitWhile(
    x,
    cells,
    () => x.read(run as Cell),
    () => {
      x.branch(
        holds(),
        () => {
          body();
          return [];
        },
        () => {
          x.write(run as Cell, constant("bool", false));
          return [];
        },
      );
    },
  );
}

function doLoop(x: Lowering, s: ts.DoStatement): void {
  const scope = loopScope(x, s, true);
  const run = scope.run as Cell;
  emitWhile(
    x,
    carriedCells(x, s, scope, s),
    () => x.read(run),
    () => {
      trip(x, s.statement, scope);
      x.branch(x.read(run), () => {
        x.write(
          run,
          x.at(s.expression, () => condition(x, s.expression)),
        );
        return [];
      });
    },
  );
}

/** One trip through a loop's body. */
function trip(x: Lowering, body: ts.Statement, scope: Scope): void {
  x.scopes.push(scope);
  startTrip(x, scope);
  statements(x, statementsOf(body));
  x.scopes.pop();
}

/** What a loop carries: the variables assigned in it, its own flag, and flags of scopes that jumps in it leave. */
function carriedCells(x: Lowering, s: ts.Node, scope: Scope, assigned: ts.Node): readonly Cell[] {
  const own = scope.run === null ? [] : [scope.run];
  return [...new Set([...own, ...x.assignedIn(assigned), ...flagsSetIn(x, s)])];
}

function emitWhile(
  x: Lowering,
  cells: readonly Cell[],
  test: () => Operand,
  body: () => void,
  max: Operand | null = null,
): void {
  const inits = cells.map((c) => x.read(c));
  const carried = cells.map((c) => value(c.hint, c.ty.kind === "literal" ? "f64" : x.read(c).type));
  const env = (): Map<Cell, Operand> => {
    const e = new Map(x.env);
    cells.forEach((c, i) => {
      e.set(c, carried[i] as Operand);
    });
    return e;
  };
  const loc = x.b.loc;
  const cond = x.inside(env(), test);
  const done = x.inside(env(), body);
  const condBlock: Block = cond.b.block([cond.out]);
  const bodyBlock: Block = done.b.block(cells.map((c) => done.env.get(c) as Operand));
  const results: Scalar[] = carried.map((c) => value(c.hint, c.type));
  x.b.stmts.push({ kind: "while", inits, carried, max, cond: condBlock, body: bodyBlock, results, loc });
  cells.forEach((c, i) => {
    x.write(c, results[i] as Operand);
  });
}
