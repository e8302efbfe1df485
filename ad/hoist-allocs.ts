/**
 * Arrays of inner blocks, made where the function begins: an `alloc` that runs often destroys what the array held, as stores do.
 * Those of a parallel loop are made where its iterations begin: each has its own.
 */
import { isSequential } from "../compiler/analysis/carried.ts";
import { isNegativeConst, isSpeculable, zeroOf } from "../compiler/analysis/effects.ts";
import { Builder } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  indexConst,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../compiler/ir/ir.ts";
import { mapOperands, mapStmts, operandsOf, Substitution, walk } from "../compiler/ir/walk.ts";

/** Is each iteration of the loop run by itself, perhaps at the same time as others? */
export const isParallel = (s: Stmt): s is For => s.kind === "for" && !isSequential(s);

/** Allocations of inner blocks, at the start; those whose sizes are computed from more than is known there are left where they are. */
export function hoistAllocs(body: Block): Block {
  return hoistInto(
    mapStmts(body, (s) => {
      if (!isParallel(s)) return s;
      const own = hoistInto(s.body);
      return own === s.body ? s : { ...s, body: own };
    }),
  );
}

/** To the start of the block, from all inside of it but parallel loops. */
function hoistInto(body: Block): Block {
  const defs = new Map<Value, Let>();
  for (const s of walk(body)) if (s.kind === "let") defs.set(s.result, s);
  const fixed = new Set<Stmt>([...body.stmts, ...[...walk(body)].filter(isParallel).flatMap((l) => [...walk(l.body)])]);
  const subst = new Substitution();
  const isFree = (o: Operand): boolean => {
    const def = o.kind === "const" ? undefined : defs.get(o);
    if (def === undefined) return o.kind === "const" || !boundInside(body, o);
    return isSpeculable(def.expr) && operandsOf(def.expr).every(isFree);
  };
  const moved: Stmt[] = [];
  const compute = (o: Operand): Operand => {
    const def = o.kind === "const" ? undefined : defs.get(o);
    if (def === undefined) return o;
    const copy: Let = { ...def, result: { ...def.result }, expr: mapOperands(def.expr, compute) };
    moved.push(copy);
    return copy.result;
  };
  const inner = mapStmts(body, (s) => {
    if (s.kind !== "alloc" || fixed.has(s) || !s.result.type.dims.every(isFree)) return s;
    const b = new Builder(s.loc);
    const dims = s.result.type.dims.map((d) => {
      const size = compute(d);
      return size.kind === "const"
        ? isNegativeConst(size)
          ? indexConst(0)
          : size
        : b.binary("max", size, indexConst(0));
    });
    const array: ArrayValue = { ...s.result, type: { ...s.result.type, dims } };
    moved.push(...b.stmts, { ...s, result: array });
    subst.setArray(s.result, array);
    return zeroFill(array, s);
  });
  if (moved.length === 0) return body;
  const { stmts, yields } = subst.block(inner);
  return { stmts: [...moved, ...stmts], yields };
}

function boundInside(body: Block, v: Scalar): boolean {
  for (const s of walk(body)) {
    if (s.kind === "for" && (s.index === v || s.carried.includes(v) || s.results.includes(v))) return true;
    if (s.kind === "while" && (s.carried.includes(v) || s.results.includes(v))) return true;
    if ((s.kind === "if" || s.kind === "call") && s.results.includes(v)) return true;
  }
  return false;
}

/** Stores of zero to every element. */
function zeroFill(array: ArrayValue, at: Stmt): readonly Stmt[] {
  const b = new Builder(at.loc);
  const fill = (x: Builder, index: readonly Operand[]): void => {
    const size = array.type.dims[index.length];
    if (size === undefined) x.store(array, index, zeroOf(array.type.elem));
    else {
      x.for("ijklmn"[index.length] ?? "i", "seq", indexConst(0), size, [], (inner, i) => {
        fill(inner, [...index, i]);
        return [];
      });
    }
  };
  fill(b, []);
  return b.stmts;
}
