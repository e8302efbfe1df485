/**
 * Loops over `parallel`, `grid` and `threads`: one loop of the IR for each index. They carry nothing; a variable of outside that
 * they reduce into is an array of one element while they run.
 *
 *   let s = x0;                                  %s: f64[1] = alloc
 *   for (const i of parallel(n)) s += x[i];      store %s[0], %x0
 *                                           =>   for %i in par(0, %n) { … accum add %s[0], %x }
 *                                                %s_1: f64 = load %s[0]
 */
import type ts from "typescript";
import { bug } from "../diagnostic.ts";
import { indexConst, type Operand, type Space } from "../ir/ir.ts";
import { loopScope, startTrip } from "./lower-jump.ts";
import { scalar } from "./lower-scalar.ts";
import type { Binding, Lowering } from "./lower-state.ts";
import { indexNames, loopsAround, modesOf, outerTargets, type ParallelLoop } from "./parallel.ts";
import { anyRange } from "./ranges.ts";
import { statementsOf } from "./syntax.ts";
import { int, irType } from "./types.ts";
import { type ArrayVal, coerce, scalarVal } from "./values.ts";

export function parallelFor(
  x: Lowering,
  loop: ParallelLoop,
  statements: (x: Lowering, list: readonly ts.Statement[]) => void,
): void {
  const { statement, call } = loop;
  const names = indexNames(loop) ?? bug("a parallel loop whose indices have no names");
  const modes = modesOf(loop);
  const sizes = call.arguments.map((size) => coerce(x.b, scalar(x, size), int(anyRange)));
  const reduced = [...outerTargets(x.session, loop).keys()].flatMap((symbol) => reduce(x, loop, symbol));
  const nest = (k: number): void => {
    const name = names[k];
    if (name === undefined) {
      const scope = loopScope(x, statement);
      x.scopes.push(scope);
      startTrip(x, scope);
      statements(x, statementsOf(statement.statement));
      x.scopes.pop();
      return;
    }
    x.b.for(name.text, modes[k] ?? "par", indexConst(0), sizes[k] as Operand, [], (inner, i) => {
      const done = x.inside(new Map(x.env), () => {
        const symbol = x.session.symbol(name) ?? bug(`\`${name.text}\` is bound nowhere`);
        x.declare(symbol, name.text, x.type(name), scalarVal(int(anyRange), i));
        nest(k + 1);
      });
      inner.stmts.push(...done.b.stmts);
      return [];
    });
  };
  nest(0);
  for (const restore of reduced) restore();
}

/** Puts a variable into an array; gives what takes it out again. Nothing where a loop around has done so. */
function reduce(x: Lowering, loop: ParallelLoop, symbol: ts.Symbol): readonly (() => void)[] {
  const before = x.bindings.get(symbol);
  if (before?.kind !== "cells") return [];
  const cell = before.tree.kind === "leaf" ? before.tree.leaf : bug("a parallel loop assigns a struct of outside");
  const type = irType(cell.ty);
  const array = x.b.alloc(cell.hint, type, [indexConst(1)], spaceAround(x, loop.statement));
  x.b.store(array, [indexConst(0)], x.read(cell));
  const elem = { kind: "scalar", type } as const;
  const at: ArrayVal = { kind: "array", leaves: { kind: "leaf", leaf: array }, prefix: [indexConst(0)], rank: 0, elem };
  const during: Binding = { kind: "element", at, ty: cell.ty };
  x.bindings.set(symbol, during);
  return [
    () => {
      x.bindings.set(symbol, before);
      x.write(cell, x.b.load(array, [indexConst(0)], cell.hint));
    },
  ];
}

/** Where a value lives that is made at the node, outside of the loop that reduces into it. */
function spaceAround(x: Lowering, node: ts.Node): Space {
  const families = [...loopsAround(x.session, node)].map((l) => l.family);
  return families.includes("threads") ? "local" : families.includes("grid") ? "shared" : "global";
}
