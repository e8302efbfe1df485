/**
 * Exact questions on the elements of arrays: is one overwritten after it was read, was it written before, do two iterations
 * touch the same one. An answer that something cannot happen is proven for all sizes; otherwise it may.
 */
import type { Accum, ArrayValue, For, Func, Let, Polynomial, Scalar, Stmt, Store, While } from "../ir/ir.ts";
import type { Loop } from "./carried.ts";
import { exposedAt } from "./coverage.ts";
import { example, nameOf } from "./describe.ts";
import { readsOf } from "./effects.ts";
import { changedBy, Instances, type Run } from "./instances.ts";
import { plus, polyOf, scale, sub } from "./polynomial.ts";
import { decide, type Emptiness, type IntegerSet, intersect, oneOf, type Point, setOf } from "./sets.ts";

/** Whether something may happen (false only where it is proven that it does not), and why. */
export interface Answer {
  readonly holds: boolean;
  /** Which statements, which sizes, in words. */
  readonly why: string;
  /** The statement that is to blame, where one is. */
  readonly blame: Stmt | null;
}

/** How one loop's iterations of the two accesses of a dependence compare: the second's is later, the same, earlier, or any. */
export type Direction = "<" | "=" | ">" | "*";

/** `from` touches an element, and later `to` touches it; at least one of them writes it. */
export interface Dependence {
  readonly from: Stmt;
  readonly to: Stmt;
  readonly array: ArrayValue;
  readonly kind: "flow" | "anti" | "output";
  /** The loops around both, outermost first, with the direction and, where it is constant, the distance in each. */
  readonly loops: readonly (For | While)[];
  readonly directions: readonly Direction[];
  readonly distances: readonly (number | null)[];
  readonly why: string;
}

const no = (why: string): Answer => ({ holds: false, why, blame: null });

/** The arrays of one function of stage `loop`, calls inlined, with every access in bounds (see check-bounds). */
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
      if (!touchesSame(load, store)) return no(`${this.nameOf(store)} does not write ${this.nameOf(load)}`);
      const { places } = this.instances;
      const [read, write, end] = [load, store, until].map((s) => places.of(s)) as [P, P, P];
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
      if (!touchesSame(access, store)) return no(`${this.nameOf(store)} does not write ${this.nameOf(access)}`);
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
      if (!touchesSame(a, b)) return no(`${this.nameOf(a)} and ${this.nameOf(b)} are of two arrays`);
      if (touchedBy(a).every((array) => !touchedBy(b).includes(array) || this.isOwn(array, loop)))
        return no(`each iteration of ${loopName(loop)} has its own array`);
      for (const [x, y] of a === b
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ]) {
        const [from, to] = [x, y] as [Stmt, Stmt];
        const found = decide(this.pairs(from, to, loop));
        if (found.kind === "empty") continue;
        const distance =
          found.kind === "inhabited" ? this.distance(this.pairs(from, to, loop), loop, loop, found.point) : null;
        const later =
          distance === null ? "in a later iteration" : `${distance} iteration${distance > 1 ? "s" : ""} later`;
        const why = `${this.nameOf(to)} may touch the element of ${this.nameOf(from)} ${later} of ${loopName(loop)}${this.at(found)}`;
        return { holds: true, why, blame: to };
      }
      return no(`no two iterations of ${loopName(loop)} touch one element by ${this.nameOf(a)} and ${this.nameOf(b)}`);
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
      return { holds: true, why: `${this.nameOf(access)} is of another element in each iteration of ${names}`, blame: null };
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
    const accesses = this.instances.places.all
      .map((p) => p.stmt)
      .filter((s) => s.kind !== "alloc" && touchedBy(s).length > 0);
    return accesses.flatMap((from) =>
      accesses.flatMap((to) => {
        const kinds = kindsOf(from, to);
        const shared = kinds.length === 0 ? [] : touchedBy(from).filter((a) => touchedBy(to).includes(a));
        return shared.flatMap((array) => this.dependencesOf(array, from, to, kinds));
      }),
    );
  }

  private dependencesOf(
    array: ArrayValue,
    from: Stmt,
    to: Stmt,
    kinds: readonly Dependence["kind"][],
  ): readonly Dependence[] {
    const { places } = this.instances;
    const { order, common } = places.relate(places.of(from), places.of(to));
    const loops = places.of(from).loops.slice(0, common);
    // Iterations that have an array each share none.
    const levels: (Loop | null)[] = loops.filter((l) => !this.isOwn(array, l));
    if (order === "before") levels.push(null);
    return levels.flatMap((level) => {
      const set = this.pairs(from, to, level);
      const found = decide(set);
      if (found.kind === "empty") return [];
      const compared = this.compare(set, loops, level, found.kind === "inhabited" ? found.point : null);
      const why = `${this.nameOf(to)} may touch the element of ${this.nameOf(from)} later${this.at(found)}`;
      return kinds.map((kind) => ({ from, to, array, kind, loops, ...compared, why }));
    });
  }

  /** How the iterations of the second runs compare to those of the first. */
  private compare(
    set: IntegerSet,
    loops: readonly Loop[],
    level: Loop | null,
    point: Point | null,
  ): Pick<Dependence, "directions" | "distances"> {
    const depth = level === null ? loops.length : loops.indexOf(level);
    const distances = loops.map((loop, k) => {
      if (k < depth) return 0;
      return point === null ? null : this.distance(set, loop, level, point);
    });
    const directions = distances.map((d, k): Direction => {
      if (d !== null) return signs[Math.sign(d) + 1] as Direction;
      const loop = loops[k] as Loop;
      return loop === level && isSequential(loop) ? "<" : this.direction(set, loop, level);
    });
    return { directions, distances };
  }

  private direction(set: IntegerSet, loop: Loop, level: Loop | null): Direction {
    const d = this.difference(loop, level);
    const possible = [setOf([plus(scale(d, -1), -1)]), setOf([], [d]), setOf([plus(d, -1)])].flatMap((side, k) =>
      decide(intersect([set, side])).kind === "empty" ? [] : [signs[k] as Direction],
    );
    return possible.length === 1 ? (possible[0] as Direction) : "*";
  }

  /** By how many iterations of `loop` the second run comes later, where that is the same for all pairs in the set. */
  private distance(set: IntegerSet, loop: Loop, level: Loop | null, point: Point): number | null {
    const d = this.difference(loop, level);
    const at = d.terms.reduce((sum, t) => sum + t.factor * (point.get(t.values[0] as Scalar) ?? 0), d.constant);
    const others = oneOf([setOf([plus(d, -at - 1)]), setOf([plus(scale(d, -1), at - 1)])]);
    return decide(intersect([set, others])).kind === "empty" ? at : null;
  }
  private difference(loop: Loop, level: Loop | null): Polynomial {
    const index = this.instances.indexOf(loop);
    return sub(polyOf(this.instances.renamer(level)(index)), polyOf(index));
  }

  private pairs(a: Stmt, b: Stmt, loop: Loop | null): IntegerSet {
    const order = loop !== null && !isSequential(loop) ? "other" : "later";
    return this.instances.pairs(this.instances.runOf(a), this.instances.runOf(b), loop, order);
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

type P = ReturnType<Instances["places"]["of"]>;
/** The iteration of which loop differs; or that none does. */
interface Way {
  readonly loop: Loop | null;
  readonly earlier: boolean;
}
const signs: readonly Direction[] = [">", "=", "<"];
const loopName = (loop: Loop): string => (loop.kind === "for" ? `\`${loop.index.hint}\`` : nameOf(loop));

/** Do its iterations run one after another? */
const isSequential = (loop: Loop): boolean => loop.kind === "while" || loop.mode === "seq";

/** The arrays of which a statement touches elements, each once. */
const touchedBy = (s: Stmt): readonly ArrayValue[] => [...new Set([...changedBy(s), ...readsOf(s)])];
const touchesSame = (a: Stmt, b: Stmt): boolean => touchedBy(b).some((array) => touchedBy(a).includes(array));

function kindsOf(from: Stmt, to: Stmt): readonly Dependence["kind"][] {
  const writes = (s: Stmt): boolean => changedBy(s).length > 0;
  const reads = (s: Stmt): boolean => readsOf(s).length > 0;
  const kinds: Dependence["kind"][] = [];
  if (writes(from) && reads(to)) kinds.push("flow");
  if (reads(from) && writes(to)) kinds.push("anti");
  if (writes(from) && writes(to)) kinds.push("output");
  return kinds;
}
