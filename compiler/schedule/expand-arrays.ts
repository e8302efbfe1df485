/**
 * Gives each iteration of loops its part of a larger array, where all of them use the same elements of one, and write these anew.
 *
 *   for %i in seq(0, %n) {                          %t_each: f64[%n, %m] = alloc
 *     for %j in seq(0, %m) {                        for %i in seq(0, %n) {
 *       store %t[%j], …                               for %j in seq(0, %m) { store %t_each[%i, %j], … }
 *     }                                      =>       for %j in seq(0, %m) { %v = load %t_each[%i, %j] … }
 *     for %j in seq(0, %m) {                        }
 *       %v: f64 = load %t[%j]                       if %n > 0 {
 *       …                                             for %j in seq(0, %m) { store %t[%j], %t_each[%n - 1, %j] }
 *     }                                             }
 *   }
 *
 * The loops have no other order then (array expansion; Feautrier, Array expansion, 1988). Legal where each read is of what the same
 * iteration has written before, and all iterations write the same elements, so that the last one's are what is left. Not more memory
 * is taken than the largest arrays of the nest have axes.
 *
 * Needs: to stand before fission.
 */
import { accessOf } from "../analysis/bounds.ts";
import { readsOf, writesOf } from "../analysis/effects.ts";
import { Builder } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Block,
  type For,
  type Func,
  indexConst,
  isArray,
  type Let,
  type Operand,
  type Stmt,
  type Store,
  sizesOf,
  type Value,
} from "../ir/ir.ts";
import { copyBlock, mapBlocks, resultsOf, Substitution, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { Independence } from "./independence.ts";
import { elementAt, TripArrays } from "./trip-arrays.ts";

export const expandArrays: Pass = funcPass(
  "expand-arrays",
  "gives iterations parts of one array for elements that all of them write anew",
  (f: Func) => {
    if (f.kind !== "func") return f;
    for (;;) {
      const work = new Expansion(f);
      const body = work.block(f.body, []);
      if (body === f.body) return f;
      f = { ...f, body: { stmts: [...work.arrays.stmts, ...body.stmts], yields: body.yields } };
    }
  },
);

type Write = Store | Accum;

class Expansion {
  readonly arrays: TripArrays;
  private readonly loops: Independence;
  private readonly sizes: ReadonlySet<Value>;

  constructor(f: Func) {
    this.arrays = new TripArrays(f);
    this.loops = new Independence(f);
    this.sizes = new Set(f.params.flatMap((p): readonly Value[] => (isArray(p) ? sizesOf(p) : [])));
  }

  /** `around` are the loops around the block, outermost first. */
  block(b: Block, around: readonly For[]): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const inside = s.kind === "for" ? [...around, s] : around;
      const out = (isPlain(s) ? this.expanded(s, around) : null) ?? [mapBlocks(s, (x) => this.block(x, inside))];
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private expanded(root: For, around: readonly For[]): readonly Stmt[] | null {
    const inside = [...walk(root.body)];
    const written = new Set(inside.flatMap(writesOf));
    const rank = Math.max(0, ...inside.flatMap((s) => [...readsOf(s), ...writesOf(s)]).map((a) => a.type.dims.length));
    for (const array of written) {
      if (!array.type.dims.every((d) => d.kind === "const" || this.sizes.has(d))) continue;
      for (let loops = nestOf(root); loops.length > 0; loops = loops.slice(0, -1)) {
        if (array.type.dims.length + loops.length > rank || !this.mayExpand(array, loops)) continue;
        const { elem, dims } = array.type;
        const all = this.arrays.make(`${array.hint}_each`, elem, loops, around, root.loc, dims);
        if (all !== null) return rewritten(array, all, loops);
      }
    }
    return null;
  }

  private mayExpand(array: ArrayValue, loops: readonly For[]): boolean {
    const [root, last] = [loops[0] as For, loops.at(-1) as For];
    const touches = (s: Stmt): boolean => readsOf(s).includes(array) || writesOf(s).includes(array);
    const own = [...walk(last.body)].filter(touches);
    const inside = [...walk(root.body)];
    if (inside.filter(touches).length > own.length) return false;
    const varying = varyingIn(root, loops);
    const isFixed = (o: Operand): boolean => !varying.has(o as Value);
    if (!loops.slice(1).every((l) => isFixed(l.lo) && isFixed(l.hi))) return false;
    if (!own.every((s) => accessOf(s)?.index.every(isFixed))) return false;
    if (!isUnconditional(last.body, new Set(own.filter((s) => writesOf(s).length > 0)), isFixed)) return false;
    // Only where that array is what orders them.
    const others = inside.filter((s) => !touches(s));
    const isFreed = (l: For): boolean =>
      this.loops.whyOrdered(l, root) !== null && this.loops.whyOrdered(l, root, others) === null;
    if (!loops.some(isFreed)) return false;
    const reads = own.filter(
      (s): s is Let | Accum => readsOf(s).length > 0 && (s.kind === "let" || s.kind === "accum"),
    );
    return reads.every((s) => !this.loops.analysis.exposed(s, last).holds);
  }
}

const isPlain = (s: Stmt): s is For => s.kind === "for" && s.mode === "seq" && s.carried.length === 0;

/** The loops that stand one inside the other with nothing but values beside them. */
function nestOf(root: For): readonly For[] {
  const [inner, more] = root.body.stmts.filter((s) => s.kind !== "let");
  return inner !== undefined && more === undefined && isPlain(inner) ? [root, ...nestOf(inner)] : [root];
}

/** Values that may differ between iterations of the loops. */
function varyingIn(root: For, loops: readonly For[]): ReadonlySet<Value> {
  const varying = new Set<Value>(loops.map((l) => l.index));
  for (const s of walk(root.body)) {
    const isBased = usesOf(s).some((o) => varying.has(o as Value));
    if (s.kind === "let") {
      if (isBased || s.expr.kind === "load") varying.add(s.result);
    } else {
      if (s.kind === "for" && isBased) varying.add(s.index);
      if (s.kind === "for" || s.kind === "while") for (const v of s.carried) varying.add(v);
      for (const v of resultsOf(s)) varying.add(v);
    }
  }
  return varying;
}

/** Do the statements stand in nothing but loops that make the same trips in all iterations? */
function isUnconditional(b: Block, writes: ReadonlySet<Stmt>, isFixed: (o: Operand) => boolean): boolean {
  return b.stmts.every((s) => {
    if (writes.has(s) || ![...walk({ stmts: [s], yields: [] })].some((t) => writes.has(t))) return true;
    return (
      s.kind === "for" && s.mode === "seq" && [s.lo, s.hi].every(isFixed) && isUnconditional(s.body, writes, isFixed)
    );
  });
}

/** The nest with the large array, and what is left of it at the end. */
function rewritten(array: ArrayValue, all: ArrayValue, loops: readonly For[]): readonly Stmt[] {
  const [root, last] = [loops[0] as For, loops.at(-1) as For];
  const x = new Builder(root.loc);
  const subst = new Substitution();
  subst.setArray(array, all, elementAt(x, loops));
  const body = subst.block(last.body);
  const nest = loops.toReversed().reduce<For | null>((inner, l): For => {
    if (inner === null) return { ...l, body: { stmts: [...x.stmts, ...body.stmts], yields: [] } };
    return { ...l, body: { stmts: l.body.stmts.map((s) => (s.kind === "let" ? s : inner)), yields: [] } };
  }, null) as For;
  const y = new Builder(root.loc);
  // Bounds of inner loops may be computed beside the outer ones.
  const taken = new Set<unknown>(loops.slice(1).flatMap((l) => [l.lo, l.hi]));
  const left = lasting(last.body, array);
  const isLeft = (s: Stmt): s is Write => left.has(s);
  for (const s of walk(last.body)) {
    if (isLeft(s)) for (const o of s.index) taken.add(o);
    if (s.kind === "for") for (const o of [s.lo, s.hi]) taken.add(o);
  }
  const beside = loops.slice(0, -1).flatMap((l) => l.body.stmts.filter((s): s is Let => s.kind === "let"));
  const values = new Set(slice([...beside, ...walk(last.body)], taken));
  y.stmts.push(...beside.filter((s) => values.has(s)));
  const runs = loops.map((l) => y.compare("lt", l.lo, l.hi, "runs"));
  const haveRun = runs.slice(1).reduce<Operand>((a, b) => y.binary("and", a, b, "runs"), runs[0] as Operand);
  y.if(haveRun, (z) => {
    const ends = loops.map((l) => z.binary("sub", l.hi, indexConst(1), "last"));
    const at = elementAt(z, loops, ends);
    const copy = (b: Block): readonly Stmt[] =>
      b.stmts.flatMap((s): readonly Stmt[] => {
        if (s.kind === "let") return values.has(s) ? [s] : [];
        if (isLeft(s)) {
          const own = new Builder(s.loc);
          own.store(array, s.index, own.load(all, [...at, ...s.index], array.hint));
          return own.stmts;
        }
        if (s.kind !== "for") return [];
        const stmts = copy(s.body);
        if (stmts.every((t) => t.kind === "let")) return [];
        return [{ ...s, inits: [], carried: [], results: [], body: { stmts, yields: [] } }];
      });
    z.stmts.push(...copy(last.body));
    return [];
  });
  return [nest, ...copyBlock({ stmts: y.stmts, yields: [] }, new Substitution()).stmts];
}

/** What writes the elements of the array, without what only writes those again that something outside of its loops writes. */
function lasting(body: Block, array: ArrayValue): ReadonlySet<Stmt> {
  const writes: { readonly write: Write; readonly loops: readonly Stmt[] }[] = [];
  const visit = (b: Block, loops: readonly Stmt[]): void => {
    for (const s of b.stmts) {
      if ((s.kind === "store" || s.kind === "accum") && s.array === array) writes.push({ write: s, loops });
      if (s.kind === "for") visit(s.body, [...loops, s]);
    }
  };
  visit(body, []);
  const isAgain = ({ write, loops }: (typeof writes)[number], k: number): boolean =>
    writes.some(
      (w, n) =>
        w.write.index.every((o, axis) => o === write.index[axis]) &&
        w.loops.every((l, depth) => l === loops[depth]) &&
        (w.loops.length < loops.length || n < k),
    );
  return new Set(writes.filter((w, k) => !isAgain(w, k)).map(({ write }) => write));
}

/** Those of the statements that compute the operands. */
function slice(stmts: readonly Stmt[], taken: Set<unknown>): readonly Let[] {
  return stmts.toReversed().filter((s): s is Let => {
    if (s.kind !== "let" || !taken.has(s.result)) return false;
    for (const o of usesOf(s)) taken.add(o);
    return true;
  });
}
