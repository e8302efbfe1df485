/**
 * The two halves of reverse mode, for one function:
 *
 *   f_fwd(args…, locals…, tape…)               f, which also keeps what the reverse sweep asks for (sweep.ts, plan.ts, tape.ts)
 *   f_rev(args…, locals…, tape…, adjoints…)    the reverse sweep (backward.ts); it reads the state that f_fwd leaves, and undoes it
 *   f_count(args…)                             how large the stacks of the tape will be (count.ts), where it has any
 *
 * Locals are arrays that f makes and that the reverse sweep touches; who calls the halves makes them, and the tape.
 */
import { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import { elemBytes } from "../compiler/artifact.ts";
import { bug } from "../compiler/diagnostic.ts";
import { arrayType, Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type ElemType,
  type Func,
  indexConst,
  isArray,
  isFloat,
  type Operand,
  type OpMode,
  type Scalar,
  type Stmt,
  unrounded,
  valueType,
} from "../compiler/ir/ir.ts";
import { mapOperands, Substitution, usesOf, walk } from "../compiler/ir/walk.ts";
import { type Activity, activityOf } from "./activity.ts";
import { Backward } from "./backward.ts";
import { packRows, rowBytes } from "./bits.ts";
import { countingSweep } from "./count.ts";
import { emitForm, emitQuotient, emitSum, type Resolve } from "./emit-form.ts";
import { type Plan, planFor } from "./plan.ts";
import { isWrite, Program } from "./program.ts";
import { Ranks } from "./rank.ts";
import { forwardSweep } from "./sweep.ts";
import { type Kept, packedIn, push, type Site, siteFor, sizeOf, arraysOf as tapesOf } from "./tape.ts";
import { arraysOf, scalarsOf, type Wanted } from "./wanted.ts";

/** What the tape may take, and what may be done to save it. */
export interface Limits {
  /** Bytes; beyond, the outermost loop is checkpointed. Null: it may take all, and the derivative is one function. */
  readonly budget: number | null;
  /** Is a kernel refused that cannot keep within the budget? */
  readonly isStrict: boolean;
  /** Whether `x += e` may be undone by `x -= e`, which changes last bits. */
  readonly undo: boolean;
  /** Whether bools are kept as bits. Then iterations of outer loops share a row of bytes, and cannot run in parallel as they stand. */
  readonly bits: boolean;
  /** Whether the iterations of `par`, `grid` and `threads` loops run at the same time. */
  readonly inParallel: boolean;
  /** Whether floats that are kept will have tangents beside them, which count as well. */
  readonly tangents: boolean;
}

/** What a parameter of the function is, where something is built. */
export type Given = (param: Scalar) => Operand;
const own: Given = (param) => param;

/** How many elements the stacks will hold. */
export type Counts = ReadonlyMap<Site, Operand>;

export class Pair {
  readonly fwd: Func;
  readonly rev: Func;
  /** Null where no size has to be counted. */
  readonly count: Func | null;
  /** The arrays that have adjoints as parameters of `rev`, in order, then the results that have. */
  readonly arrays: readonly ArrayValue[];
  readonly seeds: ReadonlyMap<number, Scalar>;
  readonly adjointParams: readonly (ArrayValue | Scalar)[];
  /** The scalar parameters whose adjoints `rev` returns, added to what its last parameters say. */
  readonly scalars: readonly Scalar[];
  readonly locals: readonly ArrayValue[];
  /** The parameters whose final state `rev` reads, or restores. */
  readonly keeps: readonly ArrayValue[];
  /** The parameters that `rev` writes: where it restores what was overwritten, or computes it anew. */
  readonly restores: readonly ArrayValue[];
  readonly sites: ReadonlyMap<Kept, Site>;
  readonly program: Program;
  readonly ranks: Ranks;
  readonly activity: Activity;
  readonly plan: Plan;
  readonly analysis: ArrayAnalysis;
  private readonly f: Func;
  private readonly name: string;
  private readonly mode: OpMode;
  private readonly tangents: boolean;

  /** @param f prepared (prepare.ts), and clean. */
  constructor(
    f: Func,
    wanted: Wanted,
    name: string,
    { undo, bits, tangents }: Pick<Limits, "undo" | "bits" | "tangents">,
  ) {
    this.f = f;
    this.name = name;
    this.tangents = tangents;
    this.mode = modeOf(f);
    this.program = new Program(f);
    this.ranks = new Ranks(this.program);
    this.analysis = new ArrayAnalysis(f);
    this.activity = activityOf(this.program, wanted, this.analysis);
    this.plan = planFor(this.program, this.activity, this.analysis, undo);
    const trips = this.program.stmts.filter((s) => s.kind === "while" && this.plan.needs.has(s)) as Kept[];
    const keys: readonly Kept[] = [...this.plan.records, ...this.plan.kept, ...trips];
    this.sites = new Map(keys.map((key) => [key, siteFor(this.program, this.ranks, key, bits)]));

    // The adjoints: arrays and results as parameters, scalar parameters as results, what is only in between as local arrays.
    this.arrays = arraysOf(f, wanted) as readonly ArrayValue[];
    this.scalars = scalarsOf(f, wanted) as readonly Scalar[];
    const seeded = [...wanted.results].sort((a, b) => a - b);
    this.seeds = new Map(seeded.map((i) => [i, value("d_result", f.results[i] ?? bug("no such result"))]));
    const adjoints = new Map<ArrayValue, ArrayValue>(
      [...this.activity.arrays].map((a) => [a, value(`d_${a.hint}`, unrounded(a.type))]),
    );
    this.adjointParams = [...this.arrays.map((a) => adjoints.get(a) as ArrayValue), ...this.seeds.values()];

    const { program, activity, plan, sites, mode } = this;
    const backward = new Backward({ program, activity, plan, sites, adjoints, trips: this.ranks.trips, mode });
    const x = backward.builder;
    this.giveSymbols(x, own, (v, as) => backward.give(v, as));
    for (const [array, adjoint] of adjoints) {
      if (this.arrays.includes(array) || this.program.homeOf(array) !== null) continue;
      const dims = array.type.dims.map((d) => this.uniform(x, d, own));
      adjoints.set(array, x.alloc(adjoint.hint, adjoint.type.elem, dims));
    }
    const starts = new Map(this.scalars.map((v) => [v, value(`d_${v.hint}`, v.type)]));
    const scalarAdjoints = backward.run(this.seeds, starts);
    const tapes = [...sites.values()].flatMap(tapesOf);
    const touched = usedIn(x.stmts);
    this.locals = f.body.stmts.flatMap((s) => (s.kind === "alloc" && touched.has(s.result) ? [s.result] : []));
    this.keeps = f.params.filter(isArray).filter((p) => touched.has(p));
    const written = new Set([...walk(x.block())].filter(isWrite).map((s) => s.array));
    this.restores = f.params.filter(isArray).filter((p) => written.has(p));
    const params = [...f.params, ...this.locals, ...tapes];
    const part = { ...f, kind: "func", exported: false, requires: [] } as const;
    this.rev = this.withArrays({
      ...part,
      name: `${name}_rev`,
      params: [...params, ...this.adjointParams, ...starts.values()],
      results: this.scalars.map((s) => s.type),
      body: x.block(scalarAdjoints),
    });
    this.fwd = this.withArrays({ ...part, name: `${name}_fwd`, params, body: this.forward() });
    this.count = countingSweep(f, sites, `${name}_count`);
  }

  /** The functions, as a module holds them. */
  get funcs(): readonly Func[] {
    return [...(this.count === null ? [] : [this.count]), this.fwd, this.rev];
  }

  private forward(): Block {
    const { f, sites, locals } = this;
    const x = new Builder(f.loc);
    const symbols = new Map<Scalar, Operand>();
    this.giveSymbols(x, own, (v, as) => symbols.set(v, as));
    const resolve: Resolve = (v) => symbols.get(v) ?? v;
    const body = forwardSweep(
      f.body,
      sites,
      this.ranks.trips,
      (b, site, v) => push(b, site, v(), resolve),
      (b, loop) => packRows(b, packedIn(loop, sites.values()), loop.lo, loop.hi, resolve),
    );
    const stmts = body.stmts.filter((s) => !(s.kind === "alloc" && locals.includes(s.result)));
    return { stmts: [...x.stmts, ...stmts], yields: body.yields };
  }

  /** Makes the local arrays that both halves share. `given` are the function's parameters where this is built. */
  makeLocals(x: Builder, given: Given): readonly ArrayValue[] {
    return this.locals.map((a) =>
      x.alloc(
        a.hint,
        a.type.elem,
        a.type.dims.map((d) => this.uniform(x, d, given)),
      ),
    );
  }

  /** Counts what has to be counted, on `args`, the arguments of the halves: how much each stack will hold. */
  counted(x: Builder, args: readonly (Operand | ArrayValue)[]): Counts {
    const stacks = [...this.sites.values()].filter((s) => sizeOf(s) === null);
    const counts = this.count === null ? [] : x.call(this.count.name, args, this.count.results);
    return new Map(stacks.map((s, i) => [s, counts[i] ?? bug("a stack that was not counted")]));
  }

  /** Makes the tape. */
  makeTape(x: Builder, given: Given, counts: Counts): readonly ArrayValue[] {
    const resolve = this.resolver(x, given);
    return [...this.sites.values()].flatMap((s) => {
      const tape = x.alloc(s.array.hint, s.elem, [elementsOf(x, s, resolve, counts)]);
      if (s.counter !== null) return [tape, x.alloc(s.counter.hint, "index", [indexConst(1)])];
      if (s.bits === null) return [tape];
      const words = emitQuotient(x, s.bits.rowWords, resolve);
      return [tape, x.alloc(s.bits.row.hint, "bool", [x.binary("mul", words, indexConst(rowBytes), "row")])];
    });
  }

  /** The bytes of the tape. */
  tapeBytes(x: Builder, given: Given, counts: Counts): Operand {
    const resolve = this.resolver(x, given);
    let sum: Operand = indexConst(0);
    for (const s of this.sites.values()) {
      const elements = elementsOf(x, s, resolve, counts);
      sum = x.binary("add", sum, x.binary("mul", elements, indexConst(this.bytesOf(s.elem)), "bytes"), "bytes");
      if (s.counter !== null) sum = x.binary("add", sum, indexConst(elemBytes.index), "bytes");
    }
    return sum;
  }

  /** What an element takes that is kept. */
  bytesOf(elem: ElemType): number {
    return elemBytes[elem] + (this.tangents && isFloat(elem) ? elemBytes[valueType(elem)] : 0);
  }

  private resolver(x: Builder, given: Given): Resolve {
    const symbols = new Map<Scalar, Operand>();
    this.giveSymbols(x, given, (v, as) => symbols.set(v, as));
    return (v) => symbols.get(v) ?? this.uniform(x, v, given);
  }

  /** Trips of loops, max(0, form), computed where a function begins. */
  private giveSymbols(x: Builder, given: Given, give: (v: Scalar, as: Operand) => void): void {
    for (const [symbol, form] of this.ranks.symbols) {
      const trips = emitForm(x, form, (v) => this.uniform(x, v, given));
      give(symbol, x.binary("max", trips, indexConst(0), "trips"));
    }
  }

  /** A value that follows from parameters alone, computed anew. */
  uniform(x: Builder, o: Operand, given: Given): Operand {
    if (o.kind === "const") return o;
    const def = this.program.defOf(o);
    if (def.kind === "param") return given(o);
    if (def.kind !== "let" || def.stmt.expr.kind === "load") return bug(`%${o.hint} does not follow from parameters`);
    return x.let(
      o.hint,
      mapOperands(def.stmt.expr, (a) => this.uniform(x, a, given)),
    );
  }

  /** The function with local arrays as parameters: their sizes are the parameters' own. */
  private withArrays(f: Func): Func {
    const { locals } = this;
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

/** How many elements a site has. */
function elementsOf(x: Builder, s: Site, resolve: Resolve, counts: Counts): Operand {
  const size = sizeOf(s);
  if (size === null) return counts.get(s) ?? bug("a stack that was not counted");
  // Trips that are not negative only where the loops run, under a branch around them, may be so here.
  const elements = emitSum(x, size, resolve);
  return elements.kind === "const" ? elements : x.binary("max", elements, indexConst(0), "elements");
}

/** The values that the statements read, their arrays among them. */
function usedIn(stmts: readonly Stmt[]): ReadonlySet<unknown> {
  const used = new Set<unknown>();
  for (const s of walk({ stmts, yields: [] })) for (const u of usesOf(s)) used.add(u);
  return used;
}

/** The arithmetic mode of the function's own operations. */
export function modeOf(f: Func): OpMode {
  for (const s of walk(f.body)) {
    if (s.kind === "let" && (s.expr.kind === "binary" || s.expr.kind === "unary") && s.expr.mode !== "contract") {
      return s.expr.mode;
    }
    if (s.kind === "accum" && s.mode !== "contract") return s.mode;
  }
  return "contract";
}
