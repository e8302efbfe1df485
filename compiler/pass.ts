/** What a pass is, and the loop that runs a list of them. */
import { bug } from "./diagnostic.ts";
import type { Func, Module, Stage } from "./ir/ir.ts";
import { print } from "./ir/print.ts";
import { verify } from "./ir/verify.ts";
import { mapList } from "./ir/walk.ts";

export interface Pass {
  /** Kebab-case and equal to the file's name: what `--print-after`, timings and golden tests call it. */
  readonly name: string;
  /** One line for the docs and `--help`. */
  readonly summary: string;
  /** The stage it takes and leaves the module in, where that changes. */
  readonly lowers?: readonly [from: Stage, to: Stage];
  /** A pure function: returns `m` itself when there is nothing to do. */
  readonly run: (m: Module) => Module;
}

/** A pass that looks at one function at a time. */
export const funcPass = (name: string, summary: string, run: (f: Func) => Func): Pass => ({
  name,
  summary,
  run(m) {
    const funcs = mapList(m.funcs, run);
    return funcs === m.funcs ? m : { ...m, funcs };
  },
});

/** What happened in one pass. */
export interface Trace {
  readonly pass: string;
  readonly changed: boolean;
  readonly ms: number;
  readonly after: Module;
}

/** Runs the passes in order and verifies what each of them made; a fault is a bug of that pass. */
export function runPasses(m: Module, passes: readonly Pass[], trace: (t: Trace) => void = () => {}): Module {
  for (const pass of passes) {
    const start = performance.now();
    const after = pass.run(m);
    const faults = after === m ? [] : verify(after);
    if (faults[0]) bug(`after ${pass.name}, in @${faults[0].func}: ${faults[0].message}\n\n${print(after)}`);
    trace({ pass: pass.name, changed: after !== m, ms: performance.now() - start, after });
    m = after;
  }
  return m;
}
