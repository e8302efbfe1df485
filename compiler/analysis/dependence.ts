/**
 * Exact questions on the elements of arrays: is one overwritten after it was read, was it written before, do two iterations
 * touch the same one. An answer that something cannot happen is proven for all sizes; otherwise it may.
 */
import type { Accum, ArrayValue, For, Func, Let, Polynomial, Scalar, Stmt, Store, While } from "../ir/ir.ts";
import { isSequential, type Loop } from "./carried.ts";
import { exposedAt } from "./coverage.ts";
import { example, loopName, nameOf } from "./describe.ts";
import { changedBy, Instances, type Run, touchedBy } from "./instances.ts";
import { plus, polyOf, scale, sub } from "./polynomial.ts";
import { decide, type Emptiness, type IntegerSet, intersect, setOf } from "./sets.ts";
import { type Dependence, dependencesIn, distance, pairsOf } from "./vectors.ts";

export type { Dependence, Direction } from "./vectors.ts";

/** Whether something may happen (false only where it is proven that it does not), and why. */
export interface Answer {
  readonly holds: boolean;
  /** Which statements, which sizes, in words. */
  readonly why: string;
  /** The statement that is to blame, where one is. */
  readonly blame: Stmt | null;
}

const no = (why: string): Answer => ({ holds: false, why, blame: null });

/**
 * The arrays of one function of stage `loop`, calls inlined, with every access in bounds (see check-bounds). Local arrays have
 * the same memory in each iteration as far as overwriting goes: the next alloc overwrites all of it. For `carried`,
 * `injective` and `dependences`, each iteration has its own.
 */
export class ArrayAnalysis {
  private readonly instances: Instances;
  private readonly answers = new Map<string, Answer>();

  constructor(func: Func) {
    this.instances = new Instances(func);
  }

  /**
   * May `store` (a store, an accum, or the alloc of the array, which zeroes it) write the element that `load` has read, after
   * that and before `until` has run (its blocks included), in the same iteration of the loops around `load`? `until` is a
   * statement after the load in its block, or inside of one; null for the end of the function.
   */
  overwrittenBetween(load: Let, store: Stmt, until: Stmt | null): Answer {
    if (until === null) return this.overwrittenAfter(load, store, load);
    return this.cached("between", [load, store, until], () => {
      if (!changes(store, load)) return no(`${this.nameOf(store)} does not write ${this.nameOf(load)}`);
      const { places } = this.instances;
      const [read, write, end] = [places.of(load), places.of(store), places.of(until)];
      const first = places.relate(read, write);
      const last = places.relate(end, write);
      if (first.order !== "before" || first.common < read.loops.length) {
        return no(`${this.nameOf(store)} does not run after the read in the same iteration`);
      }
      const ways: Way[] = end.loops.slice(read.loops.length, last.common).map((loop) => ({ loop, earlier: true }));
      if (last.order !== "before" && last.order !== "exclusive") ways.push({ loop: null, earlier: true });
      const element = this.instances.runOf(load);
      return this.overwritten(load, store, this.instances.runAt(element, end), ways);
    });
  }

  /** The same from after `from` has run (its blocks included; in scope of the load's result) to the end of the function. */
  overwrittenAfter(load: Let, store: Stmt, from: Stmt): Answer {
    return this.after(load, store, from);
  }

  /** The same for the element that a store or accum writes. */
  overwrittenAfterAccess(access: Store | Accum, store: Stmt, from: Stmt | null): Answer {
    return this.after(access, store, from ?? access);
  }

  private after(access: Let | Store | Accum, store: Stmt, from: Stmt): Answer {
    return this.cached("after", [access, store, from], () => {
      if (!changes(store, access)) return no(`${this.nameOf(store)} does not write ${this.nameOf(access)}`);
      const { places } = this.instances;
      const begin = places.of(from);
      const { order, common } = places.relate(begin, places.of(store));
      const ways: Way[] = begin.loops.slice(0, common).map((loop) => ({ loop, earlier: false }));
      if (order === "before") ways.push({ loop: null, earlier: false });
      return this.overwritten(access, store, this.instances.runAt(this.instances.runOf(access), begin), ways);
    });
  }

  /** Is there a run of `store` that touches the element of `at` in one of the ways? */
  private overwritten(access: Stmt, store: Stmt, at: Run, ways: readonly Way[]): Answer {
    const write = this.instances.runOf(store);
    for (const { loop, earlier } of ways) {
      const order = loop !== null && !isSequential(loop) ? "other" : earlier ? "earlier" : "later";
      const found = decide(this.instances.pairs(at, write, loop, order));
      if (found.kind === "empty") continue;
      const when =
        loop === null
          ? "in the same iteration"
          : `in ${earlier ? "an earlier" : "a later"} iteration of ${loopName(loop)}`;
      return {
        holds: true,
        why: `${this.nameOf(store)} may write ${this.nameOf(access)} again ${when}${this.at(found)}`,
        blame: store,
      };
    }
    return no(`no later run of ${this.nameOf(store)} reaches the element of ${this.nameOf(access)}`);
  }

  /**
   * May `load` (or the read in an accum) see a value that was not written earlier in the same iteration of `loop`, which is
   * around it? Null: that was not written in the function at all. What an accum writes counts as written.
   */
  exposed(access: Let | Accum, loop: For | While | null): Answer {
    return this.cached("exposed", [access, loop], () => {
      const found = exposedAt(this.instances, access, loop);
      const inside = loop === null ? "the function" : `the same iteration of ${loopName(loop)}`;
      if (found.kind === "empty")
        return no(`every element that ${this.nameOf(access)} reads is written before it in ${inside}`);
      return {
        holds: true,
        why: `${this.nameOf(access)} may read an element that nothing in ${inside} has written before${this.at(found)}`,
        blame: access,
      };
    });
  }

  /** May two different iterations of `loop`, in the same iteration of the loops around it, touch one element by `a` and `b`? */
  carried(a: Stmt, b: Stmt, loop: For | While): Answer {
    return this.cached("carried", [a, b, loop], () => {
      const shared = touchedBy(a).filter((array) => touchedBy(b).includes(array));
      if (shared.length === 0) return no(`${this.nameOf(a)} and ${this.nameOf(b)} are of two arrays`);
      if (shared.every((array) => this.isOwn(array, loop)))
        return no(`each iteration of ${loopName(loop)} has its own array`);
      const orders = [[a, b] as const, ...(a === b ? [] : [[b, a] as const])];
      for (const [from, to] of orders) {
        const set = pairsOf(this.instances, from, to, loop);
        const found = decide(set);
        if (found.kind === "empty") continue;
        const by = found.kind === "inhabited" ? distance(this.instances, set, loop, loop, found.point) : null;
        const later = by === null ? "in a later iteration" : `${by} iteration${by > 1 ? "s" : ""} later`;
        const why = `${this.nameOf(to)} may touch the element of ${this.nameOf(from)} ${later} of ${loopName(loop)}`;
        return { holds: true, why: why + this.at(found), blame: to };
      }
      return no(`no two iterations of ${loopName(loop)} touch one element by ${this.nameOf(a)} and ${this.nameOf(b)}`);
    });
  }

  /**
   * May a run of `a` and one of `b` that differ in the index of `loop` touch one element, whatever the other loops from `root`
   * inwards do? `root` is `loop` or one around it; the loops around `root` are in the same iteration.
   */
  meet(a: Stmt, b: Stmt, loop: For, root: For): Answer {
    return this.cached("meet", [a, b, loop, root], () => {
      const shared = touchedBy(a).filter((array) => touchedBy(b).includes(array));
      const [x, y] = [this.nameOf(a), this.nameOf(b)];
      if (shared.length === 0) return no(`${x} and ${y} are of two arrays`);
      if (shared.every((array) => this.isOwn(array, loop)))
        return no(`each iteration of ${loopName(loop)} has its own`);
      const set = this.instances.pairs(this.instances.runOf(a), this.instances.runOf(b), root, "any");
      const index = this.instances.indexOf(loop);
      const step = sub(polyOf(this.instances.renamer(root)(index)), polyOf(index));
      for (const side of a === b ? [step] : [step, scale(step, -1)]) {
        const found = decide(intersect([set, setOf([plus(side, -1)])]));
        if (found.kind === "empty") continue;
        const why = `${x} and ${y} may touch one element in two iterations of ${loopName(loop)}${this.at(found)}`;
        return { holds: true, why, blame: b };
      }
      return no(`no two iterations of ${loopName(loop)} touch one element by ${x} and ${y}`);
    });
  }

  /** May `to` touch, in a later iteration of `loop`, an element that `from` has touched? */
  follows(from: Stmt, to: Stmt, loop: For): Answer {
    return this.cached("follows", [from, to, loop], () => {
      const shared = touchedBy(from).filter((array) => touchedBy(to).includes(array));
      const [x, y] = [this.nameOf(from), this.nameOf(to)];
      if (shared.length === 0) return no(`${x} and ${y} are of two arrays`);
      if (shared.every((array) => this.isOwn(array, loop)))
        return no(`each iteration of ${loopName(loop)} has its own`);
      const found = decide(pairsOf(this.instances, from, to, loop));
      if (found.kind === "empty")
        return no(`no later iteration of ${loopName(loop)} reaches the element of ${x} by ${y}`);
      const why = `${y} may touch the element of ${x} in a later iteration of ${loopName(loop)}${this.at(found)}`;
      return { holds: true, why, blame: to };
    });
  }

  /** May `a` and `b` touch one element in the same iteration of all loops around both? */
  together(a: Stmt, b: Stmt): Answer {
    return this.cached("together", [a, b], () => {
      const [x, y] = [this.nameOf(a), this.nameOf(b)];
      if (!touchedBy(a).some((array) => touchedBy(b).includes(array))) return no(`${x} and ${y} are of two arrays`);
      const found = decide(pairsOf(this.instances, a, b, null));
      if (found.kind === "empty") return no(`${x} and ${y} touch different elements in each iteration`);
      return { holds: true, why: `${y} may touch the element of ${x}${this.at(found)}`, blame: b };
    });
  }

  /**
   * Is the index map of `access` injective in the indices of `loops`: do two runs that differ in one of them never touch one
   * element, whatever other loops inside the outermost of them do? Holds only where it is proven. The loops around that are in
   * the same iteration.
   */
  injective(access: Stmt, loops: readonly (For | While)[]): Answer {
    return this.cached("injective", [access, ...loops], () => {
      const run = this.instances.runOf(access);
      const around = run.place.loops;
      const own = around.filter((l) => loops.includes(l));
      const [array] = touchedBy(access);
      for (const loop of own) {
        if (array === undefined || this.isOwn(array, loop)) continue;
        const found = decide(this.differing(run, loop, own));
        if (found.kind === "empty") continue;
        const why = `${this.nameOf(access)} may be of one element in two iterations of ${loopName(loop)}${this.at(found)}`;
        return { holds: false, why, blame: access };
      }
      const names = own.map(loopName).join(" and ");
      return {
        holds: true,
        why: `${this.nameOf(access)} is of another element in each iteration of ${names}`,
        blame: null,
      };
    });
  }

  /** Two runs that differ in the index of `loop`, and in none of those of `own` around it. */
  private differing(run: Run, loop: Loop, own: readonly Loop[]): IntegerSet {
    const around = run.place.loops;
    const first = around.indexOf(own[0] as Loop);
    const at = around.indexOf(loop);
    const between = around.slice(first, at);
    if (between.every((l) => own.includes(l))) return this.instances.pairs(run, run, loop, "later");
    const to = this.instances.renamer(own[0] as Loop);
    const step = (l: Loop): Polynomial => sub(polyOf(to(this.instances.indexOf(l))), polyOf(this.instances.indexOf(l)));
    const same = between.filter((l) => own.includes(l)).map(step);
    return intersect([this.instances.pairs(run, run, own[0] as Loop, "any"), setOf([plus(step(loop), -1)], same)]);
  }

  /** All pairs of accesses of which the second touches, or may touch, an element after the first, and one of them writes it. */
  dependences(): readonly Dependence[] {
    return dependencesIn(this.instances, (from, to, found) => {
      return `${this.nameOf(to)} may touch the element of ${this.nameOf(from)} later${this.at(found)}`;
    });
  }

  /** Is the array made anew in each iteration of the loop? */
  private isOwn(array: ArrayValue, loop: Loop): boolean {
    return this.instances.places.homeOf(array).includes(loop);
  }

  private at(found: Emptiness): string {
    if (found.kind !== "inhabited") return "";
    const { places } = this.instances;
    const { definitions } = places;
    const isIndex = (v: Scalar): boolean => definitions.isIndex(this.instances.originalOf(v));
    return example(found.point, (v) => places.isParam(v), isIndex);
  }

  private nameOf(s: Stmt): string {
    return nameOf(s, (o) => this.instances.form(o));
  }

  private cached(question: string, of: readonly (Stmt | null)[], answer: () => Answer): Answer {
    const { places } = this.instances;
    const key = `${question} ${of.map((s) => (s === null ? "-" : places.of(s).id)).join(" ")}`;
    const known = this.answers.get(key) ?? answer();
    this.answers.set(key, known);
    return known;
  }
}

/** The iteration of which loop differs; or that none does. */
interface Way {
  readonly loop: Loop | null;
  readonly earlier: boolean;
}

/** Does the statement write an array that the other touches? */
const changes = (store: Stmt, other: Stmt): boolean =>
  changedBy(store).some((array) => touchedBy(other).includes(array));
