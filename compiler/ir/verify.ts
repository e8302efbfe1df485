/**
 * Checks that a module is what every pass, backend and the interpreter may take it for. It promises:
 *
 * Nodes. A statement stands in one place of a function.
 *
 * Names. Function names are unique, a callee exists, and no function calls itself, over others neither. Within a
 * function a value is bound once, and used only where its binding has run: after it in its block, or inside.
 *
 * Types. Operators get the types that ops.ts says, both operands the same; a result has the type of its value; `select`
 * and `if` decide by a bool. Subscripts, loop bounds and sizes are of type index, subscripts as many as the array has
 * axes; what is stored is what the array holds. Loops carry, start from, yield and result in the same types, branches
 * yield what the `if` results in, functions what they declare; the condition of a `while` yields one bool. Constants are
 * of their type: integers whole and in range, without −0, f32 rounded. Only float operations have another mode than
 * `contract`.
 *
 * Calls. Arguments fit the parameters: scalars by type, arrays and views by element type, rank, space and those sizes
 * that are constants. (That sizes which a callee shares between parameters agree is checked where it runs, and so are the
 * sizes of a copy.) A host function passes whole arrays, and none twice when what it calls or launches writes it.
 *
 * A call with an adjoint: the callee gives one float and writes no array; the adjoint takes and gives what `Call` in ir.ts
 * says, and writes only the arrays that it adds to.
 *
 * Functions. A size in a parameter's type is an index and binds itself, unless it is a constant or stands earlier among
 * the parameters. A requirement reads only sizes and scalar parameters, all of them integers.
 *
 * Loops. `grid` and `threads` loops carry nothing (what a `par` loop carries are reductions, analysis/reduction.ts). A `grid` loop stands in no `threads` loop, and neither in one of
 * its own kind and axis.
 *
 * Spaces. A `@shared` array is made inside a `grid` loop, outside of its `threads` loops; a `@local` one is used by the
 * thread that made it. Only inside of a `par` or `threads` loop is an accum atomic. (A `func` that is not exported may stand inside its caller's loops and is taken at its word.)
 *
 * Stages. In stage `loop` there are only `func`s and `host` functions. In stage `kernel` a `func` is not exported, takes
 * scalars, returns one and touches no array; a `kernel` has global parameters, no results, no call, no global `alloc`,
 * and its `threads` loops stand in `grid` loops. A `host` function has neither store nor accum, runs its loops in
 * order, has global arrays only, and alone may copy. What it has run it calls in stage `loop` (also other
 * host functions that are not exported) and launches in stage `kernel`.
 */
import type { Loc } from "../diagnostic.ts";
import { type Func, type FuncKind, isArray, isInt, type Module, type Polynomial, type Stage, type Stmt } from "./ir.ts";
import { printName } from "./print.ts";
import { BodyVerifier } from "./verify-body.ts";
import { walk } from "./walk.ts";

/** One promise broken. */
export interface Fault {
  /** The function's name. */
  readonly func: string;
  /** Lower case, no full stop; values have the names that printing the function gives them. */
  readonly message: string;
  /** Null where the function as a whole is at fault. */
  readonly stmt: Stmt | null;
  readonly loc: Loc;
}

/** All that is wrong with the module; nothing, if it is right. Never throws. */
export function verify(m: Module): readonly Fault[] {
  const faults: Fault[] = [];
  const named = new Map<string, Func>();
  for (const f of m.funcs) {
    if (named.has(f.name)) faults.push(faultOf(f, `${printName(f.name)} is defined twice`));
    else named.set(f.name, f);
  }
  for (const f of m.funcs) {
    const body = new BodyVerifier(f, m.stage, named, (message, stmt, loc = stmt?.loc ?? f.loc) => {
      faults.push({ func: f.name, message, stmt, loc });
    });
    checkStage(f, m.stage, body);
    checkParams(f, body);
    body.run();
  }
  const callees = new Map(m.funcs.map((f) => [f.name, calleesOf(f)]));
  for (const f of m.funcs) {
    const cycle = cycleThrough(f.name, callees);
    if (cycle !== null) faults.push(faultOf(f, `${printName(f.name)} calls itself: ${cycle.join(" calls ")}`));
  }
  return faults;
}

const faultOf = (f: Func, message: string): Fault => ({ func: f.name, message, stmt: null, loc: f.loc });

const stages: Readonly<Record<Stage, { readonly kinds: readonly FuncKind[]; readonly text: string }>> = {
  loop: { kinds: ["func", "host"], text: "funcs and host functions" },
  kernel: { kinds: ["func", "kernel", "host"], text: "kernels, host functions and functions of scalars" },
};

function checkStage(f: Func, stage: Stage, body: BodyVerifier): void {
  if (!stages[stage].kinds.includes(f.kind)) {
    body.fault(`${printName(f.name)} is a ${f.kind}, stage ${stage} has only ${stages[stage].text}`);
  }
  if (f.kind === "kernel" && f.results.length > 0) {
    body.fault(`a kernel has no results, ${printName(f.name)} has ${f.results.join(", ")}`);
  }
  if (f.kind === "func" && stage === "kernel") {
    const array = f.params.find((p) => isArray(p));
    if (array !== undefined) body.fault(`a func of stage kernel takes scalars, ${body.show(array)} is an array`);
    if (f.results.length !== 1) body.fault(`a func of stage kernel has one result, not ${f.results.length}`);
    if (f.exported) body.fault(`a func of stage kernel is not exported, ${printName(f.name)} is`);
  }
  if (f.kind === "func") return;
  for (const p of f.params) {
    if (isArray(p) && p.type.space !== "global") {
      body.fault(`parameters of a ${f.kind} are global, ${body.show(p)} is @${p.type.space}`);
    }
  }
}

function checkParams(f: Func, body: BodyVerifier): void {
  for (const p of f.params) {
    body.bind(p, null);
    if (!isArray(p)) continue;
    for (const d of p.type.dims) {
      if (d.type !== "index") body.fault(`size ${body.show(d)} of ${body.show(p)} is ${d.type}, not index`);
      else if (d.kind === "const") body.size(d, p, null);
      else if (!body.isBound(d)) body.bind(d, null);
    }
  }
  for (const r of f.requires) {
    for (const form of [r.need, ...(r.when ?? []), ...Object.values(r.access ?? {})]) {
      const problem = formFault(form, body);
      if (problem !== null) body.fault(`a requirement ${problem}`, null, r.loc);
    }
  }
}

/** Only sizes and scalar parameters are bound when this asks. */
function formFault(p: Polynomial, body: BodyVerifier): string | null {
  for (const { values, factor } of p.terms) {
    if (!Number.isInteger(factor)) return `has the factor ${factor}, not an integer`;
    for (const v of values) {
      if (!body.isBound(v)) return `reads ${body.show(v)}, which is no size and no parameter`;
      if (!isInt(v.type)) return `reads ${body.show(v)}, which is ${v.type}, not an integer`;
    }
  }
  return Number.isInteger(p.constant) ? null : `has the constant ${p.constant}, not an integer`;
}

function calleesOf(f: Func): ReadonlySet<string> {
  const names = new Set<string>();
  for (const s of walk(f.body)) if (s.kind === "call") names.add(s.callee);
  return names;
}

/** A way over calls from the function back to itself; null when there is none. */
function cycleThrough(start: string, callees: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const seen = new Set<string>();
  const search = (name: string): readonly string[] | null => {
    for (const callee of callees.get(name) ?? []) {
      if (callee === start) return [printName(name), printName(start)];
      if (seen.has(callee)) continue;
      seen.add(callee);
      const rest = search(callee);
      if (rest !== null) return [printName(name), ...rest];
    }
    return null;
  };
  return search(start);
}
