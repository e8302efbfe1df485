/**
 * Splits functions into kernels and launch programs: from stage `loop` to stage `kernel`.
 *
 *   export func @f(%A: f64[%n]) -> f64 {         kernel @f_0(%A: f64[%n], %t: f64[%n], %f: f64[1]) {
 *     %t: f64[%n] = alloc                          …
 *     …                                            store %f[0], %s
 *     yield %s                                   }
 *   }                                            export host @f(%A: f64[%n]) -> f64 {
 *                                         =>       %t: f64[%n] = alloc
 *                                                  %f: f64[1] = alloc
 *                                                  launch @f_0(%A, %t, %f)
 *                                                  %f_1: f64 = load %f[0]
 *                                                  yield %f_1
 *                                                }
 *
 * Kernels do not allocate, so every array becomes one of the host's, sized before the launch; where its `alloc` ran many
 * times, stores of zero take its place. A kernel's parameters are the function's arrays, its scalars, then those
 * temporaries, then an array of one element for each result.
 *
 * A function that a host function calls becomes a kernel of its name; what would be its own launch program takes the
 * place of each call:
 *
 *   func @count(%A: f64[%n]) -> index { … }      kernel @count(%A: f64[%n], %count: index[1]) { … }
 *   export host @g(%A: f64[%n]) {                export host @g(%A: f64[%n]) {
 *     %c: index = call @count(%A)          =>      %count: index[1] = alloc
 *     %t: f64[%c] = alloc                          launch @count(%A, %count)
 *     …                                            %c: index = load %count[0]
 *   }                                              %t: f64[%c] = alloc
 *                                                  …
 *
 * Needs: everything inlined but the calls of host functions, and sizes of local arrays that follow from parameters alone:
 * one that depends on a loop variable or on elements of an array is the user's error (TG1090), and so is one that is
 * negative (TG1091). Stands last, the only change of stage: what a schedule or a gradient wants to see is whole loops and
 * where arrays live.
 *
 * Functions that are not exported, and that no host function calls, are the math library's; they stay as they are. What a
 * host function calls requires nothing of its sizes, since nobody would look at it between two launches.
 *
 * Leaves: kernels without `requires` and `limit` (the host has them). Arrays in `@shared` and `@local` stay where they are.
 */

import { calledByHosts } from "../analysis/calls.ts";
import { isNegativeConst, zeroOf } from "../analysis/effects.ts";
import { bug, CompileError, type Diagnostic, type Loc, noLoc } from "../diagnostic.ts";
import { arrayType, Builder, value } from "../ir/build.ts";
import {
  type Alloc,
  type ArrayValue,
  type Block,
  type Call,
  type Func,
  indexConst,
  isArray,
  isScalar,
  type Limit,
  type Operand,
  type Polynomial,
  type Requirement,
  type Scalar,
  type Stmt,
  sizesOf,
  type Value,
} from "../ir/ir.ts";
import { mapList, mapStmts, Substitution } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";
import { inlineCalls } from "./inline.ts";
import { type Guard, HostSizes } from "./outline-sizes.ts";

export const outline: Pass = {
  name: "outline",
  summary: "splits functions into kernels and launch programs",
  lowers: ["loop", "kernel"],
  run(m) {
    if (m.stage === "kernel") return m;
    const names = new Set(m.funcs.map((f) => f.name));
    const byHost = calledByHosts(m);
    const faults: Diagnostic[] = [];
    const split = new Map<Func, Split>();
    for (const f of m.funcs) {
      if (f.kind !== "func" || !(f.exported || byHost.has(f.name))) continue;
      if (!f.exported && f.requires.length > 0) bug(`@${f.name} has requirements that nobody evaluates`);
      split.set(f, outlineFunc(f, f.exported ? kernelName(f.name, names) : f.name, faults));
    }
    if (faults.length > 0) throw new CompileError(faults);
    const programs = new Map([...split].map(([f, { host }]) => [f.name, host]));
    for (const f of m.funcs) if (f.kind === "host") programs.set(f.name, f);
    const funcs = m.funcs.flatMap((f) => {
      // What another host function calls stands in its place there.
      if (f.kind === "host") return byHost.has(f.name) && !f.exported ? [] : [withLaunches(f, programs)];
      const { kernel, host } = split.get(f) ?? { kernel: f, host: null };
      return f.exported && host !== null ? [kernel, host] : [kernel];
    });
    return { stage: "kernel", funcs };
  },
};

/** What a function comes to. */
interface Split {
  readonly kernel: Func;
  readonly host: Func;
}

/** The host function with the launch programs of what it calls in the place of the calls. */
function withLaunches(f: Func, programs: ReadonlyMap<string, Func>): Func {
  const programOf = (call: Call): Func => {
    const program = programs.get(call.callee) ?? bug(`no func @${call.callee}`);
    return program.kind === "host" ? withLaunches(program, programs) : program;
  };
  const body = inlineCalls(f.body, new Substitution(), programOf);
  return body === f.body ? f : { ...f, body };
}

/** `f_0`, or the next number that is free. */
function kernelName(func: string, names: Set<string>): string {
  for (let i = 0; ; i++) {
    const name = `${func}_${i}`;
    if (names.has(name)) continue;
    names.add(name);
    return name;
  }
}

/** An `alloc` and what stands around it. */
interface Place {
  readonly alloc: Alloc;
  /** May run more than once. */
  readonly repeated: boolean;
  /** May not run at all. */
  readonly conditional: boolean;
  /** Runs for several iterations at the same time. */
  readonly parallel: boolean;
  /** The branches it is inside of. */
  readonly guards: readonly Guard[];
}

function outlineFunc(f: Func, name: string, faults: Diagnostic[]): Split {
  const toHost = new Substitution();
  const hostParams = f.params.map((p) => hostParam(p, toHost));
  const host = new Builder(noLoc, "strict");
  const sizes = new HostSizes(f, host, toHost);

  // Before anything is allocated.
  for (const s of f.body.stmts) if (s.kind === "limit") host.stmts.push({ ...s, bytes: inHost(sizes, s) });
  const toKernel = new Substitution();
  const temporaries: ArrayValue[] = [];
  const hostTemporaries: ArrayValue[] = [];
  const refilled = new Set<ArrayValue>();
  for (const { alloc, repeated, conditional, parallel, guards } of allocsIn(f.body)) {
    const { hint, type } = alloc.result;
    const dims = sizes.of(type.dims, conditional, guards);
    if (parallel) faults.push(sharedByIterations(alloc.loc));
    else if (dims === null) faults.push(unsized(alloc.loc));
    else if (dims.some(isNegativeConst)) faults.push(negative(alloc.loc));
    else {
      host.loc = alloc.loc;
      hostTemporaries.push(host.alloc(hint, type.elem, dims));
      const own = type.dims.map((d, axis) => sizes.kernelSize(d, dims[axis] as Operand));
      const temporary = value(hint, arrayType(type.elem, own));
      temporaries.push(temporary);
      toKernel.setArray(alloc.result, temporary);
      if (repeated) refilled.add(temporary);
    }
  }
  host.loc = noLoc;
  const results = f.results.map((t) => value(f.name, arrayType(t, [indexConst(1)])));
  const hostResults = f.results.map((t) => host.alloc(f.name, t, [indexConst(1)]));

  // A scalar that is the size of an array stands before it, so then the order stays.
  const inOrder = f.params.some((p) => isArray(p) && sizesOf(p).some((size) => f.params.includes(size)));
  const params = inOrder ? f.params : [...f.params.filter(isArray), ...f.params.filter(isScalar)];
  const body = mapStmts(f.body, (s) => {
    if (s.kind === "limit") return null;
    if (s.kind !== "alloc") return s;
    const array = toKernel.array(s.result);
    if (array === s.result) return s;
    return refilled.has(array) ? zeroFill(array, s.loc) : null;
  });
  const kernel: Func = {
    kind: "kernel",
    name,
    exported: false,
    params: [...params, ...temporaries, ...results],
    results: [],
    requires: [],
    body: storeResults(toKernel.block(body), results),
    loc: f.loc,
  };

  const passed = (p: Value): Operand | ArrayValue => (isArray(p) ? toHost.array(p) : toHost.operand(p as Scalar));
  host.launch(name, [...params.map(passed), ...hostTemporaries, ...hostResults]);
  const yields = hostResults.map((r) => host.load(r, [indexConst(0)]));
  const requires = mapList(f.requires, (r) => hostRequirement(r, toHost));
  return { kernel, host: { ...f, kind: "host", params: hostParams, requires, body: host.block(yields) } };
}

/** The bytes that the statement limits, computed in the host. */
function inHost(sizes: HostSizes, { bytes }: Limit): Operand {
  const [own] = sizes.of([bytes], false, []) ?? [];
  return own ?? bug(`%${bytes.kind === "value" ? bytes.hint : "bytes"} does not follow from parameters`);
}

/** The parameter as the host's own value: the kernel keeps the function's, so that its body stays as it is. */
function hostParam(p: Value, toHost: Substitution): Value {
  if (!isArray(p)) {
    const copy = { ...p } as Scalar;
    toHost.set(p as Scalar, copy);
    return copy;
  }
  const dims = p.type.dims.map((d) => {
    const known = toHost.operand(d);
    if (d.kind === "const" || known !== d) return known;
    const copy = { ...d };
    toHost.set(d, copy);
    return copy;
  });
  const copy: ArrayValue = { ...p, type: { ...p.type, dims } };
  toHost.setArray(p, copy);
  return copy;
}

/** The allocations that move to the host, in program order. */
function* allocsIn(b: Block, at: Omit<Place, "alloc"> = unconditional): Generator<Place> {
  for (const s of b.stmts) {
    switch (s.kind) {
      case "alloc":
        if (s.result.type.space === "global") yield { alloc: s, ...at };
        break;
      case "if":
        yield* allocsIn(s.then, { ...at, conditional: true, guards: [...at.guards, { cond: s.cond, holds: true }] });
        yield* allocsIn(s.else, { ...at, conditional: true, guards: [...at.guards, { cond: s.cond, holds: false }] });
        break;
      case "for": {
        const parallel = at.parallel || s.mode !== "seq";
        yield* allocsIn(s.body, { ...at, repeated: true, conditional: true, parallel });
        break;
      }
      case "while":
        yield* allocsIn(s.cond, { ...at, repeated: true });
        yield* allocsIn(s.body, { ...at, repeated: true, conditional: true });
        break;
      case "call":
        bug(`@${s.callee} is still called: outline stands after inline`);
    }
  }
}

const unconditional: Omit<Place, "alloc"> = { repeated: false, conditional: false, parallel: false, guards: [] };

/** One array for all iterations would not do where they run at the same time. */
const sharedByIterations = (loc: Loc): Diagnostic => ({
  kind: "unsupported",
  code: "TG1090",
  message: "a local array inside a parallel loop",
  at: loc.span,
  help: "declare it before the loop, with one more axis for the loop's iterations",
});

const negative = (loc: Loc): Diagnostic => ({
  kind: "error",
  code: "TG1091",
  message: "a size of this local array is negative",
  at: loc.span,
  help: "sizes count from 0; subtract the other way round, or write `Math.abs(…)`",
});

const unsized = (loc: Loc): Diagnostic => ({
  kind: "unsupported",
  code: "TG1090",
  message:
    "the size of this local array is not known before the kernel runs: it depends on a loop or on array elements",
  at: loc.span,
  help: "give it the largest size it may need, computed from parameters and array lengths",
});

function storeResults(body: Block, results: readonly ArrayValue[]): Block {
  if (results.length === 0) return body;
  const stores = results.map(
    (array, i): Stmt => ({
      kind: "store",
      array,
      index: [indexConst(0)],
      value: body.yields[i] ?? bug("a function yields too little"),
      loc: noLoc,
    }),
  );
  return { stmts: [...body.stmts, ...stores], yields: [] };
}

/** What an `alloc` does the second time it runs. */
function zeroFill(array: ArrayValue, loc: Loc): readonly Stmt[] {
  const { elem, dims } = array.type;
  const zero = zeroOf(elem);
  const fill = (b: Builder, at: readonly Operand[]): void => {
    const size = dims[at.length];
    if (size === undefined) b.store(array, at, zero);
    else {
      b.for("ijklmn"[at.length] ?? "i", "seq", indexConst(0), size, [], (inner, i) => {
        fill(inner, [...at, i]);
        return [];
      });
    }
  };
  const b = new Builder(loc);
  fill(b, []);
  return b.stmts;
}

function hostRequirement(r: Requirement, toHost: Substitution): Requirement {
  const form = (p: Polynomial): Polynomial => ({
    constant: p.constant,
    terms: p.terms.map(({ values, factor }) => ({ values: values.map((v) => toHost.operand(v) as Scalar), factor })),
  });
  const access = r.access === null ? null : { index: form(r.access.index), extent: form(r.access.extent) };
  return { ...r, need: form(r.need), when: r.when?.map(form) ?? null, access };
}
