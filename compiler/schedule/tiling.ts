/**
 * Which nests are contractions that tile.ts shares between the threads of workgroups, and what is against it where they are not.
 */

import { readsOf, writtenWithin } from "../analysis/effects.ts";
import { Forms, plus, valuesOf } from "../analysis/polynomial.ts";
import type { Builder } from "../ir/build.ts";
import {
  type Expr,
  type For,
  type Func,
  isArray,
  type Let,
  type Operand,
  type Polynomial,
  type Scalar,
  type ScalarType,
  type Stmt,
  sizesOf,
} from "../ir/ir.ts";
import { usesOf, walk } from "../ir/walk.ts";
import { alongRows, bandOf, type Dim, extreme } from "./band.ts";

/** A value of the reduction that the workgroup computes once for all its threads: an element, or what follows from one alone. */
export interface Staged {
  readonly value: Let;
  /** The load whose element it is, or follows from. */
  readonly load: Load;
  /** Which of the two tiled loops it depends on. */
  readonly along: Side;
  /** Do threads side by side load from one row where they are side by side along the reduction? */
  readonly rowsAlongK: boolean;
}
type Load = Let & { readonly expr: Extract<Expr, { kind: "load" }> };
/** The tiled loop along whose index threads stand side by side, and the other. */
export type Side = "x" | "y";

export interface Tiling {
  readonly root: For;
  readonly dims: readonly Dim[];
  /** The tiled loops, and the third where there is one. */
  readonly x: Dim;
  readonly y: Dim;
  readonly batch: Dim | null;
  /** What a thread computes before the reduction, the reduction, and what it does then. */
  readonly before: readonly Let[];
  readonly reduction: For;
  readonly after: readonly Stmt[];
  readonly staged: readonly Staged[];
  /** Bounds of the reduction's index, of the parallel indices and what is known outside. */
  readonly lo: Polynomial;
  readonly hi: Polynomial;
}

/** Fewer trips are not worth the way through shared memory. */
const fewest = 8;
/** Statements after a reduction that are worth being repeated for each of a thread's sums. */
const mostAfter = 24;

/** Looks at the nests of a function, which are to be asked about in order. */
export class Tilings {
  readonly forms = new Forms();
  /** Scalars that the launch program knows, or will when it gets there. */
  private readonly known = new Set<Scalar>();

  /** Scalars that are loaded, or follow from such. */
  private readonly loaded = new Set<unknown>();

  constructor(f: Func) {
    for (const s of walk(f.body)) {
      this.forms.define(s);
      if (s.kind === "let" && (s.expr.kind === "load" || usesOf(s).some((o) => this.loaded.has(o)))) {
        this.loaded.add(s.result);
      }
    }
    for (const p of f.params) for (const v of isArray(p) ? sizesOf(p) : [p as Scalar]) this.known.add(v);
  }

  isKnown(v: Scalar): boolean {
    return this.known.has(v);
  }
  learn(v: Scalar): void {
    this.known.add(v);
  }

  /** Notes a value of the launch program. */
  define(s: Let): void {
    if (s.expr.kind !== "load" && usesOf(s).every((o) => this.isOutside(o as Operand))) this.known.add(s.result);
  }

  private isOutside(o: Operand): boolean {
    return o.kind === "const" || this.known.has(o);
  }

  /** How the nest is tiled, or what is against it; an empty text where it is no nest for it in the first place. */
  of(root: For, x: Builder): Tiling | string {
    const dims = bandOf(root, this.forms, this, x);
    const inner = (dims.at(-1) as Dim).loop.body;
    const at = inner.stmts.findIndex((s) => s.kind === "for" && s.mode === "seq");
    if (dims.length < 2 || at < 0) return "";
    const reduction = inner.stmts[at] as For;
    const first = splitLater(inner.stmts.slice(0, at), reduction);
    if (first === null) return "what is written before the loop inside is read by it";
    const before = [...dims.flatMap((d) => d.lets), ...first.lets];
    const after = [...first.later, ...inner.stmts.slice(at + 1)];
    if (!reduction.body.stmts.every((s): s is Let => s.kind === "let") || reduction.carried.length === 0) {
      return "the loop inside does more than to compute values";
    }
    if ([...walk({ stmts: after, yields: [] })].length > mostAfter) return "much is done after the loop inside";
    if (trips(reduction) < fewest) return `the loop inside makes fewer than ${fewest} trips`;

    const from = dependences([...before, ...reduction.body.stmts], [...dims.map((d) => d.loop), reduction]);
    const bounds = [reduction.lo, reduction.hi].map((o) => this.forms.of(o)) as [Polynomial, Polynomial];
    if (!this.areUniform(bounds, dims)) return "the bounds of the loop inside follow from elements";

    const loads = this.stageable(root, reduction, from);
    const alongs = loads.map((s) => dims.filter((d) => from(s.result).has(d.loop.index)));
    const use = (d: Dim, other: Dim): number => alongs.filter((a) => a.includes(d) && !a.includes(other)).length;
    const order = alongRows(dims, this.forms).map((n) => dims[n] as Dim);
    // The first of the order, along which rows run, stands for x wherever it is one of the two.
    const pairs = order.flatMap((a, n) => order.slice(n + 1).map((b) => ({ a, b, uses: use(a, b) + use(b, a) })));
    const fit = pairs.filter(
      ({ a, b }) => use(a, b) > 0 && use(b, a) > 0 && tripsOf(a) >= fewest && tripsOf(b) >= fewest,
    );
    const best = fit.toSorted((p, q) => q.uses - p.uses)[0];
    if (best === undefined) return "no two of the loops each leave an element of the loop inside the same";
    const staged = loads.flatMap((load, n): Staged[] => {
      const along = (alongs[n] as readonly Dim[]).filter((d) => d === best.a || d === best.b);
      if (along.length !== 1) return [];
      const last = this.forms.of(load.expr.index.at(-1) as Operand);
      const rowsAlongK = valuesOf(last).includes(reduction.index);
      const value = this.followed(load, reduction, from);
      return [{ value, load, along: along[0] === best.a ? "x" : "y", rowsAlongK }];
    });
    const batch = dims.find((d) => d !== best.a && d !== best.b) ?? null;
    const [lo, hi] = bounds;
    return { root, dims, x: best.a, y: best.b, batch, before, reduction, after, staged, lo, hi };
  }

  /** The loads of the reduction that may come from tiles: of arrays that the nest does not write, at places computed without loads. */
  private stageable(root: For, { index, body }: For, from: DependsOn): readonly Load[] {
    const written = writtenWithin(root);
    return body.stmts.filter(
      (s): s is Load =>
        s.kind === "let" &&
        s.expr.kind === "load" &&
        !written.has(s.expr.array) &&
        s.expr.index.every((o) => o.kind === "const" || !(this.loaded.has(o) || from(o).has("carried"))) &&
        from(s.result).has(index),
    );
  }

  /** What the workgroup may compute of an element once: the last of the values that each take nothing of the nest but the one before. */
  private followed(load: Load, { body }: For, from: DependsOn): Let {
    let value: Let = load;
    for (;;) {
      const takers = body.stmts.filter((s) => usesOf(s).includes(value.result));
      const [next] = takers;
      if (takers.length !== 1 || next?.kind !== "let" || body.yields.includes(value.result)) return value;
      const others = (usesOf(next) as readonly Operand[]).filter((o) => o !== value.result);
      const isOwn =
        next.expr.kind !== "load" && isNumber(next.result.type) && others.every((o) => this.isGiven(o, from));
      if (!isOwn) return value;
      value = next;
    }
  }

  /** Is it the same for all threads, whatever the loops of the nest do? */
  private isGiven(o: Operand, from: DependsOn): boolean {
    return o.kind === "const" || (from(o).size === 0 && !this.loaded.has(o));
  }

  /** Do the forms follow from indices of the loops and what is known outside, and are they seen to have ends in a tile? */
  private areUniform(forms: readonly Polynomial[], dims: readonly Dim[]): boolean {
    const ranges = dims.map(({ loop }) => ({
      index: loop.index,
      first: this.forms.of(loop.lo),
      last: plus(this.forms.of(loop.hi), -1),
    }));
    const own = new Set(dims.map((d) => d.loop.index));
    return forms.every(
      (f) => extreme(f, 1, ranges) !== null && valuesOf(f).every((v) => own.has(v) || this.isOutside(v)),
    );
  }
}

/** The values of the statements, and those that write, which may as well run after the reduction; null where they may not. */
function splitLater(
  stmts: readonly Stmt[],
  reduction: For,
): { readonly lets: readonly Let[]; readonly later: readonly Stmt[] } | null {
  const lets: Let[] = [];
  const later: Stmt[] = [];
  const written = new Set<unknown>();
  for (const s of stmts) {
    if (s.kind === "let") {
      if (s.expr.kind === "load" && written.has(s.expr.array)) return null;
      lets.push(s);
    } else if (s.kind === "store" || s.kind === "accum") {
      later.push(s);
      written.add(s.array);
    } else return null;
  }
  return [...walk(reduction.body)].some((s) => readsOf(s).some((a) => written.has(a))) ? null : { lets, later };
}

/** Which indices of loops a value depends on; and whether on what a loop carries. */
export type DependsOn = (v: Operand) => ReadonlySet<Scalar | "carried">;

export function dependences(lets: readonly Let[], loops: readonly For[]): DependsOn {
  const none: ReadonlySet<Scalar | "carried"> = new Set();
  const known = new Map<unknown, ReadonlySet<Scalar | "carried">>();
  for (const { index, carried } of loops) {
    known.set(index, new Set([index]));
    for (const c of carried) known.set(c, new Set(["carried"]));
  }
  for (const s of lets) known.set(s.result, new Set(usesOf(s).flatMap((o) => [...(known.get(o) ?? none)])));
  return (v) => known.get(v) ?? none;
}

const isNumber = (type: ScalarType): boolean => type !== "bool";

/** How often, where that is a constant; else as often as one likes. */
const trips = ({ lo, hi }: Pick<For, "lo" | "hi">): number =>
  lo.kind === "const" && hi.kind === "const" ? Number(hi.value) - Number(lo.value) : Number.POSITIVE_INFINITY;
export const tripsOf = (d: Dim): number => trips(d);
