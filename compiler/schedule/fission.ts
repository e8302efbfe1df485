/**
 * Gives parts of a loop nest a nest each, where more of their loops are parallel by themselves.
 *
 *   for %i in seq(0, %n) {                             for %i in seq(0, %n) {              %i is parallel here,
 *     for %j in seq(0, %m) {                             for %j in seq(0, %m) {
 *       accum add %s[%i], …                                accum add %s[%i], …
 *       accum add %y[%j], …                   =>         }
 *     }                                                }
 *   }                                                  for %i in seq(0, %n) {
 *                                                        for %j in seq(0, %m) {            and %j here
 *                                                          accum add %y[%j], …
 *
 * Values beside the parts are computed in each that takes them. Parts run in the order of
 * their dependences; those that depend on each other in a circle stay together (Allen and Kennedy, Automatic translation of Fortran
 * programs to vector form, 1987), and so do neighbours that would have no more parallel loops apart.
 *
 * What a part takes of another that it cannot compute, the result of a loop or an element that is overwritten by then, is kept in an
 * array with an element for each iteration of the loops around it (scalar expansion; kept-values.ts). Where no size for that is
 * known when the function begins, the two stay together.
 *
 * Needs: to stand before parallelise.
 */
import { readsOf, writesOf } from "../analysis/effects.ts";
import type { ArrayValue, Block, For, Func, Stmt, Value } from "../ir/ir.ts";
import { copyBlock, mapBlocks, resultsOf, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { Independence } from "./independence.ts";
import { KeptValues } from "./kept-values.ts";
import { isPlain, type Nest, NestParts, type Part, plainLoops } from "./nest-parts.ts";
import { TripArrays } from "./trip-arrays.ts";

export const fission: Pass = funcPass("fission", "splits loop nests where their parts are more parallel", (f: Func) => {
  if (f.kind !== "func") return f;
  const work = new Fission(f);
  const body = work.block(f.body, []);
  return body === f.body ? f : { ...f, body: { stmts: [...work.arrays.stmts, ...body.stmts], yields: body.yields } };
});

class Fission {
  /** Those of kept values. */
  readonly arrays: TripArrays;
  private readonly loops: Independence;
  private readonly order: ReadonlyMap<Stmt, number>;

  constructor(f: Func) {
    this.arrays = new TripArrays(f);
    this.loops = new Independence(f);
    this.order = new Map([...walk(f.body)].map((s, k) => [s, k]));
  }

  /** `around` are the loops around the block, outermost first. */
  block(b: Block, around: readonly For[]): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const inside = s.kind === "for" ? [...around, s] : around;
      const out = isPlain(s) ? this.nest(s, around) : [mapBlocks(s, (inner) => this.block(inner, inside))];
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private nest(root: For, around: readonly For[]): readonly Stmt[] {
    const nest = this.nestOf(root, around);
    const parts = this.partsOf(nest);
    if (parts.parts.length > 1) {
      const kept = new KeptValues(nest, parts, around, this.arrays);
      return parts.parts.flatMap(
        (_, k) => copyBlock({ stmts: kept.restricted(k), yields: [] }, new Substitution()).stmts,
      );
    }
    // What is parallel as it stands is left alone; what is in order is looked at for each of its iterations.
    return parts.depth(parts.parts[0] as Part) > 0
      ? [root]
      : [mapBlocks(root, (b) => this.block(b, [...around, root]))];
  }

  private nestOf(root: For, around: readonly For[]): Nest {
    const { loops, order, arrays } = this;
    const rank = Math.max(0, ...[...walk(root.body)].flatMap(touches).map((a) => a.type.dims.length));
    const keepable = new Set<Value>();
    for (const chain of plainLoops(root)) {
      // Not more memory than the arrays that the nest is about have.
      if (chain.length > rank || !arrays.isSized(chain, around)) continue;
      for (const s of (chain.at(-1) as For).body.stmts) for (const v of resultsOf(s)) keepable.add(v);
    }
    return { root, loops, order, keepable };
  }

  /** Elements that parts have to load before others overwrite them are pinned only where more loops are parallel then. */
  private partsOf(nest: Nest): NestParts {
    const plain = new NestParts(nest, new Set());
    if (!plain.hasCircle) return plain;
    const written = new Set([...walk(nest.root.body)].flatMap(writesOf));
    const pinned = plainLoops(nest.root).flatMap((chain) =>
      (chain.at(-1) as For).body.stmts.filter(
        (s) => s.kind === "let" && s.expr.kind === "load" && written.has(s.expr.array) && nest.keepable.has(s.result),
      ),
    );
    if (pinned.length === 0) return plain;
    const apart = new NestParts(nest, new Set(pinned));
    return apart.parallelism > plain.parallelism ? apart : plain;
  }
}

const touches = (s: Stmt): readonly ArrayValue[] => [...readsOf(s), ...writesOf(s)];
