/**
 * Which reads see what the same iteration of a loop wrote before: reads minus what each store is sure to have covered.
 *
 * A store covers the elements that it reaches in those of its runs that surely come before the read. Its indices are
 * eliminated from that, exactly or so that less is left, which gives a set over the values at the read. Reads that are in
 * none of these sets are exposed.
 */
import { bug } from "../diagnostic.ts";
import type { Accum, ArrayValue, Let, Polynomial, Scalar, Stmt } from "../ir/ir.ts";
import { isSequential, type Loop } from "./carried.ts";
import { changedBy, type Instances, type Run } from "./instances.ts";
import type { Place } from "./places.ts";
import { plus, scale, sub } from "./polynomial.ts";
import { type Conjunction, Projection } from "./projection.ts";
import {
  atomsOf,
  decide,
  type Emptiness,
  holdsAt,
  type IntegerSet,
  intersect,
  rename,
  renameIn,
  setOf,
} from "./sets.ts";

const empty: Emptiness = { kind: "empty" };
const unknown: Emptiness = { kind: "unknown" };

/** A read of an element that was not written earlier in the same iteration of the loop; of the function, where it is null. */
export function exposedAt(instances: Instances, access: Let | Accum, loop: Loop | null): Emptiness {
  const read = instances.runOf(access);
  const array = access.kind === "let" ? loadedArray(access) : access.array;
  const { places } = instances;
  // A local array is zeroed before anything can read it.
  const isLocal = places.all.some((p) => p.stmt.kind === "alloc" && p.stmt.result === array);
  if (isLocal && (loop === null || places.homeOf(array).includes(loop))) return empty;
  const within = loop === null ? 0 : read.place.loops.indexOf(loop) + 1;
  const projection = new Projection();
  const covers = places.all
    .filter((p) => changedBy(p.stmt).includes(array) && (loop === null || p.loops.includes(loop)))
    .flatMap((p) => new Writer(instances, read, p, projection).covers(within));
  const spoken = covers.flatMap((c) => [...atomsOf({ ...c, cases: [] })]);
  return new Subtraction().rest(instances.alone(read, projection.definitions, spoken), covers);
}

function loadedArray(s: Let): ArrayValue {
  return s.expr.kind === "load" ? s.expr.array : bug(`%${s.result.hint} is not loaded`);
}

/** What a store covers of what a read reads. */
class Writer {
  private readonly instances: Instances;
  private readonly read: Run;
  private readonly place: Place;
  private readonly write: Run;
  private readonly projection: Projection;

  constructor(instances: Instances, read: Run, place: Place, projection: Projection) {
    this.instances = instances;
    this.read = read;
    this.place = place;
    this.write = instances.runOf(place.stmt);
    this.projection = projection;
  }

  /** By earlier iterations of each loop around both inside the first `within`, and by this one of all of them. */
  covers(within: number): readonly Conjunction[] {
    const { place, read } = this;
    if (!isWhole(place.stmt) && this.write.element === null) return [];
    const { order, common } = this.instances.places.relate(place, read.place);
    const loops = place.loops.slice(within, common).filter(isSequential);
    const ways: (Loop | null)[] = order === "before" ? [...loops, null] : [...loops];
    return ways.flatMap((loop) => this.cover(loop, common));
  }

  private cover(loop: Loop | null, common: number): readonly Conjunction[] {
    const { instances, place, read, write } = this;
    const { places } = instances;
    const to = instances.renamer(loop);
    const depth = loop === null ? common : place.loops.indexOf(loop);
    const own = place.loops.slice(depth);
    // How often a `while` runs is not known, but that it made this trip says that it made those before.
    if (own.some((l) => l.kind === "while" && l !== loop)) return [];
    const { definitions } = places;
    const sets = own.map((l) => instances.rangeOf(l));
    for (const g of place.guards) {
      const shared = loop === null ? read.place.guards.includes(g) : g.depth <= depth;
      const isTest = loop?.kind === "while" && g.of === places.of(loop).id;
      if (!shared && !isTest) sets.push(definitions.condition(g.cond, g.holds));
    }
    const outer = loop ?? place.loops[common];
    const isOwn = (v: Scalar): boolean => outer !== undefined && places.scopeOf(v).includes(outer);
    const indices = new Set(own.map((l) => instances.indexOf(l)));
    const element = write.element ?? [];
    const known = this.definitionsOf(sets, element, isOwn, indices);
    if (known === null) return [];
    const later = read.element as readonly Polynomial[];
    const apart = element.map((e, axis) => sub(renameIn(e, to), later[axis] as Polynomial));
    const extra = [setOf([], apart)];
    if (loop !== null) {
      const index = instances.indexOf(loop);
      extra.push(setOf([plus(sub(instances.form(index), instances.form(to(index))), -1)]));
    }
    const all = [...[...sets, ...known.sets].map((s) => rename(s, to)), ...extra];
    return this.matches(known.loads, to).flatMap((match) => {
      const set = intersect([...all, ...match]);
      const isBound = (v: Scalar): boolean => isOwn(instances.originalOf(v)) && to(v) === v;
      return this.projection.without(set, new Set([...atomsOf(set)].filter(isBound)));
    });
  }

  /**
   * The definitions of what the sets and the element speak of, and the loads among them; null where a value is neither an
   * index nor defined exactly nor loaded from an array that never changes.
   */
  private definitionsOf(
    sets: readonly IntegerSet[],
    element: readonly Polynomial[],
    isOwn: (v: Scalar) => boolean,
    indices: ReadonlySet<Scalar>,
  ): { readonly sets: readonly IntegerSet[]; readonly loads: readonly Scalar[] } | null {
    const { definitions } = this.instances.places;
    const out: IntegerSet[] = [];
    const loads: Scalar[] = [];
    const seen = new Set<Scalar>();
    const open = [...atomsOf(intersect([...sets, setOf([], element)]))];
    for (let v = open.pop(); v !== undefined; v = open.pop()) {
      if (seen.has(v) || !isOwn(v)) continue;
      seen.add(v);
      if (indices.has(v) || definitions.ownerOf(v) !== v) continue;
      const at = this.instances.subscriptsOf(v);
      if (at === null && !definitions.isExact(v)) return null;
      if (at === null) out.push(definitions.of(v));
      else loads.push(v);
      open.push(...atomsOf(at === null ? definitions.of(v) : setOf([], at)));
    }
    return { sets: out, loads };
  }

  /** What is loaded at the write is what is loaded at the read, at the same subscripts: ways to pair them. */
  private matches(loads: readonly Scalar[], to: (v: Scalar) => Scalar): readonly (readonly IntegerSet[])[] {
    const { instances } = this;
    const { definitions } = instances.places;
    const there = [...atomsOf(intersect(this.read.parts))].filter((v) => instances.subscriptsOf(v) !== null);
    let ways: readonly (readonly IntegerSet[])[] = [[]];
    for (const v of loads) {
      const at = (instances.subscriptsOf(v) as readonly Polynomial[]).map((e) => renameIn(e, to));
      const same = there.filter((x) => definitions.loadOf(x)?.array === definitions.loadOf(v)?.array);
      const each = same.map((x) => {
        const other = instances.subscriptsOf(x) as readonly Polynomial[];
        const differences = at.map((e, axis) => sub(e, other[axis] as Polynomial));
        return setOf([], [sub(instances.form(to(v)), instances.form(x)), ...differences]);
      });
      ways = ways.flatMap((way) => each.map((set) => [...way, set])).slice(0, mostMatches);
    }
    return ways;
  }
}

const mostMatches = 6;

/** Does the statement write all of its array? */
const isWhole = (s: Stmt): boolean => s.kind === "copy" && s.to.kind === "value";

const mostQuestions = 160;

class Subtraction {
  private questions = 0;

  /** A point of the set that is in none of the covers. */
  rest(set: IntegerSet, covers: readonly Conjunction[]): Emptiness {
    if (this.questions++ === mostQuestions) return unknown;
    const found = decide(set);
    if (found.kind === "empty") return empty;
    const cover = found.kind === "unknown" ? covers[0] : covers.find((c) => holdsAt({ ...c, cases: [] }, found.point));
    if (cover === undefined) return found;
    const others = covers.filter((c) => c !== cover);
    let outcome = empty;
    let inside = set;
    const outside = (e: Polynomial): boolean => {
      const left = this.rest(intersect([inside, setOf([plus(scale(e, -1), -1)])]), others);
      if (left.kind !== "empty") outcome = left;
      return left.kind === "empty";
    };
    for (const e of cover.nonNegative) {
      if (!outside(e)) return outcome;
      inside = intersect([inside, setOf([e])]);
    }
    for (const e of cover.zero) {
      if (!outside(e) || !outside(scale(e, -1))) return outcome;
      inside = intersect([inside, setOf([], [e])]);
    }
    return outcome;
  }
}
