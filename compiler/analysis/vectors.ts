/** The dependences of a function: which accesses touch an element after others, and by how many iterations of which loops. */
import type { ArrayValue, For, Polynomial, Scalar, Stmt, While } from "../ir/ir.ts";
import { isSequential, type Loop } from "./carried.ts";
import { readsOf } from "./effects.ts";
import { changedBy, type Instances, touchedBy } from "./instances.ts";
import { plus, polyOf, scale, sub } from "./polynomial.ts";
import { decide, type Emptiness, type IntegerSet, intersect, oneOf, type Point, setOf } from "./sets.ts";

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

type Why = (from: Stmt, to: Stmt, found: Emptiness) => string;
const signs: readonly Direction[] = [">", "=", "<"];

export function dependencesIn(instances: Instances, why: Why): readonly Dependence[] {
  const accesses = instances.places.all.map((p) => p.stmt).filter((s) => s.kind !== "alloc" && touchedBy(s).length > 0);
  return accesses.flatMap((from) =>
    accesses.flatMap((to) => {
      const kinds = kindsOf(from, to);
      const shared = kinds.length === 0 ? [] : touchedBy(from).filter((a) => touchedBy(to).includes(a));
      return shared.flatMap((array) => dependencesOf(instances, array, from, to, kinds, why));
    }),
  );
}

function kindsOf(from: Stmt, to: Stmt): readonly Dependence["kind"][] {
  const writes = (s: Stmt): boolean => changedBy(s).length > 0;
  const reads = (s: Stmt): boolean => readsOf(s).length > 0;
  const kinds: Dependence["kind"][] = [];
  if (writes(from) && reads(to)) kinds.push("flow");
  if (reads(from) && writes(to)) kinds.push("anti");
  if (writes(from) && writes(to)) kinds.push("output");
  return kinds;
}

function dependencesOf(
  instances: Instances,
  array: ArrayValue,
  from: Stmt,
  to: Stmt,
  kinds: readonly Dependence["kind"][],
  why: Why,
): readonly Dependence[] {
  const { places } = instances;
  const { order, common } = places.relate(places.of(from), places.of(to));
  const loops = places.of(from).loops.slice(0, common);
  // Iterations that have an array each share none.
  const levels: (Loop | null)[] = loops.filter((l) => !places.homeOf(array).includes(l));
  if (order === "before") levels.push(null);
  return levels.flatMap((level) => {
    const set = pairsOf(instances, from, to, level);
    const found = decide(set);
    if (found.kind === "empty") return [];
    const compared = compare(instances, set, loops, level, found.kind === "inhabited" ? found.point : null);
    return kinds.map((kind) => ({ from, to, array, kind, loops, ...compared, why: why(from, to, found) }));
  });
}

/** Runs of two statements, the second in a later iteration of the loop (in another, where they are in no order). */
export function pairsOf(instances: Instances, a: Stmt, b: Stmt, loop: Loop | null): IntegerSet {
  const order = loop !== null && !isSequential(loop) ? "other" : "later";
  return instances.pairs(instances.runOf(a), instances.runOf(b), loop, order);
}

/** How the iterations of the second runs compare to those of the first. */
function compare(
  instances: Instances,
  set: IntegerSet,
  loops: readonly Loop[],
  level: Loop | null,
  point: Point | null,
): Pick<Dependence, "directions" | "distances"> {
  const depth = level === null ? loops.length : loops.indexOf(level);
  const distances = loops.map((loop, k) => {
    if (k < depth) return 0;
    return point === null ? null : distance(instances, set, loop, level, point);
  });
  const directions = distances.map((d, k): Direction => {
    if (d !== null) return signs[Math.sign(d) + 1] as Direction;
    const loop = loops[k] as Loop;
    return loop === level && isSequential(loop) ? "<" : direction(instances, set, loop, level);
  });
  return { directions, distances };
}

function direction(instances: Instances, set: IntegerSet, loop: Loop, level: Loop | null): Direction {
  const d = difference(instances, loop, level);
  const sides = [setOf([plus(scale(d, -1), -1)]), setOf([], [d]), setOf([plus(d, -1)])];
  const possible = sides.flatMap((side, k) =>
    decide(intersect([set, side])).kind === "empty" ? [] : [signs[k] as Direction],
  );
  return possible.length === 1 ? (possible[0] as Direction) : "*";
}

/**
 * By how many iterations of `loop` the second run comes later, where that is the same for all pairs in the set, of which
 * `point` is one. `level` is the outermost loop that they differ in.
 */
export function distance(
  instances: Instances,
  set: IntegerSet,
  loop: Loop,
  level: Loop | null,
  point: Point,
): number | null {
  const d = difference(instances, loop, level);
  const at = d.terms.reduce((sum, t) => sum + t.factor * (point.get(t.values[0] as Scalar) ?? 0), d.constant);
  const others = oneOf([setOf([plus(d, -at - 1)]), setOf([plus(scale(d, -1), at - 1)])]);
  return decide(intersect([set, others])).kind === "empty" ? at : null;
}

function difference(instances: Instances, loop: Loop, level: Loop | null): Polynomial {
  const index = instances.indexOf(loop);
  return sub(polyOf(instances.renamer(level)(index)), polyOf(index));
}
