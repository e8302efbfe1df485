/** What inference asks of loops over `parallel`, `grid` and `threads`: where they stand, what they name, what they leave alone. */
import ts from "typescript";
import type { Code } from "./codes.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import type { ExprTypes } from "./infer-types.ts";
import {
  type Family,
  familyOf,
  indexNames,
  isInside,
  loopsAround,
  outerTargets,
  type ParallelLoop,
  parallelLoop,
  reductionIn,
  reductionOf,
} from "./parallel.ts";
import { combine, counterReach, fixed, type Range } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { type Jump, jumpTarget, nodes, strip } from "./syntax.ts";
import { isWhole, literal, type NumberTy, nameOf, rangeOf, type Ty } from "./types.ts";

/** The names of a loop's indices, each with its range. Refuses loops of another form, and in the wrong place. */
export function indicesOf(
  exprs: ExprTypes,
  loop: ParallelLoop,
): readonly { readonly name: ts.Identifier; readonly range: Range }[] {
  const { session } = exprs;
  checkPlace(session, loop);
  const names = indexNames(loop);
  const { family, statement, call } = loop;
  if (names === null) {
    const [has, wants] = [statement.initializer.getText(), call.arguments.length];
    exprs.refuse(
      statement.initializer,
      "TG1130",
      `\`${has}\` does not name ${wants === 1 ? "an index" : `${wants} indices`}`,
    );
  }
  return names.map((name, k) => {
    const size = call.arguments[k] as ts.Expression;
    const ty = exprs.number(size);
    if (!isWhole(ty)) exprs.refuse(size, "TG1033", `the size \`${size.getText()}\` of \`${family}\` is ${nameOf(ty)}`);
    const range = rangeOf(ty) ?? fixed(-counterReach, counterReach);
    return { name, range: combine(fixed(0, 0), range, (_, n) => ({ lo: 0, hi: Math.max(0, n.hi - 1) })) };
  });
}

function checkPlace(session: Session, { statement, family }: ParallelLoop): void {
  const around = [...loopsAround(session, statement)].map((l) => l.family);
  const outer = around.find((f) => f !== "parallel");
  if (family === "threads" && !around.includes("grid")) {
    session.reporter.refuse(statement.expression, "TG1131", "a `threads` loop outside of a `grid` loop");
  }
  const clashes = family === "threads" ? around.includes("threads") : family === "grid" && outer !== undefined;
  if (clashes) refuseNested(session, statement.expression, `a \`${family}\` loop`, outer as Family);
}

function refuseNested(session: Session, at: ts.Node, what: string, outer: Family): never {
  const help =
    outer === "grid" ? undefined : "end the `threads` loop first: where one ends, the threads wait for each other";
  return session.reporter.refuse(at, "TG1132", `${what} inside a \`${outer}\` loop`, help);
}

/** Refuses a call, from a `grid` loop, of a function that has one itself. */
export function checkCall(session: Session, call: ts.CallExpression, callee: Instance): void {
  const [outer] = [...loopsAround(session, call)].filter((l) => l.family !== "parallel");
  if (outer === undefined || !holdsGrid(session, callee)) return;
  refuseNested(session, call, `\`${callee.decl.name.text}\` has a \`grid\` loop and is called`, outer.family);
}

const holdsGrid = (session: Session, { decl, calls }: Instance): boolean =>
  [...nodes(decl.body)].some((n) => parallelLoop(session, n)?.family === "grid") ||
  [...calls.values()].some((callee) => holdsGrid(session, callee));

/** Refuses what leads out of a parallel loop. */
export function checkJump(session: Session, jump: Jump): void {
  const target = ts.isReturnStatement(jump) ? null : jumpTarget(jump);
  for (const { statement, family } of loopsAround(session, jump)) {
    const isTarget = statement === target;
    if (isTarget ? ts.isContinueStatement(jump) : target !== null && isInside(target, statement)) return;
    const what = `\`${jump.getText().replace(/;$/, "")}\` leads out of a \`${family}\` loop`;
    session.reporter.refuse(jump, "TG1134", what);
  }
}

/** Refuses assignments to variables of outside, but for reductions. Stands after the body was typed. */
export function checkOuter(exprs: ExprTypes, loop: ParallelLoop): void {
  const { session, instance } = exprs;
  for (const [symbol, targets] of outerTargets(session, loop)) {
    const v = instance.vars.get(symbol);
    const ty = v?.ty;
    // What is no variable of the function has been refused.
    if (v === undefined || ty === undefined || ty === null || ty.kind === "array") continue;
    const at = targets[0] as ts.Expression;
    const code: Code = "TG1133";
    const outside = `\`${v.name}\` is a variable of outside the \`${loop.family}\` loop`;
    if (reductionOf(session, loop, symbol) === null) exprs.refuse(at, code, `${outside}, and assigned in it`);
    const rounds = targets.find((t) => !isOwnReduction(exprs, t, ty));
    if (rounds !== undefined) {
      const help = `let the value be ${nameOf(ty)} as well, as in \`Math.fround(…)\`, or declare \`${v.name}\` as f64`;
      exprs.refuse(rounds, code, `${outside}; each update of it rounds to ${nameOf(ty)}`, help);
    }
  }
}

/** Does the update happen in the variable's own type, so that its order is free? */
function isOwnReduction(exprs: ExprTypes, target: ts.Expression, ty: Ty): boolean {
  let n: ts.Node = target;
  while (!ts.isExpressionStatement(n)) n = n.parent;
  const { operator, value } = reductionIn(exprs.session, n.expression) ?? {};
  if (operator === undefined || (ty.kind !== "int" && ty.kind !== "float")) return false;
  const by = value ? (exprs.instance.types.get(value) as NumberTy | undefined) : literal(1);
  if (by === undefined) return true;
  const result = operator === null ? by : arithmeticTy(exprs.instance, operator, ty, by);
  return ty.kind === "int" ? isWhole(result) : result.kind !== "float" || result.type === ty.type || ty.type === "f64";
}

/** Refuses a `shared` array anywhere but straight in a `grid` loop, and sizes that are no constants. */
export function checkShared(
  exprs: { readonly session: Session; type(e: ts.Expression): Ty },
  e: ts.CallExpression,
): void {
  const { session } = exprs;
  for (const size of e.arguments.slice(1)) {
    if (exprs.type(size).kind === "literal") continue;
    session.reporter.refuse(size, "TG1136", `the size \`${size.getText()}\` of \`shared\` is no constant`);
  }
  let n: ts.Node = e;
  while (ts.isExpression(n.parent) && strip(n.parent) === e) n = n.parent;
  const block = ts.isVariableDeclaration(n.parent) ? n.parent.parent.parent.parent : null;
  if (block !== null && ts.isBlock(block) && parallelLoop(session, block.parent)?.family === "grid") return;
  const [loop] = [...loopsAround(session, e)].map((l) => l.family);
  const where =
    block === null
      ? "has no name"
      : loop === undefined || loop === "parallel"
        ? "stands outside of a `grid` loop"
        : loop === "threads"
          ? "stands inside a `threads` loop"
          : "stands inside a branch or another loop";
  session.reporter.refuse(e, "TG1135", `a \`shared\` array ${where}`);
}

/** A call of `parallel`, `grid` or `threads` anywhere but in the head of a loop. */
export function refuseIndices(session: Session, e: ts.CallExpression): void {
  const family = familyOf(session, e);
  if (family !== null) session.reporter.refuse(e, "TG1130", `\`${e.getText()}\` makes no loop here`);
}
