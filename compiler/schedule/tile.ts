/**
 * Gives contraction-like nests workgroups that share tiles of their operands:
 *
 *   for %i in par(0, %n) {                         for %y in grid.y(0, (%n + 63) / 64) {
 *     for %j in par(0, %m) {                         for %x in grid.x(0, (%m + 63) / 64) {
 *       %s = for %k in seq(0, %l)                      for %tile in seq(0, (%l + 15) / 16) {
 *           with %c = 0.0f64 {                           the threads load 64 × 16 of %A and 16 × 64 of %B,
 *         yield %c + %A[%i, %k] * %B[%k, %j]             then each adds to 4 × 4 sums what these give
 *       }                                      =>      }
 *       store %C[%i, %j], %s                           each thread stores 4 × 4 elements of %C
 *     }
 *   }
 *
 * An element of %A is loaded once for 64 columns instead of once for each, an element of %B for 64 rows, and from the registers of a
 * thread each is taken four times (Volkov and Demmel, Benchmarking GPUs to tune dense linear algebra, 2008). Each sum is added
 * up in the order of its loop, so results keep their bits. tile-nest.ts makes the nest.
 *
 * A nest is tiled where, inside of two or three parallel loops, a loop computes nothing but carried values from elements, some of which
 * do not depend on one of two parallel loops and some not on the other, in arrays that the nest does not write.
 *
 * Needs: to stand after parallelise. Leaves: `grid` loops that map-to-gpu takes as they stand.
 */
import { Builder } from "../ir/build.ts";
import type { Block, For, Func, Stmt } from "../ir/ir.ts";
import { mapBlocks } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isParallel } from "./band.ts";
import { tiledNest } from "./tile-nest.ts";
import { Tilings } from "./tiling.ts";

export const tile: Pass = funcPass("tile", "shares tiles of operands in workgroups", (f: Func) => {
  if (f.kind !== "func") return f;
  const body = new Tile(f).block(f.body);
  return body === f.body ? f : { ...f, body };
});

/** Why a nest of at least two parallel loops is not tiled. */
export interface Untiled {
  readonly loop: For;
  readonly why: string;
}

/** The nests of a function that `tile` leaves alone though a loop in them runs in order. */
export function untiledNests(f: Func): readonly Untiled[] {
  const work = new Tile(f);
  work.block(f.body);
  return work.untiled;
}

class Tile {
  readonly untiled: Untiled[] = [];
  private readonly tilings: Tilings;

  constructor(f: Func) {
    this.tilings = new Tilings(f);
  }

  block(b: Block): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const out = this.stmt(s);
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private stmt(s: Stmt): readonly Stmt[] {
    if (s.kind === "let") this.tilings.define(s);
    if (isParallel(s)) {
      const x = new Builder(s.loc);
      const tiling = this.tilings.of(s, x);
      if (typeof tiling === "string") {
        if (tiling !== "") this.untiled.push({ loop: s, why: tiling });
        return [s];
      }
      tiledNest(tiling, this.tilings.forms, x);
      return x.stmts;
    }
    if (s.kind === "for" && s.mode !== "seq") return [s];
    if (s.kind === "for") this.tilings.learn(s.index);
    return [mapBlocks(s, (inner) => this.block(inner))];
  }
}
