/**
 * Arrays that an iteration of a loop fills and uses up again are computed anew when the sweep comes to the iteration: the part of
 * the loop's body that fills them runs again, where that is cheap, and nothing of them has to be kept.
 *
 *   for %i … {                                        for %i reversed … {
 *     for %j … { store %p[%j], … }                      for %j … { store %p[%j], … }        the replay
 *     for %j … { … load %p[%j] … }                      … the adjoint of the body …
 *   }                                                 }
 *
 * It takes that all that the part reads was written in the same iteration, or stays what it is until the end of the function; and
 * that what the sweep then reads of the arrays is not overwritten in the iteration after its use.
 */
import { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import type {
  Alloc,
  ArrayValue,
  For,
  Func,
  Let,
  Operand,
  Polynomial,
  Requirement,
  Scalar,
  Stmt,
  While,
} from "../compiler/ir/ir.ts";
import { isConst, isFloat } from "../compiler/ir/ir.ts";
import { isMath } from "../compiler/ir/ops.ts";
import { blocksOf, operandsOf, usesOf, walk } from "../compiler/ir/walk.ts";
import { tripsWithin } from "./cost.ts";
import { isEnd } from "./ends.ts";
import { isParallel } from "./hoist-allocs.ts";
import { isLoad, isWrite, loadOf, type Program, type Write } from "./program.ts";
import { type Slice, sliceOf } from "./slice.ts";

export interface Replay {
  readonly loop: For | While;
  readonly slice: Slice;
  /** Values from outside of the loop's body that it reads. */
  readonly from: readonly Scalar[];
  /** Stores outside of the loop that destroy what it reads. */
  readonly destroyers: readonly Write[];
}

/** At most so many operations for each element that would have to be kept: what writing and reading it takes instead. */
const mostWork = 16;

export class Replays {
  private readonly program: Program;
  private readonly analysis: ArrayAnalysis;
  private readonly writes: readonly Write[];
  private readonly iterations = new Map<For | While, ArrayAnalysis>();
  private readonly known = new Map<For | While, Map<unknown, Replay | null>>();

  constructor(program: Program, analysis: ArrayAnalysis, writes: readonly Write[]) {
    this.program = program;
    this.analysis = analysis;
    this.writes = writes;
  }

  /** The innermost loop whose iteration can be replayed for what `load` reads, needed again at `at`; null where none can. */
  for(load: Let, at: Stmt): Replay | null {
    const loops = this.program.loopsAround(at);
    for (const loop of [...this.program.loopsAround(load)].reverse()) {
      // A while's test would have to run again as well.
      if (!loops.includes(loop) || loop.kind === "while") continue;
      const replay = this.replayOf(loop, load);
      if (replay === null) continue;
      const inside = this.iterationOf(loop);
      const { array } = loadOf(load);
      // What an array holds at the end of its iteration is what the replay puts there.
      const mine = this.writes.filter((w) => w.array === array && this.program.isInside(w, loop) && !isEnd(w));
      if (mine.every((w) => !inside.overwrittenAfter(load, w, at).holds)) return replay;
    }
    return null;
  }

  /**
   * Is the element that `access` has read or written, and that is needed again at `at` (for a write: at the write itself), always
   * overwritten by something else before `w` gets to it? So it is where `w` updates in later iterations of a loop what the same
   * iteration has written before.
   */
  comesAfterOthers(access: Let | Write, at: Stmt, w: Write): boolean {
    const loops = this.program.loopsAround(w);
    const home = this.program.homeOf(w.array);
    // An iteration that has the array to itself has nobody before it.
    const own = home === null ? loops : loops.slice(loops.indexOf(home) + 1);
    const common = this.program.loopsAround(at).filter((l) => own.includes(l));
    // Outermost: what comes in a later iteration of any loop inside comes in the same iteration of this one.
    const [loop] = common;
    const old = w.kind === "accum" ? w : this.oldValueAt(w);
    if (loop === undefined || old === null || !this.program.isInside(access, loop)) return false;
    const inside = this.iterationOf(loop);
    const again =
      access.kind === "let" ? inside.overwrittenAfter(access, w, at) : inside.overwrittenAfterAccess(access, w, null);
    return !again.holds && !inside.exposed(old, null).holds;
  }

  /** Who knows when elements of the array are overwritten: where each iteration of a loop has its own, the iteration does. */
  lifeOf(array: ArrayValue): ArrayAnalysis {
    const home = this.program.homeOf(array);
    return home === null ? this.analysis : this.iterationOf(home);
  }

  /** The load, in the block of a store and before it, of the very element. */
  private oldValueAt(w: Write): Let | null {
    const { block, at } = this.program.placeOf(w);
    const found = block.stmts.slice(0, at).findLast((s) => {
      if (!isLoad(s)) return false;
      const { array, index } = loadOf(s);
      return array === w.array && index.every((o, axis) => sameOperand(o, w.index[axis] as Operand));
    });
    return found?.kind === "let" ? found : null;
  }

  private replayOf(loop: For, load: Let): Replay | null {
    const { array } = loadOf(load);
    if (this.iterationOf(loop).exposed(load, null).holds) return null;
    const of = this.known.get(loop) ?? new Map<unknown, Replay | null>();
    this.known.set(loop, of);
    const known = of.get(array);
    if (known !== undefined) return known;
    const made = this.make(loop, array);
    of.set(array, made);
    return made;
  }

  private make(loop: For, array: unknown): Replay | null {
    const inner = this.iterationOf(loop);
    const roots = [...walk(loop.body)].filter((s) => isWrite(s) && s.array === array);
    const slice = sliceOf(loop.body, roots);
    // Arrays that the iteration has to itself are made anew before the replay.
    const isThere = (s: Stmt): boolean =>
      s.kind === "check" || isEnd(s) || (s.kind === "alloc" && this.program.homeOf(s.result) === loop);
    const stmts = [...slice.stmts].filter((s) => !isThere(s));
    const written = new Set(stmts.filter(isWrite).map((w) => w.array));
    const outside: Write[] = [];
    for (const s of stmts) {
      if (s.kind === "call" || s.kind === "while" || (s.kind === "alloc" && !this.isOwn(s))) return null;
      if (s.kind === "accum" && inner.exposed(s, null).holds) return null;
      if (!isLoad(s)) continue;
      const from = loadOf(s).array;
      if (written.has(from)) {
        if (inner.exposed(s, null).holds) return null;
      } else {
        const writes = this.writes.filter((w) => w.array === from);
        if (writes.some((w) => this.program.isInside(w, loop))) return null;
        outside.push(...writes.filter((w) => this.analysis.overwrittenAfter(s, w, s).holds));
      }
    }
    // What the loop carries is gone when the iteration is over.
    const from = this.freeValues(loop, stmts);
    if (from.some((v) => loop.carried.includes(v))) return null;
    if (!this.isCheap(loop, stmts)) return null;
    return { loop, slice: { stmts: new Set(stmts), values: slice.values }, from, destroyers: outside };
  }

  /** Is the array made where each iteration of a parallel loop begins? */
  private isOwn(s: Alloc): boolean {
    const home = this.program.homeOf(s.result);
    return home !== null && isParallel(home) && home.body.stmts.includes(s);
  }

  private freeValues(loop: For, stmts: readonly Stmt[]): readonly Scalar[] {
    const out = new Set<Scalar>();
    const add = (o: unknown): void => {
      const v = o as Scalar;
      if (v.kind !== "value" || typeof v.type !== "string" || v === loop.index) return;
      const block = this.program.blockOf(v);
      const isInside = block === loop.body || (block !== null && isWithin(loop, block));
      if (!isInside || loop.carried.includes(v)) out.add(v);
    };
    for (const s of stmts) {
      usesOf(s).forEach(add);
      for (const b of blocksOf(s)) b.yields.forEach(add);
    }
    return [...out];
  }

  private isCheap(loop: For, stmts: readonly Stmt[]): boolean {
    const times = (s: Stmt): number => tripsWithin(this.program, s, loop);
    const work = stmts.reduce((sum, s) => sum + workOf(s) * times(s), 0);
    // What sums up over and over in one element would not be kept as often.
    const elements = stmts.reduce((sum, s) => (s.kind === "store" ? sum + times(s) : sum), 0);
    return work <= mostWork * elements;
  }

  /** One iteration of the loop as a function of its own: its end is the end of the iteration. */
  private iterationOf(loop: For | While): ArrayAnalysis {
    const known = this.iterations.get(loop);
    if (known !== undefined) return known;
    const made = new ArrayAnalysis(this.iteration(loop));
    this.iterations.set(loop, made);
    return made;
  }

  private iteration(loop: For | While): Func {
    const { func } = this.program;
    // What is computed around the loop is known to it; what else it reads counts as a parameter.
    const around: Stmt[] = [];
    const scalars = new Set<Scalar>();
    for (const outer of [loop, ...this.program.around(loop)]) {
      const { block, at } = this.program.placeOf(outer);
      around.unshift(...block.stmts.slice(0, at).filter((s) => s.kind === "let" && !isLoad(s)));
      if (outer.kind === "for") scalars.add(outer.index);
      if (outer.kind === "for" || outer.kind === "while") for (const c of outer.carried) scalars.add(c);
      for (const s of block.stmts.slice(0, at)) {
        if (isLoad(s)) scalars.add(s.result);
        else if (s.kind === "for" || s.kind === "while" || s.kind === "if" || s.kind === "call") {
          for (const r of s.results) scalars.add(r);
        }
      }
    }
    return {
      ...func,
      params: [...func.params, ...localArrays(func), ...scalars],
      results: [],
      requires: [...func.requires, ...this.boundsAround(loop)],
      body: { stmts: [...around, ...loop.body.stmts], yields: [] },
    };
  }

  /** The loops around an iteration are at some trip of theirs. */
  private boundsAround(loop: For | While): readonly Requirement[] {
    const loops = [loop, ...this.program.loopsAround(loop)].filter((l): l is For => l.kind === "for");
    const form = (terms: readonly (readonly [Operand, number])[], constant: number): Polynomial => ({
      constant: terms.reduce((sum, [o, k]) => (o.kind === "const" ? sum + k * Number(o.value) : sum), constant),
      terms: terms.flatMap(([o, factor]) => (o.kind === "value" ? [{ values: [o], factor }] : [])),
    });
    return loops.flatMap((l) =>
      [
        form(
          [
            [l.index, 1],
            [l.lo, -1],
          ],
          0,
        ),
        form(
          [
            [l.hi, 1],
            [l.index, -1],
          ],
          -1,
        ),
      ].map((need) => ({
        need,
        when: null,
        access: null,
        message: "",
        loc: l.loc,
      })),
    );
  }
}

const sameOperand = (a: Operand, b: Operand): boolean => a === b || (isConst(a) && isConst(b) && a.value === b.value);
const localArrays = (f: Func) => f.body.stmts.flatMap((s) => (s.kind === "alloc" ? [s.result] : []));

function isWithin(s: Stmt, block: unknown): boolean {
  return blocksOf(s).some((b) => b === block || b.stmts.some((t) => isWithin(t, block)));
}

/** Operations, of which a division counts as several and a function as many. */
function workOf(s: Stmt): number {
  if (s.kind === "accum") return 1;
  if (s.kind !== "let" || !isFloat(s.result.type)) return 0;
  const e = s.expr;
  if (e.kind !== "unary" && e.kind !== "binary") return 0;
  if (isMath(e.op)) return 20;
  return e.op === "div" || e.op === "sqrt" || e.op === "rem" ? 4 : operandsOf(e).length > 1 ? 1 : 0;
}
