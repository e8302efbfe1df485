/** The forward sweep: the function itself, which also keeps what the reverse sweep asks for. */
import { bug, type Loc } from "../compiler/diagnostic.ts";
import { Builder, value } from "../compiler/ir/build.ts";
import {
  type Block,
  type For,
  indexConst,
  type Operand,
  type Scalar,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { mapBlocks, resultsOf } from "../compiler/ir/walk.ts";
import { isEnd } from "./ends.ts";
import { isWrite } from "./program.ts";
import type { Kept, Site } from "./tape.ts";

/** How a value is kept; the counting sweep only counts. */
export type Keep = (x: Builder, site: Site, v: () => Operand) => void;

/** What is done with what a run of the loop has left in rows (bits.ts). */
export type Pack = (x: Builder, loop: For) => void;

/** `trips` are what the number of a `while`'s trip is called. */
export function forwardSweep(
  body: Block,
  sites: ReadonlyMap<Kept, Site>,
  trips: ReadonlyMap<While, Scalar>,
  keep: Keep,
  pack: Pack,
): Block {
  return new ForwardSweep(sites, trips, keep, pack).block(body, []);
}

/** Gives a place another role; the same place for the same one. */
function withRole(role: NonNullable<Loc["role"]>): (loc: Loc) => Loc {
  const made = new WeakMap<Loc, Loc>();
  return (loc) => {
    const known = made.get(loc) ?? { ...loc, role };
    made.set(loc, known);
    return known;
  };
}
/** The place, as one of the tape. */
export const onTape = withRole("tape");
/** The place, as one of the adjoint. */
export const inAdjoint = withRole("adjoint");

class ForwardSweep {
  private readonly sites: ReadonlyMap<Kept, Site>;
  private readonly trips: ReadonlyMap<While, Scalar>;
  private readonly keep: Keep;
  private readonly pack: Pack;

  constructor(sites: ReadonlyMap<Kept, Site>, trips: ReadonlyMap<While, Scalar>, keep: Keep, pack: Pack) {
    this.sites = sites;
    this.trips = trips;
    this.keep = keep;
    this.pack = pack;
  }

  /** `bound` are values that the block's statement binds in it. */
  block(b: Block, bound: readonly Scalar[]): Block {
    const stmts: Stmt[] = [];
    const first = b.stmts[0];
    if (bound.some((v) => this.sites.has(v))) {
      const loc = first?.loc ?? bug("a loop that carries something has no statement");
      for (const v of bound) stmts.push(...this.kept(v, loc, () => v));
    }
    for (const s of b.stmts) {
      // What a store destroys is kept before it, what a statement computes after it.
      if (isWrite(s)) stmts.push(...this.old(s));
      if (!(isWrite(s) && isEnd(s))) stmts.push(...this.stmt(s));
      for (const r of resultsOf(s)) stmts.push(...this.kept(r as Scalar, s.loc, () => r as Scalar));
    }
    return stmts.length === b.stmts.length && stmts.every((s, i) => s === b.stmts[i]) ? b : { stmts, yields: b.yields };
  }

  private stmt(s: Stmt): readonly Stmt[] {
    if (s.kind === "for") {
      const after = new Builder(onTape(s.loc));
      this.pack(after, s);
      return [mapBlocks(s, (b) => this.block(b, s.carried)), ...after.stmts];
    }
    if (s.kind !== "while") return [mapBlocks(s, (b) => this.block(b, []))];
    const site = this.sites.get(s);
    const body = this.block(s.body, s.carried);
    if (site === undefined) return [body === s.body ? s : { ...s, body }];
    return this.counted(s, body, site);
  }

  /** The loop with a count of its trips, which is kept. */
  private counted(s: While, body: Block, site: Site): readonly Stmt[] {
    const count = this.trips.get(s) ?? value("trip", "index" as const);
    const total = value("trips", "index" as const);
    const x = new Builder(onTape(s.loc));
    const next = x.binary("add", count, indexConst(1), "trip");
    const loop: While = {
      ...s,
      inits: [...s.inits, indexConst(0)],
      carried: [...s.carried, count],
      body: { stmts: [...body.stmts, ...x.stmts], yields: [...body.yields, next] },
      results: [...s.results, total],
    };
    const after = new Builder(onTape(s.loc));
    this.keep(after, site, () => total);
    return [loop, ...after.stmts];
  }

  private kept(key: Kept, loc: Loc, v: () => Operand): readonly Stmt[] {
    const site = this.sites.get(key);
    if (site === undefined) return [];
    const x = new Builder(onTape(loc));
    this.keep(x, site, v);
    return x.stmts;
  }

  private old(s: Stmt & { readonly kind: "store" | "accum" }): readonly Stmt[] {
    const site = this.sites.get(s);
    if (site === undefined) return [];
    const x = new Builder(onTape(s.loc));
    this.keep(x, site, () => x.load(s.array, s.index));
    return x.stmts;
  }
}
