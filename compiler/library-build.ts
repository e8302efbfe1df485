/**
 * Makes the math library's data: kernels/math as IR text, one file a function, and as JavaScript for target `node`.
 *
 * A function of the library is named as in C: `exp` for f64, `expf` for f32; `exps` computes in f32 alone, for targets without
 * f64. Each operator of ops.ts that says `math` must have all three. What they call is inlined into them, but for functions tagged `@noinline`.
 */
import { bug } from "./diagnostic.ts";
import { lower } from "./frontend/frontend.ts";
import type { Func, Module } from "./ir/ir.ts";
import { libraryName } from "./ir/library.ts";
import { type MathOp, mathOps } from "./ir/ops.ts";
import { print } from "./ir/print.ts";
import { mapStmts, walk } from "./ir/walk.ts";
import { runPasses } from "./pass.ts";
import { cse, dce, simplify } from "./passes/index.ts";
import { inlineWhere } from "./passes/inline.ts";

/** The files of `ir/` by name; `file` is the absolute path of kernels/math/index.ts. */
export function buildLibrary(file: string): ReadonlyMap<string, string> {
  const lowered = lower(file, undefined, { mode: "strict", real: "f64" });
  const inline = {
    name: "inline",
    summary: "replaces the calls of all functions but those marked noinline",
    run: (m: Module) => inlineWhere(m, (f) => f.noinline !== true),
  };
  const { funcs } = runPasses(lowered.module, [inline, simplify, cse, simplify, dce]);
  const names = new Set(funcs.map((f) => nameOf(f.name)));
  const all = (op: MathOp): string[] => [
    libraryName(op, "f64"),
    libraryName(op, "f32"),
    libraryName(op, "f32", "single"),
  ];
  for (const name of mathOps.flatMap(all)) {
    if (!names.has(name)) bug(`kernels/math has no function for ${name}`);
  }
  const single = new Set(mathOps.map((op) => libraryName(op, "f32", "single")));
  for (const f of funcs) {
    // What a function calls is out of line because it is long, and has its own callers only.
    const callers = funcs.filter((g) => callees(g).includes(f.name));
    const isSingle = [f, ...callers].some((g) => single.has(nameOf(g.name)));
    if (isSingle && print({ stage: "loop", funcs: [f] }).includes("f64")) bug(`@${f.name} is to compute in f32 alone`);
  }
  const files = funcs.map((f): [string, string] => [
    `${nameOf(f.name)}.ir`,
    print({ stage: "loop", funcs: [libraryFunc(f)] }),
  ]);
  return new Map([...files, ["math.js", `${lowered.js()}\n`]]);
}

const callees = (f: Func): readonly string[] => [...walk(f.body)].flatMap((s) => (s.kind === "call" ? [s.callee] : []));
const nameOf = (name: string): string => `math.${name}`;

function libraryFunc(f: Func): Func {
  if (f.requires.length > 0) bug(`@${f.name} of the math library requires something`);
  const body = mapStmts(f.body, (s) => (s.kind === "call" ? { ...s, callee: nameOf(s.callee) } : s));
  return { ...f, name: nameOf(f.name), exported: false, body };
}
