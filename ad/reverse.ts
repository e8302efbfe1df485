/**
 * Reverse mode: from `f` to the function that runs `f` and then takes adjoints of its outputs back to adjoints of its inputs.
 *
 *   f_fwd(args…, tape…)               f, which also keeps what the reverse sweep asks for (sweep.ts, plan.ts, tape.ts)
 *   f_rev(args…, tape…, adjoints…)    the reverse sweep (backward.ts); it reads the final state of arguments, and undoes it
 *   f_vjp(args…, adjoints…)           both, with the tape made before: its size is a formula, or counted first
 */
import { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import { bug } from "../compiler/diagnostic.ts";
import { arrayType, Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Func,
  indexConst,
  isArray,
  type Mode,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../compiler/ir/ir.ts";
import { mapOperands, Substitution, usesOf, walk } from "../compiler/ir/walk.ts";
import { activityOf } from "./activity.ts";
import { Backward } from "./backward.ts";
import { countingSweep } from "./count.ts";
import { planFor } from "./plan.ts";
import { Program } from "./program.ts";
import { Ranks } from "./rank.ts";
import { forwardSweep } from "./sweep.ts";
import { emitForm, emitQuotient, type Kept, push, type Site, siteFor } from "./tape.ts";
import { arraysOf, type Derived, scalarsOf, type Wanted } from "./wanted.ts";

export interface Reversed extends Derived {
  /** The functions that it calls. */
  readonly parts: readonly Func[];
}

/** @param f prepared (prepare.ts), and clean. */
export function reverseMode(f: Func, wanted: Wanted, name: string): Reversed {
  return new Reverse(f, wanted, name).run();
}

class Reverse {
  private readonly f: Func;
  private readonly wanted: Wanted;
  private readonly name: string;
  private readonly program: Program;
  private readonly ranks: Ranks;
  private readonly mode: Mode;

  constructor(f: Func, wanted: Wanted, name: string) {
    this.f = f;
    this.wanted = wanted;
    this.name = name;
    this.program = new Program(f);
    this.ranks = new Ranks(this.program);
    this.mode = modeOf(f);
  }

  run(): Reversed {
    const { f, program, wanted, name } = this;
    const analysis = new ArrayAnalysis(f);
    const activity = activityOf(program, wanted, analysis);
    const plan = planFor(program, activity, analysis);
    const trips = program.stmts.filter((s) => s.kind === "while" && plan.needs.has(s)) as Kept[];
    const keys: readonly Kept[] = [...plan.records, ...plan.kept, ...trips];
    const sites = new Map(keys.map((key) => [key, siteFor(program, this.ranks, key)]));

    // The adjoints: arrays and results as parameters, scalar parameters as results, what is only in between as local arrays.
    const named = arraysOf(f, wanted) as readonly ArrayValue[];
    const adjoints = new Map<ArrayValue, ArrayValue>(
      [...activity.arrays].map((a) => [a, value(`d_${a.hint}`, { ...a.type })]),
    );
    const seeded = [...wanted.results].sort((a, b) => a - b);
    const seeds = new Map(seeded.map((i) => [i, value("d_result", f.results[i] ?? bug("no such result"))]));
    const scalars = scalarsOf(f, wanted) as readonly Scalar[];
    const adjointParams = [...named.map((a) => adjoints.get(a) as ArrayValue), ...seeds.values()];

    const backward = new Backward({
      program,
      activity,
      plan,
      sites,
      adjoints,
      trips: this.ranks.trips,
      mode: this.mode,
    });
    this.giveSymbols(backward.builder, (v, as) => backward.give(v, as));
    const x = backward.builder;
    for (const [array, adjoint] of adjoints) {
      if (named.includes(array)) continue;
      const dims = array.type.dims.map((d) => this.uniform(x, d));
      const made = x.alloc(adjoint.hint, adjoint.type.elem, dims);
      adjoints.set(array, made);
    }
    const scalarAdjoints = backward.run(seeds, scalars);
    const tapes = [...sites.values()].flatMap((s) => (s.counter === null ? [s.array] : [s.array, s.counter]));
    const locals = this.keptLocals(x.stmts);
    const rev = this.withArrays(
      {
        ...f,
        name: `${name}_rev`,
        exported: false,
        params: [...f.params, ...locals, ...tapes, ...adjointParams],
        results: scalars.map((s) => s.type),
        requires: [],
        body: x.block(scalarAdjoints),
      },
      locals,
    );
    const fwd = this.forward(sites, locals, tapes);
    const count = countingSweep(f, sites, `${name}_count`);
    const vjp = this.both(count, fwd, rev, sites, locals, adjointParams);
    const extra = [...named, ...seeded.map((result) => ({ result }))];
    const parts = [...(count === null ? [] : [count]), fwd, rev];
    return { func: vjp, parts, extra, results: scalars };
  }

  private forward(sites: ReadonlyMap<Kept, Site>, locals: readonly ArrayValue[], tapes: readonly ArrayValue[]): Func {
    const { f, name } = this;
    const x = new Builder(f.loc);
    const symbols = new Map<Scalar, Operand>();
    this.giveSymbols(x, (v, as) => symbols.set(v, as));
    const body = forwardSweep(f.body, sites, this.ranks.trips, (b, site, v) =>
      push(b, site, v(), (s) => symbols.get(s) ?? s),
    );
    const without = {
      stmts: body.stmts.filter((s) => !(s.kind === "alloc" && locals.includes(s.result))),
      yields: body.yields,
    };
    return this.withArrays(
      {
        ...f,
        name: `${name}_fwd`,
        exported: false,
        params: [...f.params, ...locals, ...tapes],
        requires: [],
        body: { stmts: [...x.stmts, ...without.stmts], yields: body.yields },
      },
      locals,
    );
  }

  /** Forward, then reverse, on one tape: a launch program where its size has to be counted first. */
  private both(
    count: Func | null,
    fwd: Func,
    rev: Func,
    sites: ReadonlyMap<Kept, Site>,
    locals: readonly ArrayValue[],
    adjointParams: readonly Value[],
  ): Func {
    const { f, name } = this;
    const x = new Builder(f.loc);
    const symbols = new Map<Scalar, Operand>();
    this.giveSymbols(x, (v, as) => symbols.set(v, as));
    const kept = locals.map((a) =>
      x.alloc(
        a.hint,
        a.type.elem,
        a.type.dims.map((d) => this.uniform(x, d)),
      ),
    );
    const own = f.params as readonly (Scalar | ArrayValue)[];
    const counts = count === null ? [] : [...x.call(count.name, own, count.results)];
    const tapes = [...sites.values()].flatMap((s) => {
      if (s.rank === null) {
        const stack = x.alloc(s.array.hint, s.elem, [counts.shift() ?? bug("a stack that was not counted")]);
        return [stack, x.alloc((s.counter as ArrayValue).hint, "index", [indexConst(1)])];
      }
      const size = emitQuotient(x, s.rank.size, (v) => symbols.get(v) ?? (this.uniform(x, v) as Scalar));
      return [x.alloc(s.array.hint, s.elem, [size])];
    });
    const results = x.call(fwd.name, [...own, ...kept, ...tapes], fwd.results);
    const adjoints = x.call(
      rev.name,
      [...own, ...kept, ...tapes, ...(adjointParams as (Scalar | ArrayValue)[])],
      rev.results,
    );
    return {
      ...f,
      kind: count === null ? "func" : "host",
      name,
      params: [...f.params, ...adjointParams],
      results: [...f.results, ...rev.results],
      body: x.block([...results, ...adjoints]),
    };
  }

  /** Trips of loops, max(0, form), computed where a function begins. */
  private giveSymbols(x: Builder, give: (v: Scalar, as: Operand) => void): void {
    for (const [symbol, form] of this.ranks.symbols) {
      const trips = emitForm(x, form, (v) => this.uniform(x, v) as Scalar);
      give(symbol, x.binary("max", trips, indexConst(0), "trips"));
    }
  }

  /** A value that follows from parameters alone, computed anew. */
  private uniform(x: Builder, o: Operand): Operand {
    if (o.kind === "const") return o;
    const def = this.program.defOf(o);
    if (def.kind === "param") return o;
    if (def.kind !== "let" || def.stmt.expr.kind === "load") return bug(`%${o.hint} does not follow from parameters`);
    return x.let(
      o.hint,
      mapOperands(def.stmt.expr, (a) => this.uniform(x, a)),
    );
  }

  /** Local arrays of the function that the reverse sweep touches: they outlive the forward sweep. */
  private keptLocals(stmts: readonly Stmt[]): readonly ArrayValue[] {
    const used = new Set<unknown>();
    for (const s of walk({ stmts, yields: [] })) for (const u of usesOf(s)) used.add(u);
    return this.f.body.stmts.flatMap((s) => (s.kind === "alloc" && used.has(s.result) ? [s.result] : []));
  }

  /** The function with local arrays as parameters: their sizes are the parameters' own. */
  private withArrays(f: Func, locals: readonly ArrayValue[]): Func {
    if (locals.length === 0) return f;
    const subst = new Substitution();
    const params = f.params.map((p) => {
      if (!isArray(p) || !locals.includes(p)) return p;
      const dims = p.type.dims.map((d) => (d.kind === "const" ? d : value(d.hint, "index" as const)));
      const own = value(p.hint, arrayType(p.type.elem, dims));
      subst.setArray(p, own);
      return own;
    });
    return { ...f, params, body: subst.block(f.body) };
  }
}

/** The arithmetic mode of the function's own operations. */
function modeOf(f: Func): Mode {
  for (const s of walk(f.body)) {
    if (s.kind === "let" && (s.expr.kind === "binary" || s.expr.kind === "unary") && s.expr.mode !== "contract") {
      return s.expr.mode;
    }
    if (s.kind === "accum" && s.mode !== "contract") return s.mode;
  }
  return "contract";
}
