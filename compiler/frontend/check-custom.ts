/** What the functions of custom gradients may do to their arrays: asked of the IR, where every row is its array. */
import type { Loc } from "../diagnostic.ts";
import { type Arg, type ArrayValue, arrayOf, type Func, isArray } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import type { Reporter } from "./report.ts";

/** Reports writes to arrays that may only be read, and whatever adjoint arrays are used for but to add to them. */
export function checkCustom(funcs: readonly Func[], reporter: Reporter): void {
  const named = new Map(funcs.map((f) => [f.name, f]));
  for (const call of funcs.flatMap((f) => [...walk(f.body)])) {
    if (call.kind !== "call" || call.adjoint === undefined) continue;
    const value = named.get(call.callee);
    const adjoint = named.get(call.adjoint);
    // Either was refused.
    if (value === undefined || adjoint === undefined) continue;
    const count = value.params.length;
    const read = [value.params, adjoint.params.slice(0, count)];
    for (const [k, f] of [value, adjoint].entries()) {
      for (const p of read[k]?.filter(isArray) ?? []) {
        for (const { does, loc } of accessesOf(f, p, named)) {
          if (does === "reads") continue;
          const message = `\`${p.hint}\` is written in a function that a custom gradient is made of`;
          reporter.reportAt(loc.span, "TG1124", message);
        }
      }
    }
    for (const p of adjoint.params.slice(count).filter(isArray)) {
      for (const { does, loc } of accessesOf(adjoint, p, named)) {
        if (does === "adds") continue;
        reporter.reportAt(
          loc.span,
          "TG1125",
          `the adjoint array \`${p.hint}\` is ${does === "reads" ? "read" : "overwritten"}`,
        );
      }
    }
  }
}

interface Access {
  readonly does: "reads" | "writes" | "adds";
  readonly loc: Loc;
}

/** All that the function does to elements of its parameter, itself and through what it calls. */
function accessesOf(f: Func, param: ArrayValue, named: ReadonlyMap<string, Func>): readonly Access[] {
  return [...walk(f.body)].flatMap((s): readonly Access[] => {
    switch (s.kind) {
      case "let":
        return s.expr.kind === "load" && s.expr.array === param ? [{ does: "reads", loc: s.loc }] : [];
      case "store":
        return s.array === param ? [{ does: "writes", loc: s.loc }] : [];
      case "accum":
        return s.array === param ? [{ does: s.op === "add" ? "adds" : "writes", loc: s.loc }] : [];
      case "call": {
        const callee = named.get(s.callee);
        const params = callee?.params.filter(isArray).filter((p) => passed(s.args, callee, p) === param) ?? [];
        return callee === undefined ? [] : params.flatMap((p) => accessesOf(callee, p, named));
      }
      default:
        return [];
    }
  });
}

const passed = (args: readonly Arg[], callee: Func, param: ArrayValue): ArrayValue | null =>
  arrayOf(args[callee.params.indexOf(param)] as Arg);
