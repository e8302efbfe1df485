/**
 * Lets parallel code go on where a `check` fails, and has the launch program say so in the end.
 *
 *   check %A axis 0 at %i                     %ok: bool = 0 <= %i, %i < %n
 *   %a: f64 = load %A[%i]                     if not %ok { accum max %outside[0], %code    accum max %outside[1], 1u32 }
 *                                     =>      %at: index = select %ok, %i, 0
 *                                             %a: f64 = load %A[%at]
 *                                             …
 *                                             if %outside[1] != 0 { check %A axis 0 at … the index that %outside[0] holds }
 *
 * A thread cannot end a kernel in which others run; so it does something harmless instead, and what it was about to do is noted.
 * All results are void then. Of several indices that fail one check the largest is named: the same in any order of threads.
 *
 * Needs: to stand before fission and parallelise, which take no loop apart that may fail.
 */
import { bug } from "../diagnostic.ts";
import { Builder } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type Check,
  constant,
  type Func,
  indexConst,
  type Operand,
  type Stmt,
} from "../ir/ir.ts";
import { mapBlocks, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const recordChecks: Pass = funcPass(
  "record-checks",
  "notes failed checks, for the launch program to report",
  (f: Func) => {
    const checks = f.kind === "func" ? [...walk(f.body)].filter((s): s is Check => s.kind === "check") : [];
    if (checks.length === 0) return f;
    const head = new Builder(f.loc);
    const outside = head.alloc("outside", "u32", [indexConst(checks.length + 1)]);
    const body = new Recorder(outside, checks).block(f.body, []);
    const lasting = new Set<unknown>([
      ...f.params,
      ...f.body.stmts.flatMap((s) => (s.kind === "alloc" ? [s.result] : [])),
    ]);
    const end = new Builder(f.loc);
    const any = end.compare("ne", end.load(outside, [indexConst(checks.length)]), constant("u32", 0), "failed");
    end.if(any, (x) => {
      checks.forEach((c, k) => {
        x.loc = c.loc;
        const code = x.load(outside, [indexConst(k)]);
        x.if(x.compare("ne", code, constant("u32", 0), "failed"), (y) => {
          const index = y.binary("sub", y.cast("index", code), indexConst(middle), "index");
          y.check(lasting.has(c.array) ? c.array : likeOf(c.array, y), c.axis, index);
          return [];
        });
      });
      return [];
    });
    return { ...f, body: { stmts: [...head.stmts, ...body.stmts, ...end.stmts], yields: body.yields } };
  },
);

/** An array that the launch program can name in place of a local one, which nobody has any more: of the same constant sizes. */
function likeOf({ hint, type }: ArrayValue, x: Builder): ArrayValue {
  return x.alloc(
    hint,
    type.elem,
    type.dims.map((d) => (d.kind === "const" ? d : indexConst(0))),
  );
}

/** What index 0 is noted as; 0 stands for no failure. Indices beyond ±2^30 are noted as the nearest that fits. */
const middle = 2 ** 31;
const furthest = 2 ** 30;

/** A subscript that has been checked, and the one to use instead. */
interface Checked {
  readonly array: ArrayValue;
  readonly axis: number;
  readonly index: Operand;
  readonly safe: Operand;
}

class Recorder {
  private readonly outside: ArrayValue;
  private readonly checks: readonly Check[];

  constructor(outside: ArrayValue, checks: readonly Check[]) {
    this.outside = outside;
    this.checks = checks;
  }

  block(b: Block, around: readonly Checked[]): Block {
    const checked = [...around];
    const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
      if (s.kind === "check") {
        const x = new Builder(s.loc);
        checked.push(this.record(s, x));
        return x.stmts;
      }
      return [mapBlocks(this.safe(s, checked), (inner) => this.block(inner, checked))];
    });
    return { stmts, yields: b.yields };
  }

  private record(s: Check, x: Builder): Checked {
    const extent = s.array.type.dims[s.axis] ?? bug("a check of an axis that is not there");
    const lower = x.compare("le", indexConst(0), s.index, "inside");
    const ok = x.binary("and", lower, x.compare("lt", s.index, extent, "inside"), "inside");
    x.if(
      ok,
      () => [],
      (y) => {
        const near = y.binary("min", y.binary("max", s.index, indexConst(-furthest)), indexConst(furthest));
        const code = y.cast("u32", y.binary("add", near, indexConst(middle)));
        y.accum("max", this.outside, [indexConst(this.checks.indexOf(s))], code);
        y.accum("max", this.outside, [indexConst(this.checks.length)], constant("u32", 1));
        return [];
      },
    );
    const safe = x.select(ok, s.index, indexConst(0), "at");
    return { array: s.array, axis: s.axis, index: s.index, safe };
  }

  /** The statement with subscripts that cannot fail. */
  private safe(s: Stmt, checked: readonly Checked[]): Stmt {
    const index = (array: ArrayValue, from: readonly Operand[]): readonly Operand[] =>
      from.map(
        (o, axis) => checked.findLast((c) => c.array === array && c.axis === axis && isSame(c.index, o))?.safe ?? o,
      );
    if (s.kind === "let" && s.expr.kind === "load") {
      return { ...s, expr: { ...s.expr, index: index(s.expr.array, s.expr.index) } };
    }
    return s.kind === "store" || s.kind === "accum" ? { ...s, index: index(s.array, s.index) } : s;
  }
}

const isSame = (a: Operand, b: Operand): boolean =>
  a === b || (a.kind === "const" && b.kind === "const" && a.value === b.value);
