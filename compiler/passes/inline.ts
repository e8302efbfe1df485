/**
 * Replaces every call by the body of the function called; functions that nothing outside may call then disappear.
 *
 *   func @sum(%x: f64[%n]) -> f64 { … }
 *   export func @f(%A: f64[%m, %k]) {            export func @f(%A: f64[%m, %k]) {
 *     %s: f64 = call @sum(%A[0])           =>      … the body of @sum, its %x[%i] now %A[0, %i], its %n now %k …
 *     store %A[0, 0], %s                           store %A[0, 0], %acc
 *   }                                            }
 *
 * Needs: no recursion, which the frontend refuses. Stands first: within a called function two parameters may be the same
 * array, and only here, where both become the caller's one array, does every other pass get to see that.
 *
 * Leaves: statements whose `loc` says through which calls they came, and only exported functions and those that a host
 * function calls: these calls stay, as the launches that they are to become. (`inline-plain` leaves calls with an adjoint, and
 * what they name, as well.) What a callee required of its sizes is
 * dropped: requirements are computed from the whole function afterwards.
 */
import { bug, type Loc } from "../diagnostic.ts";
import {
  type Arg,
  type Block,
  type Call,
  type Func,
  isArray,
  type Module,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { copyBlock, mapBlocks, mapList, Substitution, walk } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";

export const inline: Pass = {
  name: "inline",
  summary: "replaces every call by the body of the function called",
  run: (m) => inlineWhere(m, () => true),
};

/** What stands before differentiation, which is to see the calls that have an adjoint. */
export const inlinePlain: Pass = {
  name: "inline-plain",
  summary: "replaces every call but those with an adjoint of their own",
  run: (m) => inlineWhere(m, (_, call) => call.adjoint === undefined),
};

/** Replaces the calls for which `wanted` holds; functions that others, or host functions, call stay in the module. */
export function inlineWhere(m: Module, wanted: (callee: Func, call: Call) => boolean): Module {
  const named = new Map(m.funcs.map((f) => [f.name, f]));
  const done = new Map<Func, Func>();
  const open = new Set<Func>();
  const inlined = (f: Func): Func => {
    const known = done.get(f);
    if (known !== undefined) return known;
    if (f.kind === "host") return f;
    if (open.has(f)) bug(`@${f.name} calls itself`);
    open.add(f);
    const body = inlineCalls(f.body, new Substitution(), (call) => {
      const callee = named.get(call.callee) ?? bug(`no func @${call.callee}`);
      return wanted(callee, call) ? inlined(callee) : null;
    });
    const out = body === f.body ? f : { ...f, body };
    done.set(f, out);
    return out;
  };
  const funcs = mapList(m.funcs, inlined);
  const reached = reachable(funcs);
  const kept = funcs.filter((f) => reached.has(f.name));
  return funcs === m.funcs && kept.length === funcs.length ? m : { ...m, funcs: kept };
}

/** The names of all that may be called from outside, or is called from there, as an adjoint or otherwise. */
function reachable(funcs: readonly Func[]): ReadonlySet<string> {
  const reached = new Set(funcs.filter((f) => f.kind !== "func" || f.exported).map((f) => f.name));
  const named = new Map(funcs.map((f) => [f.name, f]));
  // A set goes on over what is added to it meanwhile.
  for (const name of reached) {
    for (const s of walk(named.get(name)?.body ?? { stmts: [], yields: [] })) {
      if (s.kind !== "call") continue;
      reached.add(s.callee);
      if (s.adjoint !== undefined) reached.add(s.adjoint);
    }
  }
  return reached;
}

/**
 * The block with each call replaced by the body that `callee` has for it; where that is null the call stays. `subst`
 * carries what earlier calls yielded to the places that read it.
 */
export function inlineCalls(b: Block, subst: Substitution, callee: (call: Call) => Func | null): Block {
  const stmts: Stmt[] = [];
  let changed = false;
  for (const before of b.stmts) {
    const s = subst.stmt(before);
    const called = s.kind === "call" ? callee(s) : null;
    if (s.kind === "call" && called !== null) {
      const body = expand(s, called);
      s.results.forEach((r, i) => {
        subst.set(r, body.yields[i] ?? bug(`@${s.callee} yields too little`));
      });
      stmts.push(...body.stmts);
      changed = true;
      continue;
    }
    const after = mapBlocks(s, (inner) => inlineCalls(inner, subst, callee));
    changed ||= after !== before;
    stmts.push(after);
  }
  const yields = mapList(b.yields, subst.operand);
  return changed || yields !== b.yields ? { stmts, yields } : b;
}

/** A copy of the callee's body that works on the arguments of the call. */
function expand(call: Call, f: Func): Block {
  const subst = new Substitution();
  f.params.forEach((p, i) => {
    bind(p, call.args[i] ?? bug(`too few arguments for @${f.name}`), subst);
  });
  const seen = new Map<Loc, Loc>();
  const through = (loc: Loc): Loc => {
    const known = seen.get(loc);
    if (known !== undefined) return known;
    const out = calledFrom(loc, call.loc);
    seen.set(loc, out);
    return out;
  };
  return copyBlock(f.body, subst, (s) => ({ ...s, loc: through(s.loc) }));
}

function bind(param: Value, arg: Arg, subst: Substitution): void {
  if (!isArray(param)) {
    if (arg.kind === "view" || isArray(arg)) bug(`%${param.hint} is no array, its argument is one`);
    subst.set(param as Scalar, arg as Operand);
    return;
  }
  const view =
    arg.kind === "view" ? arg : isArray(arg) ? { array: arg, prefix: [] } : bug(`%${param.hint} is an array`);
  subst.setArray(param, view.array, view.prefix);
  const sizes = view.array.type.dims.slice(view.prefix.length);
  param.type.dims.forEach((d, axis) => {
    if (d.kind === "value") subst.set(d, sizes[axis] ?? bug(`%${param.hint} has more axes than its argument`));
  });
}

/** `loc`, inlined at `call`: outermost, after the calls it was already inlined through. */
function calledFrom(loc: Loc, call: Loc): Loc {
  const inlinedAt = loc.inlinedAt === undefined ? call : calledFrom(loc.inlinedAt, call);
  // What a gradient calls is part of the gradient.
  const role = call.role === "primal" ? loc.role : call.role;
  return { span: loc.span, inlinedAt, role };
}
