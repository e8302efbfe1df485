/**
 * Two runs of statements as one set: where each happens, which element it touches, and that one comes after the other.
 *
 * A run of a statement is known by the indices of the loops around it. Of two runs, those loops that both share are in the
 * same iteration up to some loop, and differ there; what is bound inside of it has a second copy for the later run.
 */
import type { ArrayValue, Func, Operand, Polynomial, Scalar, Stmt } from "../ir/ir.ts";
import { accessOf } from "./bounds.ts";
import type { Loop } from "./carried.ts";
import { readsOf, writesOf } from "./effects.ts";
import { type Guard, type Place, Places } from "./places.ts";
import { addScaled, plus, polyOf, scale, sub, valuesOf } from "./polynomial.ts";
import { atomsOf, everything, type IntegerSet, intersect, oneOf, rename, renameIn, setOf } from "./sets.ts";

/** A statement's runs, with the element that each touches: null for all elements of the array. */
export interface Run {
  readonly place: Place;
  readonly element: readonly Polynomial[] | null;
  /** Where it happens, and all that is known of the values in there. */
  readonly parts: readonly IntegerSet[];
}

/** How the iteration of the second run compares; `other`: before or after. */
export type Order = "later" | "earlier" | "other" | "any";

export class Instances {
  readonly places: Places;
  private readonly requires: readonly IntegerSet[];
  private readonly copies = new Map<Scalar, Scalar>();
  private readonly originals = new Map<Scalar, Scalar>();
  private readonly atoms = new WeakMap<IntegerSet, ReadonlySet<Scalar>>();
  private readonly runs = new Map<Stmt, Run>();
  private readonly renamed = new Map<Loop, Map<IntegerSet, IntegerSet>>();

  constructor(func: Func) {
    this.places = new Places(func);
    this.requires = func.requires.map((r) => setOf([r.need]));
  }

  form(o: Operand): Polynomial {
    return this.places.facts.forms.of(o);
  }
  indexOf(loop: Loop): Scalar {
    return this.places.definitions.indexOf(loop);
  }

  /** The runs of a statement, with the element that it accesses, if it is an access. */
  runOf(s: Stmt): Run {
    const known = this.runs.get(s);
    if (known !== undefined) return known;
    const place = this.places.of(s);
    const access = accessOf(s);
    const element = access?.index.map((o) => this.form(o)) ?? null;
    const domain = this.domain(place);
    const atoms = this.atomsIn([...this.close(domain, place.guards), setOf([], element ?? [])]);
    // Sizes that nothing else speaks of say nothing.
    const inside = (access === null || element === null ? [] : element)
      .flatMap((e, axis) => [e, plus(sub(this.form(access?.array.type.dims[axis] as Operand), e), -1)])
      .filter((e) => valuesOf(e).every((v) => atoms.has(v)));
    const run = { place, element, parts: this.close([...domain, setOf(inside)], place.guards) };
    this.runs.set(s, run);
    return run;
  }

  /** Runs of a statement at a place further inside, with the element of the first. */
  runAt(element: Run, place: Place): Run {
    const at = this.runOf(place.stmt);
    return { place, element: element.element, parts: [...new Set([...element.parts, ...at.parts])] };
  }

  /** Which iterations there are, and under which conditions the statement runs in them. */
  domain(place: Place): readonly IntegerSet[] {
    const { definitions } = this.places;
    const loops = place.loops.map((loop) => this.rangeOf(loop));
    return [...loops, ...place.guards.map((g) => definitions.condition(g.cond, g.holds))];
  }

  private readonly ranges = new Map<Loop, IntegerSet>();
  /** The iterations of a loop, as its bounds say. */
  rangeOf(loop: Loop): IntegerSet {
    const known = this.ranges.get(loop);
    if (known !== undefined) return known;
    const index = this.form(this.indexOf(loop));
    const made =
      loop.kind === "while"
        ? setOf([index])
        : setOf([sub(index, this.form(loop.lo)), plus(sub(this.form(loop.hi), index), -1)]);
    this.ranges.set(loop, made);
    return made;
  }

  /**
   * The sets with those of all values that they, and `others`, speak of. Of values that may not have been computed where the
   * guards hold, in a branch not taken, only what restricts nothing else is added.
   */
  close(sets: readonly IntegerSet[], guards: readonly Guard[], others: Iterable<Scalar> = []): readonly IntegerSet[] {
    const { places } = this;
    const parts = new Set<IntegerSet>();
    const seen = new Set<Scalar>();
    const include = (values: Iterable<Scalar>): void => {
      for (const v of values) {
        if (seen.has(v) || this.originals.has(v)) continue;
        seen.add(v);
        add(places.isComputed(v, guards) ? places.definitions.of(v) : places.definitions.meaningOf(v));
      }
    };
    const add = (set: IntegerSet): void => {
      if (set === everything || parts.has(set)) return;
      parts.add(set);
      include(this.atomsIn([set]));
    };
    for (const s of sets) add(s);
    include(others);
    return [...parts];
  }

  /** The second copy of a value. */
  copyOf(v: Scalar): Scalar {
    const known = this.copies.get(v);
    if (known !== undefined) return known;
    const copy = { ...v, hint: `${v.hint}'` };
    this.copies.set(v, copy);
    this.originals.set(copy, v);
    return copy;
  }
  originalOf(v: Scalar): Scalar {
    return this.originals.get(v) ?? v;
  }

  /** The copies of what is bound in each iteration of the loop; everything else as it is. */
  renamer(loop: Loop | null): (v: Scalar) => Scalar {
    if (loop === null) return (v) => v;
    return (v) => (this.places.scopeOf(v).includes(loop) ? this.copyOf(v) : v);
  }
  private renamePart(part: IntegerSet, loop: Loop | null): IntegerSet {
    if (loop === null) return part;
    const own = this.renamed.get(loop) ?? new Map<IntegerSet, IntegerSet>();
    this.renamed.set(loop, own);
    const made = own.get(part) ?? rename(part, this.renamer(loop));
    own.set(part, made);
    return made;
  }

  /**
   * Runs `a` and `b` of which the second comes in another iteration of `loop`, one around both, the same of all loops around
   * it; or, where the loop is null, in the same iteration of all loops around both. Of one element, where both have one.
   */
  pairs(a: Run, b: Run, loop: Loop | null, order: Order = "later"): IntegerSet {
    const to = this.renamer(loop);
    const parts = new Set([...a.parts, ...b.parts.map((p) => this.renamePart(p, loop))]);
    if (loop !== null && order !== "any") {
      const [index, later] = [this.form(this.indexOf(loop)), this.form(to(this.indexOf(loop)))];
      const after = setOf([plus(sub(later, index), -1)]);
      const before = setOf([plus(sub(index, later), -1)]);
      if (order === "later") for (const p of this.moved(loop, parts, to)) parts.add(p);
      parts.add(order === "later" ? after : order === "earlier" ? before : oneOf([after, before]));
    }
    if (a.element !== null && b.element !== null) {
      const other = b.element.map((e) => renameIn(e, to));
      parts.add(
        setOf(
          [],
          a.element.map((e, axis) => sub(e, other[axis] as Polynomial)),
        ),
      );
    }
    return this.withCommon(parts, to);
  }

  /** A run by itself, with other sets that always hold, and with what is known of other values. */
  alone(run: Run, sets: readonly IntegerSet[], values: Iterable<Scalar>): IntegerSet {
    return this.withCommon(new Set(this.close([...run.parts, ...sets], run.place.guards, values)), (v) => v);
  }

  /** With what the function requires of its sizes, and what loads of unchanging arrays have in common. */
  private withCommon(parts: ReadonlySet<IntegerSet>, to: (v: Scalar) => Scalar): IntegerSet {
    const atoms = this.atomsIn(parts);
    const requires = this.requires.filter((r) => [...this.atomsIn([r])].every((v) => atoms.has(v)));
    return intersect([...parts, ...requires, ...this.sameLoads(atoms, to)]);
  }

  private atomsIn(parts: Iterable<IntegerSet>): ReadonlySet<Scalar> {
    const all = new Set<Scalar>();
    for (const p of parts) {
      const own = this.atoms.get(p) ?? atomsOf(p);
      this.atoms.set(p, own);
      for (const v of own) all.add(v);
    }
    return all;
  }

  /** How far variables that the loop carries can be from one iteration to a later one. */
  private moved(loop: Loop, parts: ReadonlySet<IntegerSet>, to: (v: Scalar) => Scalar): readonly IntegerSet[] {
    const atoms = this.atomsIn(parts);
    const out: IntegerSet[] = [];
    const trips = plus(sub(this.form(to(this.indexOf(loop))), this.form(this.indexOf(loop))), -1);
    for (const c of loop.carried) {
      const carried = this.places.definitions.carriedOf(c);
      if (carried === null || carried.step.lo === carried.step.hi || !atoms.has(to(c)) || !atoms.has(c)) continue;
      const { step, next } = carried;
      // One trip takes it to `next`, each of the others that are in between moves it by `step`.
      const change = sub(this.form(to(c)), this.form(next));
      const between = setOf([addScaled(change, trips, -step.lo), sub(scale(trips, step.hi), change)]);
      out.push(between, ...this.close([between], this.places.guardsIn(loop)));
    }
    return out;
  }

  /** Where a value was loaded from an array that is never written; null for all others. */
  subscriptsOf(v: Scalar): readonly Polynomial[] | null {
    const load = this.places.definitions.loadOf(v);
    return load === null || this.places.isWritten(load.array) ? null : load.index.map((o) => this.form(o));
  }

  /** Two loads of an array that is never written give the same, where their subscripts are the same. */
  private sameLoads(atoms: ReadonlySet<Scalar>, to: (v: Scalar) => Scalar): readonly IntegerSet[] {
    const loads = [...atoms].flatMap((value) => {
      const original = this.originalOf(value);
      const at = this.subscriptsOf(original);
      if (at === null) return [];
      const array = this.places.definitions.loadOf(original)?.array;
      return [{ value, array, at: original === value ? at : at.map((e) => renameIn(e, to)) }];
    });
    const out: IntegerSet[] = [];
    for (const [i, x] of loads.entries()) {
      for (const y of loads.slice(i + 1)) {
        if (x.array !== y.array || out.length === mostLoadPairs) continue;
        const differences = x.at.map((e, axis) => sub(e, y.at[axis] as Polynomial));
        const apart = differences.flatMap((d) => [setOf([plus(d, -1)]), setOf([plus(scale(d, -1), -1)])]);
        out.push(oneOf([setOf([], [...differences, sub(polyOf(x.value), polyOf(y.value))]), ...apart]));
      }
    }
    return out;
  }
}

const mostLoadPairs = 6;

/** The arrays that a statement itself may write: what it makes is all zero by then. */
export const changedBy = (s: Stmt): readonly ArrayValue[] => (s.kind === "alloc" ? [s.result] : writesOf(s));

/** The arrays of which a statement itself touches elements, each once. */
export const touchedBy = (s: Stmt): readonly ArrayValue[] => [...new Set([...changedBy(s), ...readsOf(s)])];
