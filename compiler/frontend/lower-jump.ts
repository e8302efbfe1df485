/**
 * Jumps as flags. A scope (the function's body, or a loop's) that something inside jumps out of has a flag `go`, true
 * until control leaves its statements early: what follows such a statement runs only while it is true. A loop that is
 * left before its test says so has a second flag, `run`, that joins the test.
 */
import ts from "typescript";
import { constant, type Operand } from "../ir/ir.ts";
import type { Lowering, Scope } from "./lower-state.ts";
import { isJump, type Jump, jumpTarget, type Loop, nodes } from "./syntax.ts";
import { bool } from "./types.ts";
import type { Cell } from "./values.ts";

const yes = constant("bool", true);
const no = constant("bool", false);

/** Jumps inside `root` that leave it. */
function jumpsFrom(root: ts.Node): readonly Jump[] {
  return [...nodes(root)].filter(isJump).filter((jump) => {
    const target = ts.isReturnStatement(jump) ? null : jumpTarget(jump);
    for (let n: ts.Node | null = target; n !== null && n !== undefined; n = n.parent ?? null)
      if (n === root) return false;
    return true;
  });
}

/** Can control leave the statement other than at its end? */
export const mayJump = (s: ts.Node): boolean => jumpsFrom(s).length > 0;

/** The scope of a function's body. A `return` that is its last statement needs no flag. */
export function functionScope(x: Lowering, body: ts.Block): Scope {
  const last = body.statements[body.statements.length - 1];
  const early = [...nodes(body)].some((n) => ts.isReturnStatement(n) && n !== last);
  const go: Cell | null = early ? { hint: "go", ty: bool } : null;
  if (go !== null) x.write(go, yes);
  return { loop: null, go, run: null };
}

/** The scope of a loop, its flags set to true: `run` now, `go` at the start of each trip (`startTrip`). */
export function loopScope(x: Lowering, loop: Loop, needsRun = false): Scope {
  const inside = jumpsFrom(loop.statement);
  const leaves = (j: Jump): boolean => !ts.isContinueStatement(j) || jumpTarget(j) !== loop;
  const go: Cell | null = inside.length > 0 ? { hint: "go", ty: bool } : null;
  const run: Cell | null = needsRun || inside.some(leaves) ? { hint: "run", ty: bool } : null;
  if (run !== null) x.write(run, yes);
  return { loop, go, run };
}

export function startTrip(x: Lowering, scope: Scope): void {
  if (scope.go !== null) x.write(scope.go, yes);
}

/** Flags of scopes around the loop that jumps in it set: a loop carries them. */
export function flagsSetIn(x: Lowering, root: ts.Node): readonly Cell[] {
  const cells = new Set<Cell>();
  for (const jump of jumpsFrom(root)) {
    for (const [scope, isTarget] of scopesLeft(x, jump)) {
      if (scope.go !== null) cells.add(scope.go);
      if (scope.run !== null && !(isTarget && ts.isContinueStatement(jump))) cells.add(scope.run);
    }
    if (ts.isReturnStatement(jump)) for (const c of x.resultCells()) cells.add(c);
  }
  return [...cells].filter((c) => x.env.has(c));
}

/** The scopes that a jump leaves, innermost first, the last being its target. */
function scopesLeft(x: Lowering, jump: Jump): readonly (readonly [Scope, boolean])[] {
  const target = ts.isReturnStatement(jump) ? null : jumpTarget(jump);
  const out: [Scope, boolean][] = [];
  for (let i = x.scopes.length - 1; i >= 0; i--) {
    const scope = x.scopes[i] as Scope;
    const isTarget = scope.loop === target;
    out.push([scope, isTarget]);
    if (isTarget) break;
  }
  return out;
}

/** Sets the flags that make control go where the jump leads. */
export function lowerJump(x: Lowering, jump: Jump): void {
  for (const [scope, isTarget] of scopesLeft(x, jump)) {
    if (scope.go !== null) x.write(scope.go, no);
    if (scope.run !== null && !(isTarget && ts.isContinueStatement(jump))) x.write(scope.run, no);
  }
}

/** Does control still go on in the innermost scope? Null where nothing has left it. */
export function stillGoing(x: Lowering): Operand | null {
  const scope = x.scopes[x.scopes.length - 1];
  return scope?.go === undefined || scope.go === null ? null : x.read(scope.go);
}
