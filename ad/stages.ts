/**
 * A function as three: what stands before one of its loops, some trips of the loop, and what stands after it.
 *
 *   before(args…, state…)    segment(args…, state…, from, to)    after(args…, state…) -> results
 *
 * State are the arrays that the function makes, and the scalars that one stage leaves to the next, each in an array of one
 * element: so all that passes from stage to stage is memory, which can be copied. What follows from parameters alone each stage
 * computes for itself.
 */
import { bug } from "../compiler/diagnostic.ts";
import { arrayType, Builder, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  isScalar,
  type Operand,
  type Polynomial,
  type Requirement,
  type Scalar,
  type Stmt,
  sizesOf,
} from "../compiler/ir/ir.ts";
import { blocksOf, copyBlock, Substitution, usesOf } from "../compiler/ir/walk.ts";
import type { Program } from "./program.ts";
import type { Ranks } from "./rank.ts";

export interface Stages {
  readonly before: Func;
  readonly segment: Func;
  readonly after: Func;
  /** The first trip of a segment, and the one after its last: parameters of `segment`. */
  readonly from: Scalar;
  readonly to: Scalar;
  /** Arrays of the function, as the stages have them as parameters. */
  readonly locals: ReadonlyMap<ArrayValue, ArrayValue>;
  /** Scalars that pass from stage to stage. */
  readonly cells: ReadonlyMap<Scalar, ArrayValue>;
}

/** @returns null where the loop's bounds or the sizes of arrays do not follow from parameters. */
export function stagesOf(program: Program, ranks: Ranks, loop: For, name: string): Stages | null {
  return new Stager(program, ranks, loop, name).run();
}

class Stager {
  private readonly program: Program;
  private readonly ranks: Ranks;
  private readonly loop: For;
  private readonly name: string;
  private readonly f: Func;
  private readonly locals = new Map<ArrayValue, ArrayValue>();
  private readonly cells = new Map<Scalar, ArrayValue>();
  /** Lets at the top that every stage may have for itself. */
  private readonly shared: readonly Stmt[];

  constructor(program: Program, ranks: Ranks, loop: For, name: string) {
    this.program = program;
    this.ranks = ranks;
    this.loop = loop;
    this.name = name;
    this.f = program.func;
    this.shared = this.f.body.stmts.filter((s) => s.kind === "let" && ranks.isUniformValue(s.result));
  }

  run(): Stages | null {
    const { f, loop, ranks, name } = this;
    const isUniform = (o: Operand): boolean => o.kind === "const" || ranks.isUniformValue(o);
    const at = f.body.stmts.indexOf(loop);
    if (at < 0) bug("a loop that is not the function's own is taken apart");
    const own = f.body.stmts.filter((s) => !this.shared.includes(s));
    const allocs = own.filter((s) => s.kind === "alloc");
    if (![loop.lo, loop.hi].every(isUniform)) return null;
    if (!allocs.every((s) => s.result.type.dims.every(isUniform))) return null;
    for (const s of allocs) this.locals.set(s.result, this.asParam(s.result));

    const isBefore = (s: Stmt): boolean => f.body.stmts.indexOf(s) < at;
    const before = own.filter((s) => s.kind !== "alloc" && isBefore(s));
    const after = own.filter((s) => s.kind !== "alloc" && s !== loop && !isBefore(s));
    const inLoop = usedIn([...loop.body.stmts], loop.body.yields);
    const inAfter = usedIn(after, f.body.yields);
    const isOf = (stmts: readonly Stmt[], v: Scalar): boolean => stmts.some((s) => boundAtTop(s).includes(v));
    for (const v of [...inLoop, ...inAfter]) if (isOf(before, v)) this.cell(v);
    for (const c of loop.carried) this.cell(c);

    const from = value("from", "index" as const);
    const to = value("to", "index" as const);
    const x = new Builder(f.loc);
    const put = (v: Scalar, o: Operand): void => x.store(this.cells.get(v) as ArrayValue, [indexConst(0)], o);
    for (const v of this.cells.keys()) if (isOf(before, v)) put(v, v);
    loop.carried.forEach((c, i) => void put(c, loop.inits[i] as Operand));
    const first = this.stage(`${name}_before`, { stmts: [...before, ...x.stmts], yields: [] }, [], []);

    const y = new Builder(f.loc);
    const inits = loop.carried.map((c) => y.load(this.cells.get(c) as ArrayValue, [indexConst(0)], c.hint));
    const segment: For = { ...loop, lo: from, hi: to, inits };
    const z = new Builder(f.loc);
    loop.carried.forEach((c, i) => {
      z.store(this.cells.get(c) as ArrayValue, [indexConst(0)], loop.results[i] as Scalar);
    });
    const inner = inLoop.filter((v) => this.cells.has(v) && isOf(before, v));
    const middle = this.stage(`${name}_segment`, { stmts: [...y.stmts, segment, ...z.stmts], yields: [] }, inner, [
      from,
      to,
    ]);

    const w = new Builder(f.loc);
    const subst = new Substitution();
    loop.results.forEach((r, i) => {
      if (!inAfter.includes(r)) return;
      const cell = this.cells.get(loop.carried[i] as Scalar) as ArrayValue;
      subst.set(r, w.load(cell, [indexConst(0)], r.hint));
    });
    const rest = subst.block({ stmts: after, yields: f.body.yields });
    const outer = inAfter.filter((v) => this.cells.has(v) && isOf(before, v));
    const last = this.stage(`${name}_after`, { stmts: [...w.stmts, ...rest.stmts], yields: rest.yields }, outer, []);
    const bounded = { ...middle, requires: [...f.requires, ...this.within(from, to)] };
    return {
      before: first,
      segment: bounded,
      after: { ...last, results: f.results },
      from,
      to,
      locals: this.locals,
      cells: this.cells,
    };
  }

  private cell(v: Scalar): void {
    if (!this.cells.has(v)) this.cells.set(v, value(`${v.hint}_cell`, arrayType(v.type, [indexConst(1)])));
  }

  /** An array as a parameter: sizes of others' axes stay these, all others are its own. */
  private asParam(a: ArrayValue): ArrayValue {
    const known = new Set(this.f.params.flatMap((p) => (isScalar(p) ? [] : sizesOf(p as ArrayValue))));
    const dims = a.type.dims.map((d) => (d.kind === "const" || known.has(d) ? d : value(d.hint, "index" as const)));
    return value(a.hint, arrayType(a.type.elem, dims));
  }

  /** A function of its own: `loaded` come out of their cells where it begins. */
  private stage(name: string, body: Block, loaded: readonly Scalar[], more: readonly Scalar[]): Func {
    const { f } = this;
    const subst = new Substitution();
    for (const [array, param] of this.locals) subst.setArray(array, param);
    const x = new Builder(f.loc);
    for (const v of loaded) {
      const cell = this.cells.get(v) ?? bug(`%${v.hint} has no cell`);
      subst.set(v, x.load(cell, [indexConst(0)], v.hint));
    }
    const own = copyBlock({ stmts: [...this.shared, ...body.stmts], yields: body.yields }, subst);
    return {
      ...f,
      kind: "func",
      name,
      exported: false,
      params: [...f.params, ...this.locals.values(), ...this.cells.values(), ...more],
      results: [],
      body: { stmts: [...x.stmts, ...own.stmts], yields: own.yields },
    };
  }

  /** A segment lies within the loop; said where the loop's bounds are forms of parameters. */
  private within(from: Scalar, to: Scalar): readonly Requirement[] {
    const form = this.ranks.formOf(this.loop);
    if (form === null) return [];
    const isParam = (p: Polynomial): boolean =>
      p.terms.every((t) => t.values.every((v) => this.program.defOf(v).kind === "param"));
    const term = (v: Scalar, factor: number) => ({ values: [v], factor });
    const minus = (p: Polynomial): Polynomial => ({
      constant: -p.constant,
      terms: p.terms.map((t) => ({ values: t.values, factor: -t.factor })),
    });
    const lo: Polynomial = { constant: -form.lo.constant, terms: [term(from, 1), ...minus(form.lo).terms] };
    const hi: Polynomial = {
      constant: form.lo.constant + form.trips.constant,
      terms: [term(to, -1), ...form.lo.terms, ...form.trips.terms],
    };
    if (!isParam(form.lo)) return [];
    return (isParam(form.trips) ? [lo, hi] : [lo]).map((need) => ({
      need,
      when: null,
      access: null,
      message: "",
      loc: this.loop.loc,
    }));
  }
}

const boundAtTop = (s: Stmt): readonly Scalar[] => {
  if (s.kind === "let") return [s.result];
  return s.kind === "for" || s.kind === "while" || s.kind === "if" || s.kind === "call" ? s.results : [];
};

/** All scalars that the statements and operands read. */
function usedIn(stmts: readonly Stmt[], yields: readonly Operand[]): readonly Scalar[] {
  const out = new Set<Scalar>();
  const add = (o: unknown): void => {
    const v = o as Scalar;
    if (v.kind === "value" && typeof v.type === "string") out.add(v);
  };
  const visit = (s: Stmt): void => {
    usesOf(s).forEach(add);
    for (const b of blocksOf(s)) {
      b.stmts.forEach(visit);
      b.yields.forEach(add);
    }
  };
  stmts.forEach(visit);
  yields.forEach(add);
  return [...out];
}
