/**
 * Adds up in a value what an innermost loop adds to one element of an adjoint, and adds the sum to the element after the loop.
 *
 *   for %j in seq(0, %n) {                         %s: f64 = for %j in seq(0, %n) with %d = 0.0f64 {
 *     %x: f64 = load %X[%j]                          %x: f64 = load %X[%j]
 *     accum add %D[%i], %x                           accum add %D[%j], %x
 *     accum add %D[%j], %x               =>          yield add %d, %x
 *   }                                              }
 *                                                  if %n > 0 { accum add %D[%i], %s }
 *
 * A compiler would have to know that the other updates are of other elements. Here these need not be: adjoints sum in any order.
 * What the loop reads or overwrites must be other elements.
 *
 * Needs: to stand after the passes that move loops, and after free-sums, whose modes the sums take.
 */
import { accessOf } from "../analysis/bounds.ts";
import { Builder, binaryExpr, floatConst, value } from "../ir/build.ts";
import {
  type Accum,
  type Block,
  type For,
  type Func,
  isFloat,
  isRounded,
  type Operand,
  type Stmt,
  type Value,
  valueType,
} from "../ir/ir.ts";
import { mapBlocks, resultsOf } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isUnordered, Order } from "./order.ts";

export const sums: Pass = funcPass("sums", "adds up in values what loops add to one adjoint", (f: Func) => {
  const body = inBlock(f.body, new Order(f));
  return body === f.body ? f : { ...f, body };
});

function inBlock(b: Block, order: Order): Block {
  let changed = false;
  const stmts = b.stmts.flatMap((s): readonly Stmt[] => {
    const fixed = s.kind === "for" ? fixedIn(s, order) : [];
    const out =
      s.kind === "for" && fixed.length > 0 ? summed(s, fixed) : [mapBlocks(s, (inner) => inBlock(inner, order))];
    changed ||= out.length !== 1 || out[0] !== s;
    return out;
  });
  return changed ? { stmts, yields: b.yields } : b;
}

/** The updates of elements that stay the same throughout the loop. */
function fixedIn(loop: For, order: Order): readonly Accum[] {
  const { stmts } = loop.body;
  if (loop.mode !== "seq" || !stmts.every((s) => s.kind === "let" || accessOf(s) !== null)) return [];
  const bound = new Set<Value>([loop.index, ...loop.carried, ...stmts.flatMap(resultsOf)]);
  const touches = (s: Stmt, accum: Accum): boolean =>
    accessOf(s)?.array === accum.array &&
    !isUnordered(s) &&
    (order.whyTogether(accum, s) !== null || order.whyCarried(accum, s, loop) !== null);
  return stmts.filter(
    (s): s is Accum =>
      s.kind === "accum" &&
      isUnordered(s) &&
      isFloat(s.array.type.elem) &&
      !isRounded(s.array) &&
      !s.index.some((o) => bound.has(o as Value)) &&
      !stmts.some((t) => touches(t, s)),
  );
}

function summed(loop: For, fixed: readonly Accum[]): readonly Stmt[] {
  const targets = new Map<string, { readonly accum: Accum; readonly terms: Accum[] }>();
  const ids = new Map<unknown, number>();
  const id = (o: Operand | Accum["array"]): string => {
    if (o.kind === "const") return `#${o.value}`;
    ids.set(o, ids.get(o) ?? ids.size);
    return String(ids.get(o));
  };
  for (const s of fixed) {
    const key = [s.array, ...s.index].map(id).join();
    const known = targets.get(key) ?? { accum: s, terms: [] };
    known.terms.push(s);
    targets.set(key, known);
  }
  const sum = [...targets.values()].map(({ accum }) =>
    value(`d_${accum.array.hint}`, valueType(accum.array.type.elem)),
  );
  const carried = sum.map((v) => ({ ...v }));
  const now: Operand[] = [...carried];
  const owner = new Map<Stmt, number>([...targets.values()].flatMap((t, k) => t.terms.map((s) => [s, k] as const)));
  const stmts = loop.body.stmts.map((s): Stmt => {
    const k = owner.get(s);
    if (k === undefined || s.kind !== "accum") return s;
    const result = { ...(carried[k] as (typeof carried)[number]) };
    const expr = binaryExpr("add", now[k] as Operand, s.value, s.mode);
    now[k] = result;
    return { kind: "let", result, expr, loc: s.loc };
  });
  const whole: For = {
    ...loop,
    inits: [...loop.inits, ...sum.map((v) => floatConst(v.type, 0))],
    carried: [...loop.carried, ...carried],
    body: { stmts, yields: [...loop.body.yields, ...now] },
    results: [...loop.results, ...sum],
  };
  // Without a trip, the element may not be there.
  const x = new Builder({ ...loop.loc, role: "adjoint" });
  x.if(x.compare("lt", loop.lo, loop.hi, "runs"), (y) => {
    [...targets.values()].forEach(({ accum }, k) => void y.stmts.push({ ...accum, value: sum[k] as Operand }));
    return [];
  });
  return [whole, ...x.stmts];
}
