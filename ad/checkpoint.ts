/**
 * Checkpoints: where the tape would exceed its budget, the outermost loop that fills it runs without one first, and leaves
 * snapshots of its state at every L-th trip. The reverse sweep goes back over these segments: state from the snapshot, the segment
 * once more, with a tape of its own, then its adjoint.
 *
 * Where that exceeds the budget as well, segments are themselves divided so (segments.ts). All sizes are known before the first launch.
 *
 *   before; for s { save state[s]; segment s }; after, its adjoint
 *   for s reversed { restore state[s]; for t { save inner[t]; segment t of s }; for t reversed { …; forward, adjoint of t } }
 *   restore the state on entry; before, its adjoint
 */
import { bug } from "../compiler/diagnostic.ts";
import { Builder, floatConst } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  arrayIn,
  type For,
  type Func,
  indexConst,
  isArray,
  type Operand,
  type Region,
  type Scalar,
  valueType,
} from "../compiler/ir/ir.ts";
import { walk } from "../compiler/ir/walk.ts";
import { growthOf, growthOfArrays } from "./cost.ts";
import { isRegion } from "./custom.ts";
import { excess } from "./over-budget.ts";
import { type Counts, type Given, type Limits, Pair } from "./pair.ts";
import { isLoad, isWrite, loadOf } from "./program.ts";
import { lengthsFor, part, partsOf, peakOf, quotientUp, type Segmented } from "./segments.ts";
import { type Stages, stagesOf } from "./stages.ts";
import type { Wanted } from "./wanted.ts";

interface Made {
  readonly func: Func;
  readonly parts: readonly Func[];
  /** Parameters that are left in any state. */
  readonly restores: readonly ArrayValue[];
  /** The loop. */
  readonly loop: For;
}

/** The launch program that takes the whole tape if it fits, and checkpoints if not; null where no loop's tape may outgrow the arrays. */
export function checkpointed(f: Func, wanted: Wanted, pair: Pair, name: string, limits: Limits): Made | null {
  const loop = outgrowing(f, pair);
  if (loop === null || pair.count !== null) return null;
  const stages = stagesOf(pair.program, pair.ranks, loop, name);
  return stages === null ? null : new Checkpoints(f, wanted, pair, name, limits, loop, stages).run();
}

/** The loop at the top with the largest tape, where that grows faster than the function's arrays do. */
function outgrowing(f: Func, pair: Pair): For | null {
  let most = growthOfArrays(f);
  let found: For | null = null;
  for (const site of pair.sites.values()) {
    const degree = growthOf(site);
    const key = site.key;
    const [outer] = key.kind === "value" ? pair.program.loopsOf(key) : pair.program.loopsAround(key);
    if (outer?.kind !== "for" || outer.mode !== "seq" || !f.body.stmts.includes(outer)) continue;
    if (degree > most) [most, found] = [degree, outer];
  }
  return found;
}

class Checkpoints {
  private readonly f: Func;
  private readonly whole: Pair;
  private readonly name: string;
  private readonly budget: number;
  private readonly isStrict: boolean;
  private readonly loop: For;
  private readonly stages: Stages;
  private readonly before: Pair;
  private readonly segment: Pair;
  private readonly after: Pair;
  /** Arrays of the stages, as the launch program has them, and their adjoints. */
  private readonly arrays = new Map<ArrayValue, ArrayValue>();
  private readonly adjoints = new Map<ArrayValue, ArrayValue>();

  constructor(f: Func, wanted: Wanted, whole: Pair, name: string, limits: Limits, loop: For, stages: Stages) {
    this.f = f;
    this.whole = whole;
    this.name = name;
    this.isStrict = limits.isStrict;
    this.budget = limits.budget ?? bug("checkpoints without a budget");
    this.loop = loop;
    this.stages = stages;
    // An array that carries a derivative anywhere carries one through every stage.
    const active = new Set<ArrayValue>();
    for (const a of whole.activity.arrays) active.add(stages.locals.get(a) ?? a);
    for (const [v, cell] of stages.cells) if (whole.activity.isActive(v)) active.add(cell);
    const none = { wrt: new Set([...active, ...whole.scalars]), of: active, results: new Set<number>() };
    this.before = new Pair(stages.before, none, stages.before.name, limits);
    this.segment = new Pair(stages.segment, none, stages.segment.name, limits);
    this.after = new Pair(stages.after, { ...none, results: wanted.results }, stages.after.name, limits);
  }

  run(): Made | null {
    const { f, whole, name, stages } = this;
    // What has to be counted for each segment has no size before.
    if ([this.before, this.segment, this.after].some((p) => p.count !== null)) return null;
    const x = new Builder(f.loc);
    const bytes = whole.tapeBytes(x, (p) => p, none);
    const fits = x.compare("le", bytes, indexConst(this.budget), "fits");
    const results = x.if(
      fits,
      (b) => this.plain(b),
      (b) => this.inSegments(b, bytes),
    );
    const func: Func = {
      ...f,
      kind: "host",
      name,
      params: [...f.params, ...whole.adjointParams],
      results: [...f.results, ...whole.rev.results],
      body: x.block(results),
    };
    const primal = [stages.before, stages.segment].map((s) => ({ ...s, requires: [] }));
    const pairs = [whole, ...(this.isReversed(this.before) ? [this.before] : []), this.segment, this.after];
    const parts = [...primal, ...pairs.flatMap((p) => p.funcs)];
    return { func, parts, restores: this.written().filter((a) => f.params.includes(a)), loop: this.loop };
  }

  private plain(x: Builder): readonly Operand[] {
    const { whole } = this;
    const args = this.f.params as readonly (Scalar | ArrayValue)[];
    const own = [...args, ...whole.makeLocals(x, (p) => p), ...whole.makeTape(x, (p) => p, none)];
    const results = x.call(whole.fwd.name, own, whole.fwd.results);
    return [
      ...results,
      ...x.call(whole.rev.name, [...own, ...whole.adjointParams, ...this.zeros()], whole.rev.results),
    ];
  }

  private zeros(): readonly Operand[] {
    return this.whole.scalars.map((v) => floatConst(v.type, 0));
  }

  /** `bytes` are what the tape would take as a whole. */
  private inSegments(x: Builder, bytes: Operand): readonly Operand[] {
    const { f, whole, stages, loop } = this;
    const uniform = (o: Operand): Operand => whole.uniform(x, o, (p) => p);
    for (const p of f.params) if (isArray(p)) this.arrays.set(p, p);
    for (const [array, param] of stages.locals) {
      this.arrays.set(param, x.alloc(array.hint, array.type.elem, array.type.dims.map(uniform)));
    }
    for (const cell of stages.cells.values()) this.arrays.set(cell, x.alloc(cell.hint, cell.type.elem, cell.type.dims));
    whole.arrays.forEach((a, i) => void this.adjoints.set(a, whole.adjointParams[i] as ArrayValue));
    for (const a of new Set([...this.segment.arrays, ...this.after.arrays, ...this.before.arrays])) {
      if (this.adjoints.has(a)) continue;
      const { elem, dims } = this.array(a).type;
      this.adjoints.set(a, x.alloc(`d_${a.hint}`, valueType(elem), dims));
    }

    const lo = uniform(loop.lo);
    const hi = x.binary("max", uniform(loop.hi), lo, "hi");
    const trips = x.binary("sub", hi, lo, "trips");
    const state = this.state(stages.segment);
    const entry = this.isReversed(this.before) ? this.state(stages.before) : [];
    const segmented: Segmented = {
      ...{ lo, hi, trips, state: this.bytesOf(x, state), entry: this.bytesOf(x, entry) },
      before: this.isReversed(this.before) ? this.tapeBytes(x, this.before, []) : indexConst(0),
      after: this.tapeBytes(x, this.after, []),
      part: (b, from, to) => this.tapeBytes(b, this.segment, [from, to]),
    };
    const { outer, inner } = lengthsFor(x, segmented, this.budget, this.isStrict);
    if (this.isStrict) {
      const least = x.binary("min", bytes, peakOf(x, segmented, { outer, inner }), "least");
      x.limit(least, this.budget, excess(whole, loop));
    }

    const saved = entry.map((a) => {
      const copy = x.alloc(`${a.hint}_on_entry`, a.type.elem, this.array(a).type.dims);
      x.copy(this.array(a), copy);
      return copy;
    });
    x.call(stages.before.name, this.args(stages.before, []), []);

    const segments = quotientUp(x, trips, outer, "segments");
    const snapshots = this.snapshots(x, state, segments);
    x.for("s", "seq", indexConst(0), segments, [], (b, s) => {
      this.save(b, state, snapshots, s);
      b.call(stages.segment.name, this.args(stages.segment, part(b, s, lo, hi, outer)), []);
      return [];
    });

    const last = this.adjointOf(x, this.after, [], [...whole.seeds.values()], this.zeros());
    let sums: readonly Operand[] = last.adjoints;
    sums = x.for(
      "s",
      "seq",
      indexConst(0),
      segments,
      sums,
      (b, t, now) => {
        const s = b.binary("sub", b.binary("sub", segments, indexConst(1), "last"), t, "s");
        this.restore(b, state, snapshots, s);
        const [from, to] = part(b, s, lo, hi, outer);
        return this.reverseSegment(b, state, from, to, inner, now);
      },
      whole.scalars.map((v) => `d_${v.hint}`),
    );
    if (this.isReversed(this.before)) {
      entry.forEach((a, i) => void x.copy(saved[i] as ArrayValue, this.array(a)));
      sums = this.adjointOf(x, this.before, [], [], sums).adjoints;
    }
    return [...last.results, ...sums];
  }

  /** Back over one segment, in segments of its own. */
  private reverseSegment(
    x: Builder,
    state: readonly ArrayValue[],
    from: Operand,
    to: Operand,
    length: Operand,
    sums: readonly Operand[],
  ): readonly Operand[] {
    const { stages } = this;
    const { count, saved: last } = partsOf(x, from, to, length);
    const snapshots = this.snapshots(x, state, last);
    x.for("t", "seq", indexConst(0), last, [], (b, t) => {
      this.save(b, state, snapshots, t);
      b.call(stages.segment.name, this.args(stages.segment, part(b, t, from, to, length)), []);
      return [];
    });
    return x.for("t", "seq", indexConst(0), count, sums, (b, done, now) => {
      const t = b.binary("sub", last, done, "t");
      // The last one starts where the run before has come to.
      b.if(b.compare("gt", done, indexConst(0), "back"), (c) => {
        this.restore(c, state, snapshots, t);
        return [];
      });
      return this.adjointOf(b, this.segment, part(b, t, from, to, length), [], now).adjoints;
    });
  }

  /** Runs a stage with a tape, then its adjoint. */
  private adjointOf(
    x: Builder,
    pair: Pair,
    more: readonly Operand[],
    seeds: readonly Operand[],
    sums: readonly Operand[],
  ): { readonly results: readonly Operand[]; readonly adjoints: readonly Operand[] } {
    const args = this.args(this.stageOf(pair), more);
    const tape = pair.makeTape(x, this.given(pair, args), none);
    const results = x.call(pair.fwd.name, [...args, ...tape], pair.fwd.results);
    const adjoints = pair.arrays.map((a) => this.adjoints.get(a) ?? bug(`%${a.hint} has no adjoint`));
    return {
      results,
      adjoints: x.call(pair.rev.name, [...args, ...tape, ...adjoints, ...seeds, ...sums], pair.rev.results),
    };
  }

  private stageOf(pair: Pair): Func {
    return pair === this.segment ? this.stages.segment : pair === this.after ? this.stages.after : this.stages.before;
  }

  /** What the parameters of a stage are. */
  private given(pair: Pair, args: readonly (Operand | ArrayValue)[]): Given {
    const { params } = this.stageOf(pair);
    return (p) => (args[params.indexOf(p)] as Operand | undefined) ?? this.size(p);
  }

  private tapeBytes(x: Builder, pair: Pair, more: readonly Operand[]): Operand {
    return pair.tapeBytes(x, this.given(pair, this.args(this.stageOf(pair), more)), none);
  }

  private isReversed(pair: Pair): boolean {
    return pair.program.stmts.some((s) => pair.plan.needs.has(s));
  }

  private array(a: ArrayValue): ArrayValue {
    return this.arrays.get(a) ?? bug(`%${a.hint} is of no stage`);
  }
  /** The size of an array of a stage, in the launch program. */
  private size(v: Scalar): Operand {
    for (const [param, own] of this.arrays) {
      const axis = param.type.dims.indexOf(v);
      if (axis >= 0) return own.type.dims[axis] as Operand;
    }
    return v;
  }

  private args(stage: Func, more: readonly Operand[]): readonly (Operand | ArrayValue)[] {
    const own = stage.params.slice(0, stage.params.length - more.length);
    return [...own.map((p) => (isArray(p) ? this.array(p) : (p as Scalar))), ...more];
  }

  /** What a stage touches, and any stage overwrites. */
  private state(stage: Func): readonly ArrayValue[] {
    const touched = new Set<ArrayValue>();
    for (const s of walk(stage.body)) {
      if (isWrite(s)) touched.add(s.array);
      if (isLoad(s)) touched.add(loadOf(s).array);
      if (s.kind === "call") for (const a of s.args.filter(isRegion)) touched.add(arrayIn(a));
    }
    const written = this.written();
    return [...this.arrays.keys()].filter((a) => touched.has(a) && written.includes(a));
  }

  /** What any stage overwrites. */
  private written(): readonly ArrayValue[] {
    const { before, segment, after } = this.stages;
    const all = [before, segment, after].flatMap((f) => [...walk(f.body)].filter(isWrite).map((s) => s.array));
    return [...new Set(all)];
  }

  private snapshots(x: Builder, state: readonly ArrayValue[], count: Operand): readonly ArrayValue[] {
    return state.map((a) => x.alloc(`${a.hint}_saved`, a.type.elem, [count, ...this.array(a).type.dims]));
  }
  private save(x: Builder, state: readonly ArrayValue[], snapshots: readonly ArrayValue[], at: Operand): void {
    state.forEach((a, i) => void x.copy(this.array(a), row(snapshots[i] as ArrayValue, at)));
  }
  private restore(x: Builder, state: readonly ArrayValue[], snapshots: readonly ArrayValue[], at: Operand): void {
    state.forEach((a, i) => void x.copy(row(snapshots[i] as ArrayValue, at), this.array(a)));
  }

  /** The bytes of arrays. */
  private bytesOf(x: Builder, arrays: readonly ArrayValue[]): Operand {
    return arrays.reduce<Operand>((bytes, a) => {
      const elements = this.array(a).type.dims.reduce<Operand>(
        (n, d) => x.binary("mul", n, d, "elements"),
        indexConst(this.whole.bytesOf(a.type.elem)),
      );
      return x.binary("add", bytes, elements, "bytes");
    }, indexConst(0));
  }
}

const row = (array: ArrayValue, at: Operand): Region => ({ kind: "view", array, prefix: [at] });
/** What has to be counted is not checkpointed. */
const none: Counts = new Map();
