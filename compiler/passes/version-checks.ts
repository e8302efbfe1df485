/**
 * Checks of subscripts that move evenly with an innermost loop, made once before the loop: where its first and its last
 * trip are inside, all are. A copy of the loop without checks runs then, the loop as it was where they are not, so
 * that the check that fails is the very one that failed before.
 *
 *   for %i in seq(0, %n) {              %inside: bool = … %s and %n - 1 + %s are inside …
 *     %k: index = add %i, %s            if %inside {
 *     check %A axis 0 at %k      =>       for … without the check
 *     store %A[%k], %x                  } else {
 *   }                                     for … as before
 *                                       }
 *
 * Needs: to stand after check-bounds and clean-up, once: what it leaves behind it would do again. Index arithmetic must be
 * exact wherever the loop's index is between its bounds, whether the trip gets there or not: the frontend's is. A loop without
 * checks is one that a backend can vectorise; that is what the second copy is for.
 */
import { Forms, isConstant, split, valuesOf } from "../analysis/polynomial.ts";
import { Builder, value } from "../ir/build.ts";
import {
  type Block,
  type Check,
  constant,
  type Expr,
  type For,
  type Func,
  indexConst,
  isConst,
  isInt,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { copyBlock, mapBlocks, mapOperands, mapStmts, operandsOf, resultsOf, Substitution, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const versionChecks: Pass = funcPass(
  "version-checks",
  "checks evenly moving subscripts once before a loop, of which there are two versions then",
  (f: Func) => {
    const body = inBlock(f.body, new Forms());
    return body === f.body ? f : { ...f, body };
  },
);

function inBlock(b: Block, forms: Forms): Block {
  let changed = false;
  const stmts: Stmt[] = [];
  for (const s of b.stmts) {
    forms.define(s);
    const done = mapBlocks(s, (inner) => inBlock(inner, forms));
    const versions = done.kind === "for" && done.mode === "seq" ? versionsOf(done, forms) : null;
    changed ||= versions !== null || done !== s;
    stmts.push(...(versions ?? [done]));
  }
  return changed ? { stmts, yields: b.yields } : b;
}

/** The two versions of the loop, and what decides between them; null where that would change nothing. */
function versionsOf(loop: For, forms: Forms): readonly Stmt[] | null {
  const all = [...walk(loop.body)];
  if (all.some((s) => s.kind === "for" || s.kind === "while")) return null;
  const body = new Body(loop, all, forms);
  const checks = all.filter((s): s is Check => s.kind === "check");
  // With a check left the copy is hardly faster, and many such loops are short.
  if (checks.length === 0 || !checks.every((s) => body.isEven(s))) return null;
  const b = new Builder(loop.loc);
  const makesTrips = b.compare("lt", loop.lo, loop.hi, "trips");
  const [inside] = b.if(
    makesTrips,
    (inner) => [body.ends(checks, inner)],
    () => [constant("bool", true)],
    ["inside"],
  );
  const unchecked = { ...loop, body: mapStmts(loop.body, (s) => (s.kind === "check" ? [] : [s])) };
  const then = copyBlock({ stmts: [unchecked], yields: loop.results }, new Substitution());
  const results = loop.results.map((r) => value(r.hint, r.type));
  const checked = { stmts: [{ ...loop, results }], yields: results };
  const choice = { kind: "if", cond: inside as Scalar, then, else: checked, results: loop.results } as const;
  return [...b.block().stmts, { ...choice, loc: loop.loc }];
}

/** What the body of a loop computes, as far as it can be computed for a given trip before the loop. */
class Body {
  private readonly loop: For;
  private readonly forms: Forms;
  private readonly bound: ReadonlySet<Value>;
  private readonly arithmetic: ReadonlyMap<Value, Expr>;

  constructor(loop: For, stmts: readonly Stmt[], forms: Forms) {
    this.loop = loop;
    this.forms = forms;
    this.bound = new Set<Value>([loop.index, ...loop.carried, ...stmts.flatMap(resultsOf)]);
    const lets = stmts.filter((s): s is Let => s.kind === "let" && isArithmetic(s.expr));
    this.arithmetic = new Map(lets.map((s) => [s.result, s.expr]));
  }

  /** Is the subscript `c · i + d` with a c and d, and an extent, that the loop does not change? */
  isEven(c: Check): boolean {
    const extent = c.array.type.dims[c.axis] as Operand;
    if (!this.isFixed(extent) || !this.isKnown(c.index)) return false;
    const parts = split(this.forms.of(c.index), this.loop.index);
    return parts !== null && [...valuesOf(parts.coefficient), ...valuesOf(parts.rest)].every((v) => this.isFixed(v));
  }
  private isFixed(o: Operand): boolean {
    return o.kind === "const" || !this.bound.has(o);
  }
  /** Is it computed of the loop's index and fixed values alone? */
  private isKnown(o: Operand): boolean {
    if (o === this.loop.index || this.isFixed(o)) return true;
    const e = this.arithmetic.get(o as Scalar);
    return e !== undefined && operandsOf(e).every((inner) => this.isKnown(inner));
  }

  /** Whether the subscripts are inside on the first trip and on the last. */
  ends(checks: readonly Check[], b: Builder): Operand {
    const last = b.binary("sub", this.loop.hi, indexConst(1), "last");
    const tested: Check[] = [];
    let inside: Operand = constant("bool", true);
    for (const c of checks) {
      const extent = c.array.type.dims[c.axis] as Operand;
      if (tested.some((t) => t.index === c.index && t.array.type.dims[t.axis] === extent)) continue;
      tested.push(c);
      // Where it is known which way the subscript moves, it is least at one end and largest at the other.
      const moves = split(this.forms.of(c.index), this.loop.index)?.coefficient;
      const way = moves !== undefined && isConstant(moves) ? Math.sign(moves.constant) : 0;
      const least = way > 0 ? [this.loop.lo] : way < 0 ? [last] : [this.loop.lo, last];
      const most = way > 0 ? [last] : way < 0 ? [this.loop.lo] : [this.loop.lo, last];
      const tests = [
        ...least.map((end) => b.compare("ge", this.at(c.index, end, b), indexConst(0))),
        ...most.map((end) => b.compare("lt", this.at(c.index, end, b), extent)),
      ];
      for (const test of tests) inside = isConst(inside) ? test : b.binary("and", inside, test, "inside");
    }
    return inside;
  }

  /** What the body computes for a subscript where the loop's index is `end`. */
  private at(o: Operand, end: Operand, b: Builder): Operand {
    if (o === this.loop.index) return end;
    const e = o.kind === "value" ? this.arithmetic.get(o) : undefined;
    if (o.kind === "const" || e === undefined) return o;
    return b.let(
      o.hint,
      mapOperands(e, (inner) => this.at(inner, end, b)),
    );
  }
}

/** What makes polynomials of integers, and may be computed anywhere. */
const isArithmetic = (e: Expr): boolean =>
  (e.kind === "binary" && ["add", "sub", "mul"].includes(e.op) && e.a.type === "index") ||
  (e.kind === "unary" && e.op === "neg" && e.a.type === "index") ||
  (e.kind === "cast" && e.to === "index" && isInt(e.a.type));
