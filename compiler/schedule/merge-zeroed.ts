/**
 * Stores at once what is zeroed first and then added to.
 *
 *   %d: f64 = load %A[%i]                     %d: f64 = load %A[%i]
 *   store %A[%i], 0.0f64              =>      %e: f64 = mul %d, 0.5f64
 *   %e: f64 = mul %d, 0.5f64                  store %A[%i], %e
 *   accum add %A[%i], %e
 *
 * So reverse mode undoes an update in place: the old adjoint goes, what it was worth comes. (That 0 + −0 is 0 is no matter for an
 * adjoint.) What stands in between touches other elements, by their subscripts.
 */
import { readsOf, writesOf } from "../analysis/effects.ts";
import { Forms, isConstant, sub } from "../analysis/polynomial.ts";
import { binaryExpr, value } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type Func,
  isConst,
  type Operand,
  type Stmt,
  type Store,
  valueType,
} from "../ir/ir.ts";
import { blocksOf, mapBlocks, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { isUnordered } from "./order.ts";

export const mergeZeroed: Pass = funcPass(
  "merge-zeroed",
  "stores at once what is zeroed and then added to",
  (f: Func) => {
    const forms = new Forms();
    for (const s of walk(f.body)) forms.define(s);
    const body = merged(f.body, forms);
    return body === f.body ? f : { ...f, body };
  },
);

function merged(b: Block, forms: Forms): Block {
  /** Stores of the block that nothing has read or written since. */
  let open: Store[] = [];
  let stmts: readonly Stmt[] = b.stmts.map((s) => mapBlocks(s, (inner) => merged(inner, forms)));
  if (stmts.every((s, i) => s === b.stmts[i])) stmts = b.stmts;
  for (const s of stmts) {
    const before = s.kind === "accum" && isUnordered(s) ? open.find((o) => place(o, s, forms) === "same") : undefined;
    open = open.filter((o) => !mayTouch(s, o, forms));
    if (s.kind === "store" && s.loc.role === "adjoint") open.push(s);
    if (before === undefined || s.kind !== "accum") continue;
    const { array, index, loc } = s;
    const sum = value("d", valueType(array.type.elem));
    const isZero = isConst(before.value) && Number(before.value.value) === 0;
    const whole: Store = { kind: "store", array, index, value: isZero ? s.value : sum, loc };
    const add: Stmt = { kind: "let", result: sum, expr: binaryExpr("add", before.value, s.value, s.mode), loc };
    stmts = stmts.flatMap((t) => (t === before ? [] : t === s ? (isZero ? [whole] : [add, whole]) : [t]));
    open.push(whole);
  }
  return stmts === b.stmts ? b : { stmts, yields: b.yields };
}

interface Access {
  readonly array: ArrayValue;
  readonly index: readonly Operand[];
}

/** How two accesses of one array compare. */
function place(a: Access, b: Access, forms: Forms): "same" | "apart" | "unknown" {
  if (a.array !== b.array) return "apart";
  const differences = a.index.map((o, axis) => sub(forms.of(o), forms.of(b.index[axis] as Operand)));
  if (differences.some((d) => isConstant(d) && d.constant !== 0)) return "apart";
  return differences.every(isConstant) ? "same" : "unknown";
}

/** May the statement, or what is in it, read or write the element, or end the function? */
function mayTouch(s: Stmt, at: Access, forms: Forms): boolean {
  if (s.kind === "check" || s.kind === "call" || s.kind === "while") return true;
  if (s.kind === "store" || s.kind === "accum") return place(s, at, forms) !== "apart";
  if (s.kind === "let" && s.expr.kind === "load") return place(s.expr, at, forms) !== "apart";
  const touched = [...readsOf(s), ...writesOf(s)];
  return touched.includes(at.array) || blocksOf(s).some((b) => [...walk(b)].some((t) => mayTouch(t, at, forms)));
}
