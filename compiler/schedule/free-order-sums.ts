/**
 * Adds up in a value what loops do to one element, and updates the element after them: reductions, whether of a single thread or of many.
 *
 *   for %i in par(0, %n) {                         %s: f64 = for %i in par(0, %n) with %a = 0.0f64 {
 *     for %j in par(0, %m) {                         %t: f64 = for %j in par(0, %m) with %b = %a {
 *       %x: f64 = load %X[%i, %j]                      %x: f64 = load %X[%i, %j]
 *       store %X[%i, %j], 0.0f64                       store %X[%i, %j], 0.0f64
 *       accum add %y[%k], %x               =>          %c: f64 = add %b, %x
 *     }                                                yield %c
 *   }                                                }
 *                                                    yield %t
 *                                                  }
 *                                                  if %n > 0 { if %m > 0 { accum add %y[%k], %s } }
 *
 * An update moves out of the outermost parallel loop in which its element stays the same, or, with none around, out of the outermost
 * loop; never out of one with other accesses to the element. Out of loops in order move only updates whose mode lets their order go, and
 * adjoints'.
 *
 * Needs: to stand after parallelise, which takes such updates for no obstacle.
 */
import { accessOf } from "../analysis/bounds.ts";
import { identityOf } from "../analysis/reduction.ts";
import { Builder, binaryExpr, value } from "../ir/build.ts";
import {
  type Accum,
  type Block,
  type For,
  type Func,
  type If,
  indexConst,
  isConst,
  isRounded,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { mapBlocks, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { boundIn, isFreeOrder, isNote } from "./independence.ts";
import { isUnordered, Order } from "./order.ts";

export const freeOrderSums: Pass = funcPass(
  "free-order-sums",
  "adds up in values what loops do to one element",
  (f: Func) => {
    const sums = new Search(f).run();
    if (sums.length === 0) return f;
    return { ...f, body: new Rewrite(sums).block(f.body, new Map()) };
  },
);

/** Updates of one element, the loop out of which they move, and what has to be so that the element is there. */
interface Sum {
  readonly loop: For;
  readonly terms: Accum[];
  readonly guard: Guard;
}
/** Nothing; a trip of each of these loops; or that the subscripts are inside of the array. */
type Guard = "none" | "inside" | readonly For[];

class Search {
  private readonly order: Order;
  private readonly body: Block;
  private readonly bound = new Map<For, ReadonlySet<Value>>();
  private readonly ids = new Map<unknown, number>();
  private readonly sums = new Map<string, Sum>();

  constructor(f: Func) {
    this.body = f.body;
    this.order = new Order(f);
  }

  run(): readonly Sum[] {
    this.block(this.body, []);
    return [...this.sums.values()];
  }

  private block(b: Block, around: readonly Stmt[]): void {
    for (const s of b.stmts) {
      if (s.kind === "accum") this.accum(s, around);
      const inside = [...around, s];
      if (s.kind === "for") this.block(s.body, inside);
      else if (s.kind === "while") [s.cond, s.body].map((inner) => this.block(inner, inside));
      else if (s.kind === "if") [s.then, s.else].map((inner) => this.block(inner, inside));
    }
  }

  private accum(s: Accum, around: readonly Stmt[]): void {
    // Each update of a half rounds.
    if (isRounded(s.array)) return;
    const first = around.findIndex((t) => t.kind === "for" && t.mode === "par");
    const isFixed = (t: Stmt): boolean => t.kind === "for" && t.mode === "seq" && !hasParallel(t);
    for (const [k, loop] of around.entries()) {
      if (loop.kind !== "for" || (first >= 0 ? k < first : !isFixed(loop))) continue;
      if (!isFree(s, loop)) continue;
      const path = around.slice(k);
      if (!path.every((t) => t.kind === "if" || (t.kind === "for" && (t.mode === "seq" || t.mode === "par")))) continue;
      const guard = this.guard(s, loop, path as (For | If)[], first >= 0 && first < k);
      if (guard === null || !this.isAlone(s, loop)) continue;
      const when = typeof guard === "string" ? [guard] : guard;
      const key = [loop, s.op, s.array, ...s.index, ...when].map((o) => this.id(o)).join();
      const known = this.sums.get(key);
      if (known === undefined) this.sums.set(key, { loop, terms: [s], guard });
      else known.terms.push(s);
      return;
    }
  }

  /** What the update has to wait for after the loop; null where it cannot be there. `path` is what stands around it, from the loop inwards. */
  private guard(s: Accum, loop: For, path: readonly (For | If)[], isInThread: boolean): Guard | null {
    const bound = this.bound.get(loop) ?? boundIn(loop);
    this.bound.set(loop, bound);
    const isBound = (o: Operand): boolean => bound.has(o as Value);
    // What is noted is rare: its threads may as well wait for each other.
    if (s.index.some(isBound) || (isNote(s) && path.some((t) => t.kind === "if"))) return null;
    const isThere = s.index.every((o, axis) => {
      const size = s.array.type.dims[axis] as Operand;
      return isConst(o) && isConst(size) && Number(o.value) >= 0 && Number(o.value) < Number(size.value);
    });
    if (isThere) return "none";
    const loops = path.flatMap((t) =>
      t.kind === "for" && (t === loop || !(isBound(t.lo) || isBound(t.hi))) ? [t] : [],
    );
    if (loops.length === path.length) return loops;
    // Other threads may be at work on an element that this one does not touch.
    return isInThread ? null : "inside";
  }

  /** Is there no other access in the loop to what the update is of, but for its like? */
  private isAlone(s: Accum, loop: For): boolean {
    return [...walk(loop.body)].every((t) => {
      if (accessOf(t)?.array !== s.array) return true;
      if (t.kind === "accum" && t.op === s.op && isFree(t, loop)) return true;
      return this.order.whyTogether(s, t) === null && this.order.whyCarried(s, t, loop) === null;
    });
  }

  private id(o: unknown): string {
    const { kind, value: n } = o as { kind?: string; value?: unknown };
    if (kind === "const") return `#${n}`;
    this.ids.set(o, this.ids.get(o) ?? this.ids.size);
    return String(this.ids.get(o));
  }
}

/** May updates like this come in any order? In parallel loops they do, whatever their mode. */
const isFree = (s: Accum, loop: For): boolean => loop.mode === "par" || isUnordered(s) || isFreeOrder(s);

const hasParallel = (s: For): boolean => [...walk(s.body)].some((t) => t.kind === "for" && t.mode !== "seq");

/** What each of the sums is so far. */
type Now = Map<Sum, Operand>;

class Rewrite {
  private readonly sums: readonly Sum[];
  private readonly owner: ReadonlyMap<Stmt, Sum>;

  constructor(sums: readonly Sum[]) {
    this.sums = sums;
    this.owner = new Map(sums.flatMap((sum) => sum.terms.map((s) => [s, sum] as const)));
  }

  /** The block with sums in values; `now` is brought up to its end. */
  block(b: Block, now: Now): Block {
    let changed = false;
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      const out = this.stmt(s, now);
      changed ||= out.length !== 1 || out[0] !== s;
      return out;
    });
    return changed ? { stmts, yields: b.yields } : b;
  }

  private stmt(s: Stmt, now: Now): readonly Stmt[] {
    const sum = this.owner.get(s);
    if (s.kind === "accum" && sum !== undefined) {
      const result = value(hintOf(s), s.value.type);
      const mode = sum.loop.mode === "par" && s.mode === "strict" ? "contract" : s.mode;
      const expr = binaryExpr(s.op, now.get(sum) as Operand, s.value, mode);
      now.set(sum, result);
      return [{ kind: "let", result, expr, loc: s.loc }];
    }
    if (s.kind === "for") return this.loop(s, now);
    const inside = this.within(s, now);
    if (s.kind !== "if" || inside.length === 0) return [mapBlocks(s, (b) => this.block(b, now))];
    const branch = (b: Block): Block => {
      const own: Now = new Map(now);
      const made = this.block(b, own);
      return { ...made, yields: [...made.yields, ...inside.map((t) => own.get(t) as Operand)] };
    };
    const made = { ...s, then: branch(s.then), else: branch(s.else) };
    return [{ ...made, results: [...s.results, ...this.fresh(inside, now)] }];
  }

  private loop(s: For, now: Now): readonly Stmt[] {
    const own = this.sums.filter((t) => t.loop === s);
    const carried = [...this.within(s, now), ...own];
    if (carried.length === 0) return [mapBlocks(s, (b) => this.block(b, now))];
    const inits = carried.map((t) => now.get(t) ?? identityOf(firstOf(t).op, firstOf(t).value.type));
    const inner: Now = new Map();
    const values = this.fresh(carried, inner);
    const body = this.block(s.body, inner);
    const results = this.fresh(carried, now);
    const made: For = {
      ...s,
      inits: [...s.inits, ...inits],
      carried: [...s.carried, ...values],
      body: { ...body, yields: [...body.yields, ...carried.map((t) => inner.get(t) as Operand)] },
      results: [...s.results, ...results],
    };
    const updates = own.flatMap((t) => {
      const x = new Builder(firstOf(t).loc);
      update(t, now.get(t) as Operand, x);
      now.delete(t);
      return x.stmts;
    });
    return [made, ...updates];
  }

  /** The sums at hand of which there are terms in the statement. */
  private within(s: Stmt, now: Now): readonly Sum[] {
    const terms = new Set([...walk({ stmts: [s], yields: [] })].map((t) => this.owner.get(t)));
    return [...now.keys()].filter((sum) => terms.has(sum));
  }

  private fresh(sums: readonly Sum[], now: Now): readonly Scalar[] {
    return sums.map((t) => {
      const v = value(hintOf(firstOf(t)), firstOf(t).value.type);
      now.set(t, v);
      return v;
    });
  }
}

/** The update of the element by the whole sum. */
function update(sum: Sum, by: Operand, x: Builder): void {
  const accum = firstOf(sum);
  const { guard } = sum;
  const tests: ((y: Builder) => Scalar)[] =
    guard === "none"
      ? []
      : guard === "inside"
        ? accum.index.flatMap((o, axis) => [
            (y: Builder) => y.compare("le", indexConst(0), o, "there"),
            (y: Builder) => y.compare("lt", o, accum.array.type.dims[axis] as Operand, "there"),
          ])
        : guard.map((l) => (y: Builder) => y.compare("lt", l.lo, l.hi, "runs"));
  const level = (y: Builder, at: number): void => {
    const test = tests[at];
    if (test === undefined) y.stmts.push({ ...accum, value: by });
    else
      y.if(test(y), (z) => {
        level(z, at + 1);
        return [];
      });
  };
  level(x, 0);
}

const firstOf = ({ terms }: Sum): Accum => terms[0] as Accum;
const hintOf = (s: Accum): string => `d_${s.array.hint}`;
